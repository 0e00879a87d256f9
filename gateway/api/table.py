"""The one table of routes. Routing, checks, /openapi.json and /docs all read it; there is no route beside it."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST

from gateway.api import (
    examples,
    inputs,
    operations,
    payers,
    previews,
    problems,
    requests,
    timeline,
    views,
    webhooks,
)
from gateway.api.route import Good, OpenRoute, Route
from gateway.contract.adapter import Answers
from gateway.model.request import PARequest
from gateway.store.keys import Scope

_LOCATION = {"Location": "Path of the case."}
_TAKEN = Good(
    "Kept, and durable: this is sent after the commit.",
    views.AcceptedView,
    headers={**_LOCATION, "Idempotent-Replayed": "true when this is the first answer again."},
    example=examples.ACCEPTED,
)
_REPEATS = "Send an Idempotency-Key, and the same one when you repeat the call; nothing happens twice."

REQUESTS = (
    Route(
        "POST",
        "/v1/requests",
        requests.submit_request,
        "requests",
        "Submit a request",
        {202: _TAKEN},
        scope=Scope.WRITE_CASES,
        body=PARequest,
        idempotent=True,
        example=examples.REQUEST,
        about=f"Takes a prior authorization request and files it in the background. {_REPEATS}",
    ),
    Route(
        "GET",
        "/v1/requests",
        requests.list_requests,
        "requests",
        "List cases",
        {200: Good("A page of cases.", views.CaseList)},
        scope=Scope.READ_CASES,
        query=inputs.CaseFilter,
    ),
    Route(
        "POST",
        "/v1/requests/search",
        requests.search_requests,
        "requests",
        "Find cases by member or reference",
        {200: Good("A page of cases.", views.CaseList)},
        scope=Scope.READ_CASES,
        body=inputs.CaseSearch,
        example=examples.SEARCH,
        about="A POST, because a member id or a reference must not stand in a URL.",
    ),
    Route(
        "GET",
        "/v1/requests/{id}",
        requests.show_request,
        "requests",
        "Show a case",
        {200: Good("The case as it stands.", views.CaseView, example=examples.CASE)},
        scope=Scope.READ_CASES,
    ),
    Route(
        "POST",
        "/v1/requests/{id}/answers",
        requests.answer_request,
        "requests",
        "Send what the payer asked for",
        {202: _TAKEN},
        scope=Scope.WRITE_CASES,
        body=Answers,
        idempotent=True,
        problems=(problems.NOT_NOW,),
        example=examples.ANSWERS,
        about="Documents and a note for a case whose status is `needs_information`. An attachment goes with the "
        "payer's control number you name in `control_numbers`, else with that of the item of its kind. "
        f"{_REPEATS}",
    ),
    Route(
        "POST",
        "/v1/requests/{id}/cancel",
        requests.cancel_request,
        "requests",
        "Cancel a case",
        {202: _TAKEN},
        scope=Scope.WRITE_CASES,
        body=inputs.Cancellation,
        body_optional=True,
        idempotent=True,
        problems=(problems.NOT_NOW,),
        example=examples.CANCELLATION,
        about=f"Takes back what is open or approved; the payer is told where it holds something. {_REPEATS}",
    ),
    Route(
        "GET",
        "/v1/requests/{id}/events",
        timeline.list_case_events,
        "requests",
        "List a case's events",
        {200: Good("All its events, in order.", timeline.EventList)},
        scope=Scope.READ_CASES,
    ),
    Route(
        "GET",
        "/v1/requests/{id}/raw",
        timeline.list_raw,
        "requests",
        "List a case's journal",
        {200: Good("Every entry, without its bytes.", timeline.EntryList)},
        scope=Scope.READ_CASES,
    ),
    Route(
        "GET",
        "/v1/requests/{id}/raw/{n}",
        timeline.show_raw,
        "requests",
        "Show a journal entry's exact bytes",
        {200: Good("The bytes as they were said or heard; secrets stand as their names.", media_type="*/*")},
        scope=Scope.READ_RAW,
    ),
    Route(
        "POST",
        "/v1/preview",
        requests.preview_request,
        "requests",
        "Preview a request",
        {200: Good("Routes tried with reasons, what would be said, what would be lost.", previews.PreviewView)},
        scope=Scope.PREVIEW,
        body=PARequest,
        example=examples.REQUEST,
        about="Nothing is sent and nothing is kept.",
    ),
)

EVENTS = (
    Route(
        "GET",
        "/v1/events",
        timeline.list_events,
        "events",
        "Read the event feed",
        {200: Good("Events after the cursor, oldest first.", timeline.EventPage)},
        scope=Scope.READ_EVENTS,
        query=inputs.EventFilter,
        about="All cases of the key's tenant and mode. Keep `next_cursor`; with it, nothing is missed and nothing "
        "comes twice.",
    ),
)

WEBHOOKS = (
    Route(
        "POST",
        "/v1/webhooks",
        webhooks.create_webhook,
        "webhooks",
        "Make an endpoint",
        {201: Good("Made. The secret is shown this once.", webhooks.EndpointSecret, headers={"Location": "Its path."})},
        scope=Scope.WEBHOOKS,
        body=inputs.NewEndpoint,
        example=examples.ENDPOINT,
    ),
    Route(
        "GET",
        "/v1/webhooks",
        webhooks.list_webhooks,
        "webhooks",
        "List endpoints",
        {200: Good("All endpoints of the key's tenant and mode.", webhooks.EndpointList)},
        scope=Scope.WEBHOOKS,
    ),
    Route(
        "GET",
        "/v1/webhooks/{id}",
        webhooks.show_webhook,
        "webhooks",
        "Show an endpoint",
        {200: Good("The endpoint, without its secret.", webhooks.EndpointView)},
        scope=Scope.WEBHOOKS,
    ),
    Route(
        "PATCH",
        "/v1/webhooks/{id}",
        webhooks.change_webhook,
        "webhooks",
        "Change an endpoint",
        {200: Good("As it is now.", webhooks.EndpointView)},
        scope=Scope.WEBHOOKS,
        body=inputs.EndpointChange,
        example=examples.ENDPOINT_CHANGE,
        about="While it is disabled, what was to be sent waits, and new events are not meant for it.",
    ),
    Route(
        "DELETE",
        "/v1/webhooks/{id}",
        webhooks.remove_webhook,
        "webhooks",
        "Remove an endpoint",
        {204: Good("Gone, with its deliveries.")},
        scope=Scope.WEBHOOKS,
    ),
    Route(
        "POST",
        "/v1/webhooks/{id}/secret",
        webhooks.rotate_webhook_secret,
        "webhooks",
        "Replace an endpoint's secret",
        {200: Good("The new secret, shown this once.", webhooks.EndpointSecret)},
        scope=Scope.WEBHOOKS,
        body=inputs.Rotation,
        body_optional=True,
        example=examples.ROTATION,
        about="For the overlap every message carries two signatures, so a receiver may know either secret.",
    ),
    Route(
        "POST",
        "/v1/webhooks/{id}/resend",
        webhooks.resend_webhook,
        "webhooks",
        "Send events again",
        {202: Good("They are on their way.", webhooks.Resent)},
        scope=Scope.WEBHOOKS,
        body=inputs.Resend,
        problems=(problems.NOT_NOW,),
        example=examples.RESEND,
        about="All events of a case, one of them, or those of a span of time, whatever types the endpoint asks for.",
    ),
    Route(
        "GET",
        "/v1/webhooks/{id}/deliveries",
        webhooks.list_webhook_deliveries,
        "webhooks",
        "List an endpoint's deliveries",
        {200: Good("A page of deliveries.", webhooks.DeliveryList)},
        scope=Scope.WEBHOOKS,
        query=inputs.DeliveryFilter,
    ),
)

PAYERS = (
    Route(
        "GET",
        "/v1/payers",
        payers.list_payers,
        "payers",
        "List payers",
        {200: Good("Every payer this key can reach.", payers.PayerList)},
    ),
)

OPERATIONS = (
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

ROUTES: tuple[Route | OpenRoute, ...] = (*REQUESTS, *EVENTS, *WEBHOOKS, *PAYERS, *OPERATIONS)
