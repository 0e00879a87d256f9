"""Answers that do not come on the line they were asked on: batches that are fetched, files that are found."""
