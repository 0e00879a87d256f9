"""What a payer is held to: all sixty assertions are accounted for, each with a source or a reason, and a verdict."""

from __future__ import annotations

import csv
from pathlib import Path

from conformance.live.catalogue import Assertion, read_catalogue
from conformance.live.verdicts import Check, judged
from conformance.requirement import FOLDER
from conformance.verdict import Verdict

CARRIERS = {"core_soap", "core_mime", "rest_x12", "rest_review"}
SURE = {"agreed", "single", "inferred", "unverified"}


def test_all_sixty_are_accounted_for_in_their_order_before_those_of_this_project() -> None:
    rows = csv.DictReader((FOLDER / "transports" / "assertions.csv").read_text().splitlines(), strict=True)
    sixty = [row["assertion"] for row in rows]
    names = [each.id for each in read_catalogue()]
    assert names[:60] == sixty
    assert len(set(names)) == len(names)


def test_each_is_seen_over_some_carrier_with_a_source_or_has_a_reason_why_it_is_not_seen() -> None:
    for each in read_catalogue():
        assert set(each.carriers) <= CARRIERS
        assert bool(each.carriers) != bool(each.reason), each.id
        assert not each.carriers or (each.source and each.sure in SURE), each.id


def test_every_one_that_can_be_seen_is_looked_at_somewhere_in_the_code() -> None:
    folder = Path(__file__).parents[2] / "conformance" / "live"
    code = "".join(file.read_text() for file in folder.glob("*.py"))
    assert [each.id for each in read_catalogue() if each.carriers and f'"{each.id}"' not in code] == []


def assertion(**changed: object) -> Assertion:
    told = {"id": "XX-01", "says": "It holds.", "source": "A rule", "section": "1", "sure": "agreed"}
    return Assertion(**{**told, "carriers": ("core_soap",), "reason": "", **changed})  # type: ignore[arg-type]


def test_an_assertion_has_the_worst_verdict_that_was_seen_and_tells_each_reason_once() -> None:
    checks = [
        Check("XX-01", Verdict.PASS, "file", "", 1),
        Check("XX-01", Verdict.FAIL, "ask again", "it does not hold", 2),
        Check("XX-01", Verdict.FAIL, "take back", "it does not hold", 3),
    ]
    (found,) = judged([assertion()], checks, "core_soap", [])
    assert found.verdict is Verdict.FAIL
    assert found.reason == "it does not hold (ask again, message 2; and 1 more)"
    assert found.looks == 1
    assert [check.message for check in found.told()] == [2]


def test_what_nobody_looked_at_is_never_a_pass() -> None:
    for changed, verdict in (
        ({}, Verdict.SKIP),
        ({"carriers": ("core_mime",)}, Verdict.OMIT),
        ({"carriers": (), "reason": "It cannot be seen."}, Verdict.OMIT),
    ):
        (found,) = judged([assertion(**changed)], [], "core_soap", [])
        assert found.verdict is verdict
        assert found.reason
