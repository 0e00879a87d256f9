"""How a machine comes to a browser: with installers that work, fail, hang, and would ask for a password."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.transport.browser.find import VARIABLE, Chromium, NoBrowser, Origin
from gateway.transport.browser.installing import set_up
from gateway.transport.browser.launching import NoSandbox
from tests.unit.browser_material import Machine, real, write

_DOWNLOAD = "playwright install --with-deps chromium-headless-shell"
_PACKAGE = "apt-get install chromium-headless-shell"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A Debian without a browser, on which downloads and packages fail; whoever we are may become root."""
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "debian"})
    made = Machine(tmp_path)
    made.program("sudo", 'shift; exec "$@"')
    made.program("true")
    downloads(made, "echo 'Error: Download failure, code=1'; echo '    at ChildProcess'; exit 1")
    packages(made, "echo 'E: Unable to locate package'; exit 100")
    return made


def downloads(machine: Machine, does: str) -> None:
    """What `python -m playwright install` does: it runs its node with a script and these words."""
    machine.program("node", f'shift; echo "playwright $*" >>"$LOG"\n{does}')


def packages(machine: Machine, does: str) -> None:
    """What `apt-get install` does; all else it does well."""
    machine.program(
        "apt-get",
        f'while case "$1" in -o) shift ;; -*) ;; *) break ;; esac; do shift; done\n'
        f'echo "apt-get $*" >>"$LOG"\n[ "$1" = install ] || exit 0\n{does}',
    )


def copies(source: Path, place: Path) -> str:
    return f'/bin/mkdir -p "{place.parent}" && /bin/cp "{source}" "{place}" && exit 0'


def download(source: Path, place: Path) -> str:
    """As Playwright leaves it, with its mark."""
    return f'/bin/mkdir -p "{place.parent}"; : >"{place.parents[1]}/INSTALLATION_COMPLETE"; {copies(source, place)}'


@pytest.fixture
def browser(machine: Machine) -> Path:
    """The browser of this machine as a program to be copied."""
    return write(machine.root / "elsewhere" / "browser", real())


async def test_where_there_is_one_nothing_is_installed(machine: Machine) -> None:
    chromium = machine.program("chromium", real())
    told: list[str] = []
    found, proof = await set_up(machine.environment, told.append)
    assert found == Chromium(chromium, Origin.PATH)
    assert "Chrom" in proof.product
    assert (machine.log, told) == ([], [])


async def test_playwright_is_asked_first(machine: Machine, browser: Path) -> None:
    place = machine.bundle("chromium-headless-shell")
    downloads(machine, download(browser, place))
    found, _ = await set_up(machine.environment, lambda _: None)
    assert found == Chromium(place, Origin.BUNDLE)
    assert machine.log == [_DOWNLOAD]


async def test_then_debians(machine: Machine, browser: Path) -> None:
    place = machine.bin / "chromium-headless-shell"
    packages(machine, copies(browser, place))
    told: list[str] = []
    found, _ = await set_up(machine.environment, told.append)
    assert found == Chromium(place, Origin.PATH)
    install = "apt-get install -y --no-install-recommends chromium-headless-shell"
    assert machine.log == [_DOWNLOAD, "apt-get update", install]
    assert f"{_DOWNLOAD}: failed with exit code 1 (Error: Download failure, code=1)" in told


async def test_one_that_does_not_start_is_no_reason_to_stop(machine: Machine, browser: Path) -> None:
    shell = machine.program("chromium-headless-shell", "echo 'error while loading shared libraries: libnss3.so' >&2")
    packages(machine, copies(browser, shell))
    found, _ = await set_up(machine.environment, lambda _: None)
    assert found.path == shell


async def test_where_all_fails_it_is_told_what_was_tried_and_what_mends_it(machine: Machine) -> None:
    with pytest.raises(NoBrowser) as told:
        await set_up(machine.environment, lambda _: None)
    assert told.value.tried == (
        "No Chromium was found",
        f"{_DOWNLOAD}: failed with exit code 1 (Error: Download failure, code=1)",
        f"{_PACKAGE}: failed with exit code 100 (E: Unable to locate package)",
    )
    assert f"`{_PACKAGE}`" in told.value.fix
    assert VARIABLE in told.value.fix


async def test_an_installer_that_says_it_did_is_not_believed(machine: Machine) -> None:
    downloads(machine, "exit 0")
    packages(machine, "exit 0")
    with pytest.raises(NoBrowser) as told:
        await set_up(machine.environment, lambda _: None)
    assert told.value.tried[1:] == (f"{_DOWNLOAD}: No Chromium was found", f"{_PACKAGE}: No Chromium was found")


