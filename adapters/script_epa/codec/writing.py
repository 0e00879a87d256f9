"""Writes XML: elements in the order in which they are given, without blanks between them. Knows no message."""

from __future__ import annotations

from functools import lru_cache

Xml = bytes


def escaped(value: str) -> str:
    if value.isalnum() or not ("&" in value or "<" in value or ">" in value or '"' in value):
        return value  # as nearly all are
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


@lru_cache(maxsize=512)
def ends(*tags: str) -> tuple[Xml, Xml]:
    """The tags that begin and end an element, or elements one inside the other."""
    return "".join(f"<{tag}>" for tag in tags).encode(), "".join(f"</{tag}>" for tag in reversed(tags)).encode()


def _opened(tag: str, attributes: dict[str, str | None]) -> bytes:
    told = "".join(f' {name}="{escaped(value)}"' for name, value in attributes.items() if value is not None)
    return f"<{tag}{told}>".encode()


def text(tag: str, value: str | None, **attributes: str | None) -> Xml | None:
    """An element with a text; none for no text. Attributes that are None are left out."""
    if value is None:
        return None
    opened, closed = ends(tag)
    return (_opened(tag, attributes) if attributes else opened) + escaped(value).encode() + closed


def leaf(tag: str, value: str) -> Xml:
    """An element with a text."""
    opened, closed = ends(tag)
    return opened + escaped(value).encode() + closed


def element(tag: str, *parts: Xml | None, **attributes: str | None) -> Xml:
    """An element with what is given of its parts."""
    opened, closed = ends(tag)
    return b"".join((_opened(tag, attributes) if attributes else opened, *filter(None, parts), closed))


def group(tag: str, *parts: Xml | None) -> Xml | None:
    """An element with what is given of its parts; none where nothing is."""
    return element(tag, *parts) if any(parts) else None
