"""The sixty assertions on transports, across all channels: each names the cases and the tests that prove it, or says
why there is none. What is named is there, and says itself what it proves.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.proofs import Proofs
from conformance.shelf import CASE_FILE, Slot
from gateway.profiles.faults import Place, ProfileFault

FILE = "transports/assertions.csv"
_COLUMNS = ("number", "assertion", "says", "cases", "tests", "reason")


def assertion_faults(slots: Sequence[Slot], folder: Path, proofs: Proofs) -> Iterator[ProfileFault]:
    """What is wrong between the list, the cases and the tests. ``folder`` holds the lists."""
    place = Place(f"requirements/{FILE}", {})
    rows = csv.DictReader(io.StringIO((folder / FILE).read_text()), strict=True)
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        yield place.fault("", "The columns are others.", f"Write {', '.join(_COLUMNS)}.")
        return
    said = {slot.name: slot.case.file.assertions for slot in slots if slot.case}
    names: dict[str, list[str]] = {}
    for row in rows:
        what, cases, tests = row["assertion"], row["cases"].split(), row["tests"].split()
        names[what] = cases
        if bool(cases or tests) == bool(row["reason"]):
            yield place.fault(
                f"/{what}", "An assertion has either proofs or a reason why it has none.", "Write or remove the reason."
            )
        for name in cases:
            if name not in said:
                yield place.fault(f"/{what}", f"There is no case {name}.", "Correct the name, or name another proof.")
            elif what not in said[name]:
                yield place.fault(
                    f"/{what}", f"The case {name} does not say that it proves this.", "Add it to its assertions."
                )
        yield from proofs.faults(place, f"/{what}", what, tests)
    for slot in slots:
        for what in said.get(slot.name, ()):
            if slot.name not in names.get(what, ()):
                yield Place(f"{slot.channel}/{slot.name}/{CASE_FILE}", {}).fault(
                    "/assertions", f"The row of {what} does not name this case.", "Name it there, or remove it here."
                )
