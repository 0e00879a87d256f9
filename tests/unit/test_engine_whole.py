"""A case as a whole: lines that no route takes keep their reasons, whatever is heard of its other lines, and who must
act is the most urgent word of all submissions, whichever of them moves."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.contract.frames import Https
from gateway.engine import acts, recording
from gateway.engine.whole import restated, together
from gateway.model.outcome import NoRoute
from gateway.model.standing import settle
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.routing.decision import Decision, Rule, Unrouted, Why
from gateway.store.records import Case, Step, Submission, Verb
from tests.unit.test_engine_recording import NO_PLAN, NOW, a_case, a_submission, an_attempt, standing_of

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


def two(waiting: Submission, moving: Submission) -> Case:
    """A case of two submissions as a step left it."""
    case = replace(a_case(waiting, moving), status=CaseStatus.PENDED)
    whole = restated(case, moving)
    return replace(case, standing=whole, status=whole.status, attention=whole.attention)


@pytest.mark.parametrize("who", [Attention.PROVIDER, Attention.OPERATOR])
def test_while_one_submission_is_asked_about_the_case_still_says_who_must_act_on_another(who: Attention) -> None:
    filing = replace(an_attempt(Delivery.APP_ACKED), ended_at=NOW)
    waiting = replace(
        a_submission(filing, lines=("1",)), status=CaseStatus.PENDED, attention=who, attention_why="Say what it is."
    )
    moving = replace(
        a_submission(filing, lines=("2", "3"), place=2), status=CaseStatus.PENDED, attention=Attention.PAYER
    )
    case, inquiry = two(waiting, moving), an_attempt(Delivery.PLANNED, Verb.INQUIRE)
    asks = recording.sent(case, moving, inquiry, Https("POST", "https://127.0.0.1/", effect=False), NOW, NOW)
    cancels = acts.asked(case, moving, inquiry, cancelling=False, note={"note": "documents_given"})
    for step in (asks, cancels):
        assert step.standing is not None
        assert (step.standing.attention, step.standing.attention_why) == (who, "Say what it is.")
        assert step.events == (), "nothing that is new"


def test_an_operator_is_not_sent_away_by_lines_that_no_route_takes() -> None:
    called = replace(a_submission(lines=("1",)), attention=Attention.OPERATOR, attention_why="Look.")
    assert restated(replace(a_case(), submissions=(called,)), called).attention_why == "Look."


def test_of_what_is_equally_urgent_the_first_is_told_whichever_submission_moves() -> None:
    first, second = (
        replace(a_submission(lines=lines, place=place), attention=Attention.PROVIDER, attention_why=f"Why {place}.")
        for place, lines in enumerate((("1",), ("2", "3")), start=1)
    )
    case = two(first, second)
    shown = [
        replace(recording.stand(held, ()), attention=held.attention, attention_why=held.attention_why)
        for held in (first, second)
    ]
    for place, moving in enumerate((first, second)):
        assert restated(case, moving).attention_why == "Why 1."
        step, _ = recording.withdrawn(case, moving, [shown[1 - place]])
        assert standing_of(step).attention_why == f"Why {2 - place}."
        call = Attention.OPERATOR, f"Look at {place + 1}."
        others = [replace(shown[1 - place], attention=Attention.OPERATOR, attention_why=f"Look at {2 - place}.")]
        step = recording.postponed(case, moving, shown[place], others, call)
        assert standing_of(step).attention_why == "Look at 1."


@pytest.mark.parametrize(("other", "named"), [("osprey_rx", True), ("evergreen_health", False)])
def test_of_several_payers_the_case_says_for_which_somebody_must_act(other: str, named: bool) -> None:
    first = a_submission(lines=("1", "2"))
    calm = replace(first, payer="evergreen_health", status=CaseStatus.PENDED, attention=Attention.PAYER)
    called = replace(
        calm, id=uuid4(), place=2, payer=other, line_ids=("3",), attention=Attention.OPERATOR, attention_why="Look."
    )
    case = replace(a_case(), submissions=(calm, called))
    told = f"{other}: Look." if named else "Look."
    standings = [
        replace(
            settle(each.line_ids, Delivery.APP_ACKED, ()), attention=each.attention, attention_why=each.attention_why
        )
        for each in case.submissions
    ]
    whole = together(case, case.submissions, standings)
    assert (whole.attention, whole.attention_why) == (Attention.OPERATOR, told)
    assert restated(case, called).attention_why == told
    step = recording.routed(a_case(), NO_PLAN, case.submissions)
    assert step.standing is not None
    assert step.standing.attention_why == told
    assert [each.attention_why for each in step.submissions] == [None, "Look."]
