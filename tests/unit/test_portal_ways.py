"""The rules of a visit that no single recorded page shows: sessions, challenges, duplicates, searches, and readers that
any page may come to."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.portal.adapter import SESSIONS
from adapters.portal.finding import Row, find
from gateway.contract.drive import first_frame
from gateway.contract.errors import Challenged, ExchangeError, MaybeSent, NeedsPerson, NotSent
from gateway.contract.frames import Reply, Secret, Turn
from gateway.contract.turns import Asked, Click, Fill, Totp, Upload
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Attention
from tests.unit.portal_material import cases, changed, exchange_of, played, replies_of

FILED = ("ironwood_filed", "juniper_filed")


@pytest.mark.parametrize("name", FILED)
def test_one_turn_files_and_names_its_page_and_its_request(name: str) -> None:
    frames, end = played(exchange_of(name), replies_of(name))
    [last] = [frame for frame in frames if frame.effect]
    assert last is frames[-1]
    assert isinstance(end, Outcome)
    assert end.answer is Answer.RECEIVED
    assert last.commit is not None
    assert last.on is not None
    assert last.commit.method == "POST"
    assert last.commit.guard == "fetch"
    assert last.on.controls


@pytest.mark.parametrize("name", FILED)
def test_the_worksheet_goes_with_the_first_turn_of_the_first_session_alone(name: str) -> None:
    frames, _ = played(exchange_of(name), replies_of(name))
    assert [frame.document is not None for frame in frames] == [True] + [False] * (len(frames) - 1)
    told = json.loads(frames[0].document or b"")
    request = cases()[name].request
    assert request is not None
    values = [field["value"] for field in told["fields"]]
    assert request.coverages[0].member_id in values
    assert all(line.code.code in values for line in request.lines)
    assert frames[0].losses


@pytest.mark.parametrize("name", FILED)
def test_credentials_are_typed_where_one_signs_in_and_nowhere_else(name: str) -> None:
    frames, _ = played(exchange_of(name), replies_of(name))
    typing = [
        frame
        for frame in frames
        if any(isinstance(step, Fill) and isinstance(step.what, Secret | Totp) for step in frame.steps)
    ]
    assert typing == [frame for frame in frames if frame.signs_in]
    assert typing


@pytest.mark.parametrize("name", FILED)
def test_a_file_is_called_by_its_id_and_not_by_its_title(name: str) -> None:
    frames, _ = played(exchange_of(name), replies_of(name))
    names = [step.name for frame in frames for step in frame.steps if isinstance(step, Upload)]
    assert names == ["a1-5a838678.pdf", "a2-5a838678.pdf"]


def sign_in_page(name: str) -> Reply:
    return replies_of(name)[0]


@pytest.mark.parametrize("name", FILED)
def test_a_session_that_ends_on_any_page_is_begun_anew_and_not_for_ever(name: str) -> None:
    replies = replies_of(name)
    frames, _ = played(exchange_of(name), replies)
    signed_in = max(place for place, frame in enumerate(frames) if frame.signs_in) + 1
    for place in range(signed_in, len(replies) - 1):
        cut = [*replies[:place], sign_in_page(name)]
        again, end = played(exchange_of(name), [*cut, *replies])
        assert isinstance(end, Outcome), place
        assert end.answer is Answer.RECEIVED
        assert sum(frame.effect for frame in again) == 1
        _, end = played(exchange_of(name), cut * SESSIONS)
        assert isinstance(end, NotSent), place
        assert end.retry_after


@pytest.mark.parametrize(
    "name", ["ironwood_approved", "juniper_certified", "ironwood_found_by_a_search", "juniper_found_in_the_list"]
)
def test_a_session_that_ends_while_one_looks_is_begun_anew(name: str) -> None:
    replies = replies_of(name)
    _, told = played(exchange_of(name), replies)
    signed_in = next(
        n for n, reply in enumerate(replies) if b"textbox" not in reply.body or b"My requests" in reply.body
    )
    for place in range(signed_in + 1, len(replies)):
        _, end = played(exchange_of(name), [*replies[:place], *replies])
        assert end == told, place


@pytest.mark.parametrize("name", FILED)
def test_maintenance_on_any_page_before_the_click_means_later(name: str) -> None:
    down = {"path": "/x", "snapshot": '- main:\n  - heading "Scheduled maintenance" [level=1]'}
    replies = replies_of(name)
    for place in range(len(replies) - 1):
        frames, end = played(exchange_of(name), [*replies[:place], changed(replies[place], documents=[down])])
        assert isinstance(end, NotSent), place
        assert end.retry_after == 900
        assert not any(frame.effect for frame in frames)


@pytest.mark.parametrize("name", FILED)
@pytest.mark.parametrize("status", [429, 500, 502])
def test_an_error_of_the_server_before_the_click_means_later(name: str, status: int) -> None:
    bad = {"path": "/x", "snapshot": '- heading "Bad gateway" [level=1]'}
    replies = replies_of(name)
    for place in range(len(replies) - 1):
        given = changed(replies[place], documents=[bad], status=status, settled=False)
        frames, end = played(exchange_of(name), [*replies[:place], given])
        assert isinstance(end, NotSent), place
        assert (str(status) in str(end), end.retry_after) == (True, 60)
        assert not any(frame.effect for frame in frames)


@pytest.mark.parametrize(
    ("says", "is_later"), [("Something went wrong. Please try again.", True), ("At most 10 MB, please.", False)]
)
def test_a_document_that_the_site_could_not_take_just_now_was_not_refused(says: str, is_later: bool) -> None:
    name = "juniper_information_sent"
    *before, page, _ = replies_of(name)
    told = json.loads(page.body)["documents"]
    told[0]["snapshot"] = told[0]["snapshot"].replace("- main:", f"- main:\n  - alert: {says}")
    frames, end = played(exchange_of(name), [*before, changed(page, documents=told)])
    assert not any(frame.effect for frame in frames)
    if is_later:
        assert isinstance(end, NotSent)
    else:
        assert isinstance(end, Outcome)
        assert end.answer is Answer.REJECTED


@pytest.mark.parametrize(
    ("says", "is_later"),
    [
        ("Something went wrong. Please try again.", True),
        ("It was not done in time.", True),
        ("The user name or password is not right.", False),
        ("A word that nobody has heard here.", False),
    ],
)
def test_a_site_that_does_not_work_when_one_logs_in_has_refused_no_password(says: str, is_later: bool) -> None:
    page, *_ = replies_of("juniper_filed")
    told = json.loads(page.body)["documents"]
    told[0]["snapshot"] = told[0]["snapshot"].replace("- main:", f"- main:\n  - alert: {says}")
    _, end = played(exchange_of("juniper_filed"), [page, changed(page, documents=told)])
    assert isinstance(end, NotSent if is_later else NeedsPerson), end
    assert is_later or not end.only_this


def test_an_approval_is_a_challenge_and_the_page_that_went_on_is_home() -> None:
    name = "ironwood_approval_wanted"
    _, end = played(exchange_of(name), replies_of(name))
    assert isinstance(end, Challenged)
    assert (end.kind, end.seconds) == ("approval", 300)
    home = replies_of("ironwood_approved")[2:]
    frames, end = played(exchange_of("ironwood_approved"), home)
    assert isinstance(end, Outcome)
    assert not any(frame.signs_in for frame in frames)


@pytest.mark.parametrize("name", ["ironwood_puzzle_before_the_review", "juniper_puzzle_before_the_last_step"])
def test_a_puzzle_on_the_way_is_typed_by_a_person_and_its_page_goes_on_from_there(name: str) -> None:
    replies = replies_of(name)
    frames, _ = played(exchange_of(name), replies)
    [asked] = [
        place
        for place, frame in enumerate(frames)
        if any(isinstance(step, Fill) and isinstance(step.what, Asked) for step in frame.steps)
    ]
    assert not frames[asked].effect
    # The page waited for the answer; the next conversation finds it as its first.
    resumed, end = played(exchange_of(name), replies[asked - 1 :])
    assert isinstance(end, Outcome)
    assert end.answer is Answer.RECEIVED
    assert [frame.effect for frame in resumed] == [False, False, True]


def test_a_session_that_ended_over_a_form_that_waited_is_begun_anew() -> None:
    name = "juniper_puzzle_before_the_last_step"
    replies = replies_of(name)
    waited = next(reply for reply in replies if b"triangles" in reply.body)
    dialog = b'- dialog \\"Are you a person?\\":'
    assert dialog in waited.body
    ended = replace(waited, body=waited.body.replace(dialog, b'- dialog \\"Your session has timed out\\"\\n' + dialog))
    _, end = played(exchange_of(name), [ended, *replies])
    assert isinstance(end, Outcome)
    assert end.answer is Answer.RECEIVED


def test_a_wrong_answer_to_a_puzzle_on_the_way_has_the_next_picture_asked_for() -> None:
    name = "juniper_puzzle_before_the_last_step"
    replies = replies_of(name)
    place = next(n for n, reply in enumerate(replies) if b"triangles" in reply.body)
    box = b'  - textbox \\"How many triangles are in the picture?\\"'
    assert box in replies[place].body
    wrong = replace(replies[place], body=replies[place].body.replace(box, box + b"\\n  - alert: Look again."))
    frames, end = played(exchange_of(name), [*replies[: place + 1], wrong, *replies[place + 1 :]])
    assert isinstance(end, Outcome)
    assert end.answer is Answer.RECEIVED
    assert sum(isinstance(step, Fill) and isinstance(step.what, Asked) for frame in frames for step in frame.steps) == 2


def test_the_puzzle_of_another_request_is_not_gone_on_from() -> None:
    """The page that waited is another case's: its review says so, and one begins anew from home."""
    replies = replies_of("ironwood_puzzle_before_the_review")
    other = [Reply(200, reply.headers, reply.body.replace(b"SIMAPPROVE01", b"SIMDENY01")) for reply in replies]
    place = next(n for n, reply in enumerate(replies) if b"triangles" in reply.body)
    frames, end = played(exchange_of("ironwood_puzzle_before_the_review"), other[place : place + 2])
    assert end is None
    assert not any(frame.effect for frame in frames)
    assert frames[-1].url.endswith("/home")


