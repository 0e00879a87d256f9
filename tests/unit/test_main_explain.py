"""What the walk of a case shows on a terminal, and what it finds out about rows that somebody changed."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from rich.console import Console

from gateway.contract.destination import Mode
from gateway.main.config import BadConfig, Config
from gateway.main.explain import explain, tell
from gateway.main.house import open_database
from gateway.model.outcome import Answer, LineResult, Outcome, RequestedItem
from gateway.model.reasons import Reason, Word
from gateway.model.standing import Heard, settle
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.store import acceptance, journal
from gateway.store.cases import load_case, outcomes_of, write
from gateway.store.database import Database
from gateway.store.master_key import VARIABLE
from gateway.store.records import Case, Entry, EntryKind, NewEntry, Verb
from tests.unit.questions_material import a_set, text
from tests.unit.routing_material import HOLDS, a_hcpcs, a_library, an_ndc, ask, decide
from tests.unit.store_cases import (
    answered_step,
    approval,
    attempt,
    connected,
    do,
    load,
    opened,
    routed_step,
    sent_step,
    submission,
    take,
)
from tests.x12_material import request

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CASE = Case(
    UUID(int=1), "default", Mode.TEST, request(), CaseStatus.UNCERTAIN, Attention.OPERATOR, None, None, NOW, NOW, 1
)


def test_what_a_payer_wrote_does_not_steer_the_terminal() -> None:
    body = b"<html>\x1b[2J\x1b]0;owned\x07 \x9b31m \xe2\x80\xae reversed [bold]plain[/bold] ok"
    entry = Entry(1, EntryKind.REPLY, NOW, None, None, {"status": 200}, body, b"")
    out = StringIO()
    tell(CASE, [entry], phi=True, console=Console(file=out, force_terminal=True, width=80, no_color=True))
    shown = out.getvalue()
    assert r"\x1b[2J\x1b]0;owned\x07 \x9b31m \u202e reversed [bold]plain[/bold] ok" in shown
    assert not [sign for sign in ("\x1b[2J", "\x1b]", "\x07", "\x9b", "\u202e") if sign in shown]


def test_questions_are_counted_with_their_round_and_deadline_and_not_repeated() -> None:
    asked = a_set(text("testperson", 1), deadline=NOW)
    outcome = Outcome(answer=Answer.REVIEWED, questions=asked)
    entry = Entry(1, EntryKind.OUTCOME, NOW, None, None, {}, outcome.model_dump_json().encode(), b"")
    shown = " ".join(_told(entry, phi=False).split())
    assert f"asks 1 question in round {asked.round}, to be answered by 2026-03-01T00:00:00Z" in shown
    assert "testperson" not in shown


def test_a_reason_without_a_code_is_told_without_one() -> None:
    line = LineResult(line="1", outcome=LineOutcome.NOT_CERTIFIED, reasons=(Reason(word=Word.UNMAPPED, text="No."),))
    outcome = Outcome(answer=Answer.REVIEWED, lines=(line,))
    entry = Entry(1, EntryKind.OUTCOME, NOW, None, None, {}, outcome.model_dump_json().encode(), b"")
    shown = _told(entry, phi=False)
    assert ("because unmapped" in shown, "None" in shown) == (True, False)


def test_by_when_the_payer_will_decide_is_told() -> None:
    outcome = Outcome(answer=Answer.REVIEWED, expected_by=NOW)
    entry = Entry(1, EntryKind.OUTCOME, NOW, None, None, {}, outcome.model_dump_json().encode(), b"")
    assert "says that it will decide by 2026-03-01T00:00:00Z" in " ".join(_told(entry, phi=False).split())


def test_of_a_case_that_went_two_ways_each_part_says_whose_it_is() -> None:
    one, other = submission(("1",)), replace(submission(("2",), place=2), payer="birch_rx")
    one, other = replace(one, attempts=(attempt(one),)), replace(other, attempts=(attempt(other),))
    placed = Outcome(answer=Answer.PLACED).model_dump_json().encode()
    arrived = {"note": "arrived", "arrival": "220b59bb-b850-4e04-bbb1-06ee13f40ecb"}
    entries = [
        Entry(1, EntryKind.OUTCOME, NOW, other.attempts[0].id, other.id, {}, placed, b""),
        Entry(2, EntryKind.NOTE, NOW, other.attempts[0].id, other.id, arrived, json.dumps(arrived).encode(), b""),
    ]
    shown = {}
    for submissions in ((other,), (one, other)):
        out = StringIO()
        tell(replace(CASE, submissions=submissions), entries, phi=False, console=Console(file=out, width=200))
        shown[len(submissions)] = out.getvalue()
    assert "outcome submit, birch_rx" in shown[2]
    assert "note submit, birch_rx" in shown[2]
    assert "submit, birch_rx" not in shown[1], "there is nothing to tell apart"
    assert "placed (it has said nothing of it yet" in shown[2]
    assert "it came by itself: payer-gateway arrivals show 220b59bb-b850-4e04-bbb1-06ee13f40ecb" in shown[2]


def test_what_a_channel_does_not_carry_is_told_once_for_each_submission() -> None:
    one, other = UUID(int=2), UUID(int=3)
    losses = [{"pointer": "/site", "what": "no room", "kept": "dropped"}]
    more = [*losses, {"pointer": "/note", "what": "no room", "kept": "dropped"}]
    entries = [
        Entry(n, EntryKind.FRAME, NOW, None, whose, {"losses": lost}, b"", b"")
        for n, (whose, lost) in enumerate([(one, losses), (one, more), (other, losses)], start=1)
    ]
    out = StringIO()
    tell(CASE, entries, phi=False, console=Console(file=out, width=200))
    assert out.getvalue().count("not carried as it is: /site") == 2
    assert out.getvalue().count("not carried as it is: /note") == 1
    assert out.getvalue().count("not carried as it is: 1 that were told before") == 1


def test_a_code_that_no_table_of_ours_knows_is_shown_only_with_phi() -> None:
    unknown = Reason(word=Word.UNMAPPED, code="TESTPERSON", code_system="x12_hcr03")
    known = Reason(word=Word.MEDICAL_NECESSITY, code="0V", code_system="x12_hcr03")
    outcome = Outcome(
        answer=Answer.REVIEWED,
        lines=(LineResult(line="1", outcome=LineOutcome.NOT_CERTIFIED, reasons=(unknown, known)),),
        reasons=(unknown,),
        requested=(
            RequestedItem(kind="other", code="ADA", code_system="loinc"),
            RequestedItem(kind="laboratory_results", code="B3", code_system="x12_755"),
            RequestedItem(kind="laboratory_results", code="Labs of Rex Dummy", text="Labs of Rex Dummy"),
        ),
    )
    entry = Entry(1, EntryKind.OUTCOME, NOW, None, None, {}, outcome.model_dump_json().encode(), b"")
    shown = {phi: _told(entry, phi=phi) for phi in (False, True)}
    assert "TESTPERSON" not in shown[False]
    assert "ADA" not in shown[False]
    assert "Dummy" not in shown[False]
    assert "Dummy" in shown[True]
    assert shown[False].count("(x12_hcr03 [not shown])") == 2
    assert "asks for other (loinc [not shown])" in shown[False]
    assert all("(x12_hcr03 0V)" in text and "(x12_755 B3)" in text for text in shown.values())
    assert shown[True].count("(x12_hcr03 TESTPERSON)") == 2
    assert "(loinc ADA)" in shown[True]


def test_every_rule_of_the_route_is_told_with_what_it_read_and_what_would_have_changed_it() -> None:
    both = {
        "delegation": "oncology",
        "benefit": "medical",
        "payer": "onco_review",
        "also": "pharmacy",
        "codes": [{"system": "ndc", "first": "99999-0123-30"}],
        **HOLDS,
    }
    wanted = ask(a_hcpcs(), an_ndc(), card={"bin": "999001"})
    decision = decide(wanted, a_library(delegations=[both]))
    told = _told(Entry(1, EntryKind.NOTE, NOW, None, None, {"note": "routed"}, decision.as_json(), b""), phi=False)
    shown = " ".join(told.split())
    assert "line 1: medical benefit. The line is billed as a drug that a provider gives" in shown
    assert (
        "given decides: The line is billed as a drug that a provider gives: the request's place of service is a "
        "provider's. Read /lines/0/code, /supply, /site/place_of_service. Would change it: The line's own supply"
        in shown
    )
    assert "line 2: medical benefit, to onco_review. The payer delegates it (oncology) to onco_review." in shown
    assert "By evergreen_health#/benefits/delegations/0." in shown
    assert "line 2: pharmacy benefit, to larkspur_rx. The payer wants it asked under its own pharmacy benefit" in shown
    assert "card decides: cards row 0 of the directory fits the card best" in shown
    assert shown.count("delegated decides:") == 1
    assert "manager of larkspur_rx for pharmacy, lines 2: chosen." in shown
    assert "in parts, lines 1, 2; 2. Lines are of several benefits: medical, pharmacy." in shown
    assert "999001" not in shown
    assert "99999" not in shown


def test_a_route_that_an_earlier_version_journaled_is_told_still() -> None:
    why = {"rule": "service_code", "says": "A code of the line."}
    tried = {"connection": "one", "benefit": "medical", "verdict": "chosen", "line_ids": ["1"], "reasons": []}
    old = {"sides": [{"line_id": "1", "benefit": "medical", "why": why}], "plans": [], "tried": [tried], "unrouted": []}
    entry = Entry(1, EntryKind.NOTE, NOW, None, None, {"note": "routed"}, json.dumps(old).encode(), b"")
    shown = _told(entry, phi=False)
    assert "line 1: medical benefit. A code of the line." in shown
    assert "one for medical, lines 1: chosen." in shown


def _told(entry: Entry, *, phi: bool) -> str:
    out = StringIO()
    tell(CASE, [entry], phi=phi, console=Console(file=out, width=200))
    return out.getvalue()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


@pytest.fixture
async def case_id(database: Database) -> UUID:
    """A case that was approved, with five entries."""
    number = await take(database)
    filed = submission(status=CaseStatus.SUBMITTING)
    said = attempt(filed)
    await do(database, routed_step(number, filed))
    await do(database, sent_step(number, filed, said))
    await do(database, answered_step(number, replace(filed, status=CaseStatus.APPROVED), said))
    return number


async def _explain(url: str, case_id: UUID) -> tuple[int, str]:
    environment = {"DATABASE_URL": url, VARIABLE: base64.b64encode(bytes(range(32))).decode()}
    out = StringIO()
    code = await explain(Config.read(environment), str(case_id), phi=False, console=Console(file=out, width=200))
    return code, out.getvalue()


async def _meddle(url: str, case_id: UUID, *statements: str) -> None:
    async with connected(url) as psql:
        await psql.execute("ALTER TABLE journal DISABLE TRIGGER USER")
        for statement in statements:
            await psql.execute(statement, case_id)


async def test_a_case_that_nobody_changed_is_whole(database_url: str, case_id: UUID) -> None:
    code, told = await _explain(database_url, case_id)
    assert code == 0
    assert "The journal's chain of 5 entries is whole." in told
    assert "changed" not in told
    assert "never sealed" not in told


@pytest.mark.parametrize(
    "meddling",
    [
        "UPDATE journal SET body = set_byte(body, 20, get_byte(body, 20) # 1) WHERE n = {n} AND request_id = $1",
        "UPDATE journal SET at = at - interval '1 day' WHERE n = {n} AND request_id = $1",
        "UPDATE journal SET kind = 'nonsense' WHERE n = {n} AND request_id = $1",
        "UPDATE journal SET meta = '[]' WHERE n = {n} AND request_id = $1",
    ],
)
@pytest.mark.parametrize("n", [1, 3, 5])
async def test_a_changed_entry_is_named_and_the_others_are_shown(
    database_url: str, case_id: UUID, meddling: str, n: int
) -> None:
    await _meddle(database_url, case_id, meddling.format(n=n))
    code, told = await _explain(database_url, case_id)
    assert code == 1
    assert f"  {n} was changed and does not open" in told
    assert f"The journal was changed: entry {n}: the digest does not match." in told
    kinds = {1: "request", 2: "note", 3: "frame", 4: "reply", 5: "outcome"}
    shown = re.findall(r"^ +(\d) [\d:.]+ (\w+)", told, re.MULTILINE)
    assert shown == [(str(place), kind) for place, kind in kinds.items() if place != n]


async def test_an_end_cut_off_is_found_out(database_url: str, case_id: UUID) -> None:
    await _meddle(
        database_url,
        case_id,
        "DELETE FROM journal WHERE n > 4 AND request_id = $1",
        "UPDATE requests SET journal_count = 4, journal_head = digest FROM journal "
        "WHERE id = $1 AND request_id = $1 AND n = 4",
    )
    code, told = await _explain(database_url, case_id)
    assert code == 1
    assert "entry 5: it may be missing, for the journal's end is not sealed" in told


@pytest.mark.parametrize(
    ("meddling", "said"),
    [
        (
            "UPDATE requests SET status = 'denied' WHERE id = $1",
            "the case is denied in its row, and approved by the journal",
        ),
        (
            "UPDATE submissions SET status = 'pended' WHERE request_id = $1",
            "submission 1 is pended in its row, and approved by the journal",
        ),
        ("UPDATE requests SET status = 'nonsense' WHERE id = $1", "not all of them can be read"),
        ("UPDATE requests SET standing = '\\x00' WHERE id = $1", "not all of them can be read"),
        ("UPDATE submissions SET line_ids = '{9}' WHERE request_id = $1", "submission 1 is approved in its row"),
        ("UPDATE submissions SET connection = 'elsewhere' WHERE request_id = $1", "not those of the route"),
        ("UPDATE requests SET payer = 'elsewhere', mode = 'live' WHERE id = $1", "payer in the case's rows is not as"),
        ("UPDATE requests SET mode = 'live' WHERE id = $1", "mode in the case's rows is not as"),
        ("UPDATE requests SET reference = '\\x00' WHERE id = $1", "reference in the case's rows is not as"),
        ("UPDATE requests SET reference_index = '\\x00' WHERE id = $1", "reference_index in the case's rows is not as"),
        ("UPDATE requests SET member_index = reference_index WHERE id = $1", "member_index in the case's rows is not"),
        ("UPDATE requests SET created_at = updated_at WHERE id = $1", "created_at in the case's rows is not as"),
        ("UPDATE lines SET code = 'J0001' WHERE place = 1 AND request_id = $1", "lines in the case's rows is not as"),
        ("DELETE FROM lines WHERE place = 2 AND request_id = $1", "lines in the case's rows is not as"),
        (
            "UPDATE lines SET outcome = 'not_certified' WHERE place = 1 AND request_id = $1",
            "line 1 is not_certified in its row, and certified by the journal",
        ),
        (
            "UPDATE attempts SET delivery = 'lost' WHERE request_id = $1",
            "attempt 1 of submission 1 is lost in its row, and app_acked by the journal",
        ),
        ("DELETE FROM attempts WHERE request_id = $1", "an attempt that is app_acked by the journal has no row"),
    ],
)
async def test_rows_that_say_otherwise_than_the_journal_are_found_out(
    database_url: str, case_id: UUID, meddling: str, said: str
) -> None:
    await _meddle(database_url, case_id, meddling)
    code, told = await _explain(database_url, case_id)
    assert code == 1
    assert "The journal's chain of 5 entries is whole." in told
    assert said in told


async def test_a_journal_begun_before_ends_were_sealed_is_not_called_changed(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a version before revision 0003 began it; the steps after are of this one."""
    with monkeypatch.context() as earlier:
        earlier.setattr(journal, "_SEALED", {})
        earlier.setattr(acceptance, "NewEntry", lambda kind, body, **_: NewEntry(kind, body))
        number = await take(database)
    await _meddle(database_url, number, "UPDATE requests SET journal_tag = NULL WHERE id = $1")
    filed = submission(status=CaseStatus.SUBMITTING)
    said = attempt(filed)
    await do(database, routed_step(number, filed))
    await do(database, sent_step(number, filed, said))
    await do(database, answered_step(number, replace(filed, status=CaseStatus.APPROVED), said))
    code, told = await _explain(database_url, number)
    assert code == 0
    assert "The journal's chain of 5 entries is whole." in told
    assert "Its end was never sealed" in told
    assert "That nothing is missing at its end cannot be proven." in told
    assert "was changed" not in told
    await _meddle(database_url, number, "UPDATE requests SET journal_tag = '\\x00' WHERE id = $1")
    assert (await _explain(database_url, number))[0] == 1


