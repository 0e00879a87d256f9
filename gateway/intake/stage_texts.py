"""What a text says of a stage: one group, or one category of T, N or M, plainly; else nothing.

A text that denies a stage, doubts it, tells of another time or person, or names two, says none.
"""

from __future__ import annotations

import re

_DOUBTED = re.compile(
    r"\?|\b(?:possibl[ey]|probabl[ey]|likely|suspected|suspicious|presumed|unconfirmed|unknown|pending|versus|vs|or|if"
    r"|unless|exclude[ds]?|excluding|ruled|r/o|at least|at most|previous|previously|prior|former|formerly|initially"
    r"|originally|history|was|were|now|restaged|upstaged|downstaged|upgraded|downgraded"
    r"|changed|mistake|mistaken|error|erroneous|disputed|corrected|father|mother|brother|sister|sibling|son|daughter"
    r"|aunt|uncle|cousin|parent|grand(?:father|mother|parent)|relative|family)\b",
    re.IGNORECASE | re.ASCII,
)
_DENIED = re.compile(
    r"\b(?:no|not|never|without|negative|denies|absence|absent|free of|cannot|rules? out)\b", re.IGNORECASE | re.ASCII
)
_DENIED_AFTER = re.compile(r"\b(?:not|never|negative|cannot)\b|^\W*no\W*$", re.IGNORECASE | re.ASCII)
"""After a stage most denials are of something else: no nodes, without metastases."""
_VALUE = r"(0|[1-4]|(?i:iv|i{1,3}))(?:-?((?i:[a-d]))([1-3]?)|\s([A-D])([1-3]?)|([1-3]))?(?![A-Za-z0-9])"
_NAMED = re.compile(rf"\b(?i:stage)(?:\s+(?i:group(?:ing)?))?(?:\s*[:=]\s*|\s+){_VALUE}", re.ASCII)
_BARE = re.compile(rf"(?:[cpyar]{{1,3}})?{_VALUE}(?=\s*(?:$|[(,;:]|(?i:ajcc|figo|tnm|stage)))", re.ASCII)
"""A group that no word announces stands alone: a number at the beginning of a text counts centimetres, or nodes."""
_AND_ANOTHER = re.compile(rf"\s*(?:[-\u2013/&,]|(?i:to|through|and)\b)\s*(?:(?i:stage)\s+)?{_VALUE}", re.ASCII)
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_CATEGORY = re.compile(r"\b([cpyar]{0,2})(T(?:is|[0-4X][a-d]?[1-3]?)|N[0-3X][a-d]?|M[01X][a-d]?)\b", re.ASCII)
_SIDES = {"p": "pathologic", "c": "clinical"}


def group_of(text: str) -> str | None:
    """The group, for example ``IIIB``."""
    if _DOUBTED.search(text):
        return None
    bare = _BARE.match(text.strip())
    found = [match for match in (*_NAMED.finditer(text), bare) if match is not None]
    if any(_AND_ANOTHER.match(match.string, match.end()) for match in found):
        return None
    if any(_is_denied(match) for match in found):
        return None
    groups = {_written(match) for match in found}
    return groups.pop() if len(groups) == 1 else None


def _is_denied(match: re.Match[str]) -> bool:
    text = match.string
    return bool(_DENIED.search(text, 0, match.start()) or _DENIED_AFTER.search(text[match.end() :]))


def in_doubt(what: str, text: str) -> bool:
    """Whether it tells of such a value, and not plainly of one."""
    if what == "group":
        return bool(_NAMED.search(text) or _BARE.match(text.strip())) and group_of(text) is None
    told = any(match[2][0].lower() == what for match in _CATEGORY.finditer(text))
    return told and category_of(what, text) is None


def _written(match: re.Match[str]) -> str:
    number, *letters = match.groups()
    return _ROMAN.get(number, number).upper() + "".join(letter for letter in letters if letter).upper()


def category_of(what: str, text: str) -> tuple[str, str | None] | None:
    """The category of ``t``, ``n`` or ``m`` as it is written, and the side, clinical or pathologic, of its prefix.

    What it means may stand after it (``N0: no regional nodes``); before it a denial denies it.
    """
    found = [match for match in _CATEGORY.finditer(text) if match[2][0].lower() == what]
    if len({match[2] for match in found}) != 1:
        return None
    first = found[0]
    if _DOUBTED.search(text) or _DENIED.search(text[: first.start()]):
        return None
    side = next((side for letter, side in _SIDES.items() if letter in first[1]), None)
    return first[0], side
