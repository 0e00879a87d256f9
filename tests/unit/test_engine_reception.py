"""Messages that come to our door, and those that a mailbox is asked for: kept, then acknowledged, in the same words."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from lxml.etree import fromstring

from gateway.contract.errors import NotSent, TooLong, Unreadable
from gateway.contract.frames import Https, Reply
from gateway.engine import collecting
from gateway.engine.collecting import collect
from gateway.engine.reception import NoDoor, Reception, Stranger
from gateway.main.house import load_adapters
from gateway.profiles.library import Library
from gateway.store.database import Database
from gateway.store.mailroom import State, list_arrivals, read_arrival
from gateway.transport.secrets import Secrets
from tests.unit.script_material import message
from tests.unit.store_cases import opened

ROOT = Path(__file__).parents[2]
DOOR, BOX = "demo_birch_rx", "demo_maple_rx"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CLOSED = (
    "<PAInitiationResponse><Response><ResponseStatus><Closed><ReasonCode>CC</ReasonCode></Closed></ResponseStatus>"
    "</Response></PAInitiationResponse>"
)
EMPTY = "<Status><Code>002</Code></Status>"


@cache
def library() -> Library:
    return Library.load(ROOT / "mappings", load_adapters())


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture
def reception(database: Database) -> Reception:
    known = {"GATEWAY_SECRET_PBM_USERNAME": "pbm", "GATEWAY_SECRET_PBM_PASSWORD": "word"}
    return Reception(database, library(), load_adapters(), Secrets(known), lambda: NOW)


def came(own: str = "THEIRS1", content: str = CLOSED, sender: str = "BIRCHRX", more: str = "") -> bytes:
    return message(content, own=own, sender=sender, receiver="PAYERGW", relates="OURS1", more=more)


async def receive(reception: Reception, body: bytes) -> bytes:
    return (await reception.receive(DOOR, "application/xml", body)).body


async def kept(database: Database) -> int:
    return len(await list_arrivals(database, None, 100))


async def test_a_message_is_kept_and_acknowledged_and_comes_again_to_the_same_words(
    reception: Reception, database: Database
) -> None:
    first = await receive(reception, came())
    assert b"<Code>000</Code>" in first
    assert b"<RelatesToMessageID>THEIRS1<" in first
    assert await receive(reception, came()) == first
    assert await kept(database) == 1


async def test_another_message_under_the_same_id_is_refused_and_changes_nothing(
    reception: Reception, database: Database
) -> None:
    first = await receive(reception, came())
    other = await receive(reception, came(content=CLOSED.replace("CC", "CF")))
    assert b"<Code>900</Code>" in other
    assert b"<DescriptionCode>2000<" in other
    assert await receive(reception, came()) == first
    assert await kept(database) == 1


async def test_payers_behind_one_connection_have_addresses_and_message_ids_of_their_own(
    reception: Reception, database: Database, tmp_path: Path
) -> None:
    elm = came(sender="ELMRX", content=CLOSED.replace("CC", "CF"))
    assert b"<DescriptionCode>4030<" in await receive(reception, elm)
    copytree(ROOT / "mappings", tmp_path / "mappings")
    payers = tmp_path / "mappings" / "payers"
    own = (payers / "birch_rx.yaml").read_text().replace("birch_rx\nname: Birch", "elm_rx\nname: Elm")
    (payers / "elm_rx.yaml").write_text(own.replace("script_epa: {}", "script_epa: {to: ELMRX}"))
    network = Library.load(tmp_path / "mappings", load_adapters())
    door = Reception(database, network, load_adapters(), Secrets({}), lambda: NOW)
    for body in (came(), elm):
        first = await receive(door, body)
        assert b"<Code>000</Code>" in first
        assert await receive(door, body) == first
    assert await kept(database) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<Message", "500"),
        (came(sender="STRANGER"), "4030"),
        (came().replace(b">PAYERGW<", b">SOMEBODY<"), "4030"),
        (came(content="<NewRx/>"), "4040"),
        (came().replace(b"<Message ", b'<Message xmlns="http://www.ncpdp.org/schema/transport" '), "3000"),
    ],
    ids=["no_xml", "stranger", "for_another", "other_kind", "2013101"],
)
async def test_what_is_not_taken_is_not_kept(reception: Reception, database: Database, body: bytes, code: str) -> None:
    said = await receive(reception, body)
    assert f"<DescriptionCode>{code}<".encode() in said
    assert await kept(database) == 0


async def test_a_large_message_is_read_beside_everybody_else(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[tuple[str, threading.Thread]] = []
    adapter = load_adapters()["script_epa"]
    for name in ("admit", "acknowledge", "contradict"):

        def seen(verb: Callable[..., Any], name: str, *given: Any) -> Any:
            threads.append((name, threading.current_thread()))
            return verb(*given)

        monkeypatch.setattr(type(adapter), name, staticmethod(partial(seen, getattr(adapter, name), name)))
    for padding in (" " * 70_000, ""):
        threads.clear()
        own = f"A{len(padding)}"
        for content in (CLOSED, CLOSED.replace("CC", "CF"), EMPTY):
            assert (await receive(reception, came(own, content) + padding.encode())).startswith(b"<?xml")
        assert [name for name, _ in threads] == ["admit", "acknowledge", "admit", "contradict", "admit", "acknowledge"]
        assert {thread is threading.main_thread() for _, thread in threads} == {not padding}


async def test_a_receipt_is_acknowledged_and_not_kept(reception: Reception, database: Database) -> None:
    assert b"<Code>000</Code>" in await receive(reception, came(content="<Status><Code>010</Code></Status>"))
    assert await kept(database) == 0


async def test_nothing_is_acknowledged_that_could_not_be_kept(
    reception: Reception, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr("gateway.engine.reception.keep_message", full)
    with pytest.raises(OSError, match="no space"):
        await receive(reception, came())


def test_only_whom_the_profile_names_may_come_and_only_where_there_is_a_door(reception: Reception) -> None:
    reception.admit(DOOR, b"pbm", b"word")
    for user, password in ((b"pbm", b"wrong"), (b"other", b"word"), (b"", b"")):
        with pytest.raises(Stranger):
            reception.admit(DOOR, user, password)
    for connection in (BOX, "demo_clearinghouse", "nowhere"):
        with pytest.raises(NoDoor):
            reception.admit(connection, b"pbm", b"word")


class Box:
    """A mailbox that gives these, and what it was asked."""

    def __init__(self, *given: bytes | Exception) -> None:
        self._given = list(given)
        self.asked: list[bytes] = []

    async def say(self, frame: Https) -> Reply:
        assert frame.document is not None
        self.asked.append(frame.document)
        found = self._given.pop(0)
        if isinstance(found, Exception):
            raise found
        return Reply(200, (("content-type", "application/xml"),), found)


def lying(own: str, delivered: str, content: str = CLOSED) -> bytes:
    more = f"<Mailbox><DeliveredID>{delivered}</DeliveredID></Mailbox>"
    return came(own, content, sender="MAPLERX", more=more)


async def look(database: Database, box: Box, receipt: str | None = None, most: int = 10) -> list[str]:
    partner = library().partner(BOX, NOW.date())
    adapter = load_adapters()["script_epa"]
    return [given async for given in collect(database, box, adapter, partner, receipt, most)]  # type: ignore[arg-type]


async def test_messages_are_asked_for_one_by_one_each_with_the_receipt_of_the_last(database: Database) -> None:
    box = Box(lying("A", "D1"), lying("B", "D2"), came(content=EMPTY, sender="MAPLERX"))
    assert await look(database, box) == ["D1", "D2", ""]
    assert [b"AcknowledgementID" in asked for asked in box.asked] == [False, True, True]
    assert [b">D1<" in asked for asked in box.asked] == [False, True, False]
    assert await kept(database) == 2


async def test_what_is_given_again_is_kept_once_and_its_receipt_goes_back(database: Database) -> None:
    with pytest.raises(NotSent):
        await look(database, Box(lying("A", "D1"), NotSent("no connection")))
    box = Box(lying("A", "D1"), came(content=EMPTY, sender="MAPLERX"))
    assert await look(database, box) == ["D1", ""]
    assert b">D1<" in box.asked[1]
    assert await kept(database) == 1


async def test_another_message_under_a_known_id_is_quarantined_once_and_holds_up_nobody(database: Database) -> None:
    first, other = lying("A", "D1"), lying("A", "D2", CLOSED.replace("CC", "CF"))
    for _ in range(2):  # its receipt may be lost
        assert await look(database, Box(first, other, lying("B", "D3")), most=3) == ["D1", "D2", "D3"]
    found = [await read_arrival(database, each.id) for each in await list_arrivals(database, None, 100)]
    told = {each.body: (each.state, each.reason) for each in found if each is not None}
    assert told.pop(other) == (State.QUARANTINED, "contradicts")
    assert list(told.values()) == [(State.STORED, None)] * 2
    assert len(found) == 3


async def test_an_id_is_of_its_sender(database: Database) -> None:
    theirs = lying("A", "D2").replace(b">MAPLERX<", b">ELMRX<")
    assert await look(database, Box(lying("A", "D1"), theirs), most=2) == ["D1", "D2"]
    assert [each.state for each in await list_arrivals(database, None, 100)] == [State.STORED] * 2


async def test_what_cannot_be_read_holds_up_nobody(database: Database) -> None:
    old = lying("A", "D1").replace(b"20170715", b"20230115")
    long = TooLong("the reply is longer than it may be", 200, lying("C", "D3")[:-9])
    box = Box(old, lying("B", "D2"), long, came(content=EMPTY, sender="MAPLERX"))
    assert await look(database, box) == ["D1", "D2", "D3", ""]
    assert await kept(database) == 3


async def test_a_receipt_in_the_mailbox_is_not_kept(database: Database) -> None:
    verify = lying("A", "D1", "<Verify><VerifyStatus><Code>010</Code></VerifyStatus></Verify>")
    assert await look(database, Box(verify, came(content=EMPTY, sender="MAPLERX"))) == ["D1", ""]
    assert await kept(database) == 0


async def test_a_mailbox_that_refuses_the_question_is_asked_once(database: Database) -> None:
    class Refusing(Box):
        async def say(self, frame: Https) -> Reply:
            await super().say(frame)
            own = fromstring(frame.document or b"").findtext("Header/MessageID")
            return Reply(200, (), message("<Error><Code>900</Code></Error>", sender="MAPLERX", relates=own))

    box = Refusing(b"", b"")
    with pytest.raises(Unreadable, match="refuses the question"):
        await look(database, box)
    assert (len(box.asked), await kept(database)) == (1, 0)


async def test_no_receipt_goes_back_of_what_could_not_be_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(collecting, "keep_message", full)
    box = Box(lying("A", "D1"), lying("B", "D2"))
    with pytest.raises(OSError, match="no space"):
        await look(database, box, receipt="D0")
    assert len(box.asked) == 1
    assert b">D0<" in box.asked[0]


async def test_a_large_message_of_a_mailbox_is_read_beside_everybody_else(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    adapter = load_adapters()["script_epa"]
    read = adapter.collected  # type: ignore[attr-defined]

    def seen(*given: Any) -> Any:
        threads.append(threading.current_thread())
        return read(*given)

    monkeypatch.setattr(type(adapter), "collected", staticmethod(seen))
    box = Box(lying("A", "D1"), lying("B", "D2") + b" " * 70_000, came(content=EMPTY, sender="MAPLERX"))
    assert await look(database, box) == ["D1", "D2", ""]
    assert [thread is threading.main_thread() for thread in threads] == [True, False, True]
    assert await kept(database) == 2
