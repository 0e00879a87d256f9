"""Files with answers: what a letter of a file answers, and that who is told of one letter sees no other."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278 import ADAPTER, traces
from gateway.contract.adapter import Change, ChangeKind, Filed, Stamp
from gateway.contract.errors import Unreadable
from gateway.contract.mailbox import Letter, Placed, Posted, Saying
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    DRUG,
    EVENT,
    INFUSION,
    MORE,
    STAMP,
    acknowledgement,
    destination,
    envelope,
    request,
    response,
    sent,
    service,
    ta1,
    words,
)

OURS, THEIRS = "ours", "theirs"
OTHER = Stamp(at=STAMP.at, number=23, seed="ffffffffffffffff0123456789abcdef")
NEIGHBOUR = request(
    reference="case-2",
    patient={"last_name": "Neighbourson", "first_name": "Uma", "birth_date": "1970-01-02", "gender": "female"},
)
KNOWN = (Posted(OURS, sent(), destination()), Posted(THEIRS, sent(NEIGHBOUR, stamp=OTHER), destination()))
ACCEPTED = ("AK2*278*0001*005010X217", "IK5*A", "AK9*A*1*1*1")
APPROVED = response(
    EVENT,
    "HCR*A1*AUTH-1",
    services=[service(each, "HCR*A1*AUTH-1") for each in (DRUG, INFUSION, MORE)],
    number=31,
)
PENDED = response(EVENT, "HCR*A4", number=30)
OF_THE_NEIGHBOUR = response(
    EVENT,
    "HCR*A3",
    bht=traces.submission(OTHER),
    trace=traces.event(OTHER),
    number=32,
).replace(b"SAMPLETON*ADA", b"NEIGHBOURSON*UMA")


def mixed() -> bytes:
    """Acknowledgement and answer of ours, and in one group with it that of somebody else."""
    one, other = APPROVED.decode(), OF_THE_NEIGHBOUR.decode()
    strange = other[other.index("ST*") : other.index("GE*")].replace("ST*278*0001", "ST*278*0002")
    strange = strange.replace("*0001~", "*0002~")
    whole = one.replace("GE*1*31~", f"{strange}GE*2*31~")
    return acknowledgement(*ACCEPTED) + b"\n" + whole.encode() + b"\n" + ta1("A", number=OTHER.number)


def place(body: bytes, *known: Posted) -> list[str | None]:
    return [each.handle or each.reason for each in ADAPTER.place(ADAPTER.open(body), known or KNOWN)]


def letters(body: bytes, of: str = OURS) -> list[Letter]:
    return [each.letter for each in ADAPTER.place(ADAPTER.open(body), KNOWN) if each.handle == of]


def hear_all(body: bytes, of: str = OURS, **over: Any) -> tuple[Outcome, ...]:
    filed = Filed(request=request(), stamp=STAMP) if of == OURS else Filed(request=NEIGHBOUR, stamp=OTHER)
    saying = Saying(**({"filed": filed, "stamp": filed.stamp} | over))
    return ADAPTER.hear(letters(body, of), saying, destination())


def hear(body: bytes, of: str = OURS, **over: Any) -> Outcome:
    """The last of it."""
    return hear_all(body, of, **over)[-1]


@pytest.mark.proves("AK-01")
def test_letters_of_a_mixed_file_are_told_apart() -> None:
    assert [letter.what for letter in ADAPTER.open(mixed())] == ["999", "278", "278", "TA1"]
    assert place(mixed()) == [OURS, OURS, THEIRS, THEIRS]


@pytest.mark.parametrize("number", range(4))
def test_what_was_sent_is_found_by_the_keys_of_its_answer(number: int) -> None:
    letter = ADAPTER.open(mixed())[number]
    ours, theirs = (ADAPTER.registered(posted.document, posted.to) for posted in KNOWN)
    assert (bool(letter.keys & ours), bool(letter.keys & theirs)) == ((True, False) if number < 2 else (False, True))
    assert all(len(key) == 64 and key.isalnum() for key in letter.keys | ours), "nothing can be read in a key"


@pytest.mark.parametrize(("of", "stranger"), [(OURS, b"NEIGHBOURSON"), (THEIRS, b"SAMPLETON")])
def test_who_is_told_of_one_letter_sees_no_other(of: str, stranger: bytes) -> None:
    body = mixed()
    assert stranger in body
    for heard in hear_all(body, of):
        assert heard.document is not None
        assert stranger not in heard.document
        for source in heard.sources.values():
            assert 0 <= source.start <= source.end <= len(heard.document)


def test_what_is_cut_out_is_the_payers_own_but_for_the_counts() -> None:
    assert [heard.document for heard in hear_all(mixed())] == [acknowledgement(*ACCEPTED), APPROVED]


def test_each_is_told_what_is_said_of_it() -> None:
    assert set(words(hear(mixed())).values()) == {LineOutcome.CERTIFIED}
    denied, taken = sorted(hear_all(mixed(), THEIRS), key=lambda each: each.answer is Answer.RECEIVED)
    assert LineOutcome.NOT_CERTIFIED in words(denied).values()
    assert taken.answer is Answer.RECEIVED


def test_an_acknowledgement_alone_says_that_the_payer_has_it() -> None:
    assert hear(acknowledgement(*ACCEPTED)).answer is Answer.RECEIVED
    assert hear(ta1("A")).answer is Answer.RECEIVED


def test_a_refusal_of_the_file_is_one_of_the_filing() -> None:
    refused = hear(acknowledgement("AK2*278*0001*005010X217", "IK5*R*5", "AK9*R*1*1*0"))
    assert (refused.answer, refused.of_filing) == (Answer.REJECTED, True)
    assert hear(ta1("R", "006")).answer is Answer.REJECTED


def test_a_number_that_was_used_before_calls_a_person_and_files_nothing_anew() -> None:
    heard = hear(ta1("R", "025"))
    assert (heard.answer, heard.attention) == (Answer.UNAVAILABLE, Attention.OPERATOR)


def test_a_refused_cancellation_refuses_only_that() -> None:
    cancel = Change(kind=ChangeKind.CANCEL)
    later = Stamp(at=OTHER.at, number=OTHER.number, seed=OTHER.seed)
    body = acknowledgement("AK2*278*0001*005010X217", "IK5*R*5", "AK9*R*1*1*0", number=OTHER.number)
    saying = Saying(Filed(request=NEIGHBOUR, stamp=STAMP), later, cancel)
    [heard] = ADAPTER.hear(letters(body, THEIRS), saying, destination())
    assert not heard.of_filing
    assert heard.answer in (Answer.REJECTED, Answer.CANCEL_REFUSED)


def test_an_orphan_and_an_empty_file_are_nobodys() -> None:
    stranger = acknowledgement(*ACCEPTED, number=999)
    [orphan] = ADAPTER.place(ADAPTER.open(stranger), KNOWN)
    assert (orphan.handle, orphan.reason) == (None, "unknown")
    whole = ta1("A")
    assert ADAPTER.open(whole[:106] + whole[whole.index(b"IEA") :]) == ()


def test_one_letter_about_two_filings_is_nobodys() -> None:
    both = acknowledgement(*ACCEPTED, f"AK1*HI*{OTHER.number}*005010X217", *ACCEPTED)
    [placed] = ADAPTER.place(ADAPTER.open(both), KNOWN)
    assert (placed.handle, placed.reason, placed.candidates) == (None, "several", (OURS, THEIRS))


@pytest.mark.proves("AK-01")
def test_two_that_may_be_meant_are_not_guessed() -> None:
    [placed] = ADAPTER.place(ADAPTER.open(acknowledgement(*ACCEPTED)), [*KNOWN, Posted("again", sent(), destination())])
    assert isinstance(placed, Placed)
    assert (placed.handle, placed.reason, placed.candidates) == (None, "ambiguous", ("again", OURS))


def by_house(body: bytes, sender: str = "CLEARING", qualifier: str = "30") -> bytes:
    """The same from the clearinghouse, under its own id."""
    return body.replace(b"*ZZ*RECEIVER       *", f"*{qualifier}*{sender:15}*".encode())


HOUSE = destination(connection={"acknowledged_by": [{"qualifier": "30", "id": "CLEARING"}]})
TAKEN_BY_HOUSE = [
    by_house(ta1("A")),
    by_house(acknowledgement(*ACCEPTED)),
    by_house(envelope(["BGN*11*X*20260301", f"OTI*TA*TN*{traces.submission(STAMP)}"], kind="824", guide="005010X186")),
]


@pytest.mark.parametrize("body", TAKEN_BY_HOUSE)
def test_who_may_acknowledge_says_the_profile(body: bytes) -> None:
    ours, theirs = Posted(OURS, sent(), HOUSE), Posted(THEIRS, sent(NEIGHBOUR, stamp=OTHER), HOUSE)
    assert place(body, ours, theirs) == [OURS]
    [letter] = ADAPTER.open(body)
    assert letter.keys & ADAPTER.registered(ours.document, HOUSE)
    [heard] = ADAPTER.hear([letter], Saying(Filed(request=request(), stamp=STAMP), STAMP), HOUSE)
    assert heard.answer is Answer.RECEIVED
    assert place(body)[0] in ("unknown", "other_parties"), "nobody said that it may"
    otherwise = body.replace(b"*30*CLEARING ", b"*ZZ*CLEARING "), body.replace(b"*ZZ*SENDER  ", b"*ZZ*SENDERS ")
    for other in otherwise:
        assert place(other, ours, theirs)[0] in ("unknown", "other_parties")


def test_of_two_that_one_house_may_acknowledge_none_is_guessed() -> None:
    another = destination(
        payer={"receiver_id": "BLUESTEM"}, connection={"acknowledged_by": [{"qualifier": "30", "id": "CLEARING"}]}
    )
    same = Stamp(at=STAMP.at, number=STAMP.number, seed=OTHER.seed)
    both = Posted(OURS, sent(), HOUSE), Posted(THEIRS, sent(NEIGHBOUR, another, same), another)
    assert place(TAKEN_BY_HOUSE[0], *both) == ["ambiguous"]
    assert place(TAKEN_BY_HOUSE[1], *both) == ["ambiguous"]
    assert place(TAKEN_BY_HOUSE[2], *both) == [OURS], "it names its reference"
    assert place(acknowledgement(*ACCEPTED), *both) == [OURS], "the payer's own is between us and it alone"


def test_who_acknowledges_does_not_answer_by_our_reference_alone() -> None:
    answer = response("HCR*A3", trace="", number=40).replace(b"TRN*2**", b"TRN*2*NONE*")
    assert place(by_house(answer), Posted(OURS, sent(), HOUSE)) == ["other_parties"]


def test_what_its_reader_does_not_find_to_be_ours_is_not_heard() -> None:
    body = response(EVENT, "HCR*A3", bht="SOMEBODY", trace="STRANGE", number=40)
    spot = ADAPTER.open(body)
    with pytest.raises(Unreadable, match="not about this filing"):
        ADAPTER.hear(spot, Saying(Filed(request=request(), stamp=STAMP), STAMP), destination())


@pytest.mark.parametrize("body", [b"", b"Dear all, please find attached", APPROVED[:-20]])
def test_what_is_not_whole_is_not_opened(body: bytes) -> None:
    with pytest.raises(Unreadable):
        ADAPTER.open(body)


def test_a_transaction_of_another_kind_answers_nothing() -> None:
    assert place(envelope(["BGN*00*1*20260301"], kind="277", guide="005010X212")) == ["no_answer"]


@pytest.mark.parametrize("body", [APPROVED, response(EVENT, "HCR*A3", trace=None, number=33)])
def test_an_answer_with_our_name_is_ours_though_its_envelope_has_the_day_before(body: bytes) -> None:
    early = body.replace(b"*260301*1010*^", b"*260226*1010*^")
    assert early != body
    assert place(early) == [OURS]
    acknowledged = acknowledgement(*ACCEPTED).replace(b"*260301*1010*^", b"*260226*1010*^")
    assert place(acknowledged) == ["sent_later"], "a number may have begun again"
