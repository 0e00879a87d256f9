"""Clinical records."""

from __future__ import annotations

from gateway.api import examples, intake
from gateway.api.route import Good, Route
from gateway.intake.intake import Taken
from gateway.store.keys import Scope

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/intake",
        intake.take_in_record,
        "requests",
        "Draft a request from a clinical record",
        {200: Good("The draft, what it was read from, and what is missing or in conflict.", Taken)},
        scope=Scope.PREVIEW,
        body=intake.ClinicalRecord,
        limits=intake.LIMITS,
        example=examples.RECORD,
        about="Takes a FHIR R4 record (US Core; mCODE where it is used) and keeps nothing of it. Every fact names its "
        "resource and path; nothing is guessed or made from other codes. What is contradictory, undated, of another "
        "patient or not legible stands in `findings`. Fill in what `missing` names, and send the draft to "
        "`POST /v1/requests`.",
    ),
)
