"""What `x12 outcome` says of a file: a word for each message that is named, and what the gateway would say of it."""

from __future__ import annotations

import pytest

from adapters.x12_278.tools.normalising import outcomes
from gateway.contract.destination import Mode
from gateway.contract.errors import Unreadable
from gateway.contract.tools import Meant
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Attention
from tests.unit.test_x12_advice import advice, of_documents, of_filing
from tests.x12_material import EVENT, acknowledgement, destination, envelope, outcome_of, response, ta1

AK2 = "AK2*278*{}*005010X217"
REFUSED = ("IK3*UM*12*2000E*8", "IK4*1*1525*7", "IK5*R*5")
TWO = (AK2.format("0001"), "IK5*A", AK2.format("0002"), *REFUSED, "AK9*P*2*2*1")


def meant(document: bytes, mode: Mode = Mode.TEST) -> list[Meant]:
    return list(outcomes(document, destination(mode=mode)))


def words(document: bytes) -> list[tuple[str, str]]:
    return [
        (name, "unreadable" if isinstance(outcome, Unreadable) else str(outcome.answer))
        for name, outcome, _ in meant(document)
    ]


def the(document: bytes) -> Outcome:
    ((_, outcome, _),) = meant(document)
    assert isinstance(outcome, Outcome)
    return outcome


def joined(*documents: bytes) -> bytes:
    """One interchange with all that these hold."""
    head = documents[0][:106]
    ta1s = b"".join(each[106 : each.index(b"IEA*")] for each in documents if b"GS*" not in each)
    groups = [each[each.index(b"GS*") : each.index(b"IEA*")] for each in documents if b"GS*" in each]
    return head + ta1s + b"".join(groups) + f"IEA*{len(groups)}*".encode() + head[90:99] + b"~"


def test_each_transaction_of_a_999_has_its_own_word() -> None:
    one, two = meant(acknowledgement(*TWO))
    assert [one.name, two.name] == ["999 0001, group 17, 278 0001", "999 0001, group 17, 278 0002"]
    assert isinstance(one.outcome, Outcome)
    assert isinstance(two.outcome, Outcome)
    # As the gateway has it, which calls its transaction 0001 where the number of the group is its own.
    swapped = acknowledgement(AK2.format("0002"), "IK5*A", AK2.format("0001"), *REFUSED, "AK9*P*2*2*1")
    assert outcome_of(swapped).answer is two.outcome.answer is Answer.REJECTED
    assert outcome_of(swapped).reasons == two.outcome.reasons
    taken = acknowledgement(AK2.format("0001"), "IK5*A", "AK9*A*1*1*1")
    assert outcome_of(taken).answer is Answer.RECEIVED
    assert words(taken) == [("999 0001, group 17, 278 0001", "received")]


@pytest.mark.parametrize(
    ("segments", "group", "guide", "answer"),
    [
        ((AK2.format("0001"), "IK5*R*23", "AK9*R*1*1*0"), "HI", "005010X217", Answer.NUMBER_USED),
        (("AK9*R*1*1*0*2",), "HI", "005010X217", Answer.REJECTED),
        ((AK2.format("0001"), "IK5*A", "AK9*R*1*1*0*4"), "HI", "005010X217", Answer.UNMAPPED),
        (("IK5*A", "AK9*A*1*1*1"), "HI", "005010X217", Answer.UNMAPPED),
        ((AK2.format("0001"), "IK5*A", AK2.format("1"), "IK5*R*5", "AK9*P*2*2*1"), "HI", "005010X217", Answer.UNMAPPED),
    ],
)
def test_a_999_is_read_as_by_whoever_sent_what_it_names(
    segments: tuple[str, ...], group: str, guide: str, answer: Answer
) -> None:
    document = acknowledgement(*segments, group=group, guide=guide)
    found, whole = the(document), outcome_of(document)
    assert found.answer is whole.answer is answer
    assert (found.reasons, found.attention, found.attention_why) == (
        whole.reasons,
        whole.attention,
        whole.attention_why,
    )


def test_a_999_about_an_inquiry_says_nothing_of_a_filing() -> None:
    taken = acknowledgement("AK2*278*0001*005010X215", "IK5*A", "AK9*A*1*1*1", guide="005010X215")
    ((_, outcome, supposed),) = meant(taken)
    assert isinstance(outcome, Outcome)
    assert (outcome.answer, supposed) == (Answer.UNAVAILABLE, "an inquiry")
    documents = acknowledgement("AK2*275*0001*006020X316", "IK5*A", "AK9*A*1*1*1", group="PI", guide="006020X316")
    assert meant(documents)[0].supposed == "documents"


def test_an_824_has_a_word_for_each_message() -> None:
    document = advice(of_filing("TR"), "TED*007", f"OTI*{of_documents('TA')}")
    assert words(document) == [("824 0001, 278 0001", "rejected"), ("824 0001, 275 0001", "received")]
    assert [each.supposed for each in meant(document)] == ["a filing", "documents"]
    twice = advice(of_filing("TA"), f"OTI*{of_filing('TR')}")
    assert words(twice) == [("824 0001, 278 0001", "unmapped")]
    for word in ("TA", "TE", "TR", "BP"):
        one = advice(of_filing(word), "TED*007", "NTE*ADD*Not so.")
        assert the(one).answer is outcome_of(one).answer
        assert (the(one).reasons, the(one).messages) == (outcome_of(one).reasons, outcome_of(one).messages)


