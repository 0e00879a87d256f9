"""Signs the assertion by which a client proves who it is to a token endpoint (RFC 7523): a JWT of a few minutes.

Knows keys and JSON Web Signatures (RFC 7515, 7518); knows no network and reads no clock.
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.contract.errors import NeedsPerson
from gateway.profiles.authorization import ClientCredentials

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE_SECONDS = 240
"""Under the five minutes that SMART backend services allow; clocks may differ a little."""
_P384_BYTES = 48


def sign(auth: ClientCredentials, key: bytes, audience: str, at: datetime, number: str) -> str:
    """The assertion for this audience. ``number`` is its ``jti``: never the same twice.

    Raises NeedsPerson for a key that cannot sign.
    """
    now = int(at.timestamp())
    header = {"alg": auth.algorithm, "typ": "JWT"} | ({"kid": auth.key_id} if auth.key_id else {})
    claims = {
        "iss": auth.client_id,
        "sub": auth.client_id,
        "aud": audience,
        "jti": number,
        "iat": now,
        "exp": now + LIFE_SECONDS,
    }
    message = f"{_json(header)}.{_json(claims)}"
    return f"{message}.{_base64(_signature(auth, key, message.encode()))}"


def _signature(auth: ClientCredentials, pem: bytes, message: bytes) -> bytes:
    private: Any = None
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):  # told below, without the library's words
        private = load_pem_private_key(pem, password=None)
    if auth.algorithm == "RS384" and isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        return private.sign(message, padding.PKCS1v15(), SHA384())
    if (
        auth.algorithm == "ES384"
        and isinstance(private, ec.EllipticCurvePrivateKey)
        and isinstance(private.curve, ec.SECP384R1)
    ):
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(SHA384())))
        return r.to_bytes(_P384_BYTES, "big") + s.to_bytes(_P384_BYTES, "big")
    needed = "an RSA key of 2048 bits or more" if auth.algorithm == "RS384" else "a key on the curve P-384"
    raise NeedsPerson(f"the secret {auth.secret} is not {needed} in PEM without a password")


def _json(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
