"""A small gateway for tests of its API: the real application, desk and store; one made-up payer on a parrot's channel.

Nothing is ever sent: no worker runs. Tests move a case by writing what a walk would have written.
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID, uuid4

import structlog
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator

from gateway.api.app import Settings, build_app, render_pages
from gateway.api.examples import REQUEST
from gateway.contract.adapter import Adapter, Answers, Change, Exchange, Filed, Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.contract.frames import Https, Loss
from gateway.contract.log import configure_logging
from gateway.engine.desk import Desk
from gateway.engine.queue import Queue
from gateway.engine.walk import Walker
from gateway.model.record import Record
from gateway.model.request import LineOfBusiness, PARequest
from gateway.model.standing import Standing
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.facts import Effective, Provenance
from gateway.profiles.layers import Variants
from gateway.profiles.library import Library
from gateway.profiles.payer import Backoff, PayerProfile, Rhythm, Route
from gateway.store import cases
from gateway.store.database import Database
from gateway.store.keys import Scope, create_key
from gateway.store.master_key import MasterKey
from gateway.store.records import NewEntry, NewEvent, Step, Submission

PAYER = "evergreen_health"
TEST_PAYER = "bluestem_mutual"
JSON = {"Content-Type": "application/json"}


class NoSettings(Record):
    pass


class Parrot:
    """A channel that says the request as it is. Nothing is heard from it, so what reads is never called."""

    channel: ClassVar[str] = "parrot"
    announces: ClassVar[bool] = True
    payer_settings: ClassVar[type[Record]] = NoSettings
    connection_settings: ClassVar[type[Record]] = NoSettings
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = MappingProxyType({})
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]] = MappingProxyType({})

    def parties(self, to: Destination) -> tuple[str, str]:
        return ("us", to.payer)

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        if request.note == "unsayable":
            raise CannotExpress(Inexpressible("/note", "The channel has no room for it.", "Drop the note."))
        said = request.reference.encode()
        loss = Loss(pointer="/regimen", what="The regimen's name.", kept="dropped")
        yield Https("POST", to.endpoint, True, body=(b"<", said, b">"), document=said, losses=(loss,))
        raise AssertionError("nothing is sent here")

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        if change.reason in ("unsayable", f"unsayable to {to.payer}"):
            raise CannotExpress(Inexpressible("/reason", "The channel has no room for it.", "Drop the reason."))
        yield Https("POST", to.endpoint, True, body=(b"amend",))
        raise AssertionError("nothing is sent here")

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange:
        if answers.note == "unsayable":
            raise CannotExpress(Inexpressible("/note", "The channel has no room for it.", "Drop the note."))
        yield Https("POST", to.endpoint, True, body=(b"answer",))
        raise AssertionError("nothing is sent here")

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        raise NotImplementedError  # nothing is polled at the API's door


def library() -> Library:
    """A payer that is reached in both modes, and one in test only."""
    written = Provenance(source="made up", date=date(2026, 1, 1), by="tests")
    calm = Backoff(first_seconds=60, longest_seconds=600, give_up_seconds=6000)
    connections = {
        name: ConnectionProfile(
            connection=name, channel="parrot", mode=mode, provenance=written, endpoint="https://127.0.0.1:9/parrot"
        )
        for name, mode in (("parrot_house", Mode.TEST), ("parrot_palace", Mode.LIVE))
    }
    reached = {PAYER: tuple(connections), TEST_PAYER: ("parrot_house",)}
    payers = {
        payer: PayerProfile(
            payer=payer,
            name=payer.replace("_", " ").title(),
            provenance=written,
            lines_of_business=(LineOfBusiness.COMMERCIAL,),
            effective=Effective(start=date(2020, 1, 1)),
            routes=tuple(Route(connection=name, benefits=("medical",), priority=1) for name in names),
            channels={"parrot": {}},
            rhythm=Rhythm(settle_seconds=60, reconcile=(60.0,), poll=calm, retry=calm),
        )
        for payer, names in reached.items()
    }
    destinations = {
        (payer, name): Variants.of(
            Destination(
                payer=payer,
                payer_name=payers[payer].name,
                connection=name,
                mode=connections[name].mode,
                endpoint=connections[name].endpoint,
                payer_settings=NoSettings(),
                connection_settings=NoSettings(),
                tables={},
            )
        )
        for payer, names in reached.items()
        for name in names
    }
    return Library(payers, connections, destinations)


@dataclass
class House:
    """The gateway's API under test, with a key that may do everything in test mode."""

    client: TestClient[Any, Any]
    database: Database
    desk: Desk
    tenant: str
    token: str

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> ClientResponse:
        """One call, whose answer must be one the document promises. ``headers`` are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Authorization", f"Bearer {self.token if token is None else token}")
        if isinstance(body, bytes):
            response = await self.client.request(method, path, data=body, headers={**JSON, **sent})
        else:
            response = await self.client.request(method, path, json=body, headers=sent)
        await check_promised(method, path, response)
        return response

    async def submit(self, **changes: Any) -> UUID:
        """The id of a case made from the example."""
        response = await self.call("POST", "/v1/requests", {**REQUEST, **changes})
        assert response.status == 202, await response.text()
        return UUID((await response.json())["id"])

    async def key(self, *scopes: Scope, tenant: str | None = None, mode: Mode = Mode.TEST) -> str:
        """Another key's token."""
        _, token = await create_key(self.database, tenant or self.tenant, mode, "another", scopes or list(Scope))
        return token

    async def write(
        self,
        case_id: UUID,
        *,
        submissions: tuple[Submission, ...] = (),
        entries: tuple[NewEntry, ...] = (),
        standing: Standing | None = None,
        events: tuple[NewEvent, ...] = (),
    ) -> None:
        """What a walk would have written."""
        async with self.database.transaction() as connection:
            case = await cases.load_case(self.database, connection, case_id, lock=True)
            assert case is not None
            step = Step(case_id, submissions=submissions, entries=entries, standing=standing, events=events)
            await cases.write(self.database, connection, case, step)


