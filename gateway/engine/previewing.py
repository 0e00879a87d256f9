"""Where a request would go and what would be said: routed and encoded as a walk does it, and nothing sent or kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.contract.adapter import Adapter, Stamp
from gateway.contract.destination import Mode
from gateway.contract.drive import first_frame
from gateway.contract.frames import Frame
from gateway.engine.entries import losses_of
from gateway.model.request import PARequest
from gateway.profiles.library import Library
from gateway.routing.plan import Decision, Plan, choose
from gateway.routing.products import asked_of


@dataclass(frozen=True)
class Rendering:
    """What one planned submission would say first."""

    plan: Plan
    frame: Frame


@dataclass(frozen=True)
class Preview:
    """Where a request would go and what would be said."""

    decision: Decision
    renderings: tuple[Rendering, ...]


def preview(
    request: PARequest, mode: Mode, now: datetime, library: Library, adapters: Mapping[str, Adapter]
) -> Preview:
    renderings: list[Rendering] = []

    def render(plan: Plan) -> None:
        business = request.coverages[0].line_of_business
        to = library.destination(plan.payer, plan.connection, business, now.date())
        stamp = Stamp(at=now, number=1, seed=secrets.token_hex(16))
        asked = asked_of(request, plan.line_ids, plan.channel, library)
        frame = first_frame(adapters[plan.channel].submit(asked, to, stamp))
        frame = replace(frame, losses=losses_of(frame, plan.line_ids, request))
        renderings.append(Rendering(plan, frame))

    decision = choose(request, mode, on=now.date(), library=library, attempt=render)
    chosen = set(decision.plans)
    return Preview(decision, tuple(item for item in renderings if item.plan in chosen))
