"""`payer-gateway submit` and `show`: the command line as a caller of the API, over HTTP like any other."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp

from gateway.main.config import BadConfig, Config
from gateway.main.house import key_file, port_file

_SECONDS = 30
_PRINTED = re.compile(r"[!-~]{1,255}")


def caller(config: Config) -> tuple[str, str]:
    """The API's address and a key: GATEWAY_URL and GATEWAY_API_KEY, else the server on this data and its first key."""
    key = config.environment.get("GATEWAY_API_KEY")
    if key is None:
        try:
            key = key_file(config).read_text()
        except OSError:
            raise BadConfig(
                "No API key: set GATEWAY_API_KEY to one that `payer-gateway keys create --tenant default` prints. "
                "(The first `payer-gateway serve` on a new --data also leaves one there.)"
            ) from None
    return _address(config), _one_word(key.strip(), "The API key")


def _address(config: Config) -> str:
    given = config.environment.get("GATEWAY_URL")
    if given is None:
        return _as_left(config).url
    try:
        url = urlsplit(given)
        whole = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        whole = False
    # The address is shown when nobody answers there, so it holds no credential.
    if not whole or not _PRINTED.fullmatch(given) or any(sign in given for sign in "@?#"):
        raise BadConfig("GATEWAY_URL is not the address of an API, like http://127.0.0.1:8080.")
    return given.rstrip("/")


def _as_left(config: Config) -> Config:
    """At the port that a server of this data directory left there. Not at a host: a file decides not who gets a key."""
    try:
        return config.at_port(int(port_file(config).read_text()))
    except (OSError, ValueError, BadConfig):
        return config


def _one_word(text: str, what: str) -> str:
    if not _PRINTED.fullmatch(text):
        raise BadConfig(f"{what} is not one word of 1 to 255 visible ASCII characters.")
    return text


async def submit(config: Config, path: Path, idempotency_key: str | None) -> int:
    """Send a request file. Prints what the API answers; exit code 0 only when it was taken."""
    url, key = caller(config)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = _one_word(idempotency_key, "--idempotency-key")
    return await _ask("POST", url, "/v1/requests", headers, _read(path))


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise BadConfig(f"Cannot read {path}: {error.strerror}.") from None


async def show(config: Config, case_id: str) -> int:
    """Print a case as the API shows it."""
    url, key = caller(config)
    try:
        number = UUID(case_id)
    except ValueError:
        raise BadConfig("This is not the id of a case; submit prints it.") from None
    return await _ask("GET", url, f"/v1/requests/{number}", {"Authorization": f"Bearer {key}"}, None)


async def _ask(method: str, url: str, path: str, headers: dict[str, str], body: bytes | None) -> int:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session,
            # A gateway never sends its callers elsewhere, and a key is not shown to others.
            session.request(method, f"{url}{path}", data=body, headers=headers, allow_redirects=False) as response,
        ):
            told, status = await response.read(), response.status
    except aiohttp.ClientConnectionError:
        raise BadConfig(
            f"No gateway answers at {url}. Start one: payer-gateway serve. Where one runs, name its directory "
            "with --data, or its address with GATEWAY_URL."
        ) from None
    except TimeoutError:
        raise BadConfig(f"No answer came from {url} within {_SECONDS} seconds.") from None
    except (aiohttp.ClientError, ValueError):
        raise BadConfig(f"What answers at {url} does not speak HTTP as a gateway does; check GATEWAY_URL.") from None
    try:
        answer: Any = json.loads(told)
    except ValueError:
        raise BadConfig(
            f"What answers at {url} is no gateway: HTTP status {status} without JSON; check GATEWAY_URL."
        ) from None
    print(json.dumps(answer, indent=2))
    return 0 if status < 400 else 1
