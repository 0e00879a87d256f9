"""What is done with files on an SFTP server: put one down whole, see what lies there, fetch it, tidy it away.

A file is written under its temporary name, its size is seen there, and then it is renamed: until the rename is asked
for nothing has happened that a payer could read. A plain rename never replaces a file. Knows no login.
"""

from __future__ import annotations

import fnmatch
import json
import posixpath
import stat
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import asyncssh

from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Drop, Look, Reply
from gateway.profiles.mailbox import MailboxProfile
from gateway.transport.mailbox import Lying

MOST_NAMES = 100_000
"""More names than that in one directory are no mailbox."""
_LONGEST_NAME = 255
"""Bytes of a name: file systems have no longer ones."""
_MOST_BYTES = 10_000_000
"""Of all the names of a mailbox: what is listed is kept until the next look."""

_GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
_CLOSED = (*_GONE, asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect, asyncssh.SFTPNotADirectory)
"""What a person must put right: a directory that is not there, or not for us."""


@dataclass
class Progress:
    """Whether the rename was asked for, so that the file may lie there."""

    renaming: bool = False


async def put(files: asyncssh.SFTPClient, drop: Drop, connection: str, progress: Progress) -> Reply:
    """Put a file down. Said again, it finds what it put down before: a file of that name and size is that file."""
    final, temporary = _path(drop.directory, drop.name), _path(drop.directory, drop.temporary)
    lying = await _size(files, final)
    if lying is not None:
        if lying == len(drop.body):
            return Reply(201)
        progress.renaming = True
        raise MaybeSent(f"connection {connection}: a file of the same name and another size lies there")
    try:
        # What lies there whole may just be renamed, by a rename that was not answered in time: it is not written anew.
        if not await _holds(files, temporary, drop.body):
            await _write(files, temporary, drop.body)
    except _CLOSED:
        raise NeedsPerson(
            f"connection {connection}: nothing can be written to the directory {drop.directory}"
        ) from None
    if await _size(files, temporary) != len(drop.body):
        raise NotSent(f"connection {connection}: the file has another size there than here")
    progress.renaming = True
    try:
        await files.rename(temporary, final)
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection):
        raise
    except asyncssh.SFTPError as refused:
        # A failure may pass, and is asked about. One that is forbidden something is forbidden it each time.
        if isinstance(refused, _CLOSED):
            await _disown(files, temporary)
        what = f"the server refused to rename the file in the directory {drop.directory} (SFTP status {refused.code})"
        raise MaybeSent(f"connection {connection}: {what}") from None
    # It was renamed, and its size was seen before: by now the payer may have taken it.
    return Reply(201)


async def look(files: asyncssh.SFTPClient, asked: Look, connection: str) -> Reply:
    """What lies there under these names. That nothing can be seen says nothing of what is there."""
    try:
        await files.stat(asked.directory.encode())
        found = {name: await _size(files, _path(asked.directory, name)) for name in asked.names}
    except _CLOSED:
        raise NeedsPerson(
            f"connection {connection}: the directory {asked.directory} is not there, or not for us"
        ) from None
    return Reply(200, body=json.dumps({name: size for name, size in found.items() if size is not None}).encode())


async def lying(files: asyncssh.SFTPClient, mailbox: MailboxProfile, connection: str) -> tuple[Lying, ...]:
    """The files that lie in the mailbox under names that its profile takes."""
    return tuple([each async for each in _lying(files, mailbox, connection)])


async def _lying(files: asyncssh.SFTPClient, mailbox: MailboxProfile, connection: str) -> AsyncIterator[Lying]:
    length = 0
    for directory in mailbox.directories:
        seen = 0
        try:
            async for entry in files.scandir(directory.encode()):
                seen += 1
                if seen > MOST_NAMES:
                    raise Unreadable(
                        f"connection {connection}: the directory {directory} holds more than {MOST_NAMES} names"
                    )
                length += len(entry.filename)
                if length > _MOST_BYTES:
                    raise Unreadable(f"connection {connection}: the names in it are longer than {_MOST_BYTES} bytes")
                # A byte is a character here, so that every name can be kept and said again.
                name = bytes(entry.filename).decode("latin-1")  # type: ignore[arg-type]
                if len(name) > _LONGEST_NAME or "/" in name or "\0" in name:
                    continue
                if not any(fnmatch.fnmatchcase(name, each) for each in mailbox.names):
                    continue
                attrs = entry.attrs
                if attrs.size is None or attrs.mtime is None or attrs.permissions is None:
                    with suppress(*_GONE):
                        attrs = await files.lstat(_path(directory, name))
                if not _is_file(attrs) or attrs.size is None:
                    continue
                if attrs.mtime is None and mailbox.tidy == "leave":
                    text = "the server does not say when files were written: one that replaces another would be missed"
                    raise NeedsPerson(f"connection {connection}: {text}. Write tidy: delete, or move")
                yield Lying(directory, name, attrs.size, attrs.mtime or 0)
        except _CLOSED:
            raise NeedsPerson(
                f"connection {connection}: the directory {directory} is not there, or not for us"
            ) from None


