"""What acts on cases have in common: the answer when one was taken, and how it is repeated."""

from __future__ import annotations

from gateway.api import examples, views
from gateway.api.route import Good

TAKEN = Good(
    "Kept, and durable: this is sent after the commit.",
    views.AcceptedView,
    headers={"Location": "Path of the case.", "Idempotent-Replayed": "true when this is the first answer again."},
    example=examples.ACCEPTED,
)
REPEATS = "Send an Idempotency-Key, and the same one when you repeat the call; nothing happens twice."
