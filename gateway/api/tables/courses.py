"""Treatments: events of a patient, what is left of authorizations, the patient's timeline."""

from __future__ import annotations

from gateway.api import courses, examples, problems
from gateway.api.route import Good, Route
from gateway.courses.treatment import Treatment
from gateway.store.keys import Scope

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/patients/{patient}/events",
        courses.tell_treatment,
        "patients",
        "Tell of a treatment",
        {200: Good("What the event comes to. It is kept.", courses.AdviceView)},
        scope=Scope.WRITE_CASES,
        body=Treatment,
        problems=(problems.EVENT_KNOWN,),
        example=examples.TREATMENT,
        about="A cycle began, a drug was given, a plan changed. The answer says whether an authorization covers it "
        "and what is left of that, or else what to ask: an update of an open case, a renewal, a new request, with the "
        "rule and a draft that can be sent to `POST /v1/requests` as it is. Nothing is filed by itself. The same event "
        "again, by its id, is answered as it was the first time; another one under a known id is refused (409). Events "
        "may come in any order. One that was told by mistake is taken back by an event `retracted`. "
        "`patient` stands in every case.",
    ),
    Route(
        "GET",
        "/v1/patients/{patient}/authorizations",
        courses.show_authorizations,
        "patients",
        "Show what is left of authorizations",
        {200: Good("Every line that was granted, and what was used of it.", courses.AuthorizationList)},
        scope=Scope.READ_CASES,
        about="What payers granted, less what was given. A use that fits no authorization is told apart and drawn from "
        "none. What a payer decides later changes what is left, and never what was used.",
    ),
    Route(
        "GET",
        "/v1/patients/{patient}/timeline",
        courses.show_timeline,
        "patients",
        "Show a patient's timeline",
        {200: Good("Cases, decisions and events in the order in which they happened.", courses.Timeline)},
        scope=Scope.READ_CASES,
    ),
)
