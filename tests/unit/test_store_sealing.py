"""Seals: what they bind, what they refuse, and where the master key comes from."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.errors import CannotOpen
from gateway.store.master_key import MasterKey, MasterKeyError, load_master_key
from gateway.store.sealing import TenantKey, place

KEY = TenantKey(7, bytes(32))
OTHER = TenantKey(8, bytes(31) + b"\x01")
HERE = place("journal.body", b"case", b"1")


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_at_its_place(plain: bytes) -> None:
    assert KEY.open(KEY.seal(plain, HERE), HERE) == plain


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert len({KEY.seal(b"value", HERE) for _ in range(100)}) == 100


def test_any_changed_byte_is_found() -> None:
    sealed = KEY.seal(b"a value", HERE)
    for at in range(len(sealed)):
        with pytest.raises(CannotOpen):
            KEY.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], HERE)


def test_a_shortened_value_does_not_open() -> None:
    sealed = KEY.seal(b"a value", HERE)
    for end in range(len(sealed)):
        with pytest.raises(CannotOpen):
            KEY.open(sealed[:end], HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [place("journal.body", b"case", b"2"), place("journal.body", b"cas", b"e1"), place("requests.standing", b"case")],
)
def test_a_value_moved_to_another_row_or_column_does_not_open(elsewhere: bytes) -> None:
    with pytest.raises(CannotOpen):
        KEY.open(KEY.seal(b"a value", HERE), elsewhere)


def test_a_value_of_another_tenant_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        OTHER.open(KEY.seal(b"a value", HERE), HERE)
    same_number = TenantKey(7, bytes(31) + b"\x01")
    with pytest.raises(CannotOpen):
        same_number.open(KEY.seal(b"a value", HERE), HERE)


def test_the_error_names_the_column_and_nothing_of_the_value() -> None:
    sealed = KEY.seal(b"CANARY", HERE)
    with pytest.raises(CannotOpen) as caught:
        KEY.open(sealed[:-1] + b"\x00\x01", HERE)
    assert str(caught.value) == "a sealed value in journal.body does not open"
    assert caught.value.__cause__ is None


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_no_two_rows_share_a_place(one: list[bytes], two: list[bytes]) -> None:
    assert (place("t.c", *one) == place("t.c", *two)) == (one == two)


def test_an_index_is_the_same_for_the_same_tenant_field_and_value_only() -> None:
    index = KEY.index("member_id", b"A1")
    assert index == TenantKey(7, bytes(32)).index("member_id", b"A1")
    assert (
        len({index, KEY.index("reference", b"A1"), KEY.index("member_id", b"A2"), OTHER.index("member_id", b"A1")}) == 4
    )


def test_a_data_key_unwraps_for_its_tenant_and_under_its_master_key_only() -> None:
    master = MasterKey(bytes(32))
    wrapped = master.wrap("clinic-one", b"k" * 32)
    assert master.unwrap("clinic-one", wrapped) == b"k" * 32
    with pytest.raises(CannotOpen):
        master.unwrap("clinic-two", wrapped)
    with pytest.raises(CannotOpen):
        MasterKey(b"\x01" * 32).unwrap("clinic-one", wrapped)


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    text = base64.b64encode(b"e" * 32).decode()
    key = load_master_key({"GATEWAY_MASTER_KEY": f"{text}\n"}, tmp_path / "master.key", create=True)
    assert key.fingerprint == MasterKey(b"e" * 32).fingerprint
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "master.key"
    made = load_master_key({}, path, create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_master_key({}, path, create=True).fingerprint == made.fingerprint
    assert [file.name for file in path.parent.iterdir()] == ["master.key"]


def test_processes_that_start_together_use_one_new_key(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: load_master_key({}, path, create=True).fingerprint, range(32)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(base64.b64encode(os.urandom(32)))
    path.chmod(mode)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        load_master_key({}, path, create=False)


def test_a_missing_key_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="GATEWAY_MASTER_KEY"):
        load_master_key({}, tmp_path / "master.key", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["CANARY", base64.b64encode(b"CANARY" * 5).decode(), "é" * 44])
def test_what_is_no_key_is_refused_without_being_repeated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text)
    path.chmod(0o600)
    for attempt in ({}, {"GATEWAY_MASTER_KEY": text}):
        with pytest.raises(MasterKeyError) as caught:
            load_master_key(attempt, path, create=False)
        assert text not in str(caught.value)
        assert "CANARY" not in str(caught.value)
