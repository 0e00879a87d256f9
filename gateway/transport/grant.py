"""What is said to a token endpoint, and what may be believed of its answer (RFC 6749, 4.4 and 5).

The answer is hostile input: its size, its kind, every field of it. Pure; texts of errors hold none of its values but
the error codes of the RFC.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import quote_plus, urlencode

from gateway.contract.errors import NeedsPerson, NotSent
from gateway.contract.frames import Reply
from gateway.profiles.authorization import ClientCredentials
from gateway.transport.assertion import TYPE

MAX_REPLY_BYTES = 64 << 10
LONGEST_SECONDS = 86_400
"""However long a token is said to live, it is drawn anew every day."""
UNSAID_SECONDS = 60
"""How long a token is used whose answer does not say how long it lives (``expires_in`` is only recommended)."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}={0,8}")
"""A bearer token as it may stand in a header (RFC 6750, 2.1)."""
_WHOLE = re.compile(r"[0-9]{1,9}")
_OURS_TO_MEND = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
"""Error codes (RFC 6749, 5.2; RFC 8707) that come back however often the same is asked."""


@dataclass(frozen=True)
class Grant:
    """A token, and for how many seconds it is good."""

    token: str = field(repr=False)
    seconds: float


def form(auth: ClientCredentials, proof: str) -> tuple[bytes, str | None]:
    """The body of a token request, and its Authorization header where the proof goes there.

    ``proof`` is the client's secret, or its signed assertion.
    """
    fields = {"grant_type": "client_credentials"}
    if auth.scope:
        fields["scope"] = auth.scope
    if auth.audience:
        fields["audience"] = auth.audience
    header = None
    if auth.proof == "client_secret_basic":
        pair = f"{quote_plus(auth.client_id)}:{quote_plus(proof)}"
        header = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif auth.proof == "client_secret_post":
        fields |= {"client_id": auth.client_id, "client_secret": proof}
    else:
        fields |= {"client_id": auth.client_id, "client_assertion_type": TYPE, "client_assertion": proof}
    return urlencode(fields).encode(), header


def read_grant(reply: Reply, where: str) -> Grant:
    """The token in an answer. NeedsPerson: asking again would bring the same. NotSent: it may go better later.

    ``where`` names the connection.
    """
    answer = _object(reply)
    if reply.status != 200:
        _refuse(reply, answer, where)
    if answer is None:
        raise NotSent(f"{where}: the token endpoint's answer is no JSON object")
    kind, token = answer.get("token_type"), answer.get("access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise NeedsPerson(f"{where}: the token endpoint gives tokens of a kind that is not bearer")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise NotSent(f"{where}: the token endpoint's answer holds no token that a header can carry")
    return Grant(token, _seconds(answer.get("expires_in"), where))


def _seconds(said: Any, where: str) -> float:
    """A number, or its digits in a string, as some write it."""
    if said is None:
        return UNSAID_SECONDS
    if isinstance(said, str) and _WHOLE.fullmatch(said):
        said = int(said)
    if isinstance(said, bool) or not isinstance(said, int | float) or not said > 0:
        raise NotSent(f"{where}: the token endpoint's answer gives the token no time to live")
    return float(min(said, LONGEST_SECONDS))


def _object(reply: Reply) -> dict[str, Any] | None:
    media = reply.header("content-type").partition(";")[0].strip().lower()
    if media != "application/json" or len(reply.body) > MAX_REPLY_BYTES:
        return None
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(reply: Reply, answer: dict[str, Any] | None, where: str) -> NoReturn:
    status = reply.status
    code = answer.get("error") if answer else None
    if isinstance(code, str) and code in _OURS_TO_MEND:
        raise NeedsPerson(f"{where}: the token endpoint refuses our credentials or what is asked of it ({code})")
    if status in (401, 403):
        raise NeedsPerson(f"{where}: the token endpoint refuses our credentials (HTTP {status})")
    if 300 <= status < 400:
        raise NeedsPerson(f"{where}: the token endpoint answers with a redirect, which is never followed")
    wait = reply.header("retry-after").strip()
    after = int(wait) if wait.isascii() and wait.isdigit() and 0 < len(wait) < 6 else None
    raise NotSent(f"{where}: the token endpoint gives no token (HTTP {status})", after or None)
