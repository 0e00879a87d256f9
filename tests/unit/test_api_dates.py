"""The first and the last day there is, in every date of a request: refused or taken, and never a failure of ours."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from gateway.contract.errors import CannotExpress
from gateway.model.request import PARequest
from tests.unit.api_house import House, open_house
from tests.x12_material import request, sent

Path = tuple[str, ...]


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url) as opened:
        yield opened


def dates_of(kind: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all dates in a model, an item of a list as its list."""
    if kind is date:
        yield path
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from dates_of(field.annotation, (*path, name))
    elif get_origin(kind) is not None:
        for part in get_args(kind):
            yield from dates_of(part, path)


DATES = sorted(set(dates_of(PARequest)))
SOUND: dict[str, dict[str, Any]] = {
    "stage": {"group": "IVA"},
    "biomarkers": {"marker": "PD-L1"},
    "performance": {"scale": "ecog", "score": 1},
    "prior_therapies": {"drug": "carboplatin", "outcome": "completed"},
    "disease_activity": {"instrument": "cdai", "score": 2, "assessed_on": "2026-01-01"},
    "laboratories": {"name": "ALT", "result": "20", "resulted_on": "2026-01-01"},
    "imaging": {"modality": "ct", "region": "chest", "finding": "none", "performed_on": "2026-01-01"},
    "conservative_care": {"kind": "nsaid", "outcome": "none"},
    "bone_density": {"site": "total_hip", "t_score": -2.5},
    "site_needs": {"kind": "first_infusion"},
    "documents": {"kind": "pathology_report"},
    "body": {"height_cm": 170},
}
"""Facts that are complete but for dates that may be left out."""
CARE: dict[str, dict[str, Any]] = {
    "accident": {"accident": {"causes": ["work"]}},
    "admission": {"admission": {"admitted_on": "2026-01-01"}, "review": "admission"},
    "home_care": {
        "home_care": {"started_on": "2026-01-01", "certified": {"start": "2026-01-01"}},
        "care": "home_health",
    },
    "previous_decision": {
        "intent": "revision",
        "previous_authorization": "A1",
        "previous_decision": {"decided_on": "2026-01-01"},
    },
}
"""What stands around a date of the care that is asked for, or of what was decided before."""


OURS = {
    ("lines", "evidence", "told_on"),
    ("attachments", "dated_on"),
    ("previous_decision", "decided_on"),
    ("previous_decision", "ends_on"),
}
"""What routing and policies read and no payer is told."""


def with_date(path: Path, value: str) -> dict[str, Any]:
    """A request that holds this date at this place, and whatever must stand around it."""
    document: dict[str, Any] = request().model_dump(mode="json", exclude_none=True, exclude={"facts"})
    document["subscriber"] = copy.deepcopy(document["patient"])
    # All of them are more than a message has room for.
    sound = {path[1]: copy.deepcopy(SOUND[path[1]])} if path[0] == "facts" else {}
    document["facts"] = {name: fact if name == "body" else [fact] for name, fact in sound.items()}
    document["attachments"] = [{"kind": "other", "title": "a page", "media_type": "text/plain", "content": "cGFnZQ=="}]
    document |= copy.deepcopy(CARE.get(path[0], {}))
    document["lines"][0]["evidence"] = [{"benefit": "medical", "source": "portal", "told_on": "2026-01-01"}]
    if path[0] == "home_care":
        document["facts"]["prognosis"] = "good"
    at: Any = document
    for step in path[:-1]:
        at = at[step][0] if isinstance(at[step], list) else at[step]
    at[path[-1]] = value
    return document


def test_every_date_of_a_request_is_known_here() -> None:
    assert {("patient", "birth_date"), ("lines", "dates", "end"), ("diagnoses", "onset")} <= set(DATES)
    assert {path[1] for path in DATES if path[0] == "facts"} == set(SOUND)


@pytest.mark.parametrize("value", [date.min, date.max], ids=["first", "last"])
async def test_the_first_and_the_last_day_there_is_are_refused_or_taken(house: House, value: date) -> None:
    for path in DATES:
        document = with_date(path, value.isoformat())
        for where in ("/v1/requests", "/v1/preview"):
            response = await house.call("POST", where, document)
            assert response.status in (200, 202, 422), path


@pytest.mark.parametrize("value", [date.min, date.max], ids=["first", "last"])
@pytest.mark.parametrize("path", DATES, ids="/".join)
def test_whatever_date_a_request_may_hold_a_channel_says_it_or_says_that_it_cannot(path: Path, value: date) -> None:
    try:
        asked = PARequest.model_validate(with_date(path, value.isoformat()))
    except ValidationError:
        return
    try:
        said = sent(asked).decode()
    except CannotExpress:
        return
    written = value.isoformat() if path[0] == "facts" else value.isoformat().replace("-", "")
    assert (written in said) is (path not in OURS)
