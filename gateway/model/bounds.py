"""How many items a list holds, as a type: told beside the faults of its items, whatever else is wrong with them.

pydantic's own lengths count sound items only and hide the faults of all others. Knows no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from gateway.model.faults import MOST_FAULTS, Finding, merged, raise_findings

_LISTS = (list, tuple)


@dataclass(frozen=True)
class Bounds:
    """Stands in an annotation after a tuple: ``Annotated[tuple[Line, ...], Bounds(1, 99)]``.

    ``across`` finds what no single item can see, in items as they were sent. Of a list that has more items than
    anybody is told faults, only the first are looked at one by one.
    """

    least: int
    most: int
    across: Callable[[Sequence[Any]], Iterable[Finding]] | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        least, most, across = self.least, self.most, self.across

        def count(value: Any) -> Any:
            if isinstance(value, _LISTS) and (across or not least <= len(value) <= most):
                self._look(source, value)
            return value

        return core_schema.no_info_before_validator_function(count, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        least = {"minItems": self.least} if self.least else {}
        return {**handler(schema), **least, "maxItems": self.most}

    def _look(self, source: Any, items: Sequence[Any]) -> None:
        found = list(self.across(items[:MOST_FAULTS])) if self.across else []
        if len(items) < self.least:
            found.append(Finding((), "too_short", f"The list has fewer than {self.least} items.", "Send more items."))
        if len(items) > self.most:
            found.append(Finding((), "too_long", f"The list has more than {self.most} items.", "Send fewer items."))
        if not found:
            return
        try:
            _adapter(source).validate_python(items[:MOST_FAULTS])
        except ValidationError as error:
            raise merged(error, found) from None
        raise_findings("list", found)


@cache
def _adapter(source: Any) -> TypeAdapter[Any]:
    return TypeAdapter(source, config=ConfigDict(str_strip_whitespace=True, hide_input_in_errors=True))
