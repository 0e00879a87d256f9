"""A simulated payer's SFTP server for tests of the transport, and connections that lead to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from conformance.simulators.clock import Clock
from conformance.simulators.envelope import Credentials
from conformance.simulators.post import IN, OUT, File, Post
from conformance.simulators.reception import Reception
from conformance.simulators.sftp import SftpDoor, host_key
from gateway.contract.destination import Mode
from gateway.contract.frames import Drop, Look
from gateway.profiles.mailbox import MailboxProfile
from gateway.profiles.sftp import Sftp
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets
from gateway.transport.sftp import SftpTransport

BODY = b"ISA*a file of no meaning~"
SECRETS = {"GATEWAY_SECRET_SFTP_USER": "gateway", "GATEWAY_SECRET_SFTP_PASSWORD": "demo-password"}


def public(word: str = "payers") -> str:
    """The host key of a simulated payer, as a profile has it."""
    return " ".join(host_key(word).export_public_key().decode().split()[:2])


def a_link(url: str, **over: object) -> Link:
    link = Link(
        connection="filing_room",
        endpoint=url,
        mode=Mode.TEST,
        mailbox=MailboxProfile(directories=(OUT,)),
        sftp=Sftp(host_keys=(public(),), user_secret="sftp-user", password_secret="sftp-password"),
        connect_seconds=5,
        deadline_seconds=5,
    )
    return replace(link, **over)  # type: ignore[arg-type]


def a_drop(body: bytes = BODY, name: str = "one.x12") -> Drop:
    return Drop(directory=IN, name=name, temporary=f"{name}.tmp", body=body)


def a_look(*names: str) -> Look:
    return Look(directory=IN, names=names)


@asynccontextmanager
async def open_door() -> AsyncIterator[SftpDoor]:
    """A payer that takes nothing and logs everybody in."""
    post = Post(Reception(Clock(), Credentials("gateway", "demo-password", required=True)))
    post.holding = True
    door = SftpDoor(post, "gateway", "demo-password")
    await door.start("127.0.0.1", 0)
    try:
        yield door
    finally:
        await door.close()


@asynccontextmanager
async def open_transport(environ: dict[str, str] | None = None) -> AsyncIterator[SftpTransport]:
    transport = SftpTransport(Secrets(SECRETS if environ is None else environ))
    try:
        yield transport
    finally:
        await transport.close()


def put_out(door: SftpDoor, name: str, body: bytes = BODY, modified: float = 1000) -> None:
    door.post.files[f"{OUT}/{name}"] = File(body, modified)
