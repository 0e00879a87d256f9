"""How a run against a payer ends: what was filed is taken back or named, and what was not judged is told."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import pytest

from conformance.bench import MAPPINGS
from conformance.live.command import Wanted, hold
from conformance.live.fixtures import FOLDER
from conformance.live.page import as_html
from conformance.simulators.deviations import Deviation
from tests.end_to_end.live_material import EVERGREEN, SECRETS, filed, moved, on_a_thread, payer_that, unkept


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


async def test_what_was_filed_is_taken_back_whatever_happens_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of ideas")

    monkeypatch.setattr("conformance.live.steps.trials", broken)
    with payer_that(tmp_path) as payer:
        wanted = Wanted(MAPPINGS, EVERGREEN[1], EVERGREEN[0], None, True)
        with pytest.raises(RuntimeError, match="out of ideas"):
            await asyncio.to_thread(hold, wanted, moved(EVERGREEN, payer))
        outcomes = [filing["outcome"] for filing in await filed(payer)]
    assert outcomes == ["C", "C"]


async def test_a_run_that_is_ended_while_an_answer_is_waited_for_takes_back_what_may_be_on_file(
    tmp_path: Path,
) -> None:
    told = tmp_path / "run.json"
    with payer_that(tmp_path, "--deviate", Deviation.SLOW, "--slow-seconds", "3") as payer:
        arguments = ["run", "--live", EVERGREEN[0], "--payer", EVERGREEN[1], "--json", str(told)]
        code = f"import sys; from conformance.runner import main; sys.exit(main({arguments}))"
        environment = {**os.environ, **moved(EVERGREEN, payer)}
        ignoring = ["sh", "-c", "trap '' INT; exec \"$@\"", "in the background", sys.executable, "-c", code]
        run = await create_subprocess_exec(*ignoring, env=environment, stdout=PIPE)
        await payer.until_filed("SIMAPPROVE90")
        run.send_signal(signal.SIGTERM)
        said, _ = await run.communicate()
        outcomes = [filing["outcome"] for filing in await filed(payer)]
    assert run.returncode == 1
    assert outcomes == ["C"]
    assert "Not judged: it was stopped before its end." in said.decode()
    result = json.loads(told.read_text())
    assert (result["filed"], result["cancelled"], result["on_file"]) == (1, 1, [])
    assert [each["step"] for each in result["messages"]] == ["file, member 1", "take back, case 1"]


async def test_a_run_in_which_nobody_is_found_has_judged_nothing_though_all_that_can_be_asked_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    members = tmp_path / "members.yaml"
    published = (FOLDER / "evergreen_health.yaml").read_text()
    members.write_text(re.sub("SIM(APPROVE|PEND)90", "NOBODY", published).replace("rejected", "anything"))
    with payer_that(tmp_path) as payer:
        for name, value in moved(EVERGREEN, payer).items():
            monkeypatch.setenv(name, value)
        code = await on_a_thread(["run", "--live", EVERGREEN[0], "--payer", EVERGREEN[1], "--members", str(members)])
        refused = [entry for entry in await payer.exchanges() if "UnAuthorized" in entry["outcome"]]
    said = capsys.readouterr().out
    assert code == 1
    assert "Not judged: no request came on file." in said
    assert len(refused) == 1
    assert all(f"pass  {name}" in said for name in ("AU-01", "AK-02", "RT-13", "RT-14"))


async def test_a_report_that_cannot_be_written_is_known_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with payer_that(tmp_path) as payer:
        for name, value in moved(EVERGREEN, payer).items():
            monkeypatch.setenv(name, value)
        page = str(tmp_path / "nowhere" / "run.html")
        code = await on_a_thread(["run", "--live", EVERGREEN[0], "--payer", EVERGREEN[1], "--html", page])
        assert await payer.exchanges() == []
    assert code == 2


async def test_a_payer_that_keeps_its_reviews_is_told_with_what_may_still_be_on_file(tmp_path: Path) -> None:
    members = tmp_path / "members.yaml"
    published = (FOLDER / "evergreen_health.yaml").read_text()
    members.write_text(published.replace("SIMAPPROVE90", "SIMKEEP90"))
    with payer_that(tmp_path) as payer:
        wanted = Wanted(MAPPINGS, EVERGREEN[1], EVERGREEN[0], members, False)
        run, mask = await asyncio.to_thread(hold, wanted, moved(EVERGREEN, payer))
        (kept,) = [filing for filing in await filed(payer) if filing["outcome"] != "C"]
    assert unkept(run) == {"PP-06"}
    assert run.on_file == (f"BHT03 {kept['reference']}",)
    assert run.on_file[0] in as_html(run, mask)
    members.write_text(members.read_text().replace("cancellations: true", "cancellations: false"))
    with payer_that(tmp_path / "again") as payer:
        run, _ = await asyncio.to_thread(hold, wanted, moved(EVERGREEN, payer))
    assert unkept(run) == set()
    assert len(run.on_file) == 1
