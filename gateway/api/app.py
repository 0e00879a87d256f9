"""The aiohttp application: the route table behind its door.

Put together here and nowhere else. What it listens on, and for how long, is main's business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version

from aiohttp import web

from gateway.api import docs, openapi, operations
from gateway.api.body import CAP
from gateway.api.door import door, enter
from gateway.api.inbound import RECEPTION
from gateway.api.operations import Check, Pages
from gateway.api.route import Route
from gateway.api.table import ROUTES
from gateway.api.webhooks import REACH
from gateway.engine.desk import Desk
from gateway.engine.reception import Reception
from gateway.notify.reach import SETTING, Reach
from gateway.store.database import Database
from gateway.store.schema import can_write, current_revision, newest_revision


@dataclass(frozen=True)
class Settings:
    """``reach`` judges the URLs of new webhook endpoints; it is the one their sender has. Without a
    ``metrics_token`` the metrics are open. ``checks`` are asked by /readyz beside those of the database.
    ``reception`` takes what payers send by themselves."""

    reach: Reach = field(default_factory=Reach)
    metrics_token: str = field(default="", repr=False)
    checks: Mapping[str, Check] = field(default_factory=dict)
    reception: Reception | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """From the environment (README of this folder). Raises ValueError."""
        return cls(
            reach=Reach.read(environment.get(SETTING, "")),
            metrics_token=environment.get("GATEWAY_METRICS_TOKEN", ""),
        )


def build_app(desk: Desk, settings: Settings = Settings()) -> web.Application:
    """The application. Serve it by ``gateway.api.wire.Runner`` with ``access_log=None``: it keeps its own."""
    app = web.Application(middlewares=[door], client_max_size=CAP)
    app[REACH] = settings.reach
    app[operations.METRICS_TOKEN] = settings.metrics_token
    app[operations.CHECKS] = {**_database_checks(desk.database), **settings.checks}
    if settings.reception is not None:
        app[RECEPTION] = settings.reception
    app[operations.PAGES] = render_pages()
    for route in ROUTES:
        handler = enter(route, desk) if isinstance(route, Route) else route.handler
        app.router.add_route(route.method, route.path, handler)
        if route.method == "GET":  # RFC 9110, section 9.3.2; aiohttp leaves the body away
            app.router.add_route("HEAD", route.path, handler)
    return app


@cache
def render_pages() -> Pages:
    """The OpenAPI document and its page."""
    document = openapi.document(ROUTES, version("payer-gateway"))
    page, policy = docs.render(document)
    return Pages(json.dumps(document, ensure_ascii=False).encode(), page, policy)


def _database_checks(database: Database) -> Mapping[str, Check]:
    newest = newest_revision()

    async def migrated() -> bool:
        """A later version may have migrated it meanwhile: its migrations leave this one working."""
        return (await current_revision(database) or "") >= newest

    async def reachable() -> bool:
        return await can_write(database)

    async def ours() -> bool:
        await database.check_master_key()
        return True

    return {"database": reachable, "migrated": migrated, "master_key": ours}
