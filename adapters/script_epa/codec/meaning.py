"""What single values of a question mean: words for words. Knows neither elements nor bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from gateway.model.questions import Comparison, Detail

DETAILS = {"M": Detail.MANDATORY, "O": Detail.OPTIONAL, "NA": Detail.NONE, "NU": Detail.NONE}
FLAGS = {"Y": True, "N": False}
_COMPARISONS = {
    "EQ": Comparison.EQUAL,
    "NE": Comparison.NOT_EQUAL,
    "LT": Comparison.LESS,
    "LE": Comparison.AT_MOST,
    "GT": Comparison.MORE,
    "GE": Comparison.AT_LEAST,
}
_BELOW, _ABOVE = frozenset({Comparison.LESS, Comparison.AT_MOST}), frozenset({Comparison.MORE, Comparison.AT_LEAST})
_SYSTEMS = {
    **dict.fromkeys(("LOINC", "LN"), "loinc"),
    **dict.fromkeys(("NDC", "ND"), "ndc"),
    **dict.fromkeys(("SCD", "SBD", "GPK", "BPK"), "rxnorm"),
    "LD": "snomed",
    "ABF": "icd10",
}
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_COUNT = re.compile(r"[0-9]{1,9}")


class Illegible(ValueError):
    """Questions that cannot be taken into the model at all."""


@lru_cache(maxsize=256)
def _system(written: str) -> str:
    said = written.strip()
    return _SYSTEMS.get(said.upper(), said.lower())


def reference_of(system: str, code: str, description: str, version: str) -> dict[str, Any]:
    said = {"system": _system(system), "code": code}
    if description and not description.isspace():
        said["description"] = description
    if version and not version.isspace():
        said["version"] = version
    return said


def condition_of(limits: Sequence[tuple[str, str]], target: str) -> dict[str, Any]:
    """``limits`` are an operator and a value each: one, or a range's lower and its upper."""
    read = [{"comparison": _comparison(operator), "value": _number(value)} for operator, value in limits]
    if len(read) == 1:
        return {"limits": read, "next": target}
    # A payer writes "up to 120, or 160 and more" as a range with 120 below and 160 above.
    either = read[0]["comparison"] in _BELOW and read[1]["comparison"] in _ABOVE
    return {"limits": read, "either": either, "next": target}


def _comparison(written: str) -> Comparison:
    found = _COMPARISONS.get(written.strip())
    if found is None:
        raise Illegible("a condition compares in no known way")
    return found


def _number(written: str) -> Decimal:
    if not _NUMBER.fullmatch(said := written.strip()):
        raise Illegible("a condition compares with something that is no number")
    return Decimal(said)


def count_of(written: str) -> int:
    if not _COUNT.fullmatch(written):
        raise Illegible("a question or a choice has no place")
    return int(written)
