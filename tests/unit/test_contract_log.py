"""What may reach the log: listed fields, plain words, places in the code. Canaries try every other way in."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.log import ALLOWED, allow, describe
from gateway.model.status import CaseStatus
from tests.unit.api_house import capturing_log

CANARY = "Quetzalperson"
CASE = UUID("0f8e8c1e-5f3a-4a53-9a52-9a3a5b1f6c01")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with capturing_log() as stream:
        yield stream


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    assert CANARY not in log.getvalue()
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_listed_fields_come_through_as_json(log: io.StringIO) -> None:
    structlog.get_logger("engine.walk").info(
        "attempt ended", case_id=CASE, status=CaseStatus.APPROVED, ms=1.5, tries=2, route="/v1/requests/{id}"
    )
    [line] = lines(log)
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "attempt ended",
        "level": "info",
        "logger": "engine.walk",
        "case_id": str(CASE),
        "status": "approved",
        "ms": 1.5,
        "tries": 2,
        "route": "/v1/requests/{id}",
    }


def test_fields_nobody_listed_are_dropped(log: io.StringIO) -> None:
    structlog.get_logger().bind(patient=CANARY).info("attempt ended", member_id=CANARY, extra={"name": CANARY})
    [line] = lines(log)
    assert set(line) == {"event", "level", "time"}


@pytest.mark.parametrize("value", [f"for {CANARY}", {"name": CANARY}, [CANARY], f"{CANARY}\n", CANARY * 20, object()])
def test_a_listed_field_takes_no_sentence_and_no_structure(log: io.StringIO, value: object) -> None:
    structlog.get_logger().info("attempt ended", status=value, errors=[CANARY])
    assert set(lines(log)[0]) == {"event", "level", "time"}


@pytest.mark.parametrize("event", [f"request of {CANARY}", "member EVG0000001", "born 1961-04-12", "x" * 101, ""])
def test_an_event_that_something_was_put_into_is_withheld(log: io.StringIO, event: str) -> None:
    structlog.get_logger().warning(event)
    assert lines(log)[0]["event"] == "withheld"


def test_positional_arguments_are_never_written(log: io.StringIO) -> None:
    structlog.get_logger().warning("request of %s", CANARY)
    assert lines(log)[0]["event"] == "withheld"


def test_exceptions_are_named_by_class_and_place_down_to_their_cause(log: io.StringIO) -> None:
    def store() -> None:
        raise LookupError(CANARY)

    try:
        try:
            store()
        except LookupError as cause:
            raise ValueError(f"could not store {CANARY}") from cause
    except ValueError:
        structlog.get_logger().exception("it failed")
    [line] = lines(log)
    assert line["event"] == "it failed"
    assert [error.split(" at ")[0] for error in line["errors"]] == ["builtins.ValueError", "builtins.LookupError"]
    assert all("tests/unit/test_contract_log.py:" in error for error in line["errors"])


def test_a_group_of_exceptions_is_followed_by_its_members_and_what_led_to_them(log: io.StringIO) -> None:
    try:
        try:
            raise LookupError(CANARY)
        except LookupError as cause:
            raise ValueError(CANARY) from cause
    except ValueError as error:
        inner = ExceptionGroup(CANARY, [error, KeyError(CANARY)])
    structlog.get_logger().error("it failed", exc_info=ExceptionGroup(CANARY, [inner, OSError(CANARY)]))
    [line] = lines(log)
    assert [error.split(" at ")[0].removeprefix("builtins.") for error in line["errors"]] == [
        "ExceptionGroup",
        "ExceptionGroup",
        "ValueError",
        "LookupError",
        "KeyError",
        "OSError",
    ]
    assert len(describe(ExceptionGroup(CANARY, [KeyError(CANARY) for _ in range(100)]))) < 30


def test_an_exception_that_is_its_own_cause_is_described_once() -> None:
    error = ValueError(CANARY)
    error.__cause__ = error
    assert describe(error) == ["builtins.ValueError"]


def test_other_libraries_keep_their_template_and_lose_their_arguments(log: io.StringIO) -> None:
    logging.getLogger("asyncpg.pool").warning("cannot bind %r to %s", CANARY, "x")
    [line] = lines(log)
    assert line["event"] == "cannot bind %r to %s"
    assert line["logger"] == "asyncpg.pool"
    assert "test_contract_log.py:" in line["place"]


def test_a_line_that_was_already_filled_in_keeps_only_its_place(log: io.StringIO) -> None:
    logging.getLogger("zeep").error(f"no element {CANARY}")
    [line] = lines(log)
    assert line["event"] == "line_of_a_library"
    assert "test_contract_log.py:" in line["place"]


def test_a_line_that_cannot_be_formatted_is_no_way_around(log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("asyncpg").warning("%d of %d", CANARY)
    logging.getLogger("asyncpg").warning({"name": CANARY})
    assert len(lines(log)) == 2
    assert CANARY not in "".join(capsys.readouterr())


def test_a_library_with_a_handler_of_its_own_does_not_write_past_the_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = logging.getLogger("library.with.handler")
    own.addHandler(logging.StreamHandler())
    own.propagate = False
    try:
        with capturing_log() as log:
            own.error("value %s", CANARY)
            assert [line["event"] for line in lines(log)] == ["value %s"]
    finally:
        own.handlers.clear()
    assert CANARY not in "".join(capsys.readouterr())


@pytest.mark.filterwarnings("default")
def test_warnings_are_lines_like_any_other(log: io.StringIO) -> None:
    warnings.warn(f"odd value {CANARY}", stacklevel=1)
    [line] = lines(log)
    assert line["logger"] == "py.warnings"


async def test_an_exception_nobody_awaited_is_named_and_not_quoted(log: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError(CANARY)

    task = asyncio.create_task(fail())
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    found = [line for line in lines(log) if line.get("logger") == "asyncio"]
    assert found
    assert found[0]["errors"][0].startswith("builtins.ValueError")


def test_uncaught_exceptions_of_main_threads_and_finalizers_are_named(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ValueError(CANARY)
    sys.excepthook(ValueError, error, None)
    threading.excepthook(threading.ExceptHookArgs((ValueError, error, None, None)))
    assert [line["event"] for line in lines(log)] == ["uncaught_exception", "uncaught_exception"]
    assert CANARY not in "".join(capsys.readouterr())


def test_leaving_on_purpose_is_not_an_uncaught_exception(log: io.StringIO) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert lines(log) == []


@given(st.dictionaries(st.sampled_from([*sorted(ALLOWED), "patient", "note"]), st.text() | st.integers() | st.none()))
def test_whatever_is_logged_only_plain_words_of_listed_fields_remain(fields: dict[str, Any]) -> None:
    kept = allow(None, "info", dict(fields))
    assert set(kept) <= ALLOWED
    for name, value in kept.items():
        if name != "event" and isinstance(value, str):
            assert value.isascii()
            assert " " not in value
            assert len(value) <= 100
