"""Reads what was decided of each line: its own word, else the event's, with quantity, dates, site, provider, number.

Every line of ours gets a result; a service that is none of ours gets one too, without a line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from pydantic import ValidationError

from adapters.x12_278.asked import Asked
from adapters.x12_278.interchange import Value
from adapters.x12_278.loops import Event, Loop
from adapters.x12_278.matching import code_values, codes_in, codes_known, match_lines
from adapters.x12_278.periods import fitted, period_of
from adapters.x12_278.quantities import Grant, granted, quantity_of, together, weighed
from adapters.x12_278.reading import Reading
from adapters.x12_278.refusals import refusals_in
from adapters.x12_278.verdicts import GRANTED, Request, Verdict, requests_in, verdict_of
from gateway.model.outcome import ApprovedQuantity, LineResult
from gateway.model.reasons import Reason
from gateway.model.request import CodeSystem, Line, ServiceCode
from gateway.model.status import LineOutcome

_HCPCS = re.compile(r"[A-V][0-9]{4}")
_PLACE = re.compile(r"[0-9]{2}")
_NPI = re.compile(r"[0-9]{10}")
_GIVES = ("SJ", "1T", "DD", "FA", "QB", "QV", "77")
"""NM101 of who gives the service, the most telling first."""


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
        self.refused = False
        """True when some service could not be processed."""
        self._asked_above = bool(self.requests)
        self._replaced: set[int] = set()
        """Places of our lines whose trace came back with another code."""
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
            word.outcome is LineOutcome.NOT_CERTIFIED and [given.reason.code for given in word.reasons] == ["25"]
            for word in words
        )

    def read(self) -> None:
        """Fill ``results`` and ``requests``: services in the answer's order, then our lines it does not name."""
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
        places, unclear = match_lines(self.event.services, self.asked)
        if unclear:
            self.reading.doubt("a service in the answer could be any of several lines")
        for service, place in zip(self.event.services, places, strict=True):
            codes = codes_in(service)
            if place is not None and codes and not codes & codes_known(self.asked.request.lines[place]):
                # The trace is ours and the service is not: what was decided is not what was asked.
                self.reading.doubt("a service in the answer has another code than its line")
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
        period = period_of(service, self.event.loop, ours, self.reading) if outcome in GRANTED else None
        outcome = fitted(weighed(outcome, grant), [period], ours, self.reading)
        certified = outcome in GRANTED
        self.results.append(
            LineResult(
                line=line,
                outcome=outcome,
                code=self._code(at, service),
                quantity=self._quantity(at, grant),
                period=period.told(f"{at}/period", self.reading) if period and certified else None,
                place_of_service=self._place(at, service) if certified else None,
                provider_npi=self._provider(at, service) if certified else None,
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
            outcome = fitted(outcome, periods, ours, self.reading)
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
        period = period_of(None, self.event.loop, ours, self.reading) if outcome in GRANTED else None
        outcome = fitted(weighed(outcome, grant), [period], ours, self.reading)
        certified = outcome in GRANTED
        self.results.append(
            LineResult(
                line=line,
                outcome=outcome,
                quantity=self._quantity(at, grant),
                period=period.told(f"{at}/period", self.reading) if period and certified else None,
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

    def _code(self, at: str, service: Loop) -> ServiceCode | None:
        for qualifier, value in code_values(service):
            if qualifier == "HC":
                system = CodeSystem.HCPCS if _HCPCS.fullmatch(value.text.upper()) else CodeSystem.CPT
            elif qualifier in ("N4", "RB"):
                system = CodeSystem.NDC if qualifier == "N4" else CodeSystem.REVENUE
            else:
                continue
            try:
                code = ServiceCode(system=system, code=value.text)
            except ValidationError:
                continue
            self.reading.keep(f"{at}/code", service.name, value)
            return code
        return None

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

    def _place(self, at: str, service: Loop) -> str | None:
        """UM04 with qualifier B: a CMS place of service."""
        for loop in (service, self.event.loop):
            um = loop.first("UM")
            parts: Sequence[Value | None] = um.components(4) if um else ()
            if len(parts) > 1 and parts[0] and parts[1] and parts[1].text == "B" and _PLACE.fullmatch(parts[0].text):
                self.reading.keep(f"{at}/place_of_service", loop.name, parts[0])
                return parts[0].text
        return None

    def _provider(self, at: str, service: Loop) -> str | None:
        for loop in (service, self.event.loop):
            names = {party.segments[0].text(1): party for party in reversed(loop.parties)}
            for entity in _GIVES:
                npi = names[entity].segments[0].value(9) if entity in names else None
                if npi and names[entity].segments[0].text(8) == "XX" and _NPI.fullmatch(npi.text):
                    self.reading.keep(f"{at}/provider_npi", names[entity].name, npi)
                    return npi.text
        return None