async def check_promised(method: str, path: str, response: ClientResponse) -> None:
    """The answer's status, media type and JSON are what /openapi.json says of the operation."""
    document = promised()
    asked = "GET" if method == "HEAD" else method
    operation = next(
        (
            methods[asked.lower()]
            for template, methods in document["paths"].items()
            if asked.lower() in methods and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path.partition("?")[0])
        ),
        None,
    )
    if operation is None:
        assert response.status in (404, 405)
        return
    answer = operation["responses"].get(str(response.status))
    assert answer is not None, f"{method} {path} answered {response.status}, which the document does not know"
    content = {} if method == "HEAD" else answer.get("content", {})
    if not content:
        assert not await response.read() or (method != "HEAD" and response.content_type == "application/json")
        return
    if "*/*" in content:
        return
    [(media_type, shown)] = content.items()
    assert response.content_type == media_type.partition(";")[0]
    if "schema" in shown:
        schema = {**shown["schema"], "components": document["components"]}
        Draft202012Validator(schema).validate(json.loads(await response.read()))


@cache
def promised() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_pages().document)
    return document


@asynccontextmanager
async def open_house(
    database_url: str,
    settings: Settings | None = None,
    shelf: Library | None = None,
    adapters: Mapping[str, Adapter] | None = None,
) -> AsyncIterator[House]:
    """The API on a migrated database, served on a port of its own, with a fresh tenant. Without profiles and adapters
    it has a parrot."""
    database = await Database.open(database_url, MasterKey(bytes(32)))
    try:
        queue, shelf, adapters = Queue(database_url), shelf or library(), adapters or {"parrot": Parrot()}
        walker = Walker(database, queue, shelf, adapters, None, _now)  # type: ignore[arg-type]
        desk = Desk(database, queue, shelf, adapters, walker, _now)
        app = build_app(desk, settings or Settings())
        tenant = f"clinic-{uuid4().hex}"
        _, token = await create_key(database, tenant, Mode.TEST, "tests", list(Scope))
        server = TestServer(app)
        await server.start_server(auto_decompress=False)  # as Runner of gateway/api/wire.py does
        async with TestClient(server) as client:
            yield House(client, database, desk, tenant, token)
    finally:
        await database.close()


@contextmanager
def capturing_log() -> Iterator[io.StringIO]:
    """What the process logs meanwhile, as in production; afterwards everything is as it was."""
    stream = io.StringIO()
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in root.manager.loggerDict)]
    kept = [(logger, list(logger.handlers), logger.level, logger.propagate) for logger in loggers]
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook, logging.raiseExceptions)
    configured = structlog.get_config()
    configure_logging(stream)
    try:
        yield stream
    finally:
        structlog.configure(**configured)
        logging.captureWarnings(False)
        sys.excepthook, sys.unraisablehook, threading.excepthook, logging.raiseExceptions = hooks
        for logger, handlers, level, propagate in kept:
            logger.handlers[:], logger.propagate = handlers, propagate
            logger.setLevel(level)


def submission(case_id: UUID, **fields: Any) -> Submission:
    """A submission of line 1 and 2 to the made-up payer."""
    given = {
        "id": uuid4(),
        "place": 1,
        "payer": PAYER,
        "connection": "parrot_house",
        "channel": "parrot",
        "benefit": "medical",
        "line_ids": ("1", "2"),
    }
    return Submission(**{**given, **fields})


def _now() -> datetime:
    return datetime.now(UTC)
