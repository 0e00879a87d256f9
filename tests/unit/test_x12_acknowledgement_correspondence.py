"""Whatever comes back belongs to one message that was sent, or is quarantined with the reason; in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278.acknowledgement.arrived import Arrival, arrivals_in
from adapters.x12_278.acknowledgement.correspondence import WITHIN, place
from adapters.x12_278.acknowledgement.findings import Basis, Known, Match, Novelty, Place, Quarantined, Reason
from adapters.x12_278.acknowledgement.sent import Sent, sent_in

COMPANY = "1999999999"


def interchange(
    *groups: str,
    sender: str = "PAYERGW",
    receiver: str = "EVERGREEN",
    number: int = 17,
    day: str = "261124",
    time: str = "1004",
) -> bytes:
    head = f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15}*ZZ*{receiver:15}*{day}*{time}*^*00501*{number:09d}*0*T*:~"
    count = sum(group.startswith("GS") for group in groups)
    return f"{head}{''.join(groups)}IEA*{count}*{number:09d}~".encode()


def group(*bodies: str, kind: str = "HI", guide: str = "005010X217", number: int = 17) -> str:
    """Each body is a transaction without its envelope, led by its ST01 and ST02."""
    inside = []
    for body in bodies:
        head, _, rest = body.partition("~")
        count = rest.count("~") + 2
        inside.append(f"ST*{head}*{guide}~{rest}SE*{count}*{head.split('*')[1]}~")
    return f"GS*{kind}*A1*B1*20261124*1004*{number}*X*{guide}~{''.join(inside)}GE*{len(bodies)}*{number}~"


def asks(reference: str = "REF17", *traces: str, control: str = "0001", purpose: str = "13") -> str:
    lines = "".join(f"TRN*1*{trace}*{COMPANY}~" for trace in traces)
    return f"278*{control}~BHT*0007*{purpose}*{reference}*20261124*1004~{lines}"


def answers(reference: str, *traces: str, purpose: str = "11", company: str = COMPANY) -> str:
    lines = "".join(f"TRN*2*{trace}*{company}~" for trace in traces)
    return f"278*0001~BHT*0007*{purpose}*{reference}*20261125*0900*18~{lines}"


def acknowledges(number: int = 17, *told: str, kind: str = "HI", guide: str = "005010X217") -> str:
    lines = "".join(f"AK2*{each}~IK5*A~" for each in told or ("278*0001*005010X217",))
    body = f"999*0001~AK1*{kind}*{number}*{guide}~{lines}AK9*A*1*1*1~"
    return group(body, kind="FA", guide="005010X231A1", number=90)


def sent(key: str = "a", *groups: str, **over: Any) -> Sent:
    document = interchange(*(groups or (group(asks("REF17", "TRACE17")),)), **over)
    return sent_in(document, key)[0]


def came(*groups: str, number: int = 501, day: str = "261125", **over: str) -> Arrival:
    parties = {"sender": "EVERGREEN", "receiver": "PAYERGW"} | over
    return arrivals_in(interchange(*groups, number=number, day=day, **parties))[0]


def ta1(number: int = 17, day: str = "261124", time: str = "1004") -> str:
    return f"TA1*{number:09d}*{day}*{time}*A*000~"


def found(arrival: Arrival, *known: Sent) -> list[tuple[Place, Basis] | Reason]:
    return [
        (finding.place, finding.by) if isinstance(finding, Match) else finding.reason
        for finding in place(arrival, Known(known)).findings
    ]


THE_GROUP = (Place("a", 0), Basis.CONTROL)
THE_REQUEST = (Place("a", 0, 0), Basis.CONTROL)


def test_a_ta1_belongs_to_the_interchange_of_its_number_and_day() -> None:
    assert found(came(ta1()), sent()) == [(Place("a"), Basis.CONTROL)]
    assert found(came(ta1(18)), sent()) == [Reason.UNKNOWN]
    assert found(came(ta1(day="261123")), sent()) == [Reason.OTHER_DAY]


def test_a_999_belongs_to_its_group_and_each_verdict_to_its_transaction() -> None:
    both = sent("a", group(asks("REF1"), asks("REF2", control="0002")))
    answer = came(acknowledges(17, "278*0002", "278*1*005010X217E1"))
    assert found(answer, both) == [THE_GROUP, (Place("a", 0, 1), Basis.CONTROL), THE_REQUEST]


def test_interchanges_of_one_document_are_told_apart() -> None:
    one, two = interchange(group(asks("REF17"))), interchange(group(asks("REF18"), number=18), number=18)
    both = sent_in(one + two, "a")
    assert found(came(ta1(18), acknowledges(18)), *both) == [
        (Place("a", interchange=1), Basis.CONTROL),
        (Place("a", 0, interchange=1), Basis.CONTROL),
        (Place("a", 0, 0, interchange=1), Basis.CONTROL),
    ]
    again = sent_in(one + one.replace(b"*1004*^", b"*1005*^"), "a")
    finding = place(came(acknowledges()), Known(again)).findings[0]
    assert isinstance(finding, Quarantined)
    assert len(finding.candidates) == 2


def test_a_thousand_verdicts_are_found_in_no_time_to_speak_of() -> None:
    controls = [f"{count:05d}" for count in range(1, 3001)]
    whole = sent("a", group(*(asks(f"R{control}", control=control) for control in controls)))
    answer = came(acknowledges(17, *(f"278*{control}" for control in controls)))
    start = process_time()
    assert len({finding for finding in found(answer, whole) if isinstance(finding, tuple)}) == 3001
    assert process_time() - start < 5


def test_numbers_are_compared_as_numbers_and_parties_whichever_way_they_stand() -> None:
    assert found(came(acknowledges(17).replace("*17*", "*00017*")), sent()) == [THE_GROUP, THE_REQUEST]
    assert found(came(acknowledges(), sender="payergw", receiver="EVERGREEN"), sent()) == [THE_GROUP, THE_REQUEST]


def test_the_same_number_between_other_parties_is_another() -> None:
    answer = came(acknowledges(), sender="BLUESKY")
    assert found(answer, sent()) == [Reason.UNKNOWN] * 2
    other = sent("b", receiver="BLUESKY")
    assert found(answer, sent(), other) == [(Place("b", 0), Basis.CONTROL), (Place("b", 0, 0), Basis.CONTROL)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (acknowledges(17, kind="HS", guide="005010X279A1"), [Reason.OTHER_KIND, Reason.OTHER_KIND]),
        (acknowledges(17, guide="005010X215"), [Reason.OTHER_KIND, Reason.OTHER_KIND]),
        (acknowledges(17, "270*0001"), [THE_GROUP, Reason.OTHER_KIND]),
        (acknowledges(17, "278*0009"), [THE_GROUP, Reason.UNKNOWN]),
        (acknowledges(17, "278*0001*005010X215"), [THE_GROUP, Reason.OTHER_KIND]),
        (acknowledges(17, guide="005010"), [THE_GROUP, THE_REQUEST]),
    ],
)
def test_a_999_of_another_kind_is_not_ours(answer: str, expected: list[object]) -> None:
    assert found(came(answer), sent()) == expected


def test_two_messages_of_one_number_are_never_one_match() -> None:
    twice = (sent("a", day="261124"), sent("b", day="261123"))
    assert found(came(acknowledges()), *twice) == [Reason.AMBIGUOUS] * 2
    finding = place(came(acknowledges()), Known(twice)).findings[0]
    assert isinstance(finding, Quarantined)
    assert finding.candidates == (Place("a", 0), Place("b", 0))


def test_numbers_that_began_again_are_told_apart_by_the_day() -> None:
    old, new = sent("old", day="251101"), sent("a", day="261124")
    assert found(came(acknowledges()), old, new) == [THE_GROUP, THE_REQUEST]
    assert found(came(acknowledges(), day="251102"), old, new)[0] == (Place("old", 0), Basis.CONTROL)
    assert found(came(ta1()), old, new) == [(Place("a"), Basis.CONTROL)]
    assert found(came(acknowledges(), day="251001"), old, new) == [Reason.SENT_LATER] * 2


def test_two_interchanges_of_one_day_are_told_apart_by_the_time_of_a_ta1() -> None:
    early, late = sent("a", time="1004"), sent("b", time="1005")
    assert found(came(ta1()), early, late) == [(Place("a"), Basis.CONTROL)]
    assert found(came(ta1(time="1006")), early, late) == [Reason.AMBIGUOUS]


def test_of_two_groups_of_one_number_a_999_means_the_one_that_holds_what_it_names() -> None:
    one, two = sent("a"), sent("b", group(asks(control="0002")), day="261123")
    assert found(came(acknowledges()), one, two) == [THE_GROUP, THE_REQUEST]


def test_an_answer_belongs_to_the_request_of_its_trace_before_its_reference() -> None:
    one, two = sent("a"), sent("b", group(asks("REF18", "TRACE18"), number=18), number=18)
    by_trace = (Place("a", 0, 0), Basis.TRACE)
    assert found(came(group(answers("REF17", "TRACE17"))), one, two) == [by_trace]
    assert found(came(group(answers("THEIRS", "TRACE17"))), one, two) == [by_trace]
    assert found(came(group(answers("REF17"))), one, two) == [(Place("a", 0, 0), Basis.REFERENCE)]
    assert found(came(group(answers("REF17", "THEIRS", company="1888888888"))), one, two)[0] == (
        Place("a", 0, 0),
        Basis.REFERENCE,
    )
    assert found(came(group(answers("THEIRS", "THEIRS"))), one, two) == [Reason.UNKNOWN]


def test_an_answer_that_names_two_of_our_messages_is_nobodys() -> None:
    one, two = sent("a"), sent("b", group(asks("REF18", "TRACE18"), number=18), number=18)
    assert found(came(group(answers("REF18", "TRACE17"))), one, two) == [Reason.CONTRADICTION]
    assert found(came(group(answers("X", "TRACE17", "TRACE18"))), one, two) == [Reason.SEVERAL]
    assert found(came(group(answers("REF17", "TRACE17", "TRACE18"))), one, two) == [Reason.SEVERAL]
    assert found(came(group(answers("REF17", "TRACE99"))), one, two) == [Reason.CONTRADICTION]


def test_between_messages_of_one_case_the_reference_decides_and_never_between_cases() -> None:
    filing = replace(sent("a"), case="one")
    cancel = replace(sent("b", group(asks("REF18", "TRACE18"), number=18), number=18), case="one")
    other = replace(sent("c", group(asks("REF18", "TRACE17"), number=19), number=19), case="two")
    both = came(group(answers("REF18", "TRACE17", "TRACE18")))
    assert found(both, filing, cancel) == [(Place("b", 0, 0), Basis.TRACE)]
    assert found(both, filing, replace(cancel, case="two")) == [Reason.SEVERAL]
    assert found(both, filing, cancel, other) == [(Place("b", 0, 0), Basis.TRACE)], "it sent only one of the traces"


def test_a_trace_of_somebody_elses_is_not_ours() -> None:
    assert found(came(group(answers("X", "TRACE17", company="1888888888"))), sent()) == [Reason.UNKNOWN]
    assert found(came(group(answers("X", "TRACE17", company=""))), sent()) == [(Place("a", 0, 0), Basis.TRACE)]


def test_a_reference_of_ours_from_another_party_is_not_enough() -> None:
    assert found(came(group(answers("REF17")), sender="BLUESKY"), sent()) == [Reason.OTHER_PARTIES]
    assert found(came(group(answers("X", "TRACE17")), sender="BLUESKY"), sent()) == [(Place("a", 0, 0), Basis.TRACE)]


def test_an_inquiry_is_answered_by_its_own_names_and_not_by_those_of_the_filing() -> None:
    inquiry = sent("q", group(asks("REFQ", "TRACEQ", purpose="28"), guide="005010X215", number=18), number=18)
    answer = group(answers("REFQ", "TRACE17", purpose="49"), guide="005010X215")
    assert found(came(answer), sent(), inquiry) == [(Place("q", 0, 0), Basis.REFERENCE)]
    only_trace = group(answers("THEIRS", "TRACE17", purpose="49"), guide="005010X215")
    assert found(came(only_trace), sent(), inquiry) == [(Place("a", 0, 0), Basis.TRACE)]


def test_a_notification_is_about_the_request_whose_trace_it_has() -> None:
    notice = group(answers("THEIRS", "TRACE17", purpose="14"), guide="005010X216")
    assert found(came(notice), sent()) == [(Place("a", 0, 0), Basis.TRACE)]
    assert found(came(group(answers("THEIRS", purpose="14"), guide="005010X216")), sent()) == [Reason.UNKNOWN]


def test_what_asks_is_no_answer() -> None:
    assert found(came(group(asks("REF17", "TRACE17"))), sent()) == [Reason.NO_ANSWER]
    assert found(came(group("275*0001~BGN*02*REF17*20261125~", kind="PI", guide="006020X316")), sent()) == [
        Reason.NO_ANSWER
    ]


def test_an_answer_belongs_to_no_answer_that_was_sent() -> None:
    theirs = sent("b", group(answers("REF17", "TRACE17"), number=18), number=18)
    assert found(came(group(answers("REF17", "TRACE17"))), theirs) == [Reason.UNKNOWN]
    assert found(came(group(answers("REF17", "TRACE17"))), theirs, sent()) == [(Place("a", 0, 0), Basis.TRACE)]


def test_an_answer_under_the_guide_of_a_notice_is_known_by_its_trace() -> None:
    answer = group(answers("REF17", "TRACE17"), guide="005010X216")
    assert found(came(answer), sent()) == [(Place("a", 0, 0), Basis.TRACE)]


def advice(oti: str, *behind: str) -> str:
    body = "".join(f"{each}~" for each in (f"OTI*{oti}", *behind))
    return group(f"824*0001~BGN*11*THEIRS*20261125~{body}", kind="AG", guide="005010X186A1")


@pytest.mark.parametrize(
    ("oti", "behind", "expected"),
    [
        ("TR*TN*REF17*A1*B1*20261124*1004*17*0001*278*005010X217", [], THE_REQUEST),
        ("TR*TN*NA*****17*0001", [], THE_REQUEST),
        ("TR*TN*REF17", [], (Place("a", 0, 0), Basis.REFERENCE)),
        ("TR*TN*NA", ["REF*2I*TRACE17"], (Place("a", 0, 0), Basis.TRACE)),
        ("TR*TN*NA", [], Reason.UNKNOWN),
        ("TR*TN*REF18*****17*0001", [], Reason.CONTRADICTION),
        ("TR*TN*NA*****17*0001*270", [], Reason.UNKNOWN),
        ("TR*TN*NA*****99*0001", ["REF*2I*TRACE17"], (Place("a", 0, 0), Basis.TRACE)),
    ],
)
def test_an_824_belongs_to_the_transaction_it_names(oti: str, behind: list[str], expected: object) -> None:
    two = sent("b", group(asks("REF18", "TRACE18"), number=18), number=18)
    assert found(came(advice(oti, *behind)), sent(), two) == [expected]


def test_the_same_bytes_again_are_told_from_the_same_number_again() -> None:
    first = came(acknowledges())
    known = Known((sent(),), (first.seen,))
    assert place(first, Known((sent(),))).novelty is Novelty.FIRST
    assert place(came(acknowledges()), known).novelty is Novelty.REPEATED
    other = place(came(acknowledges().replace("IK5*A", "IK5*E")), known)
    assert other.novelty is Novelty.NUMBER_REUSED
    assert isinstance(other.findings[1], Match)
    assert place(came(acknowledges(), number=502), known).novelty is Novelty.FIRST
    assert place(came(acknowledges(), sender="BLUESKY"), known).novelty is Novelty.FIRST
    assert place(came(acknowledges(), day="280101"), known).novelty is Novelty.FIRST


def test_a_number_is_the_same_only_within_some_days() -> None:
    assert WITHIN == 30
    known = Known((), (came(acknowledges(), day="261125").seen,))
    assert place(came(acknowledges(), day="261225"), known).novelty is Novelty.NUMBER_REUSED
    assert place(came(acknowledges(), day="261226"), known).novelty is Novelty.FIRST


def test_nothing_that_names_a_patient_shows_when_it_is_printed() -> None:
    arrival = came(group(answers("SECRET", "SECRET")))
    message = sent("a", group(asks("SECRET", "SECRET")))
    assert "SECRET" not in repr((arrival, arrival.keys(), message, message.keys()))


MESSAGES = [
    sent(str(number), group(asks(f"REF{number}", f"TRACE{number}"), number=number), number=number)
    for number in range(1, 9)
]
REPLIES = [
    came(each, number=600 + count)
    for count, each in enumerate(
        each
        for number in range(1, 10)
        for each in (
            ta1(number),
            acknowledges(number),
            group(answers(f"REF{number}", f"TRACE{number}")),
            group(answers(f"REF{number}")),
            advice(f"TR*TN*REF{number}*****{number}*0001"),
        )
    )
]


def outcomes(arrivals: Sequence[Arrival], sent_: Sequence[Sent]) -> dict[str, object]:
    return {arrival.seen.digest: place(arrival, Known(tuple(sent_))).findings for arrival in arrivals}


@given(st.permutations(MESSAGES), st.permutations(REPLIES))
def test_in_whatever_order_they_come_each_belongs_to_the_same(order: list[Sent], replies: list[Arrival]) -> None:
    assert outcomes(replies, order) == outcomes(REPLIES, MESSAGES)
    for reply in replies:
        for finding in place(reply, Known(tuple(order))).findings:
            number = (int(reply.seen.control) - 600) // 5 + 1
            if number <= len(MESSAGES):
                assert isinstance(finding, Match)
                assert finding.place.key == str(number)
            else:
                assert isinstance(finding, Quarantined)
                assert (finding.reason, finding.candidates) == (Reason.UNKNOWN, ())


@given(st.data())
def test_what_a_store_finds_under_the_keys_is_all_that_is_needed(data: st.DataObject) -> None:
    numbers = st.integers(1, 3)
    days = st.sampled_from(["251101", "261123", "261124", "261201"])
    parties = st.sampled_from(["EVERGREEN", "BLUESKY"])
    messages = []
    for count in range(data.draw(st.integers(0, 6))):
        number = data.draw(numbers)
        body = asks(f"REF{data.draw(numbers)}", f"TRACE{data.draw(numbers)}")
        inner = group(body, number=number)
        messages.append(sent(str(count), inner, number=number, day=data.draw(days), receiver=data.draw(parties)))
    replies = st.sampled_from([reply for reply in REPLIES if int(reply.seen.control) < 615])
    came_before = data.draw(st.lists(replies, max_size=4))
    known = Known(tuple(messages), tuple(each.seen for each in came_before))
    arrival = data.draw(replies)
    placed = place(arrival, known)
    assert placed == place(arrival, known.only(arrival.keys()))
    assert (placed.novelty is Novelty.REPEATED) == (arrival in came_before)
    for finding in placed.findings:
        if isinstance(finding, Quarantined) and finding.reason is Reason.AMBIGUOUS:
            assert len(finding.candidates) > 1


@given(st.permutations(REPLIES[:10]), st.integers(0, 9))
def test_of_duplicates_in_any_order_all_but_the_first_are_repeated(replies: list[Arrival], again: int) -> None:
    known = Known(tuple(MESSAGES))
    seen: list[Novelty] = []
    for reply in (*replies, replies[again]):
        seen.append(place(reply, known).novelty)
        known = Known(known.sent, (*known.seen, reply.seen))
    assert seen == [Novelty.FIRST] * 10 + [Novelty.REPEATED]
