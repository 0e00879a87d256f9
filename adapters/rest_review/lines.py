"""Which procedure of an answer is which line of ours, and what was decided of each.

A review has no name for a line: procedures are told apart by code and modifiers. Several of one code are ours in their
order only where they repeat our lines exactly; where they all say the same it does not matter. All else is unclear:
those lines are UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.rest_review.reading import GRANTED, Reading, number_at, outcome_for
from adapters.rest_review.tables import Status
from adapters.rest_review.terms import period_of, quantity_of
from adapters.rest_review.tree import Node
from gateway.model.line import CodeSystem, Line
from gateway.model.outcome import LineResult
from gateway.model.status import LineOutcome

_GRANTS = frozenset({Status.CERTIFIED, Status.CERTIFIED_MODIFIED})
_Key = tuple[str, tuple[str, ...]]


def read_lines(review: Node, event: Status, lines: Sequence[Line], reading: Reading) -> tuple[LineResult, ...]:
    """A result for each line of ours, then for each procedure that is none of ours."""
    procedures = review.items("procedures")[:200]
    theirs = _by_key((procedure, _key_of(procedure)) for procedure in procedures)
    ours: dict[_Key, list[Line]] = {}
    for line in lines:
        ours.setdefault(_key(line), []).append(line)
    matched: dict[str, Node | None] = {}
    for key, group in ours.items():
        found = theirs.pop(key, [])
        if not found:
            continue
        clear = len(found) == len(group) and (len(group) == 1 or _all_alike(found) or _in_order(found, group))
        if not clear:
            reading.doubt("procedures of one code cannot be told apart")
        for line, procedure in zip(group, found if clear else [None] * len(group), strict=True):
            matched[line.id] = procedure
    results = [_of_line(review, event, line, matched, reading, place) for place, line in enumerate(lines)]
    strangers = [procedure for found in theirs.values() for procedure in found if procedure.word("statusCode")]
    for place, procedure in enumerate(strangers, start=len(results)):
        reading.doubt("the answer decides of a procedure that was not asked for")
        results.append(_stranger(procedure, reading, f"/lines/{place}"))
    return tuple(results)


def _of_line(
    review: Node, event: Status, line: Line, matched: dict[str, Node | None], reading: Reading, place: int
) -> LineResult:
    pointer = f"/lines/{place}"
    if line.id in matched and matched[line.id] is None:
        return LineResult(line=line.id, outcome=LineOutcome.UNKNOWN)
    procedure = matched.get(line.id)
    own = procedure.word("statusCode") if procedure else None
    status = reading.status(own) if own else Status.IN_PROCESS
    if procedure is None or own is None or status is Status.IN_PROCESS:
        return _by_event(review, event, line, procedure, reading, pointer)
    reasons = reading.reasons(pointer, procedure, *([review] if _is_said_of(event, status) else []))
    outcome = outcome_for(status, reasons, reading)
    if outcome is LineOutcome.CERTIFIED and event is Status.CERTIFIED_MODIFIED and not _names_change(review, reading):
        outcome, own = LineOutcome.CERTIFIED_MODIFIED, review.word("statusCode") or own
    if outcome in GRANTED and event not in (*_GRANTS, Status.UNKNOWN):
        reading.doubt("a procedure is granted in a review that is not")
    return _result(line, outcome, (procedure, review), procedure, reading, pointer, own, reasons)


def _is_said_of(event: Status, procedure: Status) -> bool:
    """True where what the review gives as its reasons is said of a procedure too: it repeats the review's word, or
    both grant."""
    return event is procedure or {event, procedure} <= _GRANTS


def _names_change(review: Node, reading: Reading) -> bool:
    """True where a procedure's own word is the change that a review with changes speaks of."""
    words = {reading.status(own) for item in review.items("procedures")[:200] if (own := item.word("statusCode"))}
    return bool(words & {Status.CERTIFIED_MODIFIED, Status.NOT_CERTIFIED})


