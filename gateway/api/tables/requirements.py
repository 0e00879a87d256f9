"""Policies: what a payer wants of an order, before anybody asks the payer."""

from __future__ import annotations

from gateway.api import examples, requirements
from gateway.api.route import Good, Route
from gateway.policy.order import Order
from gateway.store.keys import Scope

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/requirements",
        requirements.show_requirements,
        "policies",
        "Show what a payer's policy wants",
        {200: Good("Line by line.", requirements.RequirementsView)},
        scope=Scope.PREVIEW,
        body=Order,
        example=examples.ORDER,
        about="For the point of order entry: send what is known so far, in the fields of a request. Needed are "
        "`coverages[0].payer` and `line_of_business`, and a code for each line; whatever else is missing is told "
        "where a rule waits for it (`undetermined`). No payer is asked, and nothing is kept. Every verdict names its "
        "policy, version and rule, and where that was learned; `findings` are what to mend, each with a pointer into "
        "the body. A request (POST /v1/requests) is held against the same rules when it is taken.",
    ),
)
