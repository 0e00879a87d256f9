"""Configuration: environment variables and one data directory, read once at start.

Every setting has a default that is right for a laptop; the README of this folder lists them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.store.address import BadAddress, read_address

PROJECT = Path(__file__).resolve().parents[2]


class BadConfig(Exception):
    """A setting that cannot be used; the text names the variable and the fix."""


@dataclass(frozen=True)
class Config:
    """Where things are and how fast they go. Times in seconds."""

    data: Path
    database_url: str | None
    mappings: Path
    host: str
    port: int
    concurrency: int
    heartbeat: float
    sweep: float
    environment: Mapping[str, str]

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None, *, data: Path | None = None) -> Config:
        """From the environment. Raises BadConfig, naming the variable.

        An empty variable is one that is not set: so it comes from compose files, and a host of nothing is every host.
        """
        given = os.environ if environment is None else environment
        env = {name: value for name, value in given.items() if value.strip()}
        return cls(
            data=(data or Path(env.get("GATEWAY_DATA", "data"))).resolve(),
            database_url=_address(env),
            mappings=Path(env.get("GATEWAY_MAPPINGS", str(PROJECT / "mappings"))).resolve(),
            host=env.get("GATEWAY_HOST", "127.0.0.1"),
            port=_port(_number(env, "GATEWAY_PORT", 8080), "GATEWAY_PORT"),
            concurrency=_concurrency(env),
            heartbeat=_seconds(env, "GATEWAY_HEARTBEAT_SECONDS", 30.0),
            sweep=_seconds(env, "GATEWAY_SWEEP_SECONDS", 1.0),
            environment=env,
        )

    @property
    def url(self) -> str:
        """Where the API is called from this machine."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def at_port(self, port: int | None) -> Config:
        """The same, listening elsewhere."""
        return self if port is None else replace(self, port=_port(port, "--port"))


def _address(env: Mapping[str, str]) -> str | None:
    try:
        return read_address(env["DATABASE_URL"]) if "DATABASE_URL" in env else None
    except BadAddress as error:
        raise BadConfig(f"DATABASE_URL {error}") from None


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        raise BadConfig(f"{name} must be a number.") from None
    if not 0 <= value < 1e9:
        raise BadConfig(f"{name} must be a number from 0 to a thousand million.")
    return value


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    value = _number(env, name, default)
    if not value:
        raise BadConfig(f"{name} must be more than 0.")
    return value


def _concurrency(env: Mapping[str, str]) -> int:
    value = _number(env, "GATEWAY_CONCURRENCY", 64)
    if value == 1 or value != int(value):  # the queue takes jobs by the half of what may run at once
        raise BadConfig("GATEWAY_CONCURRENCY must be 0, or a whole number from 2 on.")
    return int(value)


def _port(port: float, name: str) -> int:
    if not 0 <= port <= 65535 or port != int(port):
        raise BadConfig(f"{name} must be a port, 0 to 65535; 0 takes a free one.")
    return int(port)
