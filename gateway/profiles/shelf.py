"""The files of one kind under mappings/, read: those that are sound, and of the others what they still tell.

And the files that nothing reads: a payer in a file with another ending would be missing without a word. Knows no
profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from gateway.model.record import Record
from gateway.profiles.document import read
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults

P = TypeVar("P", bound=Record)

CROSSWALKS = "crosswalks"
FOLDERS = (
    "payers",
    "connections",
    "benefits",
    "directory",
    CROSSWALKS,
    "deadlines",
    "recourse",
    "intake",
    "denials",
    "policies",
    "vocabulary",
    "codes",
)
_DEEP = ("policies", "codes")
"""Folders whose own folders are read as well."""
_ENDING = ".yaml"
_ENDINGS = {CROSSWALKS: ".csv"}
"""Of folders whose files somebody else publishes."""
_BESIDE = ("README.md",)
_OF_OTHERS = ("guides",)
"""Folders that profiles have no part in: guides are read by the checker of their channel."""


@dataclass(frozen=True)
class Sketch:
    """A file that is YAML but no profile: what it says, and where its faults are told already."""

    place: Place
    value: Any
    told: frozenset[str]

    def new(self, faults: Iterable[ProfileFault]) -> Iterator[ProfileFault]:
        """Those of the faults whose place has none yet."""
        return (fault for fault in faults if fault.pointer not in self.told)


@dataclass(frozen=True)
class Shelf(Generic[P]):
    """The profiles of one kind by their own word, each with its place.

    ``unread`` are words of files with faults, as far as they are known: nobody may be told that these do not exist.
    """

    profiles: Mapping[str, P]
    places: Mapping[str, Place]
    sketches: tuple[Sketch, ...]
    unread: frozenset[str]


def shelve(
    folder: Path, kind: type[P], of: str, word: str, faults: list[ProfileFault], *, deep: bool = False
) -> Shelf[P]:
    """The files of the folder ``of`` as profiles of this kind, whose own name is in their field ``word``. ``deep``:
    also those in its folders."""
    profiles: dict[str, P] = {}
    places: dict[str, Place] = {}
    sketches: list[Sketch] = []
    unread: set[str] = set()
    inside = folder / of
    for file in sorted(inside.rglob(f"*{_ENDING}") if deep or of in _DEEP else inside.glob(f"*{_ENDING}")):
        if _hidden(file.relative_to(folder)):
            continue
        try:
            document = read(file, file.relative_to(folder).as_posix())
        except ProfileFaults as error:
            faults += error.faults
            unread.add(file.stem)
            continue
        place = document.place
        try:
            profile = kind.model_validate(document.value)
        except ValidationError as error:
            found = [
                place.fault(_as_written(fault.pointer, document.value), fault.message, fault.fix)
                for fault in place.faults(error)
            ]
            faults += found
            sketches.append(Sketch(place, document.value, frozenset(fault.pointer for fault in found)))
            unread |= {file.stem, *_word(document.value, word)}
            continue
        name = getattr(profile, word)
        if name in profiles:
            faults.append(place.fault(f"/{word}", f"{places[name].file} holds this too.", "Remove one."))
            unread.add(file.stem)
            continue
        if file.stem != name:
            faults.append(place.fault("", "The file has another name than what it holds.", "Rename the file."))
        profiles[name], places[name] = profile, place
    return Shelf(profiles, places, tuple(sketches), frozenset(unread))


def _as_written(pointer: str, value: Any) -> str:
    """The pointer without the kinds that pydantic puts into it where records of several kinds may stand: a rule's
    ``kind``, what a ``need`` is of. No file has them there."""
    steps = []
    for step in pointer.split("/")[1:]:
        if isinstance(value, dict) and step not in value and step in (value.get("kind"), value.get("need")):
            continue
        steps.append(step)
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = None
    return "".join(f"/{step}" for step in steps)


def visible_files(folder: Path, of: str) -> list[Path]:
    """The files that a folder of another ending holds, by name."""
    return [file for file in sorted((folder / of).glob(f"*{_ENDINGS[of]}")) if not _hidden(file.relative_to(folder))]


def stray_faults(folder: Path) -> Iterator[ProfileFault]:
    """Files and folders that nothing reads. Hidden ones are let be, and a README."""
    for entry in sorted(folder.iterdir()):
        if _hidden(entry.relative_to(folder)) or entry.name in (*_BESIDE, *_OF_OTHERS):
            continue
        if entry.name not in FOLDERS or not entry.is_dir():
            fix = f"Move what it holds to {_ONE_OF}, or remove it." if entry.is_dir() else f"Move it to {_ONE_OF}."
            yield Place(entry.name, {}).fault("", "Nothing reads this.", fix)
            continue
        for file in sorted(entry.rglob("*")):
            name = file.relative_to(folder)
            if _hidden(name) or file.is_dir() or file.name in _BESIDE:
                continue
            place = Place(name.as_posix(), {})
            ending = _ENDINGS.get(entry.name, _ENDING)
            if file.suffix != ending:
                message = f"Nothing reads a file that does not end in {ending}."
                written = "as YAML" if ending == _ENDING else "as it is published"
                yield place.fault("", message, f"Write it {written} and let its name end in {ending}, or remove it.")
            elif len(name.parts) > 2 and entry.name not in _DEEP:
                yield place.fault("", f"Nothing reads folders inside {entry.name}.", f"Move it to {entry.name}/.")


_ONE_OF = ", ".join(f"{name}/" for name in FOLDERS[:-1]) + f" or {FOLDERS[-1]}/"


def _hidden(name: Path) -> bool:
    """Editors, version control and mounted volumes (Kubernetes: ..data) keep things of their own there."""
    return any(part.startswith(".") for part in name.parts)


def _word(value: Any, field: str) -> tuple[str, ...]:
    word = value.get(field) if isinstance(value, dict) else None
    return (word,) if isinstance(word, str) else ()
