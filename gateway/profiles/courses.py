"""What a payer lets be changed while a patient is treated, and when its authorizations are renewed. Data only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.model.bounds import Bounds
from gateway.model.record import Record

Part = Literal["dates", "site", "provider", "drug"]


class CourseRules(Record):
    """``update_open``: it takes changes of what it has not decided. ``update_granted``: what it lets be changed of an
    authorization; all else is asked anew. ``remind_days``: so long before its end an authorization is told of."""

    update_open: Annotated[bool, Field(strict=True)] = True
    update_granted: Annotated[tuple[Part, ...], Bounds(0, 4)] = ()
    remind_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 30
