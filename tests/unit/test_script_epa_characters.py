"""What of a text travels in printable ASCII, and which answers are refused because they would say something else."""

from __future__ import annotations

import pytest

from adapters.script_epa import ADAPTER
from adapters.script_epa.asking.characters import write
from gateway.contract.adapter import Answers
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.model.questions import QuestionAnswer
from tests.unit.script_material import FILED, LATER, QUESTIONS, TO, heard, opening, said

SET = opening()
ROUND = heard(SET).questions.round  # type: ignore[union-attr]
TEXTS = [
    "no \N{BALLOT BOX} yes \N{BALLOT BOX WITH CHECK}",
    "Tolerated \N{HEAVY CHECK MARK}",
    "\N{GRINNING FACE}",
    "grew \N{LEFT RIGHT ARROW} shrank",
    "5\N{COMBINING LONG SOLIDUS OVERLAY} mg",
    "\N{CJK UNIFIED IDEOGRAPH-60A3}",
]


def answers(*given: QuestionAnswer) -> Answers:
    return Answers(round=ROUND, questions=given)


def sent(*given: QuestionAnswer) -> bytes:
    return said(ADAPTER.answer(FILED.model_copy(update={"asked": SET}), answers(*given), TO, LATER))


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_an_answer_with_a_sign_that_cannot_travel_is_refused_at_its_place(text: str) -> None:
    for answer, place in (
        (QuestionAnswer(question="40", text=text), "/questions/0/text"),
        (
            QuestionAnswer.model_validate({"question": "10", "chosen": [{"choice": "b", "detail": text}]}),
            "/questions/0/chosen/0/detail",
        ),
    ):
        with pytest.raises(CannotExpress) as refused:
            sent(answer)
        assert [item.pointer for item in refused.value.items] == [place]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("0099-01-01T09:30:00Z", "0099-01-01T09:30:00Z"),
        ("2026-03-09T10:00:00.5+02:00", "2026-03-09T08:00:00Z"),
    ],
)
def test_a_moment_travels_in_utc_with_four_digits_of_its_year(given: str, written: str) -> None:
    asked = opening(QUESTIONS.replace("<IsDateTimeRequired>N", "<IsDateTimeRequired>Y"))
    found = heard(asked).questions
    assert found is not None
    answer = QuestionAnswer.model_validate({"question": found.questions[1].id, "moment": given})
    filed = FILED.model_copy(update={"asked": asked})
    frame = said(ADAPTER.answer(filed, Answers(round=found.round, questions=(answer,)), TO, LATER))
    assert f"<DateTime>{written}</DateTime>".encode() in frame


@pytest.mark.parametrize(
    ("text", "travels"),
    [
        ("10\N{SUPERSCRIPT ONE}\N{SUPERSCRIPT TWO} cells", "10^12 cells"),
        ("4\N{MULTIPLICATION SIGN}10\N{SUPERSCRIPT NINE}/L", "4x10^9/L"),
        ("10\N{SUPERSCRIPT MINUS}\N{SUPERSCRIPT FOUR}", "10^-4"),
        ("x\N{SUPERSCRIPT TWO}3", "x^2 3"),
        ("2\N{VULGAR FRACTION ONE HALF} mg", "2 1/2 mg"),
        ("m\N{SUPERSCRIPT TWO}", "m2"),
        ("1.73 m\N{SUPERSCRIPT TWO} 5 \N{GREEK SMALL LETTER MU}g", "1.73 m2 5 mcg"),
        ("Opdivo\N{TRADE MARK SIGN}", "Opdivo(TM)"),
        ("CO\N{SUBSCRIPT TWO} HbA\N{SUBSCRIPT ONE}c", "CO2 HbA1c"),
        ("HER2\N{SUBSCRIPT PLUS SIGN}, HER2\N{SUPERSCRIPT MINUS}", "HER2+, HER2-"),
        ("5\N{SUBSCRIPT TWO}", "5 sub 2"),
        ("Stage \N{ROMAN NUMERAL THREE}", "Stage III"),
        ("2\N{VULGAR FRACTION ONE THIRD}", "2 1/3"),
        ("5 \N{SQUARE MG}", "5 mg"),
        ("38 \N{DEGREE CELSIUS}", "38 deg C"),
        ("\N{LATIN SMALL LIGATURE FI}brosis", "fibrosis"),
        ("5\N{CIRCLED DIGIT ONE}", "5(1)"),
        ("\N{FULLWIDTH PLUS SIGN}\N{ARABIC-INDIC DIGIT THREE}", "+3"),
        ("\N{GREEK SMALL LETTER ALPHA WITH TONOS}-1", "alpha-1"),
        ("co\N{SOFT HYPHEN}op\N{ZERO WIDTH SPACE}erative", "cooperative"),
    ],
    ids=ascii,
)
def test_figures_keep_their_value_and_what_nobody_sees_is_left_out(text: str, travels: str) -> None:
    assert write(text) == (travels, True, False)
    answer = QuestionAnswer(question="40", text=text)
    assert f"<PrescriberProvidedAnswer>{travels}<".encode() in sent(answer)
    frame = first_frame(ADAPTER.answer(FILED.model_copy(update={"asked": SET}), answers(answer), TO, LATER))
    assert ("/questions/0/text", "transliterated") in [(loss.pointer, loss.kept) for loss in frame.losses]
