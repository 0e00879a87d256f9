"""What the checker finds is said in TA1, 999 and 824: accepted by the checker itself and by pyx12, and bounded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from adapters.x12_278.acknowledgement.codes import GROUP, TRANSACTION
from adapters.x12_278.acknowledgement.judgement import BEYOND, MOST_CODES, MOST_ELEMENTS, MOST_SEGMENTS
from adapters.x12_278.acknowledgement.reading import Acknowledgements, read_acknowledgements
from adapters.x12_278.acknowledgement.received import received_envelopes
from adapters.x12_278.acknowledgement.segments import segments_of_group
from adapters.x12_278.acknowledgement.told import text_of, write_line
from adapters.x12_278.acknowledgement.verdicts import GroupVerdict, TransactionVerdict
from adapters.x12_278.acknowledgement.writing import Me, Written, numbers_needed, write_acknowledgement
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.faults import Fault, Kind, Report
from adapters.x12_278.segment import Delimiters
from gateway.contract.errors import Unreadable
from tests.unit import guide_opinion
from tests.unit.guide_documents import documents_275, interchange, verdict_999
from tests.unit.test_guides_x12_278 import request
from tests.unit.test_x12_guide_opinion import mutated
from tests.unit.x12_checker import checked, guides, response, told

AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
TEXT = interchange("HI", "005010X217", request())
WRONG_CODE = TEXT.replace("*HS*I*", "*HS*7*")
WRONG_NPI = TEXT.replace("*XX*1234567893", "*XX*1234567890")


def answer(text: str | bytes, me: Me | None = None, beyond: frozenset[int] = BEYOND) -> Written:
    document = text.encode("latin-1") if isinstance(text, str) else text
    report = checked(document)
    return written(report, document, me, beyond)


def written(report: Report, document: bytes, me: Me | None = None, beyond: frozenset[int] = BEYOND) -> Written:
    received = received_envelopes(document)
    numbers = range(71, 71 + numbers_needed(report, received, me, beyond))
    return write_acknowledgement(report, received, me, numbers, AT, beyond)


def read(made: Written) -> tuple[Acknowledgements, ...]:
    return read_acknowledgements(made.document) if made.document else ()


def groups(text: str, beyond: frozenset[int] = BEYOND) -> list[GroupVerdict]:
    return [group for found in read(answer(text, beyond=beyond)) for group in found.groups]


def of(group: GroupVerdict) -> tuple[str, ...]:
    """AK901 to AK904 and the codes behind them."""
    end = group.end
    assert end
    values = (end.verdict, end.announced, end.received, end.taken, *end.codes)
    return tuple(text_of(value) for value in values)


def of_transaction(verdict: TransactionVerdict) -> tuple[str, ...]:
    assert verdict.end
    return (text_of(verdict.end.verdict), *(text_of(code) for code in verdict.end.codes))


def several(*bodies: list[list[str]]) -> str:
    """Requests in one group, with control numbers of their own."""
    inside = []
    for count, body in enumerate(bodies, start=1):
        own = [list(segment) for segment in body]
        own[0][2] = f"{count:04d}"
        inside.append("~\n".join([*map("*".join, own), f"SE*{len(own) + 1}*{count:04d}"]))
    head, rest = TEXT.split("ST*", 1)
    return head + "~\n".join(inside) + f"~\nGE*{len(bodies)}*43~\n" + rest.split("GE*1*43~\n", 1)[1]


def wrong() -> list[list[str]]:
    return [["UM", "HS", "7", *segment[3:]] if segment[0] == "UM" else segment for segment in request()]


def of_one(report: Report, faults: tuple[Fault, ...], own: tuple[Fault, ...] = ()) -> Report:
    """The report with other faults of its one transaction, and of its group."""
    (interchange_,) = report.interchanges
    (group,) = interchange_.groups
    one = replace(group.transactions[0], faults=faults)
    changed = replace(group, transactions=(one,), faults=own)
    return replace(report, faults=(*own, *faults), interchanges=(replace(interchange_, groups=(changed,)),))


def test_an_accepted_group_is_acknowledged_to_its_sender() -> None:
    made = answer(TEXT)
    segments = made.document.decode().split("~")
    assert segments == [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'EVERGREEN':15}*ZZ*{'PAYERGW':15}*261125*0930*^*00501*000000071*0*T*:",
        "GS*FA*EVERGREEN*PAYERGW*20261125*0930*71*X*005010X231A1",
        "ST*999*0001*005010X231A1",
        "AK1*HI*43*005010X217",
        "AK2*278*0001*005010X217",
        "IK5*A",
        "AK9*A*1*1*1",
        "SE*6*0001",
        "GE*1*71",
        "IEA*1*000000071",
        "",
    ]
    assert made.untold == ()


def test_who_we_are_stands_in_place_of_the_receiver_that_was_named() -> None:
    made = answer(TEXT, Me(qualifier="30", identifier="NETWORK", application="NETAPP"))
    assert b"*30*NETWORK        *ZZ*PAYERGW        *" in made.document
    assert b"~GS*FA*NETAPP*PAYERGW*" in made.document


def test_a_fault_of_an_element_is_told_with_its_place() -> None:
    (group,) = groups(WRONG_CODE)
    (transaction,) = group.transactions
    (segment,) = transaction.segments
    assert [text_of(each) for each in (segment.tag, segment.ordinal, segment.loop, *segment.codes)] == [
        "UM",
        "11",
        "2000E",
        "8",
    ]
    (element,) = segment.elements
    assert element.position
    assert [text_of(each) for each in (element.position.element, element.number, element.code)] == ["2", "1322", "7"]
    assert element.copy is None
    assert text_of(segment.contexts[0].subjects[0].value) == "SIMCASE01"
    assert of_transaction(transaction) == ("R", "I5")
    assert of(group) == ("R", "1", "1", "0")


def test_faults_of_one_segment_are_told_under_one_ik3() -> None:
    text = WRONG_CODE.replace("*HS*7*1*", "*QQ*7*1*")
    (segment,) = groups(text)[0].transactions[0].segments
    assert [text_of(each.code) for each in segment.elements] == ["7", "7"]


@pytest.mark.parametrize(
    ("bodies", "expected", "words"),
    [
        ([request(), request()], ("A", "2", "2", "2"), ["A", "A"]),
        ([request(), wrong()], ("P", "2", "2", "1"), ["A", "R"]),
        ([wrong(), wrong()], ("R", "2", "2", "0"), ["R", "R"]),
    ],
)
def test_a_group_is_taken_wholly_partly_or_not_at_all(
    bodies: list[list[list[str]]], expected: tuple[str, ...], words: list[str]
) -> None:
    (group,) = groups(several(*bodies))
    assert of(group) == expected
    assert [of_transaction(each)[0] for each in group.transactions] == words


def test_what_only_warns_is_taken_with_errors() -> None:
    document = WRONG_CODE.encode()
    report = checked(document)
    lenient = of_one(report, tuple(replace(fault, refuses=False) for fault in report.faults))
    (verdict,) = read(written(lenient, document))[0].groups
    assert of_transaction(verdict.transactions[0]) == ("E", "I5")
    assert of(verdict) == ("E", "1", "1", "1")


def test_a_group_with_a_fault_of_its_own_is_refused_with_all_in_it() -> None:
    (group,) = groups(TEXT.replace("GE*1*43", "GE*7*43"))
    assert (of(group), group.transactions) == (("R", "7", "1", "0", "5"), ())


def test_each_group_has_a_999_of_its_own() -> None:
    head, rest = TEXT.split("GS*", 1)
    group, end = rest.split("IEA*", 1)
    text = f"{head}GS*{group}GS*{group.replace('*1004*43*', '*1004*44*').replace('GE*1*43', 'GE*1*44')}IEA*2{end[1:]}"
    assert [text_of(each.control) for each in groups(text)] == ["43", "44"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT.replace("*0*T*:", "*1*T*:"), ("A", "000")),
        (TEXT.replace("IEA*1*000000043", "IEA*1*000000044"), ("R", "001")),
        (TEXT.replace("IEA*1*", "IEA*3*"), ("R", "021")),
        (TEXT.replace("IEA*1*000000043~\n", ""), ("R", "023")),
        (TEXT.replace("*00501*", "*00401*"), ("R", "017")),
        (TEXT.replace("*1004*43*X", "*1004*4X*X"), ("R", "024")),
    ],
)
def test_an_interchange_is_answered_where_it_asks_or_is_wrong(text: str, expected: tuple[str, str]) -> None:
    found = read(answer(text))[0]
    (ta1,) = found.interchanges
    assert (text_of(ta1.verdict), text_of(ta1.note)) == expected
    assert [text_of(each) for each in (ta1.control, ta1.date, ta1.time)] == ["000000043", "261124", "1004"]
    assert len(found.groups) == (expected[0] == "A")
    assert found.oddities == ()


def test_a_day_that_is_none_cannot_be_repeated() -> None:
    made = answer(TEXT.replace("*261124*", "*261324*"))
    (ta1,) = read(made)[0].interchanges
    assert (text_of(ta1.note), text_of(ta1.date)) == ("014", "261125")
    assert any("ISA09" in says for says in made.untold)


def test_the_second_interchange_of_a_control_number_is_refused() -> None:
    first, second = read(answer(TEXT + TEXT))
    assert (first.interchanges, len(first.groups)) == ((), 1)
    assert text_of(second.interchanges[0].note) == "025"


def test_a_rule_is_told_in_an_824_and_not_in_the_999() -> None:
    made = answer(WRONG_NPI)
    syntax, advice = read(made)
    assert of(syntax.groups[0]) == ("A", "1", "1", "1")
    (advised,) = advice.advices[0].verdicts
    values = (advised.verdict, advised.reference, advised.group, advised.control, advised.transaction)
    assert [text_of(value) for value in values] == ["TR", "SUB0001", "43", "0001", "278"]
    (fault,) = advised.faults
    assert (text_of(fault.tag), text_of(fault.ordinal)) == ("NM1", "6")
    says = " ".join(text_of(note.text) for note in fault.notes)
    assert says == checked(WRONG_NPI).faults[0].says
    assert (syntax.oddities, advice.oddities) == ((), ())


def test_who_reads_no_824_is_told_all_in_the_999() -> None:
    (group,) = groups(WRONG_NPI, beyond=frozenset())
    assert of(group) == ("R", "1", "1", "0")
    assert len(read(answer(WRONG_NPI, beyond=frozenset()))) == 1


def test_documents_have_an_824_of_their_own_guide() -> None:
    body = [["TRN", "1", *segment[2:]] if segment[0] == "TRN" else segment for segment in documents_275()]
    made = answer(interchange("PI", "006020X316", body))
    assert b"~GS*AG*EVERGREEN*PAYERGW*20261125*0930*72*X*006020X257~" in made.document
    assert told(checked(made.document)) == []


def test_nobody_acknowledges_an_acknowledgement() -> None:
    assert answer(interchange("FA", "005010X231A1", verdict_999())) == Written(b"", ())
    refused = answer(interchange("FA", "005010X231A1", verdict_999()[:-1]))
    assert refused.document == b""
    assert "not acknowledged" in refused.untold[0]
    head, rest = TEXT.split("GS*", 1)
    ta1 = f"{head}TA1*000000042*261124*1004*A*000~\nIEA*0{rest.split('IEA*1', 1)[1]}".replace("*0*T*", "*1*T*")
    assert answer(ta1).document == b""


def test_whoever_is_not_named_is_not_answered() -> None:
    made = answer(TEXT.replace(f"*ZZ*{'PAYERGW':15}", f"*ZZ*{'':15}"))
    assert made.document == b""
    assert "ISA06" in made.untold[0]


def test_control_numbers_come_from_outside_and_are_used_once() -> None:
    document = WRONG_NPI.encode()
    report, received = checked(document), received_envelopes(document)
    assert numbers_needed(report, received) == 2
    for numbers in ([1], [1, 1], [0, 1], [1, 10**9]):
        with pytest.raises(ValueError, match="control number"):
            write_acknowledgement(report, received, None, numbers, AT)
    made = write_acknowledgement(report, received, None, [999_999_999, 1], AT)
    assert b"*000000001*0*T*" in made.document
    assert b"*0930*999999999*X*" in made.document


def test_a_short_control_number_is_filled_up_and_a_strange_one_not_named() -> None:
    short = TEXT.replace("ST*278*0001", "ST*278*1").replace("*0001~\nGE", "*1~\nGE")
    assert text_of(groups(short)[0].transactions[0].control) == "0001"
    strange = TEXT.replace("ST*278*0001", "ST*278*A:1").replace("*0001~\nGE", "*A:1~\nGE")
    made = answer(strange)
    (group,) = read(made)[0].groups
    assert (group.transactions, of(group)) == ((), ("R", "1", "1", "0"))
    assert "ST02" in made.untold[0]


def test_thousands_of_faults_stay_within_bounds_and_that_is_said() -> None:
    document = WRONG_CODE.encode()
    report = checked(document)
    fault = report.faults[0]
    many = tuple(replace(fault, ordinal=place) for place in range(2, 3002))
    several_of_one = tuple(replace(fault, ordinal=1, element=1 + place % 90) for place in range(500))
    made = written(of_one(report, (*several_of_one, *many)), document)
    (group,) = read(made)[0].groups
    segments = group.transactions[0].segments
    assert (len(segments), len(segments[0].elements)) == (MOST_SEGMENTS, MOST_ELEMENTS)
    assert any("2402 faults of this transaction are not told in the 999" in says for says in made.untold)
    assert told(checked(made.document)) == []


def test_thousands_of_broken_rules_stay_within_bounds_and_that_is_said() -> None:
    document = WRONG_NPI.encode()
    report = checked(document)
    made = written(of_one(report, report.faults * 3000), document)
    assert len(read(made)[1].advices[0].verdicts[0].faults) == 1000
    assert any("2000 faults of this transaction are not told in the 824" in says for says in made.untold)
    assert told(checked(made.document)) == []


def test_what_the_checker_did_not_look_at_is_not_taken() -> None:
    document = several(request(), wrong(), wrong(), request()).encode()
    report = checked(document)
    (interchange_,) = report.interchanges
    (group,) = interchange_.groups
    seen = group.transactions[:3]
    last = seen[-1].segment + seen[-1].segments - 1
    whole = replace(interchange_, groups=(replace(group, transactions=seen, count=3),))
    made = written(replace(report, interchanges=(whole,), segments=last, cut=True), document)
    (verdict,) = read(made)[0].groups
    assert of(verdict) == ("P", "4", "4", "1")
    assert [text_of(each.control) for each in verdict.transactions] == ["0001", "0002", "0003"]
    assert any("1 transactions behind segment" in says for says in made.untold)
    torn = written(replace(report, interchanges=(replace(interchange_, groups=()),), segments=last, cut=True), document)
    assert torn.document == b""
    assert any("not looked at wholly" in says for says in torn.untold)


def test_a_report_of_faults_only_takes_what_it_does_not_mention() -> None:
    document = several(request(), wrong(), request()).encode()
    report = check(document, guides(), each=lambda _: None)
    assert written(report, document).document == written(checked(document), document).document
    whole = TEXT.encode()
    assert written(check(whole, guides(), each=lambda _: None), whole).document == answer(TEXT).document


def test_codes_are_told_once_and_five_at_most() -> None:
    report = checked(WRONG_CODE)
    fault = report.faults[0]
    codes = [code for code in sorted(TRANSACTION)[:9] for _ in range(2)]
    many = tuple(replace(fault, kind=Kind.TRANSACTION, code=code) for code in codes)
    own = tuple(replace(fault, kind=Kind.GROUP, code=code) for code in sorted(GROUP)[:7])
    made = written(of_one(report, many, own), WRONG_CODE.encode())
    (verdict,) = read(made)[0].groups
    assert (len(of(verdict)), len(of_transaction(verdict.transactions[0]))) == (4 + MOST_CODES, 1 + MOST_CODES)
    assert len([says for says in made.untold if "kinds of faults" in says]) == 2


@pytest.mark.parametrize(
    "marks", [("|", ">", "!", "\n"), ("\x1d", "\x1f", "\x1c", "\x1e"), ("*", "<", "^", "\r"), ("+", "@", "(", "'")]
)
def test_the_delimiters_are_those_of_the_sender(marks: tuple[str, str, str, str]) -> None:
    for text in (WRONG_CODE, WRONG_NPI):
        other = text.replace("~\n", "~").translate(str.maketrans("*:^~", "".join(marks)))
        made = answer(other)
        assert told(checked(made.document)) == []
        assert made.document[3:4] == marks[0].encode()
        assert [found.oddities for found in read(made)] == [()] * (1 + (text is WRONG_NPI))


def test_whoever_declares_no_repetition_separator_gets_one() -> None:
    made = answer(WRONG_CODE.replace("*1004*^*", "*1004*U*"))
    assert b"*0930*^*00501*" in made.document


@given(mutated())
def test_what_is_written_is_accepted_by_the_checker_and_by_pyx12(drawn: tuple[str, str]) -> None:
    made = answer(drawn[0])
    if not made.document:
        return
    assert told(checked(made.document)) == []
    for found in read(made):
        tokens = found.interchange.tokens
        assert guide_opinion.faults(tokens.text[tokens.start : tokens.end].decode()) == []
        assert (found.oddities, found.kept) == ((), ())


@given(mutated())
def test_reading_what_was_written_and_writing_it_again_gives_the_same_bytes(drawn: tuple[str, str]) -> None:
    made = answer(drawn[0])
    for found in read(made):
        for group in found.groups:
            for tag, line in segments_of_group(group):
                assert write_line(tag, line, Delimiters()) + b"~" in made.document


@given(mutated())
def test_a_transaction_is_refused_in_some_way_if_and_only_if_the_checker_refuses_it(drawn: tuple[str, str]) -> None:
    report = checked(drawn[0])
    found = read(answer(drawn[0]))
    if any(group.kind == "FA" for one in report.interchanges for group in one.groups):
        return
    words = [text_of(ta1.verdict) for each in found for ta1 in each.interchanges]
    words += [text_of(group.end.verdict) for each in found for group in each.groups if group.end]
    words += [text_of(one.verdict) for each in found for advice in each.advices for one in advice.verdicts]
    assert bool({"R", "P", "TR"} & set(words)) == (not report.ok)


@given(mutated())
def test_garbage_in_a_document_never_stops_its_acknowledgement(drawn: tuple[str, str]) -> None:
    document = drawn[0].encode("latin-1")
    for place in (9, 40, 84, 110, 120, 140, 165, 175):
        broken = document[:place] + b"\xff*~"[place % 3 : place % 3 + 1] + document[place + 1 :]
        try:
            report = checked(broken)
        except Unreadable:
            continue
        made = written(report, broken)
        if made.document:
            assert told(checked(made.document)) == []


def test_an_answer_is_acknowledged_like_a_request() -> None:
    (group,) = groups(interchange("HI", "005010X217", response()))
    assert of(group) == ("A", "1", "1", "1")
