"""What `x12 outcome` says of a file of which a later interchange is torn: as the gateway, it hears those before it."""

from __future__ import annotations

import pytest

from adapters.x12_278.tools.normalising import outcomes
from gateway.contract.errors import Unreadable
from gateway.contract.tools import Meant
from gateway.model.outcome import Outcome
from gateway.model.status import Attention, LineOutcome
from tests.unit.x12_checker import checked
from tests.x12_material import EVENT, destination, response

APPROVED = response(EVENT, "HCR*A1*AUTH1")


def meant(document: bytes) -> list[Meant]:
    return list(outcomes(document, destination()))


@pytest.mark.parametrize(
    "torn",
    [
        APPROVED[:-20],
        APPROVED.replace(b"ISA*00*          *", b"ISA*00*         *"),
        APPROVED.replace(b"~GE*", b"~BIN*9*half~GE*"),
        b"-- end --",
    ],
)
@pytest.mark.parametrize("count", [1, 2])
def test_what_stands_before_what_cannot_be_read_is_told_and_so_is_that_with_its_place(torn: bytes, count: int) -> None:
    file = APPROVED * count + torn
    *before, last = meant(file)
    assert before == meant(APPROVED * count)
    assert all(isinstance(each.outcome, Outcome) for each in before)
    assert last.name == "interchange"
    assert isinstance(last.outcome, Unreadable)
    (fault,) = [each for each in checked(file).faults if "cannot be read" in each.says]
    assert last.outcome.at == fault.offset
    # The checker has no segment for an ISA that is none.
    assert last.outcome.what.startswith(f"segment {fault.segment + (b'ISA*00*         *' in torn)}: ")


@pytest.mark.parametrize("file", [b"", APPROVED[:-20], b"-- begin --" + APPROVED])
def test_a_file_that_is_no_x12_from_its_start_is_unreadable(file: bytes) -> None:
    with pytest.raises(Unreadable):
        meant(file)


def test_a_grant_for_days_that_end_before_they_begin_calls_a_person_though_nobody_knows_what_was_asked() -> None:
    ranges = ("20260301-20260831", "20260831-20260301")
    right, wrong = (response(EVENT, "HCR*A1*AUTH1", f"DTP*007*RD8*{days}") for days in ranges)
    ((_, granted, _),), ((_, doubted, _),) = meant(right), meant(wrong)
    assert isinstance(granted, Outcome)
    assert isinstance(doubted, Outcome)
    assert [line.outcome for line in granted.lines] == [LineOutcome.CERTIFIED]
    assert [line.outcome for line in doubted.lines] == [LineOutcome.CERTIFIED_MODIFIED]
    assert (granted.attention, doubted.attention) == (Attention.NONE, Attention.OPERATOR)
    assert "ends before it begins" in (doubted.attention_why or "")
