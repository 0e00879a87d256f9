"""Files with faults: what is broken is told to nobody, with its place; what stands beside it is heard as ever."""

from __future__ import annotations

import pytest

from adapters.x12_278 import ADAPTER, interchange
from adapters.x12_278.conversations import letters
from gateway.contract.adapter import Filed
from gateway.contract.destination import Mode
from gateway.contract.errors import Unreadable
from gateway.contract.mailbox import Saying
from gateway.model.outcome import Answer
from gateway.model.status import LineOutcome
from tests.unit.test_x12_post import ACCEPTED, APPROVED, KNOWN, OURS, THEIRS, hear, mixed, place
from tests.unit.test_x12_post import letters as letters_of
from tests.x12_material import STAMP, acknowledgement, destination, request, ta1, words


def told(body: bytes) -> list[tuple[str, str, str | None]]:
    placed = ADAPTER.place(ADAPTER.open(body), KNOWN)
    return [(each.letter.what, each.letter.place, each.handle or each.reason) for each in placed]


@pytest.mark.parametrize("faulty", [pytest.param(b"SE*99*0002~", id="another count"), pytest.param(b"", id="no end")])
@pytest.mark.proves("AK-01")
def test_a_transaction_that_cannot_be_read_keeps_none_of_the_others_from_being_heard(faulty: bytes) -> None:
    start = mixed().index(b"SE*", mixed().index(b"ST*278*0002"))
    end = mixed().index(b"~", start) + 1
    body = mixed()[:start] + faulty + mixed()[end:]
    assert told(body) == [
        ("999", "1.1.1", OURS),
        ("278", "2.1.1", OURS),
        ("278", "2.1.2", "unreadable"),
        ("TA1", "3.1", THEIRS),
    ]
    assert set(words(hear(body)).values()) == {LineOutcome.CERTIFIED}


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"GE*2*31~", b"GE*3*31~"),
        (b"GE*2*31~IEA*1*", b"GE*2*31~IEA*2*"),
        (b"GE*2*31~", b""),
        (b"GE*2*31~", b"REF*ZZ*1~GE*2*31~"),
        (b"GE*2*31~IEA*1*000000031~", b""),
        (b"GE*2*31~IEA*1*000000031~", b"BIN*9*half"),
        (b"GE*2*31~", b"ge*2*31~"),
    ],
)
def test_an_interchange_of_which_something_may_be_missing_is_told_to_nobody_and_the_others_are_heard(
    was: bytes, becomes: bytes
) -> None:
    assert was in mixed()
    found = told(mixed().replace(was, becomes))
    assert found[:2] == [("999", "1.1.1", OURS), ("interchange", "2", "unreadable")]
    # Within what counts its bytes may stand anything: what looks like an interchange there is none.
    assert found[2:] == ([] if becomes.startswith(b"BIN") else [("TA1", "3.1", THEIRS)])


def test_numbers_that_do_not_close_what_they_opened_are_a_fault_of_every_letter_in_it() -> None:
    assert place(mixed().replace(b"GE*2*31~", b"GE*2*32~")) == [OURS, "unreadable", "unreadable", THEIRS]


def test_the_last_interchange_that_breaks_off_is_told_to_nobody_and_one_alone_is_no_file() -> None:
    found = told(acknowledgement(*ACCEPTED) + APPROVED[:-20])
    assert found == [("999", "1.1.1", OURS), ("interchange", "2", "unreadable")]
    with pytest.raises(Unreadable):
        ADAPTER.open(b"To whom it may concern\n" + APPROVED + APPROVED[:-20])


@pytest.mark.parametrize("behind", [b"x", b"\r\n-- end --\r\n", b"\x0c", b"GS*HI", b"\nBIN*9*half"])
@pytest.mark.parametrize("width", [None, 80])
def test_what_stands_behind_an_interchange_that_was_read_to_its_end_is_none_of_it(
    behind: bytes, width: int | None
) -> None:
    body = acknowledgement(*ACCEPTED) + APPROVED + behind
    if width:
        body = b"\n".join(body[at : at + width] for at in range(0, len(body), width))
    *others, rest = ADAPTER.open(body)
    assert others == list(ADAPTER.open(acknowledgement(*ACCEPTED) + APPROVED))
    assert told(body)[:2] == [("999", "1.1.1", OURS), ("278", "2.1.1", OURS)]
    assert (rest.what, rest.place, rest.fault) == ("interchange", "3", "unreadable")
    assert width or rest.body == behind


def test_an_interchange_whose_header_is_no_header_is_told_in_its_place_and_those_around_it_are_heard() -> None:
    broken = APPROVED.replace(b"ISA*00*          *", b"ISA*00*         *")
    found = ADAPTER.open(acknowledgement(*ACCEPTED) + broken + APPROVED + broken)
    assert [(each.place, each.fault) for each in found] == [
        ("1.1.1", None), ("2", "unreadable"), ("3.1.1", None), ("4", "unreadable")
    ]  # fmt: skip
    assert [each.body for each in found if each.fault] == [broken, broken]


def test_a_letter_is_limited_and_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interchange, "MOST_SEGMENTS", 12)
    one = acknowledgement(*ACCEPTED).decode()
    inside = one[one.index("ST*") : one.index("GE*")]
    whole = one.replace(inside, inside * 5).replace("GE*1*", "GE*5*").encode()
    assert [each.fault for each in ADAPTER.open(whole)] == [None] * 5
    assert [each.fault for each in ADAPTER.open(APPROVED)] == ["unreadable"]


def test_a_file_of_too_many_letters_is_told_to_nobody_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST", 3)
    assert told(mixed()) == [("file", "", "too_many")]
    monkeypatch.setattr(letters, "MOST", 4)
    assert len(told(mixed())) == 4


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_lines_that_are_cut_to_one_width_are_read_as_if_they_were_not(width: int, newline: bytes) -> None:
    body = acknowledgement(*ACCEPTED) + APPROVED
    wrapped = newline.join(body[at : at + width] for at in range(0, len(body), width)) + newline
    assert place(wrapped) == [OURS, OURS]
    assert hear(wrapped) == hear(body)


def older(*segments: str) -> bytes:
    body = acknowledgement(*segments)
    return body.replace(b"ST*999*0001*005010X231A1~", b"ST*997*0001~").replace(b"005010X231A1", b"005010")


def test_a_997_says_what_a_999_does() -> None:
    refused, taken = (older("AK2*278*0001", f"AK5*{word}", f"AK9*{word}*1*1*1") for word in "RA")
    assert told(refused) == [("997", "1.1.1", OURS)]
    assert (hear(refused).answer, hear(refused).of_filing) == (Answer.REJECTED, True)
    assert hear(taken).answer is Answer.RECEIVED
    assert hear(ta1("A") + refused).answer is Answer.REJECTED


@pytest.mark.parametrize("body", [APPROVED, acknowledgement(*ACCEPTED), ta1("A")])
def test_test_data_over_a_live_connection_decides_nothing(body: bytes) -> None:
    live, said = destination(mode=Mode.LIVE), Saying(Filed(request=request(), stamp=STAMP), STAMP)
    [test], [real] = letters_of(body), letters_of(body[:102] + b"P" + body[103:])
    [heard] = ADAPTER.hear([real], said, live)
    assert heard.answer in (Answer.REVIEWED, Answer.RECEIVED)
    with pytest.raises(Unreadable):
        ADAPTER.hear([test], said, live)
