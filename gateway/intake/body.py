"""Height, weight and body surface: the latest of each, in the units of a request."""

from __future__ import annotations

from datetime import date

from gateway.intake.elements import EFFECTIVE, first_day, number, part, unit
from gateway.intake.findings import Found
from gateway.intake.taking import Taking
from gateway.model.clinical import Body

_IN = {
    "height": {"cm": 1.0, "m": 100.0, "mm": 0.1, "[in_i]": 2.54, "in": 2.54, "[ft_i]": 30.48, "ft": 30.48},
    "weight": {
        "kg": 1.0,
        "g": 0.001,
        "[lb_av]": 0.45359237,
        "lb": 0.45359237,
        "lbs": 0.45359237,
        "[oz_av]": 0.028349523125,
    },
    "surface": {"m2": 1.0, "cm2": 0.0001},
}
"""The inch and the avoirdupois pound are defined in metric units exactly (15 USC 205a; 1959 agreement)."""
_FIELD = {"height": "height_cm", "weight": "weight_kg", "surface": "bsa_m2"}


def take_body(taking: Taking, sizes: list[tuple[Found, str]]) -> None:
    latest: dict[str, tuple[date, float, Found]] = {}
    for one, word in sizes:
        quantity = one.resource.get("valueQuantity")
        value, measure = number(part(quantity, "value")), unit(quantity)
        when = first_day(one.resource, *EFFECTIVE)
        if value is None:
            taking.notes.tell("no_result", one)
        elif part(quantity, "comparator"):
            taking.notes.tell("unreadable", one, "valueQuantity")
        elif (factor := _IN[word].get(measure or "")) is None:
            taking.notes.tell("unknown_unit", one, "valueQuantity")
        elif taking.past(one, when):
            known = latest.get(word)
            day = when.day or date.min
            if known is None or day > known[0]:
                latest[word] = (day, round(value * factor, 2), one)
            elif day == known[0] and round(value * factor, 2) != known[1]:
                taking.notes.tell("conflict_size", one, "valueQuantity")
    if not latest:
        return
    lead = latest.get("weight") or latest.get("surface") or latest["height"]
    for day, _, one in latest.values():
        if day != lead[0]:
            taking.notes.tell("other_day", one, "effectiveDateTime")
    values = {_FIELD[word]: value for word, (_, value, _) in latest.items()}
    measured_on = lead[0] if lead[0] != date.min else None
    taking.add("body", Body, lead[2], "valueQuantity", measured_on=measured_on, **values)
