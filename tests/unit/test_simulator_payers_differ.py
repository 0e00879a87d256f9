"""Payers that take other things than their neighbours: what the simulated ones refuse of what others take."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unit.simulator_messages import Caller, Segments, Wrapper, calling, find, inquiry_278, request_278

DOGWOODS = {"receiver": "DOGWOOD", "qualifier": "30", "element": "!", "component": ">", "repetition": "|"}


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


def spoilt(receiver: str, rule: str) -> Segments:
    segments = request_278("SIMAPPROVE01", receiver=receiver)
    event = segments.index(find(segments, "NM1", 4))
    match rule:
        case "nobody to call":
            segments.remove(find(segments, "PER"))
        case "five diagnoses":
            find(segments, "HI")[1:] = ["ABK:C3411", "ABF:Z5111", "ABF:I10", "ABF:E119", "ABF:Z79899"]
        case "three documents":
            segments[event:event] = [["PWK", "M1", "EL", "", "", "AC", f"DOC{number}"] for number in range(3)]
        case "a document of another kind":
            segments[event:event] = [["PWK", "RR", "EL", "", "", "AC", "DOC1"]]
        case "in a hospital":
            find(segments, "UM")[4] = "21:B"
    return segments


def wrapper(receiver: str) -> Wrapper:
    return Wrapper(**(DOGWOODS if receiver == "DOGWOOD" else {"receiver": receiver}))


@pytest.mark.parametrize(
    ("receiver", "rule", "code"),
    [
        ("CEDAR", "nobody to call", "15"),
        ("CEDAR", "five diagnoses", "33"),
        ("CEDAR", "three documents", "33"),
        ("CEDAR", "a document of another kind", "33"),
        ("DOGWOOD", "in a hospital", "33"),
    ],
)
async def test_a_payer_refuses_what_another_takes(caller: Caller, receiver: str, rule: str, code: str) -> None:
    assert (await caller.send(spoilt("EVERGREEN", rule))).first("HCR")[1] == "A1"
    refused = await caller.send(spoilt(receiver, rule), wrapper(receiver))
    assert refused.first("AAA")[3] == code
    assert (await caller.send(request_278(receiver=receiver), wrapper(receiver))).first("HCR")


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"element": "*"}, "026"),
        ({"component": ":"}, "027"),
        ({"repetition": "^"}, "016"),
        ({"qualifier": "ZZ"}, "007"),
    ],
)
async def test_a_payer_takes_its_own_delimiters_and_qualifier_only(
    caller: Caller, other: dict[str, str], code: str
) -> None:
    refused = await caller.send(request_278(receiver="DOGWOOD"), Wrapper(**{**DOGWOODS, **other}))
    assert refused.first("TA1")[5] == code


async def test_a_payer_that_is_asked_too_soon_says_to_wait(caller: Caller) -> None:
    await caller.send(request_278(receiver="CEDAR"), wrapper("CEDAR"))
    await caller.sim("clock", factor=0)
    asked = [await caller.send(inquiry_278(receiver="CEDAR"), wrapper("CEDAR")) for _ in range(2)]
    assert asked[0].first("HCR")[1] == "A1"
    assert asked[1].first("AAA")[3:5] == ["42", "P"]
    await caller.sim("clock", advance_seconds=2)
    assert (await caller.send(inquiry_278(receiver="CEDAR"), wrapper("CEDAR"))).first("HCR")[1] == "A1"
