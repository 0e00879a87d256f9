"""Payers, and their own door."""

from __future__ import annotations

from gateway.api import inbound, payers, problems
from gateway.api.route import Good, OpenRoute, Route

ROUTES: tuple[Route | OpenRoute, ...] = (
    Route(
        "GET",
        "/v1/payers",
        payers.list_payers,
        "payers",
        "List payers",
        {200: Good("Every payer this key can reach.", payers.PayerList)},
    ),
    OpenRoute(
        "POST",
        "/v1/inbound/{connection}",
        inbound.receive_message,
        "payers",
        "A payer's own message",
        {200: Good("What the channel says to it: taken, taken before, or refused.", media_type="application/xml")},
        problems=(
            problems.STRANGER,
            problems.NOT_FOUND,
            problems.TOO_LARGE,
            problems.TOO_SLOW,
            problems.UNSUPPORTED,
            problems.UNAVAILABLE,
        ),
        about="For the other side of a connection, with the credentials that the connection's profile names (Basic). "
        "A message is kept before it is acknowledged; the same one again is acknowledged in the same words, and "
        "another one under its id is refused.",
        takes="application/xml",
        security="partner",
    ),
)
