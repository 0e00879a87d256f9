"""Who is let in over SFTP and whom we let in: host keys, credentials, and logins that are not tried again."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ClassVar

import asyncssh
import pytest

from conformance.simulators.sftp import SftpDoor, host_key
from gateway.contract.errors import NeedsPerson, NotSent
from gateway.profiles.sftp import Sftp
from gateway.transport.files import Files
from gateway.transport.link import Link
from gateway.transport.mailbox import CredentialsRefused, HostChanged
from gateway.transport.secrets import Secrets
from gateway.transport.sftp import SftpTransport
from tests.unit.sftp_payer import SECRETS, a_drop, a_link, a_look, open_door, open_transport, public

WRONG = {**SECRETS, "GATEWAY_SECRET_SFTP_PASSWORD": "canary-9137"}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def knowing(door: SftpDoor, *words: str) -> Link:
    link = a_link(door.url)
    assert link.sftp is not None
    return replace(link, sftp=link.sftp.model_copy(update={"host_keys": tuple(public(word) for word in words)}))


@pytest.mark.proves("SF-03")
async def test_a_server_that_shows_another_host_key_hears_nothing_of_us() -> None:
    async with open_door() as door, open_transport() as transport:
        await door.be("somebody else")
        with pytest.raises(HostChanged, match="host key"):
            await transport.send(a_drop(), a_link(door.url))
        assert (door.logins, door.refused, door.post.files) == (0, 0, {})


@pytest.mark.proves("SF-03")
async def test_a_host_key_that_changed_is_not_believed_again_until_a_person_has_acted() -> None:
    async with open_door() as door, open_transport() as transport:
        await transport.send(a_drop(), a_link(door.url))
        await door.be("somebody else")
        await asyncio.sleep(0.05)
        with pytest.raises(HostChanged):
            await transport.send(a_look("one.x12"), a_link(door.url))
        await door.be("payers")
        with pytest.raises(HostChanged):
            await transport.send(a_look("one.x12"), a_link(door.url))
        assert door.logins == 1
        await transport.send(a_look("one.x12"), knowing(door, "payers", "the next"))
        assert door.logins == 2


async def test_any_of_the_host_keys_of_the_profile_will_do() -> None:
    async with open_door() as door, open_transport() as transport:
        await door.be("the next")
        await transport.send(a_drop(), knowing(door, "payers", "the next"))
        assert door.logins == 1


async def test_a_server_without_a_host_key_of_the_profiles_kind_needs_a_person() -> None:
    kind = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode().split()[:2]
    async with open_door() as door, open_transport() as transport:
        link = knowing(door, "payers")
        assert link.sftp is not None
        only = replace(link, sftp=link.sftp.model_copy(update={"host_keys": (" ".join(kind),)}))
        with pytest.raises(NeedsPerson, match="no common cipher, key exchange or kind of host key"):
            await transport.send(a_drop(), only)
        assert (door.logins, door.refused) == (0, 0)


async def test_where_nothing_is_common_is_tried_again_after_a_rest() -> None:
    clock, old = Clock(), {"encryption_algs": ["3des-cbc"]}
    async with a_server(Asking, **old) as url:
        transport = SftpTransport(Secrets(SECRETS), clock)
        link = a_link(url, refused_seconds=900.0)
        with pytest.raises(NeedsPerson, match="no common cipher") as told:
            await transport.send(a_look("one.x12"), link)
        assert not isinstance(told.value, HostChanged)
        assert transport._lines[link.connection].again == 1000.0
        await transport.close()


class Asking(asyncssh.SSHServer):
    """Asks for the password, and takes none that is not asked for unless ``takes``."""

    takes = False
    answers: ClassVar[list[str]] = []

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return self.takes

    def validate_password(self, username: str, password: str) -> bool:
        self.answers.append(password)
        return False

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> asyncssh.KbdIntChallenge:
        return "", "", "", [("Password:", False)]

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        self.answers.extend(responses)
        return list(responses) == ["demo-password"]


class TakingToo(Asking):
    takes = True


@asynccontextmanager
async def a_server(factory: type[Asking], **over: Any) -> AsyncIterator[str]:
    Asking.answers.clear()
    keys = [host_key("payers")]
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=factory, server_host_keys=keys, sftp_factory=True, config=None, **over
    )
    try:
        yield f"sftp://127.0.0.1:{server.get_port()}"
    finally:
        server.close()


async def test_a_server_that_asks_for_the_password_is_told_it_and_once() -> None:
    async with a_server(Asking) as url, open_transport() as transport:
        with pytest.raises(NeedsPerson, match="the directory in is not there"):  # so it has let us in
            await transport.send(a_look("one.x12"), a_link(url))
        assert Asking.answers == ["demo-password"]


@pytest.mark.parametrize("factory", [Asking, TakingToo])
@pytest.mark.proves("SF-04")
async def test_a_password_is_shown_once_however_it_may_be_told(factory: type[Asking]) -> None:
    async with a_server(factory) as url, open_transport(WRONG) as transport:
        with pytest.raises(CredentialsRefused):
            await transport.send(a_look("one.x12"), a_link(url))
        assert Asking.answers == ["canary-9137"]


@pytest.mark.proves("SF-04")
async def test_refused_credentials_are_shown_once_however_many_wait() -> None:
    async with open_door() as door, open_transport(WRONG) as transport:
        link = a_link(door.url)
        told = await asyncio.gather(
            *(transport.send(a_drop(name=f"n{n}.x12"), link) for n in range(10)), return_exceptions=True
        )
        assert {type(each) for each in told} == {CredentialsRefused}
        assert door.refused == 1


@pytest.mark.proves("SF-04")
async def test_refused_credentials_are_shown_again_only_after_the_rest() -> None:
    clock = Clock()
    async with open_door() as door:
        transport = SftpTransport(Secrets(WRONG), clock)
        for now, refused in ((100.0, 1), (999.9, 1), (1000.1, 2), (1899.0, 2)):
            clock.now = now
            with pytest.raises(CredentialsRefused):
                await transport.send(a_look("one.x12"), a_link(door.url, refused_seconds=900.0))
            assert door.refused == refused
        await transport.close()


async def test_rotated_credentials_are_shown_at_once() -> None:
    environ = dict(WRONG)
    async with open_door() as door, open_transport(environ) as transport:
        with pytest.raises(CredentialsRefused):
            await transport.send(a_drop(), a_link(door.url))
        environ.update(SECRETS)
        await transport.send(a_drop(), a_link(door.url))
        assert (door.refused, door.logins) == (1, 1)


async def test_a_server_that_is_away_is_no_server_that_refuses() -> None:
    async with open_transport() as transport:
        for _ in range(2):
            with pytest.raises(NotSent):
                await transport.send(a_drop(), a_link("sftp://127.0.0.1:9"))


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
async def test_a_key_lets_in_without_a_password(kind: str) -> None:
    key = asyncssh.generate_private_key(kind)
    environ = {
        "GATEWAY_SECRET_SFTP_USER": "gateway",
        "GATEWAY_SECRET_SFTP_KEY": key.export_private_key().decode(),
    }
    async with open_door() as door, open_transport(environ) as transport:
        door.client_key = key.convert_to_public()
        sftp = Sftp(host_keys=(public(),), user_secret="sftp-user", key_secret="sftp-key")
        await transport.send(a_drop(), a_link(door.url, sftp=sftp))
        assert (door.logins, door.refused) == (1, 0)


@pytest.mark.parametrize("passphrase", [None, "x"])
async def test_a_key_that_cannot_be_used_needs_a_person(passphrase: str | None) -> None:
    made = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    key = made.export_private_key("pkcs8-pem", passphrase=passphrase).decode() if passphrase else "no key at all"
    environ = {"GATEWAY_SECRET_SFTP_USER": "gateway", "GATEWAY_SECRET_SFTP_KEY": key}
    async with open_door() as door, open_transport(environ) as transport:
        sftp = Sftp(host_keys=(public(),), user_secret="sftp-user", key_secret="sftp-key")
        with pytest.raises(NeedsPerson, match="sftp-key"):
            await transport.send(a_drop(), a_link(door.url, sftp=sftp))


async def test_a_missing_secret_needs_a_person() -> None:
    async with open_transport({"GATEWAY_SECRET_SFTP_USER": "gateway"}) as transport:
        with pytest.raises(NeedsPerson, match="sftp-password"):
            await transport.send(a_drop(), a_link("sftp://127.0.0.1:9"))


async def test_neither_errors_nor_logs_hold_a_credential_or_a_name_of_a_file(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_door() as door, open_transport(WRONG) as transport:
        with pytest.raises(CredentialsRefused) as refused:
            await transport.send(a_drop(name="canary-4711.x12"), a_link(door.url))
    async with open_door() as door, open_transport() as transport:
        await transport.send(a_drop(name="canary-4711.x12"), a_link(door.url))
    said = f"{refused.value} {refused.value.__context__} {refused.value.__cause__} {caplog.text}"
    assert "canary" not in said
    assert not [each for each in caplog.records if each.name.startswith("asyncssh")]


async def test_without_its_optional_part_a_person_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.startswith(("asyncssh", "gateway.transport.sftp"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    files = Files(Secrets(SECRETS))
    with pytest.raises(NeedsPerson, match=r"pip install 'payer-gateway\[sftp\]'"):
        await files.send(a_drop(), a_link("sftp://127.0.0.1:9"))
    with pytest.raises(NeedsPerson, match=r"pip install"):
        files.visit(a_link("sftp://127.0.0.1:9"))
    await files.close()


async def test_files_go_by_sftp_where_it_is_there() -> None:
    async with open_door() as door:
        files = Files(Secrets(SECRETS))
        assert (await files.send(a_drop(), a_link(door.url))).status == 201
        async with files.visit(a_link(door.url)) as visit:
            assert await visit.list() == ()
        await files.close()
