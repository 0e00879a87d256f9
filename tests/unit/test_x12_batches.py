"""Conversations in batches: which frames go, what a file says of our filing, and what a lost confirmation costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.bench import Bench
from conformance.replay import open_exchange
from conformance.shelf import Case
from conformance.simulators.batch_wire import RESULTS, Answer, BatchCarriage
from gateway.contract.destination import Mode
from gateway.contract.drive import drive
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Frame, Reply
from gateway.model.outcome import Answer as Word
from gateway.model.outcome import Outcome
from gateway.model.status import Attention
from tests.cases_material import shelf
from tests.x12_material import acknowledgement, ta1

BENCH = Bench.here()
HELD = {slot.name: slot.case for slot in shelf() if slot.case}


def case_of(name: str) -> Case:
    return HELD[name]


def heard(case: Case, place: int) -> Reply:
    reply = case.received[place]
    assert isinstance(reply, Reply)
    return reply


def file_of(case: Case) -> bytes:
    """The X12 of the results, as the recorded payer sent it."""
    body = heard(case, 1).body
    start = body.index(b"ISA*")
    return body[start : body.rindex(b"\r\n--")]


def results(document: bytes) -> Reply:
    carriage = BatchCarriage(RESULTS, "", lambda *_: Answer(""))
    body = carriage.write({}, "2026-11-22T10:00:00Z", Answer("X12_278_Response_005010X217E1_2", document))
    return Reply(200, (("content-type", carriage.media),), body)


def to_us(document: bytes) -> bytes:
    return document.replace(b"SENDER         ", b"PAYERGW        ")


AK2 = "AK2*278*0001*005010X217"
TAKEN = to_us(acknowledgement(AK2, "IK5*A", "AK9*A*1*1*1", number=42))
REFUSED = to_us(acknowledgement(AK2, "IK5*R", "AK9*R*1*1*0", number=42))
ENVELOPE_TAKEN, ENVELOPE_REFUSED = to_us(ta1("A", number=42)), to_us(ta1("R", "000", number=42))


def converse(case: Case, *replies: Reply | ExchangeError) -> tuple[Outcome, list[Frame]]:
    said: list[Frame] = []

    def say(frame: Frame) -> Reply:
        said.append(frame)
        answer = replies[len(said) - 1]
        if isinstance(answer, ExchangeError):
            raise answer
        return answer

    outcome = drive(open_exchange(case, BENCH.adapter("x12_278"), BENCH.destination(case)), say)
    return outcome, said


APPROVED = case_of("batch_approved")


@pytest.mark.proves("BA-06")
@pytest.mark.parametrize("lost", [MaybeSent("gone"), NotSent("busy"), Unreadable("what?")])
def test_an_answer_survives_the_loss_of_its_confirmation(lost: ExchangeError) -> None:
    whole, frames = converse(APPROVED, *(heard(APPROVED, place) for place in range(3)))
    outcome, said = converse(APPROVED, heard(APPROVED, 0), heard(APPROVED, 1), lost)
    assert outcome == whole
    assert len(said) == len(frames) == 3
    assert [frame.known for frame in said] == [None, None, whole], "it is written down before the payer may forget it"


def test_the_loss_of_the_results_is_told() -> None:
    with pytest.raises(MaybeSent):
        converse(APPROVED, heard(APPROVED, 0), MaybeSent("gone"))


FAILURES = [NotSent("busy"), MaybeSent("gone"), Unreadable("what?"), Reply(503), Reply(200, body=b"<html>")]


@pytest.mark.parametrize("failure", FAILURES)
def test_results_are_asked_for_while_the_acknowledgement_cannot_be_fetched(failure: Reply | ExchangeError) -> None:
    whole, _ = converse(APPROVED, *(heard(APPROVED, place) for place in range(3)))
    outcome, said = converse(APPROVED, failure, heard(APPROVED, 1), heard(APPROVED, 2))
    assert (outcome, len(said)) == (whole, 3)


@pytest.mark.parametrize("failure", FAILURES)
def test_where_there_are_no_results_either_the_failure_is_told(failure: Reply | ExchangeError) -> None:
    nothing = heard(case_of("batch_nothing_yet"), 1)
    with pytest.raises(ExchangeError):
        converse(APPROVED, failure, nothing)


def test_where_a_person_is_needed_nothing_more_is_asked() -> None:
    with pytest.raises(NeedsPerson):
        converse(APPROVED, NeedsPerson("credentials"))


def test_test_data_over_a_live_connection_decides_nothing_and_calls_an_operator() -> None:
    live, nothing = BENCH.destination(APPROVED).model_copy(update={"mode": Mode.LIVE}), case_of("batch_nothing_yet")

    def come(document: bytes) -> Outcome:
        replies = iter([heard(nothing, 0), results(document), heard(APPROVED, 2)])
        return drive(open_exchange(APPROVED, BENCH.adapter("x12_278"), live), lambda _: next(replies))

    data = file_of(APPROVED)
    assert come(data[:102] + b"P" + data[103:]).answer is Word.REVIEWED
    assert (come(data).answer, come(data).attention) == (Word.UNAVAILABLE, Attention.OPERATOR)


def test_a_confirmation_that_is_refused_costs_nothing_either() -> None:
    unknown = heard(case_of("batch_that_nobody_knows"), 1)
    outcome, _ = converse(APPROVED, heard(APPROVED, 0), heard(APPROVED, 1), unknown)
    assert outcome.answer is Word.REVIEWED


@pytest.mark.proves("BA-07")
def test_the_same_file_again_is_the_same_outcome() -> None:
    first, _ = converse(APPROVED, *(heard(APPROVED, place) for place in range(3)))
    again, _ = converse(APPROVED, heard(APPROVED, 0), results(file_of(APPROVED)), heard(APPROVED, 2))
    assert first.digest() == again.digest()


def strange(document: bytes) -> bytes:
    """The same file as somebody else's: none of the traces is ours."""
    return document.replace(b"PG0123456789ABCDEF0123", b"PG9999999999ABCDEF9999")