def test_what_is_refused_stops_the_connection_and_what_drifted_does_not() -> None:
    for name, only_this in (("ironwood_password_refused", False), ("ironwood_label_changed", True)):
        _, end = played(exchange_of(name), replies_of(name))
        assert isinstance(end, NeedsPerson)
        assert end.only_this is only_this


def test_submit_anyway_is_never_clicked() -> None:
    for name in ("ironwood_duplicate", "ironwood_duplicate_of_an_earlier_sending"):
        frames, _ = played(exchange_of(name), replies_of(name))
        clicked = {step.where.name for frame in frames for step in frame.steps if isinstance(step, Click)}
        assert "Submit anyway" not in clicked
        assert sum(frame.effect for frame in frames) == 1


def test_a_duplicate_is_ours_only_where_an_earlier_sending_may_have_filed_it() -> None:
    replies = replies_of("ironwood_duplicate")
    for again, answer in ((False, Answer.DUPLICATE), (True, Answer.RECEIVED)):
        _, end = played(exchange_of("ironwood_duplicate", again=again), replies)
        assert isinstance(end, Outcome)
        assert end.answer is answer
    older = [Reply(200, each.headers, each.body.replace(b"11/22/2026", b"11/21/2026")) for each in replies]
    _, end = played(exchange_of("ironwood_duplicate", again=True), older)
    assert isinstance(end, Outcome)
    assert end.answer is Answer.DUPLICATE


