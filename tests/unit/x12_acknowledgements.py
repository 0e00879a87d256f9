"""Records of acknowledgements for the tests: put into an interchange, and drawn at random. Everything is made up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_type_hints

from hypothesis import strategies as st

from adapters.x12_278.acknowledgement.advice import (
    Advice,
    Advised,
    Amount,
    Code,
    Contact,
    Fault,
    Moment,
    Note,
    Party,
    Person,
    Purpose,
    Quantity,
    Reference,
    Related,
    Source,
    Street,
    Town,
)
from adapters.x12_278.acknowledgement.reading import Acknowledgements, read_acknowledgements
from adapters.x12_278.acknowledgement.segments import Tagged, segments_of_advice, segments_of_group
from adapters.x12_278.acknowledgement.told import Told, spots, write_line
from adapters.x12_278.acknowledgement.verdicts import (
    Context,
    ElementFault,
    GroupEnd,
    GroupVerdict,
    InterchangeVerdict,
    SegmentFault,
    TransactionEnd,
    TransactionVerdict,
)
from adapters.x12_278.segment import Delimiters

MARKS = Delimiters()
TEXTS = st.text(
    st.sampled_from("ABCXYZ0189 .-/()'"), min_size=1, max_size=12
).map(str.strip).filter(bool).map(Told)  # fmt: skip
BELOW: dict[type, dict[str, tuple[type, ...]]] = {
    GroupVerdict: {"transactions": (TransactionVerdict,), "end": (GroupEnd,)},
    TransactionVerdict: {"segments": (SegmentFault,), "end": (TransactionEnd,)},
    SegmentFault: {"contexts": (Context,), "elements": (ElementFault,)},
    ElementFault: {"contexts": (Context,)},
    Advice: {"purpose": (Purpose,), "parties": (Party,), "verdicts": (Advised,)},
    Party: {"streets": (Street,), "towns": (Town,), "references": (Reference,), "contacts": (Contact,)},
    Advised: {
        "references": (Reference,),
        "moments": (Moment,),
        "contacts": (Contact,),
        "amounts": (Amount,),
        "quantities": (Quantity,),
        "parties": (Person,),
        "faults": (Fault,),
        "sources": (Source,),
    },
    Fault: {"contexts": (Context,), "notes": (Note,), "related": (Related,)},
    Source: {"codes": (Code,)},
    Code: {"related": (Related,)},
}


def records(form: type) -> st.SearchStrategy[Any]:
    """Any record of a form, with anything below it; a composite holds at least one text."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    for name, spot in spots(form):
        if spot.form is None:
            most = spot.last - spot.first + 1
            drawn[name] = st.lists(TEXTS, max_size=most).map(tuple) if spot.several else st.none() | TEXTS
        else:
            composite = records(spot.form).filter(_says_something)
            drawn[name] = st.lists(composite, max_size=3).map(tuple) if spot.several else st.none() | composite
    hints = get_type_hints(form)
    for name, (below,) in BELOW.get(form, {}).items():
        several = "tuple" in str(hints[name])
        inner = records(below)
        drawn[name] = st.lists(inner, max_size=2).map(tuple) if several else st.none() | inner
    return st.builds(form, **drawn)


def _says_something(record: Any) -> bool:
    return any(getattr(record, name) for name, _ in spots(type(record)))


def enclosed(*inside: str | bytes) -> bytes:
    """Segments without terminators in an ISA and IEA that fit."""
    head = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'EVERGREEN':15}*ZZ*{'PAYERGW':15}*261124*1004*^*00501*000000043*0*T*:"
    body = [each.encode() if isinstance(each, str) else each for each in inside]
    groups = sum(each.startswith(b"GS*") for each in body)
    return b"~".join([head.encode(), *body, f"IEA*{groups}*000000043".encode(), b""])


def grouped(kind: str, guide: str, *bodies: Iterable[str | bytes]) -> list[str | bytes]:
    """Transactions, each from its ST to what stands in front of its SE, in a group."""
    inside: list[str | bytes] = [f"GS*{kind}*EVERGREEN*PAYERGW*20261124*1004*43*X*{guide}"]
    count = 0
    for body in bodies:
        segments = list(body)
        count += 1
        control = (segments[0] if isinstance(segments[0], str) else segments[0].decode()).split("*")[2]
        inside += [*segments, f"SE*{len(segments) + 1}*{control}"]
    return [*inside, f"GE*{count}*43"]


def said(*body: str, kind: str = "999") -> Acknowledgements:
    """What is read from one 999 with these segments."""
    guide = "005010X231A1"
    return read_acknowledgements(enclosed(*grouped("FA", guide, [f"ST*{kind}*0001*{guide}", *body])))[0]


def written(tagged: Iterable[Tagged]) -> list[bytes]:
    return [write_line(tag, line, MARKS) for tag, line in tagged]


def of_group(group: GroupVerdict) -> list[str | bytes]:
    return ["ST*999*0001*005010X231A1", *written(segments_of_group(group))]


def of_advice(advice: Advice) -> list[str | bytes]:
    return [write_line("ST", advice, MARKS), *written(segments_of_advice(advice))]


def of_interchange(verdict: InterchangeVerdict) -> bytes:
    return write_line("TA1", verdict, MARKS)
