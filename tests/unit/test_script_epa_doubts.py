"""What a payer writes so that nobody can be sure of it: a person looks, and nothing is taken for what it may not be."""

from __future__ import annotations

import pytest

from gateway.model.outcome import Answer, Outcome
from gateway.model.questions import Detail, QuestionKind
from gateway.model.status import Attention, LineOutcome
from tests.unit.script_material import (
    CASE,
    DEADLINE,
    FILED,
    HEADER,
    MIRRORED,
    QUESTIONS,
    REFERENCE,
    answer,
    heard,
    message,
    more_wanted,
    opening,
    order,
    request,
)

NUMBER = "<AuthorizationNumber>PA-1</AuthorizationNumber>"
NAMED = "<Code>00003012345</Code><Qualifier>ND</Qualifier>"
PRODUCT = f"<DrugCoded><ProductCode>{NAMED}</ProductCode></DrugCoded>"


def approved(inside: str = NUMBER, mirrored: str = MIRRORED, status: str = "Approved", **over: object) -> Outcome:
    filed = FILED.model_copy(update={"request": request(**over)}) if over else FILED
    body = f"<{status}><PACaseID>{CASE}</PACaseID>{inside}</{status}>"
    return heard(answer("PAResponse", body, mirrored=mirrored), filed=filed)


def period(start: str | None, end: str | None) -> str:
    days = (("EffectiveDate", start), ("ExpirationDate", end))
    told = "".join(f"<{name}><Date>{each}</Date></{name}>" for name, each in days if each)
    return f"<AuthorizationPeriod>{told}</AuthorizationPeriod>"


def asked_for(start: str, end: str | None) -> list[dict[str, object]]:
    [line] = order()["lines"]
    return [line | {"dates": {"start": start} | ({"end": end} if end else {})}]


def is_doubted(outcome: Outcome, why: str = "") -> bool:
    return outcome.attention is Attention.OPERATOR and why in (outcome.attention_why or "")


@pytest.mark.parametrize("written", ["N/A", "NONE", "PENDING REVIEW", "See letter", "0000", "XXXX", "TBD"])
@pytest.mark.parametrize("status", ["Approved", "PartiallyDenied", "Closed"])
def test_words_are_no_number_of_an_authorization(written: str, status: str) -> None:
    code = "<ClosedReasonCode>CF</ClosedReasonCode>" if status == "Closed" else ""
    outcome = approved(f"{code}<AuthorizationNumber>{written}</AuthorizationNumber>", status=status)
    assert outcome.lines[0].authorization_number is None
    assert [each.value for each in outcome.references] == [CASE]
    assert is_doubted(outcome, "cannot be one")


def test_words_with_a_figure_are_shown_and_a_person_looks() -> None:
    outcome = approved("<AuthorizationNumber>PENDING 12</AuthorizationNumber>")
    assert outcome.lines[0].authorization_number == "PENDING 12"
    assert is_doubted(outcome, "may be words")


@pytest.mark.parametrize(
    ("granted", "end", "outcome", "doubted"),
    [
        (("2026-11-01", "2027-11-01"), None, LineOutcome.CERTIFIED, False),
        (("2026-12-01", None), "2027-05-31", LineOutcome.CERTIFIED, False),
        ((None, "2026-12-01"), None, LineOutcome.CERTIFIED, False),
        (("2020-11-01", "2021-11-01"), None, LineOutcome.CERTIFIED_MODIFIED, True),
        ((None, "2026-11-30"), None, LineOutcome.CERTIFIED_MODIFIED, True),
        (("2027-06-01", None), "2027-05-31", LineOutcome.CERTIFIED_MODIFIED, True),
        (("2027-01-01", "2026-12-15"), None, LineOutcome.CERTIFIED_MODIFIED, True),
        (("2026-12-02", None), None, LineOutcome.CERTIFIED, False),
        (("2026-11-01", "2027-02-28"), "2027-05-31", LineOutcome.CERTIFIED, False),
        (("2027-05-31", None), "2027-05-31", LineOutcome.CERTIFIED, False),
    ],
)
@pytest.mark.parametrize("status", ["Approved", "Closed"])
def test_days_that_hold_none_of_those_asked_for_are_no_plain_yes(
    status: str, granted: tuple[str | None, str | None], end: str | None, outcome: LineOutcome, doubted: bool
) -> None:
    code = "<ClosedReasonCode>CF</ClosedReasonCode>" if status == "Closed" else ""
    found = approved(f"{code}{NUMBER}{period(*granted)}", status=status, lines=asked_for("2026-12-01", end))
    assert found.lines[0].outcome is outcome
    assert is_doubted(found) is doubted
    assert found.lines[0].period is not None


