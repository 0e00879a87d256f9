"""DATABASE_URL as people and services write it: what is taken, and what is told without repeating any of it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.main.config import BadConfig, Config
from gateway.store.address import BadAddress, read_address
from gateway.store.advice import advise
from gateway.store.errors import StoreError

PASSWORDS = ("Sommer/2026", "Sommer#2026", "Sommer?2026", "2026/Sommer", "2026#Sommer", "[Sommer", "Som:mer/x")


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_that_is_not_encoded_is_told_and_not_repeated(password: str) -> None:
    with pytest.raises(BadConfig, match=r"DATABASE_URL .*percent-encode") as refused:
        Config.read({"DATABASE_URL": f"postgresql://gw:{password}@db.example:5432/gateway"})
    for part in ("Sommer", "2026", "db.example"):
        assert part not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://gw:g%20w%40%2F%3A%25x%3F%23@db.example:5432/gateway?sslmode=verify-full",
        "postgres://db.example/gateway",
        "postgresql:///gateway?host=%2Fvar%2Frun%2Fpostgresql",
        "postgresql://gw@[::1]:5433/gateway",
        "postgresql://gw@one.example:5432,two.example/gateway?target_session_attrs=read-write",
    ],
)
def test_an_address_that_the_driver_takes_stays_as_it_is(url: str) -> None:
    assert read_address(url) == url
    assert read_address(f"  {url}\n") == url


def test_what_services_print_into_their_addresses_and_the_driver_does_not_know_is_left_out() -> None:
    more = "connect_timeout=5&channel_binding=prefer&keepalives_idle=30&application_name=x"
    assert read_address(f"postgresql://db/gw?{more}&sslmode=require") == "postgresql://db/gw?sslmode=require"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+asyncpg://db/gw", "postgresql://"),
        ("db.example:5432", "postgresql://"),
        ("postgresql://db:54x2/gw", "port"),
        ("postgresql://db:99999/gw", "port"),
        ("postgresql://[::1/gw", "URL"),
        ("postgresql://db/gw?channel_binding=require", "channel_binding"),
    ],
)
def test_other_addresses_are_told_what_is_wrong(url: str, says: str) -> None:
    with pytest.raises(BadAddress, match=says):
        read_address(url)


@given(st.text())
def test_whatever_stands_there_is_an_address_or_told(text: str) -> None:
    with suppress(BadAddress):
        assert read_address(f"postgresql://{text}").startswith("postgresql://")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (StoreError("InvalidPasswordError", "28P01"), "password"),
        (StoreError("InvalidCatalogNameError", "3D000"), "no database of that name"),
        (StoreError("InsufficientPrivilegeError", "42501"), "GRANT"),
        (StoreError("UndefinedObjectError", "42704"), "parameter"),
        (StoreError("ReadOnlySQLTransactionError", "25006"), "read-only"),
        (StoreError("ConnectionRefusedError"), "nobody listens"),
        (StoreError("SomethingElse", "XX000"), "check DATABASE_URL"),
    ],
)
def test_each_refusal_of_the_database_has_its_own_advice(error: StoreError, says: str) -> None:
    assert says in advise(error)


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    names = (
        "DATABASE_URL",
        "GATEWAY_HOST",
        "GATEWAY_DATA",
        "GATEWAY_MAPPINGS",
        "GATEWAY_PORT",
        "GATEWAY_METRICS_TOKEN",
    )
    unset, empty = Config.read({}), Config.read(dict.fromkeys(names, "") | {"GATEWAY_CONCURRENCY": " "})
    assert empty == unset
    assert empty.host == "127.0.0.1"
