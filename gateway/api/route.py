"""What a route is, and what a handler is given. The table itself is in gateway/api/table.py, its topics in tables/.

One route says everything about an operation: how it is reached, who may use it, what goes in, what comes out. The
server, the checks and the OpenAPI document all read it here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from gateway.api.body import USUAL, Limits
from gateway.api.inputs import NoQuery
from gateway.api.problems import NOT_FOUND, Kind, Refusal
from gateway.contract.destination import Mode
from gateway.engine.desk import Desk
from gateway.model.faults import Fault
from gateway.store.keys import Key, Scope

JSON = "application/json"


@dataclass(frozen=True)
class Good:
    """An answer that is no problem. ``model`` documents its JSON; other media types have none."""

    what: str
    model: type[BaseModel] | None = None
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    example: Mapping[str, Any] | None = None


@dataclass
class Call:
    """One request on its way to its handler, checked as its route says."""

    request: web.Request
    request_id: str
    desk: Desk
    caller: Key
    body: Any = None
    written: bytes = b""
    """The body as it was sent."""
    query: Any = None
    digest: bytes = b""
    idempotency_key: str | None = None

    @property
    def live(self) -> bool:
        return self.caller.mode is Mode.LIVE

    def id(self, name: str = "id") -> UUID:
        """A path's id. What is not one names nothing."""
        try:
            return UUID(self.request.match_info[name])
        except ValueError:
            raise Refusal(NOT_FOUND, "There is nothing under this path.") from None

    def number(self, name: str) -> int:
        text = self.request.match_info[name]
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Refusal(NOT_FOUND, "There is nothing under this path.")
        return int(text)


Handler = Callable[[Call], Awaitable[web.Response]]
OpenHandler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True)
class Route:
    """An operation that needs a key. ``example`` is a body that works. ``beyond`` finds faults that the body's model
    cannot see, in a body as it was sent; it is asked when the model has refused it. An operation with ``again`` takes
    an Idempotency-Key: to a body that would be refused now, and was taken under that key before, it gives the first
    answer again."""

    method: str
    path: str
    handler: Handler
    tag: str
    summary: str
    goods: Mapping[int, Good]
    scope: Scope | None = None
    body: type[BaseModel] | None = None
    body_optional: bool = False
    limits: Limits = USUAL
    beyond: Callable[[Call, Any], Iterable[Fault]] | None = None
    query: type[BaseModel] = NoQuery
    again: Callable[[Call], Awaitable[web.Response | None]] | None = None
    problems: tuple[Kind, ...] = ()
    about: str = ""
    example: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """The operation's id: the handler's own name."""
        return self.handler.__name__


@dataclass(frozen=True)
class OpenRoute:
    """An operation that needs no API key: health, metrics, the document and its page, and the payers' door. ``takes``
    is the media type of its body, ``security`` the name of its scheme."""

    method: str
    path: str
    handler: OpenHandler
    tag: str
    summary: str
    goods: Mapping[int, Good]
    problems: tuple[Kind, ...] = ()
    about: str = ""
    takes: str | None = None
    security: str | None = None

    @property
    def name(self) -> str:
        return self.handler.__name__


def respond(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A model as JSON."""
    return web.Response(status=status, body=model.model_dump_json().encode(), content_type=JSON, headers=headers)
