"""The 278 a payer answers with: decisions, refusals, and what an inquiry finds. Writes segments; decides nothing.

Order of segments as the data maintenance order of the standard has it. What was asked is echoed, TRN with 2 in TRN01;
the traces that a filing came with are given back to an inquiry that finds it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from conformance.simulators.clock import local
from conformance.simulators.filings import Filing
from conformance.simulators.members import Decision, Refusal
from conformance.simulators.payers import Payer
from conformance.simulators.submission import Service, Submission
from conformance.simulators.x12 import Segment, Written

GUIDE = "005010X217"
_CERTIFIED = ("A1", "A2", "A6")
_APPROVAL_DAYS = 180
_MOST_TRACES = 3
"""TRN in one loop of an answer."""


@dataclass(frozen=True, slots=True)
class Reply278:
    """One answer. With a refusal the transaction ends at its loop. ``filing`` is None where nothing is on file."""

    payer: Payer
    asked: Submission
    now: float
    filing: Filing | None = None
    decision: Decision | None = None
    refusal: Refusal | None = None

    def segments(self) -> list[Written]:
        at = local(self.now)
        guide, purpose, kind = self._header()
        out: list[Written] = [
            ["ST", "278", "0001", guide],
            ["BHT", "0007", purpose, self.asked.reference, f"{at:%Y%m%d}", f"{at:%H%M%S}", kind],
        ]
        _Levels(self, out).write()
        return out

    @property
    def guide(self) -> str:
        return self._header()[0]

    def _header(self) -> tuple[str, str, str]:
        """Guide, BHT02 and BHT06. One public inquiry answer has 49 and RD; a payer may as well reuse its X217."""
        further = self.decision is not None and self.decision.further
        kind = "19" if further or (self.refusal and self.refusal.follow_up == "Y") else "18"
        if not self.asked.inquiry:
            return GUIDE, "11", kind
        if self.payer.inquiry_purpose == "49":
            return "005010X215", "49", "RD"
        return "005010X215", self.payer.inquiry_purpose, kind


def turned_away(reference: str, now: float) -> list[Written]:
    """The answer to anything at all while the payer's systems are away: no loop follows 2000A (X12 RFI 2445)."""
    at = local(now)
    return [
        ["ST", "278", "0001", GUIDE],
        ["BHT", "0007", "11", reference, f"{at:%Y%m%d}", f"{at:%H%M%S}", "18"],
        ["HL", "1", "", "20", "0"],
        ["AAA", "Y", "", "42", "P"],
    ]


