"""The file that `check --ack OUT` writes: there afterwards only where it answers the document that was checked.

Written under another name and renamed, so that nobody finds half of it. A pipe or a device is written to as it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from gateway.main.config import BadConfig


class Answer:
    def __init__(self, path: Path) -> None:
        self._name = path
        self._path = Path(os.path.realpath(path))  # a link stays, and what it leads to is written

    def is_other_than(self, document: str | int) -> None:
        """Raises BadConfig where the answer would be written over the document, whatever name or number it has."""
        try:
            same = self._path.is_file() and os.path.samestat(os.stat(document), self._path.stat())
        except OSError:
            return
        if same:
            raise BadConfig(
                f"{self._name} is the document that is checked, and would be lost. Give --ack another name."
            )

    def remove(self) -> None:
        """Takes away what answered some other document. Raises BadConfig where no answer could be put there, before
        anything is said of the document."""
        folder = self._path.parent
        taken = self._path if self._is_no_file() else folder
        if self._path.is_dir() or not folder.is_dir() or not os.access(taken, os.W_OK):
            raise BadConfig(f"{self._name} cannot be written: there is no such folder, or it takes no file.")
        if self._path.is_file():
            with self._told():
                self._path.unlink()

    def write(self, text: bytes) -> None:
        with self._told():
            if self._is_no_file():
                self._path.write_bytes(text)
                return
            beside = self._path.with_name(f".{self._path.name[:200]}.{os.getpid()}")
            try:
                with beside.open("xb") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                if self._path.exists():
                    shutil.copymode(self._path, beside)
                beside.replace(self._path)
            except OSError:
                beside.unlink(missing_ok=True)
                raise

    def _is_no_file(self) -> bool:
        """True for a pipe, or a device."""
        return self._path.exists() and not self._path.is_file()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BadConfig(f"{self._name} cannot be written ({type(error).__name__}).") from None
