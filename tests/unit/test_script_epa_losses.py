"""Law 7 over SCRIPT: whatever a request says either changes the message that files it, or is on the list of losses."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.script_epa import ADAPTER
from adapters.script_epa.settings import PayerSettings
from gateway.contract.destination import Destination
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.contract.frames import Frame
from gateway.model.people import ServicingProvider, Site, Urgency
from gateway.model.record import Record
from gateway.model.request import (
    Address,
    Contact,
    Coverage,
    Diagnosis,
    Frequency,
    Line,
    PARequest,
    Person,
    Pharmacy,
)
from tests.unit.script_material import STAMP, TO, order

Json = dict[str, Any]

OURS = re.compile(r"/reference|/coverages/\d/payer|/lines/0/(id|role|benefit|evidence)(/.*)?")
"""Names the gateway gives, and what it routes by."""
OTHERWISE: dict[str, tuple[str, ...]] = {
    "intent": ("initial",),
    "place_of_service": ("12", "21"),
    "line_of_business": ("marketplace",),
    "gender": ("male",),
    "birth_date": ("1961-02-03",),
    "npi": ("1245319599",),
    "last_name": ("Otherperson",),
    "code": ("C50.911",),
    "member_id": ("OTHER1",),
    "value": ("7",),
}
"""Another value of what cannot be left out."""

_ADDRESS = {
    "street": ["2 Example Plaza", "Floor 2"],
    "city": "Testburg",
    "state": "PA",
    "zip_code": "19087-1234",
    "county": "Sample",
}
_PERSON = {
    "last_name": "Testperson",
    "first_name": "Ada",
    "middle_name": "Q",
    "suffix": "Jr",
    "birth_date": "1961-04-12",
    "gender": "female",
    "address": _ADDRESS,
}
_PRACTICE = {
    "npi": "1234567893",
    "last_name": "Sampleton",
    "first_name": "Orla",
    "taxonomy": "207RX0202X",
    "tax_id": "123456789",
    "address": {**_ADDRESS, "street": ["1 Example Plaza", "Floor 1"]},
    "contact": {
        "name": "Prior Auth Desk",
        "phone": "2155550100",
        "extension": "12",
        "fax": "2155550101",
        "email": "desk@example.org",
    },
}
_CONTACT = {"name": "Nurse", "phone": "2155550102", "extension": "34", "fax": "2155550103", "email": "n@example.org"}
_LINE = {
    **order()["lines"][0],
    "frequency": {
        "times": 2,
        "every": 2,
        "period": "week",
        "count": 6,
        "weekdays": ["monday"],
        "time_of_day": "morning",
    },
    "revenue_code": "0636",
    "modifiers": ["JW"],
    "place_of_service": "12",
    "diagnoses": [2, 1],
    "benefit": "pharmacy",
    "supply": "self_administered",
    "antiemetic": {"replaces_intravenous": True, "last_dose_hours": 48},
    "evidence": [{"benefit": "pharmacy", "source": "rtpb", "told_on": "2026-11-20", "reference": "R1"}],
    "servicing": [{**_PRACTICE, "npi": "1245319599", "address": _ADDRESS, "contact": _CONTACT, "role": "supervising"}],
}
WHOLE: Json = {
    **order(),
    "intent": "renewal",
    "care": "chemotherapy",
    "urgency": {"level": "expedited", "reason": "pain", "attested_by": "Orla Sampleton"},
    "patient": _PERSON,
    "subscriber": {**_PERSON, "first_name": "Bo"},
    "coverages": [
        {
            "payer": "rowan_rx",
            "member_id": "RRX1",
            "line_of_business": "commercial",
            "plan": "Gold",
            "group_number": "G77",
            "relationship": "child",
            "pharmacy": {"bin": "610011", "pcn": "ROWAN", "group": "RX1"},
            "medical_group": "Sample Medical Group",
        },
        {"payer": "another_payer", "member_id": "AP1", "line_of_business": "commercial"},
    ],
    "requester": _PRACTICE,
    "servicing": [{**_PRACTICE, "npi": "1245319599", "address": _ADDRESS, "contact": _CONTACT, "role": "rendering"}],
    "site": {"place_of_service": "11", "facility_name": "Sample Clinic"},
    "diagnoses": [
        {"code": "C34.11", "onset": "2026-01-02"},
        {"code": "R11.0", "onset": "2026-01-03", "kind": "visit_reason"},
        {"code": "E11.9", "kind": "admitting"},
    ],
    "regimen": {"name": "Sample", "intent": "palliative"},
    "lines": [_LINE],
    "facts": {"comorbidities": ["E11.9"], "prognosis": "poor", "summary": "As before."},
    "attachments": [
        {"id": "a", "kind": "other", "title": "A", "media_type": "application/pdf", "content": "JVBERi0xLjc="}
    ],
    "supply": "buy_and_bill",
    "home_care": {"started_on": "2026-11-01"},
    "accident": {"occurred_on": "2026-10-01", "causes": ["work"]},
    "late_because": "litigation",
    "previous_authorization": "A1",
    "previous_review": "R1",
    "previous_decision": {"decided_on": "2026-05-02", "ends_on": "2026-12-31"},
    "follows": "00000000-0000-0000-0000-000000000001",
    "note": "Please call.",
}
_UNNAMED = {name: value for name, value in WHOLE["subscriber"].items() if name != "first_name"}
_NURSE = {"name": "Nurse", "fax": "2155550103"}
REQUESTS: dict[str, Json] = {
    "requester_prescribes": WHOLE,
    "another_orders": {**WHOLE, "servicing": [{**WHOLE["servicing"][0], "role": "ordering"}]},
    "another_orders_on_the_line": {
        **WHOLE,
        "lines": [{**_LINE, "servicing": [{**_LINE["servicing"][0], "role": "ordering"}]}],
    },
    "another_orders_without_a_telephone": {
        **WHOLE,
        "servicing": [{**WHOLE["servicing"][0], "role": "ordering", "contact": _NURSE, "address": None}],
    },
    "practice_is_no_person": {**WHOLE, "requester": {**_PRACTICE, "first_name": None}},
    "subscriber_without_a_first_name": {**WHOLE, "subscriber": _UNNAMED},
    "patient_is_the_subscriber": {
        **{name: value for name, value in WHOLE.items() if name != "subscriber"},
        "coverages": [{**WHOLE["coverages"][0], "relationship": "self"}],
    },
    "no_group_on_the_card": {
        **WHOLE,
        "coverages": [{**WHOLE["coverages"][0], "pharmacy": {"bin": "610011"}}],
    },
    "product_beside_an_rxnorm_code": {
        **WHOLE,
        "lines": [{**_LINE, "code": {"system": "rxnorm", "code": "1547545"}, "ndc": "00003012345"}],
    },
}


def filed(value: Json, to: Destination = TO) -> Frame:
    return first_frame(ADAPTER.submit(PARequest.model_validate(value), to, STAMP))


def silent(value: Json) -> Iterator[str]:
    """Pointers of what a request says although the message does not change with it, and no loss tells of it."""
    wanted = PARequest.model_validate(value)
    frame = filed(value)
    lost = [loss.pointer for loss in frame.losses]
    for at, changed in changes(wanted.model_dump(mode="json", exclude_none=True)):
        if OURS.fullmatch(at) or any(at == pointer or at.startswith(f"{pointer}/") for pointer in lost):
            continue
        try:
            same = PARequest.model_validate(changed) == wanted or filed(changed).document != frame.document
        except (ValidationError, CannotExpress):
            continue  # it cannot be otherwise
        if not same:
            yield at


def changes(whole: Json, part: Any = None, at: str = "") -> Iterator[tuple[str, Json]]:
    """The request without each of its values, or with another in its place; each with its pointer."""
    part = whole if part is None else part
    for name, value in list(part.items() if isinstance(part, dict) else enumerate(part)):
        here = f"{at}/{name}"
        if isinstance(value, dict | list):
            yield from changes(whole, value, here)
        for other in OTHERWISE.get(str(name), ()):
            part[name] = other
            yield here, copy.deepcopy(whole)
        told_one_by_one = isinstance(value, list) and any(isinstance(each, dict) for each in value)
        if isinstance(part, dict) and not told_one_by_one:
            del part[name]
            yield here, copy.deepcopy(whole)
        part[name] = value


@pytest.mark.parametrize("value", REQUESTS.values(), ids=REQUESTS)
def test_what_an_initiation_does_not_say_is_on_the_list_of_losses(value: Json) -> None:
    assert list(silent(value)) == []


def test_the_line_of_business_is_a_loss_only_where_the_partner_is_told_of_no_type_of_payer() -> None:
    settings = PayerSettings(payer_types={"commercial": "C"})
    lost = {loss.pointer for loss in filed(WHOLE, TO.model_copy(update={"payer_settings": settings})).losses}
    assert "/coverages/0/line_of_business" not in lost
    assert "/coverages/0/line_of_business" in {loss.pointer for loss in filed(WHOLE).losses}


def test_a_first_request_renews_nothing_and_loses_no_intent() -> None:
    first = {**WHOLE, "intent": "initial", "previous_decision": None}
    assert "/intent" not in {loss.pointer for loss in filed(first).losses}


def test_these_requests_say_all_that_a_request_for_a_drug_can_say_and_losses_are_told_by_the_field() -> None:
    """So that a field that is new to the model is looked at here."""
    kinds = (Line, Person, Coverage, Pharmacy, Address, Contact, ServicingProvider, Site, Urgency, Diagnosis, Frequency)
    said = {kind: {name for value in REQUESTS.values() for name in told(value, kind)} for kind in (PARequest, *kinds)}
    left = {f"{kind.__name__}.{name}" for kind, names in said.items() for name in kind.model_fields.keys() - names}
    assert left == {"PARequest.admission", "Line.teeth"}, "they are of other requests"


def told(part: Any, kind: type[Record]) -> set[str]:
    """The fields of this kind that a request says something in."""
    part = PARequest.model_validate(part) if isinstance(part, dict) else part
    if isinstance(part, tuple):
        return {name for each in part for name in told(each, kind)}
    if not isinstance(part, Record):
        return set()
    own = {name for name, value in part if value not in (None, ())} if isinstance(part, kind) else set()
    return own | {name for _, value in part for name in told(value, kind)}
