"""How a browser is started: quiet, with nothing of our environment, and in its sandbox.

It knows Playwright's options and no page. Tracing and HAR are nowhere in this package: both hold passwords and PHI
(measured), and Playwright masks nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Browser, Error, Playwright, async_playwright

from gateway.transport.browser.find import SETUP, Chromium, NoBrowser

LAUNCH_SECONDS = 60.0
"""A second is usual; a machine under load took ten."""

_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_NO_IMAGES = "--blink-settings=imagesEnabled=false"
"""Half the processor's time of a flow. page.route() would cost more than it saves: it turns the cache off."""

_CHATTY = ("DEBUG", "DEBUG_FILE", "DEBUGP", "PWDEBUG", "PW_INSTRUMENT_MODULES")
"""Variables that make Playwright or its driver write down what is typed into a page."""

_TEMPORARY = "TMPDIR"

_GIVEN = ("FONTCONFIG_FILE", "FONTCONFIG_PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TZ", "USER")
"""What a browser is given of our environment. The rest may hold credentials, and its pages are other people's."""


class CannotLaunch(NoBrowser):
    """A browser was found and does not start."""


class NoSandbox(CannotLaunch):
    """This machine lets a browser have no sandbox. Another browser would have none either."""


@contextmanager
def _temporary_files_in(folder: Path | None) -> Iterator[None]:
    """Lend a process that starts meanwhile a place of its own. Python's own place for such files was found before."""
    ours = os.environ.get(_TEMPORARY)
    if folder is not None:
        tempfile.gettempdir()
        os.environ[_TEMPORARY] = str(folder)
    try:
        yield
    finally:
        if ours is None:
            os.environ.pop(_TEMPORARY, None)
        else:
            os.environ[_TEMPORARY] = ours


@asynccontextmanager
async def open_playwright(scratch: Path | None = None) -> AsyncIterator[Playwright]:
    """Playwright with its driver process (1 s, 90 MB), which ends with the context. Not for two at once.

    The driver takes its environment from ours, so what makes it talk is taken out of ours for good. Its temporary
    files, and its browsers' profiles among them, lie in ``scratch``: they stay when all are killed, so the caller wipes
    it. Raises CannotLaunch.
    """
    for name in _CHATTY:
        os.environ.pop(name, None)
    try:
        with _temporary_files_in(scratch):
            playwright = await async_playwright().start()
    except Exception as error:  # whatever kept a process from starting or speaking; its versions raise various
        said = str(error).splitlines() or [type(error).__name__]
        raise CannotLaunch(
            f"Playwright's driver does not start: {said[0][:300]}.", "Install the gateway anew; look at its memory."
        ) from None
    try:
        yield playwright
    finally:
        await playwright.stop()


async def launch(
    playwright: Playwright,
    chromium: Chromium,
    *,
    downloads: Path,
    images: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Browser:
    """Start it without a window. ``downloads`` is where it puts files while they come, and whatever else it keeps for a
    while: they hold PHI, and stay there when we are killed, so the caller wipes it. Raises CannotLaunch.

    Sandboxed, but not as root: Chromium's sandbox is then impossible. Signals are left to us: a process that is asked
    to end finishes what it began, with its browser.
    """
    given = os.environ if environment is None else environment
    told = {name: value for name, value in given.items() if name in _GIVEN or name.startswith(("LC_", "XDG_"))}
    try:
        return await playwright.chromium.launch(
            executable_path=chromium.path,
            headless=True,
            args=[*_QUIET, *(() if images else (_NO_IMAGES,))],
            chromium_sandbox=is_sandboxed(),
            downloads_path=downloads,
            env={**told, _TEMPORARY: str(downloads)},
            handle_sighup=False,
            handle_sigint=False,
            handle_sigterm=False,
            timeout=LAUNCH_SECONDS * 1000,
        )
    except Error as error:
        raise _told(error, chromium) from None


def is_sandboxed() -> bool:
    """Whether the browsers of this process run in Chromium's sandbox."""
    return os.geteuid() != 0


def _told(error: Error, chromium: Chromium) -> CannotLaunch:
    """No page was open yet: what the browser printed is of this machine."""
    text = error.message
    why = f"{chromium.path} does not start"
    if "sandbox" in text.lower() and is_sandboxed():
        return NoSandbox(
            f"{why}: this machine denies it its sandbox.",
            "Let it make user namespaces: in a container, run it with Playwright's seccomp profile (deploy/README.md); "
            "on Ubuntu, `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` or a profile for AppArmor.",
        )
    if missing := [
        line.rpartition("[err] ")[2] for line in text.splitlines() if "error while loading shared libraries" in line
    ]:
        return CannotLaunch(f"{why}: {missing[0]}.", f"Run `{SETUP}` as root: it installs what is missing.")
    said = next((line.strip() for line in text.splitlines() if line.strip()), "it says nothing")
    return CannotLaunch(f"{why}: {said[:300]}", f"Run `{SETUP}`, or name another browser.")
