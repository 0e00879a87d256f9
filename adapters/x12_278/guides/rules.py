"""Situational rules of a guide: typed data of a closed form, and their judgement over what a transaction holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from adapters.x12_278.guides.grammar import Sure
from adapters.x12_278.guides.source import UnreadableGuide
from gateway.model.record import Record

_PLACE = re.compile(r"(\w+)/([A-Z][A-Z0-9]{1,2})(?:\[(\w+)\])?(?:([0-9]{2})(?:-([1-9][0-9]?))?)?")
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
"""Each digit doubled, and the digits of that added up."""
REFUSING = frozenset({Sure.AGREED, Sure.SINGLE})


@dataclass(frozen=True, slots=True)
class Place:
    """``2000E/REF[BB]02``: a loop, a segment, its code, an element, a component; 0 and nothing where not said."""

    loop: str
    tag: str
    code: bytes = b""
    element: int = 0
    component: int = 0

    @classmethod
    def of(cls, text: str) -> Place:
        found = _PLACE.fullmatch(text)
        if not found:
            raise ValueError("a place is written as 2000E/UM04-2")
        loop, tag, code, element, component = found.groups()
        return cls(loop, tag, (code or "").encode(), int(element or 0), int(component or 0))

    def same_segment(self, other: Place) -> bool:
        return (self.loop, self.tag, self.code) == (other.loop, other.tag, other.code)


class Condition(Record):
    """``at`` may be several places under ``present`` (one of them is) and ``absent`` (none of them is)."""

    at: tuple[str, ...]
    is_: Literal["present", "absent", "equals", "one_of", "format"] = Field(alias="is")
    values: tuple[str, ...] = ()

    @field_validator("at", mode="before")
    @classmethod
    def _several(cls, at: object) -> object:
        return (at,) if isinstance(at, str) else at

    @field_validator("at")
    @classmethod
    def _places(cls, at: tuple[str, ...]) -> tuple[str, ...]:
        for each in at:
            Place.of(each)
        return at

    @model_validator(mode="after")
    def _fits(self) -> Condition:
        if self.is_ in ("present", "absent"):
            if self.values:
                raise ValueError("present and absent take no values")
        elif len(self.at) != 1 or not self.values:
            raise ValueError(f"{self.is_} takes one place, and values")
        if self.is_ in ("equals", "format") and len(self.values) != 1:
            raise ValueError(f"{self.is_} takes one value")
        if self.is_ == "format" and self.values != ("npi",):
            raise ValueError("the formats are: npi")
        return self


class Rule(Record):
    id: str
    at: str
    level: Literal[4, 5, 7]
    when: tuple[Condition, ...]
    then: tuple[Condition, ...] = Field(min_length=1)
    says: str
    source: str
    sure: Sure

    @field_validator("at")
    @classmethod
    def _place(cls, at: str) -> str:
        Place.of(at)
        return at

    @property
    def refuses(self) -> bool:
        return self.sure in REFUSING


class RuleSet(Record):
    guide: str
    rules: tuple[Rule, ...]


def read_rules(name: str, text: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of one file that was parsed before. Raises UnreadableGuide for what is not of the form."""
    try:
        found = RuleSet.model_validate(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UnreadableGuide(f"rules of {name}: {where}: {first['msg']}") from None
    if found.guide != name:
        raise UnreadableGuide(f"rules of {name} say they are of another guide")
    if len({rule.id for rule in found.rules}) != len(found.rules):
        raise UnreadableGuide(f"rules of {name}: an id stands twice")
    return found.rules


def is_npi(value: bytes) -> bool:
    """Ten digits, the last of which checks the others as for a card number that begins with 80840."""
    if len(value) != 10 or not value.isdigit():
        return False
    # The prefix adds 24, and each of the ten digits is 48 more as a byte.
    return (24 + sum(value[::2].translate(_DOUBLED)) + sum(value[1::2]) - 480) % 10 == 0
