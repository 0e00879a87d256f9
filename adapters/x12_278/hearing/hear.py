"""Takes whatever X12 came back and gives it to its reader: a 278 response, a 999, a TA1.

Real time allows any of them in place of the other, so the first question is always what it is.
"""

from __future__ import annotations

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.acknowledge import acknowledged_by_999, acknowledged_by_ta1, refuses
from adapters.x12_278.hearing.decode import decode
from adapters.x12_278.hearing.reading import unmapped
from adapters.x12_278.interchange import Interchange, read
from adapters.x12_278.segment import Segment
from adapters.x12_278.settings import connection_settings
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Outcome
from gateway.model.status import Attention

_NO_TEST = "a test connection answered with data that are no test data (ISA15)"


def hear(document: bytes, asked: Asked | None, to: Destination) -> Outcome:
    """The outcome of these bytes. Raises Unreadable; and MaybeSent, where nobody waited for the payer's answer.

    Test data (ISA15) over a live connection decides nothing. Live data over a test connection is no danger to what was
    asked, and read; but a person looks: the connection may lead to where real requests are filed.
    """
    interchange = read(document)
    if to.mode is Mode.LIVE and interchange.isa.text(15) != "P":
        return unmapped(document, "a live connection answered with test data")
    return doubted(_heard(document, interchange, asked, to), interchange, to)


def doubted(outcome: Outcome, interchange: Interchange, to: Destination) -> Outcome:
    """The outcome, with an operator called where a test connection answered with live data."""
    if to.mode is Mode.TEST and interchange.isa.text(15) != "T":
        why = "; ".join(filter(None, (_NO_TEST, outcome.attention_why)))
        return outcome.model_copy(update={"attention": Attention.OPERATOR, "attention_why": why})
    return outcome


def _heard(document: bytes, interchange: Interchange, asked: Asked | None, to: Destination) -> Outcome:
    transactions = list(interchange.transactions())
    for kind in ("278", "999"):
        found = [transaction for transaction in transactions if transaction.kind == kind]
        if len(found) > 1:
            # CORE: real time is one transaction in, one out. Choosing among several would be a guess.
            raise Unreadable(f"the reply holds {len(found)} transactions {kind}", at=found[1].st.start)
        if found and kind == "278":
            beside = [transaction for transaction in transactions if transaction.kind == "999"]
            if refuses(interchange.ta1, beside):
                return unmapped(document, "the reply answers what was sent and refuses it")
            return decode(document, found[0], asked, to)
        if found:
            if refuses(interchange.ta1, ()) and not refuses((), found):
                return unmapped(document, "the reply accepts the transaction and refuses its interchange")
            if not names_us(interchange.isa, to):
                return unmapped(document, "the 999 is somebody else's")
            return acknowledged_by_999(document, found[0], asked, to)
    if transactions:
        return unmapped(document, "the reply is a transaction that this channel does not read")
    if len(interchange.ta1) == 1:
        if not names_us(interchange.isa, to):
            return unmapped(document, "the TA1 is somebody else's")
        return acknowledged_by_ta1(document, interchange.ta1[0], asked, to)
    raise Unreadable("the reply holds no transaction and no single TA1", at=0)


def names_us(isa: Segment, to: Destination) -> bool:
    """An acknowledgement repeats a control number, which others have too: it is ours where sender or receiver is."""
    return connection_settings(to).isa_sender_id.strip().upper() in (isa.text(6).upper(), isa.text(8).upper())
