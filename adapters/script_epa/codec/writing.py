"""Writes XML: elements in the order in which they are given, without blanks between them. Knows no message."""

from __future__ import annotations

Xml = bytes


def escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _opened(tag: str, attributes: dict[str, str | None]) -> str:
    return tag + "".join(f' {name}="{escaped(value)}"' for name, value in attributes.items() if value is not None)


def text(tag: str, value: str | None, **attributes: str | None) -> Xml | None:
    """An element with a text; none for no text. Attributes that are None are left out."""
    if value is None:
        return None
    opened = _opened(tag, attributes) if attributes else tag
    return f"<{opened}>{escaped(value)}</{tag}>".encode()


def element(tag: str, *parts: Xml | None, **attributes: str | None) -> Xml:
    """An element with what is given of its parts."""
    opened = _opened(tag, attributes) if attributes else tag
    return b"".join((f"<{opened}>".encode(), *filter(None, parts), f"</{tag}>".encode()))


def group(tag: str, *parts: Xml | None) -> Xml | None:
    """An element with what is given of its parts; none where nothing is."""
    return element(tag, *parts) if any(parts) else None
