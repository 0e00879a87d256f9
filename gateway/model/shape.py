"""The shape of a text as a type: a pattern, and what to say when a text has not got it.

Checked by pydantic's own engine, without a call into Python: a request holds dozens of such texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class Shape:
    """Stands in an annotation: ``Annotated[str, Shape(...)]``, after lengths if there are any.

    ``pattern`` is of Rust's regex syntax and must fit the whole text; one that is ``shown`` is also written into the
    JSON Schema, so it must mean the same in ECMA-262: ``[0-9]`` for ``\\d``, which in Rust are the digits of all
    scripts. ``kind``, ``message`` and ``fix`` are the fault's; ``upper`` turns a fitting text into capitals.
    """

    kind: str
    pattern: str
    message: str
    fix: str
    upper: bool = False
    shown: bool = True

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        fitting = core_schema.custom_error_schema(
            core_schema.str_schema(pattern=self._whole, to_upper=self.upper),
            custom_error_type=self.kind,
            custom_error_message=self.message,
            custom_error_context={"fix": self.fix},
        )
        return core_schema.chain_schema([handler(source), fitting])

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        chain: Any = schema
        while "steps" not in chain:  # inside what later parts of the annotation put around it
            chain = chain["schema"]
        described = handler(chain["steps"][0])
        return {**described, "pattern": self._whole} if self.shown else described

    @property
    def _whole(self) -> str:
        return f"^(?:{self.pattern})$"
