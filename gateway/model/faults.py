"""What is wrong with an input, field by field: a JSON Pointer, a sentence, and the fix.

Knows pydantic's errors and RFC 6901; knows nothing of HTTP. No fault repeats the refused value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ConfigDict, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from gateway.model.record import Record


class Fault(Record):
    """One fault. ``pointer`` is a JSON Pointer (RFC 6901) into the document that was sent."""

    model_config = ConfigDict(str_strip_whitespace=False)  # a name in the pointer may begin or end with a blank

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


def raise_findings(title: str, findings: Iterable[Finding]) -> None:
    """Raise the findings as one validation error; do nothing when there is none. For use in validators."""
    details = [finding.as_error() for finding in findings]
    if details:
        raise ValidationError.from_exception_data(title, details, hide_input=True)


def merged(error: ValidationError, more: Iterable[Finding]) -> ValidationError:
    """The faults of ``error`` and ``more`` as one error. A place that has a fault already gets no second one.

    ``more`` come first: of very many faults the last are only counted, and what is wrong with a whole is told.
    """
    details: list[InitErrorDetails] = []
    taken: set[tuple[str | int, ...]] = set()
    for item in error.errors(include_url=False, include_input=False):
        kind = PydanticCustomError(item["type"], item["msg"], item.get("ctx", {}))
        details.append(InitErrorDetails(type=kind, loc=item["loc"], input=None))
        taken.add(item["loc"])
    details[:0] = [finding.as_error() for finding in more if finding.at not in taken]
    return ValidationError.from_exception_data(error.title, details, hide_input=True)


MOST_FAULTS = 500
MORE = "more_faults"
"""The code of what is said instead of all faults beyond these."""

_FIXES = {
    "missing": "Send this field.",
    "extra_forbidden": "Remove this field, or check its spelling.",
    "json_invalid": "Send a well-formed JSON document.",
    "string_type": "Send a string.",
    "string_unicode": "Send text without lone surrogates.",
    "string_too_short": "Send a longer text.",
    "string_too_long": "Send a shorter text.",
    "string_pattern_mismatch": "Send the value in the form the schema gives.",
    "int_type": "Send a whole number.",
    "int_parsing": "Send a whole number.",
    "int_from_float": "Send a whole number.",
    "int_parsing_size": "Send a smaller number.",
    "float_type": "Send a number.",
    "float_parsing": "Send a number.",
    "decimal_type": "Send a number.",
    "decimal_parsing": "Send a number.",
    "decimal_max_places": "Send fewer decimal places.",
    "decimal_max_digits": "Send fewer digits.",
    "decimal_whole_digits": "Send a smaller number.",
    "finite_number": "Send a finite number.",
    "greater_than": "Send a larger number.",
    "greater_than_equal": "Send a larger number.",
    "less_than": "Send a smaller number.",
    "less_than_equal": "Send a smaller number.",
    "too_short": "Send more items.",
    "too_long": "Send fewer items.",
    "bool_type": "Send true or false.",
    "bool_parsing": "Send true or false.",
    "enum": "Send one of the listed values.",
    "literal_error": "Send one of the listed values.",
    "date_type": "Send a date as a string, YYYY-MM-DD.",
    "date_parsing": "Send a date that exists, written YYYY-MM-DD.",
    "date_from_datetime_parsing": "Send a date that exists, written YYYY-MM-DD.",
    "timezone_aware": "Send the time with its offset from UTC.",
    "datetime_type": "Send a time as a string (RFC 3339).",
    "datetime_parsing": "Send a time that exists, written as RFC 3339 says.",
    "datetime_from_date_parsing": "Send a time that exists, written as RFC 3339 says.",
    "uuid_type": "Send a UUID as a string.",
    "uuid_parsing": "Send a UUID, as the API shows it.",
    "bytes_type": "Send a string.",
    "model_type": "Send an object.",
    "dict_type": "Send an object.",
    "mapping_type": "Send an object.",
    "tuple_type": "Send a list.",
}
"""Fixes for pydantic's own error types; ours carry theirs."""

_FORM = "The value has not the form of this field."
_LIMITS = frozenset(
    {
        *("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length"),
        *("max_digits", "decimal_places", "whole_digits", "expected", "pattern"),
    }
)
"""What a message of pydantic's may tell: all of it is of the schema. Other parts (a parser's error, a tag) quote what
was sent."""


def faults_of(error: ValidationError) -> tuple[Fault, ...]:
    """Every fault of a validation error, in the order they were found; of very many, the first and a count."""
    items = error.errors(include_url=False, include_input=False)
    faults = _faults(items[:MOST_FAULTS])
    more = len(items) - MOST_FAULTS
    if more > 0:
        message = f"There are {more} more faults."
        faults += (Fault(pointer="", code=MORE, message=message, fix="Mend these first."),)
    return faults


def _faults(items: list[ErrorDetails]) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            pointer=pointer(item["loc"]),
            code=item["type"],
            message=_message(item),
            fix=str(item.get("ctx", {}).get("fix") or _FIXES.get(item["type"], "Compare the field with the schema.")),
        )
        for item in items
    )


def _message(item: ErrorDetails) -> str:
    context = item.get("ctx", {})
    match item["type"]:
        case _ if "fix" in context:
            return item["msg"]
        # pydantic calls what has items by the Python type it becomes.
        case "too_short":
            return f"There are fewer than {context.get('min_length')} items."
        case "too_long":
            return f"There are more than {context.get('max_length')} items."
        case "bytes_type" | "tuple_type" | "uuid_type":  # told in Python's words
            return _FORM
        case _ if not context.keys() <= _LIMITS:
            return _FORM
        case _:
            return item["msg"] if item["msg"].endswith(".") else item["msg"] + "."


def pointer(location: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901) from the steps of a location."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in location)
