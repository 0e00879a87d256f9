"""Cases: submit, show, answer, cancel, appeal, settle."""

from __future__ import annotations

from gateway.api import (
    acts,
    clearing,
    examples,
    inputs,
    previews,
    problems,
    questions,
    requests,
    routing,
    timeline,
    views,
)
from gateway.api.route import Good, Route
from gateway.api.tables.taken import REPEATS, TAKEN
from gateway.model.request import PARequest
from gateway.store.keys import Scope

_CANCELLING = Good(
    "Kept, and durable: this is sent after the commit. `untold` names payers that cannot be told.",
    views.CancellationView,
    headers=TAKEN.headers,
    example=examples.CANCELLING,
)

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/requests",
        requests.submit_request,
        "requests",
        "Submit a request",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=PARequest,
        beyond=requests.find_faults,
        again=requests.repeat,
        problems=(problems.INEXPRESSIBLE, problems.POLICY),
        example=examples.REQUEST,
        about="Takes a prior authorization request and files it in the background. What a payer is known to send back "
        "over every route is refused, with each field. What the payer's policy finds missing stands in the case as "
        "`preflight`; a tenant may have such requests refused instead (422), or not looked at "
        f"(`payer-gateway policy preflight`). {REPEATS}",
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
        "GET",
        "/v1/requests/{id}/routing",
        routing.show_routing,
        "requests",
        "Show how a case was routed",
        {200: Good("Each submission, with the decision that made it.", routing.RoutingView)},
        scope=Scope.READ_CASES,
        about="As it was decided then: for each line the rules in their order with what each read (pointers into the "
        "request, never a value) and which row of the profiles told it; the routes that were looked at and why others "
        "were passed over; why lines of one request go in several submissions; and what was asked instead of whom.",
    ),
    Route(
        "POST",
        "/v1/requests/{id}/answers",
        acts.answer_request,
        "requests",
        "Send what the payer asked for",
        {
            200: Good(
                "Of questions: how far the answers lead. Nothing was sent and nothing is kept.", questions.ProgressView
            ),
            202: TAKEN,
        },
        scope=Scope.WRITE_CASES,
        body=inputs.GivenAnswers,
        again=requests.repeat,
        problems=(problems.NOT_NOW,),
        example=examples.ANSWERS,
        about="Documents for a case whose `requested` is not empty, whatever its status. An attachment goes to the one "
        "payer, and under the number, that you name in `control_numbers`, or for the code that you name in `codes` "
        "where an item has no number; else to the only item of its kind, or to the only one that says no kind. What "
        "nobody asks for, or could be meant for several, is refused with the names of what is asked for. "
        f"{REPEATS}\n\n"
        "Answers to questions are sent with their `round`, all of them every time. What does not fit its question is a "
        "422 with a pointer to it. Otherwise: 202, and they are on their way, where they are complete and `submit` is "
        "true; else 200 with the questions that are open now, and nothing was sent. What the payer's channel cannot "
        "carry of complete answers is refused before they are submitted. When an answer changes, answers that are "
        "not on the way any more are named in `dropped` and not sent. A document that the round requires "
        "goes in `attachments` of the same call. An older round and one whose deadline has passed are a 409 that says "
        "what to do.",
    ),
    Route(
        "GET",
        "/v1/requests/{id}/questions",
        acts.show_questions,
        "requests",
        "Show the questions that payers ask",
        {200: Good("Every round that is open, with what the request answers of it.", questions.RoundList)},
        scope=Scope.READ_CASES,
        about="Answers are proposed from the request's own facts, by code alone and never guessed; `taken_from` points "
        "at the fact, in the request as it is kept, and stands at each choice where several facts gave them. Send them "
        "as answers if they are right.",
    ),
    Route(
        "POST",
        "/v1/requests/{id}/cancel",
        acts.cancel_request,
        "requests",
        "Cancel a case",
        {202: _CANCELLING},
        scope=Scope.WRITE_CASES,
        body=inputs.Cancellation,
        body_optional=True,
        again=requests.repeat,
        problems=(problems.NOT_NOW, problems.INEXPRESSIBLE),
        example=examples.CANCELLATION,
        about="Takes back what is open or approved; the payer is told where it holds something. Where one of several "
        f"payers cannot be told, the others are, and the answer names it under `untold`. {REPEATS}",
    ),
    Route(
        "POST",
        "/v1/requests/{id}/appeal",
        acts.appeal_request,
        "requests",
        "Appeal a decision",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=inputs.Appealed,
        again=requests.repeat,
        problems=(problems.NOT_NOW, problems.INEXPRESSIBLE),
        example=examples.APPEAL,
        about="Asks the payer to decide anew. What it decided stands until then: the case keeps its status, and "
        "`appeals` says how the appeal stands. What the payer wants to know first is asked at "
        "`GET /v1/requests/{id}/questions`, and answered as all questions are. A case of which nothing is denied, and "
        "lines whose appeal is under way, are a 409; a payer that takes no appeal over its channel is a 422 that says "
        f"what to do instead. {REPEATS}",
    ),
    Route(
        "POST",
        "/v1/requests/{id}/settle",
        clearing.settle_request,
        "requests",
        "Settle what is in doubt",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=clearing.Settled,
        again=requests.repeat,
        problems=(problems.NOT_NOW,),
        example=examples.SETTLED,
        about="For what was sent and got no usable answer (an attempt that is `lost`), once a person has looked at the "
        "payer. With `found` it is taken for what the payer has under that number; with `absent` the same words go "
        "again, once. It is an operator's word: it stands in the journal with the name of the key. A case of which "
        "nothing is in doubt, and an absence before the payer's settle time is over, are a 409; where several things "
        f"are in doubt, a 422 names them. {REPEATS}",
    ),
    Route(
        "POST",
        "/v1/requests/{id}/extension",
        clearing.extend_request,
        "requests",
        "Record that a payer takes longer",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=clearing.Extension,
        again=requests.repeat,
        problems=(problems.NOT_NOW,),
        example=examples.EXTENSION,
        about="For what a payer says by letter or telephone; what it says over its channel is heard by itself. It "
        "counts as far as the rule of the payer's time lets it take longer, and where it was said while that time ran: "
        "`due_at` and `extended_days` of the submission's clocks say what came of it, and `expected_by` what the payer "
        "said. Nobody is called for that time until it is over. A case for which no payer's time runs is a 409; where "
        f"that of several runs, a 422 names them. {REPEATS}",
    ),
    Route(
        "POST",
        "/v1/requests/{id}/resume",
        clearing.resume_request,
        "requests",
        "Let a case go on that waited for a person",
        {202: TAKEN},
        scope=Scope.WRITE_CASES,
        body=clearing.Resumed,
        body_optional=True,
        again=requests.repeat,
        problems=(problems.NOT_NOW,),
        example=examples.RESUMED,
        about="A payer's site may ask for a person (`challenge` of the case): to read a picture, whose text is the "
        "`answer`, or to approve a sign-in. Until somebody resumes it nothing else goes over that connection for a "
        "while. Without a challenge, what waits for an operator is tried at once: after a profile or a site's "
        f"description was mended. A case that waits for nobody is a 409. {REPEATS}",
    ),
    Route(
        "GET",
        "/v1/requests/{id}/challenge",
        clearing.show_challenge,
        "requests",
        "Show the picture that a payer's site wants to have read",
        {200: Good("The picture, while its page waits.", media_type="*/*")},
        scope=Scope.READ_RAW,
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
        beyond=requests.find_faults,
        example=examples.REQUEST,
        about="Nothing is sent and nothing is kept. `preflight` is what the payer's policy finds missing, also where "
        "the tenant has such requests refused.",
    ),
)