async def test_a_tag_taken_away_does_not_make_a_journal_look_older(database_url: str, case_id: UUID) -> None:
    await _meddle(database_url, case_id, "UPDATE requests SET journal_tag = NULL WHERE id = $1")
    code, told = await _explain(database_url, case_id)
    assert code == 1
    assert "The journal was changed: entry 6: it may be missing" in told


async def test_an_older_standing_put_back_is_found_out(database: Database, database_url: str, case_id: UUID) -> None:
    [kept] = await database.fetch("SELECT standing FROM requests")
    filed = submission(status=CaseStatus.SUBMITTING, place=2)
    said = attempt(filed)
    denied = tuple(LineResult(line=line, outcome=LineOutcome.NOT_CERTIFIED) for line in ("1", "2"))
    await do(database, sent_step(case_id, filed, said))
    outcome = Outcome(answer=Answer.REVIEWED, lines=denied)
    await do(database, answered_step(case_id, replace(filed, status=CaseStatus.DENIED), said, outcome))
    async with connected(database_url) as psql:
        await psql.execute("UPDATE requests SET standing = $1, status = 'denied'", kept["standing"])
    code, told = await _explain(database_url, case_id)
    assert code == 1
    assert "line 1 is certified in its row, and not_certified by the journal" in told
    assert "the case is" not in told


