"""What the SCRIPT channel hears: replies that acknowledge, and answers that come by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.script_epa import ADAPTER
from gateway.contract.adapter import Change, ChangeKind
from gateway.contract.destination import Mode
from gateway.contract.drive import drive
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Reply
from gateway.model.outcome import Answer, Outcome, Span
from gateway.model.reasons import NextAction, Word
from gateway.model.status import Attention, LineOutcome
from tests.contract.material import damaged, resolves
from tests.unit.script_material import (
    CANCEL,
    CASE,
    FILED,
    INITIATION,
    LATER,
    MIRRORED,
    REQUEST,
    STAMP,
    TO,
    answer,
    destination,
    error,
    heard,
    message,
    more_wanted,
    opening,
    reply,
    status,
    submitted,
)

APPEAL = (
    "<Appeal><IsEAppealSupported>Y</IsEAppealSupported>"
    "<ExpirationDate><Date>2027-01-31</Date></ExpirationDate></Appeal>"
)
TEST = "<TestMessage>1</TestMessage>"
NUMBER = "<AuthorizationNumber>PA-1</AuthorizationNumber>"
PERIOD = (
    "<AuthorizationPeriod><EffectiveDate><Date>2026-12-01</Date></EffectiveDate>"
    "<ExpirationDate><Date>2027-11-30</Date></ExpirationDate></AuthorizationPeriod>"
)


def decided(status: str, inside: str = "", kind: str = "PAResponse", **over: object) -> Outcome:
    return heard(answer(kind, f"<{status}><PACaseID>{CASE}</PACaseID>{inside}</{status}>", **over))  # type: ignore[arg-type]


def closed(*codes: str, more: str = "", kind: str = "PAInitiationResponse", tag: str = "ReasonCode") -> Outcome:
    return decided("Closed", "".join(f"<{tag}>{code}</{tag}>" for code in codes) + more, kind)


def value_at(outcome: Outcome, pointer: str) -> bytes:
    source = outcome.sources[pointer]
    assert outcome.document is not None
    return outcome.document[source.start : source.end]


@pytest.mark.parametrize("code", ["000", "001", "003", "005", "010"])
def test_a_status_says_that_the_partner_has_it_and_nothing_of_the_case(code: str) -> None:
    outcome = submitted(reply(status(code)))
    assert outcome.answer is Answer.PLACED
    assert (outcome.attention is Attention.OPERATOR) is (code == "005")


@pytest.mark.parametrize("code", [200, 201, 202, 299])
def test_a_status_counts_under_every_http_status_of_success(code: int) -> None:
    assert submitted(reply(status(), code)).answer is Answer.PLACED
    assert submitted(reply(error("900", "2000"), code)).answer is Answer.REJECTED


@pytest.mark.parametrize(
    ("heard", "raised"),
    [
        (reply(status(), 302), MaybeSent),
        (reply(status("002")), MaybeSent),
        (reply(status("777")), MaybeSent),
        (reply(status(relates="another")), MaybeSent),
        (reply(b"<html><body>Welcome</body></html>", kind="text/html"), MaybeSent),
        (reply(b"", 502), MaybeSent),
        (reply(b"", 404), MaybeSent),
        (reply(error("600")), MaybeSent),
        (reply(error("602", "008")), MaybeSent),
        (reply(error("900", "008")), MaybeSent),
        (reply(error("700")), NeedsPerson),
        (reply(b"", 401), NeedsPerson),
        (reply(b"", 429, retry_after="30"), NotSent),
        (reply(opening()), Unreadable),
    ],
)
def test_what_does_not_prove_that_it_was_refused_counts_as_lost(heard: Reply, raised: type[ExchangeError]) -> None:
    with pytest.raises(raised):
        submitted(heard)


@pytest.mark.parametrize("code", [400, 415, 422, 500, 503])
def test_of_a_failure_of_http_only_an_error_is_read(code: int) -> None:
    for body in (status(), status("005"), status(relates=None), opening()):
        for again in (False, True):
            with pytest.raises(MaybeSent):
                submitted(reply(body, code), again=again)
    assert submitted(reply(error("900", "2000"), code)).answer is Answer.REJECTED


@pytest.mark.parametrize("body", [status(more=TEST), error("900", "2000", more=TEST), error("900", "220", more=TEST)])
def test_a_test_message_is_no_reply_over_a_live_connection(body: bytes) -> None:
    def submit(body: bytes, mode: Mode) -> Outcome:
        stamp = STAMP.model_copy(update={"again": True})
        return drive(ADAPTER.submit(REQUEST, destination(mode), stamp), lambda frame: reply(body))

    with pytest.raises(MaybeSent, match="test message"):
        submit(body, Mode.LIVE)
    assert submit(body, Mode.TEST).answer in (Answer.PLACED, Answer.REJECTED)
    assert submit(body.replace(TEST.encode(), b""), Mode.LIVE) is not None


@pytest.mark.parametrize("code", [400, 413, 415, 422])
def test_what_went_again_and_is_refused_unread_may_have_arrived_before(code: int) -> None:
    refused = reply(b"<html>bad</html>", code, "text/html")
    for stamp in (STAMP, STAMP.model_copy(update={"again": True})):
        verbs = (ADAPTER.submit(REQUEST, TO, stamp), ADAPTER.amend(FILED, CANCEL, TO, stamp))
        for exchange in verbs:
            if stamp.again:
                with pytest.raises(Unreadable, match="may have arrived before"):  # lost, and an operator is called
                    drive(exchange, lambda frame: refused)
            else:
                assert drive(exchange, lambda frame: refused).answer in (Answer.REJECTED, Answer.CANCEL_REFUSED)
    assert submitted(reply(error("900", "2000"), code), again=True).answer is Answer.REJECTED


def test_a_refusal_keeps_its_codes() -> None:
    outcome = submitted(reply(error("900", "2000", "9999")))
    assert outcome.answer is Answer.REJECTED
    assert [(reason.word, reason.code) for reason in outcome.reasons] == [
        (Word.INCONSISTENT_ANSWERS, "2000"),
        (Word.UNMAPPED, "9999"),
    ]
    assert value_at(outcome, "/reasons/0") == b"<DescriptionCode>2000</DescriptionCode>"
    assert submitted(reply(b"", 415)).answer is Answer.REJECTED
    refused = drive(ADAPTER.amend(FILED, CANCEL, TO, LATER), lambda frame: reply(error("900", "2000", relates=None)))
    assert refused.answer is Answer.CANCEL_REFUSED


def test_a_duplicate_is_what_was_said_again_or_nobody_knows_what() -> None:
    twice = reply(error("900", "220"))
    assert submitted(twice, again=True).answer is Answer.PLACED
    first = submitted(twice)
    assert (first.answer, first.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_who_calls_a_first_sending_a_duplicate_proves_nothing_by_calling_the_next_one_so() -> None:
    doubted = STAMP.model_copy(update={"again": True, "doubted": True})
    twice = drive(ADAPTER.submit(REQUEST, TO, doubted), lambda frame: reply(error("900", "220")))
    assert (twice.answer, twice.attention) == (Answer.UNMAPPED, Attention.OPERATOR)
    assert drive(ADAPTER.submit(REQUEST, TO, doubted), lambda frame: reply(status())).answer is Answer.PLACED


@pytest.mark.parametrize("code", [200, 400, 422, 500])
def test_an_error_that_names_no_message_refuses_nothing_that_may_have_arrived_before(code: int) -> None:
    refused = reply(error("900", "500", relates=None), code)
    assert submitted(refused).answer is Answer.REJECTED
    with pytest.raises(Unreadable, match="may have arrived before"):
        submitted(refused, again=True)
    with pytest.raises(Unreadable, match="may have arrived before"):
        submitted(reply(error("777", relates=None), code), again=True)
    with pytest.raises(MaybeSent):
        submitted(reply(error("600", relates=None), code), again=True)
    assert submitted(reply(error("900", "220", relates=None), code), again=True).answer is Answer.PLACED


def test_an_approval_is_read_with_its_number_and_days_and_their_bytes() -> None:
    outcome = decided(
        "Approved", f"<AuthorizationNumber>PA-1</AuthorizationNumber>{PERIOD}{APPEAL}<PANote>Good.</PANote>"
    )
    [line] = outcome.lines
    assert (line.outcome, line.authorization_number) == (LineOutcome.CERTIFIED, "PA-1")
    assert line.period == Span.model_validate({"start": "2026-12-01", "end": "2027-11-30"})
    assert [(each.kind.value, each.value) for each in outcome.references] == [
        ("review", CASE),
        ("authorization", "PA-1"),
    ]
    assert outcome.attention is Attention.NONE
    assert "Good." in outcome.messages
    assert value_at(outcome, "/lines/0/authorization_number") == b"<AuthorizationNumber>PA-1</AuthorizationNumber>"
    assert value_at(outcome, "/lines/0/outcome").startswith(b"<Approved>")


def test_an_approval_may_have_no_number() -> None:
    outcome = decided("Approved", APPEAL)
    assert (outcome.lines[0].outcome, outcome.lines[0].authorization_number) == (LineOutcome.CERTIFIED, None)
    assert outcome.attention is Attention.NONE


def test_a_partial_denial_is_an_approval_for_less() -> None:
    detail = (
        "<AuthorizationDetail><Quantity><Value>30</Value><CodeListQualifier>38</CodeListQualifier>"
        "<QuantityUnitOfMeasure><Code>C38046</Code></QuantityUnitOfMeasure></Quantity><DaysSupply>15</DaysSupply>"
        "</AuthorizationDetail>"
    )
    outcome = decided(
        "PartiallyDenied", f"<AuthorizationNumber>PA-2</AuthorizationNumber>{detail}{APPEAL}<PANote>Half.</PANote>"
    )
    [line] = outcome.lines
    assert line.outcome is LineOutcome.CERTIFIED_MODIFIED
    assert line.quantity is not None
    assert (str(line.quantity.value), line.quantity.unit) == ("30", "units")
    assert [(reason.word, reason.text) for reason in line.reasons] == [(Word.UNMAPPED, "Half.")]
    assert "DaysSupply: 15" in outcome.messages
    assert outcome.follow_up[0].action is NextAction.APPEAL


def test_several_limits_are_left_to_a_person() -> None:
    detail = "<AuthorizationDetail><PharmacyType>{}</PharmacyType><DaysSupply>{}</DaysSupply></AuthorizationDetail>"
    outcome = decided("PartiallyDenied", detail.format("R", 30) + detail.format("M", 90))
    assert outcome.lines[0].quantity is None
    assert outcome.attention is Attention.OPERATOR


def test_a_denial_has_the_payers_words_and_no_guess() -> None:
    outcome = decided("Denied", f"{APPEAL}<PANote>Try the other one first.</PANote>")
    [line] = outcome.lines
    assert line.outcome is LineOutcome.NOT_CERTIFIED
    assert [(reason.word, reason.text, reason.code) for reason in line.reasons] == [
        (Word.UNMAPPED, "Try the other one first.", None)
    ]
    [appeal] = outcome.follow_up
    assert (appeal.action, appeal.until, appeal.elsewhere) == (NextAction.APPEAL, date(2027, 1, 31), False)
    assert value_at(outcome, "/follow_up/0/until").startswith(b"<ExpirationDate>")
    assert "An appeal can be filed until 2027-01-31" in outcome.messages
    upheld = decided("Denied", "<PANote>No.</PANote>", "PAAppealResponse")
    assert upheld.lines[0].reasons[0].word is Word.APPEAL_UPHELD


def test_that_no_appeal_is_taken_this_way_is_told_and_suggests_none() -> None:
    outcome = decided("Denied", f"{APPEAL.replace('>Y<', '>N<')}<PANote>Appeal by fax.</PANote>")
    [appeal] = outcome.follow_up
    assert (appeal.until, appeal.elsewhere) == (date(2027, 1, 31), True)
    assert outcome.lines[0].reasons[0].next_action is NextAction.CALL_PAYER
    granted = decided("Approved", f"{NUMBER}{PERIOD}{APPEAL}")
    assert (granted.follow_up, "/follow_up/0/until" in granted.sources) == ((), False)


def test_in_process_says_when() -> None:
    outcome = decided("InProcess", "<ExpectedResponseDate><Date>2026-11-27</Date></ExpectedResponseDate>")
    assert (outcome.lines[0].outcome, outcome.final) == (LineOutcome.PENDING, False)
    assert outcome.messages == ("The payer expects to answer by 2026-11-27",)
    assert outcome.expected_by == datetime(2026, 11, 28, 3, 59, 59, tzinfo=UTC)
    assert value_at(outcome, "/expected_by").startswith(b"<ExpectedResponseDate>")
    unreadable = decided("InProcess", "<ExpectedResponseDate><Date>soon</Date></ExpectedResponseDate>")
    assert (unreadable.expected_by, unreadable.attention) == (None, Attention.OPERATOR)
    assert "/expected_by" not in unreadable.sources


CLOSURES = {
    "CC": (Answer.REVIEWED, LineOutcome.NOT_REQUIRED),
    "FN": (Answer.REVIEWED, LineOutcome.NOT_REQUIRED),
    "FO": (Answer.REVIEWED, LineOutcome.NOT_REQUIRED),
    "FP": (Answer.REVIEWED, LineOutcome.NOT_REQUIRED),
    "CF": (Answer.REVIEWED, LineOutcome.CERTIFIED),
    "FQ": (Answer.REVIEWED, LineOutcome.CERTIFIED),
    "CG": (Answer.REVIEWED, LineOutcome.PENDING),
    "CY": (Answer.REVIEWED, LineOutcome.NOT_CERTIFIED),
    **dict.fromkeys(
        ("FM", "CD", "CE", "CP", "CO", "BX", "FL", "FR", "CH", "CJ", "CK", "CL", "CM", "CN", "BY"),
        (Answer.CLOSED, None),
    ),
    "ZZ": (Answer.UNMAPPED, None),
}


@pytest.mark.parametrize("code", sorted(CLOSURES))
def test_closed_is_what_its_code_says(code: str) -> None:
    for kind, tag in (("PAInitiationResponse", "ReasonCode"), ("PAResponse", "ClosedReasonCode")):
        outcome = closed(code, kind=kind, tag=tag)
        line = outcome.lines[0].outcome if outcome.lines else None
        assert (outcome.answer, line) == CLOSURES[code]
        reasons = outcome.lines[0].reasons if outcome.lines else outcome.reasons
        assert [reason.code for reason in reasons] == [code]


def test_what_is_needed_up_to_a_limit_is_left_to_the_practice() -> None:
    outcome = closed("FO", more="<AuthorizationDetail><Quantity>30</Quantity></AuthorizationDetail>")
    assert outcome.attention is Attention.PROVIDER
    assert "Quantity: 30" in outcome.messages


def test_an_authorization_that_there_is_has_its_number_and_may_be_for_less() -> None:
    number = "<AuthorizationNumber>OLD-1</AuthorizationNumber>"
    assert closed("CF", more=number).lines[0].authorization_number == "OLD-1"
    limited = closed("CF", more=f"{number}<AuthorizationDetail><DaysSupply>30</DaysSupply></AuthorizationDetail>")
    assert limited.lines[0].outcome is LineOutcome.CERTIFIED_MODIFIED


def test_codes_that_do_not_come_to_one_thing_call_a_person() -> None:
    assert closed("CC", "FN").lines[0].outcome is LineOutcome.NOT_REQUIRED
    for codes in (("CC", "CD"), ("CF", "ZZ"), ()):
        outcome = closed(*codes)
        assert (outcome.answer, outcome.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_the_wrong_payer_names_the_right_one() -> None:
    named = (
        "<PAProcessor><PayerIdentification><ProcessorIdentificationNumber>OTHER</ProcessorIdentificationNumber>"
        "<IINNumber>600428</IINNumber></PayerIdentification><PayerName>Other Rx</PayerName></PAProcessor>"
    )
    outcome = closed("CP", more=named)
    [step] = outcome.follow_up
    assert (step.action, step.code, step.code_system) == (NextAction.REROUTE, "600428/OTHER/", "bin/pcn/group")
    assert "PayerName: Other Rx" in outcome.messages


def test_a_cancellation_is_granted_or_refused_with_its_code() -> None:
    granted = heard(answer("PACancelResponse", "<Approved/>", mirrored=""), CANCEL)
    assert granted.answer is Answer.CANCELLED
    refused = heard(answer("PACancelResponse", "<Denied><ReasonCode>CB</ReasonCode></Denied>", mirrored=""), CANCEL)
    assert refused.answer is Answer.CANCEL_REFUSED
    assert (refused.reasons[0].word, refused.reasons[0].code) == (Word.UNTIMELY, "CB")


def test_of_two_days_where_one_may_stand_none_counts() -> None:
    days = "<EffectiveDate><Date>2026-12-01</Date><Date>2026-12-20</Date></EffectiveDate>"
    outcome = decided("Approved", f"<AuthorizationPeriod>{days}</AuthorizationPeriod>")
    assert (outcome.lines[0].period, outcome.attention) == (None, Attention.OPERATOR)
    assert outcome.attention_why == "the payer's answer has several EffectiveDate, and they are not alike"
    expected = (
        "<ExpectedResponseDate><Date>2026-11-27</Date><DateTime>2026-12-27T00:00:00Z</DateTime></ExpectedResponseDate>"
    )
    waiting = decided("InProcess", expected)
    assert (waiting.expected_by, waiting.attention) == (None, Attention.OPERATOR)
    born = MIRRORED.replace("<Date>1961-04-12</Date>", "<Date>1961-04-12</Date><Date>1971-04-12</Date>")
    assert decided("Approved", mirrored=born).attention is Attention.OPERATOR


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("<Denied><ReasonCode>CB</ReasonCode><ReasonCode>BZ</ReasonCode></Denied>", "ReasonCode"),
        ("<Approved><PANote>Done.</PANote><PANote>Not yet.</PANote></Approved>", "PANote"),
    ],
)
def test_of_two_words_on_a_cancellation_nobody_knows_which_counts(status: str, word: str) -> None:
    outcome = heard(answer("PACancelResponse", status, mirrored=""), CANCEL)
    assert (outcome.attention, outcome.attention_why) == (
        Attention.OPERATOR,
        f"the payer's answer has several {word}, and they are not alike",
    )


@pytest.mark.parametrize(
    "mirrored",
    [
        MIRRORED.replace("1961-04-12", "1961-04-13"),
        MIRRORED.replace("TESTPERSON", "OTHERPERSON"),
        MIRRORED.replace("00003012345", "00003099999"),
    ],
)
def test_an_answer_about_somebody_or_something_else_is_nobodys(mirrored: str) -> None:
    outcome = decided("Approved", "<AuthorizationNumber>PA-1</AuthorizationNumber>", mirrored=mirrored)
    assert (outcome.answer, outcome.lines) == (Answer.UNMAPPED, ())
    assert outcome.attention is Attention.OPERATOR


def test_two_words_in_one_answer_are_none() -> None:
    both = "<Approved><PACaseID>1</PACaseID></Approved><Denied><PACaseID>1</PACaseID></Denied>"
    assert heard(answer("PAResponse", both)).answer is Answer.UNMAPPED
    assert decided("InProcess", kind="PAAppealResponse").answer is Answer.UNMAPPED


def test_an_error_that_comes_later_refuses_what_it_is_about() -> None:
    late = error("900", "4000", own="E1")
    assert heard(late).answer is Answer.REJECTED
    assert heard(late, CANCEL).answer is Answer.CANCEL_REFUSED
    assert heard(error("900", "220")).answer is Answer.UNMAPPED


SAMPLES = (
    opening(),
    more_wanted(),
    answer(
        "PAResponse",
        f"<Approved><PACaseID>1</PACaseID>{NUMBER}{PERIOD}</Approved>",
    ),
    answer("PAResponse", "<Denied><PACaseID>1</PACaseID><PANote>No</PANote></Denied>"),
    answer("PAInitiationResponse", "<Closed><ReasonCode>CP</ReasonCode></Closed>"),
    status(),
    error("900", "2000"),
    INITIATION,
    message("<GetMessage/>"),
)


@settings(max_examples=2 * settings().max_examples)
@given(st.data())
def test_any_bytes_are_an_outcome_or_unreadable(data: st.DataObject) -> None:
    body = data.draw(st.binary(max_size=300) | st.sampled_from(SAMPLES).flatmap(damaged))
    work = data.draw(st.sampled_from((None, CANCEL, Change(kind=ChangeKind.APPEAL))))
    try:
        outcome = heard(body, work)
    except Unreadable:
        return
    check(outcome)


@settings(max_examples=2 * settings().max_examples)
@given(st.data())
def test_any_reply_is_an_outcome_or_one_of_the_five_errors(data: st.DataObject) -> None:
    body = data.draw(st.binary(max_size=300) | st.sampled_from(SAMPLES).flatmap(damaged))
    code = data.draw(st.sampled_from((200, 200, 200, 202, 400, 401, 500)))
    try:
        outcome = submitted(reply(body, code), again=data.draw(st.booleans()))
    except ExchangeError:
        return
    check(outcome)


def check(outcome: Outcome) -> None:
    value = outcome.model_dump(mode="json", round_trip=True)
    assert Outcome.model_validate(value) == outcome.model_copy(update={"document": None})
    for pointer, source in outcome.sources.items():
        assert resolves(pointer, value), pointer
        assert outcome.document is not None
        assert 0 <= source.start < source.end <= len(outcome.document)
