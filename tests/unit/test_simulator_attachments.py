"""The simulated payers hold a 275 to its guide and take binary data by its length."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest

from tests.unit.simulator_messages import Caller, Change, after, answer_275, calling, drop, find, put, request_278, swap


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


ATTACHMENTS: dict[str, tuple[Change, str]] = {
    "no BGN": (drop("BGN"), "BGN//3"),
    "BGN01 unknown": (put("BGN", 1, "00"), "BGN//8 1=I6"),
    "no patient": (drop("NM1", 3), "NM1/1000C/3"),
    "no document": (lambda s: s.__delitem__(slice(5, None)), "LX/2000A/3"),
    "no control number": (drop("TRN"), "TRN/2000A/3"),
    "TRN01 of the unasked": (put("TRN", 1, "1"), "TRN/2000A/8 1=7"),
    "a control number nobody gave": (put("TRN", 2, "NOBODYS1"), "TRN/2000A/8 2=7"),
    "no submission date": (drop("DTP"), "DTP/2000A/3"),
    "BDS02 too small": (put("BDS", 2, "7"), "BDS/2110A/8 2=7"),
    "BDS03 no base64": (lambda s: find(s, "BDS").__setitem__(slice(2, 4), ["8", "####????"]), "BDS/2110A/8 3=I12"),
    "no data": (drop("BDS"), "BDS/2000A/3"),
    "OOI before CAT": (swap("CAT", "OOI"), "CAT/2000A/7"),
    "a claim's segment": (after("TRN", "CLM", "1"), "CLM/2000A/1"),
}


@pytest.mark.parametrize("name", ATTACHMENTS)
async def test_a_fault_of_the_275_gets_a_999_that_names_it(caller: Caller, name: str) -> None:
    change, expected = ATTACHMENTS[name]
    asked = await caller.send(request_278("SIMDOCS01"))
    segments = answer_275("SIMDOCS01", (asked.first("PWK")[6], "SGVsbG8="))
    change(segments)
    answer = await caller.send(segments)
    assert f" {expected} " in f" {answer.faults} "
    assert answer.first("AK9")[1] == "R"
    assert not any(document["delivered"] for document in (await caller.filed())[0]["documents"])


async def test_binary_data_is_taken_by_its_length_whatever_it_holds(caller: Caller) -> None:
    asked = await caller.send(request_278("SIMDOCS01"))
    data = "Content-Type: text/plain\n\nHI*ABK:C3411~SE*1*0001~IEA*1~ ^^ **"
    segments = answer_275("SIMDOCS01", (asked.first("PWK")[6], data))
    find(segments, "BDS")[1] = "ASC"
    answer = await caller.send(segments)
    assert answer.first("AK9")[1] == "A"
    assert [document["delivered"] for document in (await caller.filed())[0]["documents"]] == [True, False]


async def test_a_large_document_travels(caller: Caller) -> None:
    """CAQH CORE asks for 64 MB; 20 MB is enough to leave every small buffer and parser limit behind."""
    asked = await caller.send(request_278("SIMDOCS01"))
    data = base64.b64encode(bytes(15_000_000)).decode()
    answer = await caller.send(answer_275("SIMDOCS01", (asked.first("PWK")[6], data)))
    assert answer.first("AK9")[1] == "A"
