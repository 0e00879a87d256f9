"""What the channels promise to keep, requirement by requirement, and which cases prove it.

The lists are CSV files under ``requirements/``, one a channel. The column of cases is computed from the cases, so
that the list cannot claim what no case tests; what no case tests says why.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from conformance.case import RequirementId
from conformance.proofs import Proofs
from conformance.shelf import Slot
from conformance.verdict import Result, Verdict, worst
from gateway.model.record import Record
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults

FOLDER = Path(__file__).resolve().parent / "requirements"
_TESTS = re.compile(r"tests/[\w/.:]*\w")
_COLUMNS = ("id", "source", "requirement", "conformance", "cases", "not_tested_reason")


class Requirement(Record):
    """One row. ``cases`` are names separated by spaces."""

    id: RequirementId
    source: Annotated[str, Field(min_length=4)]
    requirement: Annotated[str, Field(min_length=20)]
    conformance: Literal["shall", "should", "may"]
    cases: str = ""
    not_tested_reason: str = ""


def read_requirements(channel: str, folder: Path = FOLDER) -> tuple[Requirement, ...]:
    """The channel's list, empty where it has none. Raises ProfileFaults."""
    path = folder / f"{channel}.csv"
    if not path.exists():
        return ()
    name = f"requirements/{path.name}"
    rows = csv.DictReader(io.StringIO(path.read_text()), strict=True)
    place = Place(name, {})
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        raise ProfileFaults([place.fault("", "The columns are others.", f"Write {', '.join(_COLUMNS)}.")])
    found, faults = [], []
    for line, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            faults.append(place.fault(f"/{line}", "The row has other columns.", "Quote texts that hold commas."))
            continue
        try:
            found.append(Requirement.model_validate(row))
        except ValidationError as error:
            faults += place.faults(error, f"/{line}")
    if faults:
        raise ProfileFaults(faults)
    return tuple(found)


def rewrite(channel: str, slots: Sequence[Slot], folder: Path) -> Path | None:
    """Write the list again where its column of cases has changed. The file, or None."""
    slots = [slot for slot in slots if slot.channel == channel]
    before = read_requirements(channel, folder)
    after = with_cases(before, slots)
    if before == after:
        return None
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.model_dump() for row in after)
    path = folder / f"{channel}.csv"
    path.write_text(out.getvalue())
    return path


def with_cases(requirements: Sequence[Requirement], slots: Sequence[Slot]) -> tuple[Requirement, ...]:
    """The list with its column of cases computed."""
    proven: dict[str, list[str]] = {}
    for slot in slots:
        for requirement in slot.case.file.requirements if slot.case else ():
            proven.setdefault(requirement, []).append(slot.name)
    return tuple(r.model_copy(update={"cases": " ".join(sorted(proven.get(r.id, ())))}) for r in requirements)


def requirement_faults(channel: str, slots: Sequence[Slot], folder: Path, proofs: Proofs) -> Iterator[ProfileFault]:
    """What is wrong between the list and the cases, and the tests that a reason names instead."""
    place = Place(f"requirements/{channel}.csv", {})
    slots = [slot for slot in slots if slot.channel == channel]
    requirements = read_requirements(channel, folder)
    known = [requirement.id for requirement in requirements]
    for twice in sorted({name for name in known if known.count(name) > 1}):
        yield place.fault(f"/{twice}", "This id stands here twice.", "Give each requirement its own id.")
    for given, computed in zip(requirements, with_cases(requirements, slots), strict=True):
        at = f"/{given.id}"
        if given.cases != computed.cases:
            yield place.fault(at, "The column of cases is out of date.", "Run `conformance generate`.")
        if bool(computed.cases) == bool(given.not_tested_reason):
            yield place.fault(
                at, "A requirement has either cases or a reason why it has none.", "Write or remove the reason."
            )
        yield from proofs.faults(place, at, given.id, _TESTS.findall(given.not_tested_reason))
    for slot in slots:
        for requirement in slot.case.file.requirements if slot.case else ():
            if requirement not in known:
                yield Place(f"{channel}/{slot.name}/case.yaml", {}).fault(
                    "/requirements", f"There is no requirement {requirement}.", "Add it to the list, or correct the id."
                )


@dataclass(frozen=True)
class Judgement:
    """A requirement, and the worst verdict of the cases that were run for it; None where none was."""

    requirement: Requirement
    verdict: Verdict | None


def judged(requirements: Sequence[Requirement], results: Sequence[Result]) -> tuple[Judgement, ...]:
    """The list, judged by a run."""
    return tuple(
        Judgement(requirement, worst(r.verdict for r in results if requirement.id in r.requirements))
        for requirement in requirements
    )
