"""A service that is several lines of ours, by their traces: a payer that merged them gives its word to each."""

from __future__ import annotations

import pytest

from gateway.model.outcome import Outcome, ReferenceKind
from gateway.model.request import PARequest
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import EVENT, line, of_line, outcome_of, request, response, trn, words

CERTIFIED, MODIFIED, UNKNOWN = LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED, LineOutcome.UNKNOWN
SPRING = {"start": "2026-03-01", "end": "2026-05-31"}
SUMMER = {"start": "2026-06-01", "end": "2026-08-31"}
TWICE = request(
    lines=[
        line(id="spring", dates=SPRING),
        line(id="summer", dates=SUMMER),
        line("96413", "cpt", id="infusion", quantity={"value": 6}),
    ]
)


def merged(*service: str, event: tuple[str, ...] = ("HCR*A1*AUTH1",), of: PARequest = TWICE) -> Outcome:
    """What became of lines of which the payer answered the first two in one service."""
    return outcome_of(response(EVENT, *event, services=[[trn(1), trn(2), *service], [trn(3)]]), of=of)


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("A3**0F", LineOutcome.NOT_CERTIFIED), ("A4", LineOutcome.PENDING), ("CT", LineOutcome.CONTACT_PAYER)],
)
@pytest.mark.parametrize("code", ["SV1*HC:J9271**UN*200", "SV1*HC:J9271**UN*400", "SV1*HC:J9271"])
def test_what_is_not_granted_is_said_of_every_line_that_the_service_names(
    word: str, outcome: LineOutcome, code: str
) -> None:
    found = merged(f"HCR*{word}", code)
    assert words(found) == {"spring": outcome, "summer": outcome, "infusion": CERTIFIED}
    assert found.attention is Attention.NONE
    assert [reason.code for reason in of_line(found, "summer").reasons] == (["0F"] if "0F" in word else [])


@pytest.mark.parametrize("code", ["SV1*HC:J9271**UN*400", "SV1*HC:J9271", "SV1*HC:J9271**EA*400"])
def test_a_grant_without_a_quantity_or_of_what_they_add_up_to_certifies_every_line(code: str) -> None:
    found = merged("HCR*A1*AUTH2", code)
    assert words(found) == {"spring": CERTIFIED, "summer": CERTIFIED, "infusion": CERTIFIED}
    assert found.attention is Attention.NONE
    for name in ("spring", "summer"):
        told = of_line(found, name)
        assert (told.authorization_number, told.quantity) == ("AUTH2", None)


@pytest.mark.parametrize(
    "amounts",
    [
        ["SV1*HC:J9271**UN*200"],
        ["SV1*HC:J9271**UN*500"],
        ["SV1*HC:J9271***400"],
        ["SV1*HC:J9271**MJ*400"],
        ["SV1*HC:J9271**UN*0"],
        ["SV1*HC:J9271**UN*many"],
        ["SV1*HC:J9271**UN*400", "HSD*VS*6"],
        ["SV1*HC:J9271", "HSD*VS***35*9"],
        ["SV1*HC:J9271", "HSD*UN*400*MO"],
    ],
)
@pytest.mark.parametrize("word", ["A1", "A6"])
def test_a_grant_of_another_quantity_leaves_every_line_unknown(word: str, amounts: list[str]) -> None:
    found = merged(f"HCR*{word}*AUTH2", *amounts)
    assert words(found) == {"spring": UNKNOWN, "summer": UNKNOWN, "infusion": CERTIFIED}
    assert found.attention is Attention.OPERATOR


def test_a_service_without_a_word_gives_the_events_to_every_line_it_names() -> None:
    assert words(merged("SV1*HC:J9271", event=("HCR*A6*AUTH1",)))["summer"] is MODIFIED


def test_the_frequency_that_every_line_was_sent_with_is_no_other_quantity() -> None:
    often = {"frequency": {"times": 1, "every": 3, "period": "week"}}
    of = request(lines=[line(id="spring", dates=SPRING, **often), line(id="summer", dates=SUMMER, **often), line()])
    for hsd, outcome in (("HSD*VS*1*WK*3", CERTIFIED), ("HSD*VS*1*WK*6", UNKNOWN)):
        assert words(merged("HCR*A1", "SV1*HC:J9271**UN*400", hsd, of=of))["summer"] is outcome


@pytest.mark.parametrize(
    "otherwise", ["UM*HS*I**11:B", "DTP*472*RD8*20260415-20260715", "NM1*SJ*2*OTHER CENTER*****XX*1999999984"]
)
def test_a_grant_elsewhere_or_for_other_days_is_a_modification_of_every_line(otherwise: str) -> None:
    found = merged("HCR*A1*AUTH2", otherwise, "SV1*HC:J9271")
    assert words(found) == {"spring": MODIFIED, "summer": MODIFIED, "infusion": CERTIFIED}


def test_a_grant_that_does_not_name_the_code_of_a_line_does_not_certify_it() -> None:
    of = request(lines=[line(id="drug"), line("96413", "cpt", id="infusion"), line("96415", "cpt")])
    found = merged("HCR*A1*AUTH2", "SV1*HC:J9271", of=of)
    assert (of_line(found, "drug").outcome, of_line(found, "infusion").outcome) == (CERTIFIED, UNKNOWN)
    assert found.attention is Attention.OPERATOR
    assert words(merged("HCR*A3", "SV1*HC:J9271", of=of))["infusion"] is LineOutcome.NOT_CERTIFIED
    both = merged("HCR*A1*AUTH2", "SV1*HC:J9271", "SV1*HC:96413", of=of)
    assert (of_line(both, "infusion").outcome, both.attention) == (CERTIFIED, Attention.NONE)


def test_another_code_than_that_of_any_line_decides_none_of_them() -> None:
    found = merged("HCR*A1*AUTH2", "SV1*HC:Q5103")
    assert (of_line(found, "spring").outcome, of_line(found, "summer").outcome) == (UNKNOWN, UNKNOWN)
    assert of_line(found, None).outcome is CERTIFIED


def test_a_line_that_another_service_answers_too_is_granted_by_neither() -> None:
    services = [[trn(1), trn(2), "HCR*A1*AUTH1", "SV1*HC:J9271"], [trn(2), "HCR*A1*AUTH2", "SV1*HC:J9271**UN*20"]]
    found = outcome_of(response(EVENT, services=services), of=TWICE)
    assert (of_line(found, "spring").outcome, of_line(found, "summer").outcome) == (CERTIFIED, UNKNOWN)
    assert found.attention is Attention.OPERATOR


def test_numbers_traces_and_requests_name_every_line() -> None:
    found = merged("HCR*A4*REVIEW7*0U", "REF*NT*CASE8", "SV1*HC:J9271", "PWK*OZ*EM***AC*DOC9")
    named = {(kind, value, of) for kind, value, of in ((each.kind, each.value, each.line) for each in found.references)}
    for number in ("REVIEW7", "CASE8"):
        assert {of for _, value, of in named if value == number} == {"spring", "summer"}
    traces = [each.line for each in found.references if each.kind is ReferenceKind.TRACE]
    assert traces == [None, "spring", "summer", "infusion"]
    assert {(item.control_number, item.line) for item in found.requested} == {("DOC9", "spring"), ("DOC9", "summer")}
    assert words(found)["summer"] is LineOutcome.INFO_REQUESTED
    for at in ("/lines/1/outcome", "/references/3/value", "/requested/1/control_number"):
        assert found.sources[at].path.startswith("2000F")
