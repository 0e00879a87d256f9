"""Finds to what that was sent an answer belongs: by control numbers and parties, else by TRN02, else by BHT03.

Order does not matter: what an arrival comes to depends on what was sent, and on what came under the same number. Two
candidates are never a match, and none is guessed: what cannot be placed is quarantined with the reason.

A store answers ``arrival.keys()`` with the ``Sent`` that have any of these keys and the ``Seen`` that have one; more
does no harm. Numbers may have wrapped or begun again: what was sent after the answer is out, and of several what was
sent longest ago (``WITHIN`` days), as long as one is nearer. That leaves one, or it is quarantined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from adapters.x12_278.acknowledgement.arrived import Arrival, Item, Seen, What
from adapters.x12_278.acknowledgement.findings import (
    Basis,
    Known,
    Match,
    Novelty,
    Place,
    Placed,
    Quarantined,
    Reason,
)
from adapters.x12_278.acknowledgement.sent import Party, Sent, SentGroup, SentTransaction, Trace, day_of, days_between

WITHIN = 30
"""Days after which a number may be meant that was given again. Acknowledgements come within days."""
MOST_CANDIDATES = 100
"""A name that more were sent under says nothing of itself, and no person looks at more."""
_SLACK = 1
"""Days by which clocks and time zones may differ."""
_FAMILY = 10
"""Characters of a guide in front of its errata (005010X217E1)."""
_NOTICE = "005010X216"
_ASKS = frozenset({"01", "13", "28", "36"})
"""BHT02 of a 278 that asks and answers nothing."""


def place(arrival: Arrival, known: Known) -> Placed:
    finder = _Finder(arrival, known.sent)
    return Placed(_novelty(arrival.seen, known.seen), tuple(finder.find(item) for item in arrival.items))


def _novelty(new: Seen, seen: Iterable[Seen]) -> Novelty:
    same = [each for each in seen if each.key() == new.key()]
    if any(each.digest == new.digest for each in same):
        return Novelty.REPEATED
    days = [days_between(each.day, new.day) for each in same]
    return Novelty.NUMBER_REUSED if any(days is None or days <= WITHIN for days in days) else Novelty.FIRST


class _Spot(NamedTuple):
    """A candidate."""

    place: Place
    sent: Sent
    group: SentGroup | None = None
    transaction: SentTransaction | None = None


class _Finder:
    """Finds the items of one arrival, in their order. What is looked up more than once is looked up in a dictionary."""

    def __init__(self, arrival: Arrival, sent: Sequence[Sent]) -> None:
        self._arrival = arrival
        self._interchanges: dict[str, list[_Spot]] = {}
        self._numbered: dict[str, list[_Spot]] = {}
        self._by_control: dict[tuple[Place, str], list[_Spot]] = {}
        self._by_reference: dict[str, list[_Spot]] = {}
        self._by_trace: dict[Trace, list[_Spot]] = {}
        """Under its number alone too, as if it had no originator: an answer may not say whose it is."""
        for each in sent:
            between = self._is_between(each) or self._acknowledges(each)
            if between:
                self._interchanges.setdefault(each.control, []).append(_Spot(_place(each), each))
            for count, group in enumerate(each.groups):
                spot = _Spot(_place(each, count), each, group)
                if between:
                    self._numbered.setdefault(group.control, []).append(spot)
                self._keep(spot)
        self._groups_of: dict[int, list[_Spot] | Quarantined] = {}
        """What a 999 may mean by its group, by the segment of the group."""

    def _keep(self, group: _Spot) -> None:
        for count, each in enumerate(_transactions(group)):
            spot = _Spot(group.place._replace(transaction=count), group.sent, group.group, each)
            self._by_control.setdefault((group.place, each.control), []).append(spot)
            self._by_reference.setdefault(each.reference, []).append(spot)
            for told in dict.fromkeys(name for trace in each.traces for name in (trace, trace.bare())):
                self._by_trace.setdefault(told, []).append(spot)

    def find(self, item: Item) -> Match | Quarantined:
        if item.what is What.INTERCHANGE:
            return self._interchange(item)
        if item.what is What.GROUP:
            groups = self._groups_of[item.segment] = self._groups(item)
            return groups if isinstance(groups, Quarantined) else _only(item, Basis.CONTROL, groups)
        if item.what is What.TRANSACTION:
            return self._transaction(item, self._groups_of[item.within])
        if item.what is What.ADVICE:
            return self._advice(item)
        if item.what is What.ANSWER and item.purpose not in _ASKS:
            return self._answer(item)
        return Quarantined(item, Reason.NO_ANSWER, ())

    def _interchange(self, item: Item) -> Match | Quarantined:
        ours = self._interchanges.get(item.interchange, [])
        if not ours:
            return Quarantined(item, Reason.UNKNOWN, ())
        same_day = [spot for spot in ours if not item.day or spot.sent.day == item.day]
        if not same_day:
            return _quarantined(item, Reason.OTHER_DAY, ours)
        return _only(item, Basis.CONTROL, _narrowed(same_day, lambda spot: spot.sent.time == item.time))

    def _transaction(self, item: Item, groups: list[_Spot] | Quarantined) -> Match | Quarantined:
        if isinstance(groups, Quarantined):
            return Quarantined(item, groups.reason, groups.candidates)
        if len(groups) > 1:
            return _only(item, Basis.CONTROL, groups)
        named = self._by_control.get((groups[0].place, item.control), [])
        if not named:
            return _quarantined(item, Reason.UNKNOWN, groups)
        fitting = [each for each in named if _is_kind(each, item)]
        return _only(item, Basis.CONTROL, fitting) if fitting else _quarantined(item, Reason.OTHER_KIND, named)

    def _groups(self, item: Item) -> list[_Spot] | Quarantined:
        """The groups that an acknowledgement may mean, narrowed as far as numbers, contents and days allow."""
        numbered = self._numbered.get(item.group, []) if item.group else []
        if not numbered:
            return Quarantined(item, Reason.UNKNOWN, ())
        fitting = [spot for spot in numbered if spot.group and _fits_group(spot.group, item)]
        if not fitting:
            return _quarantined(item, Reason.OTHER_KIND, numbered)
        earlier = [spot for spot in fitting if not self._is_later(spot)]
        if not earlier:
            return _quarantined(item, Reason.SENT_LATER, fitting)
        told = dict.fromkeys(item.told)
        whole = _narrowed(earlier, lambda spot: all((spot.place, each) in self._by_control for each in told))
        same_day = _narrowed(whole, lambda spot: bool(item.day) and spot.sent.day == item.day)
        return _narrowed(same_day, self._is_near)

    def _advice(self, item: Item) -> Match | Quarantined:
        """By its control numbers, unless a trace or the reference says otherwise; else by these."""
        by_name = self._by_names(item, lambda spot: _is_kind(spot, item))
        groups = self._groups(item) if item.group and item.control else Quarantined(item, Reason.UNKNOWN, ())
        if isinstance(groups, Quarantined):
            return groups if groups.reason is not Reason.UNKNOWN else by_name
        numbered = [each for group in groups for each in self._by_control.get((group.place, item.control), [])]
        spots = [each for each in numbered if _is_kind(each, item)]
        if isinstance(by_name, Match):
            agreeing = [spot for spot in spots if spot.place == by_name.place]
            if spots and not agreeing:
                places = (spot.place for spot in spots[: MOST_CANDIDATES - 1])
                return Quarantined(item, Reason.CONTRADICTION, (by_name.place, *places))
            spots = agreeing
        return _only(item, Basis.CONTROL, spots) if spots else _quarantined(item, Reason.UNKNOWN, groups)

    def _answer(self, item: Item) -> Match | Quarantined:
        """An inquiry is answered by its own names; failing these, an answer is about the request whose trace it has."""
        found = self._by_names(item, lambda spot: _is_answered(spot, item))
        if isinstance(found, Match) or found.reason is not Reason.UNKNOWN:
            return found
        traced, _ = self._traced(item, _asks)
        return _only(item, Basis.TRACE, traced) if traced else found

    def _by_names(self, item: Item, fits: Callable[[_Spot], bool]) -> Match | Quarantined:
        traced, crowd_traced = self._traced(item, fits)
        named, crowd_named = _fitting([self._by_reference.get(each, []) for each in item.references], fits)
        if (crowd_traced and not (named and not crowd_named)) or (crowd_named and not traced):
            return _quarantined(item, Reason.AMBIGUOUS, [*traced, *named])
        if traced or crowd_traced:
            about = self._about(item, fits, named if crowd_traced else traced)
            if not about:
                return _quarantined(item, Reason.SEVERAL, [*traced, *named])
            traced = [spot for spot in traced if spot.sent.about in about]
            if crowd_traced:
                wanted = frozenset(item.traces)
                both = [
                    spot
                    for spot in named
                    if spot.sent.about in about and any(wanted & {each, each.bare()} for each in _traces(spot))
                ]
            else:
                both = [spot for spot in traced if spot.transaction and spot.transaction.reference in item.references]
            if (named or crowd_named) and not both:
                return _quarantined(item, Reason.CONTRADICTION, [*traced, *named])
            return self._one(item, Basis.TRACE, both or traced)
        advises = item.what is What.ADVICE
        ours = [spot for spot in named if self._is_between(spot.sent) or (advises and self._acknowledges(spot.sent))]
        if not ours:
            return _quarantined(item, Reason.OTHER_PARTIES if named else Reason.UNKNOWN, named)
        originators = {trace.originator for spot in ours for trace in _traces(spot) if trace.originator}
        if any(trace.originator in originators for trace in item.traces) and item.guide[:_FAMILY] == "005010X217":
            return _quarantined(item, Reason.CONTRADICTION, ours)
        return self._one(item, Basis.REFERENCE, ours)

    def _one(self, item: Item, by: Basis, spots: Sequence[_Spot]) -> Match | Quarantined:
        """Names do not begin again as numbers do: one that is found alone is meant, whatever day the answer says."""
        earlier = _narrowed(list(spots), lambda spot: not self._is_later(spot))
        between = _narrowed(earlier, lambda spot: spot.sent.between == self._arrival.between)
        return _only(item, by, _narrowed(between, self._is_near))

    def _traced(self, item: Item, fits: Callable[[_Spot], bool]) -> tuple[list[_Spot], bool]:
        """Who sent one of these traces: its number under its originator, unless the answer does not say whose it is."""
        return _fitting([self._by_trace.get(told, []) for told in item.traces], fits)

    def _about(self, item: Item, fits: Callable[[_Spot], bool], found: Sequence[_Spot]) -> set[str]:
        """The cases of what was found that sent all of these traces, of those that anybody sent: BHT03 may decide
        between messages of one case, and never between cases, for each would be told what is the other's."""
        about = {spot.sent.about for spot in found}
        for told in item.traces:
            same, crowd = _fitting([self._by_trace.get(told, [])], fits)
            if same and not crowd:
                about &= {spot.sent.about for spot in same}
        return about

    def _is_between(self, sent: Sent) -> bool:
        return sent.between == self._arrival.between

    def _acknowledges(self, sent: Sent) -> bool:
        """True for what came from somebody who acknowledges this under an id of its own, to who sent it."""
        came = Party(self._arrival.qualifier, self._arrival.seen.sender)
        return came in sent.acknowledged_by and self._arrival.seen.receiver == sent.sender

    def _is_later(self, spot: _Spot) -> bool:
        sent, came = day_of(spot.sent.day), day_of(self._arrival.seen.day)
        return sent is not None and came is not None and (sent - came).days > _SLACK

    def _is_near(self, spot: _Spot) -> bool:
        days = days_between(spot.sent.day, self._arrival.seen.day)
        return days is None or days <= WITHIN