@pytest.mark.proves("BA-09")
@pytest.mark.parametrize("ours_first", [True, False])
def test_ours_is_found_among_others_and_the_file_is_not_confirmed(ours_first: bool) -> None:
    ours, others = file_of(APPROVED), strange(file_of(APPROVED))
    outcome, said = converse(
        APPROVED, heard(APPROVED, 0), results(ours + others if ours_first else others + b"\r\n" + ours)
    )
    assert len(said) == 2
    assert outcome.answer is Word.REVIEWED
    assert outcome.attention is Attention.OPERATOR
    assert outcome.document is not None
    for source in outcome.sources.values():  # spans count in the whole file
        assert outcome.document[source.start : source.end].strip() or source.start == source.end
    span = outcome.sources["/lines/0/authorization_number"]
    assert outcome.document[span.start : span.end].decode() == outcome.lines[0].authorization_number


def test_a_file_of_others_alone_says_nothing_of_ours_and_calls_an_operator() -> None:
    outcome, said = converse(APPROVED, heard(APPROVED, 0), results(strange(file_of(APPROVED))))
    assert len(said) == 2
    assert (outcome.answer, outcome.attention) == (Word.UNAVAILABLE, Attention.OPERATOR)


def dated(document: bytes, day: bytes) -> bytes:
    """The same answer, said on another day."""
    at = document.index(b"BHT*")
    end = document.index(b"~", at)
    stamp = document[at:end].split(b"*")
    stamp[4] = day
    return document[:at] + b"*".join(stamp) + document[end:]


@pytest.mark.proves("BA-09")
def test_of_two_answers_in_one_file_the_later_counts() -> None:
    document = file_of(APPROVED)
    later = dated(document, b"20270101").replace(b"HCR*A1*GLDA0000001", b"HCR*A1*GLDA0000002")
    for file in (document + later, later + document):
        outcome, _ = converse(APPROVED, heard(APPROVED, 0), results(file))
        assert outcome.lines[0].authorization_number == "GLDA0000002"


@pytest.mark.proves("BA-09")
def test_of_two_answers_of_which_the_later_leaves_open_what_the_earlier_decided_a_person_reads_both() -> None:
    approved = file_of(APPROVED)
    pended = dated(approved, b"20270101").replace(b"HCR*A1*GLDA0000001", b"HCR*A4")
    for file in (approved + pended, pended + approved):
        outcome, said = converse(APPROVED, heard(APPROVED, 0), results(file))
        assert (outcome.answer, outcome.attention) == (Word.UNMAPPED, Attention.OPERATOR)
        assert len(said) == 2, "what nobody has read is not confirmed"
    earlier = dated(pended, b"20260101")
    outcome, said = converse(APPROVED, heard(APPROVED, 0), results(earlier + approved), heard(APPROVED, 2))
    assert outcome.lines[0].authorization_number == "GLDA0000001"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file + b"and then some",
        lambda file: file[:-40],
        lambda file: b"",
        lambda file: b"ISA",
        lambda file: file + file[:60],
    ],
)
def test_a_file_that_breaks_off_is_not_read_and_not_confirmed(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unreadable):
        converse(APPROVED, heard(APPROVED, 0), results(spoil(file_of(APPROVED))))


