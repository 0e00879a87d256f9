"""The 824 about a group: for each transaction with faults that a 999 may not carry, its verdict and these faults.

Our words for a fault stand in NTE, for TED02 is short. No value of the document is repeated but references to it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime

from adapters.x12_278.acknowledgement.advice import Advice, Advised, Note, Party, Purpose
from adapters.x12_278.acknowledgement.advice import Fault as AdvisedFault
from adapters.x12_278.acknowledgement.forms import Forms
from adapters.x12_278.acknowledgement.judgement import Judge
from adapters.x12_278.acknowledgement.received import ReceivedGroup, ReceivedTransaction
from adapters.x12_278.acknowledgement.told import Told, told
from adapters.x12_278.acknowledgement.verdicts import DataElement, Position
from adapters.x12_278.guides.faults import Fault, TransactionReport

MOST_FAULTS = 1000
"""TED of one transaction."""
_MOST_NOTES = 100
_NOTE = 80
_ELSEWHERE = "024"
"""TED01 for a fault that has no code of its own there."""


def guide_of(version: str) -> str:
    """The 824 that goes with a guide: CORE names 006020X257 for documents of version 006020."""
    return "006020X257" if version.startswith("006020") else "005010X186A1"


def advised(judge: Judge, reports: Sequence[TransactionReport], received: ReceivedGroup) -> tuple[Advised, ...]:
    """What the 824 says of each transaction; nothing of those that it need not speak of."""
    transactions = {each.segment: each for each in received.transactions}
    found = []
    for one in reports:
        faults = [fault for fault in one.faults if judge.is_beyond(fault)]
        if not faults or one.segment not in transactions:
            continue
        if len(faults) > MOST_FAULTS:
            left = len(faults) - MOST_FAULTS
            judge.untold.append(f"segment {one.segment}: {left} faults of this transaction are not told in the 824.")
        refused = any(fault.refuses for fault in faults)
        lines = tuple(_fault(fault, judge.forms, one.segment) for fault in faults[:MOST_FAULTS])
        found.append(_verdict("TR" if refused else "TE", transactions[one.segment], received, judge.forms, lines))
    return tuple(found)


def _verdict(
    word: str, one: ReceivedTransaction, group: ReceivedGroup, forms: Forms, faults: tuple[AdvisedFault, ...]
) -> Advised:
    control, number = forms.control(one.control) or "", forms.number(group.control)
    return Advised(
        verdict=Told(word),
        kind=Told("TN"),
        reference=Told(one.reference if forms.fits(one.reference, 1, 50) else "NA"),
        sender=told(group.sender if forms.fits(group.sender, 2, 15) else ""),
        receiver=told(group.receiver if forms.fits(group.receiver, 2, 15) else ""),
        date=told(group.date if len(group.date) == 8 and forms.day(group.date[2:]) and group.date[:2] == "20" else ""),
        time=told(forms.time(group.time[:4]) if len(group.time) == 4 else ""),
        group=told(number),
        control=told(control if number else ""),
        transaction=told(forms.code(one.kind, 3)),
        guide=told(group.version if forms.fits(group.version, 1, 12) else ""),
        faults=faults,
    )


def _fault(fault: Fault, forms: Forms, first: int) -> AdvisedFault:
    position = None
    if 1 <= fault.element <= 99:
        component, repetition = (told(str(place)) if place else None for place in (fault.component, fault.repetition))
        position = Position(element=Told(str(fault.element)), component=component, repetition=repetition)
    known_tag = fault.tag if 2 <= len(fault.tag) <= 3 else ""
    return AdvisedFault(
        code=Told(_ELSEWHERE),
        text=told(forms.prose(f"SNIP {fault.level} {fault.kind}.{fault.code} {fault.at}")[:60].strip()),
        tag=told(known_tag),
        ordinal=Told(str(fault.ordinal or fault.segment - first + 1)),
        position=position,
        numbers=DataElement(numbers=(Told(fault.number),)) if fault.number else None,
        notes=tuple(_notes(forms.prose(fault.says))),
    )


def _notes(text: str) -> Iterator[Note]:
    for piece in textwrap.wrap(text, _NOTE)[:_MOST_NOTES]:
        yield Note(kind=Told("ADD"), text=Told(piece))


def advice(
    verdicts: tuple[Advised, ...], guide: str, control: str, reference: str, at: datetime, parties: tuple[Party, ...]
) -> Advice:
    """The 824 whole. ``reference`` names it; ``control`` is its ST02."""
    purpose = Purpose(purpose=Told("11"), reference=Told(reference), date=Told(f"{at:%Y%m%d}"), time=Told(f"{at:%H%M}"))
    return Advice(
        kind=Told("824"),
        control=Told(control),
        guide=Told(guide),
        purpose=purpose,
        parties=parties,
        verdicts=verdicts,
    )
