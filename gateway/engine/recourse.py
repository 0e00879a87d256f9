"""The desk's counter for denials: what can be done about one, talks of peers, and the level of each appeal.

Each act is one transaction that also holds the job it calls for, as at the desk. Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.engine.clearing import Act, begin
from gateway.engine.denied import Docket, Stood
from gateway.engine.policing import Policing
from gateway.engine.queue import Queue, Walk
from gateway.engine.refusals import NotNow, Unfit, Unknown
from gateway.engine.talking import say
from gateway.model.faults import Finding
from gateway.model.status import DECIDED
from gateway.model.talk import Concluded, Opened, Proposed, Scheduled, Side, Slot, Talk, TalkOutcome
from gateway.policy.verdict import Report
from gateway.profiles.library import Library
from gateway.recourse.denial import Denial, offers_talk
from gateway.recourse.levels import LeveledAppeal
from gateway.recourse.options import Option, options_of, phone_of_talk, talk_path, window_of_talk
from gateway.recourse.talks import NoMove, overlapping, talks_of
from gateway.store import cases
from gateway.store.acceptance import Acceptance, Accepted
from gateway.store.database import Database
from gateway.store.keys import Key
from gateway.store.records import Case, Due, Submission
from gateway.store.talks import read_words

_OVERTURNED = frozenset({TalkOutcome.OVERTURNED, TalkOutcome.PARTLY_OVERTURNED})


@dataclass(frozen=True)
class Opening:
    """What a talk of peers is opened with. Without ``lines`` it is over all that one payer denied."""

    by: Side
    lines: tuple[str, ...] = ()
    phone: str | None = None
    until: datetime | None = None
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True)
class Situation:
    """What can be done about a case's denials, and with what."""

    case: Case
    options: tuple[Option, ...]
    talks: tuple[Talk, ...]
    appeals: tuple[LeveledAppeal, ...]
    report: Report | None
    """The payer's policy on the request as it is; None where nothing is denied."""
    denied: tuple[str, ...]
    reduced: tuple[str, ...]
    """Lines that were granted for less than was asked."""


