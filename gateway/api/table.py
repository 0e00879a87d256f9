"""The one table of routes. Routing, checks, /openapi.json and /docs all read it; there is no route beside it."""

from __future__ import annotations

from gateway.api.route import OpenRoute, Route
from gateway.api.tables import (
    cases,
    courses,
    events,
    intake,
    operations,
    payers,
    reasons,
    recourse,
    reports,
    requirements,
    webhooks,
)

ROUTES: tuple[Route | OpenRoute, ...] = (
    *cases.ROUTES,
    *recourse.ROUTES,
    *requirements.ROUTES,
    *courses.ROUTES,
    *events.ROUTES,
    *webhooks.ROUTES,
    *payers.ROUTES,
    *reports.ROUTES,
    *intake.ROUTES,
    *reasons.ROUTES,
    *operations.ROUTES,
)
