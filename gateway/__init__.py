"""A payer-connectivity gateway for prior authorization: one request in, every payer's channel out."""
