"""Whether the envelope of an interchange fits: control numbers, counts, trailers, and nothing between them.

Says for each fault by what code it is acknowledged: a fault of the interchange by TA105 of a TA1, of a group by AK905,
of a transaction by IK502 of a 999. What the elements of ISA, GS and ST may hold is the control map's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from adapters.x12_278.codec.tree import Group, Interchange, Segment, Transaction

_COUNT = re.compile(r"[0-9]{1,9}")

Scope = Literal["interchange", "group", "transaction"]


class EnvelopeFault(NamedTuple):
    """``at`` is the segment's place in ``Tokens.raw``, ``element`` 0 where it is the segment itself.

    ``opened`` is the index of the ISA, GS or ST that the fault is acknowledged with.
    """

    scope: Scope
    code: str
    opened: int
    at: int
    element: int
    says: str
    fix: str


def faults(interchange: Interchange) -> list[EnvelopeFault]:
    """What does not fit, in the order of the file as far as groups and transactions go; the interchange's own last."""
    found: list[EnvelopeFault] = []
    numbers: set[str] = set()
    for group in interchange.groups:
        found += _of_group(group, numbers)
    found += _of_interchange(interchange)
    return found


def _of_interchange(interchange: Interchange) -> Iterator[EnvelopeFault]:
    isa, iea = interchange.isa, interchange.iea
    for stray in interchange.strays:
        yield _misplaced("interchange", "022", 0, stray)
    for group in interchange.groups:
        if group.gs is None:
            where = group.transactions[0].first if group.transactions else 0
            yield EnvelopeFault(
                "interchange", "024", 0, where, 0, "a transaction stands in no group", "Put it between a GS and a GE."
            )
    if not _same(isa.text(13), iea.text(2)):
        yield EnvelopeFault(
            "interchange", "001", 0, iea.index, 2, "IEA02 differs from ISA13", "Write the same number in both."
        )
    # Some count a TA1 that stands for itself as a group.
    counts = {0, 1} if interchange.ta1 and not interchange.groups else {len(interchange.groups)}
    if _count(iea.text(1)) not in counts:
        yield EnvelopeFault(
            "interchange",
            "021",
            0,
            iea.index,
            1,
            "IEA01 is not the number of groups",
            _counted(len(interchange.groups)),
        )


def _of_group(group: Group, numbers: set[str]) -> Iterator[EnvelopeFault]:
    known: set[str] = set()
    for transaction in group.transactions:
        yield from _of_transaction(transaction, known)
    gs, ge = group.gs, group.ge
    if gs is None:
        return
    for stray in group.strays:
        yield _misplaced("group", "6", gs.index, stray)
    number = gs.text(6).lstrip("0")
    if number in numbers:
        yield EnvelopeFault(
            "group", "19", gs.index, gs.index, 6, "GS06 is that of an earlier group", "Give each group its own number."
        )
    numbers.add(number)
    if ge is None:
        yield EnvelopeFault("group", "3", gs.index, gs.index, 0, "the group has no GE", "Close it with its GE.")
        return
    if not _same(gs.text(6), ge.text(2)):
        yield EnvelopeFault(
            "group", "4", gs.index, ge.index, 2, "GE02 differs from GS06", "Write the same number in both."
        )
    if _count(ge.text(1)) != len(group.transactions):
        yield EnvelopeFault(
            "group",
            "5",
            gs.index,
            ge.index,
            1,
            "GE01 is not the number of transactions",
            _counted(len(group.transactions)),
        )


def _of_transaction(transaction: Transaction, known: set[str]) -> Iterator[EnvelopeFault]:
    st, se, first = transaction.st, transaction.se, transaction.first
    if st.text(2) in known:
        yield EnvelopeFault(
            "transaction",
            "23",
            first,
            first,
            2,
            "ST02 is that of an earlier transaction of the group",
            "Give each its own number.",
        )
    known.add(st.text(2))
    if se is None:
        yield EnvelopeFault("transaction", "2", first, first, 0, "the transaction has no SE", "Close it with its SE.")
        return
    if st.text(2) != se.text(2):
        yield EnvelopeFault(
            "transaction", "3", first, se.index, 2, "SE02 differs from ST02", "Write the same number in both."
        )
    segments = transaction.last - first + 1
    if _count(se.text(1)) != segments:
        yield EnvelopeFault(
            "transaction",
            "4",
            first,
            se.index,
            1,
            "SE01 is not the number of segments from ST to SE",
            _counted(segments),
        )


def _misplaced(scope: Scope, code: str, opened: int, stray: Segment) -> EnvelopeFault:
    return EnvelopeFault(
        scope, code, opened, stray.index, 0, f"{stray.tag} stands outside of every transaction", "Take it out."
    )


def _counted(count: int) -> str:
    return f"It is {count}."


def _count(text: str) -> int | None:
    return int(text) if _COUNT.fullmatch(text) else None


def _same(opened: str, closed: str) -> bool:
    """Control numbers of ISA and GS are numbers: leading zeros do not tell two apart."""
    return bool(opened) and opened.lstrip("0") == closed.lstrip("0")
