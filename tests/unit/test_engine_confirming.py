"""What a delegate recommends, and how the payer itself is asked to authorize it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

from gateway.engine import recording, timekeeping
from gateway.engine.confirming import Confirmation, Confirmer, Unconfirmed, unconfirmed
from gateway.engine.outstanding import taken_up
from gateway.engine.scripts import Scripts
from gateway.engine.told import Told
from gateway.engine.whole import restated, together
from gateway.engine.wording import carded
from gateway.model.clock import State
from gateway.model.outcome import Answer, LineResult, Outcome, Reference, ReferenceKind
from gateway.model.recommendation import recommended
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.routing.decision import Rule
from gateway.store.numbers import ControlNumbers
from gateway.store.records import Case, Confirming, Due, Step, Submission
from tests.unit.api_house import Parrot
from tests.unit.engine_material import NOW, RHYTHM, an_attempt
from tests.unit.routing_material import a_hcpcs, ask
from tests.unit.test_clocks import rule
from tests.unit.test_engine_detours import Numbers, a_library
from tests.unit.test_engine_detours import a_case as a_case_of


def delegate(**over: Any) -> Submission:
    """What a delegate was asked, two lines, and has recommended."""
    name = uuid4()
    filing = replace(an_attempt(delivery=Delivery.APP_ACKED, sent=9), submission_id=name)
    made = Submission(
        id=name,
        place=1,
        payer="osprey_rx",
        connection="osprey",
        channel="pigeon",
        benefit="medical",
        line_ids=("1", "2"),
        status=CaseStatus.RECOMMENDED,
        recommends=True,
        attempts=(filing,),
    )
    return replace(made, **over)


def own(of: Submission, status: CaseStatus, *lines: str) -> Submission:
    """The payer itself, asked for these lines."""
    filing = an_attempt(delivery=Delivery.APP_ACKED, sent=1)
    filing = replace(filing, work=Confirming(recommended_by=of.id, code="CODE-1"))
    return replace(
        of,
        id=uuid4(),
        place=2,
        payer="evergreen_health",
        connection="clearinghouse",
        line_ids=lines or of.line_ids,
        status=status,
        recommends=False,
        attempts=(filing,),
    )


def a_case(*submissions: Submission, note: str | None = None) -> Case:
    lines = [a_hcpcs(id=name, supply="buy_and_bill") for name in ("1", "2")]
    return a_case_of(*submissions, request=ask(*lines, note=note))


def says(*outcomes: LineOutcome, numbers: tuple[str | None, ...] = ("CODE-1", "CODE-1")) -> Outcome:
    lines = tuple(
        LineResult(line=str(place), outcome=outcome, authorization_number=number)
        for place, (outcome, number) in enumerate(zip(outcomes, numbers, strict=True), start=1)
    )
    return Outcome(answer=Answer.REVIEWED, lines=lines)


RULE = rule(lines_of_business=["commercial"])
YES, NO = LineOutcome.CERTIFIED, LineOutcome.NOT_CERTIFIED


async def find(case: Case, outcome: Outcome) -> Confirmation | Unconfirmed | None:
    library, adapters = a_library(), {"pigeon": Parrot()}
    scripts = Scripts(library, adapters, cast(ControlNumbers, Numbers()), lambda: NOW)
    confirmer = Confirmer(library, adapters, scripts, lambda: NOW)
    return await confirmer.find(case, case.submissions[0], [Heard(outcome, NOW)])


def test_nothing_that_a_delegate_recommends_is_granted_and_its_number_is_of_the_determination() -> None:
    whole = Reference(kind=ReferenceKind.AUTHORIZATION, value="CODE-1")
    other = Reference(kind=ReferenceKind.REVIEW, value="R-1")
    said = says(YES, NO).model_copy(update={"references": (whole, other)})
    standing = recording.stand(delegate(), [Heard(said, NOW)])
    assert {line: result.outcome for line, result in standing.lines.items()} == {
        "1": LineOutcome.RECOMMENDED,
        "2": NO,
    }
    assert standing.status is CaseStatus.RECOMMENDED
    assert standing.lines["1"].authorization_number is None
    assert standing.references == (
        other,
        Reference(kind=ReferenceKind.DETERMINATION, value="CODE-1", line="1"),
    )
    assert not standing.reference_pending
    assert recording.stand(delegate(recommends=False), [Heard(said, NOW)]).lines["1"].outcome is YES
    reduced = recommended(Heard(says(LineOutcome.CERTIFIED_MODIFIED, YES), NOW)).outcome
    assert {line.outcome for line in reduced.lines} == {LineOutcome.RECOMMENDED}


async def test_the_payer_is_asked_for_what_is_recommended_under_its_code() -> None:
    case = a_case(delegate())
    found = await find(case, says(YES, NO))
    assert isinstance(found, Confirmation)
    [new] = found.submissions
    assert (new.payer, new.connection, new.place, new.line_ids) == ("evergreen_health", "clearinghouse", 2, ("1",))
    assert (new.status, new.due_for, new.due_at, new.recommends) == (CaseStatus.QUEUED, Due.RETRY, NOW, False)
    assert new.confirms == Confirming(recommended_by=case.submissions[0].id, code="CODE-1")
    assert carded(case, new).previous_review == "CODE-1"
    assert carded(case, case.submissions[0]).previous_review is None
    [decision] = found.decisions
    assert {side.why.rule for side in decision.sides} == {Rule.RECOMMENDED}
    assert Rule.STATED not in {step.rule for side in decision.sides for step in side.steps}


async def test_lines_of_two_codes_are_asked_for_apart() -> None:
    found = await find(a_case(delegate()), says(YES, YES, numbers=("CODE-1", "CODE-2")))
    assert isinstance(found, Confirmation)
    assert [(new.place, new.line_ids, new.confirms and new.confirms.code) for new in found.submissions] == [
        (2, ("1",), "CODE-1"),
        (3, ("2",), "CODE-2"),
    ]


async def test_the_payer_is_asked_once_and_not_before_there_is_a_code_or_while_it_is_taken_back() -> None:
    assert await find(a_case(delegate()), says(YES, YES, numbers=("CODE-1", None))) is None
    assert await find(a_case(delegate(cancelling=True)), says(YES, YES)) is None
    assert await find(a_case(delegate(recommends=False)), says(YES, YES)) is None
    assert await find(a_case(delegate(status=CaseStatus.PENDED)), says(YES, LineOutcome.PENDING)) is None
    asked = delegate()
    assert await find(a_case(asked, own(asked, CaseStatus.PENDED)), says(YES, YES)) is None


async def test_a_person_asks_a_payer_that_no_route_can_ask() -> None:
    case = a_case(delegate(), note="unsayable")
    found = await find(case, says(YES, YES))
    assert isinstance(found, Unconfirmed)
    assert "the payer itself cannot be asked" in found.why
    assert "no room" in found.why
    found = await find(a_case(delegate()), says(YES, YES, numbers=("C" * 60, "C" * 60)))
    assert isinstance(found, Unconfirmed)
    assert "CCC" not in found.why


def test_the_practice_is_called_with_why_and_the_delegate_is_asked_no_more() -> None:
    asked = delegate()
    case, said = a_case(asked), standing(CaseStatus.RECOMMENDED, LineOutcome.RECOMMENDED)
    step, after = unconfirmed(case, Step(case.id), asked, [], said, Unconfirmed("nobody takes it"))
    assert (after.attention, after.attention_why, after.due_at) == (Attention.PROVIDER, "nobody takes it", None)
    assert step.standing is not None
    assert (step.standing.status, step.standing.attention) == (CaseStatus.RECOMMENDED, Attention.PROVIDER)
    [entry] = step.entries
    assert entry.meta == {"note": "not_confirming"}


def standing(status: CaseStatus, outcome: LineOutcome, *lines: str) -> Standing:
    return Standing(status, {line: LineResult(line=line, outcome=outcome) for line in lines or ("1", "2")})


def test_the_case_is_recommended_until_the_payer_decides_or_asks() -> None:
    asked = delegate()
    says_so = standing(CaseStatus.RECOMMENDED, LineOutcome.RECOMMENDED)
    for status, outcome, whole, line in (
        (CaseStatus.QUEUED, LineOutcome.PENDING, CaseStatus.RECOMMENDED, LineOutcome.RECOMMENDED),
        (CaseStatus.PENDED, LineOutcome.PENDING, CaseStatus.RECOMMENDED, LineOutcome.RECOMMENDED),
        (CaseStatus.UNCERTAIN, LineOutcome.PENDING, CaseStatus.UNCERTAIN, LineOutcome.RECOMMENDED),
        (CaseStatus.NEEDS_INFORMATION, LineOutcome.INFO_REQUESTED, CaseStatus.NEEDS_INFORMATION, None),
        (CaseStatus.APPROVED, YES, CaseStatus.APPROVED, YES),
        (CaseStatus.DENIED, NO, CaseStatus.DENIED, NO),
    ):
        case = a_case(asked, own(asked, status))
        told = together(case, case.submissions, (says_so, standing(status, outcome)))
        assert told.status is whole
        assert {result.outcome for result in told.lines.values()} == {line or outcome}
        assert restated(replace(case, standing=told), case.submissions[1]).status is whole


def test_what_the_delegate_denies_stays_beside_what_the_payer_decides() -> None:
    asked = delegate()
    case = a_case(asked, own(asked, CaseStatus.APPROVED, "1"))
    assert taken_up(case.submissions) == {asked.id: frozenset({"1"})}
    lines = {
        "1": LineResult(line="1", outcome=LineOutcome.RECOMMENDED),
        "2": LineResult(line="2", outcome=NO),
    }
    said = Standing(CaseStatus.RECOMMENDED, lines)
    told = together(case, case.submissions, (said, standing(CaseStatus.APPROVED, YES, "1")))
    assert told.status is CaseStatus.PARTIALLY_APPROVED
    assert [told.lines[line].outcome for line in ("1", "2")] == [YES, NO]
    assert restated(replace(case, standing=told), case.submissions[1]).status is CaseStatus.PARTIALLY_APPROVED


def test_a_cancellation_that_the_delegate_has_not_confirmed_is_open() -> None:
    asked = delegate(status=CaseStatus.CANCEL_PENDING, cancelling=True)
    case = a_case(asked, own(asked, CaseStatus.CANCELLED))
    pending = standing(CaseStatus.CANCEL_PENDING, LineOutcome.RECOMMENDED)
    told = together(case, case.submissions, (pending, standing(CaseStatus.CANCELLED, LineOutcome.CANCELLED)))
    assert told.status is CaseStatus.CANCEL_PENDING
    assert {result.outcome for result in told.lines.values()} == {LineOutcome.CANCELLED}
    assert restated(replace(case, standing=told), case.submissions[1]).status is CaseStatus.CANCEL_PENDING


def test_a_delegate_that_takes_back_what_it_recommended_calls_an_operator_and_the_payers_word_stands() -> None:
    asked = delegate()
    asked = replace(asked, attempts=(an_attempt(delivery=Delivery.APP_ACKED, sent=60, planned=60),))
    case = a_case(asked, own(asked, CaseStatus.APPROVED))
    told = Told(asked.attempts[0], None, says(NO, NO, numbers=(None, None)), None, effect=True)
    before = Heard(says(YES, YES), NOW)
    others = [standing(CaseStatus.APPROVED, YES)]
    step, after = recording.answered(case, asked, told, [before], others, NOW, RHYTHM, ())
    assert after.attention is Attention.OPERATOR
    assert step.standing is not None
    assert (step.standing.status, step.standing.attention) == (CaseStatus.APPROVED, Attention.OPERATOR)
    assert "takes back" in (step.standing.attention_why or "")


def test_a_recommendation_ends_the_delegates_time_and_is_no_approval() -> None:
    asked = delegate()
    case = a_case(asked, own(asked, CaseStatus.PENDED))
    read = timekeeping.read(case, asked, [Heard(says(YES, YES), NOW)], (RULE,), NOW)
    assert [clock.state for clock in read.clocks] == [State.MET]
    assert {outcome for clock in read.clocks for outcome in clock.outcomes} == {LineOutcome.RECOMMENDED}


def test_a_delegate_is_asked_no_more_once_its_payer_is() -> None:
    asked = delegate()
    asked = replace(asked, attempts=(an_attempt(delivery=Delivery.APP_ACKED, sent=60, planned=60),))
    told = Told(asked.attempts[0], None, says(YES, YES), None, effect=True)
    others = [standing(CaseStatus.PENDED, LineOutcome.PENDING)]
    for case, due in ((a_case(asked), True), (a_case(asked, own(asked, CaseStatus.PENDED)), False)):
        _, after = recording.answered(case, asked, told, [], others[: len(case.submissions) - 1], NOW, RHYTHM, ())
        assert (after.due_at is not None) is due
