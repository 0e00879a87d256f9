"""kill -9 of a worker at every step of picking up a file: all of it is heard, once."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from gateway.model.status import CaseStatus
from gateway.store.journal import verify
from gateway.store.mailroom import State
from tests.durability.postman import Point
from tests.post_material import NEIGHBOURSON, accepts, answer, open_office
from tests.running.processes import start
from tests.unit.store_cases import opened
from tests.x12_material import request


async def die(url: str, root: Path, point: Point) -> None:
    process = start("tests.durability.postman", (url, str(root), point), os.environ, root / "postman.log")
    assert await asyncio.to_thread(process.join, 60) == -signal.SIGKILL, process.said()


@pytest.mark.parametrize("point", Point)
async def test_a_file_over_which_a_worker_died_is_heard_once(database_url: str, tmp_path: Path, point: Point) -> None:
    async with opened(database_url) as database, open_office(database, database_url, tmp_path, tidy="delete") as office:
        ours = await office.file()
        theirs = await office.file(request(reference="case-2", patient=NEIGHBOURSON), tenant="clinic-two")
        one, other = await office.filing(ours), await office.filing(theirs)
        path = office.put("mixed", answer(one, "A1", 502), answer(other, "A3", 503, patient=b"NEIGHBOURSON*UMA"))
        path.write_bytes(path.read_bytes() + accepts(one, 504))
        await die(database_url, tmp_path, point)
        await office.look(2)
        assert not path.exists()
        assert [each.state for each in await office.arrivals()] == [State.HEARD]
        for case_id, heard, then in (
            (ours, ["received", "reviewed"], CaseStatus.APPROVED),
            (theirs, ["reviewed"], CaseStatus.DENIED),
        ):
            assert await office.heard(case_id) == heard
            assert (await office.case(case_id)).status is then
            verdict = await verify(database, case_id)
            assert verdict is not None
            assert verdict.whole
