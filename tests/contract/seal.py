"""A seal on the world: once shut, files, sockets, processes, clocks and dice raise. Proves that code does no I/O.

Knows no adapter. An audit hook sees every file and socket whichever way it is opened; clocks and dice have no such
event, so they are replaced where they are known to live.
"""

from __future__ import annotations

import random
import secrets
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

import pytest


class Touched(BaseException):
    """Somebody reached for the world. No ``except Exception`` may swallow it."""


_WATCH: list[str] = []
"""Not empty while somebody watches. An audit hook cannot be taken back, so it looks here."""
_EVENTS = ("open", "socket.", "subprocess.", "os.", "shutil.", "urllib.", "tempfile.")
_CLOCKS_AND_DICE: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (time, ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "localtime", "gmtime", "sleep")),
    (random, ("random", "randint", "choice", "getrandbits", "randrange")),
    (secrets, ("token_bytes", "token_hex", "randbits", "choice")),
    (uuid, ("uuid1", "uuid4")),
)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _WATCH and event.startswith(_EVENTS):
        raise Touched(f"{event} {arguments[:1]}")


sys.addaudithook(_hook)


def _touched(*arguments: object, **named: object) -> NoReturn:
    raise Touched("a clock or a die")


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class _Stopped(datetime, metaclass=_Kind):
    """``datetime`` without now and today; what is one stays one."""


for _name in ("now", "today", "utcnow"):
    setattr(_Stopped, _name, _touched)


@contextmanager
def sealed(packages: set[str]) -> Iterator[None]:
    """Shut while the block runs. ``packages`` are those whose modules lose datetime.now."""
    with pytest.MonkeyPatch.context() as patch:
        for module, names in _CLOCKS_AND_DICE:
            for name in names:
                patch.setattr(module, name, _touched)
        for name, loaded in list(sys.modules.items()):
            if name.partition(".")[0] in packages and getattr(loaded, "datetime", None) is datetime:
                patch.setattr(loaded, "datetime", _Stopped)
        _WATCH.append("shut")
        try:
            yield
        finally:
            _WATCH.clear()
