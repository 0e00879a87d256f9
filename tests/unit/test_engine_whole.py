"""Lines that no route takes: their reasons stay with the case, whatever is heard of its other lines."""

from __future__ import annotations

from dataclasses import replace

from gateway.engine import recording
from gateway.engine.whole import restated, together
from gateway.model.outcome import NoRoute
from gateway.model.standing import settle
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.routing.decision import Decision, Rule, Unrouted, Why
from gateway.store.records import Case, Step
from tests.unit.test_engine_recording import NO_PLAN, a_case, a_submission

MODE = Why(rule=Rule.NO_ROUTE, says="No route takes these lines.", fix="Use another key.")
UNCLEAR = Why(
    rule=Rule.BENEFIT_UNCLEAR, says="The line names only a product.", fix="Send it.", pointer="/lines/2/benefit"
)
TOLD = "Line 2: No route takes these lines. Use another key. Line 3: The line names only a product. Send it."


def decided(*unrouted: Unrouted) -> Decision:
    return NO_PLAN.model_copy(update={"unrouted": unrouted})


def after(case: Case, step: Step) -> Case:
    """The case as the step leaves it."""
    standing = step.standing
    assert standing is not None
    return replace(
        case,
        standing=standing,
        status=standing.status,
        attention_why=standing.attention_why,
        submissions=step.submissions,
    )


def test_each_line_that_goes_nowhere_keeps_its_reason_and_its_fix_for_the_life_of_the_case() -> None:
    decision = decided(
        Unrouted(line_ids=("2",), benefit="medical", why=MODE), Unrouted(line_ids=("3",), benefit=None, why=UNCLEAR)
    )
    submission = a_submission(lines=("1",))
    step = recording.routed(a_case(), decision, (submission,))
    assert step.standing is not None
    assert (step.standing.attention, step.standing.attention_why) == (Attention.PROVIDER, TOLD)
    reasons = {line: result.no_route for line, result in step.standing.lines.items()}
    assert reasons == {
        "1": None,
        "2": NoRoute(why=MODE.says, fix=MODE.fix),
        "3": NoRoute(why=UNCLEAR.says, fix=UNCLEAR.fix, pointer=UNCLEAR.pointer),
    }
    case = after(a_case(), step)
    sent = settle(submission.line_ids, Delivery.SENT, ())
    for later in (together(case, case.submissions, [sent]), restated(case, submission)):
        assert {line: result.no_route for line, result in later.lines.items()} == reasons
        assert later.attention_why == TOLD


def test_lines_with_one_reason_are_told_together() -> None:
    decision = decided(Unrouted(line_ids=("1", "2", "3"), benefit="medical", why=MODE))
    step = recording.routed(a_case(), decision, ())
    assert step.standing is not None
    assert step.standing.status is CaseStatus.FAILED
    assert step.standing.attention_why == "Line 1, 2, 3: No route takes these lines. Use another key."
    assert step.events[0].data["attention_why"] == step.standing.attention_why


def test_a_case_that_was_routed_before_reasons_were_kept_still_tells_its_lines() -> None:
    case = replace(a_case(), submissions=(a_submission(lines=("1",)),))
    whole = together(case, case.submissions, [settle(("1",), Delivery.SENT, ())])
    assert whole.attention_why == "Line 2, 3: No route can carry it."
