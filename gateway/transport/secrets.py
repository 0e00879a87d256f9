"""Credentials by name, from the environment or from a folder of files. The only code that sees their values.

``GATEWAY_SECRET_<NAME>`` (upper case, ``-`` written ``_``) goes before a file of that name in ``GATEWAY_SECRETS_DIR``.
Read at every use, so a rotated secret needs no restart. Knows nothing of what a secret is for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Piece, Secret

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_XML = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "\r": "&#13;",
        "\n": "&#10;",
        "\t": "&#9;",
    }
)


class Secrets:
    """Gives the value of a secret. What is missing is told by its name only."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def value(self, name: str) -> bytes:
        """The secret's bytes, without the line end a file may close with. Raises NeedsPerson when there is none."""
        if not _NAME.fullmatch(name):
            raise NeedsPerson("a secret has a name this gateway does not allow")
        found = self._from_environment(name) or self._from_folder(name)
        if not found:
            raise NeedsPerson(f"the secret {name} is not set or cannot be read")
        return found

    def marks(self) -> object:
        """Another value than before once a file of the folder was written anew; nothing of what it holds."""
        folder = self._environ.get("GATEWAY_SECRETS_DIR")
        if not folder:
            return ()
        try:
            seen = [(entry.name, entry.stat()) for entry in os.scandir(folder)]
        except OSError:
            return ()
        return tuple(sorted((name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in seen))

    def fill(self, body: Iterable[Piece]) -> bytes:
        """A frame's body with every secret in its place."""
        return b"".join(piece if isinstance(piece, bytes) else self._written(piece) for piece in body)

    def _written(self, secret: Secret) -> bytes:
        value = self.value(secret.name)
        if secret.escape == "none":
            return value
        text = value.decode("utf-8", "surrogateescape")
        if _NOT_XML.search(text):
            raise NeedsPerson(f"the secret {secret.name} holds characters that XML cannot carry")
        return text.translate(_IN_XML).encode()

    def _from_environment(self, name: str) -> bytes:
        return os.fsencode(self._environ.get(f"GATEWAY_SECRET_{name.upper().replace('-', '_')}", ""))

    def _from_folder(self, name: str) -> bytes:
        folder = self._environ.get("GATEWAY_SECRETS_DIR")
        if not folder:
            return b""
        try:
            content = Path(folder, name).read_bytes()
        except OSError:
            return b""
        return content.removesuffix(b"\n").removesuffix(b"\r")
