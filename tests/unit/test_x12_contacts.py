"""Whom a response says to turn to, and what it says to do next: canonical, each with the line it is of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.model.outcome import Answer, FollowUp
from gateway.model.reasons import NextAction
from gateway.model.standing import Heard, roll_up_standings, settle
from gateway.model.status import Attention, Delivery
from tests.x12_material import DRUG, EVENT, INFUSION, MORE, outcome_of, response, service

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNIT = ("NM1*2B*2*RECORDS UNIT", "N3*1 Records Way*Floor 4", "N4*Testville*PA*19087")


def contacts(document: bytes) -> list[dict[str, Any]]:
    return [contact.model_dump(exclude_none=True) for contact in outcome_of(document).contacts]


def test_an_address_alone_is_somewhere_to_turn_to() -> None:
    assert contacts(response(EVENT, "HCR*A4**0U", *UNIT)) == [
        {
            "purpose": "additional_information",
            "organization": "RECORDS UNIT",
            "address": {
                "street": "1 Records Way",
                "unit": "Floor 4",
                "city": "Testville",
                "state": "PA",
                "zip_code": "19087",
            },
        }
    ]


def test_a_contact_of_a_service_is_of_its_line() -> None:
    asks = (DRUG[0], "HCR*A4**0U", DRUG[1], *UNIT[:1], "PER*IC**TE*2155550199*EX*12")
    document = response(EVENT, "HCR*A4", services=[asks, service(INFUSION, "HCR*A1"), service(MORE, "HCR*A1")])
    [contact] = contacts(document)
    assert (contact["line"], contact["phone"], contact["extension"]) == ("drug", "2155550199", "12")


def test_a_person_who_is_named_alone_is_a_name_and_no_organization() -> None:
    document = response(EVENT, "HCR*A4**0U", "NM1*2B*1*REVIEWER*PAT", "PER*IC**TE*2155550199")
    [contact] = contacts(document)
    assert (contact["name"], contact.get("organization")) == ("REVIEWER", None)


def test_who_can_be_reached_nowhere_is_no_contact() -> None:
    assert contacts(response(EVENT, "HCR*A4**0U", "NM1*2B*2*RECORDS UNIT")) == []


@pytest.mark.parametrize(
    ("follow", "action"),
    [
        ("C", NextAction.CORRECT_AND_RESUBMIT),
        ("N", NextAction.NONE),
        ("P", NextAction.RESUBMIT_LATER),
        ("Y", NextAction.WAIT),
    ],
)
def test_a_follow_up_action_is_told_with_the_payers_code(follow: str, action: NextAction) -> None:
    outcome = outcome_of(response(requester=[f"AAA*N**51*{follow}"]))
    assert outcome.follow_up == (FollowUp(action=action, code=follow, code_system="x12_aaa04"),)
    assert outcome.sources["/follow_up/0/action"].path == "2010B/AAA04"


def test_a_follow_up_action_of_a_service_is_of_its_line_and_is_told_once() -> None:
    refused = [DRUG[0], "AAA*N**15*C", "AAA*N**33*C", DRUG[1]]
    document = response(EVENT, services=[refused, service(INFUSION, "AAA*N**57*N"), service(MORE)])
    told = [(item.line, item.action) for item in outcome_of(document).follow_up]
    assert told == [("drug", NextAction.CORRECT_AND_RESUBMIT), ("infusion", NextAction.NONE)]


def test_actions_at_every_level_are_told_together() -> None:
    outcome = outcome_of(
        response(EVENT, "AAA*N**AF*C", payer=["AAA*Y**42*P"], requester=["AAA*N**43*R"], member=["AAA*N**72*C"])
    )
    assert [item.code for item in outcome.follow_up] == ["P", "R", "C"]
    assert outcome.answer is Answer.REJECTED


def test_an_action_that_nobody_knows_is_none_and_calls_an_operator() -> None:
    outcome = outcome_of(response(requester=["AAA*N**51*Q"]))
    assert (outcome.follow_up, outcome.attention) == ((), Attention.OPERATOR)


def test_a_case_tells_whom_to_turn_to_and_what_to_do_as_long_as_that_holds() -> None:
    asks = outcome_of(response(EVENT, "HCR*A4**0U", *UNIT))
    refused = outcome_of(response(requester=["AAA*N**51*C"]))
    waiting = settle(("drug", "infusion", "more"), Delivery.APP_ACKED, [Heard(asks, NOON)])
    assert waiting.contacts == asks.contacts != ()
    assert waiting.follow_up == ()
    stopped = settle(("drug", "infusion", "more"), Delivery.APP_ACKED, [Heard(refused, NOON, filing=True)])
    assert stopped.follow_up == refused.follow_up != ()
    assert stopped.contacts == ()
    both = roll_up_standings([waiting, stopped])
    assert (both.contacts, both.follow_up) == (waiting.contacts, stopped.follow_up)
