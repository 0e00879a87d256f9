"""What is mutated: documents that the project itself writes, and what the conformance cases say and hear.

Everything is made of files and fixed stamps, so that input 17 of a seed is the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from adapters.x12_278.acknowledgement.received import received_envelopes
from adapters.x12_278.acknowledgement.writing import numbers_needed, write_acknowledgement
from adapters.x12_278.guides.check import check
from conformance.bench import Bench
from conformance.replay import open_exchange
from conformance.shelf import Case
from gateway.contract.adapter import Adapter
from gateway.contract.destination import Destination
from gateway.contract.drive import first_frame
from gateway.contract.errors import ExchangeError
from gateway.contract.frames import Reply
from tests.cases_material import shelf
from tests.unit.guide_documents import documents_275, documents_275_bin, interchange, verdict_824, verdict_999
from tests.unit.x12_checker import guides
from tests.x12_material import LATER, response, ta1


@dataclass(frozen=True)
class Conversation:
    """A case that says something and hears ``heard``: a document that any carrier may bring, or a whole reply."""

    case: Case
    adapter: Adapter
    to: Destination
    heard: bytes | Reply


@dataclass(frozen=True)
class Corpus:
    documents: tuple[bytes, ...]
    """X12 of every kind that is spoken here, sent and received."""
    conversations: tuple[Conversation, ...]
    """Those of the X12 channel that hear a document."""
    replies: tuple[Conversation, ...]
    """Those of the X12 channel that hear a whole reply, envelope and all."""
    reviews: tuple[Conversation, ...]


@cache
def corpus() -> Corpus:
    spoken = list(_conversations())
    x12 = [each for each in spoken if each.adapter.channel == "x12_278"]
    said = [document for each in x12 for document in _said(each)]
    heard = [each.heard for each in x12 if isinstance(each.heard, bytes)]
    made = [*_by_hand(), *said]
    answers = [answer for document in made if (answer := _acknowledged(document))]
    return Corpus(
        documents=tuple(dict.fromkeys([*made, *heard, *answers])),
        conversations=tuple(each for each in x12 if isinstance(each.heard, bytes)),
        replies=tuple(each for each in x12 if isinstance(each.heard, Reply)),
        reviews=tuple(each for each in spoken if each.adapter.channel == "rest_review"),
    )


def _conversations() -> Iterator[Conversation]:
    bench = Bench.here()
    for slot in shelf():
        case = slot.case
        if case is None or case.file.omit:
            continue
        adapter, to = bench.adapter(case.suite.channel), bench.destination(case)
        for heard in case.received:
            yield Conversation(case, adapter, to, case.document(heard) if isinstance(heard, bytes) else heard)


def _said(spoken: Conversation) -> Iterator[bytes]:
    if spoken.case.file.verb == "receive":
        return
    try:
        document = first_frame(open_exchange(spoken.case, spoken.adapter, spoken.to)).document
    except ExchangeError:
        return
    if document:
        yield document


def _by_hand() -> Iterator[bytes]:
    """The kinds that no case holds, and whatever has all its loops filled."""
    for kind, guide, body in (
        ("PI", "006020X316", documents_275()),
        ("PI", "005010X210", documents_275_bin()),
        ("FA", "005010X231A1", verdict_999()),
        ("AG", "005010X186A1", verdict_824("005010X186A1")),
        ("AG", "006020X257", verdict_824("006020X257")),
    ):
        yield interchange(kind, guide, body).encode()
    yield ta1("R", "006")
    yield response("UM*HS*I", "HCR*A1*AUTH1", services=[["HCR*A1", "SV1*HC:J9271**UN*6", "HSD*VS*3*WK"]])


def _acknowledged(document: bytes) -> bytes:
    """The acknowledgement that the project writes of it."""
    report, received = check(document, guides()), received_envelopes(document)
    numbers = range(1, 1 + numbers_needed(report, received))
    return write_acknowledgement(report, received, None, numbers, LATER.at).document
