"""The two simulated payers and what each asks of those who file with it. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.simulators.x12 import Delimiters

SENDER = "PAYERGW"
"""The only submitter either payer knows: CORE SenderID, ISA06 and GS02."""


@dataclass(frozen=True, slots=True)
class Payer:
    """``receiver`` is CORE ReceiverID, ISA08, GS03 and the UMO's identifier (NM109 with qualifier PI).

    The last three fields are habits of its answers: BHT02 of an answer to an inquiry, whether its own trace number
    stands before the echoed one, and where it asks for documents.
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

PAYERS = {payer.receiver: payer for payer in (EVERGREEN, BLUESTEM)}
