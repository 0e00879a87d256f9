"""The sixty assertions on transports: each names cases and tests that are there, or says why there are none."""

from __future__ import annotations

import csv
from pathlib import Path

from conformance.bench import CASES, PROJECT
from conformance.requirement import FOLDER

LIST = FOLDER / "transports" / "assertions.csv"


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(LIST.read_text().splitlines(), strict=True))


def test_there_are_sixty_in_their_order() -> None:
    assert [row["number"] for row in rows()] == [str(number) for number in range(1, 61)]
    assert len({row["assertion"] for row in rows()}) == 60


def test_each_names_its_proof_or_says_why_it_has_none() -> None:
    for row in rows():
        assert bool(row["cases"] or row["tests"]) != bool(row["reason"]), row["assertion"]


def test_every_case_and_every_test_that_is_named_is_there() -> None:
    cases = {folder.name for folder in CASES.glob("*/*") if folder.is_dir()}
    for row in rows():
        assert set(row["cases"].split()) <= cases, row["assertion"]
        missing = [name for name in row["tests"].split() if not Path(PROJECT, name).is_file()]
        assert not missing, row["assertion"]
