"""TA1, 999 and 824: read whole, written from a report of the checker, and matched with what was sent."""
