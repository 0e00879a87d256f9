"""Millions of mutated documents and replies against everything that reads what a payer sends (README.md)."""
