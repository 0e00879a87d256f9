"""What a page says, out of its accessibility snapshot. Knows no site."""
