"""A post office for tests: the X12 channel over files, a folder for a payer's server, and what a payer puts there.

``Office`` is a gateway without doors: it files, and looks into its mailbox when it is told to.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from adapters.x12_278 import ADAPTER, traces
from gateway.contract.adapter import Change, Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import NotSent, Unreadable
from gateway.contract.frames import Drop, Look, Reply
from gateway.engine.links import Links
from gateway.engine.mailroom import Mailroom
from gateway.engine.queue import Queue, Walk
from gateway.engine.sorting import Sorter
from gateway.engine.walk import Walker
from gateway.main.house import load_adapters
from gateway.model.outcome import Answer, Outcome
from gateway.model.request import PARequest
from gateway.profiles.library import Library
from gateway.profiles.mailbox import MailboxProfile
from gateway.store.database import Database
from gateway.store.mailroom import Arrival, list_arrivals, read_arrival
from gateway.store.records import Attempt, Case, EntryKind
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link
from gateway.transport.mailbox import Lying
from gateway.transport.secrets import Secrets
from tests.unit.store_cases import load, take
from tests.x12_material import COMPANY, acknowledgement, envelope, request, response, ta1, trn

MAPPINGS = Path(__file__).parents[1] / "mappings"
CONNECTION = "demo_clearinghouse"
NEIGHBOURSON = {"last_name": "Neighbourson", "first_name": "Uma", "birth_date": "1970-01-02", "gender": "female"}


class ByFile:
    """The X12 channel, with what it says put down as a file. All else is the channel's own."""

    def __init__(self, inner: Any = ADAPTER) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def submit(self, wanted: PARequest, to: Destination, stamp: Stamp) -> Exchange:
        return (yield from _put(self._inner.submit(wanted, to, stamp), stamp))

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange:
        return (yield from _put(self._inner.amend(filed, change, to, stamp), stamp))

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange:
        reply = yield Look("in", (_name(filed.stamp), _temporary(filed.stamp)))
        there = json.loads(reply.body)
        if _name(filed.stamp) in there:
            return Outcome(answer=Answer.PLACED)
        return Outcome(answer=Answer.NOT_FOUND if _temporary(filed.stamp) in there else Answer.UNAVAILABLE)

    def answers_inquiries(self, to: Destination) -> bool:
        return False

    puts_into = ADAPTER.puts_into
    registered, open, place, hear = ADAPTER.registered, ADAPTER.open, ADAPTER.place, ADAPTER.hear
    numbers = ADAPTER.numbers


def _put(exchange: Exchange, stamp: Stamp) -> Exchange:
    frame = next(exchange)
    exchange.close()
    document = frame.document or b""
    yield Drop("in", _name(stamp), _temporary(stamp), document, document, frame.document_type, frame.losses)
    return Outcome(answer=Answer.PLACED)


def _name(stamp: Stamp) -> str:
    return f"{stamp.number:09d}.x12"


def _temporary(stamp: Stamp) -> str:
    return f".{_name(stamp)}.part"


@dataclass
class Folder:
    """A folder that stands for a payer's server, as a transport of files. ``trouble`` is raised by the next acts."""

    root: Path
    trouble: list[Exception] = field(default_factory=list)
    visits: int = 0

    async def send(self, frame: Drop | Look, link: Link) -> Reply:
        self._stumble()
        place = self.root / frame.directory
        if isinstance(frame, Look):
            sizes = {name: (place / name).stat().st_size for name in frame.names if (place / name).exists()}
            return Reply(200, body=json.dumps(sizes).encode())
        (place / frame.temporary).write_bytes(frame.body)
        (place / frame.temporary).rename(place / frame.name)
        return Reply(201)

    @asynccontextmanager
    async def visit(self, link: Link) -> AsyncIterator[Visit]:
        self._stumble()
        self.visits += 1
        assert link.mailbox is not None
        yield Visit(self.root, link.mailbox)

    async def close(self) -> None:
        return

    def _stumble(self) -> None:
        if self.trouble:
            raise self.trouble.pop(0)


@dataclass(frozen=True)
class Visit:
    root: Path
    box: MailboxProfile

    async def list(self) -> tuple[Lying, ...]:
        return tuple(
            Lying(directory, path.name, path.stat().st_size, int(path.stat().st_mtime))
            for directory in self.box.directories
            for path in sorted((self.root / directory).iterdir())
            if path.is_file() and any(fnmatch(path.name, each) for each in self.box.names)
        )

    async def fetch(self, lying: Lying, most: int) -> bytes:
        try:
            body = (self.root / lying.directory / lying.name).read_bytes()
        except OSError:
            raise NotSent("it cannot be read") from None
        if len(body) > most:
            raise Unreadable("too long")
        return body

    async def tidy(self, lying: Lying) -> None:
        path = self.root / lying.directory / lying.name
        if self.box.tidy == "delete":
            path.unlink(missing_ok=True)
        elif self.box.move_to is not None and path.exists():
            path.rename(self.root / self.box.move_to / lying.name)


