"""Health, metrics and the document of the API."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST

from gateway.api import operations, problems
from gateway.api.route import Good, OpenRoute

ROUTES: tuple[OpenRoute, ...] = (
    OpenRoute(
        "GET",
        "/healthz",
        operations.health,
        "operations",
        "Is the process alive?",
        {200: Good("It is.", operations.Health)},
    ),
    OpenRoute(
        "GET",
        "/readyz",
        operations.readiness,
        "operations",
        "Can it take requests?",
        {
            200: Good("It can.", operations.Readiness),
            503: Good("It cannot; the checks say why.", operations.Readiness),
        },
    ),
    OpenRoute(
        "GET",
        "/metrics",
        operations.metrics,
        "operations",
        "Metrics for Prometheus",
        {200: Good("Counters and histograms; nothing of a tenant or a case.", media_type=CONTENT_TYPE_LATEST)},
        problems=(problems.UNAUTHENTICATED,),
        about="Where GATEWAY_METRICS_TOKEN is set, it must come as a bearer token.",
    ),
    OpenRoute(
        "GET",
        "/openapi.json",
        operations.openapi,
        "operations",
        "This API as OpenAPI 3.1",
        {200: Good("The document.", media_type="application/json")},
    ),
    OpenRoute(
        "GET",
        "/docs",
        operations.docs,
        "operations",
        "This API for people",
        {200: Good("The page.", media_type="text/html")},
    ),
)