def test_a_duplicate_of_which_nobody_can_read_since_when_is_looked_for() -> None:
    for said in (b"11/01/2026 01:30 AM", b"yesterday", b"11/22/2026 09:55 AM"):
        unclear = [
            Reply(200, each.headers, re.sub(rb"11/22/2026 [0-9:]{5} [AP]M", said, each.body))
            for each in replies_of("ironwood_duplicate")
        ]
        _, end = played(exchange_of("ironwood_duplicate", again=True), unclear)
        assert isinstance(end, MaybeSent), said


def row(**given: object) -> Row:
    request = cases()["ironwood_filed"].request
    assert request is not None
    stamp = cases()["ironwood_filed"].file.stamp
    assert stamp is not None
    sound: dict[str, object] = {
        "reference": "IRW-261122-00001",
        "member_id": "simapprove01",
        "codes": frozenset(line.code.code for line in request.lines),
        "start": request.lines[0].dates.start,
        "received": stamp.at,
        "name": "TESTPERSON, BO",
    }
    return Row(**{**sound, **given})  # type: ignore[arg-type]


def found(*rows: Row) -> tuple[str | None, bool]:
    request, stamp = cases()["ironwood_filed"].request, cases()["ironwood_filed"].file.stamp
    assert request is not None
    assert stamp is not None
    told = find(rows, request, "SIMAPPROVE01", stamp.at)
    return told.one, told.unclear


def at(minutes: int) -> datetime:
    stamp = cases()["ironwood_filed"].file.stamp
    assert stamp is not None
    return stamp.at + timedelta(minutes=minutes)


