"""Canaries: values that occur nowhere else. They go in by the doors they belong to, and are looked for where nothing of
a patient and no credential may lie.

Each run has its own, so that what other runs leave on the same machine is never taken for ours.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_SIGN = "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(9))
"""Letters that nobody has said before and every canary of this run has in it: one look finds any of them."""


@dataclass
class Canaries:
    """``words`` are texts that every writing leaves as they are: no blanks, no quotes."""

    words: tuple[str, ...]
    _clean: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Files that held none, by when they were written last, and how long they were then."""

    def in_files(self, *tops: Path) -> set[tuple[str, str]]:
        """Files that hold one, and which: as text, as browsers keep it (UTF-16), or in base64."""
        found = set()
        for path in (path for top in tops for path in _files(top)):
            with suppress(OSError):  # removed meanwhile
                is_now = path.stat()
                state = is_now.st_mtime_ns, is_now.st_size
                if self._clean.get(path) == state:
                    continue
                words = self.within(path.read_bytes())
                found |= {(str(path), word) for word in words}
                if not words:
                    self._clean[path] = state
        return found

    def within(self, content: bytes) -> list[str]:
        lowered = content.lower()
        others = [word for word in self.words if _SIGN.lower() not in word.lower()]
        looked_for = self.words if _is_in(_SIGN, lowered) else others
        return [word for word in looked_for if _is_in(word, lowered)]


def word(kind: str) -> str:
    """A made-up word: what it is, and the run's own letters."""
    return kind + _SIGN.lower()


def secret_word() -> str:
    """The same in capital letters, and as base32 has it (RFC 4648)."""
    return f"CANARY{_SIGN}A"


def number(digits: int) -> str:
    return secrets.choice("123456789") + "".join(secrets.choice("0123456789") for _ in range(digits - 1))


def _is_in(text: str, lowered: bytes) -> bool:
    return any(form.lower() in lowered for form in _forms(text))


def _forms(text: str) -> list[bytes]:
    """In base64 it looks otherwise at each of three places, and in other letters by its case; at both ends its letters
    mix with what stands beside."""
    cases = {text, text.lower(), text.upper(), text.capitalize()}
    mixed = {
        base64.b64encode(b"\0" * place + each.encode())[(0, 2, 3)[place] :].rstrip(b"=")[:-1]
        for each in cases
        for place in range(3)
    }
    return [text.encode(), text.encode("utf-16-le"), *mixed]


def _files(top: Path) -> Iterator[Path]:
    """Of a folder, or the file itself."""
    with suppress(OSError):
        if top.is_symlink():
            return
        if top.is_file():
            yield top
        elif top.is_dir():
            for each in top.iterdir():
                yield from _files(each)
