"""What payers mean by what they write: see README.md."""
