"""Appeals of what a payer decided: by which numbers and traces they name that, and that none is needed.

Numbers come from answers that are read, and go into what is said next, as they do in the gateway.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.x12_278 import ADAPTER, traces
from gateway.contract.adapter import Change, ChangeKind, Exchange, Filed
from gateway.contract.drive import first_frame
from gateway.engine.appeals import worded
from gateway.model.outcome import Answer
from gateway.model.status import LineOutcome
from tests.unit.x12_authorizations import DENIED, TRACE, answered, granted, known, named, of_services
from tests.x12_material import (
    COMPANY,
    DRUG,
    EVENT,
    INFUSION,
    LATER,
    MORE,
    STAMP,
    destination,
    filed,
    request,
    response,
    service,
)

ALL = (DRUG, INFUSION, MORE)
REFUSED = service(INFUSION, "HCR*A3**0V")


def appealing(before: Filed, lines: Sequence[str] = ()) -> Exchange:
    change = Change(kind=ChangeKind.APPEAL, lines=tuple(lines), reason="Please look again.")
    return ADAPTER.amend(before, worded(before.request, change), destination(), LATER)


def denied(*numbers: str) -> Filed:
    return of_services(*(service(each, f"HCR*A3*{number}*0V") for each, number in zip(ALL, numbers, strict=True)))


@pytest.mark.parametrize(
    ("before", "lines", "names"),
    [
        # Beside granted lines, of one number or of several.
        (of_services(service(DRUG, "HCR*A1*AU1"), REFUSED, service(MORE, "HCR*A1*AU1")), ["infusion"], [TRACE]),
        (of_services(service(DRUG, "HCR*A1*AU1"), REFUSED, service(MORE, "HCR*A1*AU3")), ["infusion"], [TRACE]),
        # Granted for less, beside denials.
        (of_services(service(DRUG, "HCR*A6*AU1"), REFUSED, service(MORE, "HCR*A3**0V")), ["drug"], [TRACE, "BB*AU1"]),
        # Denied as a whole: without a number, by numbers at the lines, by one at the event.
        (of_services(DENIED, REFUSED, service(MORE, "HCR*A3**0V")), [], [TRACE]),
        (known(response(EVENT, "HCR*A3**0F")), [], [TRACE]),
        (denied("D1", "D2", "D3"), ["drug", "more"], [TRACE, "NT*D1", "NT*D3"]),
        (denied("D1", "D1", "D1"), [], [TRACE, "NT*D1", "NT*D1", "NT*D1"]),
        (known(response(EVENT, "HCR*A3*R1*0F")), [], ["NT*R1"]),
        # What was said last, where the event has had several numbers.
        (known(response(EVENT, "HCR*A4*R1*0W"), response(EVENT, "HCR*A3*R2*0V")), [], [TRACE, "NT*R2"]),
        (known(response(EVENT, "HCR*A1*AU1"), response(EVENT, "HCR*A6*AU2")), [], [TRACE, "BB*AU2"]),
        (of_services(*granted("AU1", "AU2", "AU3")), ["more"], [TRACE, "BB*AU3"]),
        # A number that may be of a part of the line is not that of the line.
        (of_services(DENIED, service(DRUG, "HCR*A1*AU1"), REFUSED), ["drug"], [TRACE]),
        # Nothing is known at all.
        (filed(), ["drug"], [TRACE]),
    ],
)
def test_an_appeal_names_what_is_certain_else_what_was_said_last_beside_our_own_trace(
    before: Filed, lines: list[str], names: list[str]
) -> None:
    wanted = [each if each == TRACE else f"REF*{each}" for each in names]
    assert named(appealing(before, lines)) == wanted


def test_what_a_denied_renewal_renews_is_not_what_is_appealed() -> None:
    renewal = request(intent="renewal", previous_authorization="OLD1", previous_review="OLD2")
    exchange = appealing(filed(renewal), ["drug"])
    assert named(exchange) == [TRACE]
    lost = {loss.pointer for loss in first_frame(appealing(filed(renewal), ["drug"])).losses}
    assert {"/previous_authorization", "/previous_review"} <= lost


@pytest.mark.parametrize("echoed", [[], [f"TRN*2*{traces.event(STAMP)}*{COMPANY}"]], ids=["own", "both"])
def test_an_answer_may_repeat_both_traces_of_an_appeal(echoed: list[str]) -> None:
    outcome = answered(appealing(known(response(EVENT, "HCR*A3**0F"))), *echoed, "UM*HS*2", "HCR*A1*AU1")
    assert outcome.answer is Answer.REVIEWED
    assert {result.outcome for result in outcome.lines} == {LineOutcome.CERTIFIED}