@pytest.mark.parametrize(
    "named",
    [
        "<Code>11111111111</Code><Qualifier>nd</Qualifier>",
        "<Code>11111111111</Code><Qualifier>N4</Qualifier>",
        "<Code>11111-1111-11</Code><Qualifier>ZZ</Qualifier>",
        "<Code>1111111111</Code><Qualifier>ND</Qualifier>",
        "<Code>A-DRUG</Code><Qualifier>ND</Qualifier>",
    ],
)
def test_another_drug_is_another_however_its_code_is_called(named: str) -> None:
    for mirrored in (
        MIRRORED.replace(NAMED, named),
        MIRRORED.replace(PRODUCT, PRODUCT + PRODUCT.replace(NAMED, named)),
        f"{MIRRORED}<MedicationPrescribed>{PRODUCT.replace(NAMED, named)}</MedicationPrescribed>",
    ):
        found = approved(mirrored=mirrored)
        assert found.answer is Answer.UNMAPPED
        assert is_doubted(found, "another drug")


@pytest.mark.parametrize(
    "named",
    [
        "<Code>0003-0123-45</Code><Qualifier>ND</Qualifier>",
        "<Code>00003-123-45</Code><Qualifier>nd</Qualifier>",
        "<Code>0003012345</Code><Qualifier>ND</Qualifier>",
        "<Code>00003-0123-45</Code><Qualifier>N4</Qualifier>",
        "<Code>857005</Code><Qualifier>SCD</Qualifier>",
    ],
)
def test_the_same_drug_is_the_same_however_its_label_writes_it(named: str) -> None:
    found = approved(mirrored=MIRRORED.replace(NAMED, named))
    assert (found.lines[0].outcome, found.attention) == (LineOutcome.CERTIFIED, Attention.NONE)


@pytest.mark.parametrize(
    ("written", "outcome", "doubted"),
    [
        ("<Value>60.000</Value>", LineOutcome.CERTIFIED, False),
        ("60", LineOutcome.CERTIFIED, False),
        ("<Value>1,000</Value>", LineOutcome.CERTIFIED, True),
        ("<Value>sixty</Value>", LineOutcome.CERTIFIED, True),
        ("30", LineOutcome.CERTIFIED_MODIFIED, True),
    ],
)
def test_a_quantity_that_is_repeated_and_cannot_be_read_is_not_taken_for_the_same(
    written: str, outcome: LineOutcome, doubted: bool
) -> None:
    found = approved(mirrored=MIRRORED.replace(PRODUCT, f"{PRODUCT}<Quantity>{written}</Quantity>"))
    assert found.lines[0].outcome is outcome
    assert is_doubted(found) is doubted


@pytest.mark.parametrize(
    ("one", "other", "word"),
    [
        (NUMBER, NUMBER.replace("PA-1", "PA-2"), "AuthorizationNumber"),
        (period("2026-11-01", None), period("2027-11-01", None), "AuthorizationPeriod"),
        ("<PANote>Good.</PANote>", "<PANote>For ten days.</PANote>", "PANote"),
    ],
)
def test_of_two_words_where_one_counts_nobody_knows_which(one: str, other: str, word: str) -> None:
    found = approved(one + other)
    assert is_doubted(found, f"several {word}")
    [line] = found.lines
    assert (line.outcome, line.authorization_number, line.period) == (LineOutcome.CERTIFIED, None, None)
    assert approved(one + one).attention is Attention.NONE


def test_two_dates_of_one_period_are_for_a_person() -> None:
    twice = period("2026-11-01", None).replace("</Auth", "<EffectiveDate><Date>2026-12-01</Date></EffectiveDate></Auth")
    assert is_doubted(approved(NUMBER + twice), "several EffectiveDate")


