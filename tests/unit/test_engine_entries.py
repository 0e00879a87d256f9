"""What the journal keeps in the clear of what a payer sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.api.examples import REQUEST
from gateway.contract.errors import NotSent
from gateway.contract.frames import Evidence, Https, Loss, Reply
from gateway.contract.pages import MEDIA_TYPE
from gateway.contract.pieces import Secret
from gateway.contract.turns import Click, Element, Fill, Turn
from gateway.engine.entries import LARGEST_EVIDENCE, evidence_of, frame_entry, reply_entry
from gateway.model.request import PARequest
from gateway.store.records import EntryKind, Verb
from tests.unit.engine_material import a_submission, an_attempt
from tests.unit.test_engine_recording import a_case


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("application/soap+xml; charset=utf-8; action=x", "application/soap+xml"),
        ("Text/XML ;charset=utf-8", "text/xml"),
        ("text/testperson", "other"),
        ("Ada Testperson 19610412", "other"),
        (b"text/\xe9".decode("utf-8", "surrogateescape"), "other"),
        ("x" * 100_000, "other"),
        ("; charset=utf-8", None),
        (None, None),
    ],
)
def test_of_what_a_payer_calls_its_reply_only_a_known_media_type_is_kept(header: str | None, kept: str | None) -> None:
    reply = Reply(200, () if header is None else (("content-type", header),), b"<reply/>")
    entry = reply_entry(a_submission(), an_attempt(Verb.SUBMIT), reply)
    assert entry.meta == {"status": 200, "content_type": kept}
    assert entry.body == b"<reply/>"


def test_what_a_frame_does_not_carry_is_kept_at_its_place_in_the_whole_request() -> None:
    lines = [{**REQUEST["lines"][0], "id": name} for name in ("1", "2", "3")]
    case = replace(a_case(), request=PARequest.model_validate({**REQUEST, "lines": lines}))
    submission = replace(a_submission(), line_ids=("2", "3"))
    losses = tuple(Loss(pointer=at, what="no room") for at in ("/lines/1/dates", "/lines/0", "/regimen"))
    frame = Https("POST", "https://payer.example/script", effect=True, losses=losses)
    entry = frame_entry(case, submission, an_attempt(Verb.SUBMIT), frame)
    assert [loss["pointer"] for loss in entry.meta["losses"]] == ["/lines/2/dates", "/lines/1", "/regimen"]


def test_what_the_transport_saw_is_kept_with_words_of_ours_alone() -> None:
    seen = (
        Evidence("before", "image/png", b"\x89PNG"),
        Evidence("Ada Testperson 19610412", "image/testperson", b"?"),
        Evidence("after", "image/png", b"x" * (LARGEST_EVIDENCE + 1)),
    )
    error = NotSent("no line")
    error.evidence = (Evidence("error", "text/plain", b"- heading"),)
    entries = evidence_of(a_submission(), an_attempt(), Reply(200, evidence=seen), error)
    assert {entry.kind for entry in entries} == {EntryKind.EVIDENCE}
    assert [entry.meta for entry in entries] == [
        {"what": "before", "media_type": "image/png", "size": 4},
        {"what": "other", "media_type": "other", "size": 1},
        {"what": "after", "media_type": "image/png", "size": LARGEST_EVIDENCE + 1, "left_out": True},
        {"what": "error", "media_type": "text/plain", "size": 9},
    ]
    assert [len(entry.body) for entry in entries] == [4, 1, 0, 9]


def test_there_is_an_end_to_what_is_seen_of_one_frame() -> None:
    reply = Reply(200, evidence=(Evidence("before", "image/png", b""),) * 1000)
    assert len(evidence_of(a_submission(), an_attempt(), reply)) == 20


def test_a_turn_is_kept_by_its_steps_with_its_secrets_by_name() -> None:
    turn = Turn((Fill(Element("textbox", "User"), Secret("site-user")), Click(Element("button", "Next"))), ())
    entry = frame_entry(a_case(), a_submission(), an_attempt(Verb.SUBMIT), turn)
    assert (entry.meta["method"], entry.meta["content_type"], entry.meta["effect"]) == (
        "TURN",
        "application/json",
        False,
    )
    assert b"[secret site-user]" in entry.body
    page = reply_entry(a_submission(), an_attempt(), Reply(200, (("content-type", MEDIA_TYPE),), b"{}"))
    assert page.meta == {"status": 200, "content_type": MEDIA_TYPE}
