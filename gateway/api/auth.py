"""Who is calling, and may they: the API key in the Authorization header, and its scopes.

Knows the header; how keys are kept, and for how long one is remembered, is the store's business.
"""

from __future__ import annotations

from aiohttp import web

from gateway.api.problems import FORBIDDEN, UNAUTHENTICATED, Refusal
from gateway.store.database import Database
from gateway.store.keys import Key, Scope, authenticate

_REALM = 'Bearer realm="payer-gateway"'


async def admit(database: Database, request: web.Request, scope: Scope | None) -> Key:
    """The caller. Raises Refusal: 401 without a key in force, 403 without the scope."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise _unknown("Send the header Authorization: Bearer pgw_test_… or pgw_live_….")
    caller = await authenticate(database, token)
    if caller is None:
        raise _unknown("This key is unknown or was revoked.")
    if scope is not None and scope not in caller.scopes:
        challenge = f'{_REALM}, error="insufficient_scope", scope="{scope}"'
        raise Refusal(
            FORBIDDEN,
            f"This needs the scope {scope}, which the key does not have.",
            headers={"WWW-Authenticate": challenge},
        )
    return caller


def _unknown(detail: str) -> Refusal:
    return Refusal(UNAUTHENTICATED, detail, headers={"WWW-Authenticate": _REALM})
