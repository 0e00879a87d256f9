"""What a connection may say of how it gets leave to speak."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.model.faults import faults_of
from gateway.profiles.connection import ConnectionProfile
from tests.unit.profile_material import Folder, a_connection

FILE = "connections/loft.yaml"


def auth(**over: Any) -> dict[str, Any]:
    return {
        "grant": "client_credentials",
        "token_endpoint": "https://loft.example.org/token",
        "client_id": "acme",
        "proof": "client_secret_basic",
        "secret": "loft-secret",
    } | over


SIGNED = {"proof": "private_key_jwt", "algorithm": "ES384", "key_id": "k1", "assertion_audience": "urn:loft"}


@pytest.mark.parametrize(
    "over",
    [{}, {"proof": "client_secret_post", "scope": "hipaa demo", "audience": "urn:loft"}, SIGNED],
)
def test_client_credentials_are_named_and_never_written(folder: Folder, over: dict[str, str]) -> None:
    folder.put(FILE, a_connection(auth=auth(**over)))
    assert folder.load().connection("loft").auth is not None


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"client_secret": "x"}, "/auth/client_secret"),
        ({"grant": "password"}, "/auth/grant"),
        ({"proof": "none"}, "/auth/proof"),
        ({"secret": "A secret itself"}, "/auth/secret"),
        ({"client_id": "two words"}, "/auth/client_id"),
        ({"scope": "a  b"}, "/auth/scope"),
        ({"scope": 'a"b'}, "/auth/scope"),
        ({"token_endpoint": "/token?client=x"}, "/auth/token_endpoint"),
        ({"token_endpoint": "//other.example.org/token"}, "/auth/token_endpoint"),
        ({"token_endpoint": "https://loft.example.org/token?client=x"}, "/auth/token_endpoint"),
        ({"token_endpoint": "http://loft.example.org/token"}, "/auth/token_endpoint"),
        ({"token_endpoint": "https://acme:x@loft.example.org/token"}, "/auth/token_endpoint"),
        ({"token_endpoint": "http://127.0.0.1/token"}, "/auth"),
        ({"proof": "private_key_jwt"}, "/auth"),
        ({"algorithm": "ES384"}, "/auth"),
        ({**SIGNED, "algorithm": "none"}, "/auth/algorithm"),
        ({**SIGNED, "algorithm": "HS256"}, "/auth/algorithm"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_place(folder: Folder, over: dict[str, str], pointer: str) -> None:
    folder.put(FILE, a_connection(auth=auth(**over)))
    assert folder.fault() == (FILE, pointer)


def test_a_token_endpoint_given_as_a_path_moves_with_the_endpoint(folder: Folder) -> None:
    folder.put(FILE, a_connection(auth=auth(token_endpoint="/v1/token")))
    moved = folder.load(loft="https://other.example.org:8443/in").connection("loft")
    assert moved.auth is not None
    assert moved.auth.token_url(moved.endpoint) == "https://other.example.org:8443/v1/token"


@pytest.mark.parametrize(("mode", "sound"), [("test", True), ("live", False)])
def test_a_token_endpoint_without_tls_is_for_this_machine_and_for_tests(mode: str, sound: bool) -> None:
    local = "http://127.0.0.1:9810"
    profile = a_connection(mode=mode, endpoint=f"{local}/in", auth=auth(token_endpoint=f"{local}/token"))
    if sound:
        assert ConnectionProfile.model_validate(profile).auth is not None
        return
    with pytest.raises(ValidationError) as caught:
        ConnectionProfile.model_validate(profile | {"endpoint": "https://loft.example.org/in"})
    assert [fault.pointer for fault in faults_of(caught.value)] == ["/auth"]
