"""Law 7 over the service-review API: of everything that a request can say, what the body does not hold is reported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings

from adapters.rest_review import ADAPTER
from gateway.contract.drive import first_frame
from gateway.model.request import Intent, PARequest
from tests.unit.review_material import STAMP, TO, request
from tests.x12_requests import requests

OURS = re.compile(
    r"/reference|/facts/(body|[a-z_]+/\d+)/origin(/.*)?|/coverages/\d+/payer|/lines/\d+/(id|role|benefit|evidence)(/.*)?|/attachments/\d+/id"
    # Written as codes of the API's.
    r"|/intent|/review|/urgency/level|/patient/gender|/coverages/\d+/relationship|/servicing/\d+/role"
    r"|/lines/\d+/(code/system|quantity/(unit|value))|(/patient|/subscriber|/requester|/servicing/\d+)/address/country"
)


def leaves(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, f"{at}/{name}")
    elif value not in (None, "", False, True):
        yield at, str(value)


def unreported(wanted: PARequest) -> list[str]:
    """Pointers of what the request says, and neither the body nor the list of losses has."""
    frame = first_frame(ADAPTER.submit(wanted, TO, STAMP))
    told = {text for _, text in leaves(json.loads(frame.redacted()))}
    lost = [loss.pointer for loss in frame.losses]
    return [
        at
        for at, text in leaves(wanted.model_dump(mode="json"))
        if text not in told
        and not OURS.fullmatch(at)
        and not any(at == pointer or at.startswith(f"{pointer}/") for pointer in lost)
    ]


def sayable(wanted: PARequest) -> PARequest:
    """The request without what the API refuses to be asked."""
    lines = [
        line.model_copy(
            update={"place_of_service": None, "servicing": (), "teeth": (), "code": request().lines[0].code}
        )
        for line in wanted.lines[:3]
    ]
    intent = wanted.intent if wanted.intent is Intent.RENEWAL else Intent.INITIAL
    return wanted.model_copy(update={"intent": intent, "lines": tuple(lines)})


@settings(suppress_health_check=list(HealthCheck))
@given(requests())
def test_what_a_review_does_not_carry_is_on_the_list_of_losses(wanted: PARequest) -> None:
    assert unreported(sayable(wanted)) == []


def test_the_line_of_business_is_on_the_list_of_losses() -> None:
    frame = first_frame(ADAPTER.submit(request(), TO, STAMP))
    assert {loss.pointer: loss.kept for loss in frame.losses}["/coverages/0/line_of_business"] == "dropped"
    assert unreported(request()) == []
