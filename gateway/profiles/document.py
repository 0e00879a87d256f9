"""Reads one YAML file into plain values: no tags, no aliases, no repeated keys, no surprises of YAML 1.1.

Plain scalars follow the YAML 1.2 core schema, and keys are always the text that was written: under YAML 1.1 a code
list would lose ``04`` to the number 4 and ``NO`` to false. Knows nothing of profiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.model.faults import pointer
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults

SIZE_LIMIT = 512 * 1024
DEPTH_LIMIT = 20

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Only its parser is used: libyaml's composer follows nesting with the C stack, and text of 200 KB overruns it."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Document:
    """A file as plain values."""

    place: Place
    value: Any


def read(path: Path, name: str) -> Document:
    """The file's document; ``name`` is what faults call the file. Raises ProfileFaults."""
    place = Place(name, {})
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise ProfileFaults([place.fault("", "The file is larger than 512 KB.", "Split it.")])
        text = path.read_bytes().decode()
    except OSError as error:
        why = f"The file cannot be read ({type(error).__name__})."
        raise ProfileFaults([place.fault("", why, "Check that it exists and its permissions.")]) from None
    except UnicodeDecodeError:
        raise ProfileFaults([place.fault("", "The file is not UTF-8.", "Save it as UTF-8.")]) from None
    return parse(text, name)


def parse(text: str, name: str) -> Document:
    """The document in a text. Raises ProfileFaults."""
    walk = _Walk(Place(name, {}))
    try:
        value = walk.document(yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        fault = ProfileFault(name, line, "", "This is not well-formed YAML.", "Look at this line and the one before.")
        raise ProfileFaults([fault]) from None
    except UnicodeEncodeError:
        raise ProfileFaults([walk.place.fault("", "The text holds a lone surrogate.", "Remove it.")]) from None
    if walk.faults:
        raise ProfileFaults(walk.faults)
    return Document(walk.place, value)


class _Walk:
    """Turns a parser's events into values, keeps the line of each place, and collects faults."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.faults: list[ProfileFault] = []

    def document(self, events: Iterator[yaml.Event]) -> Any:
        """The value of the one document."""
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                found.append(self._value(event, events, ""))
            elif isinstance(event, yaml.DocumentStartEvent) and found:
                self.place.lines[""] = _line(event)
                self._refuse("", "The file holds a second document.", "Put it into a file of its own.")
        if not found:
            self._refuse("", "The file is empty.", "Write the profile, or remove the file.")
        return found[0] if found else None

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], where: str, depth: int = 0) -> Any:
        self.place.lines.setdefault(where, _line(event))
        if depth > DEPTH_LIMIT:
            raise ProfileFaults([self.place.fault(where, "The file nests too deep.", "Write it flatter.")])
        if isinstance(event, yaml.AliasEvent):
            self._refuse(where, "This is a YAML alias.", "Write the value out.")
            return None
        if getattr(event, "tag", None):
            self._refuse(where, "This is a YAML tag.", "Write a plain value; profiles are data only.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, where, depth + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, where, depth + 1)
        text: str = getattr(event, "value", "")
        return text if getattr(event, "style", None) else _scalar(text)

    def _sequence(self, events: Iterator[yaml.Event], at: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self._value(event, events, f"{at}/{len(found)}", depth))
        return found

    def _mapping(self, events: Iterator[yaml.Event], at: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._refuse(at, "A key is not a plain word.", "Write a word before the colon.")
                self._value(key, events, f"{at}/", depth)
                self._value(next(events), events, f"{at}/", depth)
                continue
            where = at + pointer((key.value,))
            value = self._value(next(events), events, where, depth)
            if key.value in found:
                self.place.lines[where] = _line(key)
                self._refuse(where, "This key stands here twice.", "Keep one of them.")
            found.setdefault(key.value, value)
        return found

    def _refuse(self, where: str, message: str, fix: str) -> None:
        self.faults.append(self.place.fault(where, message, fix))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _scalar(text: str) -> Any:
    """A plain scalar by the YAML 1.2 core schema, without its octal, hexadecimal and exponent forms."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
