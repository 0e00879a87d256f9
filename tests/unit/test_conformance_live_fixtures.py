"""The file of test members: strict, with its source, and requests whose dates are of the day of the run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from conformance.live import fixtures, talk
from conformance.live.fixtures import MOST, read_fixtures
from gateway.profiles.faults import ProfileFaults
from tests.unit.conformance_shelf import change

TODAY = date(2026, 11, 22)


@pytest.fixture
def members(tmp_path: Path) -> Path:
    """Published members of a payer."""
    file = tmp_path / "members.yaml"
    file.write_text((fixtures.FOLDER / "evergreen_health.yaml").read_text())
    change(file, "payer: evergreen_health", "payer: real_payer")
    return file


def test_a_file_without_members_or_without_their_source_is_refused(members: Path) -> None:
    text = members.read_text()
    members.write_text(text[: text.index("members:")] + "members: []\n")
    with pytest.raises(ProfileFaults):
        read_fixtures(members, "real_payer", "run", TODAY)
    members.write_text(text.replace("  source: conformance/simulators, this project\n", ""))
    with pytest.raises(ProfileFaults, match="/provenance/source"):
        read_fixtures(members, "real_payer", "run", TODAY)


def test_more_members_than_a_run_may_file_are_refused(members: Path) -> None:
    text = members.read_text()
    one = text[text.index("  - member_id") : text.index("  - member_id: SIMPEND")]
    members.write_text(text[: text.index("  - member_id")] + one * (MOST + 1))
    with pytest.raises(ProfileFaults, match="/members"):
        read_fixtures(members, "real_payer", "run", TODAY)


def test_a_fault_of_a_request_is_told_where_it_stands_in_the_file(members: Path) -> None:
    change(members, "code: C34.11", "code: not-a-diagnosis")
    with pytest.raises(ProfileFaults, match="/request/diagnoses/0/code"):
        read_fixtures(members, "real_payer", "run", TODAY)


def test_the_dates_of_lines_are_moved_together_and_the_first_begins_when_the_file_says(members: Path) -> None:
    found = read_fixtures(members, "real_payer", "run", TODAY)
    dates = found.requests[0].request.lines[0].dates
    assert (dates.start, dates.end) == (date(2026, 12, 6), date(2027, 6, 5))


def test_control_numbers_of_two_runs_a_second_apart_do_not_meet() -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    first, second = talk.Stamps(lambda: at), talk.Stamps(lambda: at + timedelta(seconds=1))
    numbers = [first.draw().number for _ in range(20)], [second.draw().number for _ in range(20)]
    assert not set(numbers[0]) & set(numbers[1])
    assert len(set(numbers[0])) == 20
