"""The log: lines of JSON that can only hold fields from one list, whoever writes them.

PHI must never reach a log (law 8), and an allow-list is the only filter that also holds for what nobody thought of.
Our own lines keep the listed fields. Lines of other people's code (aiohttp, asyncio, asyncpg, zeep) keep who wrote
them and where in the code; their words only where these are a template that its arguments were not yet put into.
Exceptions are named by class and place in the code, never by their text: a database driver quotes the value it
could not store. This module knows no PHI and looks for none.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import MutableMapping
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO
from uuid import UUID

import orjson
import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "time",
        "logger",
        "place",
        "errors",
        # requests to us
        "method",
        "route",
        "status",
        "ms",
        "request_id",
        "key_id",
        "mode",
        # a case and its walk: ids, verbs, counts
        "case_id",
        "submission_id",
        "attempt_id",
        "delivery_id",
        "arrival_id",
        "reason",
        "endpoint_id",
        "event_id",
        "job_id",
        "channel",
        "payer",
        "connection",
        "verb",
        "delivery",
        "answer",
        "attention",
        "due_for",
        "tries",
        "wait_s",
        "bytes",
        "count",
        "http_status",
        "job",
        "attempt",
        "error",
        "where",
        # the process
        "worker",
        "port",
        "version",
        "signal",
        "revision",
    }
)
"""Every field a log line may have. None of them may be given a value out of a request or a payer's message."""

_OUR_WORDS = re.compile(r"[a-z][a-z_ ,;'()-]{0,99}")
"""An event of ours is a constant in small letters, so a name, an id or a date put into one cannot pass."""

_VALUE = re.compile(r"[A-Za-z0-9_./:{}+-]{1,100}")
"""Values are words of a code's own making: ids, route templates, statuses. A sentence is not one."""

_FRAMES = 6
_ERRORS = 24
_PROJECT = Path(__file__).resolve().parents[2]


def configure_logging(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log line of this process to ``stream`` (standard error unless told) through the one list."""
    _sink.out = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _stamp,
            _name_errors,
            allow,
            structlog.processors.JSONRenderer(_render),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=Line,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [Foreign(logging.WARNING)]
    root.setLevel(max(level, logging.INFO))
    for name in list(logging.root.manager.loggerDict):
        # A library that brings its own handler would write past the list.
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # it would print the arguments of a line that cannot be formatted
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda lost: _uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)
    threading.excepthook = lambda lost: _uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)


def allow(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: drops every field that is not listed and every value that is not a plain word."""
    kept: dict[str, Any] = {}
    for name, value in fields.items():
        if name in ALLOWED and (plain := _plain(name, value)) is not None:
            kept[name] = plain
    return kept


def _plain(name: str, value: object) -> object:
    """The value as it may be written, or None."""
    if name == "event":
        known = isinstance(value, Template) or (isinstance(value, str) and _OUR_WORDS.fullmatch(value))
        return str(value) if known else "withheld"
    if name == "errors":
        return value if isinstance(value, list) else None  # only _name_errors makes it
    if type(value) is not str and isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value if _VALUE.fullmatch(value) else None
    if isinstance(value, UUID):
        return str(value)
    return value if isinstance(value, bool | int | float) else None


def _stamp(logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if isinstance(logger, Line) and logger.name:
        fields.setdefault("logger", logger.name)
    fields["time"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return fields


def _name_errors(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """``exc_info`` becomes ``errors``; a caller's own ``errors`` is not trusted."""
    fields.pop("errors", None)
    given = fields.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    if isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        fields["errors"] = describe(given)
    return fields


def _render(fields: Any, **_: Any) -> str:
    try:
        return orjson.dumps(fields).decode()
    except orjson.JSONEncodeError:  # whole numbers beyond 64 bits, lone surrogates in a library's words
        return json.dumps(fields)


def describe(error: BaseException) -> list[str]:
    """Class names of an exception and what led to it, each with places in the code, innermost last. No text. A group
    is followed by its members, one after the other."""
    lines: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting and len(lines) < _ERRORS:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        kind = type(current)
        places = ", ".join(_places(current.__traceback__))
        lines.append(f"{kind.__module__}.{kind.__qualname__}" + (f" at {places}" if places else ""))
        waiting.append(current.__cause__ or (None if current.__suppress_context__ else current.__context__))
        if isinstance(current, BaseExceptionGroup):
            waiting += reversed(current.exceptions)
    return lines


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{_short(code.co_filename)}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return places[-_FRAMES:]


def _short(path: str) -> str:
    """A file's path from the project's folder, or its last two parts elsewhere."""
    where = Path(path)
    if where.is_relative_to(_PROJECT) and "site-packages" not in where.parts:
        return str(where.relative_to(_PROJECT))
    return "/".join(where.parts[-2:])


class _Sink:
    """Where the lines of this process go; loggers live longer than one setting of it."""

    out: TextIO | None = None


_sink = _Sink()


class Line:
    """Writes one line at a time, and knows the name its logger was asked for by."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name

    def msg(self, line: str) -> None:
        out = _sink.out or sys.stderr
        out.write(line + "\n")  # one call, so that lines of several threads do not mix
        out.flush()

    debug = info = warning = error = critical = exception = log = msg


class Template(str):
    """A line of another library before its arguments were put in."""

    __slots__ = ()


class Foreign(logging.Handler):
    """Takes what other libraries log. Their arguments are dropped, and so are words that may hold them already."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {
            "logger": record.name,
            "place": f"{_short(record.pathname)}:{record.lineno}",
            "exc_info": record.exc_info,
        }
        # Without arguments nobody can tell a constant from a line that was already filled in: asyncio puts the
        # text of an unhandled exception there (base_events.default_exception_handler).
        template = isinstance(record.msg, str) and bool(record.args)
        event = Template(record.msg) if template else "line_of_a_library"
        structlog.get_logger().log(max(record.levelno, logging.DEBUG), event, **fields)


def _uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    failure = (error or kind()).with_traceback(traceback)
    structlog.get_logger().critical("uncaught_exception", exc_info=failure)
