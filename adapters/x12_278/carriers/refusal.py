"""What a carrier raises when the other side's envelope layer sent the request back unread."""

from __future__ import annotations


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
