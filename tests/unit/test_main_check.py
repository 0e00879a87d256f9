"""`payer-gateway check` looks at everything, whatever is wrong with a part."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import pytest
from rich.console import Console

from gateway.main import check as command
from gateway.main.config import PROJECT, Config
from gateway.main.serve import serve, work
from gateway.profiles.faults import ProfileFaults


def checked(mappings: Path) -> tuple[int, str]:
    shown = io.StringIO()
    config = Config.read({"GATEWAY_MAPPINGS": str(mappings)})
    return command.check(config, Console(file=shown, width=40)), shown.getvalue()


def test_conformance_cases_are_checked_though_a_profile_has_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bool] = []

    def look() -> bool:
        looked.append(True)
        return False

    monkeypatch.setattr(command, "_case_faults", look)
    mappings = tmp_path / "mappings"
    shutil.copytree(PROJECT / "mappings", mappings)
    assert checked(mappings)[0] == 0
    stray = mappings / "payers" / "evergreen_health.yaml"
    stray.rename(stray.with_suffix(".yml"))
    code, shown = checked(mappings)
    assert code == 1
    assert "payers/evergreen_health.yml: /: Nothing reads" in shown, "in one line, however narrow the terminal"
    assert looked == [True, True]


def copied(tmp_path: Path) -> Path:
    mappings = tmp_path / "mappings"
    shutil.copytree(PROJECT / "mappings", mappings)
    return mappings


@pytest.fixture
def without_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_case_faults", lambda: False)


@pytest.mark.usefixtures("without_cases")
def test_connections_that_lack_an_optional_part_are_told_and_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown = checked(PROJECT / "mappings")
    assert (code, "pip install" in shown) == (0, False)
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    code, shown = checked(PROJECT / "mappings")
    assert code == 0
    assert "connection demo_sftp: nothing goes over it until" in shown
    assert "pip install 'payer-gateway[sftp]'" in shown


@pytest.mark.usefixtures("without_cases")
@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        (
            "codes/x12_hcr01.yaml",
            "A3: {means: not_certified,",
            "A3: {means: certified,",
            "codes/x12_hcr01.yaml:8: /codes/A3/means: Nobody may give the code A3 another meaning on channel x12_278. "
            "Write not_certified.",
        ),
        (
            "codes/x12_hcr01.yaml",
            "  A1: {means: certified, says: Approved as asked.}\n",
            "",
            "codes/x12_hcr01.yaml:6: /codes: Channel x12_278 cannot do without the code A1, and it has no row here. "
            "Write the row A1 with means: certified.",
        ),
        (
            "codes/x12_aaa04.yaml",
            "Y: {means: wait,",
            "Y: {means: resubmit_later,",
            "codes/x12_aaa04.yaml:12: /codes/Y/means: Nobody may give",
        ),
        (
            "codes/x12_aaa03_inquiry.yaml",
            '"67": {means: unmapped,',
            '"67": {means: not_found,',
            ": /codes/67/means: Nobody may give",
        ),
        (
            "payers/evergreen_health.yaml",
            "umo_id: EVERGREEN",
            'umo_id: "EVER*GREEN~"',
            ": /channels/x12_278/umo_id: This holds a character that may be a delimiter",
        ),
        ("payers/evergreen_health.yaml", "umo_id: EVERGREEN", 'umo_id: "EVERGRÜN"', ": /channels/x12_278/umo_id: "),
        (
            "connections/demo_clearinghouse.yaml",
            "isa_sender_id: PAYERGW",
            'isa_sender_id: PAYERGW\n  core_sender_id: "PAYER\\x07GW"',
            ": /settings/core_sender_id: The text holds a control character.",
        ),
    ],
)
async def test_a_folder_that_would_harm_is_refused_by_file_row_and_fix_and_nothing_starts_on_it(
    tmp_path: Path, name: str, before: str, after: str, told: str
) -> None:
    mappings = copied(tmp_path)
    text = (mappings / name).read_text()
    assert before in text
    (mappings / name).write_text(text.replace(before, after))
    code, shown = checked(mappings)
    assert code == 1
    assert told in shown
    assert "profiles: 1 faults" in shown
    config = Config.read({"GATEWAY_MAPPINGS": str(mappings)}, data=tmp_path / "data")
    for start in (serve, work):
        with pytest.raises(ProfileFaults) as caught:
            await start(config)
        assert told in str(caught.value)
    assert not (tmp_path / "data").exists(), "refused before anything was made"


@pytest.mark.usefixtures("without_cases")
def test_an_adapter_that_declares_too_little_is_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute:
        channel = "mute"

    monkeypatch.setattr(command, "load_adapters", lambda: {"mute": Mute()})
    code, shown = checked(copied(tmp_path))
    assert code == 1
    for what in ("verb submit", "verb parties", "code_tables", "code_anchors"):
        assert f"adapter mute: it has no {what}; see gateway/contract/adapter.py" in shown


@pytest.mark.usefixtures("without_cases")
def test_a_channel_that_looks_like_markup_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load_adapters", lambda: {"[bold]x[/nope]": object()})
    code, shown = checked(PROJECT / "mappings")
    assert code == 1
    assert "adapters: [bold]x[/nope]" in shown
