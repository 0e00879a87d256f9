"""The payers' token endpoint: OAuth 2.0 client credentials (RFC 6749, 4.4; RFC 7523), strict, in memory.

Knows one client. Takes its secret in the header or in the form, or an assertion signed with its key; never two of them.
Written apart from ``gateway/``.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "service-reviews"
_LONGEST = 300


class _Refused(Exception):
    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


class Tokens:
    """``key`` is the path of the client's public key in PEM, for assertions. ``lax`` takes whatever is shown."""

    def __init__(self, client: str, secret: str, seconds: float, key: str | None, *, lax: bool = False) -> None:
        self._lax = lax
        self._client = client
        self._secret = secret
        self._seconds = seconds
        self._key: Any = load_pem_public_key(Path(key).read_bytes()) if key else None
        self._good: dict[str, float] = {}
        self._numbers: set[str] = set()
        self.given = 0

    async def give(self, request: web.Request) -> web.Response:
        """POST of a form; the answer is JSON, errors too."""
        try:
            if request.content_type != "application/x-www-form-urlencoded":
                raise _Refused("invalid_request")
            fields = self._fields(await request.text())
            self._know(request, fields)
            if fields.get("grant_type") != "client_credentials":
                raise _Refused("unsupported_grant_type")
            if fields.get("scope", SCOPE) != SCOPE:
                raise _Refused("invalid_scope")
        except _Refused as refused:
            headers = {"WWW-Authenticate": 'Basic realm="payer"'} if refused.status == 401 else {}
            return web.json_response({"error": refused.error}, status=refused.status, headers=headers)
        token = secrets.token_urlsafe(32)
        self._good[token] = time.monotonic() + self._seconds
        self.given += 1
        told = {"access_token": token, "token_type": "Bearer", "expires_in": int(self._seconds), "scope": SCOPE}
        return web.json_response(told, headers={"Cache-Control": "no-store"})

    def refusal(self, request: web.Request) -> web.Response | None:
        """Why a request may not come in, as RFC 6750 has it."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and (self._lax or self._good.get(token, 0) > time.monotonic()):
            return None
        error = ', error="invalid_token"' if token else ""
        return web.Response(status=401, headers={"WWW-Authenticate": f'Bearer realm="payer"{error}'})

    def forget(self) -> None:
        """Every token that was given is invalid from now on."""
        self._good.clear()

    def _fields(self, body: str) -> dict[str, str]:
        pairs = parse_qsl(body, keep_blank_values=True)
        if len({name for name, _ in pairs}) != len(pairs):
            raise _Refused("invalid_request")
        return dict(pairs)

    def _know(self, request: web.Request, fields: dict[str, str]) -> None:
        """Exactly one proof, and a right one."""
        header = request.headers.get("Authorization", "")
        if bool(header) + ("client_secret" in fields) + ("client_assertion" in fields) != 1:
            raise _Refused("invalid_request")
        if "client_assertion" in fields:
            right = fields.get("client_assertion_type") == ASSERTION and self._signed(
                fields["client_assertion"], f"{request.scheme}://{request.host}{request.path}"
            )
        else:
            name, secret = _pair(header) if header else (fields.get("client_id", ""), fields["client_secret"])
            right = name == self._client and hmac.compare_digest(secret.encode(), self._secret.encode())
        if not right and not self._lax:
            raise _Refused("invalid_client", 401)

    def _signed(self, assertion: str, here: str) -> bool:
        head, _, rest = assertion.partition(".")
        body, _, signature = rest.partition(".")
        try:
            header, claims = json.loads(_raw(head)), json.loads(_raw(body))
            self._verify(header["alg"], _raw(signature), f"{head}.{body}".encode())
            now = time.time()
            sound = (
                claims["iss"] == claims["sub"] == self._client
                and claims["aud"] == here
                and now < claims["exp"] <= now + _LONGEST
                and claims["jti"] not in self._numbers
            )
        except (InvalidSignature, ValueError, KeyError, TypeError):
            return False
        self._numbers.add(claims["jti"])
        return sound

    def _verify(self, algorithm: str, signature: bytes, message: bytes) -> None:
        if algorithm == "RS384" and isinstance(self._key, rsa.RSAPublicKey):
            self._key.verify(signature, message, padding.PKCS1v15(), SHA384())
        elif algorithm == "ES384" and isinstance(self._key, ec.EllipticCurvePublicKey) and len(signature) == 96:
            r, s = (int.from_bytes(half, "big") for half in (signature[:48], signature[48:]))
            self._key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA384()))
        else:
            raise ValueError("no such algorithm here")


def _pair(header: str) -> tuple[str, str]:
    scheme, _, coded = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _Refused("invalid_request") from None
    if scheme.lower() != "basic":
        raise _Refused("invalid_request")
    return unquote_plus(name), unquote_plus(secret)


def _raw(text: str) -> bytes:
    if not text or "=" in text:
        raise ValueError("no base64url without padding")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
