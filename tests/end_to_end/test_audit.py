"""What the rule wants kept of each message for an audit: read back from the journal as customers are given it, and the
same as what the payer received and sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer
from tests.running.requests import BLUESTEM, EVERGREEN, compose

CEDAR, DOGWOOD = "cedar_valley", "dogwood_plan"
_PAYLOAD_ID = re.compile(rb"PayloadID(?:>|\"\s+)([0-9a-f-]{36})")
WHERE = {"ISA": (6, 8, 13), "GS": (2, 3, 6), "ST": (2,), "BHT": (3,), "TRN": (2,)}
"""By the places of their elements: ISA06, ISA08, ISA13, GS02, GS03, GS06, ST02, BHT03 and every TRN02."""


def interchange(message: bytes) -> str:
    """The X12 in a message of any carrier."""
    if message.lstrip().startswith(b"{"):
        told = json.loads(message)
        return str(told.get("x12") or told["submission"]["x12"])
    if message.lstrip().startswith(b"<"):
        return str(etree.fromstring(message).findtext(".//{*}Payload"))
    return message[message.index(b"ISA") :].decode()


def audited(x12: str) -> dict[str, list[str]]:
    separator, end = x12[3], x12[105]
    found: dict[str, list[str]] = {f"{name}{place:02}": [] for name, places in WHERE.items() for place in places}
    for segment in x12.split(end):
        name, *elements = segment.strip().split(separator)
        for place in WHERE.get(name, ()):
            found[f"{name}{place:02}"].append(elements[place - 1].strip())
    return found


def payload_ids(*messages: bytes) -> Iterator[str]:
    for message in messages:
        yield from (found.decode() for found in _PAYLOAD_ID.findall(message))


@pytest.mark.proves("LO-02")
@pytest.mark.parametrize("payer", [EVERGREEN, BLUESTEM, CEDAR, DOGWOOD])
async def test_the_audited_numbers_of_what_went_and_of_what_came_are_in_the_journal(
    town: Town, customer: Customer, payer: str
) -> None:
    """LO-02: ISA06, ISA08, ISA13, GS02, GS03, GS06, ST02, TRN02, BHT03, PayloadID, date and time, both ways."""
    began, name = datetime.now(UTC), member("APPROVE")
    case_id = await customer.submit(compose(name, payer=payer))
    await customer.until(case_id, "approved")
    ways = {}
    for kind in ("frame", "document", "reply"):
        [entry] = await customer.entries(case_id, kind)
        at = datetime.fromisoformat(entry["at"])
        assert began - timedelta(seconds=1) <= at <= datetime.now(UTC) + timedelta(seconds=1)
        ways[kind] = await customer.raw(case_id, entry["n"])
    [seen] = [entry for entry in await town.payer.exchanges() if name.encode() in entry["received"]]

    went = audited(interchange(ways["frame"]))
    assert all(went.values())
    assert went == audited(interchange(seen["received"]))
    came = audited(ways["document"].decode())
    assert all(came.values())
    assert came == audited(interchange(seen["sent"])) == audited(interchange(ways["reply"]))
    assert went["BHT03"] == came["BHT03"]
    assert set(went["TRN02"]) <= set(came["TRN02"])
    if payer != DOGWOOD:  # JSON has none
        [sent, heard] = payload_ids(ways["frame"], ways["reply"])
        assert [sent, heard] == list(payload_ids(seen["received"], seen["sent"]))
