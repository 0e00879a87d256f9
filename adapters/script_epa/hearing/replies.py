"""What is heard in reply to what was said: HTTP, then a Status or an Error. Neither is a word on the case.

A message is known by its id: one that may have arrived is said again in the same bytes. So whatever does not prove that
it was refused counts as lost.
"""

from __future__ import annotations

from contextlib import suppress

from adapters.script_epa.codec.envelope import Received, receive
from adapters.script_epa.codec.form import places
from adapters.script_epa.codec.messages import Error, Status, content_of
from adapters.script_epa.codec.schema import check
from adapters.script_epa.hearing.reading import Reading
from adapters.script_epa.tables import ERROR, FAULT, FAULT_WORDS, STATUS, Failure, Fault, Reception
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Reply
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Reason, Word
from gateway.model.status import Attention

REFUSALS = frozenset({400, 405, 406, 410, 411, 413, 414, 415, 422, 426, 431})
CREDENTIALS = frozenset({401, 403, 407})
_BUSY = 429
_MOST_FAULTS = 10
_SHOWN = 500


def read_reply(reply: Reply, said: str, stamp: Stamp, refusal: Answer, to: Destination) -> Outcome:
    """The outcome of a message with the id ``said`` under this stamp; ``refusal`` is what a refusal of it is called."""
    message, again = _message(reply), stamp.again
    if message is None or message.relates_to not in (None, said):
        _fail(reply, again)
        return _refused_by_http(reply, refusal)
    if (fault := check(reply.body, to.xsd)) is not None:
        raise MaybeSent(f"the reply does not follow the schema of this connection ({fault})")
    if message.is_test and to.mode is Mode.LIVE:
        raise MaybeSent("the reply is a test message over a live connection")
    content = content_of(message)
    if isinstance(content, Error):
        outcome = _erred(message, content, again and not stamp.doubted, refusal, to)
        if again and message.relates_to is None and outcome.answer is not Answer.PLACED:
            raise Unreadable("the message may have arrived before, and an Error to nothing came now that it goes again")
        return outcome
    if not 200 <= reply.status < 300:
        raise MaybeSent(f"the reply is no Error, and HTTP says that it failed (HTTP {reply.status})")
    if isinstance(content, Status):
        return _accepted(content, to)
    raise Unreadable("the reply is a message, and neither a Status nor an Error")


def _message(reply: Reply) -> Received | None:
    if reply.header("content-encoding").lower() not in ("", "identity"):
        return None
    if not 200 <= reply.status < 300 and reply.status not in REFUSALS and reply.status < 500:
        return None
    with suppress(Unreadable):
        return receive(reply.body)
    return None


def _fail(reply: Reply, again: bool) -> None:
    """Raises unless HTTP itself says that it was refused unread, and nothing of it was said before."""
    said = f"HTTP {reply.status}"
    if reply.stale_token:
        raise NotSent(f"the access token had ended, and the next sending has a new one ({said})")
    if reply.status in CREDENTIALS:
        raise NeedsPerson(f"the connection's credentials were refused ({said})")
    if reply.status == _BUSY:
        raise NotSent(f"refused for now ({said})", wait(reply))
    if reply.status not in REFUSALS:
        raise MaybeSent(f"the reply is neither a Status nor an Error to what was said ({said})")
    if again:
        # This sending was refused, and no partner says so of an earlier one that got lost: a person looks.
        raise Unreadable(f"the message may have arrived before, and is refused unread now that it goes again ({said})")


def wait(reply: Reply) -> int | None:
    """Retry-After, where it is a number of seconds."""
    said = reply.header("retry-after").strip()
    return int(said) or None if said.isascii() and said.isdigit() and len(said) < 7 else None


def _refused_by_http(reply: Reply, refusal: Answer) -> Outcome:
    return Outcome(
        answer=refusal,
        reasons=(Reason(word=Word.CHANNEL_NOT_SUPPORTED, code=f"HTTP {reply.status}", code_system="http"),),
        attention=Attention.OPERATOR,
        attention_why="the partner's server refused the message unread; the connection's settings need a look",
    )


def _accepted(status: Status, to: Destination) -> Outcome:
    entry = to.entry(STATUS, status.code or "")
    meant = Reception(entry.means) if entry else None
    if meant is None or meant is Reception.NO_MORE_MAIL:
        raise MaybeSent("the reply is a Status that does not say whether the message was taken")
    if meant is Reception.ACCEPTED_EXPIRING:
        why = "the connection's password will expire: the partner says so"
        return Outcome(answer=Answer.PLACED, attention=Attention.OPERATOR, attention_why=why)
    return Outcome(answer=Answer.PLACED)


def _erred(message: Received, error: Error, again: bool, refusal: Answer, to: Destination) -> Outcome:
    failure, faults = read_error(error, to)
    if failure is Failure.AGAIN or (faults and set(faults) == {Fault.AGAIN}):
        raise MaybeSent("the partner could not deal with the message now")
    if failure is Failure.CONFIGURATION:
        # Of this To and From: on a network of several the others may well be set up.
        raise NeedsPerson("the partner says that the parties are not set up for each other (Error 700)", only_this=True)
    if failure is Failure.REFUSED and Fault.DUPLICATE in faults:
        if again:
            return Outcome(answer=Answer.PLACED)
        return error_outcome(
            message, error, Answer.UNMAPPED, to, "the partner calls a duplicate what was never said before"
        )
    if failure is None:
        return error_outcome(
            message, error, Answer.UNMAPPED, to, "the partner answers with an error that nobody has mapped"
        )
    return error_outcome(message, error, refusal, to)


def read_error(error: Error, to: Destination) -> tuple[Failure | None, list[Fault | None]]:
    """What an Error says and why; None for what no table knows."""
    entry = to.entry(ERROR, error.code or "")
    found = [to.entry(FAULT, code) for code in error.details[:_MOST_FAULTS]]
    return (
        Failure(entry.means) if entry else None,
        [Fault(each.means) if each else None for each in found],
    )


def error_outcome(message: Received, error: Error, answer: Answer, to: Destination, why: str | None = None) -> Outcome:
    """A refusal in the partner's words."""
    tags, reading = message.version.tags, Reading(message)
    reasons: list[Reason] = []
    codes = places(error, "details", tags)[:_MOST_FAULTS] or places(error, "code", tags)
    for node in codes:
        entry = to.entry(FAULT, node.text) if node.name == tags["DescriptionCode"] else None
        reading.keep(f"/reasons/{len(reasons)}", node)
        reasons.append(
            Reason(
                word=FAULT_WORDS[Fault(entry.means)] if entry else Word.UNMAPPED,
                code=node.text[:80],
                code_system=FAULT if node.name == tags["DescriptionCode"] else ERROR,
                text=error.description[:_SHOWN] if error.description else None,
            )
        )
    moment = reading.moment()
    return Outcome(
        answer=answer,
        reasons=tuple(reasons),
        effective_at=moment,
        attention=Attention.OPERATOR,
        attention_why=why or "the partner refused the message before anybody reviewed it",
        sources=reading.sources,
        document=message.tree.body,
    )
