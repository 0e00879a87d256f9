"""Tells whether two ids of a member are one: payers write them with blanks and suffixes, and without zeros.

Expects ids as ``bare`` leaves them.
"""

from __future__ import annotations

import re

_LONGEST_SUFFIX = 3
"""Digits that tell the people on one card apart."""
_PARTS = re.compile(r"0*([A-Z]*)0*([0-9].*?)([A-Z]{0,2})")
"""Letters before the digits, what tells members apart, letters behind; without zeros in front."""


def bare(member_id: str) -> str:
    """As it is compared: payers drop blanks and hyphens."""
    return (member_id if member_id.isalnum() else "".join(filter(str.isalnum, member_id))).upper()


def same_member(one: str, other: str) -> bool:
    """True for the same id, with or without the few digits by which a card tells its people apart."""
    short, long = sorted((one, other), key=len)
    rest = long[len(short) :]
    return long.startswith(short) and (not rest or (rest.isdigit() and len(rest) <= _LONGEST_SUFFIX))


def same_member_written_otherwise(one: str, other: str) -> bool:
    """The same id but for zeros and letters that one of the two has and the other has not. Letters that both have, and
    that differ, are two members."""
    if same_member(one, other):
        return True
    parts, parts_other = _PARTS.fullmatch(one), _PARTS.fullmatch(other)
    if parts is None or parts_other is None:
        return False
    (before, digits, behind), (before_other, digits_other, behind_other) = parts.groups(), parts_other.groups()
    letters = ((before, before_other), (behind, behind_other))
    return same_member(digits, digits_other) and all(not a or not b or a == b for a, b in letters)
