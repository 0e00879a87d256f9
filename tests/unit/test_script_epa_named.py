"""What a SCRIPT payer names: the processor that has to be asked with its card, and the time of its message."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from gateway.engine.detours import Detour
from gateway.model.outcome import Outcome
from gateway.model.people import Pharmacy
from gateway.model.status import Attention
from tests.unit.routing_material import a_row
from tests.unit.script_material import CASE, MIRRORED, answer, heard
from tests.unit.test_engine_detours import ROWS, a_case, a_library, closed_by, find

OTHER = (
    "<PayerIdentification><ProcessorIdentificationNumber>OTHER</ProcessorIdentificationNumber>"
    "<IINNumber>600428</IINNumber></PayerIdentification>"
)


def closed(more: str = "", mirrored: str = "") -> Outcome:
    inside = f"<Closed><PACaseID>{CASE}</PACaseID><ReasonCode>CP</ReasonCode>{more}</Closed>"
    return heard(answer("PAInitiationResponse", inside, mirrored=mirrored + MIRRORED))


@pytest.mark.parametrize(
    ("holder", "code", "system"),
    [
        ("OTHER777", "600428/OTHER/G9/OTHER777", "bin/pcn/group/cardholder"),
        ("sim-case 01", "600428/OTHER/G9", "bin/pcn/group"),
    ],
)
def test_another_cardholders_number_goes_with_the_processor_that_knows_it(holder: str, code: str, system: str) -> None:
    named = f"{OTHER}<CardholderID>{holder}</CardholderID><GroupID>G9</GroupID>"
    mirrored = closed(mirrored=f"<BenefitsCoordination>{named}</BenefitsCoordination>")
    for outcome in (mirrored, closed(f"<PAProcessor>{named}</PAProcessor>")):
        [step] = outcome.follow_up
        assert (step.code, step.code_system, outcome.attention) == (code, system, Attention.PROVIDER)


def test_two_processors_that_are_named_are_none_and_a_person_looks() -> None:
    outcome = closed(f"<PAProcessor>{OTHER}{OTHER.replace('600428', '610097')}</PAProcessor>")
    assert (outcome.follow_up[0].code, outcome.attention) == (None, Attention.OPERATOR)
    assert closed(f"<PAProcessor>{OTHER}{OTHER}</PAProcessor>").follow_up[0].code == "600428/OTHER/"


def card(bin_: str, pcn: str = "OTHER", more: str = "") -> str:
    named = OTHER.replace("600428", bin_).replace("OTHER", pcn)
    return f"<BenefitsCoordination>{named}{more}</BenefitsCoordination>"


OWN = card("610011", "ROWAN", "<GroupID>RX1</GroupID>")


@pytest.mark.parametrize("mirrored", [OWN + card("600428"), card("600428") + OWN, OWN + card("600428") * 2])
def test_the_card_that_was_asked_hides_no_other_beside_it(mirrored: str) -> None:
    outcome = closed(mirrored=mirrored)
    assert (outcome.follow_up[0].code, outcome.attention) == ("600428/OTHER/", Attention.PROVIDER)
    source = outcome.sources["/follow_up/0"]
    assert outcome.document is not None
    assert b"600428" in outcome.document[source.start : source.end]


@pytest.mark.parametrize("mirrored", [card("600428") + card("610097"), OWN + card("600428") + card("600428", "MORE")])
def test_of_two_other_cards_none_is_taken_and_a_person_looks(mirrored: str) -> None:
    outcome = closed(mirrored=mirrored)
    assert (outcome.follow_up[0].code, outcome.attention) == (None, Attention.OPERATOR)


def test_a_card_that_was_asked_twice_names_nobody() -> None:
    outcome = closed(mirrored=OWN * 2)
    assert (outcome.follow_up[0].code, outcome.attention) == (None, Attention.PROVIDER)


@pytest.mark.parametrize("word", ["Approved", "PartiallyDenied", "Denied"])
def test_a_processor_that_a_decision_names_is_told(word: str) -> None:
    named = f"<PAProcessor>{OTHER}<PayerName>Other Rx</PayerName></PAProcessor>"
    outcome = heard(answer("PAResponse", f"<{word}><PACaseID>{CASE}</PACaseID>{named}</{word}>"))
    assert "PayerName: Other Rx" in outcome.messages
    assert "PayerIdentification/IINNumber: 600428" in outcome.messages
    assert [step.action for step in outcome.follow_up] == []


@pytest.mark.parametrize(
    ("written", "unknown"),
    [("2026-11-23T15:20:00", True), ("2026-11-23T15:20:00Z", False), ("2026-11-23T10:20:00-05:00", False)],
)
def test_a_time_without_a_zone_is_told_as_one(written: str, unknown: bool) -> None:
    body = answer("PAResponse", f"<InProcess><PACaseID>{CASE}</PACaseID></InProcess>")
    outcome = heard(re.sub(rb"(?<=<SentTime>)[^<]+", written.encode(), body))
    assert (outcome.zone_unknown, outcome.effective_at) == (unknown, datetime(2026, 11, 23, 15, 20, tzinfo=UTC))


def test_a_message_that_says_no_readable_time_says_nothing_of_a_zone() -> None:
    body = answer("PAResponse", f"<InProcess><PACaseID>{CASE}</PACaseID></InProcess>")
    outcome = heard(re.sub(rb"(?<=<SentTime>)[^<]+", b"this morning", body))
    assert (outcome.zone_unknown, outcome.effective_at) == (False, None)


async def test_what_is_named_is_a_card_to_whoever_goes_on_with_it() -> None:
    outcome = closed(f"<PAProcessor>{OTHER}<CardholderID>OTHER777</CardholderID><GroupID>G9</GroupID></PAProcessor>")
    library = a_library(rows=(*ROWS, a_row(bin="600428", payer="osprey_rx")))
    found = await find(a_case(closed_by()), outcome, library)
    assert isinstance(found, Detour)
    work = found.submissions[0].rerouted
    assert work is not None
    assert (work.card, work.member_id) == (Pharmacy(bin="600428", pcn="OTHER", group="G9"), "OTHER777")