def _fitting(named: Iterable[list[_Spot]], fits: Callable[[_Spot], bool]) -> tuple[list[_Spot], bool]:
    """Who has one of several names, and fits; and whether one is a name of so many that not all were looked at."""
    found: dict[Place, _Spot] = {}
    crowd = False
    for spots in named:
        crowd = crowd or len(spots) > MOST_CANDIDATES
        found |= {spot.place: spot for spot in spots[:MOST_CANDIDATES] if fits(spot)}
    return list(found.values()), crowd


def _place(sent: Sent, group: int | None = None) -> Place:
    return Place(sent.key, group, None, sent.count)


def _narrowed(spots: list[_Spot], is_fit: Callable[[_Spot], bool]) -> list[_Spot]:
    """Those of several that fit better; all where there is one, or none does."""
    return [spot for spot in spots if is_fit(spot)] or spots if len(spots) > 1 else spots


def _only(item: Item, by: Basis, spots: Sequence[_Spot]) -> Match | Quarantined:
    if len(spots) == 1:
        return Match(item, spots[0].place, by)
    return _quarantined(item, Reason.AMBIGUOUS, spots)


def _quarantined(item: Item, reason: Reason, spots: Sequence[_Spot]) -> Quarantined:
    return Quarantined(item, reason, tuple(sorted({spot.place for spot in spots[:MOST_CANDIDATES]}, key=repr)))


