"""What may be done about a denial: see README.md."""
