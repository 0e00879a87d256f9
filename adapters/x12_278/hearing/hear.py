"""Takes whatever X12 came back and gives it to its reader: a 278 response, a 999, a TA1, an 824.

Real time allows any of them in place of the other, so the first question is always what it is. Of verdicts beside each
other each goes deeper than the one before: what a TA1 and a 999 take an 824 may refuse, but not the reverse.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.acknowledge import acknowledged_by_999, acknowledged_by_ta1, refuses
from adapters.x12_278.hearing.advice import advised_by_824, refused_by_824
from adapters.x12_278.hearing.decode import decode
from adapters.x12_278.hearing.reading import unmapped
from adapters.x12_278.interchange import Interchange, Transaction, read
from adapters.x12_278.segment import Segment
from adapters.x12_278.settings import connection_settings
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Outcome, put_together
from gateway.model.status import Attention

_NO_TEST = "a test connection answered with data that are no test data (ISA15)"


def hear(document: bytes, asked: Asked | None, to: Destination) -> Outcome:
    """The outcome of these bytes. Raises Unreadable; and MaybeSent, where nobody waited for the payer's answer.

    ``asked`` is None where nobody knows what was asked: a 999 and an 824, which may speak of many things, then say
    nothing here.

    Test data (ISA15) over a live connection decides nothing. Live data over a test connection is no danger to what was
    asked, and read; but a person looks: the connection may lead to where real requests are filed.
    """
    interchange = read(document)
    useless = why_useless(interchange, to)
    if useless:
        return unmapped(document, useless)
    return doubted(_heard(document, interchange, asked, to), interchange, to)


def why_useless(interchange: Interchange, to: Destination) -> str | None:
    """Why nothing of it is read, if so."""
    test = to.mode is Mode.LIVE and interchange.isa.text(15) != "P"
    return "a live connection answered with test data" if test else None


def doubted(outcome: Outcome, interchange: Interchange, to: Destination) -> Outcome:
    """The outcome, with an operator called where a test connection answered with live data."""
    if to.mode is Mode.TEST and interchange.isa.text(15) != "T":
        return outcome.model_copy(update={"attention": Attention.OPERATOR, **put_together((_NO_TEST, *outcome.whys))})
    return outcome


def _heard(document: bytes, interchange: Interchange, asked: Asked | None, to: Destination) -> Outcome:
    transactions = list(interchange.transactions())
    answers, acknowledgements, advices = (_only(transactions, kind) for kind in ("278", "999", "824"))
    refused = any(refused_by_824(each, asked) for each in advices)
    if answers:
        if refuses(interchange.ta1, acknowledgements) or refused:
            return unmapped(document, "the reply answers what was sent and refuses it")
        return decode(document, answers[0], asked, to)
    named = names_us(interchange.isa, to)
    if advices and asked is not None:
        advised = advised_by_824(document, advices[0], asked, to) if named else None
        if advised is not None and (refused or not refuses(interchange.ta1, acknowledgements)):
            return advised
        if advised is not None:
            return unmapped(document, "the reply refuses what was sent and accepts it")
        if refused or not (acknowledgements or interchange.ta1):
            return unmapped(document, "the 824 is about something else")
    if acknowledgements and asked is not None:
        if refuses(interchange.ta1, ()) and not refuses((), acknowledgements):
            return unmapped(document, "the reply accepts the transaction and refuses its interchange")
        if not named:
            return unmapped(document, "the 999 is somebody else's")
        return acknowledged_by_999(document, acknowledgements[0], asked, to)
    if any(transaction.kind != "824" or asked is None for transaction in transactions):
        return unmapped(document, "the reply is a transaction that this channel does not read")
    if len(interchange.ta1) == 1:
        if not named:
            return unmapped(document, "the TA1 is somebody else's")
        return acknowledged_by_ta1(document, interchange.ta1[0], asked, to)
    raise Unreadable("the reply holds no transaction and no single TA1", at=0)


def _only(transactions: Sequence[Transaction], kind: str) -> tuple[Transaction, ...]:
    """The one of this kind, if there is one."""
    found = tuple(transaction for transaction in transactions if transaction.kind == kind)
    if len(found) > 1:
        # CORE: real time is one transaction in, one out. Choosing among several would be a guess.
        raise Unreadable(f"the reply holds {len(found)} transactions {kind}", at=found[1].st.start)
    return found


def names_us(isa: Segment, to: Destination) -> bool:
    """An acknowledgement repeats a control number, which others have too: it is ours where sender or receiver is."""
    return connection_settings(to).isa_sender_id.strip().upper() in (isa.text(6).upper(), isa.text(8).upper())
