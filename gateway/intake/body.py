"""Height, weight and body surface: the latest of each, in the units of a request."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import ValidationError

from gateway.intake.elements import EFFECTIVE, first_day, number, part, words
from gateway.intake.findings import Found
from gateway.intake.taking import Taking
from gateway.model.clinical import Body

_IN = {
    "height": {
        **dict.fromkeys(("cm", "centimeter", "centimeters"), 1.0),
        **dict.fromkeys(("m", "meter", "meters"), 100.0),
        "mm": 0.1,
        **dict.fromkeys(("[in_i]", "[in_us]", "in", "inch", "inches"), 2.54),
        **dict.fromkeys(("[ft_i]", "[ft_us]", "ft", "foot", "feet"), 30.48),
    },
    "weight": {
        **dict.fromkeys(("kg", "kgs", "kilogram", "kilograms"), 1.0),
        **dict.fromkeys(("g", "gram", "grams"), 0.001),
        **dict.fromkeys(("[lb_av]", "lb", "lbs", "pound", "pounds"), 0.45359237),
        **dict.fromkeys(("[oz_av]", "oz", "ounce", "ounces"), 0.028349523125),
    },
    "surface": {"m2": 1.0, "cm2": 0.0001},
}
"""The inch and the avoirdupois pound are defined in metric units exactly (15 USC 205a; 1959 agreement)."""
_FIELD = {"height": "height_cm", "weight": "weight_kg", "surface": "bsa_m2"}


def _factors(word: str, quantity: Any) -> list[float]:
    """What the value is multiplied by, as the code and the unit say that are known: of two that differ, both."""
    known = _IN[word]
    written = [words(part(quantity, name), 20) or "" for name in ("code", "unit")]
    found = (known.get(measure) or known.get(measure.casefold()) for measure in written)
    return list(dict.fromkeys(factor for factor in found if factor is not None))


def take_body(taking: Taking, sizes: list[tuple[Found, str]]) -> None:
    latest: dict[str, tuple[date, float, Found]] = {}
    for one, word in sizes:
        quantity = one.resource.get("valueQuantity")
        value = number(part(quantity, "value"))
        when = first_day(one.resource, *EFFECTIVE)
        if value is None:
            taking.notes.tell("no_result", one)
        elif part(quantity, "comparator"):
            taking.notes.tell("unreadable", one, "valueQuantity")
        elif len(factors := _factors(word, quantity)) != 1:
            taking.notes.tell("conflict_unit" if factors else "unknown_unit", one, "valueQuantity")
        elif taking.past(one, when):
            known = latest.get(word)
            day = when.day or date.min
            if known is None or day > known[0]:
                latest[word] = (day, round(value * factors[0], 2), one)
            elif day == known[0] and round(value * factors[0], 2) != known[1]:
                taking.notes.tell("conflict_size", one, "valueQuantity")
    for word, (_, value, one) in list(latest.items()):
        try:
            Body.model_validate({_FIELD[word]: value})
        except ValidationError:
            taking.notes.tell("unreadable", one, "valueQuantity")
            del latest[word]
    if not latest:
        return
    lead = latest.get("weight") or latest.get("surface") or latest["height"]
    for day, _, one in latest.values():
        if day != lead[0]:
            taking.notes.tell("other_day", one, "effectiveDateTime")
    values = {_FIELD[word]: value for word, (_, value, _) in latest.items()}
    measured_on = lead[0] if lead[0] != date.min else None
    taking.add("body", Body, lead[2], "valueQuantity", measured_on=measured_on, **values)
