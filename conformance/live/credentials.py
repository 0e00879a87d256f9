"""Whether a payer looks at who calls: wrong credentials, each shown once, and versions of TLS that nobody may speak.

All in an inquiry, and last of all in a run: a payer may lock an account for it.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from secrets import token_hex
from urllib.parse import urlsplit

from conformance.live.heard import Heard, hear
from conformance.live.talk import Line, Said
from conformance.live.verdicts import Check
from conformance.verdict import Verdict
from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Https
from gateway.profiles.authorization import BasicCredentials, ClientCredentials
from gateway.transport.https import HttpsTransport
from gateway.transport.secrets import Secrets

_REFUSED = frozenset({401, 403, 407})
_FAULTS = frozenset({"unauthorized", "failedauthentication", "invalidsecurity", "invalidsecuritytoken"})
_HANDSHAKE_SECONDS = 10.0
_OLD_TLS = "TLS 1.1"
_UNABLE = ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE")


async def credentials(line: Line, carrier: str, password: str | None, frame: Https) -> AsyncIterator[Check]:
    """``password`` names the secret of the envelope, where there is one."""
    link = line.link
    if isinstance(link.auth, BasicCredentials):
        yield await _wrong_client_secret(line, link.auth.password, frame)
    elif link.auth is not None and link.auth.proof != "private_key_jwt":
        yield await _wrong_client_secret(line, link.auth.secret, frame)
    elif password is not None:
        yield await _wrong_password(line, carrier, password, frame)
    else:
        yield Check("AU-01", Verdict.OMIT, "wrong password", "The connection shows no password and no client secret.")
    if isinstance(link.auth, ClientCredentials):
        yield await _made_up_token(line, frame)
    if link.tls.client_certificate is None:
        yield Check("AU-02", Verdict.OMIT, "no client certificate", "The connection shows no client certificate.")
    else:
        yield await _no_certificate(line, frame)


async def _wrong_client_secret(line: Line, secret: str, frame: Https) -> Check:
    async with _wrong(secret) as transport:
        said = await line.say("wrong client secret", frame, transport)
    if isinstance(said.error, NeedsPerson) or (said.reply is not None and said.reply.status in _REFUSED):
        return _check(said, "AU-01", Verdict.PASS)
    if said.reply is None:
        return _unheard(said, "AU-01")
    return _check(said, "AU-01", Verdict.FAIL, "a wrong client secret drew a token, and the token was taken")


async def _wrong_password(line: Line, carrier: str, password: str, frame: Https) -> Check:
    async with _wrong(password) as transport:
        said = await line.say("wrong password", frame, transport)
    if said.reply is None:
        return _unheard(said, "AU-01")
    heard = hear(said, said.reply, carrier)
    if _answered(heard):
        return _check(said, "AU-01", Verdict.FAIL, "a message with a wrong password was answered as any other")
    word = (heard.envelope.get("ErrorCode") or heard.envelope.fault).lower()
    if said.reply.status in _REFUSED or word in _FAULTS:
        return _check(said, "AU-01", Verdict.PASS)
    why = f"HTTP {said.reply.status} does not say that the credentials were refused"
    return _check(said, "AU-01", Verdict.FAIL, why)


def _answered(heard: Heard) -> bool:
    return heard.document is not None or (heard.envelope.get("ErrorCode") or "").lower() == "success"


async def _made_up_token(line: Line, frame: Https) -> Check:
    headers = (*frame.headers, ("Authorization", f"Bearer {token_hex(24)}"))
    said = await line.say("made-up token", replace(frame, headers=headers), link=replace(line.link, auth=None))
    if said.reply is None:
        return _unheard(said, "AU-05")
    if said.reply.status != 401:
        return _check(said, "AU-05", Verdict.FAIL, f"HTTP {said.reply.status} for a token that nobody gave, not 401")
    challenge = said.reply.header("www-authenticate").lower()
    if "bearer" in challenge and "invalid_token" in challenge:
        return _check(said, "AU-05", Verdict.PASS)
    return _check(said, "AU-05", Verdict.FAIL, "401 without a Bearer challenge that says invalid_token")


async def _no_certificate(line: Line, frame: Https) -> Check:
    bare = replace(line.link, tls=line.link.tls.model_copy(update={"client_certificate": None}))
    said = await line.say("no client certificate", frame, link=bare)
    if said.reply is not None and said.reply.status not in _REFUSED:
        return _check(said, "AU-02", Verdict.FAIL, "a caller without a client certificate was answered")
    # Under TLS 1.3 a refusal looks like a line that breaks: the same with a certificate must go through.
    again = await line.say("the client certificate again", frame)
    return _check(said, "AU-02", Verdict.PASS) if again.reply is not None else _unheard(again, "AU-02")


@asynccontextmanager
async def _wrong(secret: str) -> AsyncIterator[HttpsTransport]:
    """A transport for which one secret is wrong."""
    name = f"GATEWAY_SECRET_{secret.upper().replace('-', '_')}"
    transport = HttpsTransport(Secrets({**os.environ, name: f"wrong-{token_hex(8)}"}))
    try:
        yield transport
    finally:
        await transport.close()


async def old_tls(endpoint: str) -> Check:
    """AU-03: a handshake under TLS 1.1, without a byte of HTTP."""
    url = urlsplit(endpoint)
    if url.scheme != "https":
        return Check("AU-03", Verdict.OMIT, _OLD_TLS, "The endpoint is on this machine and speaks no TLS.")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is said after the handshake
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        async with asyncio.timeout(_HANDSHAKE_SECONDS):
            _, writer = await asyncio.open_connection(url.hostname, url.port or 443, ssl=context)
    except ssl.SSLError as error:
        if error.reason in _UNABLE:
            return Check("AU-03", Verdict.SKIP, _OLD_TLS, "The TLS library here cannot speak it.")
        return Check("AU-03", Verdict.PASS, _OLD_TLS)
    except ConnectionResetError:
        return Check("AU-03", Verdict.PASS, _OLD_TLS)
    except (OSError, TimeoutError):
        return Check("AU-03", Verdict.ERROR, _OLD_TLS, "no connection came about, so nothing was refused")
    spoken = writer.get_extra_info("ssl_object").version()
    writer.close()
    return Check("AU-03", Verdict.FAIL, _OLD_TLS, f"a handshake under {spoken} came about")


def _unheard(said: Said, assertion: str) -> Check:
    return _check(said, assertion, Verdict.ERROR, f"no answer came: {said.error}")


def _check(said: Said, assertion: str, verdict: Verdict, reason: str = "") -> Check:
    return Check(assertion, verdict, said.step, reason, said.number)