class Recourse:
    """``clock`` gives the time in UTC."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        docket: Docket,
        library: Library,
        policing: Policing,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._queue = queue
        self._docket = docket
        self._known = library.reference.recourse
        self._policing = policing
        self._clock = clock

    async def show(self, caller: Key, case_id: UUID) -> Situation:
        """What can be done now. Raises Unknown for no such case."""
        async with self._database.snapshot() as connection:
            case = await cases.load_case(self._database, connection, case_id, tenant=caller.tenant, mode=caller.mode)
            if case is None:
                raise Unknown
            talks = talks_of(await read_words(self._database, connection, case))
            stood = await self._docket.read(connection, case)
        report = self._policing.review(case.request)
        denials = self._docket.denials(case, stood, report)
        return Situation(
            case=case,
            options=options_of(denials, self._known, talks, self._clock()),
            talks=talks,
            appeals=self._docket.leveled(case, stood),
            report=report if denials else None,
            denied=tuple(dict.fromkeys(denial.line for denial in denials if not denial.reduced)),
            reduced=tuple(dict.fromkeys(denial.line for denial in denials if denial.reduced)),
        )

    async def appeals(self, connection: asyncpg.Connection, case: Case) -> tuple[LeveledAppeal, ...]:
        """The case's appeals with their levels and windows."""
        return self._docket.leveled(case, await self._docket.read(connection, case))

    async def open(self, caller: Key, case_id: UUID, opening: Opening, act: Act) -> Acceptance:
        """Open a talk of peers over denied lines of one payer. The payer's window follows from its own words or from
        what is known of it, where the opening names none.

        Raises Unknown for no such case, NotNow where no clinical denial stands (and the payer does not offer it all the
        same) or a talk over one is open, Unfit for lines that are not denied by one payer or a time that has passed.
        """
        async with self._queue.transaction(self._database) as connection:
            case, taken = await begin(self._database, connection, caller, case_id, act)
            if not isinstance(taken, Accepted):
                return taken
            now = self._clock()
            _in_future(opening, now)
            talks = talks_of(await read_words(self._database, connection, case))
            stood = await self._docket.read(connection, case)
            denials = self._talked_over(case, stood, opening)
            first, lines = denials[0], tuple(denial.line for denial in denials)
            if again := overlapping(talks, first.submission, lines):
                raise NotNow(
                    f"Talk {again.n} over line {', '.join(again.lines)} is open ({again.state}). Move that one."
                )
            path = talk_path(first, self._known)
            until, rule = (opening.until, None) if opening.until else window_of_talk(first, path)
            late = until is not None and until < now
            word = Opened(
                n=len(talks) + 1,
                at=now,
                submission=first.submission,
                payer=first.payer,
                lines=lines,
                by=opening.by,
                phone=opening.phone or phone_of_talk(first, path),
                until=None if late else until,
                path=rule,
                late=late,
                slots=opening.slots,
            )
            await say(self._database, connection, case, talks, word)
        return taken

    async def propose(
        self, caller: Key, case_id: UUID, n: int, by: Side, slots: tuple[Slot, ...], act: Act
    ) -> Acceptance:
        """Name times for a talk. Raises Unknown for no such talk, NotNow for one that is over, Unfit for a time
        that has passed."""
        _still_to_come(slots, ("slots",), self._clock())
        return await self._say(caller, case_id, n, lambda now: Proposed(n=n, at=now, by=by, slots=slots), act)

    async def schedule(self, caller: Key, case_id: UUID, n: int, slot: Slot, phone: str | None, act: Act) -> Acceptance:
        """Fix, or move, the time of a talk. Raises as ``propose``."""
        _still_to_come((slot,), ("slot",), self._clock())
        return await self._say(caller, case_id, n, lambda now: Scheduled(n=n, at=now, slot=slot, phone=phone), act)

    async def conclude(
        self, caller: Key, case_id: UUID, n: int, outcome: TalkOutcome, reference: str | None, act: Act
    ) -> Acceptance:
        """Say what came of a talk. What was overturned on the telephone grants nothing: the payer is asked for its
        written word. One that was missed may be told of afterwards. Raises Unknown for no such talk, NotNow for one
        that is over."""
        return await self._say(
            caller, case_id, n, lambda now: Concluded(n=n, at=now, outcome=outcome, reference=reference), act
        )

    async def _say(
        self,
        caller: Key,
        case_id: UUID,
        n: int,
        worded: Callable[[datetime], Proposed | Scheduled | Concluded],
        act: Act,
    ) -> Acceptance:
        async with self._queue.transaction(self._database) as connection:
            case, taken = await begin(self._database, connection, caller, case_id, act)
            if not isinstance(taken, Accepted):
                return taken
            now = self._clock()
            talks = talks_of(await read_words(self._database, connection, case))
            talk = next((each for each in talks if each.n == n), None)
            if talk is None:
                raise Unknown
            word = worded(now)
            overturned = isinstance(word, Concluded) and word.outcome in _OVERTURNED
            asked = _asked_at_once(case.submission(talk.submission), now) if overturned else None
            try:
                await say(self._database, connection, case, talks, word, () if asked is None else (asked,))
            except NoMove as error:
                raise NotNow(str(error)) from None
            if asked is not None:
                await self._queue.put_walks(connection, [Walk(case.id, asked.id, asked.due_for)])
        return taken

    def _talked_over(self, case: Case, stood: Sequence[Stood], opening: Opening) -> list[Denial]:
        known = {line.id for line in case.request.lines}
        faults = [
            Finding(("lines", n), "line_id", "The request has no such line.", "Send ids of its lines.")
            for n, line in enumerate(opening.lines)
            if line not in known
        ]
        if faults:
            raise Unfit(faults)
        denials = self._docket.denials(case, stood)
        chosen = [each for each in denials if (each.line in opening.lines if opening.lines else not each.reduced)]
        if not chosen and not opening.lines:
            raise NotNow(f"Nothing is denied; the case is {case.status}.")
        if opening.by == "practice":
            chosen = [denial for denial in chosen if offers_talk(denial.reasons)]
        if not chosen:
            raise NotNow(
                "Nothing of this is denied for a clinical reason, so there is nothing for peers to talk over. "
                "GET /v1/requests/{id}/recourse says what to do instead; where the payer offers a talk all the same, "
                "send offered_by: payer."
            )
        if len({denial.submission for denial in chosen}) > 1:
            says, fix = (
                "Several payers denied this.",
                "Send lines that one payer denied, and open a talk for each payer.",
            )
            raise Unfit([Finding(("lines",), "several_payers", says, fix)])
        left = [n for n, line in enumerate(opening.lines) if line not in {denial.line for denial in chosen}]
        if left:
            says, fix = "It is not denied for a clinical reason.", "Leave it out."
            raise Unfit([Finding(("lines", n), "not_denied", says, fix) for n in left])
        return chosen


def _asked_at_once(submission: Submission, now: datetime) -> Submission | None:
    """The submission with an inquiry due, where nothing of it is under way that would ask the payer anyhow."""
    if submission.status not in DECIDED or submission.due_for not in (None, Due.POLL):
        return None
    return replace(submission, due_at=now, due_for=Due.POLL)


def _in_future(opening: Opening, now: datetime) -> None:
    if opening.until is not None and opening.until <= now:
        says, fix = "The payer's window has ended.", "Send the end of a window that is open, or leave it out."
        raise Unfit([Finding(("until",), "past", says, fix)])
    _still_to_come(opening.slots, ("slots",), now)


def _still_to_come(slots: Sequence[Slot], at: tuple[str, ...], now: datetime) -> None:
    one = at == ("slot",)
    faults = [
        Finding(((*at, "start") if one else (*at, n, "start")), "past", "This time has passed.", "Send one to come.")
        for n, slot in enumerate(slots)
        if slot.start <= now
    ]
    if faults:
        raise Unfit(faults)
