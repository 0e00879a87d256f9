"""What somebody wants otherwise than the guide: layers of differences over it, each with where it was learned.

Layers come in a row, a network's before a payer's before one line of business; the later one has the last word. A layer
holds nothing but differences: what is said again as it is already is an error, and so is whatever names a place or a
rule that is not there. A difference lifts a fault as well as adds one; what it adds is of SNIP level 7. There are no
expressions: a condition is a rule, of the form that the guide's own have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from adapters.x12_278.guides.rules import Rule
from gateway.contract.guides import GuideLayer, LayerFault, UnfitLayers
from gateway.model.codes import ShortText
from gateway.model.faults import faults_of
from gateway.model.record import Record

Count = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Codes = Annotated[tuple[Annotated[str, Field(pattern=r"^[!-~]{1,30}$")], ...], Field(min_length=1, max_length=2000)]


class Difference(Record):
    """``at`` is a place as rules write it (``2000E/UM03``, ``2000E/PWK``), or a loop (``2010EA``).

    ``source`` says where it is written: a page of the companion guide, an answer of the help desk.
    """

    at: str
    source: ShortText


class UsageDifference(Difference):
    kind: Literal["usage"]
    usage: Literal["required", "situational", "not_used"]


class CodesDifference(Difference):
    """``only`` are all that may stand; ``add`` and ``remove`` change those of the guide; ``open`` lets any stand."""

    kind: Literal["codes"]
    only: Codes | None = None
    add: Codes | None = None
    remove: Codes | None = None
    open: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> CodesDifference:
        if sum(map(bool, (self.only, self.add or self.remove, self.open))) != 1:
            raise ValueError("give only, or add and remove, or open")
        return self


class MostDifference(Difference):
    """How often a segment or a loop may come, or an element be repeated; ``any`` for as often as one likes."""

    kind: Literal["most"]
    most: Count | Literal["any"]


class LengthDifference(Difference):
    kind: Literal["length"]
    shortest: Count | None = None
    longest: Count | None = None

    @model_validator(mode="after")
    def _some(self) -> LengthDifference:
        if self.shortest is None and self.longest is None:
            raise ValueError("give shortest, longest or both")
        return self


class LiftDifference(Record):
    """A rule of the guide, or of a layer below, that is not asked."""

    kind: Literal["lift"]
    rule: str
    source: ShortText


class RuleDifference(Record):
    kind: Literal["rule"]
    rule: Rule

    @model_validator(mode="after")
    def _of_a_payer(self) -> RuleDifference:
        if self.rule.level != 7:
            raise ValueError("a rule of a layer is of level 7")
        return self


PlaceDifference = UsageDifference | CodesDifference | MostDifference | LengthDifference
AnyDifference = Annotated[PlaceDifference | LiftDifference | RuleDifference, Field(discriminator="kind")]


@dataclass(frozen=True)
class Layer:
    """``guides`` has the differences by map, ``name`` whose they are."""

    name: str
    guides: Mapping[str, tuple[AnyDifference, ...]]


_DIFFERENCES = TypeAdapter(Mapping[str, Annotated[tuple[AnyDifference, ...], Field(min_length=1)]])


def read_layers(layers: Sequence[GuideLayer]) -> tuple[Layer, ...]:
    """Raises UnfitLayers for what is not of the form, all of it."""
    found: list[Layer] = []
    faults: list[LayerFault] = []
    for number, layer in enumerate(layers):
        try:
            found.append(Layer(layer.name, _DIFFERENCES.validate_python(layer.differences)))
        except ValidationError as error:
            steps = (_steps(each["loc"]) for each in error.errors(include_input=False, include_url=False))
            told = zip(steps, faults_of(error), strict=False)
            faults += [LayerFault(number, at, fault.message, fault.fix) for at, fault in told]
    if faults:
        raise UnfitLayers(*faults)
    return tuple(found)


def _steps(location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Without the word by which pydantic chose the kind of a difference, which stands behind its place in the list."""
    return (*location[:2], *location[3:])
