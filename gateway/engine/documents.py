"""Documents given for what a payer asks for: to whom each goes, for which of its requests, and what is wanting still.

A document has one destination, or none and a fault: it is never sent to a payer that did not ask for it, nor under a
number that was given for something else. Pure; knows no database and no network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gateway.contract.adapter import Answers
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.engine.attempts import SEEN, refused_for_now
from gateway.model.faults import pointer
from gateway.model.outcome import Answer, RequestedItem
from gateway.model.request import Attachment
from gateway.model.standing import Heard, Standing
from gateway.model.status import DECIDED, UNDER_REVIEW, CaseStatus, Delivery
from gateway.profiles.payer import Rhythm
from gateway.store.records import Attempt, Submission, Verb

_ANY = "other"
"""The kind of what is asked for in words that say no kind of ours."""

_UNSAID = RequestedItem(kind=_ANY)
"""What a payer asks for that wants information and does not say which."""


@dataclass(frozen=True)
class Target:
    """What a document can be given for: the payer's number, or the code of an item that came without one."""

    number: str | None
    code: str

    @staticmethod
    def of(item: RequestedItem) -> Target:
        return Target(item.control_number, "" if item.control_number else item.code or item.kind)


@dataclass(frozen=True)
class Asking:
    """A submission whose payer may be given documents. ``wanted`` is what is wanting of what it asks for."""

    submission: Submission
    wanted: tuple[RequestedItem, ...]

    def targets(self) -> dict[Target, str]:
        """What documents can be given for, and its kind. What is asked for of several lines stands there once."""
        twice = _told_twice(self.wanted)
        return {Target.of(item): item.kind for place, item in enumerate(self.wanted) if place not in twice}

    def meant(self, number: str | None, code: str | None) -> Target:
        """What a caller means who names a number or a code. A code may say more of what has a number."""
        for place, twin in _told_twice(self.wanted).items():
            if number is None and self.wanted[place].code == code:
                return Target.of(self.wanted[twin])
        return Target(number, "" if number else code or "")

    def given(self) -> Iterator[tuple[Attachment, Target]]:
        """The documents that the payer has or will get, and what they were given for."""
        for attempt in _standing(self.submission):
            yield from _targeted(attempt)


def may_be_answered(submission: Submission, standing: Standing) -> bool:
    """True where answers may be given: the payer asks for something, though it may have decided already."""
    asks = bool(standing.requested or standing.rounds) and standing.status in UNDER_REVIEW | DECIDED
    return (asks or standing.status is CaseStatus.NEEDS_INFORMATION) and not submission.cancelling


def assign(answers: Answers, asking: Sequence[Asking]) -> dict[UUID, Answers]:
    """What each submission is to be given: every document under the number or code that the caller names, else for the
    only item of its kind, else for the only item that says no kind. What was given before, and is not wanted again, is
    in none. Raises CannotExpress for each document that this leaves without one destination.
    """
    faults: list[Inexpressible] = []
    if answers.payer is not None:
        asking = [one for one in asking if one.submission.payer == answers.payer]
        if not asking:
            raise CannotExpress(Inexpressible("/payer", "this payer asks for nothing now", "Leave it out."))
    parcels: dict[UUID, list[tuple[Attachment, Target]]] = defaultdict(list)
    for place, attachment in enumerate(answers.attachments):
        if attachment.id in answers.control_numbers or attachment.id in answers.codes:
            found: _Found | Inexpressible | None = _named(answers, attachment, asking)
        elif _given_before(attachment, asking):
            continue
        else:
            found = _fitting(place, attachment, asking)
        if isinstance(found, Inexpressible):
            faults.append(found)
        elif found is not None:
            parcels[found[0].submission.id].append((attachment, found[1]))
    if answers.note is not None and not parcels and len(asking) == 1 and not answers.attachments:
        parcels[asking[0].submission.id] = []
    elif answers.note is not None and len(asking) > 1 and len(parcels) != 1:
        why = "several payers ask, and nothing says which of them the note is for"
        faults.append(Inexpressible("/note", why, "Name one of them in payer."))
    if faults:
        raise CannotExpress(*faults)
    return {name: _parcel(parcel, answers.note) for name, parcel in parcels.items()}


