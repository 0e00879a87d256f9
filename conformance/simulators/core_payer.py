"""Runs the simulated payers: ``python -m conformance.simulators.core_payer --port 9810``.

Synthetic payers that speak CAQH CORE vC2.2.0 in SOAP and in MIME, X12 in JSON, and X12 in files; PBMs that speak
SCRIPT; payers' portals. README.md beside this file says what they ask and which member ids make them do what. For
development and tests only: nothing here is a payer, and no rule text was copied.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import get_args

from conformance.simulators.desk import Duplicates
from conformance.simulators.deviations import LATE, Deviation
from conformance.simulators.pbm.postman import Callback
from conformance.simulators.pbm.server import CannotListen, PbmOptions, PbmServer
from conformance.simulators.portals.server import CannotOpen, PortalOptions, PortalServer
from conformance.simulators.server import CannotServe, Options, Server


async def serve(
    host: str,
    port: int,
    *,
    options: Options | None = None,
    ready: Callable[[str], None] | None = None,
    files: Callable[[str], None] | None = None,
    pbm: PbmOptions | None = None,
    pbm_ready: Callable[[str], None] | None = None,
    portals: PortalOptions | None = None,
    portals_ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serves until ``stop`` is set or the task is cancelled. ``ready`` is told the URL once it listens, and before that
    ``files`` the URL of its SFTP server, ``pbm_ready`` that of the PBMs and ``portals_ready`` that of the portals, if
    there are any. All have one clock."""
    server = Server.prepare(options or Options())
    script = PbmServer(pbm, server.reception.clock, server.options.tls()) if pbm is not None else None
    pages = PortalServer(portals, server.reception.clock, server.options.tls()) if portals is not None else None
    try:
        await server.start(host, port)
        if script is not None:
            await script.start(host)
            if pbm_ready is not None:
                pbm_ready(script.url)
        if pages is not None:
            await pages.start(host)
            if portals_ready is not None:
                portals_ready(pages.url)
        if server.sftp is not None and files is not None:
            files(server.sftp.url)
        if ready is not None:
            ready(server.url)
        await (stop or asyncio.Event()).wait()
    finally:
        if script is not None:
            await script.close()
        if pages is not None:
            await pages.close()
        await server.close()


def main(argv: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(argv)
    standard = Options()
    options = Options(
        username=os.environ.get("SIM_USERNAME") or standard.username,
        password=os.environ.get("SIM_PASSWORD") or standard.password,
        client_id=os.environ.get("SIM_CLIENT_ID") or standard.client_id,
        client_secret=os.environ.get("SIM_CLIENT_SECRET") or standard.client_secret,
        client_key=asked.client_key,
        token_seconds=asked.token_seconds,
        clock_factor=asked.clock_factor,
        duplicates=asked.duplicates,
        latency=asked.latency,
        slow_seconds=asked.slow_seconds or (LATE if asked.deviate == Deviation.SLOW else standard.slow_seconds),
        log_size=asked.log_size,
        tls_cert=asked.tls_cert,
        tls_key=asked.tls_key,
        client_ca=asked.client_ca,
        deviation=Deviation(asked.deviate) if asked.deviate else None,
        sftp_port=asked.sftp_port,
    )
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_until_signalled(asked.host, asked.port, options, _pbm(asked, options), _portals(asked)))
    except (CannotServe, CannotListen, CannotOpen) as error:
        print(f"payer-gateway sim: {error}", file=sys.stderr)
        return 2
    return 0


def _pbm(asked: argparse.Namespace, options: Options) -> PbmOptions | None:
    if asked.pbm_port is None:
        return None
    standard = Callback()
    callback = Callback(
        asked.pbm_callback,
        os.environ.get("SIM_PBM_USERNAME") or standard.username,
        os.environ.get("SIM_PBM_PASSWORD") or standard.password,
    )
    return PbmOptions(asked.pbm_port, options.username, options.password, callback)


def _portals(asked: argparse.Namespace) -> PortalOptions | None:
    if asked.portal_port is None:
        return None
    standard = PortalOptions()
    return PortalOptions(
        asked.portal_port,
        os.environ.get("SIM_PORTAL_USERNAME") or standard.username,
        os.environ.get("SIM_PORTAL_PASSWORD") or standard.password,
        os.environ.get("SIM_PORTAL_TOTP_SECRET") or standard.totp_secret,
    )


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


async def _until_signalled(
    host: str, port: int, options: Options, pbm: PbmOptions | None, portals: PortalOptions | None
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await serve(
        host,
        port,
        options=options,
        ready=_announce,
        files=_announce_files,
        pbm=pbm,
        pbm_ready=_announce_pbm,
        portals=portals,
        portals_ready=_announce_portals,
        stop=stop,
    )


def _announce(url: str) -> None:
    print(f"listening on {url}", flush=True)


def _announce_files(url: str) -> None:
    print(f"files at {url}", flush=True)


def _announce_pbm(url: str) -> None:
    print(f"PBMs at {url}", flush=True)


def _announce_portals(url: str) -> None:
    print(f"portals at {url}", flush=True)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65535):
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return int(text)


def _seconds(text: str) -> tuple[float, ...]:
    with suppress(ValueError):
        given = tuple(float(seconds) for seconds in text.split(",") if seconds)
        if all(0 <= seconds <= 3600 for seconds in given):
            return given
    raise argparse.ArgumentTypeError("seconds are 0 to 3600, with commas between")


def _parser() -> argparse.ArgumentParser:
    says = (
        "Simulated payers speaking CAQH CORE SOAP and MIME, X12 in JSON, SCRIPT (--pbm-port) and pages (--portal-port)."
    )
    parser = argparse.ArgumentParser(prog="payer-gateway sim", description=says)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=9810, help="0 takes a free port")
    parser.add_argument("--sftp-port", type=_port, help="exchange files over SFTP too; 0 takes a free port")
    parser.add_argument(
        "--pbm-port", type=_port, nargs="?", const=9830, help="PBMs that speak SCRIPT, too (9830); 0 takes a free port"
    )
    parser.add_argument("--pbm-callback", default="", metavar="URL", help="where PBMs send to; {pbm} is the PBM's id")
    parser.add_argument(
        "--portal-port", type=_port, nargs="?", const=9840, help="portals, too (9840); 0 takes a free port"
    )
    parser.add_argument("--clock-factor", type=float, default=1.0, help="virtual seconds per real second")
    parser.add_argument("--duplicates", choices=get_args(Duplicates), default="ta1", help="an ISA13 seen before")
    parser.add_argument("--latency", type=_seconds, default=(), help="seconds before each answer, in turn: 0.05,0.2,1")
    parser.add_argument(
        "--slow-seconds", type=float, default=None, help="how late an answer is: 3 of a slow member, 21 of a slow payer"
    )
    parser.add_argument("--log-size", type=int, default=1000, help="exchanges kept for /sim/log")
    parser.add_argument("--token-seconds", type=float, default=300.0, help="how long an access token lives")
    parser.add_argument("--client-key", help="PEM; the client's public key, for signed assertions")
    parser.add_argument("--tls-cert", help="PEM; serve TLS")
    parser.add_argument("--tls-key")
    parser.add_argument("--client-ca", help="PEM; ask every caller for a certificate of this authority")
    parser.add_argument("--deviate", choices=[str(each) for each in Deviation], help="get this wrong in every answer")
    return parser


if __name__ == "__main__":
    sys.exit(main())
