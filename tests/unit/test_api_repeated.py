"""A repeated Idempotency-Key whose request would be refused by now: what was taken once is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from gateway.api.examples import REQUEST
from gateway.api.inputs import Cancellation
from gateway.contract.destination import Mode
from gateway.model.faults import Fault
from gateway.model.request import PARequest
from gateway.profiles.library import Library
from gateway.store.keys import Scope
from tests.unit.api_house import House, open_house


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url) as opened:
        yield opened


def _without_profiles(house: House, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(house.desk, "library", Library({}, {}, {}))


def _on_another_day(house: House, patch: pytest.MonkeyPatch) -> None:
    fault = Fault(pointer="/patient/birth_date", code="birth_date", message="It is in the future.", fix="Send another.")
    patch.setattr("gateway.api.requests.date_faults", lambda sent, today: iter([fault]))


def _by_a_stricter_model(house: House, patch: pytest.MonkeyPatch) -> None:
    def refuse(tree: Any) -> None:
        raise ValidationError.from_exception_data("PARequest", [{"type": "missing", "loc": ("new",), "input": {}}])

    patch.setattr(PARequest, "model_validate", refuse)


@pytest.mark.parametrize("change", [_without_profiles, _on_another_day, _by_a_stricter_model])
async def test_what_was_taken_is_answered_as_before_though_it_would_be_refused_now(
    house: House, monkeypatch: pytest.MonkeyPatch, change: Callable[[House, pytest.MonkeyPatch], None]
) -> None:
    first = await house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key="order-1")
    stranger = await house.key(*Scope, tenant=f"clinic-{uuid4().hex}")
    live = await house.key(*Scope, mode=Mode.LIVE)
    change(house, monkeypatch)
    again = await house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key="order-1")
    assert (again.status, await again.read()) == (202, await first.read())
    assert (again.headers["Location"], again.headers["Idempotent-Replayed"]) == (first.headers["Location"], "true")
    for refused in (
        await house.call("POST", "/v1/requests", dict(REQUEST)),
        await house.call("POST", "/v1/requests", dict(REQUEST), Idempotency_Key="order-2"),
        await house.call("POST", "/v1/requests", {**REQUEST, "reference": "other"}, Idempotency_Key="order-1"),
        await house.call("POST", "/v1/requests", dict(REQUEST), token=stranger, Idempotency_Key="order-1"),
        await house.call("POST", "/v1/requests", dict(REQUEST), token=live, Idempotency_Key="order-1"),
    ):
        assert (await refused.json())["type"] == "urn:payer-gateway:problem:invalid-request"


async def test_an_act_that_was_taken_is_answered_as_before_for_its_case_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, other = await house.submit(), await house.submit()
    sent = {"reason": "Withdrawn."}
    first = await house.call("POST", f"/v1/requests/{case_id}/cancel", sent, Idempotency_Key="stop")

    def refuse(tree: Any) -> None:
        raise ValidationError.from_exception_data("Cancellation", [{"type": "missing", "loc": ("new",), "input": {}}])

    monkeypatch.setattr(Cancellation, "model_validate", refuse)
    again = await house.call("POST", f"/v1/requests/{case_id}/cancel", sent, Idempotency_Key="stop")
    assert (again.status, await again.read()) == (202, await first.read())
    assert (await house.call("POST", f"/v1/requests/{other}/cancel", sent, Idempotency_Key="stop")).status == 422
