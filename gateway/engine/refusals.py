"""Why the engine does not do what somebody asks of it. Each text says what is in the way, and holds no value."""

from __future__ import annotations


class NotNow(Exception):
    """The case is in no state for the act. The text says which state and what would do instead."""


class Hindered(Exception):
    """The gateway lacks what it needs for the act. The text says what."""


class Unknown(Exception):
    """No such case for this caller."""
