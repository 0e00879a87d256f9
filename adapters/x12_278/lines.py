"""Reads what was decided of each line: its own word, else the event's, with quantity, dates, site, provider, number.

Every line of ours gets a result; a service that is none of ours gets one too, without a line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType

from pydantic import ValidationError

from adapters.x12_278.asked import Asked
from adapters.x12_278.interchange import Segment, Value
from adapters.x12_278.loops import Event, Loop
from adapters.x12_278.matching import code_values, codes_in, codes_sent, match_lines
from adapters.x12_278.reading import Reading
from adapters.x12_278.refusals import refusals_in
from adapters.x12_278.verdicts import GRANTED, Request, Verdict, requests_in, verdict_of
from gateway.model.outcome import ApprovedQuantity, LineResult, Span
from gateway.model.reasons import Reason
from gateway.model.request import CodeSystem, ServiceCode
from gateway.model.status import LineOutcome

_UNITS = MappingProxyType(
    {"UN": "units", "MJ": "minutes", "F2": "international_units", "DA": "days", "DY": "days", "VS": "visits"}
)
"""SV103, SV204 and HSD01; a unit that is not here keeps its code."""
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_HCPCS = re.compile(r"[A-V][0-9]{4}")
_PLACE = re.compile(r"[0-9]{2}")
_NPI = re.compile(r"[0-9]{10}")
EVENT_DATES = ("007", "AAH", "435", "472")
_CERTIFIED = ("007",)
_GIVEN = ("472",)
_GIVES = ("SJ", "1T", "DD", "FA", "QB", "QV", "77")
"""NM101 of who gives the service, the most telling first."""


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

    def decided(self) -> bool:
        """True when the payer said a word about the event or any service."""
        return self.verdict is not None or any(self.verdicts)

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
        for index, place in enumerate(places):
            alone = place is not None and len(answered[place]) == 1
            self._add_service(index, ids[place] if alone and place is not None else None)
        for place, line in enumerate(ids):
            if len(answered[place]) > 1:
                self._add_line_of_many(line, answered[place])
            elif not answered[place]:
                self._add_unnamed(line)

    def _matched(self) -> tuple[list[str], list[int | None]]:
        if self.asked is None:
            return [], [None] * len(self.event.services)
        places, unclear = match_lines(self.event.services, self.asked)
        if unclear:
            self.reading.doubt("a service in the answer could be any of several lines")
        for service, place in zip(self.event.services, places, strict=True):
            codes = codes_in(service)
            if place is not None and codes and not codes & codes_sent(self.asked.request.lines[place]):
                # The trace is ours and the service is not: what was decided is not what was asked.
                self.reading.doubt("a service in the answer has another code than its line")
        return [line.id for line in self.asked.request.lines], places

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
        granted = outcome in GRANTED
        self.results.append(
            LineResult(
                line=line,
                outcome=outcome,
                code=self._code(at, service),
                quantity=self._quantity(at, service) if granted else None,
                period=self._period(at, service) if granted else None,
                place_of_service=self._place(at, service) if granted else None,
                provider_npi=self._provider(at, service) if granted else None,
                authorization_number=self._number(at, verdict) if granted else None,
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
        self.reading.doubt("several services in the answer are one line of the request")
        self.results.append(LineResult(line=line, outcome=outcome, reasons=tuple(reasons)))

    def _add_unnamed(self, line: str) -> None:
        """A line that the answer does not name has the event's word, if there is one."""
        at = f"/lines/{len(self.results)}"
        outcome, reasons = self._say(at, self.verdict, False)
        granted = outcome in GRANTED
        self.results.append(
            LineResult(
                line=line,
                outcome=outcome,
                period=self._period(at, None) if granted else None,
                authorization_number=self._number(at, None) if granted else None,
                reasons=tuple(reasons),
            )
        )

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
        return outcome, [given.reason for given in word.reasons]

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

    def _quantity(self, at: str, service: Loop) -> ApprovedQuantity | None:
        """SV1 or SV2, else HSD; the event's HSD where the event is this one service."""
        places: list[tuple[Loop, Segment | None, int, int]] = [
            (service, service.first("SV1"), 4, 3),
            (service, service.first("SV2"), 5, 4),
            (service, service.first("HSD"), 2, 1),
        ]
        if len(self.event.services) == 1:
            places.append((self.event.loop, self.event.loop.first("HSD"), 2, 1))
        for loop, segment, amount, unit in places:
            value = segment.value(amount) if segment else None
            measure = segment.value(unit) if segment else None
            if value is None or measure is None:
                continue
            if not _AMOUNT.fullmatch(value.text):
                self.reading.doubt(f"{value.label} of segment {value.segment} is not a quantity")
                continue
            self.reading.keep(f"{at}/quantity/value", loop.name, value)
            self.reading.keep(f"{at}/quantity/unit", loop.name, measure)
            return ApprovedQuantity(value=Decimal(value.text), unit=_UNITS.get(measure.text, measure.text))
        return None

    def _period(self, at: str, service: Loop | None) -> Span | None:
        """Dates of the certification (007, 036), the service's own first, before dates of the service (472): payers
        repeat the dates that were asked for, and certify fewer."""
        event = self.event.loop
        for loop, qualifiers in ((service, _CERTIFIED), (event, _CERTIFIED), (service, _GIVEN), (event, EVENT_DATES)):
            found = self.reading.period(loop, qualifiers) if loop else None
            if loop and found:
                return self.reading.span(f"{at}/period", loop.name, found)
        return None

    def _place(self, at: str, service: Loop) -> str | None:
        """UM04 with qualifier B: a CMS place of service."""
        for loop in (service, self.event.loop):
            um = loop.first("UM")
            parts: list[Value | None] = um.components(4) if um else []
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
