"""What tests of a case with several authorizations are made of: answers that give them, and what is said since."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.x12_278 import ADAPTER, traces
from conformance.envelope import core_soap
from gateway.contract.adapter import Change, ChangeKind, Exchange, Filed
from gateway.contract.drive import first_frame
from gateway.contract.frames import Https
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
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
    line,
    outcome_of,
    request,
    response,
    segments,
    service,
    trn,
)

ONE = request(lines=[line(id="drug")])
TWO = request(lines=[line(id="drug"), line("96413", "cpt", id="infusion", quantity={"value": 6})])
HALF = "DTP*007*RD8*20260301-20260531"
REST = "DTP*007*RD8*20260601-20260831"


def granted(*numbers: str, of: Sequence[tuple[str, str]] = (DRUG, INFUSION, MORE)) -> list[list[str]]:
    return [service(each, f"HCR*A1*{number}") for each, number in zip(of, numbers, strict=True)]


def halves(*numbers: str) -> list[list[str]]:
    """The drug in two services, with a number each."""
    return [
        [trn(1), f"HCR*A1*{number}", days, "SV1*HC:J9271**UN*100"]
        for number, days in zip(numbers, (HALF, REST), strict=True)
    ]


STRANGER = ["HCR*A1*AU10", "SV1*HC:Q5103**UN*20"]
DENIED = service(DRUG, "HCR*A3**0V")


def known(*answers: bytes, of: PARequest | None = None) -> Filed:
    """The filing with all the numbers that these answers to it gave."""
    told = [reference for answer in answers for reference in outcome_of(answer, of=of).references]
    return filed(of, references=tuple(dict.fromkeys(told)))


def of_services(*services: Sequence[str], of: PARequest | None = None) -> Filed:
    return known(response(EVENT, services=services), of=of)


def named(exchange: Exchange) -> list[str]:
    """The numbers and traces by which what is said names the case and its lines."""
    document = first_frame(exchange).document
    assert document is not None
    sent = segments(document, "REF", "TRN")
    return [each for each in sent if each.startswith("REF") or traces.event(STAMP) in each]


def cancelling(before: Filed) -> Exchange:
    return ADAPTER.amend(before, Change(kind=ChangeKind.CANCEL), destination(), LATER)


def answered(exchange: Exchange, *event: str, services: Sequence[Sequence[str]] = (), guide: str = "") -> Outcome:
    frame = next(exchange)
    assert isinstance(frame, Https)
    document = response(
        *event,
        services=services,
        trace=traces.event(LATER),
        bht=traces.submission(LATER),
        guide=guide or "005010X217",
        purpose="49" if guide else "11",
    )
    with pytest.raises(StopIteration) as ended:
        exchange.send(core_soap(document, frame))
    outcome: Outcome = ended.value.value
    return outcome


def cancelled(before: Filed, *event: str, services: Sequence[Sequence[str]] = ()) -> Outcome:
    return answered(cancelling(before), *event, services=services)


TRACE = f"TRN*1*{traces.event(STAMP)}*{COMPANY}"
SPLIT = of_services(*halves("AU1", "AU2"), *granted("AU3", "AU3", of=(INFUSION, MORE)))
REPLACED = of_services(DENIED, STRANGER, *granted("AU20", "AU30", of=(INFUSION, MORE)))
BESIDE = of_services(service(DRUG, "HCR*A1*AU20"), STRANGER, of=ONE)
DIFFERENT = of_services(*granted("AU1", "AU2", "AU3"))
SOME = of_services(*granted("AU1", "AU1", of=(DRUG, INFUSION)), service(MORE, "HCR*A4"))
EXTENDED = known(response(EVENT, "HCR*A1*AU1"), response(EVENT, "HCR*A1*AU2"))
ONE_SPLIT = of_services(*halves("AU1", "AU2"), of=ONE)
