"""What a token endpoint's answer may say, and the assertions that are shown to it."""

from __future__ import annotations

import base64
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.destination import Mode
from gateway.contract.errors import NeedsPerson, NotSent
from gateway.contract.frames import Https, Reply
from gateway.profiles.authorization import ClientCredentials
from gateway.profiles.connection import Tls
from gateway.transport.assertion import sign
from gateway.transport.grant import read_grant
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets
from tests.unit.oauth_material import BEARER, CANARY, INVALID, NOW, paying
from tests.unit.test_transport_tls import identity, payer

# what an answer may say


@given(
    st.integers(200, 599),
    st.sampled_from(["application/json", "application/json; charset=utf-8", "text/html", ""]),
    st.binary(max_size=80)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: st.dictionaries(
            st.sampled_from(["access_token", "token_type", "expires_in", "error"]), inner, max_size=4
        ),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode())
    | st.sampled_from(['{"expires_in": 1e999, ' + BEARER + "}", '{"expires_in": "99999999", ' + BEARER + "}"]).map(
        str.encode
    ),
)
def test_any_answer_is_a_bounded_grant_or_an_error_of_the_contract(status: int, media: str, body: bytes) -> None:
    try:
        grant = read_grant(Reply(status, (("content-type", media),), body), "connection x")
    except (NeedsPerson, NotSent):
        return
    assert status == 200
    assert 0 < grant.seconds <= 86_400
    assert grant.token.isascii()
    assert not set(grant.token) & set("\r\n\0 ,")
    assert grant.token not in repr(grant)


# assertions


def _auth(**changed: Any) -> ClientCredentials:
    return ClientCredentials.model_validate(
        {
            "grant": "client_credentials",
            "token_endpoint": "https://payer.example/token",
            "client_id": "gateway",
            "proof": "private_key_jwt",
            "secret": "rest-key",
            "algorithm": "ES384",
        }
        | changed
    )


def _pem(key: Any) -> bytes:
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return written


EC = ec.generate_private_key(ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)


def _part(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_an_assertion_is_signed_for_the_token_endpoint_and_ends_within_five_minutes(algorithm: str) -> None:
    key: Any = EC if algorithm == "ES384" else RSA
    token = sign(_auth(algorithm=algorithm, key_id="k1"), _pem(key), "https://payer.example/token", NOW, "n-1")
    head, claims, signature = token.split(".")
    assert _part(head) == {"alg": algorithm, "typ": "JWT", "kid": "k1"}
    at = int(NOW.timestamp())
    said = _part(claims)
    assert said == {
        "iss": "gateway",
        "sub": "gateway",
        "aud": "https://payer.example/token",
        "jti": "n-1",
        "iat": at,
        "exp": said["exp"],
    }
    assert at < said["exp"] <= at + 300
    raw, message = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)), f"{head}.{claims}".encode()
    if algorithm == "ES384":
        assert len(raw) == 96
        r, s = int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big")
        EC.public_key().verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA384()))
    else:
        RSA.public_key().verify(raw, message, padding.PKCS1v15(), SHA384())


@pytest.mark.parametrize(
    ("algorithm", "pem"),
    [
        ("RS384", _pem(EC)),
        ("ES384", _pem(RSA)),
        ("ES384", _pem(ec.generate_private_key(ec.SECP256R1()))),
        ("RS384", b"s3cr3t-no-key"),
        ("RS384", b""),
    ],
)
def test_a_key_that_cannot_sign_calls_a_person_by_the_secrets_name(algorithm: str, pem: bytes) -> None:
    with pytest.raises(NeedsPerson, match="rest-key") as caught:
        sign(_auth(algorithm=algorithm), pem, "https://payer.example/token", NOW, "n-1")
    assert "s3cr3t" not in str(caught.value)


async def test_each_assertion_has_a_number_of_its_own() -> None:
    async with paying() as (here, _):
        transport = HttpsTransport(Secrets({"GATEWAY_SECRET_REST_KEY": _pem(EC).decode()}), lambda: NOW)
        link = here.link(proof="private_key_jwt", secret="rest-key", algorithm="ES384", assertion_audience="urn:aud")
        here.answers = lambda number: web.Response(status=401, headers=INVALID) if number == 2 else web.Response()
        for _ in range(3):
            await transport.send(here.frame(), link)
        await transport.close()
        told = [_part(fields["client_assertion"].split(".")[1]) for fields, _ in here.asked]
        assert [claims["aud"] for claims in told] == ["urn:aud"] * 2
        assert len({claims["jti"] for claims in told}) == 2
        assert {tuple(fields) for fields, _ in here.asked} == {
            ("grant_type", "client_id", "client_assertion_type", "client_assertion")
        }


# TLS


async def test_a_token_endpoint_proves_itself_as_the_payer_does_or_hears_nothing(tmp_path: Path) -> None:
    (tmp_path / "authorities.pem").write_bytes(identity("payer authority").certificate_pem)
    transport = HttpsTransport(Secrets({"GATEWAY_SECRET_REST_SECRET": CANARY}))
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_3) as here:
        for tls in (
            Tls(ca=str(tmp_path / "authorities.pem"), pins=(identity("backup", "payer authority").pin,)),
            Tls(),
        ):
            auth = _auth(token_endpoint="/token", proof="client_secret_post", secret="rest-secret", algorithm=None)
            link = Link("demo_rest", f"https://localhost:{here.port}/api", Mode.LIVE, tls, connect_seconds=2, auth=auth)
            with pytest.raises(NeedsPerson, match="token endpoint: its certificate is not"):
                await transport.send(Https("POST", link.endpoint, effect=True, deadline=2), link)
        assert here.heard == b""
    await transport.close()
