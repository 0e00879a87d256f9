"""Reports over all cases of a tenant."""

from __future__ import annotations

from gateway.api import examples, reports
from gateway.api.route import Good, Route
from gateway.clocks.report import Tally
from gateway.store.keys import Scope

_ABOUT = (
    "How long payers take from receipt to decision, and what they decide: the figures that payers must publish "
    "themselves, from what the gateway saw. An item is one line of a request as one payer was asked for it. Everything "
    "is counted from the latest event of each case, so whoever keeps the event feed can count it again. "
)

ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/v1/reports/timeliness",
        reports.report_timeliness,
        "reports",
        "Report how long payers take",
        {200: Good("Rows in the order of what they are of, and the total.", Tally, example=examples.TIMELINESS)},
        scope=Scope.READ_CASES,
        query=reports.TimelinessFilter,
        about=_ABOUT,
    ),
    Route(
        "GET",
        "/v1/reports/timeliness.csv",
        reports.export_timeliness,
        "reports",
        "Report how long payers take, as a table",
        {200: Good("The rows, with a line of names before them.", media_type=reports.CSV)},
        scope=Scope.READ_CASES,
        query=reports.TimelinessFilter,
        about=_ABOUT,
    ),
)
