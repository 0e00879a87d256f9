"""When the other side's envelope layer sent a request back unread: what a carrier raises, and when it believes that."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from gateway.contract.errors import NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Reply

_INTERCHANGE = re.compile(
    rb"ISA([^0-9A-Za-z].{0,7}?)[0-9]{2}\1|ST([^0-9A-Za-z].{0,7}?)278\2",
    re.DOTALL,
)
"""How an interchange, or a 278 in one, begins. A separator may be written as an entity or another escape."""
_BASE64 = re.compile(rb"[0-9A-Za-z+/]{24,}")


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
def believed_alone(reply: Reply, answered: Callable[[], bool]) -> Iterator[None]:
    """For the reading of a reply: that it refuses what was sent, or puts it off, is believed only where it does not
    carry an answer beside. One that does proves nothing, and is Unreadable; so is one that cannot be looked through.

    ``answered`` says whether it carries one as the carrier would have it; it may raise Unreadable, for no. However it
    is wrapped, broken off or misnamed, what looks like X12 is an answer too: a refusal that quotes the request is the
    price.
    """
    try:
        yield
    except (EnvelopeRefused, NotSent, NeedsPerson):
        if reply.header("content-encoding").lower() not in ("", "identity"):
            raise Unreadable("the reply refuses what was sent, and is compressed") from None
        beside = _holds_interchange(reply.body)
        with suppress(Unreadable):
            beside = beside or answered()
        if beside:
            raise Unreadable("the reply refuses what was sent and carries an answer") from None
        raise


def _holds_interchange(body: bytes) -> bool:
    """True where one begins anywhere in the body: as it stands, in UTF-16, or in base64."""
    plain = body.replace(b"\0", b"")
    return _INTERCHANGE.search(plain) is not None or any(
        _INTERCHANGE.search(base64.b64decode(run[start : start + (len(run) - start) // 4 * 4]))
        for run in _BASE64.findall(plain)
        for start in range(4)
    )
