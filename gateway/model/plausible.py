"""Dates that nobody can mean: a birth in the future, a service of another century.

Looked for at the door only, against the day a request comes in: a request that was taken stays readable, whatever the
clock of a later reader says. Takes a request, or raw input of which it believes nothing it has not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.model.codes import CalendarDate
from gateway.model.faults import Fault, pointer
from gateway.model.sent import field, listed

_DATE: TypeAdapter[date] = TypeAdapter(CalendarDate)
_AHEAD = timedelta(days=1)
"""Somewhere it is tomorrow already."""
_FIRST, _LAST = 2000, 2100


def date_faults(sent: Any, today: date) -> Iterator[Fault]:
    """The implausible dates of a request that came in today."""
    for who in ("patient", "subscriber"):
        born = _date(field(field(sent, who), "birth_date"))
        if born is not None and born > today + _AHEAD:
            yield Fault(
                pointer=pointer((who, "birth_date")),
                code="birth_date",
                message="The birth date is in the future.",
                fix="Send the date of birth, with the four-digit year.",
            )
    for place, line in enumerate(listed(sent, "lines")):
        for end in ("start", "end"):
            served = _date(field(field(line, "dates"), end))
            if served is not None and not _FIRST <= served.year <= _LAST:
                yield Fault(
                    pointer=pointer(("lines", place, "dates", end)),
                    code="service_date",
                    message=f"The date of service is not within the years {_FIRST} to {_LAST}.",
                    fix="Send the date of service, with the four-digit year.",
                )


def _date(value: Any) -> date | None:
    if type(value) is date:
        return value
    try:
        return _DATE.validate_python(value)
    except ValidationError:
        return None
