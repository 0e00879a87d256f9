"""What is a payer's number, and what only stands in its place: shown as none, sent as none, and known as none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from adapters.x12_278 import ADAPTER, traces
from conformance.envelope import core_soap
from gateway.contract.adapter import Change, ChangeKind
from gateway.contract.drive import first_frame
from gateway.contract.frames import Https
from gateway.model.numbers import identifies, is_placeholder
from gateway.model.outcome import Outcome, Reference, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    COMPANY,
    DRUG,
    EVENT,
    LATER,
    STAMP,
    destination,
    filed,
    line,
    of_line,
    outcome_of,
    request,
    response,
    segments,
    service,
)

PLACEHOLDERS = [
    *("NA", "N/A", "n.a.", "NONE", "None", "TBD", "Pending", "PENDED", "UNKNOWN", "NOT ASSIGNED", "NOT REQUIRED"),
    *("VOID", "SEE LETTER", "AUTO APPROVED", "VERBAL", "QXKTRBWM", "AUTH000"),
    *("PENDING REVIEW", "0", "000000", "000-000", "-", "?", "...", "XXX", "9999999999"),
]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_word_or_filler_in_a_numbers_place_is_a_placeholder(text: str) -> None:
    assert is_placeholder(text)
    assert not identifies(text)


@pytest.mark.parametrize("text", ["AUTH0010022", "7", "11", "A-100", "NA12345", "PEND0004711", "0000000001", "R99999"])
def test_a_text_with_a_digit_other_than_zero_is_a_number(text: str) -> None:
    assert identifies(text)
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", ["PENDING 20260301", "NA-12345", "TBD 1"])
def test_what_several_filings_could_have_is_shown_and_identifies_none(text: str) -> None:
    assert not is_placeholder(text)
    assert not identifies(text)


def numbers(outcome: Outcome) -> list[str]:
    return [reference.value for reference in outcome.references if reference.kind is not ReferenceKind.TRACE]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_is_no_authorization_number_and_no_reference(text: str) -> None:
    one = request(lines=[line(id="drug")])
    event = [EVENT, f"HCR*A1*{text}", f"REF*NT*{text}", f"REF*BB*{text}"]
    for services in ([], [service(DRUG, f"HCR*A1*{text}", f"REF*NT*{text}")]):
        outcome = outcome_of(response(*event, services=services), of=one)
        drug = of_line(outcome, "drug")
        assert (drug.outcome, drug.authorization_number) == (LineOutcome.CERTIFIED, None)
        assert (outcome.attention, numbers(outcome)) == (Attention.NONE, [])


def test_the_number_of_the_event_counts_where_a_service_has_a_placeholder() -> None:
    document = response(EVENT, "HCR*A1*AUTH1", services=[service(DRUG, "HCR*A1*NA")])
    outcome = outcome_of(document, of=request(lines=[line(id="drug")]))
    assert of_line(outcome, "drug").authorization_number == "AUTH1"
    assert outcome.sources["/lines/0/authorization_number"].path == "2000E/HCR02"
    assert numbers(outcome) == ["AUTH1"]


# A number in REF BB, where HCR02 has none


def in_ref(*event: str, services: Sequence[Sequence[str]] = (), **asked: Any) -> Outcome:
    one = request(lines=[line(id="drug")], intent="renewal", previous_authorization="OLD1")
    return outcome_of(response(EVENT, *event, services=services), **{"of": one} | asked)


@pytest.mark.parametrize(
    ("event", "services", "path"),
    [
        (["HCR*A1", "REF*BB*AUTH1"], [], "2000E/REF02"),
        (["HCR*A6*PENDING", "REF*BB*AUTH1"], [service(DRUG)], "2000E/REF02"),
        (["HCR*A2"], [service(DRUG, "HCR*A1", "REF*BB*AUTH1")], "2000F/REF02"),
        (["HCR*A1", "REF*BB*OLD1"], [service(DRUG, "HCR*A1", "REF*BB*AUTH1")], "2000F/REF02"),
    ],
)
def test_a_new_number_in_ref_beside_a_grant_without_one_is_its_authorization(
    event: list[str], services: list[list[str]], path: str
) -> None:
    outcome = in_ref(*event, services=services)
    assert of_line(outcome, "drug").authorization_number == "AUTH1"
    assert outcome.sources["/lines/0/authorization_number"].path == path
    kinds = {reference.kind for reference in outcome.references if reference.value == "AUTH1"}
    assert kinds == {ReferenceKind.AUTHORIZATION}


@pytest.mark.parametrize(
    ("event", "services"),
    [
        # The one we sent, or that the case knows.
        (["HCR*A1", "REF*BB*OLD1"], []),
        (["HCR*A1", "REF*BB*KNOWN1"], []),
        # Of two nobody knows which.
        (["HCR*A1", "REF*BB*AUTH1", "REF*BB*AUTH2"], []),
        (["HCR*A1", "REF*BB*AUTH1", "REF*BB*OLD1"], []),
        (["HCR*A1", "REF*BB*NONE"], []),
        (["HCR*A4", "REF*BB*AUTH1"], []),
        (["HCR*A2", "REF*BB*AUTH1"], [service(DRUG, "HCR*A1")]),
    ],
)
def test_a_number_in_ref_that_may_be_an_earlier_authorization_stays_that(
    event: list[str], services: list[list[str]]
) -> None:
    known = {"KNOWN1": ReferenceKind.AUTHORIZATION}
    outcome = in_ref(*event, services=services, numbers=known)
    assert of_line(outcome, "drug").authorization_number is None
    assert ReferenceKind.AUTHORIZATION not in {reference.kind for reference in outcome.references}


def test_a_number_in_an_hcr_leaves_every_number_in_ref_what_it_is() -> None:
    outcome = in_ref("HCR*A1*AUTH1", "REF*BB*X1", services=[service(DRUG, "HCR*A1", "REF*BB*X2")])
    assert of_line(outcome, "drug").authorization_number == "AUTH1"
    previous = [r.value for r in outcome.references if r.kind is ReferenceKind.PREVIOUS_AUTHORIZATION]
    assert previous == ["X1", "X2"]


def test_the_authorization_that_a_revision_names_is_not_its_own() -> None:
    granted = [Reference(kind=ReferenceKind.AUTHORIZATION, value="AUTH1")]
    granted += [Reference(kind=ReferenceKind.AUTHORIZATION, value="LINE1", line="drug")]
    one = request(lines=[line(id="drug")])
    for number, kind in (
        ("AUTH1", ReferenceKind.PREVIOUS_AUTHORIZATION),
        ("LINE1", ReferenceKind.PREVIOUS_AUTHORIZATION),
        ("AUTH2", ReferenceKind.AUTHORIZATION),
    ):
        change = Change(kind=ChangeKind.REVISE, request=one)
        exchange = ADAPTER.amend(filed(one, references=granted), change, destination(), LATER)
        frame = next(exchange)
        assert isinstance(frame, Https)
        document = response(
            EVENT, "HCR*A1", f"REF*BB*{number}", trace=traces.event(LATER), bht=traces.submission(LATER)
        )
        with pytest.raises(StopIteration) as ended:
            exchange.send(core_soap(document, frame))
        assert [ref.kind for ref in ended.value.value.references if ref.value == number] == [kind]


def test_a_placeholder_that_a_case_has_kept_is_not_sent_as_the_payers_number() -> None:
    def asks(value: str) -> list[str]:
        kept = [Reference(kind=kind, value=value) for kind in (ReferenceKind.REVIEW, ReferenceKind.AUTHORIZATION)]
        frame = first_frame(ADAPTER.inquire(filed(references=kept), destination(), LATER))
        assert frame.document is not None
        return segments(frame.document, "REF")

    assert asks("AUTH77") != []
    assert asks("PENDING") == []


# Our own names, in a number's place

OURS = [traces.event(STAMP), traces.line(STAMP, 1).lower(), traces.submission(STAMP), traces.attachment(STAMP, 1)]


@pytest.mark.parametrize("text", [*OURS, "EGH100001", "egh 100001", "1234567893", "1245319599", COMPANY])
def test_what_we_said_ourselves_is_no_number_of_the_payers(text: str) -> None:
    one = request(lines=[line(id="drug")])
    for event in ([f"HCR*A1*{text}"], ["HCR*A1", f"REF*BB*{text}"], ["HCR*A1", f"REF*NT*{text}"]):
        for services in ([], [service(DRUG, *event)]):
            outcome = outcome_of(response(EVENT, *event, services=services), of=one)
            drug = of_line(outcome, "drug")
            assert (drug.outcome, drug.authorization_number) == (LineOutcome.CERTIFIED, None)
            assert (outcome.attention, numbers(outcome)) == (Attention.NONE, [])
    # One that begins like the member's id is a number.
    told = outcome_of(response(EVENT, "HCR*A1*EGH10000177"), of=one)
    assert of_line(told, "drug").authorization_number == "EGH10000177"
