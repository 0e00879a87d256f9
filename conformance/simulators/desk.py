"""The payers' desk: takes the text of a payload, files what is in order, and gives the text of the answer.

Knows X12 and the reviews; knows no SOAP and no HTTP. ``read`` changes nothing, so that a message can still be lost
before anybody has seen it; ``act`` records.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from conformance.simulators.answer import GUIDE, Reply278, turned_away
from conformance.simulators.clock import Clock
from conformance.simulators.filings import Filing, Filings
from conformance.simulators.findings import (
    HAS_ELEMENT_FAULTS,
    ElementFault,
    Findings,
    SegmentFault,
)
from conformance.simulators.guide_275 import Attachment, read_attachment
from conformance.simulators.guide_278 import INQUIRY, NOTICE, REQUEST, Guide
from conformance.simulators.guide_check import Walk
from conformance.simulators.interchange import VERSIONS, Interchange, InterchangeFault, read_interchange
from conformance.simulators.members import Member, Refusal, member_named
from conformance.simulators.notation import CODE
from conformance.simulators.notice import acknowledgement, refusal_of_notice
from conformance.simulators.payers import Payer
from conformance.simulators.review import refusal
from conformance.simulators.submission import APPEALS, CANCEL, REVISE, Submission, read_submission
from conformance.simulators.wrapping import Outbox
from conformance.simulators.x12 import Segment

Duplicates = Literal["ta1", "999", "same_answer", "accept"]
"""What becomes of an ISA13 seen before: refused with TA1 025 or AK905 19, answered with the first answer, or filed
again."""

_REFERRING = frozenset({CANCEL, REVISE})
_VERBS: dict[str, tuple[str, Guide]] = {INQUIRY.name: ("inquiry", INQUIRY), NOTICE.name: ("notice", NOTICE)}


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as read. ``verb`` is request, inquiry, notice or attachment; empty where the interchange is refused."""

    payer: Payer
    verb: str
    interchange: Interchange | None
    fault: InterchangeFault | None
    findings: Findings
    submission: Submission | None = None
    attachment: Attachment | None = None

    @property
    def member(self) -> str:
        """The member id of a request, or an empty string."""
        return self.submission.member if self.submission and self.verb == "request" else ""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: its text, its kind (278, 999 or TA1) and guide, and a word on what happened for the log."""

    text: str
    kind: str
    guide: str
    outcome: str


class Desk:
    def __init__(self, clock: Clock, duplicates: Duplicates = "ta1") -> None:
        self._clock = clock
        self._duplicates = duplicates
        self.reset()

    def reset(self) -> None:
        """Forget every filing, question and control number."""
        self.filings = Filings()
        self._outbox = Outbox()
        self._seen: dict[tuple[str, str], Said | None] = {}
        self._asked: dict[tuple[str, str], float] = {}

    def read(self, text: str, payer: Payer) -> Heard:
        """What the payload says. Raises NoInterchange where no acknowledgment could name it."""
        findings = Findings()
        try:
            interchange = read_interchange(text, payer)
        except InterchangeFault as fault:
            return Heard(payer, "", None, fault, findings)
        _check_envelopes(interchange, findings)
        if findings.group_codes:
            return Heard(payer, "", interchange, None, findings)
        body = interchange.st[:-1] if interchange.st and interchange.st[-1][0] == "SE" else interchange.st
        if interchange.gs[1] == "PI":
            attachment = read_attachment(body, interchange.delimiters, findings)
            self._check_controls(payer, attachment, body, findings)
            return Heard(payer, "attachment", interchange, None, findings, attachment=attachment)
        verb, guide = _VERBS.get(interchange.guide, ("request", REQUEST))
        walk = Walk(guide, interchange.delimiters, findings)
        walk.run(body)
        submission = None if findings else read_submission(body[1], walk.levels, interchange.delimiters, verb)
        return Heard(payer, verb, interchange, None, findings, submission)

    def act(self, heard: Heard, word: str | None = None, *, misdirected: bool = False) -> Said:
        """Records what is in order and answers it. ``word`` reviews a request as another member's would be;
        ``misdirected`` puts another caller's numbers into a 278."""
        now = self._clock.now()
        if heard.interchange is None:
            return self._refuse_interchange(heard)
        key = (heard.payer.id, heard.interchange.header.control)
        if key in self._seen and self._duplicates != "accept":
            earlier = self._seen[key]
            if self._duplicates == "same_answer" and earlier is not None:
                return earlier
            if self._duplicates == "999":
                return self._acknowledge(heard, Findings(group_codes=["19"]))
            text = self._outbox.acknowledge(heard.payer, heard.interchange.header, "025", now)
            return Said(text, "TA1", "", "duplicate interchange")
        self._seen[key] = None
        said = self._answer(heard, word, now, misdirected)
        if self._duplicates == "same_answer":
            self._seen[key] = said
        return said

    def reject_guide(self, heard: Heard) -> Said:
        """A 999 that rejects, whatever was sent. Nothing is recorded."""
        findings = Findings()
        findings.segments.append(SegmentFault("UM", 14, "2000E", HAS_ELEMENT_FAULTS, (ElementFault(3, CODE),)))
        findings = heard.findings or findings
        return self._acknowledge(heard, findings)

    def reject_interchange(self, heard: Heard, code: str) -> Said:
        """A TA1 that rejects, whatever was sent. Nothing is recorded."""
        header = heard.interchange.header if heard.interchange else heard.fault.header if heard.fault else None
        assert header is not None  # noqa: S101 - a message has either an interchange or its fault
        text = self._outbox.acknowledge(heard.payer, header, code or "023", self._clock.now())
        return Said(text, "TA1", "", "interchange rejected")

    def turn_away(self, heard: Heard) -> Said:
        """AAA 42, whatever was sent: nothing is recorded but the interchange's number."""
        assert heard.interchange is not None  # noqa: S101 - a refused interchange gets a TA1
        self._seen[heard.payer.id, heard.interchange.header.control] = None
        told = heard.submission or heard.attachment
        segments = turned_away(told.reference if told else "", self._clock.now())
        return Said(self._outbox.group(heard.payer, "HI", GUIDE, segments, self._clock.now()), "278", GUIDE, "AAA 42")

    def _refuse_interchange(self, heard: Heard) -> Said:
        assert heard.fault is not None  # noqa: S101 - no interchange means a fault
        text = self._outbox.acknowledge(heard.payer, heard.fault.header, heard.fault.code, self._clock.now())
        return Said(text, "TA1", "", "interchange refused")

    def _answer(self, heard: Heard, word: str | None, now: float, misdirected: bool) -> Said:
        if heard.findings:
            return self._acknowledge(heard, heard.findings)
        if heard.attachment is not None:
            for document in heard.attachment.documents:
                if self.filings.awaits(heard.payer, document.control):
                    self.filings.deliver(heard.payer, document.control, now)
            return self._acknowledge(heard, heard.findings)
        assert heard.submission is not None  # noqa: S101 - read() leaves it out only beside findings
        assert heard.interchange is not None  # noqa: S101 - a submission came in one
        if heard.verb == "notice":
            return self._take_notice(heard.payer, heard.interchange.header.control, heard.submission, now)
        reply, outcome = self.review(heard.payer, heard.interchange.header.control, heard.submission, word)
        if misdirected:
            reply = somebody_elses(reply)
        text = self._outbox.group(heard.payer, "HI", reply.guide, reply.segments(), now)
        return Said(text, "278", reply.guide, outcome)

    def _acknowledge(self, heard: Heard, findings: Findings) -> Said:
        assert heard.interchange is not None  # noqa: S101 - a refused interchange gets a TA1
        text = self._outbox.implementation_acknowledgment(heard.payer, heard.interchange, findings, self._clock.now())
        return Said(text, "999", "005010X231A1", "guide rejected" if findings else "accepted")

    def review(self, payer: Payer, control: str, asked: Submission, word: str | None = None) -> tuple[Reply278, str]:
        """What a payer makes of a submission, whichever way it came, and a word on it for the log. Files it where it
        is in order. ``control`` numbers what it came in."""
        now = self._clock.now()
        member = member_named(f"SIM{word}" if word else asked.member, payer.receiver)
        refused = refusal(payer, asked, member)
        if refused is not None and refused.filed:
            refused = None
        if refused is not None:
            return Reply278(payer, asked, now, refusal=refused), f"AAA {refused.code}"
        if asked.inquiry:
            return self._find(payer, asked, now)
        earlier = self.filings.named(payer, (*asked.references, *asked.names)) if _refers_back(asked) else None
        if earlier is None and _refers_back(asked):
            return Reply278(payer, asked, now, refusal=Refusal("2000E", "AA", "N")), "AAA AA"
        if asked.certification == CANCEL and earlier is not None:
            return self._cancel(payer, asked, earlier, now)
        appealed = self.filings.numbered(payer, asked) if asked.certification in APPEALS and member.appeal else None
        if appealed is not None:
            return self._appeal(payer, asked, appealed, now)
        return self._file(payer, control, asked, member, now)

    def _appeal(self, payer: Payer, asked: Submission, filing: Filing, now: float) -> tuple[Reply278, str]:
        """Answered with the lines that it names; an inquiry finds the filing as it is now."""
        filing.appealed_at.append(now)
        about = dataclasses.replace(filing, submission=asked)
        decision = filing.decision(now)
        return Reply278(payer, asked, now, about, decision), f"appealed {decision.action}"

    def _file(self, payer: Payer, control: str, asked: Submission, member: Member, now: float) -> tuple[Reply278, str]:
        seen = self.filings.requests[payer.id, asked.member]
        if 0 < seen <= len(member.refusals):
            passing = member.refusals[seen - 1]
            return Reply278(payer, asked, now, refusal=passing), f"AAA {passing.code}"
        filing = self.filings.record(payer, asked, control, member, now)
        if member.refused is not None and member.refused.filed:
            return Reply278(payer, asked, now, filing, refusal=member.refused), f"AAA {member.refused.code}, filed"
        decision = filing.decision(now)
        return Reply278(payer, asked, now, filing, decision), f"filed {decision.action}"

    def _take_notice(self, payer: Payer, control: str, told: Submission, now: float) -> Said:
        refused = refusal_of_notice(told, refusal(payer, told, member := member_named(told.member, payer.receiver)))
        filing = None if refused else self.filings.record(payer, told, control, member, now)
        text = self._outbox.group(payer, "HI", NOTICE.name, acknowledgement(payer, told, filing, refused, now), now)
        return Said(text, "278", NOTICE.name, f"AAA {refused.code}" if refused else "told")

    def _cancel(self, payer: Payer, asked: Submission, filing: Filing, now: float) -> tuple[Reply278, str]:
        if filing.member.keeps:
            message = "The service was given; the review stays open."
            return Reply278(payer, asked, now, refusal=Refusal("2000E", "33", "N", message)), "cancel refused"
        filing.cancelled_at = now
        return Reply278(payer, asked, now, filing, filing.decision(now)), "cancelled"

    def _find(self, payer: Payer, asked: Submission, now: float) -> tuple[Reply278, str]:
        """By the payer's own numbers if the inquiry has any, else by member, requester, services and dates. Traces are
        given back, and look nothing up."""
        last, self._asked[payer.id, asked.member] = self._asked.get((payer.id, asked.member)), now
        if last is not None and now - last < payer.inquiry_gap:
            return Reply278(payer, asked, now, refusal=Refusal("2000A", "42", "P")), "AAA 42"
        filing = self.filings.numbered(payer, asked) if asked.references else self.filings.alike(payer, asked, now)
        if filing is None or not filing.found_at(now):
            return Reply278(payer, asked, now, refusal=Refusal("2000E", "NC", "N")), "not found"
        decision = filing.decision(now)
        return Reply278(payer, asked, now, filing, decision), f"found {decision.action}"

    def _check_controls(self, payer: Payer, attachment: Attachment, body: list[list[str]], findings: Findings) -> None:
        """A control number nobody gave is refused here with a 999; a payer of the field may use an 824."""
        places = [position for position, segment in enumerate(body, start=1) if segment[0] == "TRN"]
        for position, document in zip(places, attachment.documents, strict=False):
            known = self.filings.awaits(payer, document.control)
            if not known and not self.filings.announced(payer, attachment.member, document.control):
                findings.segments.append(
                    SegmentFault("TRN", position, "2000A", HAS_ELEMENT_FAULTS, (ElementFault(2, CODE),))
                )


