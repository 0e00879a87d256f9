"""Facts about benefits in profiles: what `payer-gateway check` refuses of them, each at its place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.model.line import CodeSystem, ServiceCode
from gateway.profiles.benefit import BenefitRules
from gateway.profiles.delegation import Delegation
from gateway.profiles.ranges import Ages, CodeRange, DiagnosisRange
from gateway.profiles.reference import notes_of
from tests.unit.profile_material import PROVENANCE, Folder, a_payer, route

HOLDS = {"effective": {"start": "2026-01-01"}, "source": "a test"}
CODES = [{"system": "hcpcs", "first": "J9271"}]
CROSSWALK = (
    "October 2026 ASP NDC-HCPCS Crosswalk\n"
    "_2026_CODE,NDC2,PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG\n"
    "J9271,99999-0271-01,4,1,100,100\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    found = Folder(tmp_path)
    found.put(
        "payers/manager.yaml",
        a_payer(payer="manager", routes=[route(benefits=["pharmacy"])], lines_of_business=["commercial"]),
    )
    return found


def acme(**benefits: Any) -> dict[str, Any]:
    """Nothing in it twice, which YAML would write as an alias."""
    return a_payer(benefits=json.loads(json.dumps(benefits)))


def delegation(**over: Any) -> dict[str, Any]:
    return {"delegation": "some", "benefit": "pharmacy", "payer": "manager", **HOLDS} | over


def a_row(**over: Any) -> dict[str, Any]:
    return {
        "bin": "999001",
        "payer": "manager",
        "valid_from": "2026-01-01",
        "source": "a test",
        "checked_on": "2026-11-21",
    } | over


def directory(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"directory": "cards", "rows": list(rows)}


def test_a_folder_with_all_of_it_is_sound(folder: Folder) -> None:
    bagging = {"benefit": "medical", **HOLDS}
    drugs = {"benefit": "pharmacy", "codes": CODES, **HOLDS}
    folder.put("payers/acme.yaml", acme(delegations=[delegation()], white_bagging=[bagging], drugs=[drugs]))
    folder.put("directory/cards.yaml", directory(a_row(connection="loft"), a_row(pcn="X")))
    folder.put("crosswalks/2026q4.csv", CROSSWALK)
    anticancer = {"ingredient": "x", "codes": CODES, "indications": [{"first": "C00"}], **HOLDS}
    folder.put("benefits/oral.yaml", {"list": "oral", "provenance": PROVENANCE, "anticancer": [anticancer]})
    reference = folder.load().reference
    assert [str(row) for row in reference.rows] == ["cards row 0", "cards row 1"]
    assert [each.list for each in reference.part_b] == ["oral"]
    assert [file for file, _ in reference.crosswalks] == ["crosswalks/2026q4.csv"]


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"payer": "nobody"}, "/payer"),
        ({"payer": "acme"}, "/payer"),
        ({"payer": None}, ""),
        ({"connection": "loft"}, ""),
        ({"payer": None, "connection": "another"}, "/connection"),
        ({"payer": None, "connection": "loft"}, ""),
        ({"benefit": "medical"}, ""),
        ({"also": "pharmacy"}, "/also"),
        ({"effective": {"start": "2024-01-01", "end": "2025-12-31"}}, "/effective"),
        ({"lines_of_business": ["medicare_advantage"]}, "/lines_of_business/0"),
        ({"ages": {"least": 18, "most": 17}}, "/ages/most"),
        ({"codes": [{"system": "ndc", "first": "9999901233"}]}, "/codes/0/first"),
        ({"codes": [{"system": "hcpcs", "first": "J9999", "last": "J9000"}]}, "/codes/0/last"),
        ({"codes": [{"system": "rxnorm", "first": "1", "last": "2"}]}, "/codes/0/last"),
        ({"codes": [{"system": "cpt", "first": "0001F", "last": "99999"}]}, "/codes/0/last"),
        ({"diagnoses": [{"first": "D49", "last": "C00"}]}, "/diagnoses/0/last"),
        ({"specialties": ["oncology"]}, "/specialties/0"),
        ({"places_of_service": ["office"]}, "/places_of_service/0"),
        ({"diagnoses": [{"first": "R11", "beside": [{"first": "D49", "last": "C00"}]}]}, "/diagnoses/0/beside/0/last"),
        ({"areas": [{"state": "FL", "counties": ["X"]}]}, "/areas/0/counties/0"),
        ({"areas": [{"state": "FL"}, {"state": "FL", "counties": ["Lee"]}]}, "/areas"),
        ({"unless": [{"exception": "all"}]}, "/unless/0"),
        ({"unless": [{"exception": "it", "ages": {"most": 5}}, {"exception": "it", "ages": {"most": 6}}]}, "/unless"),
        (
            {"unless": [{"exception": "it", "lines_of_business": ["medicare_advantage"]}]},
            "/unless/0/lines_of_business/0",
        ),
        ({"recommends": "yes"}, "/recommends"),
    ],
)
def test_a_delegation_with_a_fault_is_told_at_its_place(folder: Folder, over: dict[str, Any], pointer: str) -> None:
    folder.put("payers/acme.yaml", acme(delegations=[delegation(**over)]))
    assert folder.fault() == ("payers/acme.yaml", f"/benefits/delegations/0{pointer}")


def test_medical_groups_are_listed_before_a_delegation_names_them_and_told_apart(folder: Folder) -> None:
    north = {"group": "north", "names": ["North Shore", "NSP-1"]}
    named = delegation(unless=[{"exception": "managed", "medical_groups": ["north"]}])
    folder.put("payers/acme.yaml", acme(delegations=[named], medical_groups=[north]))
    assert folder.faults() == ()
    for groups in ([], [north, north], [north, {"group": "n", "names": ["nsp 1"]}], [{**north, "names": ["None"]}]):
        folder.put("payers/acme.yaml", acme(delegations=[named], medical_groups=groups))
        assert folder.fault()[1].startswith("/benefits"), groups


def test_whoever_recommends_leaves_a_way_to_the_payer_itself(folder: Folder) -> None:
    own = delegation(payer=None, connection="loft", benefit="medical", recommends=True)
    folder.put("payers/acme.yaml", acme(delegations=[own]))
    assert folder.fault()[1] == "/benefits/delegations/0/recommends"


def test_two_delegations_of_one_word_and_two_words_on_white_bagging_are_refused(folder: Folder) -> None:
    bagging = [{"benefit": "medical", **HOLDS}, {"benefit": "pharmacy", **HOLDS, "lines_of_business": ["commercial"]}]
    folder.put("payers/acme.yaml", acme(delegations=[delegation(), delegation()], white_bagging=bagging))
    assert [fault.pointer for fault in folder.faults()] == ["/benefits/delegations", "/benefits/white_bagging"]
    bagging[0] |= {"lines_of_business": ["marketplace"]}
    folder.put("payers/acme.yaml", acme(white_bagging=bagging))
    assert folder.faults() == ()


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([a_row(), a_row()], 1),
        ([a_row(pcn="X"), a_row(group="G")], 1),
        ([a_row(pcn="X"), a_row(group="G"), a_row(pcn="X", group="G", valid_from="2026-01-02")], 1),
        ([a_row(pcn="X"), a_row(group="G"), a_row(pcn="X", group="G")], None),
        ([a_row(), a_row(pcn="X")], None),
        ([a_row(pcn="X"), a_row(pcn="Y")], None),
        ([a_row(pcn="X"), a_row(pcn="x")], 1),
        ([a_row(valid_to="2026-06-30"), a_row(valid_from="2026-07-01")], None),
        ([a_row(valid_to="2026-07-01"), a_row(valid_from="2026-07-01")], 1),
    ],
)
def test_rows_that_could_tie_are_a_fault(folder: Folder, rows: list[dict[str, Any]], place: int | None) -> None:
    folder.put("directory/cards.yaml", directory(*rows))
    found = [(fault.file, fault.pointer) for fault in folder.faults()]
    assert found == ([] if place is None else [("directory/cards.yaml", f"/rows/{place}")])


def test_rows_of_two_files_that_tie_are_named_both(folder: Folder) -> None:
    folder.put("directory/cards.yaml", directory(a_row()))
    folder.put("directory/more.yaml", directory(a_row()) | {"directory": "more"})
    (fault,) = folder.faults()
    assert fault.file == "directory/more.yaml"
    assert "cards row 0" in fault.message
    assert "more row 0" in fault.message


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"bin": "12345"}, "/rows/0/bin"),
        ({"payer": "nobody"}, "/rows/0/payer"),
        ({"payer": "acme"}, "/rows/0"),
        ({"connection": "another"}, "/rows/0/connection"),
        ({"valid_to": "2025-12-31"}, "/rows/0/valid_to"),
        ({"supports": ["everything"]}, "/rows/0/supports/0"),
    ],
)
def test_a_row_with_a_fault_is_told_at_its_place(folder: Folder, over: dict[str, Any], pointer: str) -> None:
    folder.put("directory/cards.yaml", directory(a_row(**over)))
    assert folder.fault() == ("directory/cards.yaml", pointer)


def test_a_payer_whose_file_has_faults_is_not_said_to_be_missing(folder: Folder) -> None:
    folder.put("payers/manager.yaml", a_payer(payer="manager", name=""))
    folder.put("directory/cards.yaml", directory(a_row()))
    assert [fault.file for fault in folder.faults()] == ["payers/manager.yaml"]


def test_a_crosswalk_that_cannot_be_read_and_two_of_one_quarter_are_faults(folder: Folder) -> None:
    folder.put("crosswalks/a.csv", CROSSWALK)
    folder.put("crosswalks/b.csv", CROSSWALK)
    folder.put("crosswalks/c.csv", "nothing of the kind")
    folder.put("crosswalks/d.yaml", "a: b")
    assert [fault.file for fault in folder.faults()] == ["crosswalks/b.csv", "crosswalks/c.csv", "crosswalks/d.yaml"]


def test_a_row_of_a_crosswalk_that_is_left_out_is_a_note_and_no_fault(folder: Folder) -> None:
    folder.put("crosswalks/a.csv", CROSSWALK + "J9271,none,4,1,100,100\n")
    assert list(notes_of(folder.load().reference)) == [
        "crosswalks/a.csv:4: This row is left out: it has no NDC of 5-4-2 digits."
    ]


def test_the_crosswalk_of_a_day_is_the_last_that_began_before_it(folder: Folder) -> None:
    folder.put("crosswalks/b.csv", CROSSWALK)
    folder.put("crosswalks/a.csv", CROSSWALK.replace("October 2026", "January 2027"))
    reference = folder.load().reference
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 12, 31), date(2027, 1, 1), date(2028, 1, 1)]
    found = [crosswalk[0] if (crosswalk := reference.crosswalk(day)) else None for day in days]
    assert found == [None, *["crosswalks/b.csv"] * 2, *["crosswalks/a.csv"] * 2]


# ranges


@pytest.mark.parametrize(
    ("system", "first", "last", "code", "held"),
    [
        (CodeSystem.CPT, "00100", "01999", "00500", True),
        (CodeSystem.CPT, "00100", "01999", "0075T", False),
        (CodeSystem.CPT, "0001T", "0999T", "0075T", True),
        (CodeSystem.HCPCS, "j9000", "J9999", "J9271", True),
        (CodeSystem.HCPCS, "J9271", None, "J9272", False),
        (CodeSystem.NDC, "99999-0271-00", "99999-0271-99", "99999027101", True),
    ],
)
def test_a_range_holds_codes_of_its_own_series(
    system: CodeSystem, first: str, last: str | None, code: str, held: bool
) -> None:
    found = CodeRange.model_validate({"system": system, "first": first, "last": last})
    assert found.holds(ServiceCode(system=system, code=code)) is held


def test_a_code_of_another_system_is_in_no_range() -> None:
    found = CodeRange(system=CodeSystem.HCPCS, first="D0120", last="D9999")
    assert not found.holds(ServiceCode(system=CodeSystem.CDT, code="D7140"))


@pytest.mark.parametrize(
    ("first", "last", "code", "held"),
    [
        ("C00", "D49", "C34.11", True),
        ("C00", "D49", "D49.9", True),
        ("C00", "D49", "D50", False),
        ("C50.1", None, "C50.111", True),
        ("C50.1", None, "C50.2", False),
        ("C50.1", None, "C50", False),
        ("C50", None, "C50", True),
        ("C43", "C49", "C4A.0", False),
    ],
)
def test_a_range_of_diagnoses_holds_what_is_below_its_ends(first: str, last: str | None, code: str, held: bool) -> None:
    assert DiagnosisRange(first=first, last=last).holds(code) is held


def test_what_is_left_out_narrows_nothing_and_what_is_written_must_be_known() -> None:
    assert (Ages().least, Ages().most) == (0, 150)
    assert BenefitRules().evidence_days == 30
    with pytest.raises(ValidationError):
        Delegation.model_validate(delegation(when="age > 18"))