def test_a_search_adopts_one_and_guesses_at_nothing() -> None:
    assert found() == (None, False)
    assert found(row()) == ("IRW-261122-00001", False)
    assert found(row(), row()) == ("IRW-261122-00001", False)
    assert found(row(), row(reference="IRW-261122-00002")) == (None, True)
    for other in (
        {"member_id": "SIMAPPROVE02"},
        {"codes": frozenset({"J1745"})},
        {"start": at(0).date()},
        {"received": at(-16)},
    ):
        assert found(row(**other)) == (None, False), other
        assert found(row(**other), row(reference="IRW-261122-00002")) == ("IRW-261122-00002", False), other
    for slow in (at(-1), at(-15)):
        assert found(row(received=slow)) == (None, True)
        assert found(row(received=slow), row(reference="IRW-261122-00002")) == (None, True)
    assert found(row(name="Mo Testperson")) == (None, True), "another of the family's number"
    for unread in ("member_id", "codes", "start", "received", "name"):
        assert found(row(**{unread: None})) == (None, True), unread
        older = {"received": at(-16), unread: None}
        assert found(row(**older)) == (None, unread == "received"), unread


@pytest.mark.parametrize("name", ["ironwood_found_by_a_search", "juniper_found_in_the_list"])
def test_a_request_that_was_found_asks_for_the_units_that_were_filed(name: str) -> None:
    """Two of one day may be alike in all that the list of requests tells."""
    *before, last = replies_of(name)
    _, end = played(exchange_of(name), [*before, last])
    assert isinstance(end, Outcome)
    assert end.answer is Answer.REVIEWED
    asked = last.body.replace(b'cell \\"40\\"', b'cell \\"39\\"', 1)
    assert asked != last.body
    _, end = played(exchange_of(name), [*before, replace(last, body=asked)])
    assert isinstance(end, Outcome)
    assert (end.answer, end.references, end.attention) == (Answer.UNMAPPED, (), Attention.OPERATOR)


READ = tuple(name for name, case in sorted(cases().items()) if case.received)
SCRAPS = (
    "Approved",
    "Denied",
    "-",
    "12/01/2026",
    "31/31/2026",
    "IRW-261122-00001",
    "JNP-261122-00001",
    "40",
    "0",
    "é",
    "",
)


@settings(max_examples=4 * settings().max_examples, deadline=None)
@given(st.data())
def test_any_words_on_any_page_are_an_outcome_or_one_of_the_five_errors(data: st.DataObject) -> None:
    """Names and texts of a page become other ones; the tree stays sound, so that readers are reached."""
    name = data.draw(st.sampled_from(READ))
    replies = replies_of(name)
    place = data.draw(st.integers(0, len(replies) - 1))
    told = json.loads(replies[place].body)
    document = told["documents"][0]
    lines = document["snapshot"].split("\n")
    for _ in range(data.draw(st.integers(1, 6))):
        at_line = data.draw(st.integers(0, len(lines) - 1))
        scrap = json.dumps(data.draw(st.sampled_from(SCRAPS) | st.text(st.characters(codec="ascii"), max_size=8)))
        head, colon, _ = lines[at_line].partition(": ")
        if colon and "'" not in head:
            lines[at_line] = f"{head}: {scrap}" if "\\u" not in scrap else lines[at_line]
        elif '"' in lines[at_line] and "'" not in lines[at_line]:
            first, _, rest = lines[at_line].partition('"')
            lines[at_line] = f"{first}{scrap}{rest.partition(chr(34))[2]}"
        else:
            del lines[at_line]
            lines = lines or ["- main"]
    document["snapshot"] = "\n".join(lines)
    drifted = changed(replies[place], documents=[document, *told["documents"][1:]])
    frames, end = played(exchange_of(name), [*replies[:place], drifted, *replies[place + 1 :]])
    assert end is None or isinstance(end, Outcome | ExchangeError)
    assert all(isinstance(frame, Turn) for frame in frames)


def test_what_the_site_has_no_place_for_opens_no_page() -> None:
    for name in ("ironwood_no_place_for_it", "ironwood_other_changes_not_taken", "juniper_cancellation_not_taken"):
        with pytest.raises(ExchangeError):
            first_frame(exchange_of(name))


@pytest.mark.parametrize("name", FILED)
def test_every_turn_knows_the_words_of_its_request_and_writes_none_of_them_down(name: str) -> None:
    frames, _ = played(exchange_of(name), replies_of(name))
    request = cases()[name].request
    assert request is not None
    for frame in frames:
        assert request.patient.last_name.casefold() in frame.words
        assert b'"words"' not in frame.redacted()
