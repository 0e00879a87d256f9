"""What is wrong with an input, field by field: a JSON Pointer, a sentence, and the fix.

Knows pydantic's errors and RFC 6901; knows nothing of HTTP. No fault repeats the refused value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from gateway.model.record import Record


class Fault(Record):
    """One fault. ``pointer`` is a JSON Pointer (RFC 6901) into the document that was sent."""

    pointer: str
    code: str
    message: str
    fix: str


@dataclass(frozen=True)
class Finding:
    """A fault found by looking at several fields, on its way to become a pydantic error."""

    at: tuple[str | int, ...]
    code: str
    message: str
    fix: str

    def as_error(self) -> InitErrorDetails:
        error = PydanticCustomError(self.code, self.message, {"fix": self.fix})
        return InitErrorDetails(type=error, loc=self.at, input=None)


def merged(error: ValidationError, more: Iterable[InitErrorDetails]) -> ValidationError:
    """The faults of ``error`` and ``more`` as one error."""
    details: list[InitErrorDetails] = []
    for item in error.errors(include_url=False, include_input=False):
        context = item.get("ctx", {})
        kind = PydanticCustomError(item["type"], item["msg"].replace("{", "{{"), context)
        details.append(InitErrorDetails(type=kind, loc=item["loc"], input=None))
    return ValidationError.from_exception_data(error.title, [*details, *more], hide_input=True)


_FIXES = {
    "missing": "Send this field.",
    "extra_forbidden": "Remove this field, or check its spelling.",
    "json_invalid": "Send a well-formed JSON document.",
    "string_type": "Send a string.",
    "string_too_short": "Send a longer text.",
    "string_too_long": "Send a shorter text.",
    "string_pattern_mismatch": "Send the value in the form the schema gives.",
    "int_type": "Send a whole number.",
    "int_parsing": "Send a whole number.",
    "decimal_parsing": "Send a number.",
    "decimal_type": "Send a number.",
    "decimal_max_places": "Send fewer decimal places.",
    "too_short": "Send more items.",
    "too_long": "Send fewer items.",
    "bool_type": "Send true or false.",
    "bool_parsing": "Send true or false.",
    "enum": "Send one of the listed values.",
    "literal_error": "Send one of the listed values.",
    "union_tag_invalid": "Send one of the listed values.",
    "union_tag_not_found": "Send the field that says which kind this is.",
    "date_from_datetime_parsing": "Send a date that exists, written YYYY-MM-DD.",
    "date_parsing": "Send a date that exists, written YYYY-MM-DD.",
    "base64_decode": "Send the content as base64 (RFC 4648).",
    "model_type": "Send an object.",
    "model_attributes_type": "Send an object.",
    "dict_type": "Send an object.",
    "tuple_type": "Send a list.",
}
"""Fixes for pydantic's own error types; ours carry theirs."""


def faults_of(error: ValidationError) -> tuple[Fault, ...]:
    """Every fault of a validation error, in document order."""
    return tuple(
        Fault(
            pointer=pointer(item["loc"]),
            code=item["type"],
            message=item["msg"] if item["msg"].endswith(".") else item["msg"] + ".",
            fix=str(item.get("ctx", {}).get("fix") or _FIXES.get(item["type"], "Compare the field with the schema.")),
        )
        for item in error.errors(include_url=False, include_input=False)
    )


def pointer(location: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901) from the steps of a location."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in location)
