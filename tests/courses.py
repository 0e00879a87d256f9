"""Authorizations and events of made-up treatments, for tests of the ledger and of advice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from gateway.courses.grant import Grant, Terms
from gateway.courses.treatment import Treatment
from gateway.model.line import CodeSystem, LineRole, ServiceCode
from gateway.profiles.reference import Reference

DRUG = ServiceCode(system=CodeSystem.HCPCS, code="J9271")
OTHER = ServiceCode(system=CodeSystem.HCPCS, code="J9035")
FIRST = date(2026, 1, 1)
NOTHING_KNOWN = Reference()


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def terms(quantity: int | None, *, since: int = 0, **over: Any) -> Terms:
    """Terms of 540 days from the first one; ``since`` is the day of the decision."""
    given: dict[str, Any] = {
        "since": datetime.combine(day(since), datetime.min.time(), tzinfo=UTC),
        "granted": True,
        "code": DRUG,
        "quantity": None if quantity is None else Decimal(quantity),
        "unit": "units",
        "start": FIRST,
        "end": day(540),
        "place_of_service": "11",
        "provider_npi": None,
        "number": "AUTH-1",
    }
    return Terms(**{**given, **over})


def grant(*versions: Terms, n: int = 1, line: str = "1") -> Grant:
    code = versions[0].code
    return Grant(UUID(int=n), line, "evergreen_health", LineRole.DRUG, code, None, versions)


def given(name: str, on: int, quantity: int | None = 100, **over: Any) -> Treatment:
    """A drug that was given on that day."""
    value: dict[str, Any] = {
        "id": name,
        "kind": "administered",
        "on": day(on),
        "code": DRUG,
        "quantity": None if quantity is None else {"value": quantity},
        "place_of_service": "11",
    }
    return Treatment.model_validate({name: part for name, part in {**value, **over}.items() if part is not None})