class _Levels:
    """Writes the levels from the outermost inwards, and stops after the loop that is refused."""

    def __init__(self, reply: Reply278, out: list[Written]) -> None:
        self._reply = reply
        self._payer = reply.payer
        self._asked = reply.asked
        self._held = reply.filing.submission if reply.filing else reply.asked
        self._out = out
        self._stop = reply.refusal.loop if reply.refusal else ""
        self._hl = 0

    def write(self) -> None:
        asked = self._asked
        stop = self._stop
        self._level("20", "", ended=stop in ("2000A", "2010A"))
        self._refuse("2000A")
        # X12 RFI 2445: with AAA 42 at 2000A no later loop is sent.
        if stop == "2000A":
            return
        self._out.append(["NM1", "X3", "2", self._payer.name, "", "", "", "", "PI", self._payer.receiver])
        if self._decision().contact:
            self._out.append(["PER", "IC", "UTILIZATION REVIEW", "TE", self._payer.phone])
        self._refuse("2010A")
        if stop == "2010A":
            return
        self._level("21", "1", ended=stop == "2010B")
        self._echo(asked.requester)
        self._refuse("2010B")
        if stop == "2010B":
            return
        self._level("22", "2", ended=stop == "2010C")
        self._echo(asked.subscriber)
        self._refuse("2010C")
        self._echo(asked.subscriber_birth)
        if stop == "2010C":
            return
        if asked.dependent is not None:
            self._level("23", "3", ended=stop == "2010D")
            self._echo(asked.dependent)
            self._refuse("2010D")
            self._echo(asked.dependent_birth)
            self._echo(asked.dependent_relationship)
            if stop == "2010D":
                return
        self._event()

    def _decision(self) -> Decision:
        return self._reply.decision or Decision("")

    def _level(self, code: str, parent: str, *, ended: bool) -> None:
        self._hl += 1
        self._out.append(["HL", str(self._hl), parent, code, "0" if ended else "1"])

    def _refuse(self, loop: str) -> None:
        refusal = self._reply.refusal
        if refusal is not None and refusal.loop == loop:
            self._out.append(["AAA", refusal.valid, "", refusal.code, refusal.follow_up])

    def _echo(self, segment: Segment | None, of: Submission | None = None) -> None:
        if segment is not None:
            self._out.append(_rewritten(segment, of or self._asked))

    def _traces(self, traces: tuple[Segment, ...], own: str) -> None:
        echoed: list[Written] = [["TRN", "2", *trace[2:]] for trace in traces]
        mine: list[Written] = [["TRN", "1", own, self._payer.entity]] if self._reply.filing else []
        self._out.extend([*mine, *echoed] if self._payer.own_trace_first else [*echoed, *mine])

    def _names(self) -> tuple[Segment, ...]:
        """The traces of what was asked; where an inquiry found a filing also those that came with the filing."""
        asked, filing = self._asked, self._reply.filing
        if not asked.inquiry or filing is None:
            return asked.traces
        known = {trace[2] for trace in asked.traces}
        stored = [trace for trace in filing.submission.traces if trace[2] not in known]
        return (*asked.traces, *stored)[: _MOST_TRACES - 1]

    def _services(self) -> tuple[Service, ...]:
        return () if self._stop == "2000E" else self._held.services

    def _event(self) -> None:
        asked, filing, decision, refusal = self._asked, self._reply.filing, self._decision(), self._reply.refusal
        services = self._services()
        self._level("EV", str(self._hl), ended=not services)
        event = self._hl
        self._traces(self._names(), filing.review if filing else "")
        self._refuse("2000E")
        self._echo(self._held.um if asked.inquiry else asked.um, self._held if asked.inquiry else asked)
        if refusal is not None and refusal.loop == "2000F":
            # X12 RFI 2477: not considered because of errors in the services, which carry the AAA.
            self._out.append(["HCR", "A3", "", "25"])
        if filing is not None and refusal is None:
            self._out.append(self._review(decision.action, decision.reason, decision.number))
            self._out.append(["REF", "NT", filing.review])
            if decision.action in _CERTIFIED:
                self._period(_dates(filing.submission, shortened=decision.shortened), issued=True)
            self._documents(None)
        elif asked.event_date:
            self._echo(asked.event_date)
        message = refusal.message if refusal else decision.message
        if message:
            self._out.append(["MSG", message])
        for party in self._held.parties:
            self._echo(party, self._held)
        if any(not a.delivered and a.line is None for a in (filing.asked if filing else ())) and decision.asks:
            self._contact()
        for place, service in enumerate(services):
            self._service(service, place, event)

    def _review(self, action: str, reason: str, numbered: bool) -> Written:
        filing = self._reply.filing
        assert filing is not None  # noqa: S101 - a decision is always about a filing
        number = filing.authorization if numbered and action in _CERTIFIED else ""
        if action == "A4" and self._payer.own_trace_first:
            number = filing.review
        return ["HCR", action, number, reason]

    def _period(self, dates: tuple[date, date], *, issued: bool) -> None:
        start, end = (f"{day:%Y%m%d}" for day in dates)
        if issued:
            self._out.append(["DTP", "102", "D8", f"{local(self._reply.now):%Y%m%d}"])
        if self._payer.own_trace_first:
            self._out.append(["DTP", "007", "D8", start])
            self._out.append(["DTP", "036", "D8", end])
        else:
            self._out.append(["DTP", "007", "RD8", f"{start}-{end}"])

    def _documents(self, line: int | None, service: Written | None = None) -> None:
        """HI with the LOINC codes, the service if this is a line, and a PWK for each document still to come."""
        filing = self._reply.filing
        open_ = [a for a in filing.asked if a.line == line and not a.delivered] if filing else []
        if not self._decision().asks:
            open_ = []
        if open_:
            self._out.append(["HI", *(("LOI", asked.ask.loinc) for asked in open_)])
        if service is not None:
            self._out.append(service)
        self._out.extend(["PWK", asked.ask.report, "EL", "", "", "AC", asked.control] for asked in open_)

    def _contact(self) -> None:
        """2010EB: where the documents go."""
        self._out.append(["NM1", "X3", "2", self._payer.name, "", "", "", "", "PI", self._payer.receiver])
        self._out.append(["PER", "IC", "CLINICAL RECORDS", "FX", self._payer.fax, "TE", self._payer.phone])

    def _service(self, service: Service, place: int, event: int) -> None:
        filing, decision, refusal = self._reply.filing, self._decision(), self._reply.refusal
        self._hl += 1
        self._out.append(["HL", str(self._hl), str(event), "SS", "0"])
        self._traces(service.traces, f"{filing.review}-{place + 1}" if filing else "")
        written = _rewritten(service.service, self._held)
        if filing is None or refusal is not None:
            if refusal is not None and refusal.line == place:
                self._refuse("2000F")
            else:
                self._out.append(["HCR", "A3", "", "25"])
            self._echo(service.date, self._held)
            self._out.append(written)
            return
        action, reason = decision.line(place)
        self._out.append(self._review(action, reason, decision.number))
        self._echo(service.date, self._held)
        if action in _CERTIFIED:
            self._period(_dates(filing.submission, service, shortened=decision.shortened), issued=False)
        if (action == "A6" or decision.halved) and service.service:
            written = _with_quantity(written, service.quantity_at)
        self._documents(place, written)
        if any(a.line == place and not a.delivered for a in filing.asked) and decision.asks:
            self._contact()


def _rewritten(segment: Segment, of: Submission) -> Written:
    """A segment as read, its composites taken apart: the answer has other delimiters."""
    return [tuple(element.split(of.component)) if of.component in element else element for element in segment]


def _with_quantity(service: Written, at: int) -> Written:
    """Half of the units asked for, rounded up."""
    out = list(service)
    if len(out) > at and isinstance(out[at], str) and out[at]:
        out[at] = halved(str(out[at]))
    return out


def halved(quantity: str) -> str:
    """Half of a quantity, rounded up."""
    return str(math.ceil(float(quantity) / 2))


def approved_days(submission: Submission, service: Service, decision: Decision) -> tuple[date, date]:
    """First and last day of a service that is approved."""
    return _dates(submission, service, shortened=decision.shortened)


def _dates(submission: Submission, service: Service | None = None, *, shortened: bool) -> tuple[date, date]:
    """From the first day asked for, 180 days or as long as asked; half as long as asked where it is ``shortened``."""
    asked = [s.date for s in ([service] if service else submission.services) if s.date]
    found = [d[3] for d in asked or ([submission.event_date] if submission.event_date else [])]
    if not found:
        found = [submission.submitted_on]
    start = min(_day(value[:8]) for value in found)
    end = max(_day(value[-8:]) for value in found)
    if shortened:
        return start, start + (end - start) // 2
    return start, max(end, start + timedelta(days=_APPROVAL_DAYS))


def _day(value: str) -> date:
    return date(int(value[:4]), int(value[4:6]), int(value[6:8]))