def test_each_ta1_has_a_word() -> None:
    document = joined(ta1("A", number=43), ta1("R", "006", number=44), ta1("R", "025", number=45))
    told = [("TA1 000000043", "received"), ("TA1 000000044", "rejected"), ("TA1 000000045", "number_used")]
    assert words(document) == told
    for name, outcome, _ in meant(document):
        assert isinstance(outcome, Outcome)
        source = outcome.sources["/answer"]
        at = document.index(b"TA1*" + name[4:].encode())
        assert document[source.start : source.end] in (b"A", b"R")
        assert at < source.start < at + 40
    for code, note in (("A", "000"), ("E", "022"), ("R", "006"), ("R", "025"), ("X", "000")):
        one, whole = the(ta1(code, note)), outcome_of(ta1(code, note))
        assert (one.answer, one.attention_why) == (whole.answer, whole.attention_why)


def test_a_segment_is_told_as_the_file_counts_it() -> None:
    doubtful = response(EVENT, "HCR*A1*AUTH1", "HCR*A3**0F")
    document = ta1("A") + joined(response(EVENT, "HCR*A1*AUTH1"), doubtful)
    segments = document.decode().split("~")
    first = segments.index("HCR*A3**0F") + 1
    *_, last = meant(document)
    assert isinstance(last.outcome, Outcome)
    assert f"segment {first} decides a second time" in str(last.outcome.attention_why)
    assert last.outcome.sources["/lines/0/outcome"].segment == first - 1


@pytest.mark.parametrize("above", [ta1("R", "006"), acknowledgement(AK2.format("0001"), "IK5*R*5", "AK9*R*1*1*0")])
def test_what_is_refused_and_taken_is_left_to_a_person(above: bytes) -> None:
    below = advice(of_filing("TA"))
    document = joined(above, below)
    assert outcome_of(document).answer is Answer.UNMAPPED
    assert words(document)[-1] == ("824 0001, 278 0001", "unmapped")
    other = joined(ta1("R", "006", number=99), below)
    assert words(other) == [("TA1 000000099", "rejected"), ("824 0001, 278 0001", "received")]


@pytest.mark.parametrize("beside", [ta1("R", "006"), acknowledgement("AK9*R*1*1*0"), advice(of_filing("TR"))])
def test_an_answer_beside_a_refusal_is_left_to_a_person(beside: bytes) -> None:
    document = joined(response(EVENT, "HCR*A1*AUTH1"), beside)
    assert outcome_of(document).answer is Answer.UNMAPPED
    assert ("278 0001", "unmapped") in words(document)
    two = joined(response(EVENT, "HCR*A1*AUTH1"), response(EVENT, "HCR*A1*AUTH1"), beside)
    told = [each for each in meant(two) if each.name == "278 0001"]
    assert [each.supposed for each in told] == ["a filing; what is refused beside it is something else"] * 2


@pytest.mark.parametrize(
    ("document", "supposed"),
    [
        (response(EVENT, "HCR*A1*AUTH1"), "a filing"),
        (response("UM*HS*3", "HCR*C"), "a cancellation"),
        (response(EVENT, "HCR*A1*AUTH1", guide="005010X215", purpose="49"), "an inquiry"),
        (response("UM*AR*I", guide="005010X216", purpose="53"), "a notice"),
        (response(EVENT, "HCR*A1*AUTH1", guide="005010X216", purpose="14"), "a filing"),
        (
            response(EVENT, "HCR*A1", "REF*BB*AUTH1"),
            "a filing; a number in REF BB is its authorization, unless it was sent",
        ),
    ],
)
def test_what_had_to_be_supposed_is_told(document: bytes, supposed: str) -> None:
    assert [each.supposed for each in meant(document)] == [supposed]


def test_counts_that_do_not_fit_are_an_envelope_that_nobody_reads() -> None:
    two = joined(response(EVENT, "HCR*A1*AUTH1"), acknowledgement("AK9*A*1*1*1"))
    assert len(meant(two)) == 2
    wrong = two.replace(b"IEA*2*", b"IEA*3*")
    assert words(wrong) == [("interchange", "unreadable")]
    with pytest.raises(Unreadable):
        outcome_of(wrong)


def test_the_connections_mode_counts_for_every_kind() -> None:
    live = envelope(["AK1*HI*17*005010X217", "AK9*A*1*1*1"], kind="999", guide="005010X231A1", usage="P")
    assert the(live).attention is Attention.OPERATOR
    ((_, outcome, _),) = meant(acknowledgement("AK9*A*1*1*1"), Mode.LIVE)
    assert isinstance(outcome, Outcome)
    assert outcome.answer is Answer.UNMAPPED
    assert "test data" in str(outcome.attention_why)


def test_what_is_no_answer_is_no_answer() -> None:
    assert words(envelope(["BGN*02*X*20261120"], kind="275", guide="006020X316")) == [("275 0001", "unmapped")]