@pytest.mark.parametrize("sudo", ["wants a password", "is not there"])
async def test_without_roots_rights_nothing_is_asked_for_them(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, sudo: str
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    machine.program("sudo", 'echo "sudo $*" >>"$LOG"; exit 1')
    if sudo == "is not there":
        (machine.bin / "sudo").unlink()
    with pytest.raises(NoBrowser) as told:
        await set_up(machine.environment, lambda _: None)
    asked = ["sudo -n true"] if sudo == "wants a password" else []
    assert machine.log == [*asked, "playwright install chromium-headless-shell"]
    assert f"{_PACKAGE}: needs root, or sudo that asks for no password" in told.value.tried


async def test_who_may_be_root_without_a_password_is(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    machine.program("sudo", 'echo "sudo $1 ${2##*/}" >>"$LOG"; shift; exec "$@"')
    with pytest.raises(NoBrowser):
        await set_up(machine.environment, lambda _: None)
    assert machine.log[:4] == ["sudo -n true", _DOWNLOAD, "sudo -n env", "apt-get update"]


async def test_ubuntus_snap_is_not_installed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "mint", "ID_LIKE": "ubuntu debian"})
    with pytest.raises(NoBrowser, match="as a snap alone") as told:
        await set_up(machine.environment, lambda _: None)
    assert machine.log == [_DOWNLOAD]
    assert told.value.fix.startswith("On Ubuntu")


async def test_where_there_is_no_apt_libraries_are_not_asked_for(machine: Machine) -> None:
    (machine.bin / "apt-get").unlink()
    with pytest.raises(NoBrowser, match="this is no Debian"):
        await set_up(machine.environment, lambda _: None)
    assert machine.log == ["playwright install chromium-headless-shell"]


async def test_where_no_browser_may_have_a_sandbox_none_is_installed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    machine.program("chromium", "echo 'FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox!' >&2; exit 1")
    with pytest.raises(NoSandbox, match="this machine denies it its sandbox") as told:
        await set_up(machine.environment, lambda _: None)
    assert "seccomp profile" in told.value.fix
    assert machine.log == []


async def test_nothing_is_installed_beside_a_browser_that_is_named(machine: Machine) -> None:
    lame = write(machine.root / "lame", "exit 1")
    for named in (lame, machine.root / "none"):
        with pytest.raises(NoBrowser, match=named.name):
            await set_up({**machine.environment, VARIABLE: str(named)}, lambda _: None)
    assert machine.log == []


@pytest.fixture
def somebody_who_answers() -> Iterator[None]:
    """An answer waits on our standard input."""
    reader, writer = os.pipe()
    os.write(writer, b"yes\n" * 3)
    ours = os.dup(0)
    os.dup2(reader, 0)
    yield
    os.dup2(ours, 0)
    for each in (reader, writer, ours):
        os.close(each)


@pytest.mark.usefixtures("somebody_who_answers")
async def test_an_installer_can_ask_nobody_and_sees_no_credential(machine: Machine) -> None:
    # Words of its stat: parent and session. A new session has no terminal; its first process runs the node.
    downloads(
        machine,
        "read -r _ _ _ parent _ session _ </proc/$$/stat; "
        '[ "$session" = "$parent" ] || echo "in a session of others" >>"$LOG"\n'
        'read -r answer && echo "was answered" >>"$LOG"\n'
        '(export -p; set) >>"$LOG"; exit 1',
    )
    secrets = {"GATEWAY_SECRET_PORTAL": "Sw0rdfish", "DATABASE_URL": "postgresql://a:Sw0rdfish@b/c"}
    with pytest.raises(NoBrowser):
        await set_up({**machine.environment, **secrets, "PLAYWRIGHT_DOWNLOAD_HOST": "mirror"}, lambda _: None)
    text = "\n".join(machine.log)
    assert "PLAYWRIGHT_DOWNLOAD_HOST" in text
    assert [word for word in ("Sw0rdfish", "was answered", "session of others") if word in text] == []


async def test_an_installer_that_hangs_is_ended_with_what_it_started(machine: Machine) -> None:
    downloads(machine, '(trap "" INT; echo $$ >>"$LOG"; /bin/sleep 600) & echo $! >>"$LOG"; wait')
    started = time.monotonic()
    with pytest.raises(NoBrowser, match=r"was ended after 1 s") as told:
        await set_up(machine.environment, lambda _: None, seconds=1)
    assert time.monotonic() - started < 30
    assert len(told.value.tried) == 3  # the next way was gone all the same
    assert await _gone(*machine.log[1:3])


async def test_who_loses_patience_leaves_no_installer_behind(machine: Machine) -> None:
    downloads(machine, 'echo $$ >>"$LOG"; /bin/sleep 600')
    work = asyncio.ensure_future(set_up(machine.environment, lambda _: None))
    for _ in range(600):
        if len(machine.log) == 2:
            break
        await asyncio.sleep(0.05)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await _gone(machine.log[1])


async def test_what_an_installer_leaves_running_is_not_waited_for(machine: Machine, browser: Path) -> None:
    place = machine.bundle("chromium-headless-shell")
    downloads(machine, f'/bin/sleep 20 & echo $! >>"$LOG"\n{download(browser, place)}')
    started = time.monotonic()
    found, _ = await set_up(machine.environment, lambda _: None)
    assert found.path == place
    assert time.monotonic() - started < 15
    os.kill(int(machine.log[1]), 9)


async def _gone(*processes: str) -> bool:
    """Whether these processes end: at once, but for the time the machine takes."""
    for _ in range(100):
        if not any(_runs(process) for process in processes):
            return True
        await asyncio.sleep(0.05)
    return False


def _runs(process: str) -> bool:
    try:
        return Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
