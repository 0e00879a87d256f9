"""When the other side's envelope layer sent a request back unread: what a carrier raises, and when it believes that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from gateway.contract.errors import NeedsPerson, NotSent, Unreadable


class EnvelopeRefused(Exception):
    """The envelope was refused before the payer's application saw the interchange: nothing is on file.

    ``code`` is the refusal from the carrier's own list (so it may stand in an exception's text). ``words`` is what
    the other side wrote with it: for the outcome's messages only, never for a log. The adapter makes a REJECTED
    outcome of it; sending the same envelope again would be refused again.
    """

    def __init__(self, code: str, words: str | None = None) -> None:
        super().__init__(f"the envelope was refused: {code}")
        self.code = code
        self.words = words


@contextmanager
def believed_alone(answered: Callable[[], bool]) -> Iterator[None]:
    """For the reading of a reply: that it refuses what was sent, or puts it off, is believed only where it does not
    carry an answer beside. One that does proves nothing, and is Unreadable. ``answered`` says whether it does; it may
    raise Unreadable, for no."""
    try:
        yield
    except (EnvelopeRefused, NotSent, NeedsPerson):
        beside = False
        with suppress(Unreadable):
            beside = answered()
        if beside:
            raise Unreadable("the reply refuses what was sent and carries an answer") from None
        raise