def somebody_elses(reply: Reply278) -> Reply278:
    """The same answer as another caller would get it: no trace, reference or payer's number is of this exchange."""
    filing = reply.filing
    if filing is not None:
        filing = dataclasses.replace(filing, serial=filing.serial + 9_000_000, submission=_others(filing.submission))
    return dataclasses.replace(reply, asked=_others(reply.asked), filing=filing)


def _others(asked: Submission) -> Submission:
    services = tuple(dataclasses.replace(line, traces=_traced(line.traces)) for line in asked.services)
    return dataclasses.replace(asked, reference="OTHERCALLER1", traces=_traced(asked.traces), services=services)


def _traced(traces: tuple[Segment, ...]) -> tuple[Segment, ...]:
    return tuple([trace[0], trace[1], f"OTHERTRACE{place}", *trace[3:]] for place, trace in enumerate(traces, start=1))


def _refers_back(asked: Submission) -> bool:
    return asked.certification in _REFERRING


def _check_envelopes(interchange: Interchange, findings: Findings) -> None:
    """GS and GE as AK905, ST and SE as IK502."""
    gs, ge, st = interchange.gs, interchange.ge, interchange.st
    expected = "275" if gs[1] == "PI" else "278"
    if gs[1] not in ("HI", "PI"):
        findings.group_codes.append("1")
    elif gs[8] not in VERSIONS[interchange.version] or (gs[8] == "006020X316") != (gs[1] == "PI"):
        findings.group_codes.append("2")
    if ge is None:
        findings.group_codes.append("3")
    else:
        if ge[2:] != [gs[6]]:
            findings.group_codes.append("4")
        if ge[1:2] != ["1"]:
            findings.group_codes.append("5")
    if findings.group_codes:
        return
    if not st or st[0][0] != "ST":
        findings.group_codes.append("5")
        return
    head = [*st[0][1:], "", "", ""][:3]
    if head[0] != expected:
        findings.set_codes.append("1")
    if not 4 <= len(head[1]) <= 9 or not head[1].isalnum():
        findings.set_codes.append("7")
    if head[2] != gs[8]:
        findings.set_codes.append("I6")
    if st[-1][0] != "SE":
        findings.set_codes.append("2")
        return
    tail = [*st[-1][1:], "", ""][:2]
    if tail[0] != str(len(st)):
        findings.set_codes.append("4")
    if tail[1] != head[1]:
        findings.set_codes.append("3")
    if len(st[0]) > 4 or len(st[-1]) > 3:
        findings.set_codes.append("5")
