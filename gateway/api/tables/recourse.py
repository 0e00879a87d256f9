"""Denials: what can be done about one, and talks of peers."""

from __future__ import annotations

from gateway.api import examples, problems, recourse, requests
from gateway.api.route import Good, Route
from gateway.api.tables.taken import REPEATS, TAKEN
from gateway.recourse.invitation import MEDIA_TYPE
from gateway.store.keys import Scope

_TALK = "/v1/requests/{id}/peer-to-peer"

ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/v1/requests/{id}/recourse",
        recourse.show_recourse,
        "denials",
        "Show what can be done about a denial",
        {200: Good("Ways, with why, until when and who decides; and what the policy wanted.", recourse.RecourseView)},
        scope=Scope.READ_CASES,
        about="Of each denied line: a talk of peers (clinical denials alone), a reconsideration, the next level of "
        "appeal, or a new request with another site, product, provider or quantity, with what was missing or with what "
        "was wrong corrected. Windows are dated data with their source, or the payer's own words where it names one; "
        "where nothing is known of one, `until` is null. `evidence` holds what the payer's policy wants and what the "
        "request holds of it, as POST /v1/requirements has it. Nothing is done by this.",
    ),
    Route(
        "GET",
        _TALK,
        recourse.list_talks,
        "denials",
        "List the talks of peers of a case",
        {200: Good("All of them, by their numbers.", recourse.TalkList)},
        scope=Scope.READ_CASES,
    ),
    Route(
        "POST",
        _TALK,
        recourse.open_talk,
        "denials",
        "Open a talk of peers",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=recourse.TalkOpened,
        again=requests.repeat,
        problems=(problems.NOT_NOW,),
        example=examples.TALK,
        about="Over lines that one payer denied for a clinical reason, or over any that it offers to talk of. Its "
        "number is the next of the case (`GET` the same path). Its window ends as the payer says, or by the rule "
        "that holds: a day before, `case.peer_to_peer_ending` is told, and after it, where nobody said what came of "
        "the talk, `case.peer_to_peer_missed`; what came of it may still be said then. A denial has "
        "one open talk at a time; a second is a 409. The case "
        f"stays what the payer decided. {REPEATS}",
    ),
    Route(
        "POST",
        f"{_TALK}/{{n}}/slots",
        recourse.propose_slots,
        "denials",
        "Name times for a talk of peers",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=recourse.SlotsGiven,
        again=requests.repeat,
        problems=(problems.NOT_NOW,),
        example=examples.SLOTS,
        about=f"They take the place of those that were named before. {REPEATS}",
    ),
    Route(
        "POST",
        f"{_TALK}/{{n}}/schedule",
        recourse.schedule_talk,
        "denials",
        "Fix or move the time of a talk of peers",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=recourse.TalkScheduled,
        again=requests.repeat,
        problems=(problems.NOT_NOW,),
        example=examples.SCHEDULE,
        about="A talk that is held after its window, or late in it, leaves a day to say what came of it. " + REPEATS,
    ),
    Route(
        "POST",
        f"{_TALK}/{{n}}/outcome",
        recourse.conclude_talk,
        "denials",
        "Say what came of a talk of peers",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=recourse.TalkConcluded,
        again=requests.repeat,
        problems=(problems.NOT_NOW,),
        example=examples.TALK_OUTCOME,
        about="What is `overturned` on the telephone grants no line: the payer is asked at once, and what it says in "
        f"writing decides. A talk that is over is a 409; one that was missed may be told of "
        f"afterwards. {REPEATS}",
    ),
    Route(
        "GET",
        f"{_TALK}/{{n}}/invitation.ics",
        recourse.show_invitation,
        "denials",
        "Show the calendar entry of a talk of peers",
        {200: Good("An iCalendar object; one that was called off cancels.", media_type=MEDIA_TYPE)},
        scope=Scope.READ_CASES,
        problems=(problems.NOT_NOW,),
        about="It names the case by its id, and nothing of the patient. Times are in UTC; its UID stays, and its "
        "SEQUENCE grows when it is moved.",
    ),
)
