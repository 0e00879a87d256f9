"""Checking cases: requirements that add up, names that are unique, and nobody in them who is real."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from conformance.proofs import Proofs
from conformance.requirement import FOLDER, read_requirements, requirement_faults, rewrite
from conformance.runner import main
from conformance.shelf import read_shelf
from conformance.soundness import soundness_faults
from conformance.synthetic import Invented, strangers
from gateway.profiles.faults import ProfileFaults
from tests.unit.conformance_shelf import Shelf, change, empty_shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return empty_shelf(tmp_path / "cases")


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "requirements"
    shutil.copytree(FOLDER, folder)
    return folder


def test_the_cases_of_this_project_are_sound() -> None:
    assert main(["check"]) == 0


def test_a_shelf_with_faults_does_not_pass(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shelf.take("submit_approved_plain")
    (folder / "outcome.json").unlink()
    assert main(["check", "--cases", str(shelf.root)]) == 1
    assert "Nothing says what the reply means" in capsys.readouterr().out


# -- requirements


def test_a_requirement_no_list_has_is_told(shelf: Shelf, lists: Path) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "case.yaml", "RS-01", "ZZ-01")
    faults = [str(fault) for fault in requirement_faults("x12_278", read_shelf(shelf.root), lists, Proofs())]
    assert any("There is no requirement ZZ-01" in fault for fault in faults)


def test_a_requirement_with_neither_case_nor_reason_is_told(shelf: Shelf, lists: Path) -> None:
    shelf.take("submit_approved_plain")
    rewrite("x12_278", read_shelf(shelf.root), lists)
    faults = [str(fault) for fault in requirement_faults("x12_278", read_shelf(shelf.root), lists, Proofs())]
    assert "x12_278.csv: /RJ-01: A requirement has either cases or a reason" in "\n".join(faults)
    assert not any("/RS-01" in fault or "/RT-16" in fault for fault in faults)


def test_the_column_of_cases_is_computed(shelf: Shelf, lists: Path) -> None:
    shelf.take("submit_approved_plain", "submit_denied_not_medically_necessary")
    slots = read_shelf(shelf.root)
    assert any("out of date" in str(fault) for fault in requirement_faults("x12_278", slots, lists, Proofs()))
    assert rewrite("x12_278", slots, lists) == lists / "x12_278.csv"
    rows = {row.id: row.cases for row in read_requirements("x12_278", lists)}
    assert rows["RQ-07"] == "submit_approved_plain"
    assert rewrite("x12_278", slots, lists) is None
    assert not any("out of date" in str(fault) for fault in requirement_faults("x12_278", slots, lists, Proofs()))


def test_an_id_that_stands_twice_is_told(shelf: Shelf, lists: Path) -> None:
    path = lists / "x12_278.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    assert any("stands here twice" in str(fault) for fault in requirement_faults("x12_278", (), lists, Proofs()))


def test_a_list_with_other_columns_is_refused(lists: Path) -> None:
    (lists / "x12_278.csv").write_text("id,text\n")
    with pytest.raises(ProfileFaults, match="columns"):
        read_requirements("x12_278", lists)


def test_a_row_with_a_comma_too_many_is_told_with_its_number(lists: Path) -> None:
    path = lists / "x12_278.csv"
    path.write_text(path.read_text() + "ZZ-01,A source,A sentence that goes on, and on,shall,,\n")
    with pytest.raises(ProfileFaults, match="The row has other columns"):
        read_requirements("x12_278", lists)


# -- names


def test_titles_are_unique(shelf: Shelf) -> None:
    shelf.take("submit_approved_plain")
    shutil.copytree(shelf.root / "x12_278" / "submit_approved_plain", shelf.root / "x12_278" / "another")
    assert [fault.pointer for fault in soundness_faults(read_shelf(shelf.root))] == ["/title", "/title"]


# -- people


def found(folder: Path) -> str:
    return "\n".join(str(fault) for fault in strangers(folder, Invented.listed()))


def test_a_name_that_is_not_invented_is_told_and_not_repeated(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "request.json", '"Testperson"', '"Realperson"')
    assert "request.json: /patient/last_name: This people value" in found(folder)
    assert "Realperson" not in found(folder)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("NM1*IL*1*TESTPERSON*BO", "NM1*IL*1*REALPERSON*BO", "people"),
        ("MI*SIMCASE01", "MI*123456789", "member_id"),
        ("XX*1234567893", "XX*1234567890", "npi"),
        ("HL*4*3*EV*1~", "PER*IC**TE*2158675309~\nHL*4*3*EV*1~", "phone"),
        ("HL*4*3*EV*1~", "N3*1600 PENNSYLVANIA AVE~\nHL*4*3*EV*1~", "streets"),
        ("HL*4*3*EV*1~", "REF*SY*123456789~\nHL*4*3*EV*1~", "member_id"),
    ],
)
def test_x12_that_could_identify_somebody_is_told(shelf: Shelf, before: str, after: str, kind: str) -> None:
    folder = shelf.take("submit_approved_plain")
    assert found(folder) == ""
    change(folder / "received.1.edi", before, after)
    assert f"This {kind} value is not on the list" in found(folder)


def test_x12_inside_an_envelope_is_looked_at_too(shelf: Shelf) -> None:
    folder = shelf.take("core_success")
    change(folder / "received.1.http", "TESTPERSON*BO", "REALPERSON*BO")
    assert "received.1.http" in found(folder)


def test_a_change_inside_the_case_file_is_looked_at_too(shelf: Shelf) -> None:
    folder = shelf.take("revise_certified")
    change(folder / "case.yaml", "Testperson", "Realperson")
    assert "case.yaml: /change/request/patient/last_name" in found(folder)


def test_the_schema_says_what_a_case_file_may_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"title", "citations", "requirements", "verb", "stamp", "raises"} <= set(told["properties"])
    assert told["additionalProperties"] is False
    assert set(told["required"]) >= {"title", "citations", "requirements", "payer", "connection", "verb"}


@pytest.mark.parametrize(
    ("name", "said", "instead", "kind"),
    [
        ("ironwood_pended", '"  - definition: Bo Testperson"', '"  - definition: Jo Realname"', "people"),
        ("ironwood_pended", '"        - cell \\"Bo Testperson\\""', '"        - cell \\"Jo Realname\\""', "people"),
        ("juniper_certified", '"    - definition: SIMAPPROVE01"', '"    - definition: W123456789"', "member_id"),
        ("ironwood_several_found", '- cell \\"SIMAPPROVE01\\""', '- cell \\"W123456789\\""', "member_id"),
        ("juniper_certified", "800-555-0181", "800-273-8255", "phone"),
    ],
)
def test_a_real_member_on_a_recorded_page_is_found(
    tmp_path: Path, name: str, said: str, instead: str, kind: str
) -> None:
    """Pages of a test account show whatever else its practice has on file."""
    shelf = empty_shelf(tmp_path, "portal")
    folder = shelf.take(name)
    assert found(folder) == ""
    pages = [path for path in folder.glob("received.*") if said in path.read_text()]
    for path in pages:
        change(path, said, instead)
    assert pages
    told = found(folder)
    assert f"This {kind} value is not on the list" in told
    assert "Realname" not in told
    assert "W123456789" not in told
