"""Shapes of single values: dates, times, provider identifiers, states, taxonomies. Knows no segment."""

from __future__ import annotations

import re
from datetime import date

_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d(\d{1,2})?)?")
_PERIOD = re.compile(r"\d{8}-\d{8}")
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X")
_POSTAL = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS FM GU MH MP PR PW UM VI AA AE AP "
    "AB BC MB NB NL NS NT NU ON PE QC SK YT"
)
_STATES = frozenset(_POSTAL.split())
"""The states, the district and the outlying areas, the armed forces, and the provinces of Canada."""


def is_date(value: str) -> bool:
    """CCYYMMDD, and a day that exists."""
    if len(value) != 8 or not (value.isascii() and value.isdigit()):
        return False
    try:
        date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return False
    return True


def is_time(value: str) -> bool:
    """HHMM, HHMMSS, or with one or two decimals of a second."""
    return _TIME.fullmatch(value) is not None


def is_period(value: str, form: str) -> bool:
    """A date (D8) or a range of two dates (RD8)."""
    if form == "D8":
        return is_date(value)
    return _PERIOD.fullmatch(value) is not None and is_date(value[:8]) and is_date(value[9:])


def is_state(value: str) -> bool:
    return value in _STATES


def is_taxonomy(value: str) -> bool:
    """Ten characters, the last an X. Which of them the list holds is not looked up."""
    return _TAXONOMY.fullmatch(value) is not None


def is_npi(value: str) -> bool:
    """Ten digits, the last a check digit over 80840 and the rest (45 CFR 162.406). Own arithmetic, on purpose."""
    if re.fullmatch(r"[12]\d{9}", value) is None:
        return False
    doubled = str.maketrans("0123456789", "0246813579")
    digits = "80840" + value
    odd, even = digits[-2::-2].translate(doubled), digits[-1::-2]
    return sum(map(int, odd + even)) % 10 == 0
