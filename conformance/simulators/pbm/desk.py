"""Decides what a PBM says to each message, and when. Holds the cases and the agenda; knows no HTTP."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

from lxml import etree

from conformance.simulators.clock import Clock
from conformance.simulators.pbm import outcomes, writing
from conformance.simulators.pbm.answers import faults_of_answers, same
from conformance.simulators.pbm.cases import Case, Cases, Seen, likeness, member_id_of
from conformance.simulators.pbm.envelope import Asker, Received, Unacceptable
from conformance.simulators.pbm.members import WORDS, Answer, Member, Status, member_named
from conformance.simulators.pbm.notation import Fault
from conformance.simulators.pbm.outbox import Outbox
from conformance.simulators.pbm.outcomes import Saying
from conformance.simulators.pbm.partners import ALDER, BIRCH, BY_BIN, Pbm

_NOBODY = Member("Not a member.", Answer(Status.CLOSED, codes=("CD",)))
_DENIED_AGAIN = (Answer(Status.DENIED, note="The appeal shows nothing new.", appealable=False),)
_OVER = (Answer(Status.CLOSED, codes=("BY",), note="This was appealed before."),)
_PERSON = "Patient/HumanPatient"
_MIRRORED = (f"{_PERSON}/Name", f"{_PERSON}/DateOfBirth", "MedicationPrescribed/DrugDescription")
_SAID_TO = {"Approved": "CF", "PartiallyDenied": "CF", "Denied": "CY"}
"""What an initiation that repeats a decided case is told; else CG."""


@dataclass(slots=True)
class _Planned:
    at: float
    case: Case
    do: Callable[[], None]


class Desk:
    def __init__(self, clock: Clock, outbox: Outbox) -> None:
        self._clock = clock
        self._outbox = outbox
        self.forget()

    def forget(self) -> None:
        """All is new; numbers too, so that no number ever stands for two things."""
        self.cases = Cases()
        self._run = secrets.token_hex(3).upper()
        self._numbers = count(1)
        self._agenda: list[_Planned] = []
        self._heard: dict[tuple[str, str], tuple[str, bytes, Case | None]] = {}

    def tick(self) -> None:
        """Does what is due by now, in order."""
        now = self._clock.now()
        due = sorted((each for each in self._agenda if each.at <= now), key=lambda each: each.at)
        for planned in due:
            self._agenda.remove(planned)
            planned.do()

    def take(self, received: Received) -> bytes:
        """The HTTP reply to a message that was never heard before, or was. Raises Unacceptable."""
        self.tick()
        match received.kind:
            case "GetMessage":
                return self._mail(received)
            case "Status" | "Error" | "Verify":
                return self.status(received.pbm, received.asker, "000")
        key, digest = (received.pbm.id, received.asker.message_id), hashlib.sha256(received.raw).hexdigest()
        if key in self._heard:
            known, reply, about = self._heard[key]
            if known != digest:
                raise _refusal(received, "2000", "/Message/Header/MessageID", "is that of another message")
            if about is not None:
                about.repeats += 1
            if received.pbm.repeats == "refused":
                raise _refusal(received, "220", "/Message/Header/MessageID", "was taken before")
            return reply
        about = self._act(received)
        reply = self.status(received.pbm, received.asker, self._code(received.pbm))
        self._heard[key] = (digest, reply, about)
        return reply

    def status(self, pbm: Pbm, asker: Asker, code: str) -> bytes:
        return self._outbox.reply(pbm, asker, writing.status(code))

    def error(self, pbm: Pbm | None, refused: Unacceptable) -> bytes:
        asker = refused.asker or Asker()
        return self._outbox.reply(pbm or BIRCH, asker, writing.error(refused.code, refused.faults))

    def was_heard(self, received: Received) -> bool:
        return (received.pbm.id, received.asker.message_id) in self._heard

    def _act(self, received: Received) -> Case | None:
        if received.kind == "PAInitiationRequest":
            return self._initiate(received, outcomes.INITIATION)
        if received.kind == "PACancelRequest":
            return self._cancel(received)
        if received.kind == "PARequest" and received.element.find("Request/UnSolicitedModel") is not None:
            return self._initiate(received, outcomes.RESPONSE)
        case = self.cases.named(received.pbm, received.text("PAReferenceID"))
        if case is None:
            raise _refusal(received, "1000", f"/Message/Body/{received.kind}/PAReferenceID", "is no case here")
        try:
            self._mirrors(received, case)
            if received.kind == "PAAppealRequest":
                self._appeal(received, case)
            else:
                self._answer(received, case)
        except Unacceptable:
            case.refused += 1
            raise
        case.asker = received.asker
        return case

    def _initiate(self, received: Received, name: str) -> Case:
        pbm, reference, member_id = received.pbm, received.text("PAReferenceID"), member_id_of(received)
        alike = likeness(received, member_id)
        seen = Seen(received.asker.message_id, reference, self._clock.now())
        before = self.cases.named(pbm, reference) or self.cases.like(pbm, alike)
        if before is not None:
            self.cases.join(before, reference)
            before.initiations.append(seen)
            code = _SAID_TO.get(before.state, "CG")
            shown = replace(before, reference=reference, body=received.element, asker=received.asker)
            self._plan(before, 0.5, lambda: self._tell(shown, Saying(name, _closed(code), self._clock.now())))
            return before
        member, processor = self._member(received, member_id)
        number = f"{pbm.prefix}-{self._run}-{next(self._numbers):06d}"
        case = Case(pbm, number, reference, member_id, member, alike, received.element, received.asker)
        case.initiations.append(seen)
        self.cases.add(case)
        if member.verifies:
            body = writing.make(("Verify", [("VerifyStatus", [("Code", "010")])]))
            self._plan(case, 0.1, lambda: self._send(case, body))
        if member.opening is not None:
            self._say(case, name, (member.opening,), processor)
        return case

    def _member(self, received: Received, member_id: str) -> tuple[Member, Pbm | None]:
        """Who it is, and who should have been asked where it is not this PBM."""
        number = received.text("BenefitsCoordination/PayerIdentification/IINNumber")
        if number and number != received.pbm.bin:
            other = BY_BIN.get(number)
            code = "CP" if other else "CE"
            return Member("Not here.", _closed(code)), other
        member = member_named(member_id) or _NOBODY
        if member is WORDS["HANDOVER"] and received.pbm is BIRCH:
            return Member("Handed over.", _closed("CP")), ALDER
        names = member in (WORDS["CP"], WORDS["CO"], WORDS["THENCP"], WORDS["THENCO"])
        return member, (ALDER if received.pbm is not ALDER else BIRCH) if names else None

    def _answer(self, received: Received, case: Case) -> None:
        path = "/Message/Body/PARequest/Request/SolicitedModel"
        model = received.element.find("Request/SolicitedModel")
        self._questions(received, case, model, path, appeal=False)
        case.answers.append(Seen(received.asker.message_id, received.text("PAReferenceID"), self._clock.now()))
        asked, case.asked = case.asked, None
        if asked is not None and self._clock.now() > asked.due:
            self._say(case, outcomes.RESPONSE, (_closed("FL"),))
            return
        rounds = case.member.rounds
        answers = rounds[case.round] if case.round < len(rounds) else ()
        case.round += 1
        case.state = "answered"
        processor = self._member(received, case.member_id)[1]
        self._say(case, outcomes.RESPONSE, answers, processor)

    def _appeal(self, received: Received, case: Case) -> None:
        path = "/Message/Body/PAAppealRequest/Request"
        request = received.element.find("Request")
        if request.findtext("PACaseID") != case.number:
            raise _refusal(received, "2000", f"{path}/PACaseID", "is not this case's")
        told = request.findtext("AppealCaseID")
        if told is not None and told != case.appeal_number:
            raise _refusal(received, "2000", f"{path}/AppealCaseID", "is not this appeal's")
        if request.find("QuestionSet") is not None:
            self._questions(received, case, request, path, appeal=True)
        elif not (case.state in ("Approved", "Denied", "PartiallyDenied") and case.asked is None):
            raise _refusal(received, "2000", path, "there is no decision to appeal, or questions wait for answers")
        case.appeals.append(Seen(received.asker.message_id, received.text("PAReferenceID"), self._clock.now()))
        case.appeal_number = case.appeal_number or f"{case.number}-A"
        case.asked = None
        planned = case.member.appeal or _DENIED_AGAIN
        answers = planned[case.appealed : case.appealed + 1] or _OVER
        case.appealed += 1
        self._say(case, outcomes.APPEAL, answers)

    def _questions(self, received: Received, case: Case, model: etree._Element, path: str, *, appeal: bool) -> None:
        asked = case.asked
        if model.findtext("PACaseID") != case.number:
            raise _refusal(received, "2000", f"{path}/PACaseID", "is not this case's")
        if asked is None or asked.appeal != appeal:
            raise _refusal(received, "2000", path, "nothing is asked, or it was answered")
        if not same(asked.deadline, model.find("DeadlineForReply")):
            raise _refusal(received, "2000", f"{path}/DeadlineForReply", "is not as it was sent")
        faults = faults_of_answers(asked.holder, model.find("QuestionSet"), f"{path}/QuestionSet")
        wanted = asked.holder.findtext("Header/AttachementRequired") == "Y"
        if wanted and received.element.find("Attachment") is None:
            faults.append(Fault("2000", f"/Message/Body/{received.kind}/Attachment", "is missing: one is required"))
        if faults:
            raise Unacceptable(faults, received.asker)

    def _cancel(self, received: Received) -> Case | None:
        reference, number = received.text("PAReferenceID"), received.text("Request/PACaseID")
        case = self.cases.named(received.pbm, reference)
        if case is None:
            reason = "BZ"
        elif number != case.number:
            reason = "CA"
        else:
            reason = case.member.cancel or ("CB" if case.decided else "")
        told = outcomes.cancelled(reference, received.text("PAPriorityIndicator"), number, reason)
        if case is None:
            self._outbox.put(received.pbm, reference, received.asker, told)
            return None
        case.cancels.append(Seen(received.asker.message_id, reference, self._clock.now()))
        case.asker = received.asker
        if not reason:
            self._agenda = [planned for planned in self._agenda if planned.case is not case]
            case.state, case.asked = "cancelled", None
        self._plan(case, 0.5, lambda: self._send(case, told))
        return case

    def _mirrors(self, received: Received, case: Case) -> None:
        for path in _MIRRORED:
            if not same(received.element.find(path), case.body.find(path)):
                raise _refusal(received, "2000", f"/Message/Body/{received.kind}/{path}", "is not that of the case")

    def _say(self, case: Case, name: str, answers: tuple[Answer, ...], processor: Pbm | None = None) -> None:
        """Plans them one after another."""
        after = 0.0
        for answer in answers:
            after += answer.after

            def tell(answer: Answer = answer) -> None:
                case.state = str(answer.status)
                self._tell(case, Saying(name, answer, self._clock.now(), processor))

            self._plan(case, after, tell)

    def _plan(self, case: Case, after: float, do: Callable[[], None]) -> None:
        self._agenda.append(_Planned(self._clock.now() + after, case, do))

    def _tell(self, case: Case, saying: Saying) -> None:
        self._send(case, outcomes.body_of(case, saying))

    def _send(self, case: Case, body: etree._Element) -> None:
        self._outbox.put(case.pbm, case.reference, case.asker, body, case.member.sends)

    def _mail(self, received: Received) -> bytes:
        if not received.pbm.mailbox:
            raise _refusal(received, "4040", "/Message/Body/GetMessage", "there is no mailbox here")
        kept = self._outbox.collect(received.pbm, received.header.findtext("Mailbox/AcknowledgementID") or "")
        return kept or self.status(received.pbm, received.asker, "002")

    def _code(self, pbm: Pbm) -> str:
        return "001" if pbm.mailbox and self._outbox.waits(pbm) else pbm.taken


def _closed(code: str) -> Answer:
    return Answer(Status.CLOSED, codes=(code,))


def _refusal(received: Received, code: str, path: str, says: str) -> Unacceptable:
    return Unacceptable([Fault(code, path, says)], received.asker)
