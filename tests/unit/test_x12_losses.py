"""Law 7: what a 278 does not carry is reported, and nothing else is. Written requests are read back and compared."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.x12_278.asking.characters import alphabet
from adapters.x12_278.asking.draft import Draft
from adapters.x12_278.asking.encode import OURS, draft_request
from adapters.x12_278.asking.envelope import enclose
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress
from gateway.contract.frames import Loss
from gateway.model.request import PARequest
from tests.x12_material import STAMP, destination, line, request
from tests.x12_readback import read_back
from tests.x12_requests import requests

_OURS = [re.compile(pattern.replace("*", "[^/]+") + "(/.*)?") for pattern in OURS]

DESTINATIONS = [
    destination(),
    destination(payer={"attachments": "none"}),
    destination(connection={"charset": "basic"}),
    destination(connection={"element_delimiter": "|", "component_delimiter": ">", "segment_delimiter": "'"}),
]


def written(wanted: PARequest, to: Destination) -> tuple[bytes, tuple[Loss, ...]]:
    draft: Draft = draft_request(wanted, to, STAMP)
    losses = draft.settled_losses()
    return enclose(draft, "005010X217"), losses


def leaves(value: Any, at: str = "") -> dict[str, Any]:
    """Every value by its JSON Pointer; absent and empty ones, and those that say the usual, are left out."""
    if isinstance(value, dict):
        return {where: leaf for name, part in value.items() for where, leaf in leaves(part, f"{at}/{name}").items()}
    if isinstance(value, list):
        return {
            where: leaf for place, part in enumerate(value) for where, leaf in leaves(part, f"{at}/{place}").items()
        }
    return {} if value in (None, "", False) else {at: value}


def differences(wanted: PARequest, came_back: dict[str, Any], asked: int, *, capitals: bool) -> dict[str, Any]:
    """What the request says and the interchange does not, by pointer."""
    said = leaves(wanted.model_dump(mode="json"))
    names = came_back["site"].pop("facility_names", [])
    if came_back["site"].get("facility_name") is None and wanted.site.facility_name in names:
        came_back["site"]["facility_name"] = wanted.site.facility_name
    if wanted.subscriber == wanted.patient and "subscriber" not in came_back:
        # Said twice, it is carried once.
        said = {where: leaf for where, leaf in said.items() if not where.startswith("/subscriber/")}
    # The one coverage of a 278 is the one that is asked.
    carried = {
        re.sub("^/coverages/0/", f"/coverages/{asked}/", where): leaf for where, leaf in leaves(came_back).items()
    }
    for where, leaf in said.items():
        if where.endswith("/zip_code"):
            said[where] = leaf.replace("-", "")
    for place, each in enumerate(wanted.lines):
        if each.code.system == "ndc":
            said[f"/lines/{place}/ndc"] = each.code.code
        if each.revenue_code and carried[f"/lines/{place}/code/system"] == "revenue":
            # An NDC and a revenue code stand side by side, whichever of them is the line's own.
            carried |= {
                f"/lines/{place}/revenue_code": carried[f"/lines/{place}/code/code"],
                f"/lines/{place}/code/system": "ndc",
                f"/lines/{place}/code/code": carried.get(f"/lines/{place}/ndc", ""),
            }
    fold = str.upper if capitals else str
    return {
        where: leaf
        for where, leaf in said.items()
        if (where not in carried or fold(str(leaf)) != fold(str(carried[where])))
        and not any(ours.fullmatch(where) for ours in _OURS)
    }


def covers(loss: Loss, where: str) -> bool:
    return where == loss.pointer or where.startswith(f"{loss.pointer}/")


@settings(suppress_health_check=list(HealthCheck))
@given(requests(), st.sampled_from(DESTINATIONS))
def test_what_is_not_read_back_is_on_the_list_of_losses_and_nothing_else_is(wanted: PARequest, to: Destination) -> None:
    try:
        interchange, losses = written(wanted, to)
    except CannotExpress:
        return
    came_back, _ = read_back(interchange)
    capitals = any(loss.pointer == "" for loss in losses)
    asked = next((i for i, coverage in enumerate(wanted.coverages) if coverage.payer == to.payer), 0)
    missing = differences(wanted, came_back, asked, capitals=capitals)
    listed = [loss for loss in losses if loss.pointer]
    assert [where for where in missing if not any(covers(loss, where) for loss in listed)] == []
    assert [loss.pointer for loss in listed if not any(covers(loss, where) for where in missing)] == []
    assert len({loss.pointer for loss in listed}) == len(listed)


@settings(suppress_health_check=list(HealthCheck))
@given(requests())
def test_what_is_told_as_text_stands_in_the_message(wanted: PARequest) -> None:
    to = destination()
    try:
        interchange, losses = written(wanted, to)
    except CannotExpress:
        return
    _, told = read_back(interchange)
    written_out = alphabet("extended", "*:^~").written
    said = leaves(wanted.model_dump(mode="json"))
    for loss in losses:
        text = re.fullmatch(r"/(note|facts/summary|lines/\d+/dose|urgency/\w+)", loss.pointer)
        if text and loss.what.startswith("told as text"):
            assert written_out(" ".join(said[loss.pointer].split())) in told


@settings(max_examples=settings().max_examples // 2, suppress_health_check=list(HealthCheck))
@given(requests())
def test_the_same_request_and_stamp_give_the_same_bytes(wanted: PARequest) -> None:
    try:
        first = written(wanted, destination())
    except CannotExpress:
        return
    again = PARequest.model_validate_json(wanted.model_dump_json())
    assert written(again, destination()) == first


def losses_of(**over: Any) -> dict[str, str]:
    return {loss.pointer: loss.kept for loss in written(request(**over), destination())[1]}


def test_a_clinical_fact_is_told_whole_or_not_at_all() -> None:
    facts = {"biomarkers": [{"marker": "PD-L1", "result": "x" * 264}, {"marker": "EGFR", "result": "wild type"}]}
    losses = losses_of(facts=facts)
    assert losses["/facts/biomarkers/0"] == "dropped"
    assert losses["/facts/biomarkers/1"] == "note"


def test_a_long_note_keeps_its_beginning() -> None:
    interchange, losses = written(request(note="word " * 100), destination())
    _, told = read_back(interchange)
    assert "word word ..." in told
    assert all(len(part) <= 268 for part in interchange.decode().split("~") if part.startswith("MSG*"))
    assert {loss.pointer: loss.kept for loss in losses}["/note"] == "shortened"


def test_a_text_both_rewritten_and_shortened_is_reported_as_both() -> None:
    patient = request().patient.model_dump(mode="json") | {"last_name": "É" + "e≥" * 29}
    losses = written(request(patient=patient), destination())[1]
    [loss] = [loss for loss in losses if loss.pointer == "/patient/last_name"]
    assert loss.kept == "shortened"
    assert "written with others" in loss.what


def test_an_unknown_letter_is_replaced_visibly_and_reported() -> None:
    patient = request().patient.model_dump(mode="json") | {"first_name": "Zoë東"}
    interchange, losses = written(request(patient=patient), destination())
    assert read_back(interchange)[0]["patient"]["first_name"] == "Zoe?"
    assert Loss(pointer="/patient/first_name", what=losses[0].what, kept="transliterated") in losses


def test_a_frequency_in_words_is_no_loss() -> None:
    wanted = request(lines=[line(frequency={"times": 1, "every": 3, "period": "week", "count": 6})])
    interchange, losses = written(wanted, destination())
    assert b"HSD*VS*1*WK*3*35*18~" in interchange
    assert "1 every 3 weeks" in read_back(interchange)[1]
    assert not any(loss.pointer.startswith("/lines") for loss in losses)


def test_a_citation_names_its_line_by_its_place() -> None:
    citation = {"compendium": "ahfs_di", "category": "IIa", "context": "second line", "line_id": "infusion"}
    interchange, losses = written(request(facts={"compendium": [citation]}), destination())
    assert "AHFS DI IIa, second line, for line 2" in read_back(interchange)[1]
    assert {loss.pointer: loss.kept for loss in losses}["/facts/compendium/0"] == "note"


def test_a_subscriber_whom_the_coverage_asked_does_not_mean_is_reported() -> None:
    mine = request().coverages[0].model_dump(mode="json")
    other = mine | {"payer": "another_payer", "relationship": "spouse"}
    somebody = request().patient.model_dump(mode="json") | {"first_name": "Bo"}
    assert losses_of(coverages=[other, mine], subscriber=somebody)["/subscriber"] == "dropped"


def test_a_facility_beyond_the_last_provider_is_reported() -> None:
    one = {"role": "rendering", "npi": "1245319599", "last_name": "Doc"}
    site = {"place_of_service": "22", "facility_name": "Sample Hospital"}
    assert losses_of(servicing=[one] * 14, site=site)["/site/facility_name"] == "dropped"
    assert "/site/facility_name" not in losses_of(servicing=[one] * 13, site=site)


def test_an_address_whose_city_or_street_cannot_be_written_is_not_written_by_half() -> None:
    patient = request().patient.model_dump(mode="json")
    address = patient["address"]
    assert losses_of(patient=patient | {"address": address | {"city": "東京"}})["/patient/address"] == "dropped"
    streets = losses_of(patient=patient | {"address": address | {"street": ["東京", "Apt 4"]}})
    assert streets["/patient/address/street"] == "dropped"


def messages(**over: Any) -> list[str]:
    interchange, _ = written(request(**over), destination())
    return [part[4:] for part in interchange.decode().split("~") if part.startswith("MSG*")]


def test_a_text_that_was_rewritten_in_the_message_is_reported_as_such() -> None:
    over: dict[str, Any] = {
        "facts": {"laboratories": [{"name": "ANC", "result": "1.2 x 10⁹/L", "resulted_on": "2026-01-02"}]},
        "lines": [line(dose="1½ mg"), line(dose="2 mg")],
        "note": "Café\n" * 3,
    }
    losses = losses_of(**over)
    assert messages(**over) == ["ANC, 1.2 x 10 power 9/L, on 2026-01-02; Cafe Cafe Cafe", "Dose 1 1/2 mg", "Dose 2 mg"]
    assert losses["/facts/laboratories/0"] == losses["/lines/0/dose"] == losses["/note"] == "transliterated"
    assert losses["/lines/1/dose"] == "note"


def test_a_result_and_a_unit_that_begins_with_a_number_are_two_numbers() -> None:
    platelets = {"name": "Platelets", "result": "4", "unit": "10*3/uL", "resulted_on": "2026-01-02"}
    sodium = {"name": "Sodium", "result": "140", "unit": "mmol/L", "resulted_on": "2026-01-02"}
    [told] = messages(facts={"laboratories": [platelets, sodium]}, lines=[line()])
    assert told == "Platelets, 4 x 10 power 3/uL, on 2026-01-02; Sodium, 140 mmol/L, on 2026-01-02"


def test_a_fact_of_which_a_letter_cannot_be_written_is_not_told() -> None:
    over: dict[str, Any] = {
        "facts": {
            "biomarkers": [{"marker": "PD-L1", "result": "阳性 ≥50"}, {"marker": "EGFR", "result": "☑ wild type"}]
        },
        "lines": [line(dose="三百 mg")],
    }
    losses = losses_of(**over)
    assert messages(**over) == ["EGFR, ? wild type"]
    assert losses["/facts/biomarkers/0"] == losses["/lines/0/dose"] == "dropped"
    assert losses["/facts/biomarkers/1"] == "transliterated"


def test_a_note_of_which_nothing_can_be_written_is_reported_as_lost() -> None:
    assert losses_of(note="東京")["/note"] == "dropped"


def test_a_long_note_is_reported_as_rewritten_too() -> None:
    losses = written(request(note="über " * 100), destination())[1]
    [loss] = [loss for loss in losses if loss.pointer == "/note"]
    assert loss.kept == "shortened"
    assert "written with others" in loss.what


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("weekly 1200 mg", "weekly"),
        ("dose 1200 mg", "dose"),
        ("a dose 120 mg", "a dose"),
        ("dose of 2½ mg", "dose of"),
        ("in the morning", "in the mor"),
    ],
)
def test_a_text_is_not_cut_in_or_behind_a_number(text: str, kept: str) -> None:
    draft = Draft(destination(), STAMP)
    assert draft.text(text, "/x", 10) == kept
    assert [loss.kept for loss in draft.settled_losses()] == ["shortened"]


def test_a_text_that_is_one_number_is_left_out_when_it_is_too_long() -> None:
    draft = Draft(destination(), STAMP)
    assert draft.text("12345678901", "/x", 10) == ""
    assert [loss.kept for loss in draft.settled_losses()] == ["dropped"]
    assert draft.text("Name 12345", "/x", 6, required=True) == "Name"
    assert draft.text("123456", "/x", 5, required=True) == "12345"


@given(st.text(min_size=1, max_size=120), st.sampled_from(DESTINATIONS), st.sampled_from([20, 80]))
def test_a_text_travels_unchanged_or_is_on_the_list_of_losses(text: str, to: Destination, longest: int) -> None:
    draft = Draft(to, STAMP)
    said = draft.text(text, "/x", longest)
    losses = draft.settled_losses()
    assert len(said) <= longest
    if said != text:
        capitals = draft.alphabet.capitals and said == text.upper() and text.isascii()
        assert [loss.pointer for loss in losses if loss.pointer or capitals] == ["" if capitals else "/x"]
    else:
        assert losses == ()
