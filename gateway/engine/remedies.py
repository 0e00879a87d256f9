"""What may be done about what a case's payers denied: from what was heard to the lines as ``gateway.recourse`` reads
them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.clocks.course import DRUGS
from gateway.denials.read import Facts, Reader
from gateway.engine import appeals
from gateway.model.appeal import APPEALABLE, Appeal
from gateway.model.reasons import Reason
from gateway.model.recourse import AppealLevel, LineRecourse
from gateway.model.standing import Heard, Standing
from gateway.policy.verdict import LineVerdict, PolicyFinding
from gateway.profiles.recourse import Recourse
from gateway.recourse.ways import Denied, level_of, ways_of
from gateway.store.records import Case, Submission

Told = tuple[Submission, Standing, Sequence[Heard]]
"""A submission, where it stands, and what was heard of it."""


@dataclass(frozen=True)
class Evidence:
    """What the payer's policy wanted of the denied lines when the case was taken, and what the request holds of it."""

    policies: tuple[str, ...]
    lines: tuple[LineVerdict, ...]
    findings: tuple[PolicyFinding, ...]


@dataclass(frozen=True)
class Remedies:
    """``evidence`` is None where nothing is denied, or no policy of the payer is known."""

    lines: tuple[LineRecourse, ...]
    appeals: tuple[AppealLevel, ...]
    evidence: Evidence | None = None


def remedies_of(case: Case, told: Sequence[Told], rules: Sequence[Recourse], reader: Reader, now: datetime) -> Remedies:
    """Each denied line with its ways, and each appeal with its level."""
    lines, levels = [], []
    for submission, standing, heard in told:
        asked = appeals.appeals_of(submission, heard)
        levels += [
            _level(case, submission, standing, heard, asked, place, rules, reader) for place in range(len(asked))
        ]
        for line in _denied_lines(submission, standing):
            denied = _denied(case, submission, standing, heard, line, asked, reader)
            ways = ways_of(denied, rules, now)
            lines.append(
                LineRecourse(
                    submission=submission.id,
                    payer=submission.payer,
                    line=line,
                    noticed_at=denied.noticed_at,
                    ways=ways,
                )
            )
    return Remedies(tuple(lines), tuple(levels))


def _denied_lines(submission: Submission, standing: Standing) -> Iterator[str]:
    for line in submission.line_ids:
        if line in standing.lines and standing.lines[line].outcome in APPEALABLE:
            yield line


def _level(
    case: Case,
    submission: Submission,
    standing: Standing,
    heard: Sequence[Heard],
    asked: Sequence[Appeal],
    place: int,
    rules: Sequence[Recourse],
    reader: Reader,
) -> AppealLevel:
    """By its first line, as that stood when it was asked for."""
    appeal = asked[place]
    before = [item for item in heard if item.at <= appeal.asked_at]
    denied = _denied(case, submission, standing, before, appeal.lines[0], asked[:place], reader)
    return level_of(denied, appeal, rules)


def _denied(
    case: Case,
    submission: Submission,
    standing: Standing,
    heard: Sequence[Heard],
    line: str,
    asked: Sequence[Appeal],
    reader: Reader,
) -> Denied:
    result = standing.lines[line]
    reasons = result.reasons or standing.reasons
    return Denied(
        payer=submission.payer,
        business=case.request.coverages[0].line_of_business,
        benefit=submission.benefit,
        drug=next(one.role for one in case.request.lines if one.id == line) in DRUGS,
        urgency=appeals.urgency_of(case.request, submission, standing),
        reasons=reasons,
        facts=_facts(reasons, reader),
        appeals=[appeal for appeal in asked if line in appeal.lines],
        noticed_at=noticed_at(line, heard),
    )


def _facts(reasons: Sequence[Reason], reader: Reader) -> Facts:
    read = [reader.read(text).facts for text in dict.fromkeys(reason.text for reason in reasons if reason.text)]
    return Facts(
        phones=tuple(dict.fromkeys(phone for facts in read for phone in facts.phones)),
        windows=tuple(window for facts in read for window in facts.windows),
    )


def noticed_at(line: str, heard: Sequence[Heard]) -> datetime | None:
    """When the denial that stands was said: the first word of it, for one that is repeated gives no new time, or the
    latest on an appeal. The payer's own time of it counts where it is before the hearing."""
    noticed: datetime | None = None
    for item in sorted(heard, key=lambda item: item.at):
        for result in item.outcome.lines:
            if result.line != line:
                continue
            if result.outcome not in APPEALABLE:
                noticed = None
            elif noticed is None or item.appeal:
                said = None if item.outcome.zone_unknown else item.outcome.effective_at
                noticed = item.at if said is None else min(item.at, said)
    return noticed
