"""Whose answer it is: a member by id, a patient by day of birth, strictly where no trace number of ours is told."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278 import traces
from gateway.model.outcome import Answer
from gateway.model.status import Attention
from tests.x12_material import EVENT, STAMP, outcome_of, request, response


def not_understood(outcome: Any) -> bool:
    return (outcome.answer, outcome.attention, outcome.lines) == (Answer.UNMAPPED, Attention.OPERATOR, ())


@pytest.mark.parametrize("verb", ["file", "inquire", "cancel", "answer"])
@pytest.mark.parametrize(
    "event", [["HCR*A1*AUTH1"], ["HCR*C*AUTH1"], ["AAA*N**75*C"], ["AAA*N**NC*N"], ["AAA*N**42*P"]]
)
def test_an_answer_about_another_member_is_never_applied(verb: str, event: list[str]) -> None:
    assert not_understood(outcome_of(of_member("SOMEBODY9", *event), verb=verb))


def of_member(member: str, *event: str) -> bytes:
    return response(EVENT, *event).replace(b"MI*EGH100001", f"MI*{member}".encode())


@pytest.mark.parametrize(
    ("member", "same"),
    [
        ("egh 100-001", True),
        ("EGH10000101", True),
        ("EGH100001001", True),
        ("EGH1000010001", False),
        ("EGH100002", False),
        ("1EGH100001", False),
        ("", True),
        ("EGH100", True),
        ("EGH10", False),
    ],
)
def test_a_member_id_is_the_same_in_other_spelling_or_with_a_few_digits_more_or_less(member: str, same: bool) -> None:
    outcome = outcome_of(of_member(member, "HCR*A1*AUTH1"))
    assert (outcome.answer is Answer.REVIEWED) is same
    assert not_understood(outcome) is not same


@pytest.mark.parametrize(
    ("member", "understood"),
    [
        (["DMG*D8*19610203*F"], True),
        (["DMG*D8*19610204*F"], False),
        (["HL*9*3*23*1", "NM1*QC*1*OTHER*PERSON****MI*ELSE99"], False),
        (["HL*9*3*23*1", "NM1*QC*1*OTHER*PERSON", "DMG*D8*20010101*F"], False),
    ],
)
def test_a_patient_with_another_id_or_day_of_birth_is_somebody_else(member: list[str], understood: bool) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", member=member))
    assert not_understood(outcome) is not understood


def test_a_dependents_day_of_birth_is_compared_and_the_subscribers_is_not() -> None:
    other = {"last_name": "Sampleton", "first_name": "Bo", "birth_date": "1958-01-01", "gender": "male"}
    card = {"payer": "evergreen_health", "member_id": "EGH100001", "line_of_business": "commercial"}
    child = request(coverages=[card | {"relationship": "child"}], subscriber=other)
    above = ["DMG*D8*19580101*M"]
    below = ["HL*9*3*23*1", "NM1*QC*1*SAMPLETON*ADA****MI*OWN-ID-7"]
    for member, understood in [
        (above, True),
        ([*above, *below, "DMG*D8*19610203*F"], True),
        ([*above, *below, "DMG*D8*19580101*F"], False),
    ]:
        outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", member=member), of=child)
        assert not_understood(outcome) is not understood


def understood(ours: str, told: str, *member: str, trace: str | None = traces.event(STAMP)) -> bool:
    """True when the answer to a filing for ``ours`` that tells ``told`` is taken."""
    card = {"payer": "evergreen_health", "member_id": ours, "line_of_business": "commercial"}
    document = response(EVENT, "HCR*A1*AUTH1", member=member, trace=trace).replace(b"EGH100001", told.encode())
    outcome = outcome_of(document, of=request(coverages=[card]))
    assert not_understood(outcome) is (outcome.answer is not Answer.REVIEWED)
    return outcome.answer is Answer.REVIEWED


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ("EGH100001", "000EGH100001"),
        ("EGH100001", "EGH000100001"),
        ("EGH100001", "100001"),
        ("EGH100001", "000100001"),
        ("EGH100001", "10000101"),
        ("EGH100001", "EGH100001A"),
        ("EGH100001", "EGH100001 AB"),
        ("0012345678", "12345678"),
        ("W123456789", "12345678901"),
        ("1EG4TE5MK73", "1EG4TE5MK73A"),
    ],
)
def test_beside_a_trace_of_ours_zeros_and_letters_around_an_id_are_no_other_member(ours: str, told: str) -> None:
    for sent, heard in ((ours, told), (told.replace(" ", ""), ours)):
        assert understood(sent, heard)
        assert not understood(sent, heard, trace=None)


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ("EGH100001", "EGH200001"),
        ("EGH100001", "EGX100001"),
        ("EGH100001", "XEGH100001"),
        ("EGH100001", "200001"),
        ("EGH100001", "EGH100001ABC"),
        ("EGH100001A", "EGH100001B"),
        ("EGH10000101", "EGH10000102"),
        ("EGH100001", "EGH1000010001"),
        ("EGH100001", "EGH"),
        ("EGHABCDEF", "ABCDEF"),
        ("1EG4TE5MK73", "EG4TE5MK73"),
        ("1EG4TE5MK73", "473"),
    ],
)
def test_beside_a_trace_of_ours_another_id_is_still_another_member(ours: str, told: str) -> None:
    assert not understood(ours, told)
    assert not understood(told, ours)


def test_beside_a_trace_of_ours_a_day_of_birth_may_be_written_with_hyphens() -> None:
    assert understood("EGH100001", "EGH100001", "DMG*D8*1961-02-03*F")
    assert not understood("EGH100001", "EGH100001", "DMG*D8*1961-02-03*F", trace=None)
    assert not understood("EGH100001", "EGH100001", "DMG*D8*1961-02-04*F")
    assert not understood("EGH100001", "EGH100001", "DMG*D8*1961-03-02*F")


@pytest.mark.parametrize(
    ("born", "attention"),
    [
        # Many payers know a dependent as a member of its own.
        ("19610203", Attention.NONE),
        ("1961-02-03", Attention.NONE),
        ("19580101", Attention.OPERATOR),
    ],
)
def test_a_grant_for_the_subscriber_where_a_dependent_was_sent_calls_a_person(born: str, attention: Attention) -> None:
    parent = {"last_name": "Sampleton", "first_name": "Bo", "birth_date": "1958-01-01", "gender": "male"}
    card = {"payer": "evergreen_health", "member_id": "EGH100001", "line_of_business": "commercial"}
    child = request(coverages=[card | {"relationship": "child"}], subscriber=parent)
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", member=[f"DMG*D8*{born}*F"]), of=child)
    assert (outcome.answer, outcome.attention) == (Answer.REVIEWED, attention)
    refused = outcome_of(response(EVENT, member=[f"DMG*D8*{born}*F", "AAA*N**75*C"]), of=child)
    assert (refused.answer, refused.attention) == (Answer.REJECTED, Attention.NONE)
