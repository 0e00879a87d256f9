"""Decides whether an answer is ours, and which event in it is.

By our trace numbers first, then by the payer's numbers where these leave one reading only. Which line of ours a service
is, is the business of ``pairs``.
"""

from __future__ import annotations

from collections.abc import Collection

from adapters.x12_278 import traces
from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.loops import Event, Loop, Tree
from adapters.x12_278.hearing.terms.procedures import codes_in, codes_sent
from gateway.model.numbers import identifies

_PATIENTS = ("2000C", "2000D")


def is_ours(tree: Tree, asked: Asked) -> bool:
    """True when the answer carries a trace number of ours, or our BHT03 and none of another case of ours (beside which
    an inquiry may find ours)."""
    if is_traced(tree, asked):
        return True
    strangers = [_foreign(event, asked) for event in tree.events]
    if any(strangers) and (asked.verb != "inquire" or all(strangers)):
        return False
    return tree.bht.text(3) == traces.submission(asked.stamp)


def is_traced(tree: Tree, asked: Asked) -> bool:
    """True when the answer carries a trace number of ours, of this case."""
    ours = asked.filing_traces | {traces.event(asked.stamp)}
    return any(_traces_in(event) & ours for event in tree.events)


def is_numbered(tree: Tree, asked: Asked) -> bool:
    """True when an event carries a number of the payer's that we know, and no trace of another case of ours."""
    return any(_numbers_in(event) & asked.numbers.keys() and not _foreign(event, asked) for event in tree.events)


def numbers_in(tree: Tree) -> set[str]:
    """The payer's own numbers that an answer names."""
    return set[str]().union(*map(_numbers_in, tree.events))


def names_message(tree: Tree, asked: Asked) -> bool:
    """True when the answer names what was sent last by a name that nothing sent before it had: it is no copy of an
    earlier answer."""
    own = traces.event(asked.stamp)
    return tree.bht.text(3) == traces.submission(asked.stamp) or any(own in _traces_in(event) for event in tree.events)


def names_another_message(tree: Tree, asked: Asked) -> bool:
    """True when the answer names the filing, or another message of ours, beside or instead of what was sent last."""
    return tree.bht.text(3) == traces.submission(asked.filed) or any(
        _foreign(event, asked) or _traces_in(event) & asked.filing_traces for event in tree.events
    )


def is_of_others(tree: Tree, ours: frozenset[str]) -> bool:
    """True when not all of an answer is about whoever sent these traces: another patient has a level in it, or one of
    several events has none of them."""
    levels = [loop.name for loop in tree.above]
    return any(levels.count(patient) > 1 for patient in _PATIENTS) or (
        len(tree.events) > 1 and not all(_traces_in(event) & ours for event in tree.events)
    )


def our_event(tree: Tree, asked: Asked) -> Event | None:
    """The event that is the filing, or None where that cannot be told. Expects an answer that is ours.

    An inquiry sends none of the filing's traces (``inquire``): one that comes back is one that the payer had stored.
    A trace number of another case of ours beats a number of the payer's, which may hold for several filings."""
    ours = asked.filing_traces
    known = [
        event
        for event in tree.events
        if _traces_in(event) & ours or (_numbers_in(event) & asked.numbers.keys() and not _foreign(event, asked))
    ]
    if known:
        return known[0] if len(known) == 1 else None
    # An inquiry finds what the payer holds for the member and dates: that may be an earlier filing, for the same
    # services and dates too, which was denied and filed again.
    if len(tree.events) != 1 or _foreign(tree.events[0], asked) or (asked.verb == "inquire" and _found(tree)):
        return None
    return tree.events[0]


def speaks_beside(tree: Tree, event: Event | None, asked: Asked | None) -> bool:
    """True when something is decided or refused in another event than ours (``event``) that is not plainly another
    case's, or at a level that is not above ours."""
    others = [other for other in tree.events if other is not event and not (asked and _foreign(other, asked))]
    ours = above(tree, event) if event else tree.above
    levels = [level for level in tree.above if not any(level is each for each in ours)]
    loops = [*levels, *(loop for other in others for loop in (other.loop, *other.services))]
    return any(part.first("HCR") or part.first("AAA") for loop in loops for part in (loop, *loop.parties))


def above(tree: Tree, event: Event) -> Collection[Loop]:
    """The levels the event stands under: the last of each before it, without what belonged to an earlier one."""
    path: dict[str, Loop] = {}
    for level in tree.above:
        if level.segments[0].number < event.loop.segments[0].number:
            path = {name: loop for name, loop in path.items() if name < level.name} | {level.name: level}
    return path.values()


def resembles_ours(tree: Tree, asked: Asked) -> bool:
    """True when what an inquiry found could be our filing: it names no services, or one with a code of ours."""
    sent = frozenset[str]().union(*(codes_sent(line) for line in asked.request.lines))
    named = [codes for event in tree.events for service in event.services if (codes := codes_in(service))]
    return bool(tree.events) and _found(tree) and (not named or any(codes & sent for codes in named))


def _traces_in(event: Event) -> set[str]:
    return {trn.text(2) for loop in (event.loop, *event.services) for trn in loop.all("TRN")}


def _numbers_in(event: Event) -> set[str]:
    loops = (event.loop, *event.services)
    reviews = {hcr.text(2) for loop in loops for hcr in loop.all("HCR")}
    numbers = reviews | {ref.text(2) for loop in loops for ref in loop.all("REF") if ref.text(1) in ("BB", "NT")}
    return {number for number in numbers if identifies(number)}


def _foreign(event: Event, asked: Asked) -> bool:
    """True when the event answers a trace number that our company gave, but not in this case."""
    return any(
        trn.text(3) == asked.company and not asked.names(trn.text(2))
        for loop in (event.loop, *event.services)
        for trn in loop.all("TRN")
    )


def _found(tree: Tree) -> bool:
    """True when an event is something that the payer holds. Where nothing is decided and something is refused, it only
    carries the refusal of the inquiry."""
    loops = [loop for event in tree.events for loop in (event.loop, *event.services)]
    refused = any(part.first("AAA") for loop in (*tree.above, *loops) for part in (loop, *loop.parties))
    return any(loop.first("HCR") for loop in loops) or not refused
