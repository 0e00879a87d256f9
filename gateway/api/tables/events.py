"""The event feed."""

from __future__ import annotations

from gateway.api import inputs, timeline
from gateway.api.route import Good, Route
from gateway.store.keys import Scope

ROUTES: tuple[Route, ...] = (
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
