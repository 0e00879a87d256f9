"""What a payer says after all of a case that it had closed for another to be asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.engine import recording
from gateway.engine.told import Told
from gateway.engine.whole import restated
from gateway.model.outcome import Answer, LineResult, Outcome
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.store.records import Case, Rerouted, Step, Submission
from tests.unit.engine_material import NOW, RHYTHM, an_attempt
from tests.unit.test_engine_detours import a_case, closed_by


def handed_over() -> Case:
    """A drug that a payer closed with an answer, and that another denied."""
    filing = an_attempt(delivery=Delivery.APP_ACKED, sent=60, planned=60)
    closed = replace(closed_by(), attempts=(filing,), attention=Attention.NONE)
    denied = closed_by("osprey_rx", "osprey", 2, Rerouted(instead_of=closed.id))
    return a_case(closed, replace(denied, status=CaseStatus.DENIED, attention=Attention.NONE))


def said_after_all(case: Case, line: LineOutcome) -> tuple[Step, Submission]:
    """What is written when the payer that closed it says this of the line."""
    closed = case.submissions[0]
    result = LineResult(line="1", outcome=line)
    told = Told(closed.attempts[0], None, Outcome(answer=Answer.REVIEWED, lines=(result,)), None, effect=True)
    over = Heard(Outcome(answer=Answer.CLOSED), NOW - timedelta(minutes=1))
    no = {"1": LineResult(line="1", outcome=LineOutcome.NOT_CERTIFIED)}
    others = [Standing(CaseStatus.DENIED, no)]
    return recording.answered(case, closed, told, [over], others, NOW, RHYTHM, ())


def test_a_payer_that_decides_what_it_had_handed_on_calls_an_operator_and_no_denied_line_is_called_approved() -> None:
    case = handed_over()
    step, after = said_after_all(case, LineOutcome.CERTIFIED)
    assert (after.status, after.attention) == (CaseStatus.APPROVED, Attention.OPERATOR)
    assert step.standing is not None
    assert (step.standing.status, step.standing.lines["1"].outcome) == (CaseStatus.DENIED, LineOutcome.NOT_CERTIFIED)
    assert step.standing.attention is Attention.OPERATOR
    assert "closed the case for another one" in (step.standing.attention_why or "")
    now = replace(case, submissions=(after, case.submissions[1]), standing=step.standing)
    told = restated(now, case.submissions[1])
    assert (told.status, told.attention) == (CaseStatus.DENIED, Attention.OPERATOR)


def test_a_payer_that_reviews_on_what_it_had_handed_on_calls_an_operator_and_the_case_stands() -> None:
    case = handed_over()
    step, after = said_after_all(case, LineOutcome.INFO_REQUESTED)
    assert (after.status, after.attention) == (CaseStatus.CLOSED_BY_PAYER, Attention.OPERATOR)
    assert step.standing is not None
    assert (step.standing.status, step.standing.attention) == (CaseStatus.DENIED, Attention.OPERATOR)
    now = replace(case, submissions=(after, case.submissions[1]), standing=step.standing)
    assert restated(now, case.submissions[1]).attention is Attention.OPERATOR
