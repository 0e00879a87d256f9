"""Checks of cases that no single file can make: names, titles, completeness, and that nobody in them is real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from conformance.shelf import CASE_FILE, Slot
from conformance.synthetic import Invented, strangers
from gateway.profiles.faults import Place, ProfileFault


def soundness_faults(slots: Sequence[Slot]) -> Iterator[ProfileFault]:
    """Everything wrong with the cases taken together; what is wrong with one file the shelf tells."""
    invented = Invented.listed()
    names = Counter(slot.name for slot in slots)
    titles = Counter(slot.case.file.title.casefold() for slot in slots if slot.case)
    for slot in slots:
        place = Place(f"{slot.channel}/{slot.name}/{CASE_FILE}", {})
        if names[slot.name] > 1:
            yield place.fault("", "Another channel has a case of this name.", "Rename one of them.")
        if not slot.name.replace("_", "").isalnum() or slot.name != slot.name.lower():
            yield place.fault("", "The folder's name is not lower_case_words.", "Rename it.")
        if slot.case and titles[slot.case.file.title.casefold()] > 1:
            yield place.fault("/title", "Another case has this title.", "Say what is special about this one.")
        if slot.case and (lacking := slot.case.lacks()):
            yield place.fault("", f"{lacking[0].upper()}{lacking[1:]}.", "See the README.")
        yield from strangers(slot.folder, invented)
