"""Control numbers of what is written at a terminal: no number comes twice, however often and on whichever day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.main.config import BadConfig
from gateway.main.numbering import counter, take_numbers
from tests.unit.test_main_documents import WRONG_CODE, Command, x12

__all__ = ["x12"]

NOW = datetime(2026, 11, 22, 2, 0, 1, 250_000, tzinfo=UTC)


def home(folder: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(folder)}


def test_no_number_comes_twice_at_once_in_a_row_or_at_the_same_time_of_another_day(tmp_path: Path) -> None:
    times = [NOW, NOW, NOW + timedelta(days=1), NOW + timedelta(days=1, microseconds=900), NOW - timedelta(days=3)]
    taken = [number for at in times for number in take_numbers(home(tmp_path), 3, at)]
    assert len(set(taken)) == len(taken) == 15
    assert taken == sorted(taken)
    assert all(0 < number < 10**9 for number in taken)


def test_the_clock_keeps_numbers_apart_on_machines_that_know_nothing_of_each_other(tmp_path: Path) -> None:
    taken: set[int] = set()
    for day in range(30):
        taken |= set(take_numbers(home(tmp_path / str(day)), 100, NOW + timedelta(days=day)))
    assert len(taken) == 3000


def test_the_counter_is_where_the_user_keeps_state_and_nobody_else_reads_it(tmp_path: Path) -> None:
    assert counter({"HOME": str(tmp_path)}) == tmp_path / ".local/state/payer-gateway/control-number"
    assert counter({"HOME": str(tmp_path), "XDG_STATE_HOME": "here"}).is_relative_to(tmp_path)
    kept = counter(home(tmp_path))
    assert kept == tmp_path / "payer-gateway/control-number"
    take_numbers(home(tmp_path), 1, NOW)
    assert kept.stat().st_mode & 0o777 == 0o600


def test_many_at_once_take_different_numbers(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: take_numbers(home(tmp_path), 2, NOW), range(100)))
    assert len({number for each in taken for number in each}) == 200


def test_answers_written_one_after_another_in_whatever_folder_have_numbers_of_their_own(
    x12: Command, tmp_path: Path
) -> None:
    seen = set()
    for count in range(4):
        answer = tmp_path / str(count % 3) / "answer.edi"
        answer.parent.mkdir(exist_ok=True)
        code, out, _ = x12("check", WRONG_CODE, more=("--ack", str(answer)))
        number = answer.read_bytes().split(b"~")[0].split(b"*")[13].decode()
        assert code == 1
        assert f"answered under control number {int(number)}\n" in out
        seen.add(number)
    assert len(seen) == 4


def test_a_number_that_was_given_is_used_and_nothing_is_kept(x12: Command, tmp_path: Path) -> None:
    answer = tmp_path / "answer.edi"
    assert x12("check", WRONG_CODE, more=("--ack", str(answer), "--number", "77"))[0] == 1
    assert b"*000000077*" in answer.read_bytes()
    assert not (x12.state / "payer-gateway").exists()


def test_a_counter_that_cannot_be_kept_or_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadConfig, match="--number"):
        take_numbers(home(tmp_path / "file"), 1, NOW)
    take_numbers(home(tmp_path), 1, NOW)
    counter(home(tmp_path)).write_text("many")
    with pytest.raises(BadConfig, match="holds no number"):
        take_numbers(home(tmp_path), 1, NOW)
