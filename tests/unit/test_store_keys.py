"""API keys: shown once, kept as a hash, for one tenant and mode."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from gateway.contract.destination import Mode
from gateway.store.database import Database
from gateway.store.keys import Scope, authenticate, create_key, list_keys, revoke_key
from gateway.store.recent import Recent
from tests.unit.store_cases import TENANT, opened


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


@pytest.mark.parametrize("mode", Mode)
async def test_a_key_opens_its_tenant_mode_and_scopes(database: Database, mode: Mode) -> None:
    key, token = await create_key(database, TENANT, mode, "intake", [Scope.WRITE_CASES, Scope.READ_RAW])
    assert re.fullmatch(rf"pgw_{mode}_[0-9a-f]{{12}}_[0-9a-f]{{64}}", token)
    assert await authenticate(database, token) == key
    assert (key.tenant, key.mode, key.scopes) == (TENANT, mode, frozenset({Scope.WRITE_CASES, Scope.READ_RAW}))


async def test_no_token_but_the_right_one_opens(database: Database) -> None:
    _, token = await create_key(database, TENANT, Mode.TEST, "intake", list(Scope))
    _, other = await create_key(database, TENANT, Mode.TEST, "intake", list(Scope))
    wrong = [
        "",
        "pgw_test_",
        token[:-1],
        token + "0",
        token.upper(),
        f" {token}",
        f"{token}\n",
        token.replace("pgw_test", "pgw_live"),
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token[:22] + other[22:],
        "pgw_test_" + "0" * 12 + "_" + "0" * 64,
    ]
    for known in (False, True):  # before and after the right one was remembered
        for attempt in wrong:
            assert await authenticate(database, attempt) is None, attempt
        assert (await authenticate(database, token) is not None) or not known


async def test_a_token_is_not_kept(database: Database) -> None:
    _, token = await create_key(database, TENANT, Mode.TEST, "intake", list(Scope))
    [row] = await database.fetch("SELECT api_keys::text AS shown FROM api_keys")
    secret = token.rsplit("_", 1)[1]
    assert secret not in row["shown"]
    assert secret.encode().hex() not in row["shown"]


async def test_a_revoked_key_opens_nothing_any_more(database: Database) -> None:
    key, token = await create_key(database, TENANT, Mode.TEST, "intake", list(Scope))
    assert await authenticate(database, token)
    assert not await revoke_key(database, "clinic-two", key.id)
    assert await authenticate(database, token)
    assert await revoke_key(database, TENANT, key.id)
    assert await authenticate(database, token) is None
    assert not await revoke_key(database, TENANT, key.id)
    [listed] = await list_keys(database, TENANT)
    assert listed.revoked_at is not None
    assert await list_keys(database, "clinic-two") == ()


async def test_a_key_revoked_elsewhere_is_believed_for_seconds_only(database: Database, database_url: str) -> None:
    moments = [100.0]
    database.keys = Recent(5.0, clock=lambda: moments[-1])
    key, token = await create_key(database, TENANT, Mode.TEST, "intake", list(Scope))
    assert await authenticate(database, token)
    async with opened(database_url) as elsewhere:
        await revoke_key(elsewhere, TENANT, key.id)
    moments.append(104.9)
    assert await authenticate(database, token)
    moments.append(105.0)
    assert await authenticate(database, token) is None


def test_what_is_held_for_a_moment_has_little_room() -> None:
    held: Recent[int, str] = Recent(5.0, room=2, clock=lambda: 0.0)
    for number in range(3):
        held.put(number, str(number))
    assert [held.get(number) for number in range(3)] == [None, "1", "2"]
    held.put(1, "one")
    held.put(3, "3")
    assert [held.get(number) for number in (1, 2, 3)] == ["one", None, "3"]
