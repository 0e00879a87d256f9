"""Reads one YAML file into plain values: no tags, no aliases, no repeated keys, no surprises of YAML 1.1.

Plain scalars follow the YAML 1.2 core schema, and keys are always the text that was written: under YAML 1.1 a code
list would lose ``04`` to the number 4 and ``NO`` to false. Knows nothing of profiles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.model.faults import pointer
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults

SIZE_LIMIT = 512 * 1024
DEPTH_LIMIT = 20

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The base loader resolves no scalar and knows no tag; libyaml's is about eight times as fast."""

_STRING = "tag:yaml.org,2002:str"
_PLAIN_TAGS = {_STRING, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", None}
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
        size = path.stat().st_size
        if size > SIZE_LIMIT:
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
    place = Place(name, {})
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        fault = ProfileFault(name, line, "", "This is not well-formed YAML.", "Look at this line and the one before.")
        raise ProfileFaults([fault]) from None
    except RecursionError:
        raise ProfileFaults([place.fault("", "The file nests too deep.", "Write it flatter.")]) from None
    finally:
        loader.dispose()
    if node is None:
        raise ProfileFaults([place.fault("", "The file is empty.", "Write the profile, or remove the file.")])
    walk = _Walk(place)
    value = walk.value(node, ())
    if walk.faults:
        raise ProfileFaults(walk.faults)
    return Document(place, value)


class _Walk:
    """Turns nodes into values, keeps the line of each place, and collects faults."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._seen: set[int] = set()
        self.faults: list[ProfileFault] = []

    def value(self, node: yaml.Node, at: tuple[str | int, ...]) -> Any:
        where = pointer(at)
        self._place.lines[where] = node.start_mark.line + 1
        if id(node) in self._seen:
            self._refuse(where, "This is a YAML alias.", "Write the value out.")
            return None
        self._seen.add(id(node))
        if len(at) > DEPTH_LIMIT:
            self._refuse(where, "The file nests too deep.", "Write it flatter.")
            return None
        if node.tag not in _PLAIN_TAGS:
            self._refuse(where, "This is a YAML tag.", "Write a plain value; profiles are data only.")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*at, place)) for place, item in enumerate(node.value)]
        return node.value if getattr(node, "style", None) else _scalar(node.value)

    def _mapping(self, node: yaml.MappingNode, at: tuple[str | int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(pointer(at), "A key is not a plain word.", "Write a word before the colon.")
                continue
            where = (*at, key.value)
            if key.value in found:
                self._place.lines[pointer(where)] = key.start_mark.line + 1
                self._refuse(pointer(where), "This key stands here twice.", "Keep one of them.")
                continue
            found[key.value] = self.value(item, where)
        return found

    def _refuse(self, where: str, message: str, fix: str) -> None:
        self.faults.append(self._place.fault(where, message, fix))


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
