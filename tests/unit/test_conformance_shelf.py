"""Reading cases: every file typed and known, every fault told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.shelf import Slot, chosen, read_shelf
from gateway.profiles.faults import ProfileFaults
from tests.unit.conformance_shelf import Shelf, change, empty_shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return empty_shelf(tmp_path)


def only(shelf: Shelf, name: str = "submit_approved_plain") -> Slot:
    return next(slot for slot in read_shelf(shelf.root) if slot.name == name)


def told(slot: Slot) -> str:
    return "\n".join(str(fault) for fault in slot.faults)


def test_a_sound_case_is_read_with_all_its_files(shelf: Shelf) -> None:
    shelf.take("submit_approved_plain")
    case = only(shelf).case
    assert case is not None
    assert case.request is not None
    assert case.outcome is not None
    assert set(case.sent) == {1}
    assert len(case.received) == 1
    assert case.losses is not None


def test_a_case_may_use_the_request_of_another(shelf: Shelf) -> None:
    shelf.take("submit_event_alone_is_answered", "submit_event_certified_service_denied")
    case = only(shelf, "submit_event_alone_is_answered").case
    assert case is not None
    assert case.request is not None
    assert len(case.request.lines) == 2


def test_a_request_of_a_case_that_is_not_there_is_told(shelf: Shelf) -> None:
    shelf.take("submit_event_alone_is_answered")
    assert "That case has no request.json." in told(only(shelf, "submit_event_alone_is_answered"))


def test_an_unknown_key_is_told_with_its_line(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "case.yaml", "verb: submit", "verb: submit\nvreb: submit")
    line = (folder / "case.yaml").read_text().splitlines().index("vreb: submit") + 1
    assert f"x12_278/submit_approved_plain/case.yaml:{line}: /vreb" in told(only(shelf))


def test_a_case_without_a_citation_is_refused(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    text = (folder / "case.yaml").read_text()
    start, end = text.index("citations:"), text.index("requirements:")
    (folder / "case.yaml").write_text(text[:start] + "citations: []\n" + text[end:])
    assert "/citations" in told(only(shelf))


def test_a_file_no_case_has_is_told(shelf: Shelf) -> None:
    shelf.take("submit_approved_plain")
    shelf.write("submit_approved_plain/recieved.1.edi", "ISA")
    assert "recieved.1.edi" in told(only(shelf))


def test_every_fault_of_every_file_is_told_at_once(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "case.yaml", "payer: evergreen_health", "payer: Evergreen Health")
    change(folder / "request.json", '"J1745"', '"1745"')
    change(folder / "outcome.json", '"reviewed"', '"looked at"')
    (folder / "received.2.http").write_text("hello")
    faults = told(only(shelf))
    for place in ("case.yaml", "/payer", "request.json", "/lines/0/code/code", "outcome.json", "received.2.http"):
        assert place in faults


def test_replies_are_numbered_without_a_gap(shelf: Shelf) -> None:
    folder = shelf.take("submit_approved_plain")
    (folder / "received.1.edi").rename(folder / "received.3.edi")
    assert "not numbered 1, 2, 3" in told(only(shelf))


def test_a_reply_given_twice_is_told(shelf: Shelf) -> None:
    shelf.take("submit_approved_plain")
    shelf.write("submit_approved_plain/received.1.http", "HTTP/1.1 200 OK\n\nbody")
    assert "given twice" in told(only(shelf))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("verb: submit", "verb: inquire", "filed"),
        ("verb: submit", "verb: amend", "filed"),
        ("verb: submit", "verb: submit\nchange: {kind: cancel}", "change"),
        ("verb: submit", "verb: submit\nraises: {error: CannotExpress}", "/raises"),
        ("verb: submit", "verb: submit\nraises: {error: MaybeSent, retry_after: 3}", "Only NotSent"),
        ("verb: submit", "verb: submit\nraises: {error: MaybeSent}", "An exchange that raises has no outcome."),
    ],
)
def test_a_case_that_contradicts_itself_is_refused(shelf: Shelf, before: str, after: str, fault: str) -> None:
    folder = shelf.take("submit_approved_plain")
    change(folder / "case.yaml", before, after)
    assert fault in told(only(shelf))


def test_a_suite_of_another_channel_is_refused(shelf: Shelf) -> None:
    change(shelf.root / "x12_278" / "suite.yaml", "channel: x12_278", "channel: x12_837")
    with pytest.raises(ProfileFaults, match="another name"):
        read_shelf(shelf.root)


def test_cases_are_chosen_by_channel_payer_and_name(shelf: Shelf) -> None:
    shelf.take("submit_approved_plain", "submit_too_many_lines", "submit_pharmacy_line")
    slots = read_shelf(shelf.root)

    def names(channel: str | None = None, payer: str | None = None, *wanted: str) -> list[str]:
        return [slot.name for slot in chosen(slots, channel, payer, wanted)]

    assert len(names()) == 3
    assert names("portal") == []
    assert names(None, "bluestem_mutual") == ["submit_too_many_lines"]
    assert names(None, None, "*_plain", "submit_ph*") == ["submit_approved_plain", "submit_pharmacy_line"]
