"""The simulated payers' doors for forms, for JSON and for tokens: strict, and told apart by what is wrong."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conformance.simulators.server import Options, Server
from tests.unit.simulator_messages import Wrapper, request_278

TENANT = {"X-Tenant-Id": "demo-tenant", "X-Correlation-Id": "f6a1a9a0-7a36-4d5e-9a51-6a0f0f7f0001"}
CLIENT = {"grant_type": "client_credentials", "client_id": "payer-gateway", "client_secret": "demo-client-secret"}


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    server = Server.prepare(Options(**options))
    await server.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession() as session:
            yield server.url, session
    finally:
        await server.close()


def payload(receiver: str = "CEDAR") -> str:
    marks = {"element": "!", "component": ">", "repetition": "|"} if receiver == "DOGWOOD" else {}
    return Wrapper(receiver=receiver, qualifier="30" if marks else "ZZ", **marks).wrap(request_278(receiver=receiver))


def fields(**over: str) -> dict[str, str]:
    return {
        "PayloadType": "X12_278_Request_005010X217E1_2",
        "ProcessingMode": "RealTime",
        "PayloadID": TENANT["X-Correlation-Id"],
        "TimeStamp": "2026-11-22T10:00:00Z",
        "UserName": "gateway",
        "Password": "demo-password",
        "SenderID": "PAYERGW",
        "ReceiverID": "CEDAR",
        "CORERuleVersion": "2.2.0",
        "Payload": payload(),
    } | over


def form(told: dict[str, str], newline: str = "\r\n", more: str = "") -> bytes:
    return (
        newline.join(
            f'--b{newline}Content-Disposition: form-data; name="{name}"{more}{newline}{newline}{value}'
            for name, value in told.items()
        )
        + f"{newline}--b--{newline}"
    ).encode()


async def post_form(url: str, session: aiohttp.ClientSession, body: bytes, kind: str = "multipart/form-data") -> Any:
    headers = {"Content-Type": f"{kind}; boundary=b"}
    async with session.post(f"{url}/mime", data=body, headers=headers) as response:
        return response.status, response.headers.get("Content-Type", ""), await response.text()


async def test_a_form_in_order_is_answered_by_a_form() -> None:
    async with serving() as (url, session):
        status, kind, text = await post_form(url, session, form(fields()))
        assert status == 200
        assert kind.startswith("multipart/form-data")
        assert "HCR*A1*CDVA0000001" in text
        assert "Success" in text


@pytest.mark.proves("MI-01")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (form(fields(Password="wrong")), 403, ""),
        (form(fields(), newline="\n"), 400, ""),
        (form(fields(), more="\r\nContent-Type: text/plain"), 400, ""),
        (form(fields(), more='; filename="x"'), 400, ""),
        (form(fields()) + form(fields()), 400, ""),
        (form(fields(Vendor="x")), 400, ""),
        (form(fields(Password="")), 200, "PasswordRequired"),
        (form(fields(PayloadID="7")), 200, "PayloadIDIllegal"),
        (form(fields(CORERuleVersion="v2.2.0")), 200, "VersionMismatch"),
        (form(fields(Payload="hello")), 200, "PayloadIllegal"),
    ],
)
async def test_a_form_that_is_not_in_order_is_refused_on_its_level(body: bytes, status: int, code: str) -> None:
    async with serving() as (url, session):
        heard = await post_form(url, session, body)
        assert heard[0] == status
        assert code in heard[2]
        assert "HCR" not in heard[2]


async def test_another_media_type_is_no_form() -> None:
    async with serving() as (url, session):
        assert (await post_form(url, session, form(fields()), "multipart/related"))[0] == 415


async def token(url: str, session: aiohttp.ClientSession, told: dict[str, str], **headers: str) -> tuple[int, Any]:
    headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    async with session.post(f"{url}/token", data=urlencode(told), headers=headers) as response:
        return response.status, await response.json()


async def post_json(
    url: str, session: aiohttp.ClientSession, bearer: str, body: Any, **headers: str
) -> tuple[int, str]:
    sent = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"} | TENANT | headers
    async with session.post(f"{url}/x12/submission/x12", data=json.dumps(body), headers=sent) as response:
        return response.status, await response.text()


async def test_x12_in_json_is_answered_to_who_shows_a_good_token() -> None:
    async with serving() as (url, session):
        status, given = await token(url, session, CLIENT | {"scope": "service-reviews"})
        assert (status, given["token_type"], given["expires_in"]) == (200, "Bearer", 300)
        status, text = await post_json(url, session, given["access_token"], {"x12": payload("DOGWOOD")})
        assert status == 200
        assert "HCR!A1!DGWA0000001" in json.loads(text)["submission"]["x12"]
        assert (await post_json(url, session, "another", {"x12": payload("DOGWOOD")}))[0] == 401
        async with session.post(f"{url}/sim/tokens") as response:
            assert await response.json() == {"given": 1}
        assert (await post_json(url, session, given["access_token"], {"x12": payload("DOGWOOD")}))[0] == 401


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"x12": "hello"}, {}, 400),
        ({"x12": payload("DOGWOOD"), "more": 1}, {}, 400),
        ({"x12": 7}, {}, 400),
        ([], {}, 400),
        ({"x12": payload("DOGWOOD")}, {"X-Tenant-Id": "another"}, 403),
        ({"x12": payload("DOGWOOD")}, {"X-Correlation-Id": "7"}, 400),
        ({"x12": payload("DOGWOOD")}, {"Content-Type": "text/plain"}, 415),
    ],
)
async def test_json_that_is_not_in_order_is_refused(body: Any, headers: dict[str, str], status: int) -> None:
    async with serving() as (url, session):
        _, given = await token(url, session, CLIENT)
        heard = await post_json(url, session, given["access_token"], body, **headers)
        assert heard[0] == status
        assert "HCR" not in heard[1]


@pytest.mark.parametrize(
    ("told", "headers", "status", "error"),
    [
        (CLIENT | {"client_secret": "x"}, {}, 401, "invalid_client"),
        (CLIENT | {"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        (CLIENT | {"scope": "everything"}, {}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials"}, {}, 400, "invalid_request"),
        (CLIENT, {"Authorization": "Basic eA=="}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic eDp5"}, 401, "invalid_client"),
    ],
)
async def test_a_token_is_given_to_its_client_alone(
    told: dict[str, str], headers: dict[str, str], status: int, error: str
) -> None:
    async with serving() as (url, session):
        assert await token(url, session, told, **headers) == (status, {"error": error})


async def test_an_assertion_is_taken_once_and_for_this_address(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    public = tmp_path / "client.pem"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def assertion(audience: str, **over: Any) -> dict[str, str]:
        claims = {"iss": "payer-gateway", "sub": "payer-gateway", "aud": audience, "jti": "1"}
        parts = [_part({"alg": "ES384"}), _part({**claims, "exp": int(time.time()) + 200, **over})]
        r, s = decode_dss_signature(key.sign(".".join(parts).encode(), ec.ECDSA(SHA384())))
        parts.append(_base64(r.to_bytes(48, "big") + s.to_bytes(48, "big")))
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": kind,
            "client_assertion": ".".join(parts),
        }

    async with serving(client_key=str(public)) as (url, session):
        here = f"{url}/token"
        assert (await token(url, session, assertion(here)))[0] == 200
        assert (await token(url, session, assertion(here)))[0] == 401
        assert (await token(url, session, assertion("https://elsewhere.example/token", jti="2")))[0] == 401
        assert (await token(url, session, assertion(here, jti="3", exp=int(time.time()) + 4000)))[0] == 401
        assert (await token(url, session, assertion(here, jti="4", exp=int(time.time()) - 1)))[0] == 401
        spoilt = assertion(here, jti="5")
        spoilt["client_assertion"] = spoilt["client_assertion"][:-8] + "AAAAAAAA"
        assert (await token(url, session, spoilt))[0] == 401


def _part(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
