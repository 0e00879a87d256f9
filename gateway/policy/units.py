"""Units in which one laboratory value is reported, and how many of one make one of the other.

Only units that differ by a fixed factor, whatever was measured: never a mass for an amount of substance.
"""

from __future__ import annotations

from collections.abc import Mapping

_BILLION, _SINGLE = ("10*9/l", 1.0), ("10*9/l", 0.001)
_AS: Mapping[str, tuple[str, float]] = {
    **dict.fromkeys(("x10*9/l", "10e9/l", "x10e9/l"), _BILLION),
    **dict.fromkeys(("10*3/ul", "x10*3/ul", "10e3/ul", "x10e3/ul", "k/ul", "thou/ul", "10*3/mm3", "k/mm3"), _BILLION),
    **dict.fromkeys(("/ul", "cells/ul", "{cells}/ul", "/mm3", "cells/mm3", "[#]/ul"), _SINGLE),
    "mg/dl": ("mg/l", 10.0),
}
"""What a unit is of another one: a thousand in a microlitre is a billion in a litre."""


def factor_between(given: str, wanted: str) -> float | None:
    """What a value in one unit is multiplied by to stand in the other; None where nobody can tell."""
    (of, factor), (of_wanted, factor_wanted) = _read(given), _read(wanted)
    return factor / factor_wanted if of == of_wanted else None


def _read(unit: str) -> tuple[str, float]:
    written = "".join(unit.casefold().replace("^", "*").replace("\N{GREEK SMALL LETTER MU}", "u").split())
    return _AS.get(written, (written, 1.0))
