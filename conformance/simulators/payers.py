"""The simulated payers and what each asks of those who file with it. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.simulators.x12 import Delimiters

SENDER = "PAYERGW"
"""The only submitter any of the payers knows: CORE SenderID, ISA06 and GS02."""


@dataclass(frozen=True, slots=True)
class Payer:
    """``receiver`` is CORE ReceiverID, ISA08, GS03 and the UMO's identifier (NM109 with qualifier PI).

    ``inquiry_purpose``, ``own_trace_first`` and ``asks_per_line`` are habits of its answers: BHT02 of an answer to an
    inquiry, whether its own trace number stands before the echoed one, and where it asks for documents.
    """

    id: str
    name: str
    receiver: str
    delimiters: Delimiters
    initials: str
    entity: str
    phone: str
    fax: str
    max_lines: int
    needs_rendering: bool
    refuses_line_breaks: bool
    inquiry_purpose: str
    own_trace_first: bool
    asks_per_line: bool
    """On the first line (2000F) rather than on the event (2000E)."""
    qualifier: str = "ZZ"
    """ISA07."""
    takes_only: Delimiters | None = None
    """The delimiters that requests must have; without, any four different ones."""
    max_diagnoses: int = 12
    needs_contact: bool = False
    """Somebody to call at the requester's (PER)."""
    places: frozenset[str] = frozenset()
    """Places of service that are paid for; without, any."""
    most_documents: int = 10
    document_kinds: frozenset[str] = frozenset()
    """PWK01 of what may be announced in the event; without, any."""
    inquiry_gap: float = 0.0
    """Virtual seconds between two inquiries about one member; who asks sooner is told to wait."""


EVERGREEN = Payer(
    id="evergreen_health",
    name="EVERGREEN HEALTH SIMULATED",
    receiver="EVERGREEN",
    delimiters=Delimiters("*", ":", "^", "~"),
    initials="EVG",
    entity="9000000001",
    phone="8005550101",
    fax="8005550102",
    max_lines=99,
    needs_rendering=False,
    refuses_line_breaks=True,
    inquiry_purpose="49",
    own_trace_first=False,
    asks_per_line=False,
)

BLUESTEM = Payer(
    id="bluestem_mutual",
    name="BLUESTEM MUTUAL SIMULATED",
    receiver="BLUESTEM",
    delimiters=Delimiters("|", ">", "^", "~", newline="\n"),
    initials="BST",
    entity="9000000002",
    phone="8005550111",
    fax="8005550112",
    max_lines=3,
    needs_rendering=True,
    refuses_line_breaks=False,
    inquiry_purpose="11",
    own_trace_first=True,
    asks_per_line=True,
)

CEDAR = Payer(
    id="cedar_valley",
    name="CEDAR VALLEY SIMULATED",
    receiver="CEDAR",
    delimiters=Delimiters("*", ":", "^", "~", newline="\r\n"),
    initials="CDV",
    entity="9000000003",
    phone="8005550121",
    fax="8005550122",
    max_lines=6,
    needs_rendering=False,
    refuses_line_breaks=False,
    inquiry_purpose="49",
    own_trace_first=False,
    asks_per_line=False,
    max_diagnoses=4,
    needs_contact=True,
    most_documents=2,
    document_kinds=frozenset({"77", "LA", "M1"}),
    inquiry_gap=2.0,
)
"""Line breaks of its own, which an envelope of lines must not lose."""

DOGWOOD = Payer(
    id="dogwood_plan",
    name="DOGWOOD PLAN SIMULATED",
    receiver="DOGWOOD",
    delimiters=Delimiters("!", ">", "|", "~"),
    initials="DGW",
    entity="9000000004",
    phone="8005550131",
    fax="8005550132",
    max_lines=12,
    needs_rendering=False,
    refuses_line_breaks=True,
    inquiry_purpose="11",
    own_trace_first=True,
    asks_per_line=False,
    qualifier="30",
    takes_only=Delimiters("!", ">", "|", "~"),
    places=frozenset({"11", "12", "19", "22", "49"}),
)

FERNBROOK = Payer(
    id="fernbrook_health",
    name="FERNBROOK HEALTH SIMULATED",
    receiver="FERNBROOK",
    delimiters=Delimiters("*", ":", "^", "~"),
    initials="FRN",
    entity="9000000005",
    phone="8005550141",
    fax="8005550142",
    max_lines=20,
    needs_rendering=True,
    refuses_line_breaks=True,
    inquiry_purpose="49",
    own_trace_first=False,
    asks_per_line=False,
)

GOLDENROD = Payer(
    id="goldenrod_health",
    name="GOLDENROD HEALTH SIMULATED",
    receiver="GOLDENROD",
    delimiters=Delimiters("*", ":", "^", "~", newline="\n"),
    initials="GLD",
    entity="9000000006",
    phone="8005550151",
    fax="8005550152",
    max_lines=99,
    needs_rendering=False,
    refuses_line_breaks=True,
    inquiry_purpose="49",
    own_trace_first=False,
    asks_per_line=False,
)
"""Spoken to in batches."""

HAWTHORN = Payer(
    id="hawthorn_health",
    name="HAWTHORN HEALTH SIMULATED",
    receiver="HAWTHORN",
    delimiters=Delimiters("*", ":", "^", "~", newline="\n"),
    initials="HAW",
    entity="9000000007",
    phone="8005550161",
    fax="8005550162",
    max_lines=99,
    needs_rendering=False,
    refuses_line_breaks=True,
    inquiry_purpose="49",
    own_trace_first=False,
    asks_per_line=False,
)
"""Spoken to in files."""

PAYERS = {payer.receiver: payer for payer in (EVERGREEN, BLUESTEM, CEDAR, DOGWOOD, FERNBROOK, GOLDENROD, HAWTHORN)}
