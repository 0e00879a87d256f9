"""The simulated payers refuse a wrong interchange with a TA1 that says why, and file nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.unit.simulator_messages import Caller, Wrapper, calling, envelope, request_278


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


def spoil(old: str, new: str, count: int = 1) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, count)

    return change


def at(place: int, new: str) -> Callable[[str], str]:
    """The ISA with other characters from this offset on."""
    return lambda text: text[:place] + new + text[place + len(new) :]


CASES: dict[str, tuple[Callable[[str], str], str]] = {
    "sender id not padded to 15": (spoil("PAYERGW        *", "PAYERGW*"), "022"),
    "ISA02 of nine": (spoil("*00*          *00", "*00*         *00"), "022"),
    "authorization qualifier": (at(4, "03"), "010"),
    "authorization information": (at(7, "SECRET    "), "011"),
    "security qualifier": (at(18, "01"), "012"),
    "a password in ISA04": (at(21, "PASSWORD  "), "013"),
    "sender qualifier": (at(32, "30"), "005"),
    "unknown sender": (at(35, "SOMEBODYELSE   "), "006"),
    "receiver qualifier": (at(51, "30"), "007"),
    "unknown receiver": (at(54, "NOBODY         "), "009"),
    "the other payer's id": (at(54, "BLUESTEM       "), "009"),
    "a day that does not exist": (at(70, "260230"), "014"),
    "an hour that does not exist": (at(77, "2460"), "015"),
    "ISA11 U of the old standard": (at(82, "U"), "016"),
    "version 00401": (at(84, "00401"), "017"),
    "acknowledgment requested": (at(100, "2"), "019"),
    "production at a test payer": (at(102, "P"), "020"),
    "component separator a letter": (at(104, "A"), "027"),
    "component separator that of elements": (at(104, "*"), "022"),
    "component separator that of repetitions": (at(104, "^"), "027"),
    "line feed for terminator": (lambda text: text.replace("~", "\n"), "004"),
    "a line break after the ISA": (spoil("~GS", "~\nGS"), "024"),
    "no IEA": (lambda text: text[: text.index("IEA")], "023"),
    "IEA with one group too many": (spoil("IEA*1*", "IEA*2*"), "021"),
    "something after the IEA": (lambda text: text + "GS*HI~", "022"),
    "IEA cut short": (lambda text: text[: text.rindex("*")] + "~", "022"),
    "no GS": (spoil("GS*HI", "GX*HI"), "021"),
    "GS02 other than ISA06": (spoil("GS*HI*PAYERGW", "GS*HI*OTHER"), "024"),
    "GS03 other than ISA08": (spoil("*PAYERGW*EVERGREEN*", "*PAYERGW*BLUESTEM*"), "024"),
    "GS04 of six digits": (spoil("*20260302*0930*", "*260302*0930*"), "024"),
    "GS07 not X": (spoil("*X*005010", "*T*005010"), "024"),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_spoilt_interchange_gets_its_ta1(caller: Caller, name: str) -> None:
    change, code = CASES[name]
    payload = change(Wrapper(control="000000077").wrap(request_278()))
    answer = await caller.post(envelope(payload))
    assert (answer.status, answer.field("ErrorCode")) == (200, "Success")
    assert answer.field("PayloadType").startswith("X12_TA1_Response")
    ta1 = answer.first("TA1")
    assert (ta1[1], ta1[4], ta1[5]) == ("000000077", "R", code)
    assert [segment[0] for segment in answer.segments] == ["ISA", "TA1", "IEA"]
    assert await caller.filed() == []


async def test_a_control_number_of_zero_is_not_valid(caller: Caller) -> None:
    answer = await caller.send(request_278(), Wrapper(control="000000000"))
    assert answer.first("TA1")[5] == "018"


async def test_control_numbers_of_isa_and_iea_must_agree(caller: Caller) -> None:
    answer = await caller.send(request_278(), Wrapper(control="000000005", trailer_control="000000006"))
    assert answer.first("TA1")[5] == "001"


async def test_a_refused_interchange_does_not_use_up_its_control_number(caller: Caller) -> None:
    await caller.send(request_278(), Wrapper(control="000000009", usage="P"))
    answer = await caller.send(request_278(), Wrapper(control="000000009"))
    assert answer.first("HCR")[1] == "A1"


async def test_the_answers_interchange_is_itself_in_order(caller: Caller) -> None:
    first = await caller.send(request_278(trace="T1"))
    second = await caller.send(request_278(trace="T2"))
    for answer in (first, second):
        payload = answer.payload
        assert payload[105] == "~"
        assert len(payload.split("~")[0]) == 105
        isa, gs, st, se, ge, iea = (answer.first(name) for name in ("ISA", "GS", "ST", "SE", "GE", "IEA"))
        assert (isa[6], isa[8], isa[15]) == ("EVERGREEN      ", "PAYERGW        ", "T")
        assert isa[13] == iea[2]
        assert gs[6] == ge[2]
        assert st[2] == se[2]
        inside = [s[0] for s in answer.segments]
        assert se[1] == str(inside.index("SE") - inside.index("ST") + 1)
    assert first.first("ISA")[13] != second.first("ISA")[13]


async def test_other_delimiters_are_read_and_the_answer_has_the_payers_own(caller: Caller) -> None:
    odd = Wrapper(receiver="BLUESTEM", element="!", component="$", repetition="&", terminator="%")
    answer = await caller.send(request_278(receiver="BLUESTEM"), odd)
    assert answer.first("HCR")[1] == "A1"
    assert answer.payload[3] == "|"
    assert answer.payload[104:106] == ">~"
    assert answer.first("SV1")[1] == "HC>J9271"
    assert answer.first("UM")[4] == "11>B"


async def test_the_answers_delimiters_never_stand_inside_a_value(caller: Caller) -> None:
    asked = request_278(receiver="BLUESTEM")
    asked[8][3] = "TEST|PER>SON"
    answer = await caller.send(asked, Wrapper(receiver="BLUESTEM"))
    assert next(s for s in answer.all("NM1") if s[1] == "IL")[3] == "TEST PER SON"
