"""The service-review channel: what it writes, where it asks, and what it makes of every kind of status."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest_review import ADAPTER
from adapters.rest_review.location import id_at
from gateway.contract.adapter import Answers, Change, ChangeKind, Filed
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress, ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Https, Reply
from gateway.model.line import Line
from gateway.model.outcome import Answer, Reference, ReferenceKind
from gateway.model.questions import QuestionAnswer
from tests.unit.review_material import (
    ENDPOINT,
    FILED,
    ID,
    REQUEST,
    STAMP,
    TO,
    destination,
    inquired,
    reply,
    request,
    review,
    submitted,
    with_lines,
)
from tests.x12_material import line as a_line

# What is written.


def test_a_filing_is_one_post_to_the_collection_with_our_own_reference() -> None:
    frame = first_frame(ADAPTER.submit(REQUEST, TO, STAMP))
    assert isinstance(frame, Https)
    assert (frame.method, frame.url, frame.effect) == ("POST", ENDPOINT, True)
    told = json.loads(frame.redacted())
    assert told["referenceNumber"] == "PG0123456789ABCDEF0123"
    assert told["payer"] == {"id": "FERN"}
    assert [item["code"] for item in told["procedures"]] == [line.code.code for line in REQUEST.lines]
    assert frame.document == frame.redacted()


def test_what_a_review_has_no_member_for_is_told_to_a_person_and_reported() -> None:
    antiemetic = {"replaces_intravenous": True, "last_dose_hours": 48}
    lines = (Line.model_validate(a_line("Q0162", id="1", supply="self_administered", antiemetic=antiemetic)),)
    asked = request(note="Please call.", supply="buy_and_bill", facts={"summary": "Stable."})
    asked = asked.model_copy(update={"lines": lines})
    frame = first_frame(ADAPTER.submit(asked, TO, STAMP))
    notes = [note["message"] for note in json.loads(frame.redacted())["providerNotes"]]
    assert "Please call." in notes
    assert "Q0162: supply self administered; in full place of an intravenous antiemetic, to hour 48." in notes
    lost = {loss.pointer: loss.kept for loss in frame.losses}
    assert lost["/note"] == "note"
    assert lost["/supply"] == lost["/lines/0/supply"] == lost["/lines/0/antiemetic"] == "note"
    assert "Stable." in notes
    assert lost["/facts/summary"] == "note"


@pytest.mark.parametrize("intent", ["revision", "extension", "appeal"])
def test_what_the_api_has_no_word_for_is_refused_at_its_place(intent: str) -> None:
    with pytest.raises(CannotExpress) as caught:
        first_frame(ADAPTER.submit(request(intent=intent, previous_authorization="A1B2"), TO, STAMP))
    assert [item.pointer for item in caught.value.items] == ["/intent"]


OTHER_PLAN = {"payer": "other_plan", "member_id": "OTHER1", "line_of_business": "commercial", "relationship": "child"}
PLAN = {"payer": "fernbrook_health", "member_id": "FERN999", "line_of_business": "commercial"}
MOTHER = {"last_name": "Testperson", "first_name": "Mother", "birth_date": "1950-01-01", "gender": "female"}


def test_no_subscriber_of_another_coverage_is_sent_under_the_member_id_of_the_one_that_is_asked() -> None:
    second = request(coverages=[OTHER_PLAN, PLAN | {"relationship": "spouse"}], subscriber=MOTHER)
    for asked in (second, second.model_copy(update={"subscriber": None})):
        with pytest.raises(CannotExpress) as caught:
            first_frame(ADAPTER.submit(asked, TO, STAMP))
        assert [item.pointer for item in caught.value.items] == ["/subscriber"]


def test_the_subscriber_of_the_coverage_that_is_asked_is_sent_with_its_member_id() -> None:
    first = request(coverages=[PLAN | {"relationship": "spouse"}, OTHER_PLAN], subscriber=MOTHER)
    told = json.loads(first_frame(ADAPTER.submit(first, TO, STAMP)).redacted())
    assert (told["subscriber"]["memberId"], told["subscriber"]["firstName"]) == ("FERN999", "Mother")
    own = request(coverages=[OTHER_PLAN, PLAN | {"relationship": "self"}], subscriber=MOTHER)
    frame = first_frame(ADAPTER.submit(own, TO, STAMP))
    assert json.loads(frame.redacted())["subscriber"]["lastName"] == REQUEST.patient.last_name
    assert "/subscriber" in [loss.pointer for loss in frame.losses]


def test_more_lines_than_the_payer_takes_are_refused_each() -> None:
    lines = [{**line.model_dump(mode="json"), "id": None} for line in REQUEST.lines] * 3
    with pytest.raises(CannotExpress) as caught:
        first_frame(ADAPTER.submit(with_lines(lines), TO, STAMP))
    assert [item.pointer for item in caught.value.items] == ["/lines/3", "/lines/4", "/lines/5"]


def test_answers_to_questions_are_refused_and_not_left_out() -> None:
    answers = Answers(round="5" * 32, questions=(QuestionAnswer(question="1", text="Since last spring."),))
    with pytest.raises(CannotExpress) as caught:
        first_frame(ADAPTER.answer(FILED, answers, TO, STAMP))
    assert [item.pointer for item in caught.value.items] == ["/questions"]


def test_documents_and_changes_have_no_way() -> None:
    with pytest.raises(CannotExpress):
        first_frame(ADAPTER.answer(FILED, Answers(note="x"), TO, STAMP))
    with pytest.raises(CannotExpress):
        first_frame(ADAPTER.amend(FILED, Change(kind=ChangeKind.REVISE, request=REQUEST), TO, STAMP))


# Where it asks.


@pytest.mark.parametrize(
    "location",
    [
        f"{ENDPOINT}/{ID}",
        f"https://network.example:443/v2/service-reviews/{ID}",
        f"HTTPS://NETWORK.example/availity/v2/service-reviews/{ID}",
        f"/v2/service-reviews/{ID}",
        f"service-reviews/{ID}",
        f"./service-reviews/{ID}",
        f"../v2/service-reviews/{ID}",
        f"//network.example/v2/service-reviews/{ID}",
    ],
)
def test_a_filing_is_received_under_the_id_of_its_location(location: str) -> None:
    outcome = submitted(reply(None, 202, location=location))
    assert (outcome.answer, outcome.final) == (Answer.RECEIVED, False)
    assert [(told.kind, told.value) for told in outcome.references] == [(ReferenceKind.REVIEW, ID)]


@pytest.mark.proves("RE-03")
@pytest.mark.parametrize(
    "location",
    [
        f"https://elsewhere.example/v2/service-reviews/{ID}",
        f"http://network.example/v2/service-reviews/{ID}",
        f"https://network.example:8443/v2/service-reviews/{ID}",
        f"https://network.example@elsewhere.example/v2/service-reviews/{ID}",
        f"//elsewhere.example/v2/service-reviews/{ID}",
        f"https://network.example.elsewhere.example/v2/service-reviews/{ID}",
        "https://network.example/v2/service-reviews/",
        "https://network.example/v2/service-reviews/..",
        "https://network.example/v2/service-reviews/%2e%2e",
        f"https://network.example/v2/service-reviews/{ID}?to=elsewhere",
        f"https://network.example/v2/service-reviews/{ID}#x",
        f"https://network.example/v2/other/{ID}",
        f"https:\\\\elsewhere.example/v2/service-reviews/{ID}",
        f"https://network.example/v2/service-reviews/{'1' * 81}",
        "javascript:alert(1)",
        f"https:service-reviews/{ID}",
        f"service-reviews\\{ID}",
        f"//elsewhere.example\n/../v2/service-reviews/{ID}",
        f"../other/{ID}",
        f"service-reviews/{ID}/..",
        ID,
    ],
)
def test_a_location_that_leads_anywhere_else_is_not_read(location: str) -> None:
    with pytest.raises(Unreadable):
        submitted(reply(None, 202, location=location))


@pytest.mark.proves("RE-03")
@given(st.text(max_size=80) | st.from_regex(r"(https?:)?//[a-z.@:]{0,20}/[a-z0-9./%-]{0,40}", fullmatch=True))
def test_whatever_a_location_says_we_ask_at_our_own_endpoint(location: str) -> None:
    try:
        name = id_at(location, ENDPOINT)
    except Unreadable:
        return
    filed = FILED.model_copy(update={"references": (Reference(kind=ReferenceKind.REVIEW, value=name),)})
    frame = first_frame(ADAPTER.inquire(filed, TO, STAMP))
    assert frame.url == f"{ENDPOINT}/{name}"
    assert not set(name) & set("/?#%\\@: ")
    assert name not in (".", "..")


def test_without_a_location_the_id_of_the_body_is_taken() -> None:
    assert submitted(reply({"id": ID}, 202)).references[0].value == ID
    for heard in (reply(None, 202), reply({"id": "a/b"}, 202), reply(b"<html>", 202, "text/html")):
        with pytest.raises(Unreadable):
            submitted(heard)


def test_an_inquiry_reads_the_review_by_its_id_and_has_no_effect() -> None:
    frame = first_frame(ADAPTER.inquire(FILED, TO, STAMP))
    assert (frame.method, frame.url, frame.effect, frame.body) == ("GET", f"{ENDPOINT}/{ID}", False, ())


UNNAMED = Filed(request=REQUEST, stamp=STAMP)
SEARCHING = destination(search_by_reference=True)


def test_a_filing_without_an_id_is_looked_for_only_where_that_names_no_patient() -> None:
    with pytest.raises(CannotExpress):
        first_frame(ADAPTER.inquire(UNNAMED, TO, STAMP))
    url = first_frame(ADAPTER.inquire(UNNAMED, SEARCHING, STAMP)).url
    assert url == f"{ENDPOINT}?payer.id=FERN&referenceNumber=PG0123456789ABCDEF0123"


NAMED = {"referenceNumber": "PG0123456789ABCDEF0123"}


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ({"totalCount": 0, "serviceReviews": []}, Answer.NOT_FOUND),
        ({"serviceReviews": []}, Answer.UNMAPPED),
        ({"totalCount": 1, "serviceReviews": [review("A1") | NAMED]}, Answer.REVIEWED),
        ({"totalCount": 1, "serviceReviews": [review("A1")]}, Answer.UNMAPPED),
        ({"totalCount": 2, "serviceReviews": [review("A1") | NAMED, review("A3") | NAMED]}, Answer.UNMAPPED),
        ({"totalCount": 3, "serviceReviews": []}, Answer.UNMAPPED),
    ],
)
def test_only_an_empty_search_proves_that_nothing_is_on_file(value: Any, answer: Answer) -> None:
    assert inquired(reply(value), UNNAMED, SEARCHING).answer is answer


# What is heard of a filing.


@pytest.mark.parametrize("status", [400, 422, 415])
def test_a_refused_filing_is_rejected_in_the_networks_words(status: int) -> None:
    error = {"field": "payer.id", "code": "7", "errorMessage": "Unknown."}
    told = {"statusCode": status, "userMessage": "Mend it.", "errors": [error]}
    outcome = submitted(reply(told, status))
    assert outcome.answer is Answer.REJECTED
    assert outcome.reasons[0].text == "payer.id Unknown."
    assert outcome.messages == ("Mend it.",)
    assert submitted(reply(b"<html>", status, "text/html")).answer is Answer.REJECTED


WHOLE = review("A1", {"statusCode": "A1"}, {"statusCode": "A1"}, certificationNumber="N7")
TOLD = {"userMessage": "Mend it.", "errors": [{"field": "procedures[0].quantity", "code": "7"}]}


@pytest.mark.parametrize("status", [400, 405, 413, 415, 422, 431, 401, 403, 429])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (WHOLE, "application/json"),
        ({"id": "R1", "statusCode": "A4"}, "application/json"),
        ({"id": "R1"}, "application/json"),
        ({"result": {"serviceReview": WHOLE}}, "application/problem+json"),
        (WHOLE | {"userMessage": "Mend it."}, "application/json"),
        (TOLD | {"statusCode": 202}, "application/json"),
        (TOLD | {"serviceReview": WHOLE}, "application/json"),
        ({"status": 400, "result": {"procedures": [{"code": "J1745"}]}}, "application/problem+json"),
        ({"message": json.dumps(WHOLE)}, "application/json"),
        (json.dumps(WHOLE).encode()[:-9], "text/plain"),
        (json.dumps(WHOLE).encode("utf-16"), "application/json"),
    ],
)
def test_a_refusal_that_carries_a_review_proves_nothing(status: int, body: Any, kind: str) -> None:
    with pytest.raises(Unreadable):
        submitted(reply(body, status, kind))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (None, "application/json"),
        (b"Request Entity Too Large", "text/plain"),
        (b"<html><body id='x'>413</body></html>", "text/html"),
        (TOLD | {"statusCode": 413}, "application/json"),
        (TOLD | {"statusCode": 413}, "text/plain"),
        ({"type": "about:blank", "title": "Too large", "status": 413}, "application/problem+json"),
    ],
)
def test_a_refusal_that_stands_alone_is_believed_whoever_wrote_it(body: Any, kind: str) -> None:
    assert submitted(reply(body, 413, kind)).answer is Answer.REJECTED


def test_a_refusal_that_is_compressed_or_shows_where_a_review_lies_proves_nothing() -> None:
    for heard in (
        reply(b"\x1f\x8b", 400, content_encoding="gzip"),
        reply(TOLD | {"statusCode": 400}, 400, content_location=f"/v2/service-reviews/{ID}"),
        reply(None, 429, location=f"/v2/service-reviews/{ID}"),
    ):
        with pytest.raises(Unreadable):
            submitted(heard)


@pytest.mark.proves("RE-02")
@pytest.mark.parametrize(
    ("heard", "error"),
    [
        (reply(None, 400, location=f"{ENDPOINT}/{ID}"), Unreadable),
        (reply(None, 200), Unreadable),
        (reply(b"<html>", 200, "text/html"), Unreadable),
        (reply(None, 303, location=f"{ENDPOINT}/{ID}"), Unreadable),
        (reply(None, 401), NeedsPerson),
        (replace(reply(None, 401), stale_token=True), NotSent),
        (replace(reply({"statusCode": 401, "userMessage": "Expired."}, 401), stale_token=True), NotSent),
        (replace(reply(None, 401, location=f"{ENDPOINT}/{ID}"), stale_token=True), Unreadable),
        (replace(reply(review("A1"), 401), stale_token=True), Unreadable),
        (reply(None, 401, location=f"{ENDPOINT}/{ID}"), Unreadable),
        (reply(review("A1"), 401), Unreadable),
        (reply(review("A1"), 403), Unreadable),
        (reply(review("A1"), 429), Unreadable),
        (reply(review("A1"), 400), Unreadable),
        (reply(None, 403), NeedsPerson),
        (reply(None, 404), MaybeSent),
        (reply(None, 409), MaybeSent),
        (reply(None, 429), NotSent),
        (reply(None, 500), MaybeSent),
        (reply(None, 503), MaybeSent),
    ],
)
def test_a_filing_whose_fate_is_open_is_not_taken_for_refused(heard: Reply, error: type[ExchangeError]) -> None:
    with pytest.raises(error):
        submitted(heard)
