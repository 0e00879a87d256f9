"""Reads a JSON body, strictly and once: size, media type, form, one meaning. Its digest says whether two are the same.

Knows JSON and HTTP; knows no model. What it refuses it names by place (line and column, JSON Pointer), never by
content.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from pydantic_core import from_json

from gateway.api.problems import (
    DUPLICATE_NAME,
    MALFORMED,
    TOO_LARGE,
    TOO_SLOW,
    UNSUPPORTED,
    ProblemFault,
    Refusal,
)
from gateway.model.faults import pointer

CAP = 16 * 1024 * 1024
"""Bytes of a body; attachments travel in it as base64."""

MOST_VALUES = 20_000
"""Commas and opening brackets, wherever they stand; 99 lines with all they may hold are about 4000. Every one may be
a fault, and a fault costs a few kilobytes."""

SECONDS = 60.0

_ASIDE = 1 << 18
"""Bytes of a body that is parsed on a thread of its own: others wait meanwhile for nothing."""


@dataclass(frozen=True)
class Limits:
    """What an operation takes: media types, bytes, and values (commas and opening brackets)."""

    bytes: int = CAP
    values: int = MOST_VALUES
    media_types: tuple[str, ...] = ("application/json",)


USUAL = Limits()
_PLACE = re.compile(r"line (\d+) column (\d+)")


@dataclass(frozen=True)
class Body:
    """A body as it came, parsed. ``canonical`` is its JSON with names sorted and no blanks: spelled alike, meant
    alike."""

    raw: bytes
    tree: Any
    canonical: bytes

    def digest(self, what: str) -> bytes:
        """SHA-256 of the operation and the canonical JSON. Order of names, blanks and escapes make no difference."""
        return hashlib.sha256(what.encode() + b"\n" + self.canonical).digest()


class HungUp(Exception):
    """The caller went away before the end of the body."""


async def read(request: web.Request, limits: Limits = USUAL) -> Body:
    """The body of a request. Raises Refusal, or HungUp."""
    if request.content_type not in limits.media_types or (request.charset or "utf-8").lower() != "utf-8":
        named = " or ".join(limits.media_types)
        raise Refusal(
            UNSUPPORTED, f"The body must be {named} in UTF-8.", headers={"Accept": ", ".join(limits.media_types)}
        )
    codings = ",".join(request.headers.getall("Content-Encoding", ["identity"])).split(",")
    if any(coding.strip().lower() != "identity" for coding in codings):
        raise Refusal(UNSUPPORTED, "The body must not be compressed.", headers={"Accept-Encoding": "identity"})
    if (request.content_length or 0) > limits.bytes:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(SECONDS):
            raw = await request.clone(client_max_size=limits.bytes).read()
    except TimeoutError:
        raise Refusal(TOO_SLOW, f"The body did not arrive within {SECONDS:.0f} seconds.") from None
    except web.HTTPRequestEntityTooLarge:
        raise _too_large(limits) from None
    except ConnectionError:
        raise HungUp from None
    if len(raw) < _ASIDE:
        return parse(raw, limits)
    return await asyncio.to_thread(parse, raw, limits)


def parse(raw: bytes, limits: Limits = USUAL) -> Body:
    """The one meaning of these bytes. Raises Refusal where there is none, or more than one."""
    if not raw:
        raise Refusal(MALFORMED, "The body is empty.")
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > limits.values:
        raise Refusal(TOO_LARGE, f"A body has at most {limits.values} values.")
    try:
        tree = from_json(raw, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise _malformed(str(error)) from None
    canonical = _canonical(raw, tree)
    # The parser keeps the last of two equal names. One that it dropped took its colon along, so when as many
    # colons come out as went in, none was dropped; an escaped colon (\u003a) would be one too many.
    if raw.count(b":") != canonical.count(b":") or b"\\u003" in raw:
        _refuse_duplicates(raw)
    return Body(raw, tree, canonical)


def _canonical(raw: bytes, tree: Any) -> bytes:
    try:
        text = orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # whole numbers beyond 64 bits; more than 254 levels
        return _dumped(tree)
    if text.count(b"null") != raw.count(b"null"):  # it writes an infinite number (1e999) as null
        _dumped(tree)
    return text


def _dumped(tree: Any) -> bytes:
    """The slow, exact way."""
    try:
        return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(MALFORMED, "The body holds a number that is out of range.") from None


def _too_large(limits: Limits) -> Refusal:
    return Refusal(TOO_LARGE, f"A body has at most {limits.bytes} bytes.", headers={"Connection": "close"})


def _malformed(said: str) -> Refusal:
    """Keeps of the parser's message only where it happened: the rest may quote the body."""
    place = _PLACE.search(said)
    at = f" at line {place[1]}, column {place[2]}" if place else ""
    if "recursion" in said:
        return Refusal(MALFORMED, f"The body is nested too deeply{at}.")
    return Refusal(MALFORMED, f"The body stops being JSON{at}.")


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, equal names and all."""


def _refuse_duplicates(raw: bytes) -> None:
    """The slow, exact check."""
    faults = [
        ProblemFault(
            pointer=pointer(place),
            code="duplicate_name",
            message="This field occurs more than once in its object.",
            fix="Send it once.",
        )
        for place in _repeated(json.loads(raw, object_pairs_hook=_Pairs), ())
    ]
    if faults:
        raise Refusal(DUPLICATE_NAME, "Which of two values is meant cannot be known.", faults)


def _repeated(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, part in value:
            if name in seen:
                yield (*place, name)
            seen.add(name)
            yield from _repeated(part, (*place, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _repeated(part, (*place, index))
