"""A gateway's surroundings: a data folder with a PostgreSQL of its own, profiles in its tempo, a way to the payer.

The PostgreSQL is the one a laptop gets, fsync and all, but that its disk may be memory: what is said of durability here
holds for what people run.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from gateway.main.config import PROJECT
from gateway.store.server import EmbeddedServer
from tests.running.memory import in_memory
from tests.running.processes import GATEWAY, PATIENCE, Running, start

IDLE = {"GATEWAY_CONCURRENCY": "0"}
"""For a gateway that takes requests and leaves the work to others."""


@dataclass
class House:
    """Commands of the gateway on one data folder. All of them are killed when the house closes."""

    folder: Path
    server: EmbeddedServer
    environment: dict[str, str]
    started: list[Running] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def key(self) -> str:
        """The first test key, which the first start leaves in the data folder."""
        return (self.data / "test.key").read_text().strip()

    def command(self, *words: str, first: Callable[[], None] | None = None, **environment: str) -> Running:
        """Start a command of the gateway, for this data folder."""
        log = self.logs / f"{next(self._numbers):03}-{words[0]}.log"
        made = start(GATEWAY, [*words, "--data", str(self.data)], self.environment | environment, log, first)
        self.started.append(made)
        return made

    def serve(self, *, port: int = 0, first: Callable[[], None] | None = None, **environment: str) -> Running:
        """API and workers; not necessarily listening yet."""
        return self.command("serve", "--port", str(port), first=first, **environment)

    def work(self, *, first: Callable[[], None] | None = None, **environment: str) -> Running:
        """A worker; not necessarily working yet."""
        return self.command("work", first=first, **environment)

    def kill_postgresql(self) -> None:
        """kill -9 of the postmaster, once there is one."""
        cluster = self.server.home / "cluster"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(FileNotFoundError, IndexError):
                pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
                # While a dead server's file is still there its number may be anybody's.
                if Path(os.readlink(f"/proc/{pid}/cwd")) == cluster:
                    os.kill(pid, signal.SIGKILL)
                    return
            time.sleep(0.05)
        raise AssertionError("PostgreSQL never came back")


@contextmanager
def open_house(payer: str, tempo: Mapping[str, str] | None = None, **environment: str) -> Iterator[House]:
    """A house whose demo connections all lead to ``payer``.

    ``tempo`` replaces values of the profiles by name (``deadline_seconds``, ``settle_seconds``, ``reconcile``).
    """
    folder = Path(tempfile.mkdtemp(prefix="payer-gateway-house-", dir=in_memory()))
    folder.chmod(0o711)  # as root the server runs as another user, who must get in
    for name in ("data", "logs"):
        (folder / name).mkdir(mode=0o711)
    write_mappings(folder / "mappings", tempo or {})
    server = EmbeddedServer(folder / "data")
    server.start()
    house = House(
        folder,
        server,
        {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GATEWAY_MAPPINGS": str(folder / "mappings"),
            "GATEWAY_ENDPOINT_DEMO_CLEARINGHOUSE": f"{payer}/core",
            "GATEWAY_ENDPOINT_DEMO_BATCH": f"{payer}/batch",
            "GATEWAY_ENDPOINT_DEMO_MIME": f"{payer}/mime",
            "GATEWAY_ENDPOINT_DEMO_REST_X12": f"{payer}/x12",
            "GATEWAY_ENDPOINT_DEMO_REVIEWS": f"{payer}/v2/service-reviews",
            "GATEWAY_SECRET_REST_CLIENT_SECRET": "demo-client-secret",
            "GATEWAY_SECRET_CORE_USERNAME": "gateway",
            "GATEWAY_SECRET_CORE_PASSWORD": "demo-password",
            "GATEWAY_WEBHOOK_ALLOW_PRIVATE": "1",
            "GATEWAY_HEARTBEAT_SECONDS": "2",
            "GATEWAY_SWEEP_SECONDS": "0.25",
            **environment,
        },
    )
    try:
        yield house
    finally:
        for process in house.started:
            if process.exit_code is None:
                process.kill()
        server.start()  # a test may have killed it; only who runs can be stopped in order
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)
        shutil.rmtree(folder)


def write_mappings(folder: Path, tempo: Mapping[str, str]) -> None:
    """The project's profiles with other values: tests cannot wait as long as payers take."""
    shutil.copytree(PROJECT / "mappings", folder)
    unused = set(tempo)
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text()
        for name, value in tempo.items():
            text, changed = re.subn(rf"(?m)^(\s*{name}:) .*$", rf"\1 {value}", text)
            if changed:
                unused.discard(name)
        path.write_text(text)
    assert not unused, f"no profile has {unused}"