def _by_event(
    review: Node, event: Status, line: Line, procedure: Node | None, reading: Reading, pointer: str
) -> LineResult:
    """The review's word alone, for a line of which the answer says nothing itself."""
    reasons = reading.reasons(pointer, review)
    outcome = outcome_for(event, reasons, reading)
    if event is Status.UNKNOWN and not reading.doubts:
        reading.doubt("a line has no word of its own in a review that decides by its procedures")
    if procedure is None and outcome in GRANTED and review.items("procedures"):
        reading.doubt("a granted review names its procedures, and not this line")
        outcome = LineOutcome.UNKNOWN
    own = review.word("statusCode") or review
    items = (procedure, review) if procedure else (review,)
    result = _result(line, outcome, items, procedure, reading, pointer, own, reasons)
    return result.model_copy(update={"named": False})


def _result(
    line: Line,
    outcome: LineOutcome,
    items: tuple[Node, ...],
    procedure: Node | None,
    reading: Reading,
    pointer: str,
    own: Node,
    reasons: tuple[tuple[object, object], ...],
) -> LineResult:
    reading.keep(f"{pointer}/outcome", own)
    quantity = None
    if procedure is not None:
        quantity, outcome = quantity_of(procedure, line, outcome, reading, pointer)
    period, outcome = period_of(items, line, outcome, reading, pointer)
    number = next((node for node in map(number_at, items) if node), None) if outcome in GRANTED else None
    if number is not None:
        reading.keep(f"{pointer}/authorization_number", number)
    return LineResult(
        line=line.id,
        outcome=outcome,
        quantity=quantity,
        period=period,
        authorization_number=number.text.strip() if number and number.text else None,
        reasons=tuple(reason for reason, _ in reasons),
    )


def _stranger(procedure: Node, reading: Reading, pointer: str) -> LineResult:
    own = procedure.word("statusCode")
    reasons = reading.reasons(pointer, procedure)
    status = reading.status(own) if own else Status.UNKNOWN
    outcome = LineOutcome.UNKNOWN if status is Status.IN_PROCESS else outcome_for(status, reasons, reading)
    if own:
        reading.keep(f"{pointer}/outcome", own)
    return LineResult(line=None, outcome=outcome, reasons=tuple(reason for reason, _ in reasons))


def _key(line: Line) -> _Key:
    code = line.code.code if line.code.system is not CodeSystem.REVENUE else f"revenue {line.code.code}"
    return code, tuple(sorted(line.modifiers))


def _key_of(procedure: Node) -> _Key:
    code, revenue = procedure.word("code"), procedure.word("revenueCode")
    modifiers = (procedure.word(f"modifierCode{number}") for number in range(1, 5))
    said = tuple(sorted((node.text or "").strip().upper() for node in modifiers if node))
    if code is not None:
        return (code.text or "").strip().upper(), said
    return (f"revenue {(revenue.text or '').strip()}" if revenue else ""), said


def _by_key(pairs: Iterator[tuple[Node, _Key]]) -> dict[_Key, list[Node]]:
    found: dict[_Key, list[Node]] = {}
    for procedure, key in pairs:
        found.setdefault(key, []).append(procedure)
    return found


_SAID = (
    "statusCode",
    "quantity",
    "quantityTypeCode",
    "certificationNumber",
    "certificationEffectiveDate",
    "certificationExpirationDate",
)


def _all_alike(procedures: Sequence[Node]) -> bool:
    """True where it does not matter which is which: nothing that is read of one differs from another."""

    def said(procedure: Node) -> tuple[object, ...]:
        texts = [node.text if (node := procedure.word(name)) else None for name in _SAID]
        reasons = [(node.text if (node := item.word("code")) else None) for item in procedure.items("statusReasons")]
        return (*texts, *reasons)

    return len({said(procedure) for procedure in procedures}) == 1


def _in_order(procedures: Sequence[Node], lines: Sequence[Line]) -> bool:
    """True where each repeats the line in its place, and no two lines are the same in what tells them apart."""

    def asked(line: Line) -> tuple[str, ...]:
        end = line.dates.end.isoformat() if line.dates.end else ""
        return line.dates.start.isoformat(), end

    def told(procedure: Node) -> tuple[str, ...]:
        texts = (node.text or "" if (node := procedure.word(name)) else "" for name in ("fromDate", "toDate"))
        return tuple(text[:10] for text in texts)

    wanted = [asked(line) for line in lines]
    return len(set(wanted)) == len(wanted) and [told(procedure) for procedure in procedures] == wanted
