"""What payers mean by what they answer."""

from __future__ import annotations

from gateway.api import examples, reasons
from gateway.api.route import Good, Route
from gateway.store.keys import Scope

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/reasons",
        reasons.classify_reasons,
        "reasons",
        "Classify an answer",
        {200: Good("What it comes to, its reasons and where each was read.", reasons.ReasonsView)},
        scope=Scope.PREVIEW,
        body=reasons.PayerAnswer,
        example=examples.ANSWER,
        about="For an answer that came by letter, telephone or another way around the gateway. What is not understood "
        "stays unmapped, and so does a text that says yes and no. Nothing is sent and nothing is kept.",
    ),
)