@pytest.mark.parametrize("inside", ["{0}{1}", "{0}</ResponseStatus><ResponseStatus>{1}"])
def test_approved_and_denied_in_one_breath_is_neither(inside: str) -> None:
    words = [f"<{word}><PACaseID>{CASE}</PACaseID></{word}>" for word in ("Approved", "Denied")]
    for said in (words, words[::-1]):
        found = heard(answer("PAResponse", inside.format(*said)))
        assert (found.answer, found.lines) == (Answer.UNMAPPED, ())
        assert is_doubted(found)
    both = "".join(f"<Response><ResponseStatus>{word}</ResponseStatus></Response>" for word in words)
    found = heard(message(f"<PAResponse><PAReferenceID>{REFERENCE}</PAReferenceID>{MIRRORED}{both}</PAResponse>"))
    assert (found.answer, found.lines) == (Answer.UNMAPPED, ())


def changed(old: str, new: str) -> Outcome:
    assert old in QUESTIONS
    return heard(opening(QUESTIONS.replace(old, new)))


@pytest.mark.parametrize("written", ["m", "Y", "X", "MO"])
def test_whether_a_choice_wants_words_is_not_guessed(written: str) -> None:
    found = changed("Indicator>M<", f"Indicator>{written}<")
    assert found.questions is not None
    assert found.questions.questions[0].choices[1].detail is Detail.NONE
    assert is_doubted(found, "words of its own")


@pytest.mark.parametrize("written", ["NU", "NA", "", " "])
def test_a_choice_that_wants_no_words_says_so_in_several_ways(written: str) -> None:
    found = changed("Indicator>M<", f"Indicator>{written}<")
    assert found.questions is not None
    assert found.questions.questions[0].choices[1].detail is Detail.NONE
    assert not is_doubted(found)


@pytest.mark.parametrize("written", ["true", "1", "y", "Yes"])
@pytest.mark.parametrize("name", ["SelectMultiple", "IsDateTimeRequired"])
def test_a_yes_that_is_written_otherwise_is_no_silent_no(name: str, written: str) -> None:
    found = changed(f"<{name}>N", f"<{name}>{written}")
    assert found.questions is not None
    select, day, *_ = found.questions.questions
    assert (select.multiple, day.kind) == (False, QuestionKind.DATE)
    assert is_doubted(found, "yes or no")
    assert not is_doubted(changed(f"<{name}>N", f"<{name}> N "))


def test_whether_a_document_is_wanted_or_an_appeal_taken_is_not_guessed() -> None:
    assert is_doubted(heard(opening(header=HEADER.replace("Required>N<", "Required>true<"))), "yes or no")
    appeal = "<Appeal><IsEAppealSupported>{}</IsEAppealSupported></Appeal>"
    assert is_doubted(approved(appeal.format("true"), status="Denied"), "appeal")
    assert not is_doubted(approved(appeal.format("N"), status="Denied"))


def test_of_two_question_sets_the_second_is_not_lost_in_silence() -> None:
    second = f"</QuestionSet><QuestionSet>{HEADER}{QUESTIONS.replace('Platelets', 'Weight')}"
    found = heard(opening(QUESTIONS + second))
    assert found.questions is not None
    assert is_doubted(found, "several QuestionSet")
    assert is_doubted(heard(opening(header=HEADER + HEADER.replace("QS1", "QS2"))), "several Header")


def test_of_two_deadlines_the_earlier_counts_and_a_person_looks() -> None:
    late, early = DEADLINE.replace("25", "30"), DEADLINE.replace("25", "23")
    for deadlines in (late + early, early + late):
        found = heard(opening(deadline=deadlines))
        assert found.questions is not None
        assert found.questions.deadline_as_written == "2026-11-23"
        assert is_doubted(found, "several DeadlineForReply")
    assert not is_doubted(heard(opening(deadline=late + late)))
    outside = more_wanted().replace(b"</PACaseID>", f"</PACaseID>{early}".encode())
    found = heard(outside)
    assert found.questions is not None
    assert found.questions.deadline_as_written == "2026-11-23"
    assert is_doubted(found, "several DeadlineForReply")
