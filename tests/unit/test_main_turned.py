"""What `explain` shows of turned pages: steps a person can follow, and nothing of a patient unless PHI is asked for."""

from __future__ import annotations

import base64
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from rich.console import Console

from gateway.contract.pages import Committed, Dialog, Document, SettledPage
from gateway.contract.pieces import Secret
from gateway.contract.turns import (
    Asked,
    Choose,
    Click,
    Commit,
    Element,
    Fill,
    Go,
    Landmark,
    Read,
    Totp,
    Turn,
    Upload,
    WaitFor,
)
from gateway.engine.queue import Walk
from gateway.main.config import BadConfig, Config
from gateway.main.explain import explain
from gateway.main.turned import page_lines, turn_lines
from gateway.store.database import Database
from gateway.store.master_key import VARIABLE
from gateway.store.records import Due
from tests.unit.paging_material import PICTURE, Site, a_walker, routed
from tests.unit.store_cases import opened

MASTER_KEY = base64.b64encode(bytes(range(32))).decode()
CANARY = "Testperson1"
FIELD = Element("textbox", "Member id 1234")
SUBMIT = Element("button", "Submit")
TURN = Turn(
    (
        Go(f"https://site.example/people/1234?member={CANARY}"),
        Fill(FIELD, Secret("site-user")),
        Fill(FIELD, Totp("site-totp")),
        Fill(FIELD, Asked(Element(css="img"), "Read it")),
        Fill(FIELD, CANARY, slowly=True),
        Choose(Element("combobox", "Plan", frame="Eligibility"), CANARY),
        Upload(Element(css=f'input[value="{CANARY}"]'), f"{CANARY}.pdf", "application/pdf", b"%PDF", drop=True),
        Click(Element("link", CANARY, inside=Element("row", CANARY)), says="Sure?"),
        WaitFor(Element("row", CANARY), gone=True),
        Read(Element("status", "Saved")),
        Click(SUBMIT),
    ),
    (Element("heading", "Thank you"), Element("alert", "Error")),
    effect=True,
    on=Landmark("review", "/review", frozenset({("button", "Submit")})),
    commit=Commit("POST", "/submit"),
)
PAGE = SettledPage(
    documents=(
        Document(path="/people/1234", title=CANARY, html=f"<p>{CANARY}</p>", snapshot=f'- text: "{CANARY}"\n- button'),
    ),
    settled=False,
    dialogs=(Dialog(kind="confirm", says=f"File {CANARY}?", accepted=True),),
    committed=Committed(status=302, location=f"/people/{CANARY}"),
    warnings=("button 'Submit 12' by css",),
    read=(f"- status: {CANARY}",),
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


def test_the_steps_of_a_turn_are_told_without_what_was_filled_in() -> None:
    assert list(turn_lines(TURN.redacted(), phi=False)) == [
        "on the page review: POST /submit (fetch)",
        "1. go to https://site.example/people/0000",
        "2. fill textbox 'Member id 0000' with [secret site-user]",
        "3. fill textbox 'Member id 0000' with [one-time code site-totp]",
        "4. fill textbox 'Member id 0000' with what a person reads off the page",
        "5. fill textbox 'Member id 0000' with [not shown]",
        "6. choose [not shown] in combobox 'Plan' in the frame 'Eligibility'",
        "7. drop [not shown] (application/pdf, 4 bytes) at input[value=[not shown]]",
        "8. click link '[not shown]' inside row '[not shown]', and accept the dialog that it opens",
        "9. wait until row '[not shown]' is gone",
        "10. read status 'Saved'",
        "11. click button 'Submit'",
        "until heading 'Thank you' or alert 'Error' is to be seen",
    ]


def test_with_phi_they_are_told_whole() -> None:
    told = "\n".join(turn_lines(TURN.redacted(), phi=True))
    assert told.count(CANARY) == 8
    assert "Member id 1234" in told
    assert "%PDF" not in told


def test_a_page_is_told_by_its_address_and_what_was_answered() -> None:
    body = PAGE.model_dump_json().encode()
    assert list(page_lines(body, phi=False)) == [
        "page /people/0000, not settled",
        "the committed request was answered 302",
        "confirm dialog, accepted",
        "button 'Submit 00' by css",
    ]
    whole = "\n".join(page_lines(body, phi=True))
    assert whole.count(CANARY) == 4
    assert "<p>" not in whole, "its HTML is for a file"


def test_a_page_that_is_none_is_said_to_be_none() -> None:
    assert list(page_lines(b"<html>", phi=True)) == ["what came back is no page that this version can read"]


async def told(database: Database, url: str, **options: object) -> tuple[UUID, str]:
    case_id, submission_id = await routed(database)
    await a_walker(database, url, Site()).walk(Walk(case_id, submission_id, Due.RETRY))
    out = StringIO()
    config = Config.read({"DATABASE_URL": url, VARIABLE: MASTER_KEY})
    code = await explain(config, str(case_id), console=Console(file=out, width=200), **options)  # type: ignore[arg-type]
    assert code == 0, out.getvalue()
    return case_id, out.getvalue()


async def test_a_walk_of_pages_is_explained_without_its_values(database: Database, database_url: str) -> None:
    _, shown = await told(database, database_url, phi=False)
    assert "1. fill textbox 'Reference' with [not shown]" in shown
    assert "the committed request was answered 302" in shown
    assert "before: image/png" in shown
    assert "REF-1" not in shown


async def test_pictures_are_written_where_only_their_owner_reads_them(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "seen"
    for _ in range(2):  # the second time over what lies there
        case_id, shown = await told(database, database_url, phi=True, evidence=folder)
        [file] = folder.glob(f"{case_id}-*-before.png")
        assert file.read_bytes() == PICTURE.body
        assert str(file) in shown.replace("\n", "")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_pictures_need_phi(database_url: str, tmp_path: Path) -> None:
    config = Config.read({"DATABASE_URL": database_url, VARIABLE: MASTER_KEY})
    with pytest.raises(BadConfig, match="--phi"):
        await explain(config, str(UUID(int=1)), phi=False, console=Console(), evidence=tmp_path)


def test_a_turn_keeps_its_secrets_by_name() -> None:
    filled = replace(TURN, steps=(Fill(FIELD, "[secret not-one!] "),), effect=False, on=None, commit=None)
    assert "1. fill textbox 'Member id 0000' with [not shown]" in list(turn_lines(filled.redacted(), phi=False))
