"""The checker of X12: guides compiled from maps, and what they say of a document."""
