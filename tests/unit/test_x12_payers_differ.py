"""What payers want otherwise changes what is written where they declare it, and nowhere else (CO-01)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from adapters.x12_278.asking.approval import approve
from adapters.x12_278.codec.tokens import split
from adapters.x12_278.guides.check import check
from conformance.bench import Bench
from gateway.contract.adapter import Change, ChangeKind, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.contract.guides import GuideLayer
from gateway.model.request import LineOfBusiness, PARequest
from tests.running.requests import compose

STAMP = Stamp(at=datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC), number=17, seed="0123456789abcdef" * 2)
BEFORE = date(2026, 6, 30)
COMMERCIAL, MEDICARE = LineOfBusiness.COMMERCIAL, LineOfBusiness.MEDICARE_ADVANTAGE
WAYS = {
    "evergreen_health": "demo_clearinghouse",
    "bluestem_mutual": "demo_clearinghouse",
    "cedar_valley": "demo_mime",
    "dogwood_plan": "demo_rest_x12",
}
Spoil = Callable[[dict[str, Any]], object]


@cache
def bench() -> Bench:
    return Bench.here()


def destination(payer: str, business: LineOfBusiness = COMMERCIAL, on: date | None = None) -> Destination:
    return bench().library.destination(payer, WAYS[payer], business, on or STAMP.at.date())


def request(payer: str, business: LineOfBusiness = COMMERCIAL, spoil: Spoil | None = None) -> PARequest:
    asked = compose("SIMAPPROVE01", payer=payer)
    asked["reference"] = "order-1"
    asked["coverages"][0]["line_of_business"] = business
    if spoil:
        spoil(asked)
    return PARequest.model_validate(asked)


def written(payer: str, business: LineOfBusiness = COMMERCIAL, spoil: Spoil | None = None) -> bytes:
    frame = first_frame(
        bench().adapter("x12_278").submit(request(payer, business, spoil), destination(payer, business), STAMP)
    )
    assert frame.document is not None
    return frame.document


def places(document: bytes) -> dict[str, bytes]:
    """Each element by its place, in the delimiters of nobody."""
    (tokens,) = split(document)
    marks, found = tokens.marks, {"delimiters": b"".join(tokens.marks)}
    for number, raw in enumerate(tokens.raw):
        values = raw.split(marks.element)
        tag = values[0].decode()
        for place, value in enumerate(values[1:], start=1):
            at = f"{number}:{tag}{place:02d}"
            if tag == "ISA" and place in (11, 16):
                continue  # they are delimiters
            found[at] = value if tag == "ISA" else value.replace(marks.component, b"\x1f")
    return found


GOLDEN = {
    ("bluestem_mutual", COMMERCIAL): {
        "0:ISA08": b"BLUESTEM       ",
        "1:GS03": b"BLUESTEM",
        "5:NM103": b"Bluestem Mutual",
        "5:NM109": b"BLUESTEM",
    },
    ("bluestem_mutual", MEDICARE): {
        "0:ISA08": b"BLUESTEM       ",
        "1:GS03": b"BLUESTEM",
        "5:NM103": b"Bluestem Mutual",
        "5:NM109": b"BLUESTEM",
        "19:UM09": b"Y",
    },
    ("cedar_valley", COMMERCIAL): {
        "0:ISA08": b"CEDAR          ",
        "1:GS03": b"CEDAR",
        "5:NM103": b"Cedar Valley",
        "5:NM109": b"CEDAR",
    },
    ("dogwood_plan", COMMERCIAL): {
        "delimiters": b"!>|~",
        "0:ISA07": b"30",
        "0:ISA08": b"DOGWOOD        ",
        "1:GS03": b"DOGWOOD",
        "5:NM103": b"Dogwood Plan",
        "5:NM109": b"DOGWOOD",
    },
}
"""What stands otherwise in the same request to each payer, beside that to evergreen_health."""


@pytest.mark.proves("CO-01")
@pytest.mark.parametrize(("payer", "business"), GOLDEN)
def test_a_payer_changes_what_it_declares_and_nothing_else(payer: str, business: LineOfBusiness) -> None:
    plain, other = places(written("evergreen_health", business)), places(written(payer, business))
    assert plain.keys() <= other.keys()
    assert {at: value for at, value in other.items() if plain.get(at, b"") != value} == GOLDEN[payer, business]


def test_a_layer_of_a_line_of_business_changes_nothing_before_its_first_day() -> None:
    to = destination("bluestem_mutual", MEDICARE, BEFORE)
    today, earlier = destination("bluestem_mutual", MEDICARE), destination("bluestem_mutual", COMMERCIAL, BEFORE)
    assert (to.payer_settings, to.layers) == (earlier.payer_settings, earlier.layers)
    assert to.payer_settings != today.payer_settings


def document(number: int, kind: str) -> dict[str, Any]:
    content = base64.b64encode(b"Synthetic.").decode()
    return {"id": f"d{number}", "kind": kind, "title": "Synthetic", "media_type": "text/plain", "content": content}


@pytest.mark.parametrize(
    ("payer", "spoil", "pointer", "fix"),
    [
        (
            "bluestem_mutual",
            lambda asked: asked.update(servicing=[]),
            "/servicing",
            "This payer reviews nothing without the rendering provider. Give it.",
        ),
        ("cedar_valley", lambda asked: asked["requester"].pop("contact"), "/requester/contact", "Give it."),
        (
            "cedar_valley",
            lambda asked: asked.update(attachments=[document(1, "imaging_report")]),
            "/attachments",
            "Send one of: clinical_notes, laboratory_results, other.",
        ),
        (
            "cedar_valley",
            lambda asked: asked.update(attachments=[document(number, "clinical_notes") for number in range(3)]),
            "/attachments",
            "Send at most 2.",
        ),
        (
            "dogwood_plan",
            lambda asked: asked["site"].update(place_of_service="21"),
            "/site/place_of_service",
            "Send one of: 11, 12, 19, 22, 49 (codes of X12).",
        ),
    ],
)
def test_what_a_payer_would_refuse_is_told_in_words_of_the_request_before_anything_is_sent(
    payer: str, spoil: Spoil, pointer: str, fix: str
) -> None:
    with pytest.raises(CannotExpress) as caught:
        written(payer, spoil=spoil)
    (item,) = caught.value.items
    assert item.pointer == pointer
    assert payer in item.why
    assert "conformance/simulators/README.md" in item.why
    assert item.fix == fix
    assert written("evergreen_health", spoil=spoil)


def test_a_fault_in_a_service_is_told_at_its_line() -> None:
    to = destination("evergreen_health")
    only = {"kind": "codes", "at": "2000F/SV103", "only": ["UN"], "source": "a test"}
    layer = GuideLayer("payer some_payer", {"278_request_005010X217": [only]})
    other = to.model_copy(update={"guides": to.guides.under([layer])})
    asked = compose("SIMAPPROVE01", lines=3)
    asked["lines"][1]["quantity"]["unit"] = "minutes"
    with pytest.raises(CannotExpress) as caught:
        first_frame(bench().adapter("x12_278").submit(PARequest.model_validate(asked), other, STAMP))
    (item,) = caught.value.items
    assert item.pointer == "/lines/1/quantity/unit"
    assert item.why == "payer some_payer wants 2000F/SV103 otherwise (a test)"


def test_what_a_payer_has_come_to_want_keeps_no_cancellation_here() -> None:
    adapter, to = bench().adapter("x12_278"), destination("cedar_valley")
    bare = request("cedar_valley", spoil=lambda asked: asked["requester"].pop("contact"))
    filed = Filed(request=bare, stamp=STAMP)
    frame = first_frame(adapter.amend(filed, Change(kind=ChangeKind.CANCEL), to, STAMP))
    assert frame.document is not None
    assert b"~PER*" not in frame.document
    with pytest.raises(CannotExpress):
        first_frame(adapter.inquire(filed, wanting(to, "278_inquiry_005010X215"), STAMP))


def wanting(to: Destination, guide: str) -> Destination:
    """Somebody to call, in another guide."""
    wish = {"kind": "usage", "at": "2010B/PER", "usage": "required", "source": "a test"}
    return to.model_copy(update={"guides": to.guides.under([GuideLayer("payer some_payer", {guide: [wish]})])})


def test_a_cancellation_that_the_guide_itself_does_not_allow_is_not_sent() -> None:
    to = destination("cedar_valley")
    sent = written("cedar_valley")
    wrong = sent.replace(b"~UM*HS*", b"~UM*QQ*")
    approve(sent, to, layers=False)
    with pytest.raises(CannotExpress):
        approve(wrong, to, layers=False)


def test_a_fault_in_a_code_names_the_few_that_may_stand() -> None:
    to = destination("dogwood_plan")
    sent = written("dogwood_plan").replace(b"!11>B", b"!21>B")
    (fault,) = check(sent, to.guides).faults
    assert fault.says.endswith("Choose one of 11, 12, 19, 22, 49.")
    assert fault.allowed == ("11", "12", "19", "22", "49")


def test_a_fact_of_the_guide_that_nobody_is_sure_of_stops_nothing() -> None:
    to = destination("evergreen_health")
    sent = written("evergreen_health", spoil=lambda asked: asked.update(attachments=[document(1, "clinical_notes")]))
    doubtful, wrong = sent.replace(b"*EL***AC*", b"*EL*1**AC*"), sent.replace(b"*EL***AC*", b"*ZZ***AC*")
    assert [(fault.refuses, str(fault.sure)) for fault in check(doubtful, to.guides).faults] == [(True, "inferred")]
    approve(doubtful, to)
    with pytest.raises(CannotExpress):
        approve(wrong, to)
