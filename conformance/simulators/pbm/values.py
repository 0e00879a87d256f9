"""Kinds of single values in SCRIPT 2017071, by name: what is wrong with a text of that kind. Knows no element."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from conformance.simulators.shapes import is_npi, is_state

_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_DIGITS = re.compile(r"[0-9]+")
_SIGNED = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LONGEST_NUMBER = 18
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_NCI = re.compile(r"C\d{3,8}")

_MIME = frozenset(
    {
        "application/pdf",
        "application/jpeg",
        "application/png",
        "application/tiff",
        "application/hl7-sda+xml",
        "application/x-ccr",
    }
)
"""image/jpeg is none of them."""

Fault = str | None
"""Why a text is none of the kind, in words without the text."""


def fault_of(kind: str, text: str) -> Fault:
    """``kind`` is ``an35`` (up to so many characters), ``n3``, ``=A/B`` (one of these), or a word of ``_KINDS``."""
    if kind.startswith("="):
        return None if text in kind[1:].split("/") else "is none of the codes that may stand here"
    if (known := _KINDS.get(kind)) is not None:
        return known(text)
    letters, most = kind.rstrip("0123456789"), int(re.sub(r"\D", "", kind))
    fault = _text(text) if letters == "an" else _number(text)
    return fault or ("is too long" if len(text) > most else None)


def _text(text: str) -> Fault:
    if not _PRINTABLE.fullmatch(text):
        return "has a character that is not printable ASCII"
    return None if text.strip(" ") else "is empty"


def _number(text: str) -> Fault:
    return None if _DIGITS.fullmatch(text) else "is not made of digits"


def _signed(text: str) -> Fault:
    return None if _SIGNED.fullmatch(text) and len(text) <= _LONGEST_NUMBER else "is no number as it is written here"


def _date(text: str) -> Fault:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "is no day"
    return None if _DAY.fullmatch(text) else "is not written as a date"


def _moment(text: str) -> Fault:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return "is no moment"
    return None if _MOMENT.fullmatch(text) else "is not written as a moment"


def _phone(text: str) -> Fault:
    return _number(text) or (None if len(text) <= 10 else "is longer than ten digits")


def _npi(text: str) -> Fault:
    return None if is_npi(text) else "is no NPI"


def _state(text: str) -> Fault:
    return None if is_state(text) else "is no state"


def _base64(text: str) -> Fault:
    return None if _BASE64.fullmatch(text) else "is no base64"


def _unit(text: str) -> Fault:
    return None if _NCI.fullmatch(text) else "is no NCI code"


def _mime(text: str) -> Fault:
    return None if text in _MIME else "is no type that an attachment may have"


_KINDS: dict[str, Callable[[str], Fault]] = {
    "text": _text,
    "sn": _signed,
    "date": _date,
    "dateTime": _moment,
    "phone": _phone,
    "npi": _npi,
    "state": _state,
    "base64": _base64,
    "unit": _unit,
    "mime": _mime,
}
