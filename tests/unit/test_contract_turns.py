"""Turns as the journal keeps them, and pages as readers get them."""

from __future__ import annotations

import json

import pytest

from gateway.contract.errors import Unreadable
from gateway.contract.frames import Reply, Secret, Turn
from gateway.contract.pages import SettledPage
from gateway.contract.turns import Asked, Click, Commit, Element, Fill, Go, Landmark, Totp, Upload

NEXT = Element("button", "Next", otherwise=(Element(css="#next"),))
REVIEW = Landmark("review", "/requests/{}/review", frozenset({("button", "Submit")}))


def test_what_the_journal_keeps_names_secrets_and_digests_files() -> None:
    turn = Turn(
        steps=(
            Go("https://portal.example/start"),
            Fill(Element("textbox", "User name"), Secret("portal_user")),
            Fill(Element("textbox", "Code"), Totp("portal_totp")),
            Fill(Element("textbox", "Picture"), Asked(Element("img", "Puzzle"), "Read the picture.")),
            Upload(Element("button", "Choose file"), "note.pdf", "application/pdf", b"%PDF-1.7 words"),
            Click(NEXT),
        ),
        settled=(Element("heading", "Done"),),
    )
    kept = turn.redacted()
    steps = json.loads(kept)["steps"]
    assert [step["step"] for step in steps] == ["Go", "Fill", "Fill", "Fill", "Upload", "Click"]
    assert [step["what"] for step in steps[1:3]] == ["[secret portal_user]", "[one-time code portal_totp]"]
    assert steps[4]["content"]["size"] == 14
    assert b"words" not in kept
    assert steps[5]["where"] == {"role": "button", "name": "Next", "otherwise": [{"css": "#next"}]}
    assert turn.redacted() == kept
    assert turn.url == "https://portal.example/start"


def test_a_turn_that_goes_on_from_the_open_page_has_no_address() -> None:
    assert Turn(steps=(Click(NEXT),), settled=()).url == ""


@pytest.mark.parametrize(
    ("effect", "on", "commit"),
    [(True, None, Commit("POST", "/requests")), (True, REVIEW, None), (False, REVIEW, Commit("POST", "/requests"))],
)
def test_a_turn_files_only_where_its_page_and_its_request_are_named(
    effect: bool, on: Landmark | None, commit: Commit | None
) -> None:
    with pytest.raises(ValueError, match="effect"):
        Turn(steps=(Click(NEXT),), settled=(), effect=effect, on=on, commit=commit)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"documents": []}', b'{"documents": [{"path": 1}]}'])
def test_a_reply_that_is_no_page_is_unreadable_and_repeats_nothing(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^the reply is no settled page \(\d faults\)$"):
        SettledPage.of(Reply(200, body=body))


def test_a_page_is_read_as_it_was_written() -> None:
    body = json.dumps({"documents": [{"path": "/home", "snapshot": "- main:\n  - heading"}], "read": ["- status: ok"]})
    page = SettledPage.of(Reply(200, body=body.encode()))
    assert (page.main.path, page.read, page.settled) == ("/home", ("- status: ok",), True)
