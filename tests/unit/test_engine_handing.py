"""An answer that hands a request on: closed where one row of the payer's profile says who decides, else a person's."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.contract.adapter import Adapter
from gateway.denials.read import Reader
from gateway.engine.handing import PAYER, Handed, hand_on
from gateway.main.config import PROJECT
from gateway.main.house import load_adapters
from gateway.model.outcome import Answer, FollowUp, LineResult, Outcome
from gateway.model.people import LineOfBusiness
from gateway.model.reasons import NextAction, Reason, Word
from gateway.model.status import Attention, LineOutcome
from gateway.profiles.library import Library
from gateway.profiles.payer import PayerProfile
from gateway.store.records import Verb
from tests.unit.profile_material import Folder
from tests.unit.profile_material import a_payer as a_file
from tests.unit.routing_material import HOLDS, a_payer, a_route

TODAY = date(2026, 11, 21)
ADAPTERS: dict[str, Adapter] = dict(load_adapters())
TEASEL = {**HOLDS, "handoff": "imaging", "payer": "teasel_review", "names": ["Teasel Review", "TRV"]}
ASTER = {**HOLDS, "handoff": "oncology", "payer": "aster_review", "names": ["Aster"]}
CODED = {**HOLDS, "handoff": "coded", "payer": "aster_review", "codes": [{"system": "x12_aaa03", "code": "79"}]}
TOLD = "This service needs authorization through our vendor partner, Teasel Review."


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Library.load(PROJECT / "mappings", ADAPTERS).reference.denials)


def payer(*rows: dict[str, Any]) -> PayerProfile:
    return a_payer("evergreen_health", a_route("clearinghouse"), hands_on=rows or (TEASEL, ASTER, CODED))


def a_call(text: str | None = TOLD, **over: Any) -> Outcome:
    """The payer wants a call about both lines, and says why."""
    lines = tuple(LineResult(line=line, outcome=LineOutcome.CONTACT_PAYER) for line in ("1", "2"))
    reason = Reason(word=Word.IN_REVIEW, code="0V", code_system="x12_hcr03", text=text)
    return Outcome(answer=Answer.REVIEWED, lines=lines, reasons=(reason,)).model_copy(update=over)


def refused(code: str = "79", word: Word = Word.WRONG_PAYER_OR_DELEGATE, text: str | None = None) -> Outcome:
    return Outcome(answer=Answer.REJECTED, reasons=(Reason(word=word, code=code, code_system="x12_aaa03", text=text),))


def told(reader: Reader, outcome: Outcome, *rows: dict[str, Any], verb: Verb = Verb.SUBMIT, on: date = TODAY) -> Handed:
    return hand_on(outcome, verb, payer(*rows), LineOfBusiness.COMMERCIAL, reader, on)


def to(handed: Handed) -> str | None:
    if handed.outcome.answer is not Answer.CLOSED or handed.unclear:
        return None
    [step] = handed.outcome.follow_up
    assert (step.action, step.code_system) == (NextAction.REROUTE, PAYER)
    return step.code


def test_a_name_in_words_that_hand_on_closes_it_with_whom_to_ask_and_keeps_every_word(reader: Reader) -> None:
    handed = told(reader, a_call())
    assert to(handed) == "teasel_review"
    closed = handed.outcome
    assert [line.outcome for line in closed.lines] == [LineOutcome.UNKNOWN] * 2
    [reason] = closed.reasons
    assert (reason.word, reason.rule) == (Word.WRONG_PAYER_OR_DELEGATE, "imaging")
    assert (reason.code, reason.text) == ("0V", TOLD)
    assert closed.attention is Attention.PROVIDER
    assert "Teasel" not in (closed.attention_why or ""), "the payer's text stays in reasons"


@pytest.mark.parametrize(
    ("text", "payer"),
    [
        ("This review is delegated to TRV.", "teasel_review"),
        ("Please submit this to our delegate ASTER!", "aster_review"),
        ("Teasel Review", None),
        ("Call us. Teasel Review is our neighbour.", None),
        ("This review is delegated to Teaselreview.", None),
        ("This review is delegated to Asterix.", None),
        ("No authorization through our vendor partner Teasel Review is needed.", None),
        ("This may be handled by our vendor Teasel Review.", None),
        ("If the plan is another, submit it to our vendor Teasel Review.", None),
        (None, None),
    ],
)
def test_a_name_counts_in_whole_words_and_only_where_a_request_is_handed_on(
    reader: Reader, text: str | None, payer: str | None
) -> None:
    assert to(told(reader, a_call(text))) == payer


def test_a_code_says_it_by_itself_and_only_that_code(reader: Reader) -> None:
    assert to(told(reader, refused())) == "aster_review"
    assert to(told(reader, refused("75", Word.MEMBER_NOT_FOUND))) is None
    assert to(told(reader, refused(), TEASEL)) is None
    assert told(reader, refused(), TEASEL) == Handed(refused()), "a code without words says nothing that is new"


@pytest.mark.parametrize(
    "text",
    [
        "This service needs PA through a vendor partner (Teasel Review or Aster).",
        "This review is delegated to Teasel Review. Aster reviews it after that.",
    ],
)
def test_two_that_are_known_are_a_persons_to_choose(reader: Reader, text: str) -> None:
    handed = told(reader, a_call(text))
    assert handed.outcome.answer is Answer.REVIEWED
    assert handed.unclear == handed.outcome.attention_why
    assert "more than one" in (handed.unclear or "")


def test_one_whom_no_row_knows_is_a_persons_with_the_payers_words(reader: Reader) -> None:
    handed = told(reader, a_call(), ASTER)
    assert handed.outcome.answer is Answer.REVIEWED
    assert handed.outcome.reasons == a_call().reasons
    assert "does not know" in (handed.unclear or "")
    assert handed.outcome.attention is Attention.PROVIDER
    called = a_call(attention=Attention.OPERATOR, attention_why="it may be another patient's")
    beside = told(reader, called, ASTER)
    assert beside.outcome.attention is Attention.OPERATOR
    assert beside.outcome.whys == ("it may be another patient's", beside.unclear)


@pytest.mark.parametrize(
    "over",
    [
        {"lines": (LineResult(line="1", outcome=LineOutcome.NOT_CERTIFIED),)},
        {"lines": (LineResult(line="1", outcome=LineOutcome.PENDING),)},
        {
            "lines": (
                LineResult(line="1", outcome=LineOutcome.CERTIFIED),
                LineResult(line="2", outcome=LineOutcome.CONTACT_PAYER),
            )
        },
        {"lines": (LineResult(line="1", outcome=LineOutcome.UNKNOWN),)},
        {"answer": Answer.UNMAPPED},
        {"answer": Answer.RECEIVED},
        {"answer": Answer.CANCELLED},
    ],
    ids=["denied", "pended", "decided in part", "not understood", "nothing understood", "acknowledged", "cancelled"],
)
def test_what_was_decided_or_is_under_review_no_word_turns(reader: Reader, over: dict[str, Any]) -> None:
    outcome = a_call(**over)
    assert told(reader, outcome) == Handed(outcome)


def test_an_answer_that_an_operator_must_look_at_is_not_followed(reader: Reader) -> None:
    """It may be about another patient."""
    doubted = a_call(attention=Attention.OPERATOR, attention_why="the payer names another first name")
    handed = told(reader, doubted)
    assert handed.outcome.answer is Answer.REVIEWED
    assert "operator must look first" in (handed.unclear or "")


def test_only_words_on_the_filing_count(reader: Reader) -> None:
    assert to(told(reader, a_call(), verb=Verb.INQUIRE)) == "teasel_review"
    assert to(told(reader, refused(), verb=Verb.INQUIRE)) is None
    assert to(told(reader, refused(), verb=Verb.AMEND)) is None
    of_filing = refused().model_copy(update={"of_filing": True})
    assert to(told(reader, of_filing, verb=Verb.INQUIRE)) == "aster_review"


def test_a_processor_that_the_payer_named_itself_is_left(reader: Reader) -> None:
    card = FollowUp(action=NextAction.REROUTE, code="999002/OSP/", code_system="bin/pcn/group")
    outcome = refused().model_copy(update={"answer": Answer.CLOSED, "follow_up": (card,)})
    assert told(reader, outcome) == Handed(outcome)


def test_a_row_holds_on_its_days_and_for_its_lines_of_business(reader: Reader) -> None:
    ended = {**CODED, "effective": {"start": "2026-01-01", "end": "2026-11-20"}}
    assert to(told(reader, refused(), ended)) is None
    assert to(told(reader, refused(), ended, on=date(2026, 11, 20))) == "aster_review"
    assert to(told(reader, refused(), {**CODED, "lines_of_business": ["medicare_advantage"]})) is None


@pytest.mark.parametrize(
    "rows", [[{**HOLDS, "handoff": "nothing", "payer": "aster_review"}], [ASTER, ASTER]], ids=["nothing said", "twice"]
)
def test_a_row_that_nothing_leads_by_and_two_of_one_word_are_faults(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        payer(*rows)


@pytest.mark.parametrize("named", ["nobody_here", "acme"])
def test_a_row_names_another_payer_that_is_there(folder: Folder, named: str) -> None:
    row = {**HOLDS, "handoff": "vendor", "payer": named, "names": ["Somebody"]}
    folder.put("payers/acme.yaml", a_file(hands_on=[row]))
    assert folder.fault() == ("payers/acme.yaml", "/hands_on/0/payer")
