"""`payer-gateway submit` and `show`: the command line as a caller of the API, over HTTP like any other."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import aiohttp

from gateway.main.config import BadConfig, Config
from gateway.main.house import key_file


def caller(config: Config) -> tuple[str, str]:
    """The API's address and a key: GATEWAY_URL and GATEWAY_API_KEY, else the local server and its first key."""
    url = config.environment.get("GATEWAY_URL", f"http://{config.host}:{config.port}")
    key = config.environment.get("GATEWAY_API_KEY")
    if key is None:
        try:
            key = key_file(config).read_text().strip()
        except OSError:
            raise BadConfig(
                "No API key: set GATEWAY_API_KEY, or start `payer-gateway serve` with the same --data first."
            ) from None
    return url, key


async def submit(config: Config, path: Path, idempotency_key: str | None) -> int:
    """Send a request file. Prints what the API answers; exit code 0 only when it was taken."""
    url, key = caller(config)
    body = _read(path)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if idempotency_key:
        headers["Idempotency-Key"] = idempotency_key
    return await _ask("POST", f"{url}/v1/requests", headers, body)


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise BadConfig(f"Cannot read {path}: {error.strerror}.") from None


async def show(config: Config, case_id: str) -> int:
    """Print a case as the API shows it."""
    url, key = caller(config)
    return await _ask("GET", f"{url}/v1/requests/{case_id}", {"Authorization": f"Bearer {key}"}, None)


async def _ask(method: str, url: str, headers: dict[str, str], body: bytes | None) -> int:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
            session.request(method, url, data=body, headers=headers) as response,
        ):
            answer: Any = await response.json(content_type=None)
            print(json.dumps(answer, indent=2))
            return 0 if response.status < 400 else 1
    except aiohttp.ClientConnectionError:
        raise BadConfig(f"No gateway answers at {url.split('/v1/')[0]}. Start one: payer-gateway serve") from None