@dataclass
class Office:
    database: Database
    library: Library
    links: Links
    walker: Walker
    mailroom: Mailroom
    folder: Folder
    adapter: ByFile

    @property
    def out(self) -> Path:
        """Where the payer puts what it has for us."""
        return self.folder.root / "out"

    async def file(self, wanted: PARequest | None = None, tenant: str = "clinic-one") -> UUID:
        """A case whose filing lies at the payer's."""
        case_id = await take(self.database, wanted or request(), tenant=tenant)
        await self.walker.walk(Walk(case_id))
        return case_id

    async def filing(self, case_id: UUID) -> Attempt:
        [submission] = (await load(self.database, case_id)).submissions
        assert submission.filing is not None
        return submission.filing

    def put(self, name: str, *documents: bytes) -> Path:
        """A file of the payer's, which has lain there for a while."""
        path = self.out / name
        path.write_bytes(b"".join(documents))
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path

    async def look(self, times: int = 1) -> None:
        """Look into the mailbox now, whatever time it is, and whoever died over it."""
        profile = self.library.connection(CONNECTION)
        assert profile.mailbox is not None
        for _ in range(times):
            await self.database.fetch("UPDATE mailboxes SET look_at = now() - interval '1 hour', leased_until = NULL")
            await self.database.fetch("UPDATE arrivals SET updated_at = at")
            await self.mailroom.visit(profile, profile.mailbox.look_seconds, asyncio.Event())

    async def case(self, case_id: UUID) -> Case:
        return await load(self.database, case_id)

    async def arrivals(self) -> Sequence[Arrival]:
        """What came, the earliest first, with bodies."""
        listed = await list_arrivals(self.database, None, 100)
        read = [await read_arrival(self.database, each.id) for each in listed]
        return sorted((each for each in read if each is not None), key=lambda each: each.at)

    async def heard(self, case_id: UUID) -> list[str]:
        """What a case's journal says that its payer answered, in the order it was heard; not that it was placed."""
        rows = await self.database.fetch(
            "SELECT meta::text FROM journal WHERE request_id = $1 AND kind = $2 ORDER BY n", case_id, EntryKind.OUTCOME
        )
        return [each["answer"] for each in (json.loads(row["meta"]) for row in rows) if each["answer"] != "placed"]


def post_library(**mailbox: Any) -> Library:
    """The shipped profiles, the clearinghouse with a mailbox."""
    known = _shipped()
    box = MailboxProfile(**({"directories": ("out",), "look_seconds": 60.0} | mailbox))
    connections = {
        each.connection: each.model_copy(update={"mailbox": box} if each.connection == CONNECTION else {})
        for each in known.connections()
    }
    return Library({one.payer: one for one in known.payers()}, connections, known._destinations)


@cache
def _shipped() -> Library:
    return Library.load(MAPPINGS, load_adapters())


@asynccontextmanager
async def open_office(database: Database, url: str, root: Path, **mailbox: Any) -> AsyncIterator[Office]:
    for name in ("in", "out", "done"):
        (root / name).mkdir(exist_ok=True)
    library, folder, adapter, queue = post_library(**mailbox), Folder(root), ByFile(), Queue(url)
    adapters: Any = {"x12_278": adapter}
    transport = HttpsTransport(Secrets())
    links = Links(library, transport, database.now, folder)
    walker = Walker(database, queue, library, adapters, links, database.now)
    sorter = Sorter(database, queue, walker.scripts, walker.clerk, adapters)
    mailroom = Mailroom(database, library, links, sorter)
    try:
        yield Office(database, library, links, walker, mailroom, folder, adapter)
    finally:
        await transport.close()


def from_payer(document: bytes, at: Any, number: int, moment: str = "1011") -> bytes:
    """A document of x12_material's as this connection's payer would send it just now, under a number of its own."""
    day = f"{at:%y%m%d}".encode()
    changed = document.replace(b"RECEIVER       ", b"EVERGREEN      ").replace(b"SENDER         ", b"PAYERGW        ")
    changed = changed.replace(b"RECEIVER*SENDER", b"EVERGREEN*PAYERGW").replace(COMPANY.encode(), b"1999999999")
    changed = changed.replace(b"260301*", day + b"*").replace(b"*1011*", f"*{moment}*".encode())
    old = changed[90:99]
    return changed.replace(old, f"{number:09d}".encode())


def answer(
    filing: Attempt, word: str, number: int, *, moment: str = "1011", patient: bytes = b"SAMPLETON*ADA"
) -> bytes:
    """A 278 that answers a filing: the whole of it with this word (HCR01)."""
    codes = ("SV1*HC:J9271**UN*200", "SV1*HC:96413**UN*6", "SV1*HC:96415**UN*6")
    granted = f"HCR*{word}*AUTH{number}" if word == "A1" else f"HCR*{word}"
    services = [[trn(place, filing.stamp), granted, code] for place, code in enumerate(codes, start=1)]
    named = {"bht": traces.submission(filing.stamp), "trace": traces.event(filing.stamp)}
    document = response("UM*HS*I", granted, services=services, **named)
    return from_payer(document.replace(b"SAMPLETON*ADA", patient), filing.stamp.at, number, moment)


def accepts(filing: Attempt, number: int, verdict: str = "A") -> bytes:
    """A 999 about a filing's group."""
    taken = "1" if verdict == "A" else "0"
    said = ("AK2*278*0001*005010X217", f"IK5*{verdict}" + ("" if taken == "1" else "*5"), f"AK9*{verdict}*1*1*{taken}")
    return from_payer(acknowledgement(*said, number=filing.stamp.number), filing.stamp.at, number)


def advises(filing: Attempt, number: int, verdict: str, *faults: str) -> bytes:
    """An 824 about a filing's transaction."""
    named = f"TN*{traces.submission(filing.stamp)}*****{filing.stamp.number}*0001*278*005010X217"
    body = ["BGN*11*THEIRS*20260301", f"OTI*{verdict}*{named}", *faults]
    document = envelope(body, kind="824", group="AG", guide="005010X186", number=5)
    return from_payer(document, filing.stamp.at, number)


def receipt(filing: Attempt, document: bytes, number: int) -> bytes:
    """A TA1 about a filing's interchange, which repeats its day and time."""
    told = from_payer(ta1("A", number=filing.stamp.number), filing.stamp.at, number)
    return told.replace(told[told.index(b"TA1*") + 14 : told.index(b"TA1*") + 25], document[70:81])
