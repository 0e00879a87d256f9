"""The sites that this project describes, one folder each. No site knows another."""