def _transactions(spot: _Spot) -> tuple[SentTransaction, ...]:
    return spot.group.transactions if spot.group else ()


def _traces(spot: _Spot) -> tuple[Trace, ...]:
    return spot.transaction.traces if spot.transaction else ()


def _fits_group(group: SentGroup, item: Item) -> bool:
    kind = not item.group_kind or group.kind == item.group_kind
    return kind and (item.what is What.ADVICE or _same_guide(group.version, item.version))


def _is_kind(spot: _Spot, item: Item) -> bool:
    sent = spot.transaction
    return sent is not None and item.kind in ("", sent.kind) and _same_guide(sent.guide, item.guide)


def _is_answered(spot: _Spot, item: Item) -> bool:
    """Whoever sends answers too has the names of others in them: what they say belongs to no answer."""
    sent = spot.transaction
    if sent is None or sent.kind != item.kind or not _same_guide(sent.guide[:_FAMILY], item.guide[:_FAMILY]):
        return False
    return _asks(spot) or sent.guide.startswith(_NOTICE)


def _asks(spot: _Spot) -> bool:
    return spot.transaction is not None and spot.transaction.kind == "278" and spot.transaction.purpose in _ASKS


def _same_guide(ours: str, told: str) -> bool:
    """A guide that is left out, cut short (005010), or has its errata behind it, is no other."""
    return ours.startswith(told) or told.startswith(ours)
