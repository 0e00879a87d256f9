"""The sixty assertions on transports: each names cases and tests that are there and say so, or says why it has none."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from conformance.assertion import FILE, assertion_faults
from conformance.bench import PROJECT
from conformance.proofs import Proofs
from conformance.requirement import FOLDER
from conformance.runner import main
from conformance.shelf import Slot
from tests.cases_material import shelf
from tests.unit.conformance_shelf import change


@pytest.fixture(scope="module")
def slots() -> tuple[Slot, ...]:
    return shelf()


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "requirements")
    return tmp_path / "requirements"


def told(slots: tuple[Slot, ...], lists: Path, root: Path = PROJECT) -> str:
    return "\n".join(str(fault) for fault in assertion_faults(slots, lists, Proofs(root)))


def test_there_are_sixty_in_their_order_and_all_are_sound(slots: tuple[Slot, ...]) -> None:
    rows = list(csv.DictReader((FOLDER / FILE).read_text().splitlines(), strict=True))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 61)]
    assert len({row["assertion"] for row in rows}) == 60
    assert told(slots, FOLDER) == ""


PIN = "tests/unit/test_transport_tls.py::test_with_a_bad_pin_no_byte_reaches_the_server"


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (PIN, "tests/unit/test_transport_tls.py", "/AU-04: tests/unit/test_transport_tls.py is no single test"),
        (PIN, "tests/unit/test_transport_tls.py::test_pins", "/AU-04: There is no test"),
        (PIN, "tests/unit/test_gone.py::test_pins", "/AU-04: There is no test"),
        (
            PIN,
            "tests/unit/test_transport_tls.py::test_a_payer_that_speaks_no_tls_hears_nothing",
            "does not say that it",
        ),
        (PIN, "", "/AU-04: An assertion has either proofs or a reason"),
        (f"{PIN},", f"{PIN},No reason.", "/AU-04: An assertion has either proofs or a reason"),
        ("document_counts_disagree", "document_counts_gone", "/EN-03: There is no case document_counts_gone"),
        ("document_counts_disagree", "core_success", "/EN-03: The case core_success does not say"),
        (" document_counts_disagree", "", "document_counts_disagree/case.yaml: /assertions: The row of EN-03 does not"),
        ("number,assertion", "assertion,number", "The columns are others"),
    ],
)
def test_a_proof_that_is_not_there_or_does_not_say_what_it_proves_is_told(
    slots: tuple[Slot, ...], lists: Path, before: str, after: str, fault: str
) -> None:
    change(lists / FILE, before, after)
    assert fault in told(slots, lists)


def test_an_installation_without_its_tests_believes_their_names(
    slots: tuple[Slot, ...], lists: Path, tmp_path: Path
) -> None:
    change(lists / FILE, PIN, f"{PIN}_too")
    assert "There is no test" in told(slots, lists)
    assert told(slots, lists, tmp_path) == ""


def test_a_test_that_a_reason_names_says_what_it_proves(lists: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(lists / "x12_278.csv", "test_eight_processes_take_no_number_twice", "test_each_pair_counts_for_itself")
    assert main(["check", "--requirements", str(lists)]) == 1
    assert "/EN-11: tests/unit/test_store_numbers.py::test_each_pair_counts" in capsys.readouterr().out
