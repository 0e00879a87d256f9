"""A page that is not as it was: nothing is submitted, whatever of it changed, and nobody's data is told."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from adapters.portal.page import Page
from gateway.contract.errors import MaybeSent, NeedsPerson
from gateway.contract.frames import Reply
from tests.unit.portal_material import cases, changed, exchange_of, mutated, played, replies_of

FILED = ("ironwood_filed", "ironwood_puzzle_before_the_review", "juniper_filed", "juniper_puzzle_before_the_last_step")


@pytest.fixture(autouse=True)
def pages_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that comes again is not read again: hundreds of visits have all pages but one in common."""
    read = Page.of
    monkeypatch.setattr(Page, "of", cache(lambda reply: read(reply)))


def before_the_click(name: str) -> list[Reply]:
    """The pages up to the one on which the click that files is made."""
    replies = replies_of(name)
    frames, _ = played(exchange_of(name), replies)
    effects = [frame.effect for frame in frames]
    assert effects.count(True) == 1
    return replies[: effects.index(True)]


@pytest.mark.parametrize("name", FILED)
def test_with_any_control_of_any_page_renamed_or_gone_nothing_is_submitted(name: str) -> None:
    """The pages before the click are those of the case, but for one control of one of them."""
    replies = before_the_click(name)
    after = replies_of(name)[len(replies) :]
    tried = 0
    for place, reply in enumerate(replies):
        for what, drifted in mutated(reply):
            frames, end = played(exchange_of(name), [*replies[:place], drifted, *replies[place + 1 :], *after])
            assert not any(frame.effect for frame in frames), (place, what)
            assert isinstance(end, NeedsPerson), (place, what)
            assert "expected" in str(end) or "seen" in str(end) or "nowhere" in str(end), (place, what)
            tried += 1
    assert tried > 150


@pytest.mark.parametrize("name", FILED)
def test_with_any_page_at_another_address_or_not_settled_nothing_is_submitted(name: str) -> None:
    replies = before_the_click(name)
    for place, reply in enumerate(replies):
        documents = json.loads(reply.body)["documents"]
        moved = [{**documents[0], "path": "/elsewhere"}, *documents[1:]]
        for drifted in (changed(reply, documents=moved), changed(reply, settled=False)):
            frames, end = played(exchange_of(name), [*replies[:place], drifted])
            assert not any(frame.effect for frame in frames), place
            assert isinstance(end, NeedsPerson), place


@pytest.mark.parametrize("name", FILED)
def test_what_is_told_of_a_page_holds_no_word_of_the_request(name: str) -> None:
    replies = before_the_click(name)
    request = cases()[name].request
    assert request is not None
    secret = (request.patient.last_name, request.coverages[0].member_id, request.lines[0].code.code)
    for place, reply in enumerate(replies):
        snapshot = json.loads(reply.body)["documents"][0]["snapshot"]
        known = f'- main:\n  - button "Keep {secret[0]} {secret[1]} {secret[2]}"\n  - link "Jane Doe"'
        drifted = changed(reply, documents=[{"path": "/x", "snapshot": re.sub("(?s)- main:.*", known, snapshot)}])
        _, end = played(exchange_of(name), [*replies[:place], drifted])
        assert isinstance(end, NeedsPerson)
        assert not any(word.casefold() in str(end).casefold() for word in (*secret, "jane"))
        assert "Keep" in str(end)


def read_back() -> list[tuple[str, str, str]]:
    """What the last page before the click says, and what it might say instead."""
    return [
        ("ironwood_filed", "12/01/2026 to 03/31/2027", "12/01/2026 to 04/30/2027"),
        ("ironwood_filed", "SIMAPPROVE01", "SIMAPPROVE02"),
        ("ironwood_filed", 'cell \\"40\\"', 'cell \\"400\\"'),
        ("ironwood_filed", "definition: M05.79", "definition: M06.9"),
        ("ironwood_filed", "definition: Standard", "definition: Urgent"),
        ("ironwood_filed", "a1-5a838678.pdf (Chart notes)", "a1-5a838678.pdf (Other)"),
        ("ironwood_filed", "definition: Bo Testperson", "definition: Bo Other"),
        ("juniper_filed", "SIMAPPROVE01 - Bo Testperson", "SIMAPPROVE02 - Bo Testperson"),
        ("juniper_filed", 'textbox \\"Start date\\": 2026-12-01', 'textbox \\"Start date\\": 2026-12-02'),
        ("juniper_filed", 'textbox \\"Units\\": \\"40\\"', 'textbox \\"Units\\": \\"41\\"'),
        ("juniper_filed", 'option \\"Standard\\" [selected]', 'option \\"Standard\\"'),
    ]


@pytest.mark.parametrize(("name", "said", "instead"), read_back())
def test_a_page_that_says_something_else_than_was_entered_is_not_submitted(name: str, said: str, instead: str) -> None:
    replies = before_the_click(name)
    body = replies[-1].body.decode()
    assert said.replace('\\"', '\\\\"') in body or said in body
    wrong = body.replace(said, instead)
    assert wrong != body
    frames, end = played(exchange_of(name), [*replies[:-1], Reply(200, replies[-1].headers, wrong.encode())])
    assert not any(frame.effect for frame in frames)
    assert isinstance(end, NeedsPerson)
    assert "differs from what was entered" in str(end)


@pytest.mark.parametrize("name", FILED)
@pytest.mark.parametrize("status", [200, 204, 400, 403, 404, 409, 429, 500, 502, 503])
def test_an_answer_to_the_click_that_nobody_described_leaves_open_what_became_of_it(name: str, status: int) -> None:
    replies = before_the_click(name)
    last = changed(replies[-1], committed={"status": status, "location": "/somewhere"})
    frames, end = played(exchange_of(name), [*replies, last])
    assert frames[-1].effect
    assert isinstance(end, MaybeSent)


@pytest.mark.parametrize("name", FILED)
def test_nothing_follows_the_click(name: str) -> None:
    """Whatever page it leads to, the sign-in too: nothing is begun anew."""
    replies = before_the_click(name)
    for page in replies:
        frames, _ = played(exchange_of(name), [*replies, changed(page, committed={"status": 302, "location": "/x"})])
        assert len(frames) == len(replies) + 1


@pytest.mark.parametrize("name", FILED)
def test_every_turn_withholds_what_files(name: str) -> None:
    """A site that changed may file by a click that only went on before."""
    frames, _ = played(exchange_of(name), replies_of(name))
    [commit] = [frame.commit for frame in frames if frame.commit]
    assert all((commit.method, commit.path) in frame.withholds for frame in frames)


@pytest.mark.parametrize("name", FILED)
def test_a_visit_that_comes_by_the_home_page_reads_no_table_there(name: str) -> None:
    frames, _ = played(exchange_of(name), replies_of(name))
    home = f"{'/ironwood/home' if 'ironwood' in name else '/juniper/app/requests'}"
    assert all(frame.shared == (home,) for frame in frames if frame.signs_in or frame.url)
    assert frames[0].url.endswith(home)
