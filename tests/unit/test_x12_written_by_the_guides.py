"""Whatever this channel writes, its guide has nothing against: requests, changes, inquiries, documents."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.x12_278 import ADAPTER
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.library import Guides
from gateway.contract.adapter import Answers, Change, ChangeKind, Exchange, Filed
from gateway.contract.destination import Destination
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.main.config import PROJECT
from gateway.model.outcome import Reference, ReferenceKind
from gateway.model.request import PARequest
from gateway.profiles.guides import read_guides
from tests.unit.test_x12_losses import DESTINATIONS
from tests.x12_material import LATER, STAMP, destination
from tests.x12_requests import requests


@cache
def guides() -> Guides:
    files = read_guides(PROJECT / "mappings", "x12")
    return Guides(files.files, files.rules)


def faults_of(said: Exchange) -> list[str]:
    """What the guide refuses in the document that is said first; nothing where it cannot be said at all."""
    try:
        document = first_frame(said).document
    except CannotExpress:
        return []
    assert document is not None
    report = check(document, guides())
    found = [f"{fault.at}: {fault.says}" for fault in report.faults if fault.refuses]
    assert report.ok or found
    return found


@settings(suppress_health_check=list(HealthCheck))
@given(requests(), st.sampled_from([*DESTINATIONS, destination(payer={"admissions": "notification"})]), st.booleans())
def test_the_guide_refuses_nothing_that_is_written(wanted: PARequest, to: Destination, numbered: bool) -> None:
    numbers = [(ReferenceKind.AUTHORIZATION, "AU-7"), (ReferenceKind.REVIEW, "RV-7")] if numbered else []
    filed = Filed(
        request=wanted,
        stamp=STAMP,
        references=tuple(Reference(kind=kind, value=value) for kind, value in numbers),
    )
    said = {"filing": ADAPTER.submit(wanted, to, STAMP), "inquiry": ADAPTER.inquire(filed, to, LATER)}
    for kind in ChangeKind:
        change = Change(kind=kind, reason="no longer needed", request=None if kind is ChangeKind.CANCEL else wanted)
        said[kind] = ADAPTER.amend(filed, change, to, LATER)
    if wanted.attachments:
        said["documents"] = ADAPTER.answer(filed, Answers(attachments=wanted.attachments), to, LATER)
    assert {name: faults for name, exchange in said.items() if (faults := faults_of(exchange))} == {}