def unsent(submission: Submission, announced: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Those of the announced documents that were never to be sent. A document is its content: another one may have its
    id."""
    sent = [attachment for attempt in submission.attempts for attachment in _attachments(attempt)]
    return tuple(attachment for attachment in announced if attachment not in sent)


def following(submission: Submission, announced: Iterable[Attachment], asked: tuple[RequestedItem, ...]) -> Answers:
    """Announced documents that are to be sent now, by themselves. Those that are the payer's only item of their kind go
    first, under its number; the others go as they were announced, and are given for nothing. No message holds both."""
    left = unsent(submission, announced)
    asking = [Asking(submission, asked)]
    fitting = [(attachment, _of_kind(attachment, asking)) for attachment in left]
    solicited = [(attachment, found[0][1]) for attachment, found in fitting if len(found) == 1]
    return _parcel(solicited, None) if solicited else Answers(attachments=left)


def wanting(
    submission: Submission, standing: Standing, heard: Iterable[Heard], rhythm: Rhythm
) -> tuple[RequestedItem, ...]:
    """What the payer asks for and was not given: under its number, or for its code where it gave none. It was not given
    either what the payer asks for again, when it was asked for longer after the sending than it takes to settle."""
    asked = standing.requested
    if not asked and not standing.rounds and standing.status is CaseStatus.NEEDS_INFORMATION:
        asked = (_UNSAID,)
    last = _last_asked(heard)
    settle = timedelta(seconds=rhythm.settle_seconds)
    given: set[Target] = set()
    for attempt in _standing(submission):
        for _, target in _targeted(attempt):
            again = last.get(target)
            if again is None or attempt.sent_at is None or not taken(attempt) or again < attempt.sent_at + settle:
                given.add(target)
    twins = _told_twice(asked)
    return tuple(
        item.model_copy(update={"payer": submission.payer})
        for place, item in enumerate(asked)
        if Target.of(asked[twins.get(place, place)]) not in given
    )


def have_arrived(submission: Submission) -> bool | None:
    """Whether everything that was given for what a payer asks for has arrived, None where nothing was given."""
    given = [attempt for attempt in _standing(submission) if any(_targeted(attempt))]
    return all(map(taken, given)) if given else None


def taken(attempt: Attempt) -> bool:
    """True for what the payer has, as far as it said; that it has seen it before does not say what became of it."""
    return attempt.delivery is Delivery.RECONCILED or (attempt.delivery is Delivery.APP_ACKED and not _seen(attempt))


_Found = tuple[Asking, Target]


def _named(answers: Answers, attachment: Attachment, asking: Sequence[Asking]) -> _Found | Inexpressible | None:
    """Where the caller would have the document go."""
    number, code = answers.control_numbers.get(attachment.id), answers.codes.get(attachment.id)
    meant = [(one, one.meant(number, code)) for one in asking]
    found = [
        (one, target)
        for one, target in meant
        if target in one.targets() or target in {known for _, known in one.given()}
    ]
    if len(found) > 1:
        wanted = [(one, of) for one, of in found if one.targets().get(of) == attachment.kind]
        found = wanted if len(wanted) == 1 else found
    if len(found) == 1:
        one, of = found[0]
        # The same document for the same question, which is not asked again.
        return None if of not in one.targets() and (attachment, of) in one.given() else found[0]
    where = "control_numbers" if number else "codes"
    at = pointer((where, attachment.id))
    if found:
        return Inexpressible(at, "several payers ask under this name", "Name the one it is for in payer.")
    return Inexpressible(at, "no payer asks for this now", _choice(asking))


def _fitting(place: int, attachment: Attachment, asking: Sequence[Asking]) -> _Found | Inexpressible:
    """The only place where a document can go of which nothing is said but its kind."""
    found = _of_kind(attachment, asking) or [
        (one, target) for one in asking for target, kind in one.targets().items() if kind == _ANY
    ]
    if len(found) == 1:
        return found[0]
    why = "it can be meant for several things that are asked for" if found else "nothing of its kind is asked for"
    return Inexpressible(f"/attachments/{place}", why, _choice(asking))


def _of_kind(attachment: Attachment, asking: Sequence[Asking]) -> list[_Found]:
    return [
        (one, target)
        for one in asking
        for target, kind in one.targets().items()
        if kind == attachment.kind and kind != _ANY
    ]


def _given_before(attachment: Attachment, asking: Sequence[Asking]) -> bool:
    """True for a document that was given for something that is not wanted any more."""
    return any(held == attachment and target not in one.targets() for one in asking for held, target in one.given())


def _choice(asking: Sequence[Asking]) -> str:
    """How a caller says what a document is for."""
    targets = [target for one in asking for target in one.targets()]
    numbers = ", ".join(dict.fromkeys(target.number for target in targets if target.number))
    codes = ", ".join(dict.fromkeys(target.code for target in targets if not target.number))
    ways = [f"its number in control_numbers (asked for: {numbers})"] if numbers else []
    ways += [f"the code in codes (asked for without a number: {codes})"] if codes else []
    return f"Name {', or '.join(ways)}." if ways else "Send what the payer asks for."


def _parcel(parcel: Sequence[tuple[Attachment, Target]], note: str | None) -> Answers:
    return Answers(
        attachments=tuple(attachment for attachment, _ in parcel),
        control_numbers={attachment.id: target.number for attachment, target in parcel if target.number},
        codes={attachment.id: target.code for attachment, target in parcel if not target.number},
        note=note,
    )


def _told_twice(items: Sequence[RequestedItem]) -> Mapping[int, int]:
    """Places of items without a number that say more of one with a number, and of which: a payer that gives as many
    codes as numbers asks for each document by both (HI with LOINC codes, and PWK)."""
    by_line: dict[str | None, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place, item in enumerate(items):
        by_line[item.line][item.control_number is None].append(place)
    twins: dict[int, int] = {}
    for numbered, coded in by_line.values():
        if len(numbered) == len(coded):
            twins |= dict(zip(coded, numbered, strict=True))
    return twins


def _last_asked(heard: Iterable[Heard]) -> Mapping[Target, datetime]:
    """When the payer was spoken to whose answer asked for it last."""
    last: dict[Target, datetime] = {}
    for item in heard:
        if item.asked is not None and item.outcome.answer is Answer.REVIEWED:
            for wanted in item.outcome.requested or (() if item.outcome.questions else (_UNSAID,)):
                target = Target.of(wanted)
                last[target] = max(item.asked, last.get(target, item.asked))
    return last


def _standing(submission: Submission) -> Iterator[Attempt]:
    """Messages with documents that the payer has, or will get."""
    for attempt in submission.attempts:
        refused = attempt.delivery is Delivery.REFUSED and not refused_for_now(attempt)
        if attempt.verb is Verb.ANSWER and not refused and not _seen(attempt):
            yield attempt


def _targeted(attempt: Attempt) -> Iterator[tuple[Attachment, Target]]:
    """The documents of a message that were given for something, and for what."""
    work = attempt.work
    if isinstance(work, Answers):
        for attachment in work.attachments:
            number, code = work.control_numbers.get(attachment.id), work.codes.get(attachment.id)
            if number or code:
                yield attachment, Target(number, "" if number else code or "")


def _attachments(attempt: Attempt) -> tuple[Attachment, ...]:
    return attempt.work.attachments if isinstance(attempt.work, Answers) else ()


def _seen(attempt: Attempt) -> bool:
    return (attempt.error or "").startswith(SEEN)
