"""Reads what was decided of each line: its own word, else the event's, with quantity, dates, site, provider, number.

Every line of ours gets a result; a service that is none of ours gets one too, without a line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from adapters.x12_278.asked import Asked
from adapters.x12_278.loops import Event, Loop
from adapters.x12_278.pairs import match_lines
from adapters.x12_278.periods import fitted, period_of
from adapters.x12_278.procedures import procedure_of, service_code, why_another
from adapters.x12_278.quantities import Grant, granted, quantity_of, together, weighed
from adapters.x12_278.reading import Reading
from adapters.x12_278.refusals import refusals_in
from adapters.x12_278.sites import Site, Sites, placed
from adapters.x12_278.verdicts import GRANTED, Request, Verdict, requests_in, verdict_of
from gateway.model.outcome import ApprovedQuantity, LineResult
from gateway.model.reasons import Reason
from gateway.model.request import Line, ServiceCode
from gateway.model.status import LineOutcome


def _refused(service: Loop) -> bool:
    return any(part.first("AAA") for part in (service, *service.parties))


class Lines:
    """The lines of an answer in the making."""

    def __init__(self, event: Event, verdict: Verdict | None, asked: Asked | None, reading: Reading) -> None:
        self.event = event
        self.verdict = verdict
        self.asked = asked
        self.reading = reading
        self.results: list[LineResult] = []
        self.requests: list[Request] = requests_in(event.loop, None, verdict, asked, reading)
        self.verdicts = [verdict_of(service, reading) for service in event.services]
        self._sites = Sites(event.loop, asked.request if asked else None)
        self._procedures = [procedure_of(service) for service in event.services]
        self.refused = False
        """True when some service could not be processed."""
        self._asked_above = bool(self.requests)
        self._replaced: set[int] = set()
        """Places of our lines whose trace came back with another code, or other modifiers."""
        self._strangers = False
        """True when some service is no line of ours that can be told."""
        self._withheld = False
        """True when nothing but the event says that documents are wanted before the services are granted."""

    def decided(self) -> bool:
        """True when the payer said a word about the event or any service."""
        return self.verdict is not None or any(self.verdicts)

    def unsaid(self) -> int:
        """How many lines of ours no service with a word of its own stands for."""
        ids, places = self._matched()
        return len(ids) - len({place for place, word in zip(places, self.verdicts, strict=True) if word} - {None})

    def unconsidered(self) -> bool:
        """True when all that is said is A3 with 25: not considered, because of errors elsewhere (X12 RFI 2477)."""
        words = [word for word in (self.verdict, *self.verdicts) if word]
        return all(
            word.said is LineOutcome.NOT_CERTIFIED and {given.reason.code for given in word.reasons} == {"25"}
            for word in words
        )

    def read(self) -> None:
        """Fill ``results`` and ``requests``: services in the answer's order, then our lines it does not name."""
        if any(tag.startswith("SV") for tag in self.event.loop.tags()):
            self.reading.doubt("the event names a service outside of every service level")
        ids, places = self._matched()
        answered: dict[int, list[int]] = defaultdict(list)
        for index, place in enumerate(places):
            if place is not None:
                answered[place].append(index)
        self._strangers = None in places
        self._withheld = self._waits(len(answered) < len(ids))
        for index, place in enumerate(places):
            alone = place is not None and len(answered[place]) == 1
            self._add_service(index, ids[place] if alone and place is not None else None)
        for place, line in enumerate(ids):
            if len(answered[place]) > 1:
                self._add_line_of_many(line, answered[place])
            elif not answered[place]:
                self._add_unnamed(line, place in self._replaced)

    def _waits(self, unnamed: bool) -> bool:
        """True when the event is pended for documents, and no line is by a word of its own or for want of one."""
        if not (self.verdict and self.verdict.outcome is LineOutcome.PENDING and self._asked_above) or unnamed:
            return False
        said = zip(self.event.services, self.verdicts, strict=True)
        return all(word.outcome is not LineOutcome.PENDING if word else _refused(service) for service, word in said)

    def _matched(self) -> tuple[list[str], list[int | None]]:
        if self.asked is None:
            return [], [None] * len(self.event.services)
        places, unclear = match_lines(self.event.services, self._procedures, self.asked)
        if unclear:
            self.reading.doubt("a service in the answer could be any of several lines, or none")
        for procedure, place in zip(self._procedures, places, strict=True):
            why = why_another(procedure, self.asked.request.lines[place]) if place is not None else None
            if place is not None and why:
                # The trace is ours and the service is not: what was decided is not what was asked.
                self.reading.doubt(why)
                self._replaced.add(place)
        matched = [None if place in self._replaced else place for place in places]
        return [line.id for line in self.asked.request.lines], matched

    def _add_service(self, index: int, line: str | None) -> None:
        service, verdict = self.event.services[index], self.verdicts[index]
        at = f"/lines/{len(self.results)}"
        # A reason that wants documents asks for nothing more where the event has named them.
        requests = requests_in(service, line, None if self._asked_above else verdict, self.asked, self.reading)
        self.requests.extend(requests)
        refusals = refusals_in([service], self.reading)
        word = verdict or (None if refusals else self.verdict)
        if refusals and verdict is None:
            # The payer could not process this one; what it said of the event is not said of it.
            self.refused = True
            self.reading.keep(f"{at}/outcome", refusals[0].loop, refusals[0].given.code)
            outcome = LineOutcome.UNKNOWN
            reasons: list[Reason] = []
        else:
            outcome, reasons = self._say(at, word, bool(requests))
        if refusals and outcome in GRANTED:
            self.reading.doubt("the payer grants a service and says that it could not process it")
        for refusal in refusals:
            self.reading.keep_reason(f"{at}/reasons/{len(reasons)}", refusal.loop, refusal.given)
            reasons.append(refusal.given.reason)
        ours = self._asked_for(line)
        grant = self._grant(service, ours) if outcome in GRANTED else Grant()
        site = self._sites.of(service, ours) if outcome in GRANTED else Site()
        period = period_of(service, self.event.loop, ours, self.reading) if outcome in GRANTED else None
        outcome = placed(fitted(weighed(outcome, grant), [period], ours, self.reading), [site])
        if not self._procedures[index].legible:
            self.reading.doubt("the code of a service in the answer cannot be read")
            outcome = LineOutcome.UNKNOWN if outcome in GRANTED else outcome
        certified = outcome in GRANTED
        self.results.append(
            LineResult(
                line=line,
                outcome=outcome,
                code=self._code(at, index),
                quantity=self._quantity(at, grant),
                period=period.told(f"{at}/period", self.reading) if period and certified else None,
                place_of_service=site.place_at(at, self.reading) if certified else None,
                provider_npi=site.provider_at(at, self.reading) if certified else None,
                authorization_number=self._number(at, verdict) if certified else None,
                reasons=tuple(reasons),
            )
        )

    def _add_line_of_many(self, line: str, indexes: Sequence[int]) -> None:
        """A line that several services answer: their details stand with them, the line says what they agree on."""
        words = [self.verdicts[index] or self.verdict for index in indexes]
        at = f"/lines/{len(self.results)}"
        outcome, reasons = self._say(at, words[0], False)
        if any(word is None or words[0] is None or word.outcome is not words[0].outcome for word in words):
            outcome = LineOutcome.UNKNOWN
        if outcome in GRANTED:
            ours = self._asked_for(line)
            services = [self.event.services[index] for index in indexes]
            total = together([self._grant(service, ours) for service in services], ours)
            periods = [period_of(service, self.event.loop, ours, self.reading) for service in services]
            nothing = any(self.results[index].outcome is LineOutcome.UNKNOWN for index in indexes)
            outcome = LineOutcome.UNKNOWN if nothing else weighed(outcome, total)
            sites = [self._sites.of(service, ours) for service in services]
            outcome = placed(fitted(outcome, periods, ours, self.reading), sites)
        self.reading.doubt("several services in the answer are one line of the request")
        self.results.append(LineResult(line=line, outcome=outcome, reasons=tuple(reasons)))

    def _add_unnamed(self, line: str, replaced: bool) -> None:
        """A line that the answer does not name has the event's word, if there is one. But a grant of the event is not
        one of this line where a service is granted that nobody asked for: that may stand in its place."""
        at = f"/lines/{len(self.results)}"
        if replaced:
            self.results.append(LineResult(line=line, outcome=LineOutcome.UNKNOWN))
            return
        outcome, reasons = self._say(at, self.verdict, False)
        if outcome in GRANTED and self._strangers:
            self.reading.doubt("the answer names a service that is none of ours, and not every line of ours")
            outcome = LineOutcome.UNKNOWN
        ours = self._asked_for(line)
        grant = self._grant(None, ours) if outcome in GRANTED else Grant()
        site = self._sites.of(None, ours) if outcome in GRANTED else Site()
        period = period_of(None, self.event.loop, ours, self.reading) if outcome in GRANTED else None
        outcome = placed(fitted(weighed(outcome, grant), [period], ours, self.reading), [site])
        certified = outcome in GRANTED
        self.results.append(
            LineResult(
                line=line,
                outcome=outcome,
                quantity=self._quantity(at, grant),
                period=period.told(f"{at}/period", self.reading) if period and certified else None,
                place_of_service=site.place_at(at, self.reading) if certified and site.other else None,
                provider_npi=site.provider_at(at, self.reading) if certified and site.other else None,
                authorization_number=self._number(at, None) if certified else None,
                reasons=tuple(reasons),
            )
        )

    def _asked_for(self, line: str | None) -> Line | None:
        lines = self.asked.request.lines if self.asked else ()
        return next((ours for ours in lines if ours.id == line), None)

    def _say(self, at: str, word: Verdict | None, asks: bool) -> tuple[LineOutcome, list[Reason]]:
        """The outcome and reasons that a word gives a line. A word nobody has said, or knows, is for a person."""
        if word is None:
            self.reading.doubt("the answer leaves a line without a word")
            return LineOutcome.UNKNOWN, []
        self.reading.keep(f"{at}/outcome", word.loop, word.value)
        for count, given in enumerate(word.reasons):
            self.reading.keep_reason(f"{at}/reasons/{count}", word.loop, given)
        outcome = word.outcome
        if outcome is LineOutcome.UNKNOWN:
            self.reading.doubt("the payer's word for a line does not decide it")
        if outcome is LineOutcome.PENDING and (asks or word.asks or self._asked_above):
            outcome = LineOutcome.INFO_REQUESTED
        if self.verdict and word is not self.verdict:
            outcome = self._under_event(at, outcome, self.verdict)
        return outcome, [given.reason for given in word.reasons]

    def _under_event(self, at: str, outcome: LineOutcome, event: Verdict) -> LineOutcome:
        """What a service's own word comes to under an event that takes something of it back."""
        under = outcome
        modified = LineOutcome.CERTIFIED_MODIFIED
        if outcome in GRANTED and self._withheld:
            under = LineOutcome.INFO_REQUESTED
        elif outcome is LineOutcome.CERTIFIED and event.outcome is modified:
            # Where another service says A6 itself, that is the change the event speaks of.
            under = outcome if any(word and word.outcome is modified for word in self.verdicts) else modified
        if under is not outcome:
            self.reading.keep(f"{at}/outcome", event.loop, event.value)
        return under

    def _number(self, at: str, verdict: Verdict | None) -> str | None:
        """HCR02 of the service, else of the event."""
        for word in (verdict, self.verdict):
            if word and word.number and word.authorizes():
                self.reading.keep(f"{at}/authorization_number", word.loop, word.number)
                return word.number.text
        return None

    def _code(self, at: str, index: int) -> ServiceCode | None:
        found = service_code(self._procedures[index])
        if found is None:
            return None
        code, value = found
        self.reading.keep(f"{at}/code", self.event.services[index].name, value)
        return code

    def _grant(self, service: Loop | None, line: Line | None) -> Grant:
        """What the service grants; the event's quantity counts too where the event is this one service."""
        loops = [service] if service else []
        asked = len(self.asked.request.lines) if self.asked else 0
        if len(self.event.services) == 1 if service else not self.event.services and asked == 1:
            loops.append(self.event.loop)
        return granted(loops, line, self.reading)

    def _quantity(self, at: str, grant: Grant) -> ApprovedQuantity | None:
        amount = grant.amount
        quantity = quantity_of(amount) if amount else None
        if amount is None or amount.unit is None or quantity is None:
            return None
        self.reading.keep(f"{at}/quantity/value", amount.loop, amount.value)
        self.reading.keep(f"{at}/quantity/unit", amount.loop, amount.unit)
        return quantity
