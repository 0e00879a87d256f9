"""What the journal keeps in the clear of what a payer sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.api.examples import REQUEST
from gateway.contract.frames import Https, Loss, Reply
from gateway.engine.entries import frame_entry, reply_entry
from gateway.model.request import PARequest
from gateway.store.records import Verb
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
