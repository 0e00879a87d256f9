"""What the journal keeps in the clear of what a payer sent."""

from __future__ import annotations

import pytest

from gateway.contract.frames import Reply
from gateway.engine.entries import reply_entry
from gateway.store.records import Verb
from tests.unit.engine_material import a_submission, an_attempt


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
