"""Cases of a channel whose payers write XML and come to our door: what was asked, what is answered, and people."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.bench import CASES, Bench
from conformance.replay import run
from conformance.runner import main
from conformance.shelf import Slot, read_shelf
from conformance.synthetic import Invented, strangers
from conformance.verdict import Result, Verdict
from tests.unit.conformance_shelf import Shelf, change, empty_shelf

BENCH = Bench.here()
OPEN, FIRST = "epa_open_with_every_kind_of_question", "epa_initiation_accepted"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return empty_shelf(tmp_path / "cases", "script_epa")


def slot(shelf: Shelf, name: str) -> Slot:
    return next(slot for slot in read_shelf(shelf.root) if slot.name == name)


def judged(shelf: Shelf, name: str) -> Result:
    return run(slot(shelf, name), BENCH)


def test_what_is_answered_at_the_door_is_compared(shelf: Shelf) -> None:
    folder = shelf.take(OPEN, FIRST)
    assert judged(shelf, OPEN).verdict is Verdict.PASS
    change(folder / "sent.1.xml", "<Code>000</Code>", "<Code>001</Code>")
    (difference,) = judged(shelf, OPEN).differences
    assert difference.what == "sent.1.xml"
    assert "-<Code>001</Code>" in difference.diff()


def test_what_is_not_taken_at_the_door_is_an_end_of_its_own(shelf: Shelf) -> None:
    folder = shelf.take("epa_namespaced_message", FIRST)
    assert judged(shelf, "epa_namespaced_message").verdict is Verdict.PASS
    change(folder / "case.yaml", "{error: Refused}", "{error: Unreadable}")
    assert judged(shelf, "epa_namespaced_message").verdict is Verdict.FAIL


def test_without_a_door_a_message_of_another_version_is_unreadable(shelf: Shelf) -> None:
    folder = shelf.take("epa_namespaced_message", FIRST)
    text = (folder / "case.yaml").read_text()
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("door:"))
    (folder / "case.yaml").write_text(text.replace("{error: Refused}", "{error: Unreadable}"))
    (folder / "sent.1.xml").unlink()
    assert judged(shelf, "epa_namespaced_message").verdict is Verdict.PASS


def test_only_what_is_received_has_a_door(shelf: Shelf) -> None:
    folder = shelf.take(FIRST)
    stamp = "{at: 2026-11-23T15:20:01Z, number: 7, seed: 00112233445566778899aabbccddeeff}"
    change(folder / "case.yaml", "verb: submit", f"verb: submit\ndoor: {stamp}")
    assert "The verb submit has no door." in "\n".join(str(fault) for fault in slot(shelf, FIRST).faults)


def test_what_the_payer_asked_is_that_of_the_case_that_is_named(shelf: Shelf) -> None:
    shelf.take("epa_answers", OPEN, FIRST)
    assert judged(shelf, "epa_answers").verdict is Verdict.PASS
    change(shelf.root / "script_epa" / OPEN / "received.1.xml", "ECOG performance status?", "ECOG?")
    assert "/round" in judged(shelf, "epa_answers").reason


def test_questions_of_a_case_that_is_not_there_are_told(shelf: Shelf) -> None:
    shelf.take("epa_answers", FIRST)
    told = "\n".join(str(fault) for fault in slot(shelf, "epa_answers").faults)
    assert "/filed/asked_of: That case has no such document." in told


def test_an_answer_to_a_later_message_is_placed_among_those_of_its_case(shelf: Shelf) -> None:
    folder = shelf.take("epa_cancelled", FIRST)
    assert judged(shelf, "epa_cancelled").verdict is Verdict.PASS
    change(folder / "received.1.xml", "PACancelResponse", "PAAppealResponse")
    assert "nobody's: no_answer" in judged(shelf, "epa_cancelled").reason


@pytest.mark.parametrize("name", [OPEN, "epa_answers"])
def test_recording_writes_what_is_said_and_what_is_answered_at_the_door(shelf: Shelf, name: str) -> None:
    folder = shelf.take(*dict.fromkeys((name, OPEN, FIRST)))
    change(folder / "sent.1.xml", "<Header>\n<To ", "<Header><To ")
    assert main(["record", name, "--cases", str(shelf.root)]) == 0
    assert (folder / "sent.1.xml").read_bytes() == (CASES / "script_epa" / name / "sent.1.xml").read_bytes()


def test_recording_a_document_makes_it_the_reply(shelf: Shelf) -> None:
    folder = shelf.take("epa_html_under_200", FIRST)
    given = CASES / "script_epa" / "epa_error_601" / "received.1.xml"
    assert main(["record", "epa_html_under_200", "--cases", str(shelf.root), "--reply", str(given)]) == 0
    assert (folder / "received.1.xml").read_bytes() == given.read_bytes()


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("<LastName>Testperson<", "<LastName>Realperson<", "people"),
        ("<AddressLine1>9 Nowhere Lane<", "<AddressLine1>1600 Pennsylvania Ave<", "streets"),
        ("<City>Testville<", "<City>Springfield<", "cities"),
        ("<CardholderID>SIMCASE01<", "<CardholderID>123456789<", "member_id"),
        ("<NPI>1234567893<", "<NPI>1234567890<", "npi"),
        ("<Number>2065550110<", "<Number>2158675309<", "phone"),
    ],
)
def test_xml_that_could_identify_somebody_is_told(shelf: Shelf, before: str, after: str, kind: str) -> None:
    folder = shelf.take(OPEN)
    invented = Invented.listed()
    assert not list(strangers(folder, invented))
    change(folder / "received.1.xml", before, after)
    told = "\n".join(str(fault) for fault in strangers(folder, invented))
    assert f"This {kind} value is not on the list" in told
    assert after.rpartition(">")[2].rstrip("<") not in told
