"""Webhook endpoints."""

from __future__ import annotations

from gateway.api import examples, inputs, problems, webhooks
from gateway.api.route import Good, Route
from gateway.store.keys import Scope

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/webhooks",
        webhooks.create_webhook,
        "webhooks",
        "Make an endpoint",
        {201: Good("Made. The secret is shown this once.", webhooks.EndpointSecret, headers={"Location": "Its path."})},
        scope=Scope.WEBHOOKS,
        body=inputs.NewEndpoint,
        beyond=webhooks.find_refused_url,
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
        beyond=webhooks.find_refused_url,
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
        about=(
            "For the overlap every message carries a signature by each secret, so a receiver may know either. Drawn "
            "again within an overlap, those before keep what they were promised (four at most); an overlap of 0 ends "
            "them all."
        ),
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
        about="All events of a case, one of them, or those of a span of time, whatever types the endpoint asks for. "
        "A case or an event that is not there is a 404.",
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
