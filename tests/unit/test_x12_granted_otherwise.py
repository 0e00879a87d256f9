"""Granted, and not what was asked for: other modifiers, a code nobody can read, elsewhere, by others, until then."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.outcome import Outcome
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import DRUG, EVENT, INFUSION, line, of_line, outcome_of, request, response, service, trn

CERTIFIED, MODIFIED, UNKNOWN = LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED, LineOutcome.UNKNOWN
OTHER = "1999999984"


def certified(*service: str, event: tuple[str, ...] = (EVENT,), **asked: Any) -> Outcome:
    """What became of a request of one line that was certified in total with this answer under its trace."""
    of = request(lines=[line(id="drug", **asked)])
    return outcome_of(response(*event, "HCR*A1*AUTH1", services=[[trn(1), *service]]), of=of)


def told(outcome: Outcome) -> tuple[LineOutcome, Attention]:
    return of_line(outcome, "drug").outcome, outcome.attention


# Modifiers


@pytest.mark.parametrize(
    ("asked", "answered"),
    [(["RT"], "LT"), (["RT"], "RT:59"), ([], "JW"), (["RT", "59"], "LT:59"), (["RT"], "LT:RT"), (["RT"], ":::LT")],
)
@pytest.mark.parametrize("sv", ["SV1*HC:J9271:{}**UN*200", "SV2*0636*HC:J9271:{}**UN*200"])
def test_other_modifiers_under_our_trace_do_not_certify_our_line(asked: list[str], answered: str, sv: str) -> None:
    outcome = certified(sv.format(answered), modifiers=asked)
    assert told(outcome) == (UNKNOWN, Attention.OPERATOR)
    stranger = of_line(outcome, None)
    assert (stranger.code and stranger.code.code, stranger.outcome) == ("J9271", CERTIFIED)
    assert "other modifiers" in (outcome.attention_why or "")


@pytest.mark.parametrize("answered", ["", ":RT:59", ":59:RT", ":rt", ":59", "::59:RT", "::::::OTHER KNEE"])
def test_modifiers_left_out_or_in_another_order_certify_it(answered: str) -> None:
    assert told(certified(f"SV1*HC:J9271{answered}**UN*200", modifiers=["RT", "59"])) == (CERTIFIED, Attention.NONE)


# Codes


@pytest.mark.parametrize(
    "sv",
    [
        "SV1*Q5103**UN*200",
        "SV1*:Q5103**UN*200",
        "SV1*HC>Q5103**UN*200",
        "SV1*HC**UN*200",
        "SV1*HC:**UN*200",
        "SV1***UN*200",
        "SV1*HC:J9271^HC:Q5103**UN*200",
        "SV2***100*UN*200",
        "SV2*0636*J9271",
        "SV3*D1234*****1",
        "SV4*123*N4:00006302602",
        "SV5*HC:E0601*DA*30",
    ],
)
@pytest.mark.parametrize("trace", [[trn(1)], []])
def test_a_service_whose_code_cannot_be_read_is_not_what_was_asked_for(sv: str, trace: list[str]) -> None:
    of = request(lines=[line("0636", "revenue", id="drug") if "0636" in sv else line(id="drug")])
    outcome = outcome_of(response(EVENT, services=[[*trace, "HCR*A1*AUTH1", sv]]), of=of)
    assert told(outcome) == (UNKNOWN, Attention.OPERATOR)
    assert of_line(outcome, "drug").authorization_number is None
    assert "cannot be read" in (outcome.attention_why or "")


def test_a_second_code_that_cannot_be_read_beside_ours_leaves_it_unknown() -> None:
    assert told(certified("SV1*HC:J9271**UN*200", "SV1*Q5103**UN*100")) == (UNKNOWN, Attention.OPERATOR)


def test_a_second_code_beside_ours_that_is_another_drug_leaves_it_unknown() -> None:
    assert told(certified("SV1*HC:J9271**UN*200", "SV1*HC:Q5103**UN*200")) == (UNKNOWN, Attention.OPERATOR)
    assert told(certified("SV1*HC:J9271**UN*200", "SV2*0636***UN*200")) == (CERTIFIED, Attention.NONE)


def test_the_modifiers_of_a_procedure_that_nobody_asked_for_say_nothing_of_a_revenue_code() -> None:
    of = request(lines=[line("0360", "revenue", id="drug", modifiers=["RT"])])
    document = response(EVENT, "HCR*A1*AUTH1", services=[[trn(1), "SV2*0360*HC:27447:LT**UN*200"]])
    assert told(outcome_of(document, of=of)) == (CERTIFIED, Attention.NONE)


def test_a_service_without_a_code_under_our_trace_is_ours() -> None:
    assert told(certified()) == (CERTIFIED, Attention.NONE)


def test_a_denial_of_what_cannot_be_read_stays_a_denial_and_a_person_looks() -> None:
    outcome = certified("HCR*A3**0F", "SV1*Q5103**UN*200")
    assert told(outcome) == (LineOutcome.NOT_CERTIFIED, Attention.OPERATOR)


# Where


@pytest.mark.parametrize(
    ("asked", "event", "service", "outcome", "place"),
    [
        ({}, "UM*HS*I**11:B", [], MODIFIED, "11"),
        ({}, "UM*HS*I**22:B", ["UM*HS*I**11:B"], MODIFIED, "11"),
        ({"place_of_service": "12"}, "UM*HS*I**22:B", ["UM*HS*I**22:B"], MODIFIED, "22"),
        ({"place_of_service": "12"}, "UM*HS*I**11:B", [], MODIFIED, "11"),
        ({}, "UM*HS*I", ["UM*HS*I**22:B", "UM*HS*I**11:B"], MODIFIED, "11"),
        ({}, "UM*HS*I**22:B", [], CERTIFIED, "22"),
        # The whole request's place is repeated at the event, the line's at its service.
        ({"place_of_service": "12"}, "UM*HS*I**22:B", [], CERTIFIED, "22"),
        ({"place_of_service": "12"}, "UM*HS*I**12:B", [], CERTIFIED, "12"),
        ({"place_of_service": "12"}, "UM*HS*I**22:B", ["UM*HS*I**12:B"], CERTIFIED, "12"),
        ({"place_of_service": "12"}, "UM*HS*I**11:B", ["UM*HS*I**12:B"], CERTIFIED, "12"),
        # A place of ours without a qualifier is ours, and no place that is told.
        ({}, "UM*HS*I**22", [], CERTIFIED, None),
        ({"place_of_service": "12"}, "UM*HS*I", ["UM*HS*I**12"], CERTIFIED, None),
        ({}, "UM*HS*I**22:B", ["UM*HS*I"], CERTIFIED, "22"),
    ],
)
def test_another_place_than_asked_for_is_a_modification(
    asked: dict[str, str], event: str, service: list[str], outcome: LineOutcome, place: str | None
) -> None:
    found = certified(*service, "SV1*HC:J9271**UN*200", event=(event,), **asked)
    assert told(found) == (outcome, Attention.NONE)
    assert of_line(found, "drug").place_of_service == place


# By whom


@pytest.mark.parametrize("entity", ["SJ", "1T", "DD", "72", "73", "FA", "G3", "QB", "QV", "77"])
def test_another_provider_than_asked_for_is_a_modification(entity: str) -> None:
    party = f"NM1*{entity}*2*OTHER CENTER*****XX*{OTHER}"
    for found in (
        certified("SV1*HC:J9271**UN*200", party),
        certified("SV1*HC:J9271**UN*200", event=(EVENT, party)),
        certified("SV1*HC:J9271**UN*200", party.replace("XX", "xx")),
        certified("SV1*HC:J9271**UN*200", "NM1*SJ*2*SAMPLE INFUSION CENTER*****XX*1245319599", f"{party}"),
    ):
        assert told(found) == (MODIFIED, Attention.NONE)
        assert of_line(found, "drug").provider_npi == OTHER


@pytest.mark.parametrize(
    "party",
    [
        # The facility and the requester of the request.
        "NM1*FA*2*SAMPLE INFUSION CENTER*****XX*1245319599",
        "NM1*SJ*1*TESTDOCTOR*ABLE****XX*1234567893",
        # By name, where there is no NPI that can be read; signs and capitals aside.
        "NM1*SJ*2*Sample Infusion Center",
        "NM1*FA*2*SAMPLE INFUSION-CENTER*****24*987654321",
        "NM1*SJ*2*SAMPLE INFUSION CENTER*****XX*124531959",
        "NM1*72*1*TESTDOCTOR*ABLE",
        "NM1*72*1*TESTDOCTOR",
        # By tax id.
        "NM1*SJ*2*SIC CORP*****24*99-1234567",
        # Who orders does not give, and who has neither name nor number is nobody.
        f"NM1*DK*1*OTHER*DOC****XX*{OTHER}",
        "NM1*DK*2*OTHER CENTER*****24*987654321",
        "NM1*SJ*2",
    ],
)
def test_the_providers_of_the_request_leave_it_certified(party: str) -> None:
    center = {"role": "facility", "npi": "1245319599", "last_name": "Sample Infusion Center", "tax_id": "991234567"}
    of = request(lines=[line(id="drug")], servicing=[center])
    for event, below in (([], [party]), ([party], [])):
        services = [[trn(1), "SV1*HC:J9271**UN*200", *below]]
        found = outcome_of(response(EVENT, "HCR*A1*AUTH1", *event, services=services), of=of)
        assert told(found) == (CERTIFIED, Attention.NONE)


@pytest.mark.parametrize("entity", ["SJ", "72", "G3"])
@pytest.mark.parametrize(
    "rest",
    [
        "2*OTHER CENTER",
        "2*OTHER CENTER*****24*987654321",
        f"2*OTHER CENTER*****34*{OTHER}",
        "2*OTHER CENTER*****XX*199999998",
        "2******24*987654321",
        "1*TESTDOCTOR*BAKER",
    ],
)
def test_another_provider_who_has_no_npi_that_can_be_read_calls_a_person(entity: str, rest: str) -> None:
    party = f"NM1*{entity}*{rest}"
    assert told(certified("SV1*HC:J9271**UN*200", party)) == (CERTIFIED, Attention.OPERATOR)
    assert told(certified("SV1*HC:J9271**UN*200", event=(EVENT, party))) == (CERTIFIED, Attention.OPERATOR)
    assert told(certified("HCR*A3**0F", party))[1] is Attention.NONE


def test_the_name_of_the_site_is_one_of_ours() -> None:
    of = request(lines=[line(id="drug")], site={"place_of_service": "22", "facility_name": "Søuth Sample Clinic"})
    document = response(EVENT, "HCR*A1*AUTH1", "NM1*FA*2*SOUTH SAMPLE CLINIC")
    assert told(outcome_of(document, of=of)) == (CERTIFIED, Attention.NONE)


def test_whom_the_service_names_counts_over_whom_its_event_names() -> None:
    event = (EVENT, f"NM1*SJ*2*OTHER CENTER*****XX*{OTHER}")
    found = certified("SV1*HC:J9271**UN*200", "NM1*SJ*2*SAMPLE INFUSION CENTER*****XX*1245319599", event=event)
    assert told(found) == (CERTIFIED, Attention.NONE)


def test_whom_the_event_names_for_another_part_counts_beside_whom_the_service_names() -> None:
    event = (EVENT, f"NM1*SJ*2*OTHER CENTER*****XX*{OTHER}")
    found = certified("SV1*HC:J9271**UN*200", "NM1*FA*2*SAMPLE INFUSION CENTER*****XX*1245319599", event=event)
    assert told(found) == (MODIFIED, Attention.NONE)


def test_a_line_that_is_not_named_has_the_events_place_and_provider() -> None:
    event = ["UM*HS*I**11:B", "HCR*A1*AUTH1", f"NM1*SJ*2*OTHER CENTER*****XX*{OTHER}"]
    drug = of_line(outcome_of(response(*event), of=request(lines=[line(id="drug")])), "drug")
    assert (drug.outcome, drug.place_of_service, drug.provider_npi) == (MODIFIED, "11", OTHER)


def test_a_line_of_several_services_is_modified_where_one_of_them_is_elsewhere() -> None:
    half = "SV1*HC:J9271**UN*100"
    services = [[trn(1), "HCR*A1", half], [trn(1), "UM*HS*I**11:B", "HCR*A1", half]]
    outcome = outcome_of(response(EVENT, services=services), of=request(lines=[line(id="drug")]))
    assert of_line(outcome, "drug").outcome is MODIFIED


# Until when


@pytest.mark.parametrize("qualifier", ["150", "151", "348", "349", "356", "357", "zz", ""])
def test_a_date_of_a_kind_that_is_not_read_calls_a_person_where_something_is_granted(qualifier: str) -> None:
    dtp = f"DTP*{qualifier}*D8*20260401"
    assert told(certified("SV1*HC:J9271**UN*200", dtp)) == (CERTIFIED, Attention.OPERATOR)
    assert told(certified("SV1*HC:J9271**UN*200", event=(EVENT, dtp))) == (CERTIFIED, Attention.OPERATOR)
    denied = response(EVENT, dtp, services=[service(DRUG, "HCR*A3**0F", dtp), service(INFUSION, "HCR*A4")])
    assert outcome_of(denied, of=request(lines=[line(id="drug")])).attention is Attention.NONE


@pytest.mark.parametrize(
    "qualifier", ["102", "050", "090", "091", "096", "304", "439", "484", "ABC", "431", "598", "435"]
)
def test_a_date_that_limits_nothing_calls_nobody(qualifier: str) -> None:
    dtp = f"DTP*{qualifier}*D8*20260301"
    assert told(certified("SV1*HC:J9271**UN*200", dtp, event=(EVENT, dtp))) == (CERTIFIED, Attention.NONE)
