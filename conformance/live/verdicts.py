"""What a live run says: of one assertion in one answer, and of each assertion over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from conformance.live.catalogue import Assertion
from conformance.live.talk import Said
from conformance.verdict import Result, Verdict, worst


@dataclass(frozen=True)
class Check:
    """One look at one answer. ``message`` is the number of the message it was seen in, 0 for none."""

    assertion: str
    verdict: Verdict
    step: str
    reason: str = ""
    message: int = 0


@dataclass(frozen=True)
class Judgement:
    """One assertion, by the worst that was seen of it. ``seconds`` are those of the slowest answer looked at."""

    assertion: Assertion
    verdict: Verdict
    checks: tuple[Check, ...]
    reason: str
    seconds: float

    def told(self) -> tuple[Check, ...]:
        """The checks worth reading: all that did not pass, each reason once."""
        seen: dict[tuple[Verdict, str], Check] = {}
        for check in self.checks:
            if check.verdict is not Verdict.PASS:
                seen.setdefault((check.verdict, check.reason), check)
        return tuple(seen.values())

    @property
    def looks(self) -> int:
        """In how many answers it was seen to hold."""
        return sum(check.verdict is Verdict.PASS for check in self.checks)


@dataclass(frozen=True)
class Run:
    """A run as it was. ``on_file`` names what may still be on file at the payer, by our own trace numbers; ``unjudged``
    says why it proves nothing, though nothing failed."""

    payer: str
    payer_name: str
    connection: str
    carrier: str
    endpoint: str
    source: str
    at: datetime
    seconds: float
    filed: int
    cancelled: int
    on_file: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    said: tuple[Said, ...]
    unjudged: str = ""

    def results(self) -> tuple[Result, ...]:
        """As the reports of cases have them."""
        return tuple(
            Result(
                channel=f"live {self.connection} {self.payer}",
                case=each.assertion.id,
                title=each.assertion.says,
                verdict=each.verdict,
                reason=each.reason,
                requirements=(each.assertion.id,),
                seconds=each.seconds,
            )
            for each in self.judgements
        )


def judged(
    assertions: Sequence[Assertion], checks: Iterable[Check], carrier: str, said: Sequence[Said]
) -> tuple[Judgement, ...]:
    """Every assertion with its verdict; one that nothing looked at is omitted, with its reason."""
    by_id: dict[str, list[Check]] = {}
    for check in checks:
        by_id.setdefault(check.assertion, []).append(check)
    return tuple(_judged(each, by_id.get(each.id, []), carrier, said) for each in assertions)


def _judged(assertion: Assertion, checks: list[Check], carrier: str, said: Sequence[Said]) -> Judgement:
    verdict = worst(check.verdict for check in checks)
    if verdict is None:
        if assertion.reason:
            return Judgement(assertion, Verdict.OMIT, (), assertion.reason, 0.0)
        if carrier not in assertion.carriers:
            reason = f"It is about {', '.join(assertion.carriers)}; this connection speaks {carrier}."
            return Judgement(assertion, Verdict.OMIT, (), reason, 0.0)
        return Judgement(assertion, Verdict.SKIP, (), "No answer came in which it could be seen.", 0.0)
    where: dict[str, list[Check]] = {}
    for check in checks:
        if check.verdict is verdict and check.reason:
            where.setdefault(check.reason, []).append(check)
    messages = {check.message for check in checks}
    seconds = max((each.seconds for each in said if each.number in messages), default=0.0)
    reason = "\n".join(f"{why} ({_places(found)})" for why, found in where.items())
    return Judgement(assertion, verdict, tuple(checks), reason, seconds)


def _places(checks: list[Check]) -> str:
    first, *more = checks
    message = f", message {first.message}" if first.message else ""
    return f"{first.step}{message}{f'; and {len(more)} more' if more else ''}"
