"""Reads what was sent, before it is known to be sound or after: nothing is believed that was not looked at.

Checks that no single field can make run over these readings, so that they find the same in an input that has other
faults as they would find without those. Knows pydantic; knows no model of ours but by its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from gateway.model.faults import Finding
from gateway.model.record import Record

_STRIPS = ConfigDict(str_strip_whitespace=True)
_WORD: TypeAdapter[str] = TypeAdapter(str, config=ConfigDict(str_strip_whitespace=True, strict=True))


def field(value: Any, name: str) -> Any:
    """A field of an object, None where there is none."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def listed(value: Any, name: str) -> Sequence[Any]:
    """A list that stands in a field, empty where none does."""
    found = field(value, name)
    return found if isinstance(found, list | tuple) else ()


def word(value: Any) -> str | None:
    """A text as it comes out, without blanks around it; None for what is no text."""
    try:
        return _WORD.validate_python(value)
    except ValidationError:
        return None


def ids(items: Sequence[Any]) -> set[str] | None:
    """The ids of these; None where one of them has none that can be read, so that what is missing cannot be told."""
    found = {word(field(item, "id")) for item in items}
    return None if None in found else {name for name in found if name is not None}


def repeated(items: Sequence[Any], where: str, kind: str, message: str) -> Iterator[Finding]:
    """Those of the list in the field ``where`` whose id another one has."""
    seen: set[str] = set()
    for place, item in enumerate(items):
        name = word(field(item, "id"))
        if name is not None:
            if name in seen:
                yield Finding((where, place, "id"), kind, message, "Give each its own id.")
            seen.add(name)


def sound_fields(kind: type[Record], value: Any) -> dict[str, Any]:
    """The fields that are sound, as they come out; what was left out is at its default."""
    if isinstance(value, kind):
        return dict(value)
    found: dict[str, Any] = {}
    for name, adapter in _adapters(kind).items() if isinstance(value, dict) else ():
        if name in value:
            try:
                found[name] = adapter.validate_python(value[name])
            except ValidationError:
                continue
        elif not kind.model_fields[name].is_required():
            found[name] = kind.model_fields[name].get_default(call_default_factory=True)
    return found


@cache
def _adapters(kind: type[Record]) -> Mapping[str, TypeAdapter[Any]]:
    return {name: _adapter(info) for name, info in kind.model_fields.items()}


def _adapter(info: FieldInfo) -> TypeAdapter[Any]:
    annotation: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    record = isinstance(info.annotation, type) and issubclass(info.annotation, Record)  # has a config of its own
    return TypeAdapter(annotation, config=None if record else _STRIPS)
