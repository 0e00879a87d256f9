"""Conformance against a payer: its test endpoint exercised over the gateway's own transport, and what came judged."""
