"""The strict payer takes whatever this channel writes, and refuses stays and accidents whose days cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from adapters.x12_278 import ADAPTER
from adapters.x12_278.carriers.core_fields import PAYLOAD_TYPES
from adapters.x12_278.hearing.hear import hear
from conformance.simulators.clock import Clock
from conformance.simulators.desk import Desk
from conformance.simulators.payers import EVERGREEN
from gateway.contract.adapter import Change, ChangeKind
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.model.outcome import Answer, ReferenceKind
from gateway.model.request import PARequest
from gateway.model.status import Attention
from tests.unit.simulator_messages import Wrapper, calling
from tests.x12_material import LATER, STAMP, asked, destination, filed, line, request
from tests.x12_requests import requests

TO = destination(payer={"umo_id": "EVERGREEN"}, connection={"isa_sender_id": "PAYERGW", "isa_receiver_id": "EVERGREEN"})
STAY = {"admitted_on": "2026-03-01", "discharged_on": "2026-03-04", "kind": "elective", "source": "home"}
ACCIDENT = {"occurred_on": "2026-02-20", "causes": ["work"]}


def read(said: Any) -> Any:
    document = first_frame(said).document
    assert document is not None
    return Desk(Clock()).read(document.decode("ascii"), EVERGREEN)


@settings(suppress_health_check=list(HealthCheck))
@given(requests())
def test_the_strict_payer_finds_no_fault_in_what_is_written(wanted: PARequest) -> None:
    held = filed(wanted)
    cancel = Change(kind=ChangeKind.CANCEL)
    for said in (ADAPTER.submit(wanted, TO, STAMP), ADAPTER.amend(held, cancel, TO, LATER)):
        try:
            heard = read(said)
        except CannotExpress:
            continue
        assert (heard.fault, heard.findings.segments, heard.findings.group_codes) == (None, [], [])
        assert heard.submission is not None


TOLD = destination(
    payer={"umo_id": "EVERGREEN", "admissions": "notification"},
    connection={"isa_sender_id": "PAYERGW", "isa_receiver_id": "EVERGREEN"},
)


def test_an_admission_that_is_told_is_acknowledged_once_and_heard_as_received() -> None:
    desk = Desk(Clock())
    said = ADAPTER.submit(ADMITTED, TOLD, STAMP)
    frame = next(said)
    assert frame.document is not None
    answer = desk.act(desk.read(frame.document.decode("ascii"), EVERGREEN))
    assert (answer.outcome, answer.guide, len(desk.filings)) == ("told", "005010X216", 1)
    outcome = hear(answer.text.encode("ascii"), asked(of=ADMITTED, notice=True), TOLD)
    assert (outcome.answer, outcome.attention) == (Answer.RECEIVED, Attention.NONE)
    assert [item.kind for item in outcome.references] == [ReferenceKind.TRACE, ReferenceKind.REVIEW]


async def test_a_notice_goes_over_the_wire_under_a_payload_type_of_its_own() -> None:
    frame = first_frame(ADAPTER.submit(ADMITTED, TOLD, STAMP))
    assert frame.document is not None
    async with calling() as caller:
        segments = [segment.split("*") for segment in frame.document.decode("ascii").split("~")[2:-4]]
        answer = await caller.send(segments, Wrapper(), PayloadType=PAYLOAD_TYPES["278_notification"])
        assert answer.first("BHT")[1:3] == ["0007", "11"]
        assert answer.first("REF")[1] == "NT"
        assert len(await caller.filed()) == 1


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [("DTP*435*D8*20260301~", "", "AM"), ("UM*AR*I", "UM*HS*I", "33"), ("UM*AR*I", "UM*AR*R", "33")],
)
def test_a_notice_that_cannot_be_is_refused_and_heard_so(before: str, after: str, code: str) -> None:
    frame = first_frame(ADAPTER.submit(ADMITTED, TOLD, STAMP))
    assert frame.document is not None
    text = frame.document.decode("ascii").replace(before, after)
    if not after:
        [trailer] = [segment for segment in text.split("~") if segment.startswith("SE*")]
        count = int(trailer.split("*")[1])
        text = text.replace(trailer, f"SE*{count - 1}*0001")
    desk = Desk(Clock())
    answer = desk.act(desk.read(text, EVERGREEN))
    assert answer.outcome == f"AAA {code}"
    assert len(desk.filings) == 0
    assert hear(answer.text.encode("ascii"), asked(of=ADMITTED, notice=True), TOLD).answer is Answer.REJECTED


def answered(wanted: PARequest, *altered: tuple[str, str]) -> str:
    """What the payer says of a filing in which segments are written otherwise."""
    document = first_frame(ADAPTER.submit(wanted, TO, STAMP)).document
    assert document is not None
    text = document.decode("ascii")
    for before, after in altered:
        assert before in text
        text = text.replace(before, after)
    segments = text.split("~")
    count = segments.index(next(one for one in segments if one.startswith("SE*"))) - 1
    text = "~".join(f"SE*{count}*0001" if one.startswith("SE*") else one for one in segments)
    desk = Desk(Clock())
    return desk.act(desk.read(text, EVERGREEN)).outcome


def wanted(**over: Any) -> PARequest:
    coverage = {"payer": "evergreen_health", "member_id": "SIMAPPROVE01", "line_of_business": "commercial"}
    return request(coverages=[coverage], lines=[line(diagnoses=[1])], **over)


ADMITTED = wanted(review="admission", admission=STAY)
HURT = wanted(accident=ACCIDENT)


@pytest.mark.parametrize("filing", [ADMITTED, HURT])
def test_days_that_can_be_are_taken(filing: PARequest) -> None:
    assert answered(filing) == "filed A1"


@pytest.mark.parametrize(
    ("filing", "before", "after", "code"),
    [
        (ADMITTED, "DTP*435*D8*20260301~", "", "AM"),
        (ADMITTED, "DTP*096*D8*20260304~", "DTP*096*D8*20260228~", "AN"),
        (HURT, "DTP*439*D8*20260220~", "", "AI"),
        (HURT, "DTP*439*D8*20260220~", "DTP*439*D8*20310220~", "AI"),
    ],
)
def test_days_that_are_missing_or_cannot_be_are_refused(filing: PARequest, before: str, after: str, code: str) -> None:
    assert answered(filing, (before, after)) == f"AAA {code}"