@pytest.mark.proves("BA-08")
def test_a_file_of_more_than_ten_megabytes_gives_our_answer() -> None:
    ours = file_of(APPROVED)
    others = strange(ours)
    file = others * (11_000_000 // len(others)) + ours
    assert len(file) > 10_000_000
    outcome, _ = converse(APPROVED, heard(APPROVED, 0), results(file))
    assert outcome.answer is Word.REVIEWED
    assert outcome.lines[0].authorization_number == "GLDA0000001"


@pytest.mark.parametrize(("unknown", "answer"), [("open", Word.UNAVAILABLE), ("absent", Word.NOT_FOUND)])
def test_only_a_partner_that_says_so_proves_absence_by_not_knowing(unknown: str, answer: Word) -> None:
    case = case_of("batch_that_nobody_knows")
    to = BENCH.destination(case)
    settings = to.connection_settings
    changed = settings.model_copy(update={"batch": settings.batch.model_copy(update={"unknown": unknown})})  # type: ignore[attr-defined]
    replies = iter([heard(case, 0), heard(case, 1)])
    exchange = open_exchange(case, BENCH.adapter("x12_278"), to.model_copy(update={"connection_settings": changed}))
    assert drive(exchange, lambda _: next(replies)).answer is answer


def test_not_knowing_the_acknowledgement_alone_is_no_word_on_the_batch() -> None:
    case = case_of("batch_that_nobody_knows")
    outcome, _ = converse(APPROVED, heard(case, 0), heard(APPROVED, 1), heard(APPROVED, 2))
    assert outcome.answer is Word.REVIEWED


@pytest.mark.parametrize("file", [REFUSED, ENVELOPE_REFUSED, ENVELOPE_TAKEN + REFUSED, REFUSED + ENVELOPE_REFUSED])
def test_a_refusal_that_gives_no_reason_refuses_the_filing_too(file: bytes) -> None:
    nothing = heard(case_of("batch_nothing_yet"), 0)
    outcome, _ = converse(APPROVED, nothing, results(file))
    assert (outcome.answer, outcome.of_filing) == (Word.REJECTED, True)


@pytest.mark.parametrize("file", [TAKEN + REFUSED, ENVELOPE_REFUSED + TAKEN, ENVELOPE_TAKEN + ENVELOPE_REFUSED])
def test_a_file_that_takes_and_refuses_the_same_is_no_verdict(file: bytes) -> None:
    nothing = heard(case_of("batch_nothing_yet"), 0)
    outcome, _ = converse(APPROVED, nothing, results(file))
    assert (outcome.answer, outcome.of_filing) == (Word.UNMAPPED, False)


def test_an_envelope_that_is_taken_twice_is_taken() -> None:
    nothing = heard(case_of("batch_nothing_yet"), 0)
    outcome, _ = converse(APPROVED, nothing, results(ENVELOPE_TAKEN + TAKEN + TAKEN), Reply(503))
    assert (outcome.answer, outcome.attention) == (Word.RECEIVED, Attention.NONE)


def test_live_data_over_a_test_connection_are_read_and_an_operator_is_called() -> None:
    live = file_of(APPROVED).replace(b"*0*T*", b"*0*P*")
    outcome, said = converse(APPROVED, heard(APPROVED, 0), results(live))
    assert (outcome.answer, outcome.attention) == (Word.REVIEWED, Attention.OPERATOR)
    assert len(said) == 2


def test_an_answer_that_breaks_the_guide_is_read_and_not_confirmed_and_calls_nobody() -> None:
    broken = file_of(APPROVED).replace(b"DTP*102*D8*20261122~", b"DTP*102*D8*20261122*MORE~")
    assert broken != file_of(APPROVED)
    outcome, said = converse(APPROVED, heard(APPROVED, 0), results(broken))
    assert (outcome.answer, outcome.attention) == (Word.REVIEWED, Attention.NONE)
    assert outcome.lines[0].authorization_number == "GLDA0000001"
    assert len(said) == 2


def test_an_answer_that_leaves_open_whether_anything_was_filed_calls_an_operator() -> None:
    head, _, tail = file_of(APPROVED).partition(b"HCR*")
    end = tail[tail.index(b"SE*26*") :].replace(b"SE*26*", b"SE*15*")
    outcome, said = converse(APPROVED, heard(APPROVED, 0), results(head + b"AAA*N**80*N~" + end))
    assert (outcome.answer, outcome.attention) == (Word.UNAVAILABLE, Attention.OPERATOR)
    assert len(said) == 2
