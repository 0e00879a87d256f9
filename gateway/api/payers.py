"""Handlers for payers: which there are for this key's mode, and by which routes each is reached."""

from __future__ import annotations

from aiohttp import web

from gateway.api.route import Call, respond
from gateway.contract.destination import Benefit
from gateway.model.record import Record
from gateway.model.request import LineOfBusiness, LineRole
from gateway.profiles.library import Library
from gateway.profiles.payer import PayerProfile


class PayerRoute(Record):
    """One way to reach a payer; null narrows nothing."""

    connection: str
    channel: str
    benefits: tuple[Benefit, ...]
    lines_of_business: tuple[LineOfBusiness, ...] | None
    roles: tuple[LineRole, ...] | None


class PayerView(Record):
    """A payer, by the id that a coverage names."""

    id: str
    livemode: bool
    name: str
    synthetic: bool
    lines_of_business: tuple[LineOfBusiness, ...]
    routes: tuple[PayerRoute, ...]


class PayerList(Record):
    """All payers that this key can reach."""

    data: tuple[PayerView, ...]


async def list_payers(call: Call) -> web.Response:
    library = call.desk.library
    return respond(PayerList(data=tuple(_show(call, library, payer) for payer in library.reached(call.caller.mode))))


def _show(call: Call, library: Library, payer: PayerProfile) -> PayerView:
    routes = []
    for route in sorted(payer.routes, key=lambda route: route.priority):
        connection = library.connection(route.connection)
        if connection.mode is call.caller.mode:
            routes.append(
                PayerRoute(
                    connection=connection.connection,
                    channel=connection.channel,
                    benefits=route.benefits,
                    lines_of_business=route.lines_of_business,
                    roles=route.roles,
                )
            )
    return PayerView(
        id=payer.payer,
        livemode=call.live,
        name=payer.name,
        synthetic=payer.synthetic,
        lines_of_business=payer.lines_of_business,
        routes=tuple(routes),
    )
