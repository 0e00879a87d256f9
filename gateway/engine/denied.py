"""What of a case is denied: each line with the payer's words, the notice, the policy's verdict and the appeals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from gateway.denials.read import Facts, Reader
from gateway.engine.clerk import Clerk
from gateway.model.appeal import APPEALABLE
from gateway.model.standing import Heard, Standing
from gateway.model.status import LineOutcome
from gateway.policy.verdict import LineVerdict, Report
from gateway.profiles.deadlines import Limit
from gateway.profiles.narrowed import Matter
from gateway.profiles.recourse import Known
from gateway.recourse.denial import Denial, noticed, terms_of_appeal
from gateway.recourse.levels import LeveledAppeal, leveled
from gateway.store import cases
from gateway.store.database import Database
from gateway.store.records import Case, Submission


@dataclass(frozen=True)
class Stood:
    """How a submission stands, and what was heard of it."""

    submission: Submission
    standing: Standing
    heard: Sequence[Heard]


class Docket:
    """Reads what is denied. ``known`` are the ways of recourse."""

    def __init__(self, database: Database, clerk: Clerk, reader: Reader, known: Sequence[Known]) -> None:
        self._database = database
        self._clerk = clerk
        self._reader = reader
        self._known = known

    async def read(self, connection: asyncpg.Connection, case: Case) -> list[Stood]:
        """How each submission of a case stands."""
        found: list[Stood] = []
        for held in case.submissions:
            heard = await cases.outcomes_of(self._database, connection, case, held.id)
            found.append(Stood(held, await self._clerk.stand(connection, case, held), heard))
        return found

    def denials(self, case: Case, stood: Sequence[Stood], report: Report | None = None) -> list[Denial]:
        """The lines that are denied, or granted for less than was asked. ``report`` is the payer's policy on the
        request as it is."""
        return [denial for part in stood for denial in self._denials(case, part, report)]

    def leveled(self, case: Case, stood: Sequence[Stood]) -> tuple[LeveledAppeal, ...]:
        """The appeals with their levels and windows."""
        found: list[LeveledAppeal] = []
        for part in stood:
            if appeals := part.standing.appeals:
                matter = _matter(case, part.submission, appeals[0].lines[0], case.created_at)
                found += leveled(appeals, part.heard, matter, self._known)
        return tuple(found)

    def _denials(self, case: Case, part: Stood, report: Report | None) -> list[Denial]:
        submission, standing, heard = part.submission, part.standing, part.heard
        verdicts = {verdict.line: verdict for verdict in report.lines} if report else {}
        said = self._facts(heard)
        window = next((each for each in said.windows if each.purpose == "peer_to_peer"), None)
        named = (_limit(each.length, each.unit) for each in said.windows if each.purpose == "appeal")
        times = tuple(limit for limit in named if limit is not None)
        found: list[Denial] = []
        for line in submission.line_ids:
            result = standing.lines.get(line)
            if result is None or result.outcome not in APPEALABLE:
                continue
            at, upheld = noticed(line, heard)
            at = at or upheld or case.updated_at
            verdict, terms = verdicts.get(line), terms_of_appeal(line, heard)
            found.append(
                Denial(
                    submission=submission.id,
                    payer=submission.payer,
                    line=line,
                    reasons=result.reasons or standing.reasons,
                    matter=_matter(case, submission, line, at),
                    noticed_at=at,
                    upheld_at=upheld,
                    appeals=tuple(each for each in standing.appeals if line in each.lines),
                    reduced=result.outcome is not LineOutcome.NOT_CERTIFIED,
                    urgency=case.request.urgency.level,
                    phone=said.phones[0] if window and len(said.phones) == 1 else None,
                    window=None if window is None else _limit(window.length, window.unit),
                    no_talk=said.no_talk,
                    times=times,
                    last_day=None if terms is None else terms.until,
                    elsewhere=terms is not None and terms.elsewhere,
                    sites=() if verdict is None else _sites(verdict),
                    products=() if verdict is None else _products(verdict),
                )
            )
        return found

    def _facts(self, heard: Sequence[Heard]) -> Facts:
        """What stands in the last words by which the payer denied something."""
        denied = [item.outcome for item in heard if any(line.outcome in APPEALABLE for line in item.outcome.lines)]
        if not denied:
            return Facts()
        last = denied[-1]
        reasons = [reason for line in last.lines for reason in line.reasons]
        texts = dict.fromkeys([*last.messages, *(reason.text for reason in reasons if reason.text)])
        return self._reader.read(" ".join(texts)).facts if texts else Facts()


def _matter(case: Case, submission: Submission, line: str, at: datetime) -> Matter:
    asked = next(each for each in case.request.lines if each.id == line)
    return Matter.of(asked, case.request, submission.payer, submission.benefit, at.astimezone(UTC).date())


def _limit(length: int, unit: str) -> Limit | None:
    """A window as the payer words it; none for one that is no time anybody has."""
    if unit.startswith("hour"):
        return Limit(hours=length) if 1 <= length <= 2160 else None
    if not 1 <= length <= 366:
        return None
    return Limit(business_days=length) if "business" in unit or "working" in unit else Limit(calendar_days=length)


def _sites(verdict: LineVerdict) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for site in verdict.site for place in site.preferred))


def _products(verdict: LineVerdict) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for each in verdict.preferred for code in each.preferred))
