"""Reads a 278 response (X217, and X215's answer to an inquiry) into an Outcome, each value with its place.

A payer's own notice (X216) is read as the response it has instead of: it names the filing by a trace of ours or by a
number of the payer's that we know. The acknowledgment of a notice of ours says that the payer has it, or why not.

A decision at a service counts over the event's; a refusal (AAA) is no denial; an answer that is not ours is not
applied; what nobody understood goes to a person. Sources: reference "X12 facts", 2.2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.answered import Answered, answered_by, is_of_cancellation, is_own_notice
from adapters.x12_278.hearing.contacts import contacts_in, follow_ups_in
from adapters.x12_278.hearing.lines import Lines
from adapters.x12_278.hearing.loops import Event, Loop, Tree, tree_of
from adapters.x12_278.hearing.matching import (
    above,
    is_numbered,
    is_ours,
    is_traced,
    names_another_message,
    names_message,
    our_event,
    resembles_ours,
    speaks_beside,
)
from adapters.x12_278.hearing.members import is_for_a_dependent, may_be_for_the_subscriber, names_another_member
from adapters.x12_278.hearing.pairs import most_services
from adapters.x12_278.hearing.reading import Given, Reading, messages_in, unmapped
from adapters.x12_278.hearing.references import References
from adapters.x12_278.hearing.refusals import Judgement, Refusal, judge, judge_inquiry, proves_nothing, refusals_in
from adapters.x12_278.hearing.terms.periods import EVENT_DATES
from adapters.x12_278.hearing.verdicts import GRANTED, in_part, told_of, verdict_of
from adapters.x12_278.interchange import Transaction
from adapters.x12_278.segment import Value
from gateway.contract.destination import Destination
from gateway.contract.errors import MaybeSent, Unreadable
from gateway.model.outcome import Answer, Outcome, put_together
from gateway.model.status import Attention, LineOutcome

_RESPONSES = frozenset({"11", "49"})
"""BHT02 of a response: X217 [T], and X215 (X12's RFI 2825)."""
_TAKEN_NOTE = _RESPONSES | {"08", "53"}
"""BHT02 of the acknowledgment of a notice of ours, as far as anything is known of it: 53 by two public examples."""
_MORE_FOLLOWS = "19"
"""BHT06."""

_CANCELLATION = {
    LineOutcome.CANCELLED: Answer.CANCELLED,
    LineOutcome.NOT_CERTIFIED: Answer.CANCEL_REFUSED,
    LineOutcome.PENDING: Answer.RECEIVED,
}
"""What a decision on a cancellation means. Another word could mean either: a person looks."""

_OF_INQUIRY = frozenset({Answer.NOT_FOUND, Answer.UNAVAILABLE, Answer.REJECTED})
"""What an answer to an inquiry says of that inquiry alone. All else is about the filing, whichever inquiry found it."""
_OPEN = frozenset({LineOutcome.PENDING, LineOutcome.INFO_REQUESTED, LineOutcome.CONTACT_PAYER, LineOutcome.UNKNOWN})


def decode(document: bytes, transaction: Transaction, asked: Asked | None, to: Destination) -> Outcome:
    """The outcome. ``asked`` is None where nobody knows what was asked. Raises Unreadable."""
    tree = tree_of(transaction)
    notice, of = is_own_notice(transaction, tree), answered_by(transaction, tree, asked)
    if not notice and tree.bht.text(2) not in (_TAKEN_NOTE if of.notice else _RESPONSES):
        return unmapped(document, "the 278 is no response")
    traced = asked is not None and is_traced(tree, asked)
    if asked and not (traced or is_ours(tree, asked) or (notice and is_numbered(tree, asked))):
        return unmapped(document, "the response names another request than ours")
    if asked and names_another_member(tree, asked, to.payer, traced):
        return unmapped(document, "the response names another member than the request")
    if asked is None and len(tree.events) > 1:
        return unmapped(document, "the response has several events, and only the request says which is meant")
    event = our_event(tree, asked) if asked else next(iter(tree.events), None)
    if event is None and asked and asked.verb == "inquire" and resembles_ours(tree, asked):
        return unmapped(document, "the payer holds a filing like this one that does not carry our trace")
    if event is None and any(loop.first("HCR") for each in tree.events for loop in (each.loop, *each.services)):
        return unmapped(document, "the response decides, and cannot be told to be about this filing")
    if of.verb != "inquire" and speaks_beside(tree, event, asked):
        return unmapped(document, "the response decides or refuses in an event, or for a member, beside the filing's")
    if asked and event and len(event.services) > most_services(len(asked.request.lines)):
        return unmapped(document, "the response has many more services than the request has lines")
    try:
        outcome = _Answer(document, tree, event, asked, to, of).outcome()
    except ValidationError:
        # Its text would tell what the payer wrote.
        pass
    else:
        past = _why_past(outcome, tree, asked) if asked else None
        return unmapped(document, past) if past else outcome
    raise Unreadable("a value in the response is outside of what the model takes")


def _why_past(outcome: Outcome, tree: Tree, asked: Asked) -> str | None:
    """Why the answer says nothing of what was sent last, or None where it does.

    It may be a copy of an answer to an earlier inquiry, which found nothing yet, or to the filing, before it was to be
    cancelled. Then what was sent last is not answered: unmapped, it is asked about, and said again.
    """
    if asked.verb == "inquire":
        if outcome.answer in _OF_INQUIRY and not names_message(tree, asked):
            return "the answer refuses something else than this inquiry"
        if outcome.answer is Answer.NOT_FOUND and names_another_message(tree, asked):
            return "the answer says that there is no such filing, and names it or another message"
        return None
    if asked.verb == "file" or names_message(tree, asked):
        return None
    if outcome.answer is Answer.CANCELLED:
        # Whatever it answers: no filing is cancelled before it is to be.
        return None
    if outcome.lines and not any(line.outcome in _OPEN for line in outcome.lines):
        # Nor is one decided that waits for documents: no earlier answer says so.
        return None
    return "the answer names the filing, and not what was sent about it since"


class _Answer:
    """One response on its way to an outcome."""

    def __init__(
        self, document: bytes, tree: Tree, event: Event | None, asked: Asked | None, to: Destination, of: Answered
    ) -> None:
        self.document = document
        self.tree = tree
        self.event = event
        self.asked = asked
        self.of = of
        self.reading = Reading(to)
        self.references = References(asked, self.reading)

    def outcome(self) -> Outcome:
        if any(loop.first("HCR") for loop in self.tree.above):
            self.reading.doubt("a decision stands at a level where nothing is decided")
        verdict = verdict_of(self.event.loop, self.reading, self.asked) if self.event else None
        lines = Lines(self.event, verdict, self.asked, self.reading) if self.event else None
        if lines and lines.decided() and not (lines.words.unconsidered() and self._refused()):
            return self._decided(lines)
        refusals = refusals_in(self._loops(), self.reading)
        return self._finish(self._undecided(refusals), [], refusals, None)

    def _loops(self) -> list[Loop]:
        """Every loop above the parties; those of other events only where ours cannot be told."""
        events = [self.event] if self.event else self.tree.events
        return [*self.tree.above, *(loop for event in events for loop in (event.loop, *event.services))]

    def _refused(self) -> bool:
        """True when there is an AAA anywhere in these loops."""
        return "AAA" in self.tree.tags and any(loop.refuses() for loop in self._loops())

    def _decided(self, lines: Lines) -> Outcome:
        word = lines.verdict or next(verdict for verdict in lines.verdicts if verdict)
        if self.of.verb == "cancel":
            answer = self._cancellation(lines)
        elif self._of_cancellation() and {word.outcome for word in lines.words.all()} != {LineOutcome.CANCELLED}:
            self.reading.doubt("the payer decides a cancellation, and was not asked for one")
            answer = Answer.UNMAPPED
        else:
            answer = Answer.REVIEWED
            lines.read(self._in_part(lines))
            self._contradictions(lines)
        levels, payer = above(self.tree, lines.event), self.reading.to.payer
        if self.asked and is_for_a_dependent(levels, self.asked, payer):
            return unmapped(self.document, "the response decides for a dependent, and the subscriber is the patient")
        if self.asked and may_be_for_the_subscriber(levels, self.asked, payer):
            self.reading.doubt("the answer may be about the subscriber, who is not the patient")
        refusals = refusals_in([*self.tree.above, lines.event.loop], self.reading) if self._refused() else []
        if refusals:
            self.reading.doubt("the response decides and refuses")
        given = lines.verdict.reasons if lines.verdict else []
        return self._finish(Judgement(answer, word.value, word.loop), given, refusals, lines)

    def _in_part(self, lines: Lines) -> LineOutcome | None:
        """What a grant comes to in an event that certifies a part, where all would come out as it was asked for."""
        if lines.verdict is None or not lines.verdict.is_partial():
            return None
        aside = Lines(lines.event, lines.verdict, self.asked, Reading(self.reading.to))
        aside.read()
        whole = aside.results and all(result.outcome is LineOutcome.CERTIFIED for result in aside.results)
        return in_part(lines.verdict, self.reading) if whole else None

    def _cancellation(self, lines: Lines) -> Answer:
        words = {word.outcome for word in lines.words.all()}
        answer = _CANCELLATION.get(next(iter(words))) if len(words) == 1 else None
        if words == {LineOutcome.CERTIFIED} and lines.verdict and self._of_cancellation():
            # A1 alone may be the filing's decision; at an event that says itself that it is the cancellation it is not.
            answer = Answer.CANCELLED
        if answer is None:
            self.reading.doubt("the payer's word does not say whether the filing is cancelled")
        elif answer is Answer.CANCELLED and lines.verdict is None and (left := lines.unsaid()):
            self.reading.doubt("the payer cancels some services and does not say it of every line")
            if self.asked is None or left == len(self.asked.request.lines):
                return Answer.UNMAPPED
            lines.read()
            return Answer.REVIEWED
        elif answer is Answer.CANCELLED and lines.words.cancel_a_part():
            self.reading.doubt("the payer cancels an authorization, and not certainly every one that it gave")
            answer = None
        return answer or Answer.UNMAPPED

    def _of_cancellation(self) -> bool:
        return self.event is not None and is_of_cancellation(self.event)

    def _contradictions(self, lines: Lines) -> None:
        """The event's word against its services' (A2 leaves it to them, and is no word of its own). There is none where
        it is the word of some service: a payer that pends, denies or cancels a part may say so of the event."""
        if (
            lines.verdict
            and lines.verdict.said not in GRANTED | {LineOutcome.UNKNOWN}
            and any(word and word.outcome in GRANTED for word in lines.verdicts)
            and not lines.words.explained()
        ):
            self.reading.doubt("the payer does not grant the event and grants a service of it")

    def _undecided(self, refusals: list[Refusal]) -> Judgement:
        """What a response means that decides nothing."""
        verb, bht = self.of.verb, self.tree.bht
        here = bht.value(2) or Value("", "BHT02", bht.number, bht.start, bht.end)
        if refusals:
            if verb != "inquire" and proves_nothing(refusals, self.reading):
                if self.asked:
                    raise MaybeSent("the reply says that no answer came in time (AAA)")
                self.reading.doubt("the response says that no answer came in time")
                return Judgement(Answer.UNMAPPED, refusals[0].given.code, refusals[0].loop)
            judged = judge_inquiry(refusals, self.reading) if verb == "inquire" else judge(refusals, self.reading)
            if verb == "cancel" and judged.answer is Answer.REJECTED:
                return judged._replace(answer=Answer.CANCEL_REFUSED)
            return judged
        if self.of.notice:
            return Judgement(Answer.RECEIVED, here, "header")
        if self.event and (verb == "inquire" or bht.text(6) == _MORE_FOLLOWS):
            return Judgement(Answer.RECEIVED, bht.value(6) or here, "header")
        self.reading.doubt("the response neither decides nor refuses")
        return Judgement(Answer.UNMAPPED, here, "header")

    def _finish(self, judged: Judgement, given: list[Given], refusals: list[Refusal], lines: Lines | None) -> Outcome:
        reading = self.reading
        reading.keep("/answer", judged.loop, judged.value)
        reasons = [("2000E", reason) for reason in given] + [(refusal.loop, refusal.given) for refusal in refusals]
        for count, (loop, reason) in enumerate(reasons):
            reading.keep_reason(f"/reasons/{count}", loop, reason)
        bht06 = self.tree.bht.value(6)
        if bht06:
            reading.keep("/final", "header", bht06)
        if self.event:
            self.references.read(self.event, lines)
        told = list(self._of_lines(lines))
        period = None
        if lines and any(result.outcome in GRANTED for result in lines.results):
            dates = reading.period(lines.event.loop, EVENT_DATES)
            period = reading.span("/period", "2000E", dates) if dates else None
        requests = told_of(lines.requests) if lines and judged.answer is Answer.REVIEWED else []
        for count, request in enumerate(requests):
            for name, value in request.values.items():
                reading.keep(f"/requested/{count}/{name}", request.loop, value)
        attention, whys = Attention.NONE, tuple(reading.doubts)
        if whys:
            attention = Attention.OPERATOR
        elif lines and lines.refused:
            attention, whys = Attention.PROVIDER, ("the payer could not process a service",)
        return Outcome(
            answer=judged.answer,
            lines=tuple(lines.results) if lines else (),
            reasons=tuple(reason.reason for _, reason in reasons),
            references=tuple(self.references.found),
            requested=tuple(request.item for request in requests),
            contacts=contacts_in(told, reading),
            follow_up=follow_ups_in(told, reading) if self._refused() else (),
            messages=self._messages(),
            period=period,
            effective_at=reading.effective_at(self.tree.bht),
            final=not bht06 or bht06.text != _MORE_FOLLOWS,
            retry_after=judged.retry_after,
            attention=attention,
            sources=reading.sources(),
            document=self.document,
            **put_together(whys),
        )

    def _messages(self) -> tuple[str, ...]:
        found: list[str] = []
        for loop in self._loops() if "MSG" in self.tree.tags else ():
            for message in messages_in(loop):
                self.reading.keep(f"/messages/{len(found)}", loop.name, message)
                found.append(message.text)
        return tuple(found)

    def _of_lines(self, lines: Lines | None) -> Iterator[tuple[Loop, str | None]]:
        """Every loop above the parties, with the line of ours that it is, where it is one alone."""
        traced = self.asked.line_traces if self.asked else {}
        places = {id(service): index for index, service in enumerate(self.event.services if self.event else ())}
        for loop in self._loops():
            known = {traced[told] for trn in loop.all("TRN") if (told := trn.text(2)) in traced}
            if lines and id(loop) in places:
                known = {result.line for result in lines.answers(places[id(loop)]) if result.line} or known
            yield loop, known.pop() if len(known) == 1 else None
