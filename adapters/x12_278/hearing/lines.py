"""Reads what was decided of each line: its own word, else the event's, with quantity, dates, site, provider, number.

Every line of ours gets a result; a service that is none of ours gets one too, without a line. One that is several
lines (a payer that merged them) gives its word to each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.loops import Event
from adapters.x12_278.hearing.pairs import Match, Service, match_lines
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.hearing.refusals import refusals_in
from adapters.x12_278.hearing.terms.granted import Granting, Terms
from adapters.x12_278.hearing.terms.procedures import names, procedure_of, service_code, why_another
from adapters.x12_278.hearing.verdicts import CHANGES, GRANTED, Request, Verdict, find_numbers, requests_in, verdicts_of
from adapters.x12_278.hearing.words import Words
from gateway.model.outcome import LineResult
from gateway.model.reasons import Reason
from gateway.model.request import Line, ServiceCode
from gateway.model.status import LineOutcome


class Lines:
    """The lines of an answer in the making."""

    def __init__(self, event: Event, verdict: Verdict | None, asked: Asked | None, reading: Reading) -> None:
        self.event = event
        self.verdict = verdict
        self.asked = asked
        self.reading = reading
        self.results: list[LineResult] = []
        self.requests: list[Request] = requests_in(event.loop, None, verdict, asked, reading)
        self.verdicts = verdicts_of(event.services, verdict, reading, asked)
        if asked:
            find_numbers([(event.loop, verdict), *zip(event.services, self.verdicts, strict=True)], asked)
        self.words = Words(verdict, self.verdicts, event.services, asked)
        self._lines = asked.request.lines if asked else ()
        self._granting = Granting(event, asked, reading)
        self._procedures = [procedure_of(service) for service in event.services]
        self.refused = False
        """True when some service could not be processed."""
        self._asked_above = bool(self.requests)
        self._replaced: set[int] = set()
        """Places of our lines whose trace came back with another code, or other modifiers."""
        self._match = Match([], [], {})
        self._answers: list[list[LineResult]] = []
        self._split: set[int] = set()
        """Places of our lines that several services are."""
        self._strangers = False
        """True when some service is no line of ours that can be told."""
        self._withheld = False
        """True when nothing but the event says that documents are wanted before the services are granted."""
        self._in_part: LineOutcome | None = None

    def decided(self) -> bool:
        """True when the payer said a word about the event or any service."""
        return bool(self.words.all())

    def unsaid(self) -> int:
        """How many lines of ours no service with a word of its own stands for."""
        match = self._matched()
        said = {place for places, word in zip(match.places, self.verdicts, strict=True) if word for place in places}
        return len(self._lines) - len(said)

    def answers(self, index: int) -> Sequence[LineResult]:
        """The results that a service of the event has; none in a cancellation."""
        return self._answers[index] if self._answers else ()

    def named(self, index: int) -> dict[str | None, bool]:
        """The lines that a service is, and whether another service is that line too."""
        return {self._lines[place].id: place in self._split for place in self._match.places[index]}

    def read(self, in_part: LineOutcome | None = None) -> None:
        """Fill ``results`` and ``requests``: services in the answer's order, then our lines it does not name.
        ``in_part`` is what a grant comes to under an event that certifies a part and does not say which."""
        self._in_part = in_part
        if any(tag.startswith("SV") for tag in self.event.loop.tags()):
            self.reading.doubt("the event names a service outside of every service level")
        self._match = self._matched()
        answered: dict[int, list[int]] = defaultdict(list)
        for index, places in enumerate(self._match.places):
            for place in places:
                answered[place].append(index)
        self._split = {place for place, indexes in answered.items() if len(indexes) > 1}
        self._strangers = () in self._match.places
        self._withheld = self._waits(len(answered) < len(self._lines))
        for index, places in enumerate(self._match.places):
            alone = [self._lines[place] for place in places if place not in self._split]
            before = len(self.results)
            for line in alone or (None,):
                self._add_service(index, line)
            self._answers.append(self.results[before:])
        for place, line in enumerate(self._lines):
            if place in self._split:
                self._add_line_of_many(line, answered[place])
            elif not answered[place]:
                self._add_unnamed(line, place)
        if self.asked is None and not self.event.services:
            self._add_unnamed(None, 0)  # as it would be at each line of whoever asked

    def _waits(self, unnamed: bool) -> bool:
        """True when the event is pended for documents, and no line is by a word of its own or for want of one."""
        pended = self.verdict is not None and self.verdict.outcome is LineOutcome.PENDING
        return pended and self._asked_above and not unnamed and not self.words.explained()

    def _matched(self) -> Match:
        if self.asked is None:
            return Match([()] * len(self.event.services), [], {})
        words = [verdict or self.verdict for verdict in self.verdicts]
        match = match_lines(
            [
                Service(loop, procedure, word, self.words.may_change(word))
                for loop, procedure, word in zip(self.event.services, self._procedures, words, strict=True)
            ],
            self.asked,
        )
        if match.unclear:
            self.reading.doubt("a service in the answer could be any of several lines, or none")
        for procedure, places in zip(self._procedures, match.places, strict=True):
            why = why_another(procedure, *(self._lines[place] for place in places)) if places else None
            if why:
                # The trace is ours and the service is not: what was decided is not what was asked.
                self.reading.doubt(why)
                self._replaced.update(places)
        ours = [tuple(place for place in places if place not in self._replaced) for places in match.places]
        return match._replace(places=ours)

    def _add_service(self, index: int, ours: Line | None) -> None:
        service, verdict = self.event.services[index], self.verdicts[index]
        line, shared = ours.id if ours else None, self._shared(index)
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
            outcome, reasons = self._say(at, [word], ours, bool(requests))
        if refusals and outcome in GRANTED:
            self.reading.doubt("the payer grants a service and says that it could not process it")
        for refusal in refusals:
            self.reading.keep_reason(f"{at}/reasons/{len(reasons)}", refusal.loop, refusal.given)
            reasons.append(refusal.given.reason)
        if ours and shared and outcome in GRANTED and not names(self._procedures[index], ours):
            self.reading.doubt("a service grants several lines, and does not name the code of each")
            outcome = LineOutcome.UNKNOWN
        terms = self._granting.terms(service, ours, shared) if outcome in GRANTED else Terms()
        outcome = self._granting.weigh(outcome, [terms], ours)
        if not self._procedures[index].legible:
            self.reading.doubt("the code of a service in the answer cannot be read")
            outcome = LineOutcome.UNKNOWN if outcome in GRANTED else outcome
        certified = outcome in GRANTED
        self.results.append(
            LineResult(
                line=line,
                outcome=outcome,
                code=self._code(at, index),
                quantity=terms.quantity(at, self.reading),
                period=terms.period.told(f"{at}/period", self.reading) if terms.period and certified else None,
                place_of_service=terms.site.place_at(at, self.reading) if certified else None,
                provider_npi=terms.site.provider_at(at, self.reading) if certified else None,
                authorization_number=self._number(at, verdict) if certified else None,
                reasons=tuple(reasons),
            )
        )

    def _shared(self, index: int) -> Sequence[Line]:
        """The lines of a service that is several."""
        places = self._match.places[index]
        return [self._lines[place] for place in places] if len(places) > 1 else []

    def _add_line_of_many(self, ours: Line, indexes: Sequence[int]) -> None:
        """A line that several services answer: their details stand with them, the line says what they agree on."""
        words = [self.verdicts[index] or self.verdict for index in indexes]
        at = f"/lines/{len(self.results)}"
        outcome, reasons = self._say(at, words, ours)
        if any(word is None or words[0] is None or word.outcome is not words[0].outcome for word in words):
            outcome = LineOutcome.UNKNOWN
        if outcome in GRANTED:
            results = [result for index in indexes for result in self.answers(index)]
            nothing = any(result.outcome is LineOutcome.UNKNOWN for result in results)
            if nothing or any(self._shared(index) for index in indexes):
                outcome = LineOutcome.UNKNOWN
            else:
                terms = [self._granting.terms(self.event.services[index], ours) for index in indexes]
                outcome = self._granting.weigh(outcome, terms, ours)
        self.reading.doubt("several services in the answer are one line of the request")
        self.results.append(LineResult(line=ours.id, outcome=outcome, reasons=tuple(reasons)))

    def _add_unnamed(self, ours: Line | None, place: int) -> None:
        """A line that the answer does not name has the event's word, if there is one. But a grant of the event is not
        one of this line where a service is granted that nobody asked for: that may stand in its place."""
        at, line = f"/lines/{len(self.results)}", ours.id if ours else None
        if place in self._replaced or self._is_unclear(place):
            self.results.append(LineResult(line=line, outcome=LineOutcome.UNKNOWN, named=False))
            return
        outcome, reasons = self._say(at, [self.verdict], ours)
        if outcome in GRANTED and self._strangers:
            self.reading.doubt("the answer names a service that is none of ours, and not every line of ours")
            outcome = LineOutcome.UNKNOWN
        terms = self._granting.terms(None, ours) if outcome in GRANTED else Terms()
        outcome = self._granting.weigh(outcome, [terms], ours)
        certified = outcome in GRANTED
        self.results.append(
            LineResult(
                line=line,
                outcome=outcome,
                # An event without services whose one line this is speaks of this line.
                named=len(self._lines) == 1 and not self.event.services,
                quantity=terms.quantity(at, self.reading),
                period=terms.period.told(f"{at}/period", self.reading) if terms.period and certified else None,
                place_of_service=terms.site.place_at(at, self.reading) if certified and terms.site.other else None,
                provider_npi=terms.site.provider_at(at, self.reading) if certified and terms.site.other else None,
                authorization_number=self._number(at, None) if certified else None,
                reasons=tuple(reasons),
            )
        )

    def _is_unclear(self, place: int) -> bool:
        """True when a service that could be this line says otherwise than the event."""
        above = self.verdict.outcome if self.verdict else None
        words = [self.verdicts[index] or self.verdict for index in self._match.rivals.get(place, ())]
        return any(word is None or word.outcome is not above for word in words)

    def _say(
        self, at: str, words: Sequence[Verdict | None], line: Line | None, asks: bool = False
    ) -> tuple[LineOutcome, list[Reason]]:
        """The outcome and reasons that a word gives a line, the first of those of several services. One that nobody has
        said, or knows, is for a person, and so is one that is said of a part."""
        word = words[0]
        if word is None:
            self.reading.doubt("the answer leaves a line without a word")
            return LineOutcome.UNKNOWN, []
        self.reading.keep(f"{at}/outcome", word.loop, word.value)
        for count, given in enumerate(word.reasons):
            self.reading.keep_reason(f"{at}/reasons/{count}", word.reasoned or word.loop, given)
        outcome = word.outcome
        if outcome is LineOutcome.UNKNOWN:
            self.reading.doubt("the payer's word for a line does not decide it")
        if outcome is LineOutcome.PENDING and (asks or word.asks or self._asked_above):
            outcome = LineOutcome.INFO_REQUESTED
        if self.verdict and word is not self.verdict:
            outcome = self._under_event(at, outcome, self.verdict)
        if self.words.are_of_a_part(words, line):
            self.reading.doubt("the answer names one of several authorizations, and may be about that part alone")
            outcome = LineOutcome.UNKNOWN
        return outcome, [given.reason for given in word.reasons]

    def _under_event(self, at: str, outcome: LineOutcome, event: Verdict) -> LineOutcome:
        """What a service's own word comes to under an event that takes something of it back."""
        under = outcome
        if outcome in GRANTED and self._withheld:
            under = LineOutcome.INFO_REQUESTED
        elif outcome is LineOutcome.CERTIFIED and self._in_part:
            under = self._in_part
        elif outcome is LineOutcome.CERTIFIED and self.words.changed_above(*CHANGES):
            under = LineOutcome.CERTIFIED_MODIFIED
        if under is not outcome:
            self.reading.keep(f"{at}/outcome", event.loop, event.value)
        return under

    def _number(self, at: str, verdict: Verdict | None) -> str | None:
        """HCR02 of the service, else of the event, where that is no service's."""
        above = None if self.words.are_of_a_part([self.verdict], None) else self.verdict
        for word in (verdict, above):
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
