"""The payers' post over SFTP: a real SSH server in front of directories in memory.

Strict where payers are: a caller writes into one directory only and under a temporary name, nothing is replaced, and
nothing is there but three directories. Needs asyncssh, an optional part of the installation.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import posixpath
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncssh
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conformance.simulators.misbehaviour import Kind
from conformance.simulators.post import DIRECTORIES, DONE, IN, OUT, TAKEN_NAME, File, Post

_TICK = 0.05
"""Seconds of real time between two looks at what is due."""
_WRITING = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC | asyncssh.FXF_APPEND


def host_key(word: str = "payers") -> asyncssh.SSHKey:
    """The key of a simulator is no secret: it is made of a word, and the same in every run."""
    seed = hashlib.sha256(f"payer-gateway simulated sftp host {word}".encode()).digest()
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return asyncssh.import_private_key(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))


@dataclass
class SftpDoor:
    """``client_key`` is the caller's public key, where it may log in with one."""

    post: Post
    username: str
    password: str
    client_key: asyncssh.SSHKey | None = None
    logins: int = 0
    """Those that went well. ``refused`` are those that did not; ``refusing``, that all are refused for now."""
    refused: int = 0
    refusing: bool = False
    url: str = ""
    _listener: asyncssh.SSHAcceptor | None = None
    _ticking: asyncio.Task[None] | None = None
    _guests: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    _host: str = ""
    _port: int = 0

    async def start(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        await self._listen("payers")
        self.url = f"sftp://{host}:{self._port}"
        self._ticking = asyncio.create_task(self._tick())

    async def be(self, word: str) -> None:
        """From now on the host has another key: that of this word. Whoever was logged in is cut off."""
        await self._close()
        await self._listen(word)

    async def close(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        await self._close()

    async def _listen(self, word: str) -> None:
        self._listener = await asyncssh.listen(
            self._host,
            self._port,
            config=None,
            reuse_address=True,
            server_factory=lambda: _Guest(self),
            server_host_keys=[host_key(word)],
            sftp_factory=lambda channel: _Files(channel, self),
            allow_scp=False,
            login_timeout=10,
        )
        self._port = self._listener.get_port()

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()
        self.turn_out()

    def turn_out(self) -> None:
        """Cut off whoever is logged in."""
        for guest in tuple(self._guests):
            guest.abort()

    async def _tick(self) -> None:
        while True:
            self.post.tick()
            await asyncio.sleep(_TICK)


class _Guest(asyncssh.SSHServer):
    """One caller, and whether it gets in."""

    def __init__(self, door: SftpDoor) -> None:
        self._door = door
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._door._guests.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._door._guests.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def auth_completed(self) -> None:
        self._door.logins += 1

    def public_key_auth_supported(self) -> bool:
        return self._door.client_key is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._count(username == self._door.username and key == self._door.client_key)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._count((username, password) == (self._door.username, self._door.password))

    def _count(self, right: bool) -> bool:
        allowed = right and not self._door.refusing
        self._door.refused += not allowed
        return allowed


class _Writing(io.BytesIO):
    """A file that the caller writes: what is written is there at once, as on a disk."""

    def __init__(self, files: _Files, path: str) -> None:
        super().__init__()
        self.files = files
        self.path = path

    def keep(self) -> None:
        self.files.keep(self.path, self.getvalue())


class _Reading(io.BytesIO):
    pass


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], door: SftpDoor) -> None:
        super().__init__(channel)
        self._door = door
        self._post = door.post

    def keep(self, path: str, body: bytes) -> None:
        self._post.files[path] = File(body, self._post.now)

    def realpath(self, path: bytes) -> bytes:
        return posixpath.normpath(b"/" + path)

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        place = _place(path)
        if place in ("", *DIRECTORIES):
            return asyncssh.SFTPAttrs(size=0, permissions=stat.S_IFDIR | 0o755, atime=0, mtime=0)
        return _attrs(self._found(place))

    def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return self.stat(path)

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        assert isinstance(file_obj, io.BytesIO)  # noqa: S101 - open() gives no other
        return asyncssh.SFTPAttrs(size=len(file_obj.getvalue()), permissions=stat.S_IFREG | 0o644)

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        pass

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        pass

    def fsync(self, file_obj: object) -> None:
        pass

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        place = _place(path)
        if place not in DIRECTORIES:
            raise asyncssh.SFTPNoSuchFile("no such directory")
        for dots in (b".", b".."):
            yield asyncssh.SFTPName(dots, attrs=asyncssh.SFTPAttrs(permissions=stat.S_IFDIR | 0o755, size=0, mtime=0))
        for name in self._post.names(place):
            file = self._post.files.get(f"{place}/{name}")
            if file is not None:
                yield asyncssh.SFTPName(name.encode("latin-1"), attrs=_attrs(file))

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        place = _place(path)
        directory, _, name = place.partition("/")
        if not pflags & _WRITING:
            return _Reading(self._found(place).body)
        if directory not in DIRECTORIES or "/" in name:
            raise asyncssh.SFTPNoSuchFile("no such directory")
        if directory != IN or TAKEN_NAME.fullmatch(name) or pflags & asyncssh.FXF_APPEND:
            raise asyncssh.SFTPPermissionDenied("written is into /in, under a temporary name")
        self.keep(place, b"")
        return _Writing(self, place)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        assert isinstance(file_obj, _Writing)  # noqa: S101 - what is opened for reading is not written
        file_obj.seek(offset)
        written = file_obj.write(data)
        file_obj.keep()
        return written

    def remove(self, path: bytes) -> None:
        place = _place(path)
        self._found(place)
        if place.startswith(f"{DONE}/"):
            raise asyncssh.SFTPPermissionDenied("what is done stays")
        del self._post.files[place]

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        old, new = _place(oldpath), _place(newpath)
        file = self._found(old)
        leave, enter = old.partition("/")[0], new.partition("/")[0]
        if enter not in DIRECTORIES or new.count("/") != 1:
            raise asyncssh.SFTPNoSuchFile("no such directory")
        if (leave, enter) not in ((IN, IN), (OUT, DONE)):
            raise asyncssh.SFTPPermissionDenied("files are moved within /in, and from /out to /done")
        if new in self._post.files:
            raise asyncssh.SFTPFailure("it is there already")
        order = self._post.order("receipt", file.body) if enter == IN else None
        kind = order.kind if order else None
        if kind is Kind.LOST:
            self.connection.abort()
            return
        if kind is Kind.UNAVAILABLE:
            raise asyncssh.SFTPFailure("not now")
        if kind is Kind.SLOW and order is not None:
            await asyncio.sleep(order.seconds)
        self._post.files[new] = File(file.body, self._post.now if enter == IN else file.modified)
        if kind is not Kind.COPIED:
            del self._post.files[old]
        if kind in (Kind.COPIED, Kind.DROP_AFTER_RECORDING):
            self.connection.abort()

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("nothing is replaced here")

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        raise asyncssh.SFTPPermissionDenied("directories are the payer's")

    def rmdir(self, path: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("directories are the payer's")

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("there are no links here")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("there are no links here")

    def readlink(self, path: bytes) -> bytes:
        raise asyncssh.SFTPNoSuchFile("there are no links here")

    def statvfs(self, path: bytes) -> asyncssh.SFTPVFSAttrs:
        raise asyncssh.SFTPOpUnsupported("a mailbox is no disk")

    def _found(self, place: str) -> File:
        file = self._post.files.get(place)
        if file is None:
            raise asyncssh.SFTPNoSuchFile("no such file")
        return file


def _place(path: bytes) -> str:
    return posixpath.normpath(b"/" + path).decode("latin-1").strip("/")


def _attrs(file: File) -> asyncssh.SFTPAttrs:
    size = len(file.body)
    return asyncssh.SFTPAttrs(size=size, permissions=stat.S_IFREG | 0o644, atime=0, mtime=int(file.modified))
