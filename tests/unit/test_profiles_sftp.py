"""What a connection to an SFTP server may say of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.contract.destination import Destination
from gateway.contract.mailbox import Correspondent, Spot
from gateway.model.faults import faults_of
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.mailbox import may_meet
from tests.unit.profile_material import Folder, Pigeon, a_connection
from tests.unit.sftp_payer import public

KEY = public()


def sftp(**over: Any) -> dict[str, Any]:
    return {"host_keys": [KEY], "user_secret": "sftp-user", "password_secret": "sftp-password", **over}


def a_server(**over: Any) -> dict[str, Any]:
    return a_connection(
        **{"endpoint": "sftp://files.payer.example.org", "sftp": sftp(), "mailbox": {"directories": ["out"]}, **over}
    )


def pointers(profile: dict[str, Any]) -> list[str]:
    try:
        ConnectionProfile.model_validate(profile)
    except ValidationError as error:
        return [fault.pointer for fault in faults_of(error)]
    return []


@pytest.mark.parametrize("mode", ["test", "live"])
@pytest.mark.parametrize("endpoint", ["sftp://files.payer.example.org", "sftp://10.0.0.1:2222", "SFTP://[::1]:22"])
def test_an_sftp_server_is_a_host_and_a_port_and_encrypted_in_either_mode(endpoint: str, mode: str) -> None:
    assert pointers(a_server(endpoint=endpoint, mode=mode)) == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "sftp://user@files.payer.example.org",
        "sftp://user:word@files.payer.example.org",
        "sftp://files.payer.example.org/in",
        "sftp://files.payer.example.org:99999",
        "sftp://files.payer.example.org?key=x",
        "sftp://",
        "sftp:files.payer.example.org",
        "ssh://files.payer.example.org",
    ],
)
def test_any_other_address_is_refused(endpoint: str) -> None:
    assert pointers(a_server(endpoint=endpoint)) == ["/endpoint"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"host_keys": []}, "/sftp/host_keys"),
        ({"host_keys": ["SHA256:uNiVztksCsDhcc0u9e8BrxQXvbwOVdGBPXZVDnsEiJk"]}, "/sftp/host_keys/0"),
        ({"host_keys": [KEY, KEY[:-9] + "AAAAAAAA="]}, "/sftp/host_keys"),
        ({"host_keys": [KEY.replace("ssh-ed25519", "ssh-rsa")]}, "/sftp/host_keys"),
        ({"user_secret": None}, "/sftp/user_secret"),
        ({"password_secret": None}, "/sftp"),
        ({"password": "x"}, "/sftp/password"),
    ],
)
def test_a_login_needs_host_keys_a_user_and_a_proof_and_names_secrets_only(
    change: dict[str, Any], pointer: str
) -> None:
    assert pointer in pointers(a_server(sftp=sftp(**change)))


@pytest.mark.parametrize(
    "change",
    [
        {"sftp": None},
        {"mailbox": None},
        {"endpoint": "https://payer.example.org/core"},
        {"tls": {"min_version": "1.3"}},
        {
            "auth": {
                "grant": "client_credentials",
                "token_endpoint": "https://payer.example.org/token",
                "client_id": "x",
                "proof": "client_secret_basic",
                "secret": "a-secret",
            }
        },
    ],
)
def test_what_is_of_sftp_and_what_is_of_http_are_not_mixed(change: dict[str, Any]) -> None:
    assert pointers(a_server()) == []
    assert pointers(a_server(**change)) != []


def test_a_mailbox_of_a_channel_that_reads_no_files_is_a_fault_with_its_fix(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("connections/loft.yaml", a_connection(mailbox={"directories": ["out"]}))
    [fault] = folder.faults()
    assert (fault.file, fault.pointer) == ("connections/loft.yaml", "/mailbox")
    assert "reads no files" in fault.message
    assert fault.fix.startswith("Remove mailbox")
    reader = Reader()
    assert isinstance(reader, Correspondent)
    assert folder.faults({"pigeon": reader}) == ()


class Reader(Pigeon):
    """A channel that reads files."""

    registered = numbers = open = place = hear = answers_inquiries = Pigeon.inquire

    def puts_into(self, to: Destination) -> tuple[Spot, ...]:
        return (Spot("in/", "278_*.x12"), Spot("in/", "278_*.x12.tmp"))


@pytest.mark.parametrize(
    ("mailbox", "pointer"),
    [
        ({"directories": ["out"]}, None),
        ({"directories": ["in"], "names": ["*.rsp", "277*"]}, None),
        ({"directories": ["in/sub"]}, None),
        ({"directories": ["out", "in"]}, "/mailbox/directories/1"),
        ({"directories": ["/in"]}, "/mailbox/directories/0"),
        ({"directories": ["out/../in//"]}, "/mailbox/directories/0"),
        ({"directories": ["in"], "names": ["*.rsp", "*.tmp"]}, "/mailbox/directories/0"),
        ({"directories": ["out"], "tidy": "move", "move_to": "./in"}, "/mailbox/move_to"),
    ],
)
def test_a_mailbox_where_the_gateway_would_pick_up_what_it_put_down_is_a_fault(
    tmp_path: Path, mailbox: dict[str, Any], pointer: str | None
) -> None:
    folder = Folder(tmp_path)
    folder.put("connections/loft.yaml", a_connection(mailbox=mailbox))
    found = [(fault.file, fault.pointer) for fault in folder.faults({"pigeon": Reader()})]
    assert found == ([("connections/loft.yaml", pointer)] if pointer else [])


def test_files_are_not_moved_to_where_they_are_looked_for() -> None:
    box = {"directories": ["new", "out"], "tidy": "move"}
    assert pointers(a_server(mailbox={**box, "move_to": "done"})) == []
    assert pointers(a_server(mailbox={**box, "move_to": "/out/"})) == ["/mailbox"]


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("*", "a", True),
        ("*", "*", True),
        ("a*", "*b", True),
        ("a*", "b*", False),
        ("*.x12", "*.x12.tmp", False),
        ("*.x12*", "*.x12.tmp", True),
        ("a?c", "ab?", True),
        ("a?c", "a*d", False),
        ("a?", "a", False),
        ("*a*b*", "ba", False),
        ("**", "a", True),
        ("a", "a*", True),
        ("?*", "*", True),
    ],
)
def test_patterns_meet_where_one_name_can_match_both(one: str, other: str, meet: bool) -> None:
    assert (may_meet(one, other), may_meet(other, one)) == (meet, meet)
