"""Whatever is sent to the simulated payers, they answer on one of their levels and never fail themselves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.simulators.clock import Clock
from conformance.simulators.envelope import Credentials
from conformance.simulators.misbehaviour import Kind, Order
from conformance.simulators.reception import Reception
from tests.unit.simulator_messages import PASSWORD, Segments, Wrapper, answer_275, envelope, inquiry_278, request_278

values = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="~"), max_size=12),
    st.sampled_from(["", " ", "0", "-1", "EV", "SS", "22", "BDS", "NM1", "HL", "D8", "RD8", "20260101", "9" * 300]),
)


@st.composite
def spoilt(draw: st.DrawFn) -> Segments:
    """A right message, then a few segments dropped, doubled, moved, or with elements changed, added or cut off."""
    base = draw(
        st.sampled_from(
            [
                request_278("SIMPARTIAL01", lines=(("J9271", "2"), ("J1745", "5"))),
                request_278("SIMDOCS01", receiver="BLUESTEM"),
                request_278(certification="3"),
                inquiry_278(),
                inquiry_278(trace=""),
                answer_275("SIMDOCS01", ("EVGD0000001-1", "SGVsbG8=")),
            ]
        )
    )
    segments = [list(segment) for segment in base]
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(segments) - 1))
        match draw(st.sampled_from(["drop", "double", "move", "change", "add", "cut", "name"])):
            case "drop" if len(segments) > 1:
                del segments[place]
            case "double":
                segments.insert(place, list(segments[place]))
            case "move":
                segments.insert(draw(st.integers(0, len(segments) - 1)), segments.pop(place))
            case "change" if len(segments[place]) > 1:
                segments[place][draw(st.integers(1, len(segments[place]) - 1))] = draw(values)
            case "add":
                segments[place].append(draw(values))
            case "cut":
                del segments[place][draw(st.integers(1, len(segments[place]))) :]
            case "name":
                segments[place][0] = draw(values)
    return segments


def reception() -> Reception:
    return Reception(Clock(), Credentials("gateway", PASSWORD))


@settings(max_examples=2 * settings().max_examples)
@given(spoilt(), st.sampled_from(["EVERGREEN", "BLUESTEM"]))
def test_any_transaction_is_answered(segments: Segments, receiver: str) -> None:
    payers = reception()
    guide = next(g for g in ("005010X215", "006020X316", "005010X217") if g in str(segments) or g == "005010X217")
    kind = "PI" if guide == "006020X316" else "HI"
    segments[0] += [""] * (4 - len(segments[0]))
    payload = Wrapper(receiver=receiver, guide=guide, kind=kind).wrap(segments)
    delivery = payers.receive(envelope(payload, receiver=receiver))
    assert delivery.status == 200
    assert b"<ErrorCode>" in delivery.body


@settings(max_examples=2 * settings().max_examples)
@given(st.data())
def test_any_bytes_in_a_payload_are_answered(data: st.DataObject) -> None:
    whole = Wrapper().wrap(request_278())
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    text = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=20)
    payload = whole[:start] + data.draw(text) + whole[end:]
    delivery = reception().receive(envelope(payload or "x"))
    assert delivery.status == 200
    assert b"<ErrorCode>" in delivery.body


@settings(max_examples=2 * settings().max_examples)
@given(st.binary(max_size=300))
def test_any_body_is_answered_with_a_fault(body: bytes) -> None:
    delivery = reception().receive(body)
    assert delivery.status in (400, 500)
    assert b"soap:Fault" in delivery.body


@given(spoilt(), st.sampled_from(list(Kind)))
def test_any_order_can_be_carried_out_on_any_message(segments: Segments, kind: Kind) -> None:
    payers = reception()
    payers.orders.give(Order(kind))
    segments[0] += [""] * (4 - len(segments[0]))
    guide = "006020X316" if "006020X316" in str(segments) else "005010X217"
    payload = Wrapper(guide=guide, kind="PI" if guide == "006020X316" else "HI").wrap(segments)
    assert payers.receive(envelope(payload)).status in (200, 401, 429, 500, 503)
