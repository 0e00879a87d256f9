"""Decides whether an answer is ours, and which event in it is.

By our trace numbers first, then by the payer's numbers where these leave one reading only. Which line of ours a service
is, is the business of ``pairs``.
"""

from __future__ import annotations

from adapters.x12_278 import traces
from adapters.x12_278.asked import Asked
from adapters.x12_278.loops import Event, Tree
from adapters.x12_278.procedures import codes_in, codes_sent
from gateway.model.request import Relationship

_LONGEST_SUFFIX = 3
"""Digits that tell the people on one card apart."""


def is_ours(tree: Tree, asked: Asked) -> bool:
    """True when the answer carries a trace number of ours, or none of anybody's and our BHT03."""
    ours = asked.filing_traces() | {traces.event(asked.stamp)}
    for event in tree.events:
        for loop in (event.loop, *event.services):
            if any(trn.text(2) in ours for trn in loop.all("TRN")):
                return True
    if any(_foreign(event, asked) for event in tree.events):
        return False
    return tree.bht.text(3) == traces.submission(asked.stamp)


def names_message(tree: Tree, asked: Asked) -> bool:
    """True when the answer names what was sent last by a name that nothing sent before it had: it is no copy of an
    earlier answer."""
    own = traces.event(asked.stamp)
    return tree.bht.text(3) == traces.submission(asked.stamp) or any(own in _traces_in(event) for event in tree.events)


def names_another_message(tree: Tree, asked: Asked) -> bool:
    """True when the answer names the filing, or another message of ours, beside or instead of what was sent last."""
    return tree.bht.text(3) == traces.submission(asked.filed) or any(
        _foreign(event, asked) or _traces_in(event) & asked.filing_traces() for event in tree.events
    )


def names_another_member(tree: Tree, asked: Asked, payer: str) -> bool:
    """True when the answer names a member by another id than ours, or a patient born on another day."""
    coverages = asked.request.coverages
    ours = [_bare(coverage.member_id) for coverage in coverages]
    sent = next((coverage for coverage in coverages if coverage.payer == payer), coverages[0])
    born = asked.request.patient.birth_date.strftime("%Y%m%d")
    # We send a dependent no id of its own, so one that comes back says nothing: only the day of birth does.
    is_subscriber = sent.relationship is Relationship.SELF
    levels = ("2010C", "2010D") if is_subscriber else ("2010C",)
    people = [party for loop in tree.above for party in loop.parties]
    dependents = [party for party in people if party.name == "2010D"]
    patients = dependents or [party for party in people if party.name == "2010C" and is_subscriber]
    ids = [_bare(party.segments[0].text(9)) for party in people if party.name in levels]
    days_told = [dmg.text(2) for party in patients for dmg in party.all("DMG")]
    return any(told and not any(_same_member(told, member) for member in ours) for told in ids) or any(
        told and told != born for told in days_told
    )


def _bare(member_id: str) -> str:
    """Payers drop blanks and hyphens."""
    return "".join(filter(str.isalnum, member_id)).upper()


def _same_member(one: str, other: str) -> bool:
    """True for the same id, with or without the few digits by which a card tells its people apart."""
    short, long = sorted((one, other), key=len)
    rest = long[len(short) :]
    return long.startswith(short) and (not rest or (rest.isdigit() and len(rest) <= _LONGEST_SUFFIX))


def our_event(tree: Tree, asked: Asked) -> Event | None:
    """The event that is the filing, or None where that cannot be told. Expects an answer that is ours.

    An inquiry sends none of the filing's traces (``inquire``): one that comes back is one that the payer had stored."""
    ours = asked.filing_traces()
    known = [event for event in tree.events if _traces_in(event) & ours or _numbers_in(event) & asked.numbers.keys()]
    if known:
        return known[0] if len(known) == 1 else None
    # An inquiry finds what the payer holds for the member and dates: that may be an earlier filing, for the same
    # services and dates too, which was denied and filed again.
    if len(tree.events) != 1 or _foreign(tree.events[0], asked) or (asked.verb == "inquire" and _found(tree)):
        return None
    return tree.events[0]


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
    return reviews | {ref.text(2) for loop in loops for ref in loop.all("REF") if ref.text(1) in ("BB", "NT")}


def _foreign(event: Event, asked: Asked) -> bool:
    """True when the event answers a trace number that our company gave, but not in this case."""
    ours = asked.filing_traces() | {traces.event(asked.stamp)}
    return any(
        trn.text(3) == asked.company and trn.text(2) not in ours
        for loop in (event.loop, *event.services)
        for trn in loop.all("TRN")
    )


def _found(tree: Tree) -> bool:
    """True when an event is something that the payer holds. Where nothing is decided and something is refused, it only
    carries the refusal of the inquiry."""
    loops = [loop for event in tree.events for loop in (event.loop, *event.services)]
    refused = any(part.first("AAA") for loop in (*tree.above, *loops) for part in (loop, *loop.parties))
    return any(loop.first("HCR") for loop in loops) or not refused
