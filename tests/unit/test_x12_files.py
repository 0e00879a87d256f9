"""X12 in files: names that nothing else has, what is looked for, and what a file that is found, or not, proves."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.x12_278 import ADAPTER
from adapters.x12_278.settings import ConnectionSettings, FileSettings
from conformance.bench import Bench
from conformance.simulators.misbehaviour import Kind, Order
from conformance.simulators.post import IN
from gateway.contract.adapter import Change, ChangeKind, Exchange, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.drive import drive, first_frame
from gateway.contract.errors import MaybeSent, Unreadable
from gateway.contract.frames import Drop, Frame, Look, Reply
from gateway.model.outcome import Answer, Outcome
from gateway.model.request import PARequest, Review
from tests.running.requests import compose
from tests.unit.sftp_payer import a_link, open_door, open_transport

REQUEST = PARequest.model_validate(compose("SIMAPPROVE01", payer="hawthorn_health"))
STAMP = Stamp.model_validate({"at": "2026-11-21T15:04:05Z", "number": 42, "seed": "0123456789abcdef" * 2})
OTHER = STAMP.model_copy(update={"number": 43, "seed": "fedcba9876543210" * 2})


@pytest.fixture(scope="module")
def to() -> Destination:
    return Bench.here().library.destination("hawthorn_health", "demo_sftp")


def put(exchange: Exchange) -> Drop:
    frame = first_frame(exchange)
    assert isinstance(frame, Drop)
    return frame


def ended(exchange: Exchange, status: int, body: bytes = b"") -> Outcome:
    def say(frame: Frame) -> Reply:
        return Reply(status, body=body)

    return drive(exchange, say)


def named(to: Destination, **files: str) -> Destination:
    settings = to.connection_settings
    assert isinstance(settings, ConnectionSettings)
    made = FileSettings(**{"directory": "in", **files})
    return to.model_copy(update={"connection_settings": settings.model_copy(update={"files": made})})


def test_a_file_has_one_interchange_and_nothing_else(to: Destination) -> None:
    frame = put(ADAPTER.submit(REQUEST, to, STAMP))
    assert frame.body == frame.document
    assert (frame.body[:3], frame.body.count(b"~IEA*"), frame.body.count(b"ISA*")) == (b"ISA", 1, 1)
    assert frame.effect
    assert ended(ADAPTER.submit(REQUEST, to, STAMP), 201) == Outcome(answer=Answer.PLACED)


def test_the_same_stamp_gives_the_same_file_and_another_one_another(to: Destination) -> None:
    first, again, other = (put(ADAPTER.submit(REQUEST, to, stamp)) for stamp in (STAMP, STAMP, OTHER))
    assert first == again
    assert not {first.name, first.temporary} & {other.name, other.temporary}


def test_a_sending_again_gives_the_same_file(to: Destination) -> None:
    again = STAMP.model_copy(update={"again": True})
    assert put(ADAPTER.submit(REQUEST, to, again)) == put(ADAPTER.submit(REQUEST, to, STAMP))


def test_a_file_is_named_as_the_partner_says(to: Destination) -> None:
    partner = named(to, directory="/up/pa", name="PA.{kind}.{date}.{time}.{number}.{short}", temporary=".{name}.part")
    frame = put(ADAPTER.submit(REQUEST, partner, STAMP))
    assert frame.directory == "/up/pa"
    assert re.fullmatch(r"PA\.278\.20261121\.150405\.000000042\.[0-9a-f]{16}", frame.name)
    assert frame.temporary == f".{frame.name}.part"


def test_no_name_holds_anything_of_the_patient(to: Destination) -> None:
    frame = put(ADAPTER.submit(REQUEST, to, STAMP))
    for word in ("SIMAPPROVE01", "Testperson", "Ada", "19610412", REQUEST.reference or ""):
        assert word.lower() not in f"{frame.name}{frame.temporary}".lower()


@pytest.mark.parametrize(
    "files",
    [
        {"name": "278.x12"},
        {"name": "{number}.x12"},
        {"name": "{id}/{kind}.x12"},
        {"name": "{member}.{id}"},
        {"name": "{id!r}"},
        {"name": "{id.__class__}"},
        {"name": "a b {id}"},
        {"temporary": "{name}"},
        {"temporary": "x.tmp"},
        {"temporary": "../{name}.tmp"},
        {"directory": "in\nout"},
    ],
)
def test_names_that_could_meet_or_lead_elsewhere_are_refused(files: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FileSettings.model_validate({"directory": "in", **files})


@pytest.mark.parametrize("change", [{"files": None}, {"carrier": "core_soap"}])
def test_files_are_for_this_carrier_which_needs_them(to: Destination, change: dict[str, Any]) -> None:
    settings = to.connection_settings.model_dump()
    ConnectionSettings.model_validate(settings)
    with pytest.raises(ValidationError):
        ConnectionSettings.model_validate({**settings, **change})


def test_a_change_is_a_file_of_its_own(to: Destination) -> None:
    filed = Filed(request=REQUEST, stamp=STAMP)
    exchange = ADAPTER.amend(filed, Change(kind=ChangeKind.CANCEL), to, OTHER)
    assert put(exchange).name != put(ADAPTER.submit(REQUEST, to, STAMP)).name
    assert ended(ADAPTER.amend(filed, Change(kind=ChangeKind.CANCEL), to, OTHER), 201).answer is Answer.PLACED


@pytest.mark.parametrize("status", [200, 202, 404, 500])
def test_what_was_not_seen_where_it_was_put_may_lie_there(to: Destination, status: int) -> None:
    with pytest.raises(MaybeSent):
        ended(ADAPTER.submit(REQUEST, to, STAMP), status)


def test_an_inquiry_looks_for_the_file_of_the_filing_and_has_no_effect(to: Destination) -> None:
    frame = first_frame(ADAPTER.inquire(Filed(request=REQUEST, stamp=STAMP), to, OTHER))
    drop = put(ADAPTER.submit(REQUEST, to, STAMP))
    assert isinstance(frame, Look)
    assert (frame.directory, frame.names, frame.effect) == (drop.directory, (drop.name, drop.temporary), False)


@pytest.mark.parametrize(
    ("final", "temporary", "answer"),
    [
        (7, None, Answer.PLACED),
        (7, 7, Answer.PLACED),
        (7, 0, Answer.PLACED),
        (None, 7, Answer.NOT_FOUND),  # its renames are whole
        (None, 0, Answer.UNAVAILABLE),  # emptied after a rename that was forbidden
        (None, None, Answer.UNAVAILABLE),
    ],
)
def test_only_a_file_that_was_never_renamed_proves_that_nothing_was_filed(
    to: Destination, final: int | None, temporary: int | None, answer: Answer
) -> None:
    drop = put(ADAPTER.submit(REQUEST, to, STAMP))
    sizes = {drop.name: final, drop.temporary: temporary, "other": 7}
    seen = {name: size for name, size in sizes.items() if size is not None}
    inquiry = ADAPTER.inquire(Filed(request=REQUEST, stamp=STAMP), to, OTHER)
    assert ended(inquiry, 200, json.dumps(seen).encode()) == Outcome(answer=answer)


@pytest.mark.proves("SF-01")
async def test_a_rename_that_copies_may_be_half_done_so_a_temporary_name_proves_nothing_unless_a_profile_says_so(
    to: Destination,
) -> None:
    partner, filed = named(to, directory=IN), Filed(request=REQUEST, stamp=STAMP)
    drop = put(ADAPTER.submit(REQUEST, partner, STAMP))
    async with open_door() as door, open_transport() as transport:
        door.post.reception.orders.give(Order(Kind.COPIED, count=1, verb="receipt"))
        with pytest.raises(MaybeSent):
            await transport.send(drop, a_link(door.url))
        assert {file.body for file in door.post.files.values()} == {drop.body}
        assert set(door.post.files) == {f"{IN}/{name}" for name in (drop.name, drop.temporary)}
        del door.post.files[f"{IN}/{drop.name}"]  # the payer takes it
        look = first_frame(ADAPTER.inquire(filed, partner, OTHER))
        assert isinstance(look, Look)
        seen = (await transport.send(look, a_link(door.url))).body
    assert ended(ADAPTER.inquire(filed, partner, OTHER), 200, seen) == Outcome(answer=Answer.UNAVAILABLE)
    whole = named(to, directory=IN, rename="atomic")
    assert ended(ADAPTER.inquire(filed, whole, OTHER), 200, seen) == Outcome(answer=Answer.NOT_FOUND)


@pytest.mark.parametrize(("status", "body"), [(200, b""), (200, b"[]"), (200, b"{"), (200, b"\xff"), (404, b"{}")])
def test_what_is_no_list_of_names_proves_nothing(to: Destination, status: int, body: bytes) -> None:
    with pytest.raises(Unreadable):
        ended(ADAPTER.inquire(Filed(request=REQUEST, stamp=STAMP), to, OTHER), status, body)


def test_an_admission_that_was_told_is_looked_for_too(to: Destination) -> None:
    settings = to.payer_settings.model_copy(update={"admissions": "notification"})
    telling = to.model_copy(update={"payer_settings": settings})
    request = REQUEST.model_copy(update={"review": Review.ADMISSION})
    frame = first_frame(ADAPTER.inquire(Filed(request=request, stamp=STAMP), telling, OTHER))
    assert isinstance(frame, Look)


def test_where_files_are_put_down_is_told_with_all_their_names(to: Destination) -> None:
    drop = put(ADAPTER.submit(REQUEST, to, STAMP))
    spots = ADAPTER.puts_into(to)
    for name in (drop.name, drop.temporary):
        assert any(spot.directory == drop.directory and fnmatchcase(name, spot.names) for spot in spots)
    assert not any(fnmatchcase("an_answer.rsp", spot.names) for spot in spots)