async def test_an_older_grant_put_back_is_found_out(database: Database, database_url: str, case_id: UUID) -> None:
    [kept] = await database.fetch("SELECT standing FROM requests")
    [filed] = (await load(database, case_id)).submissions
    asked = attempt(filed, Verb.INQUIRE)
    await do(database, sent_step(case_id, filed, asked))
    twice = replace(answered_step(case_id, filed, asked, approval("AUTH-78")), submissions=(filed,))
    async with database.transaction() as connection:
        case = await load_case(database, connection, case_id, lock=True)
        assert case is not None
        heard = [
            *await outcomes_of(database, connection, case, filed.id),
            Heard(approval("AUTH-78"), datetime.now(UTC)),
        ]
        whole = settle(("1", "2"), Delivery.APP_ACKED, heard)
        await write(database, connection, case, replace(twice, standing=whole))
    code, told = await _explain(database_url, case_id)
    assert (code, "AUTH" in told) == (0, False), told
    async with connected(database_url) as psql:
        await psql.execute("UPDATE requests SET standing = $1", kept["standing"])
    code, told = await _explain(database_url, case_id)
    assert code == 1
    assert "what was granted or said of line 1 is not in the case's row as it is in the journal" in told


async def test_a_case_that_is_not_there_is_said_to_be_missing(database_url: str, database: Database) -> None:
    with pytest.raises(BadConfig, match="no such case"):
        await _explain(database_url, uuid4())


async def test_who_only_reads_makes_no_database_in_a_folder_that_has_none(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(BadConfig, match="--data"):
            async with open_database(Config.read({}, data=folder), make=False):
                pass
    assert os.listdir(tmp_path) == []
