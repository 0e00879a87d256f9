"""Gets a browser where there is none: Playwright's own first, then Debian's. It asks nobody for a password, and ends.

It knows installers as programs with a time limit. What they print goes to whoever listens, a line now and then.
"""

from __future__ import annotations

import asyncio
import os
import platform
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from gateway.transport.browser.find import VARIABLE, Chromium, NoBrowser, find_chromium
from gateway.transport.browser.launching import NoSandbox
from gateway.transport.browser.proof import Proof, prove

Tell = Callable[[str], None]
"""Is told, in our words and the installers', what goes on."""

_SHELL = "chromium-headless-shell"
_SECONDS = 900.0
"""For one program: 110 MB over a slow line, and packages."""
_TAIL_BYTES = 20_000
_GRACE_SECONDS = 10.0
_NEWS_SECONDS = 10.0
_TROUBLE = re.compile(r"^E: |\b(error|failed|unable|cannot|denied|not found)\b", re.IGNORECASE)
_WORDS = re.compile(r"\w\w")
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


@dataclass(frozen=True)
class Way:
    """A way to get a browser: programs, one after the other; the last one decides. ``why_not`` where it is no way
    here."""

    name: str
    programs: tuple[tuple[str, ...], ...] = ()
    why_not: str = ""


async def set_up(environment: Mapping[str, str], tell: Tell, seconds: float = _SECONDS) -> tuple[Chromium, Proof]:
    """Find a browser and prove it; install one where there is none. At once where there is one.

    Raises NoBrowser: what was tried, and what mends it. Nothing is installed where ``PAYER_GATEWAY_CHROMIUM`` names
    one, for nothing would take its place, nor where the machine denies browsers their sandbox. ``seconds`` is the
    limit of each program.
    """
    try:
        chromium = find_chromium(environment)
        return chromium, await prove(chromium)
    except NoSandbox:
        raise
    except NoBrowser as error:
        if environment.get(VARIABLE, "").strip():
            raise
        tell(str(error.why))
        tried = [error.why.rstrip(".")]
    for way in await _ways(environment):
        if failed := way.why_not or await _go(way, environment, tell, seconds):
            tell(f"{way.name}: {failed}")
            tried.append(f"{way.name}: {failed}")
            continue
        try:
            chromium = find_chromium(environment)
            return chromium, await prove(chromium)
        except NoSandbox:
            raise
        except NoBrowser as error:
            tell(str(error))
            tried.append(f"{way.name}: {error.why.rstrip('.')}")
    raise NoBrowser("There is no browser, and none could be installed.", _fix(), tuple(tried))


async def _ways(environment: Mapping[str, str]) -> Sequence[Way]:
    path = environment.get("PATH", os.defpath)
    apt, rights = shutil.which("apt-get", path=path), await _rights(path)
    # Without rights Playwright would ask for a password; with its libraries there already a download is enough.
    libraries = ("--with-deps",) if apt and rights is not None else ()
    own = (sys.executable, "-m", "playwright", "install", *libraries, _SHELL)
    return (
        Way(f"playwright install {' '.join((*libraries, _SHELL))}", (own,)),
        _packages(apt, rights, _is_ubuntu()),
    )


def _packages(apt: str | None, rights: tuple[str, ...] | None, ubuntu: bool) -> Way:
    name = f"apt-get install {_SHELL}"
    if apt is None:
        return Way(name, why_not="this is no Debian")
    if ubuntu:
        return Way(name, why_not="Ubuntu has Chromium as a snap alone, which cannot be driven")
    if rights is None:
        return Way(name, why_not="needs root, or sudo that asks for no password")
    # Others may be installing: wait for them. A list that could not be renewed may do.
    get = (*rights, "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", apt, "-q", "-o", "DPkg::Lock::Timeout=120")
    return Way(name, ((*get, "update"), (*get, "install", "-y", "--no-install-recommends", _SHELL)))


def _fix() -> str:
    if _is_ubuntu():
        return (
            "On Ubuntu: let this machine reach Playwright's downloads (PLAYWRIGHT_DOWNLOAD_HOST names a mirror), or "
            f"install Google's Chrome as a .deb, or set {VARIABLE} to the path of a Chromium that is no snap."
        )
    return (
        f"Install one as root (on Debian `apt-get install {_SHELL}`), let this machine reach Playwright's downloads "
        f"(PLAYWRIGHT_DOWNLOAD_HOST names a mirror), or set {VARIABLE} to the path of a Chromium."
    )


def _is_ubuntu() -> bool:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return "ubuntu" in (release["ID"], *release.get("ID_LIKE", "").split())


async def _rights(path: str) -> tuple[str, ...] | None:
    """What to put before a program that needs root; None where we cannot be root without a password."""
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo", path=path)
    if sudo is None:
        return None
    failed = await _run((sudo, "-n", "true"), {"PATH": path}, lambda _: None, _GRACE_SECONDS)
    return None if failed else (sudo, "-n")


async def _go(way: Way, environment: Mapping[str, str], tell: Tell, seconds: float) -> str:
    """Empty when its last program ended well; else what went wrong."""
    # Credentials are none of an installer's business.
    given = {
        name: value
        for name, value in environment.items()
        if name != "DATABASE_URL" and not name.startswith(("GATEWAY_", "SIM_"))
    }
    failed = ""
    for program in way.programs:
        tell(f"$ {' '.join(program)}")
        failed = await _run(program, given, tell, seconds)
    return failed


async def _run(program: Sequence[str], environment: Mapping[str, str], tell: Tell, seconds: float) -> str:
    """Run a program in a session of its own: with no terminal, and no input, nobody can be asked for a password.

    It prints into a file: what it leaves running would hold a pipe open, and so would be waited for.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        try:
            process = await asyncio.create_subprocess_exec(
                *program,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            return f"cannot be run ({error.strerror})"
        ending = asyncio.ensure_future(process.wait())
        try:
            while not ending.done():
                left = seconds - (time.monotonic() - started)
                if left <= 0:
                    return f"was ended after {seconds:.0f} s"
                await asyncio.wait((ending,), timeout=min(left, _NEWS_SECONDS))
                if not ending.done():
                    tell(f"  {time.monotonic() - started:.0f} s: {(_last_lines(output) or ['...'])[-1]}")
        finally:
            await _end(process, ending)
        lines = _last_lines(output)
    if process.returncode == 0:
        return ""
    telling = [line for line in lines if _TROUBLE.search(line)] or lines
    return f"failed with exit code {process.returncode}" + (f" ({telling[-1]})" if telling else "")


def _last_lines(output: IO[bytes]) -> list[str]:
    """What it printed lately. A progress bar's lines end with a carriage return."""
    # By its place, not by seeking: the program writes where the file's one position is.
    size = os.fstat(output.fileno()).st_size
    text = _ESCAPES.sub(b"", os.pread(output.fileno(), _TAIL_BYTES, max(0, size - _TAIL_BYTES)))
    return [line.strip()[:200] for line in text.decode(errors="replace").splitlines() if _WORDS.search(line)]


async def _end(process: asyncio.subprocess.Process, ending: asyncio.Future[int]) -> None:
    """End a program that runs, and what it started: asked first, for a package half installed is a nuisance."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if ending.done():
            return
        with suppress(ProcessLookupError, PermissionError):  # what sudo started is root's, and goes with sudo
            os.killpg(process.pid, number)
        await asyncio.wait((ending,), timeout=_GRACE_SECONDS)