async def fetch(files: asyncssh.SFTPClient, wanted: Lying, most: int, connection: str) -> bytes:
    """The whole file. NotSent where it is not the one that was listed any more."""
    if wanted.size > most:
        raise Unreadable(f"connection {connection}: a file is longer than {most} bytes")
    try:
        async with files.open(_path(wanted.directory, wanted.name), "rb", encoding=None) as file:
            read = await file.read(wanted.size + 1)
    except _CLOSED:
        raise NotSent(f"connection {connection}: a file is gone, or not for us") from None
    body = _bytes(read)
    if len(body) != wanted.size:
        raise NotSent(f"connection {connection}: a file has changed since it was listed")
    return body


async def tidy(files: asyncssh.SFTPClient, stored: Lying, mailbox: MailboxProfile, connection: str) -> None:
    """Put away what was stored, unless another file lies under its name by now: that one nobody has read."""
    path = _path(stored.directory, stored.name)
    try:
        if mailbox.tidy == "leave" or not await _is_still(files, path, stored):
            return
        if mailbox.tidy == "delete":
            await files.remove(path)
        else:
            directory = mailbox.move_to or ""
            free = await _size(files, _path(directory, stored.name)) is None
            await files.rename(path, _path(directory, stored.name if free else f"{stored.name}.{stored.modified}"))
    except _GONE:
        if await _size(files, path) is not None:
            raise NeedsPerson(f"connection {connection}: the directory {mailbox.move_to} is not there") from None
    except _CLOSED:
        raise NeedsPerson(f"connection {connection}: what was fetched cannot be {_DONE[mailbox.tidy]}") from None


_DONE = {"delete": "deleted", "move": "moved", "leave": "left"}


async def _holds(files: asyncssh.SFTPClient, path: bytes, body: bytes) -> bool:
    if await _size(files, path) != len(body):
        return False
    try:
        async with files.open(path, "rb", encoding=None) as file:
            return _bytes(await file.read(len(body) + 1)) == body
    except (*_CLOSED, asyncssh.SFTPFailure):  # a directory that can only be written to
        return False


async def _write(files: asyncssh.SFTPClient, path: bytes, body: bytes) -> None:
    async with files.open(path, "wb", encoding=None) as file:
        await file.write(body)
        with suppress(asyncssh.SFTPOpUnsupported):  # not every server can be asked for it
            await file.fsync()


async def _disown(files: asyncssh.SFTPClient, temporary: bytes) -> None:
    """Empty what a forbidden rename left under its temporary name: whole, it would seem never to have been renamed.
    Where a rename is a copy and a deletion, a refusal may mean that the copy lies there, or was taken."""
    with suppress(asyncssh.SFTPError):
        async with files.open(temporary, asyncssh.FXF_WRITE | asyncssh.FXF_TRUNC, encoding=None):
            pass


async def _size(files: asyncssh.SFTPClient, path: bytes) -> int | None:
    """None where there is no such file."""
    try:
        return (await files.stat(path)).size
    except _GONE:
        return None


async def _is_still(files: asyncssh.SFTPClient, path: bytes, stored: Lying) -> bool:
    attrs = await files.lstat(path)
    return attrs.size == stored.size and (attrs.mtime or 0) == stored.modified


def _bytes(read: bytes | str) -> bytes:
    """What was read of a file that was opened without an encoding."""
    return read if isinstance(read, bytes) else read.encode("latin-1")


def _is_file(attrs: asyncssh.SFTPAttrs) -> bool:
    """True for a file that is none of a directory, a link and the like. What a server says nothing of may be one."""
    return attrs.permissions is None or stat.S_IFMT(attrs.permissions) in (0, stat.S_IFREG)


def _path(directory: str, name: str) -> bytes:
    return posixpath.join(directory, name).encode("latin-1")
