"""Several answers to one filing in one file, on a real database: each counts as if it had come by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from adapters.x12_278 import traces
from gateway.model.status import Attention, CaseStatus, LineOutcome
from gateway.store.mailroom import State
from gateway.store.records import Attempt
from tests.post_material import Office, accepts, advises, answer, from_payer, open_office
from tests.unit.store_cases import opened
from tests.x12_material import response, trn

Letters = Callable[[Attempt], Sequence[bytes]]
Told = tuple[CaseStatus, Attention, list[LineOutcome]]

_CODES = {1: "J9271**UN*200", 2: "96413**UN*6", 3: "96415**UN*6"}
_DENIED, _PENDING, _CERTIFIED = LineOutcome.NOT_CERTIFIED, LineOutcome.PENDING, LineOutcome.CERTIFIED


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with (
        opened(database_url) as database,
        open_office(database, database_url, tmp_path, tidy="move", move_to="done") as made,
    ):
        yield made


def of_a_line(filing: Attempt, line: int, word: str, number: int, moment: str) -> bytes:
    """A 278 that leaves the whole open and decides one line."""
    services = [[trn(line, filing.stamp), f"HCR*{word}", f"SV1*HC:{_CODES[line]}"]]
    named = {"bht": traces.submission(filing.stamp), "trace": traces.event(filing.stamp)}
    return from_payer(response("UM*HS*I", "HCR*A4", services=services, **named), filing.stamp.at, number, moment)


async def told(office: Office, letters: Letters, *, apart: bool) -> Told:
    """Where a case stands after these letters: in one file, or in files of their own in that order."""
    case_id = await office.file()
    filing = await office.filing(case_id)
    written = letters(filing)
    for number, file in enumerate([[each] for each in written] if apart else [written]):
        office.put(f"{case_id}-{number}.278", *file)
        await office.look(2)
    assert {each.state for each in await office.arrivals()} == {State.HEARD}
    case = await office.case(case_id)
    assert case.standing is not None
    return case.status, case.attention, [line.outcome for line in case.standing.lines.values()]


@pytest.mark.parametrize(
    ("letters", "lines"),
    [
        (
            lambda filing: [of_a_line(filing, 1, "A3", 501, "1011"), of_a_line(filing, 3, "A3", 502, "1012")],
            [_DENIED, _PENDING, _DENIED],
        ),
        (  # Nobody knows which is the later, and it makes no difference.
            lambda filing: [of_a_line(filing, 1, "A3", 501, "1011"), of_a_line(filing, 3, "A3", 502, "1011")],
            [_DENIED, _PENDING, _DENIED],
        ),
        (
            lambda filing: [answer(filing, "A1", 501, moment="1011"), answer(filing, "A4", 502, moment="1012")],
            [_CERTIFIED] * 3,
        ),
        (
            lambda filing: [answer(filing, "A4", 502, moment="1012"), answer(filing, "A3", 501, moment="1013")],
            [_DENIED] * 3,
        ),
        (lambda filing: [accepts(filing, 501, "R"), answer(filing, "A1", 502)], [_CERTIFIED] * 3),
    ],
    ids=["line by line", "within a minute", "approved and open again", "open and denied", "refused and approved"],
)
@pytest.mark.proves("AK-04")
async def test_several_answers_in_one_file_come_to_what_they_come_to_in_files_of_their_own(
    office: Office, letters: Letters, lines: list[LineOutcome]
) -> None:
    together = await told(office, letters, apart=False)
    assert together == await told(office, letters, apart=True)
    assert together[2] == lines


@pytest.mark.parametrize(
    "letters",
    [
        lambda filing: [answer(filing, "A1", 501, moment="1011"), answer(filing, "A4", 502, moment="1012")],
        lambda filing: [accepts(filing, 501, "R"), answer(filing, "A1", 502)],
        lambda filing: [advises(filing, 501, "TR", "TED*024"), answer(filing, "A1", 502)],
    ],
    ids=["open again", "refused by a 999", "refused by an 824"],
)
async def test_an_approval_that_another_letter_of_the_file_takes_back_calls_an_operator(
    office: Office, letters: Letters
) -> None:
    status, attention, _ = await told(office, letters, apart=False)
    assert (status, attention) == (CaseStatus.APPROVED, Attention.OPERATOR)
