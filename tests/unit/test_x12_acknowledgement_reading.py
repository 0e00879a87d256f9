"""TA1, 999 and 824 are read whole and typed; what a sender does otherwise is told, and nothing is dropped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.x12_278.acknowledgement.advice import Advice
from adapters.x12_278.acknowledgement.codes import KNOWN
from adapters.x12_278.acknowledgement.oddity import Kind
from adapters.x12_278.acknowledgement.reading import Acknowledgements, read_acknowledgements
from adapters.x12_278.acknowledgement.told import Told, text_of
from adapters.x12_278.acknowledgement.verdicts import GroupVerdict, InterchangeVerdict
from gateway.contract.errors import Unreadable
from tests.unit.guide_documents import interchange, verdict_824, verdict_999
from tests.unit.guide_opinion import codes, load
from tests.unit.x12_acknowledgements import (
    enclosed,
    grouped,
    of_advice,
    of_group,
    of_interchange,
    records,
    said,
)

AK1, AK2 = "AK1*HI*17*005010X217", "AK2*278*0001*005010X217"
MAP = "999_005010X231A1.xml"


def kinds(found: Acknowledgements) -> list[Kind]:
    return [oddity.kind for oddity in found.oddities]


def texts(values: tuple[Told, ...]) -> list[str]:
    return [value.text for value in values]


def test_a_999_is_read_to_its_last_code() -> None:
    document = interchange("FA", "005010X231A1", verdict_999()).encode()
    found = read_acknowledgements(document)[0]
    assert (found.oddities, found.kept) == ((), ())
    group = found.groups[0]
    assert (text_of(group.kind), text_of(group.control), text_of(group.version)) == ("HI", "42", "005010X217")
    taken, refused = group.transactions
    assert taken.end
    assert text_of(taken.end.verdict) == "A"
    hi, per = refused.segments
    assert (text_of(hi.tag), text_of(hi.ordinal), text_of(hi.loop), texts(hi.codes)) == ("HI", "17", "2000E", ["8"])
    trigger, unit = hi.contexts
    assert text_of(trigger.subjects[0].name) == "SITUATIONAL TRIGGER"
    assert trigger.position
    assert (text_of(trigger.position.element), text_of(trigger.position.component)) == ("4", "2")
    assert trigger.numbers
    assert texts(trigger.numbers.numbers) == ["C023", "1332"]
    assert text_of(unit.subjects[0].value) == "SIMCASE01"
    element = hi.elements[0]
    assert (text_of(element.number), text_of(element.code), text_of(element.copy)) == ("1271", "7", "C3411")
    assert text_of(element.contexts[0].loop) == "2000E"
    assert texts(per.codes) == ["I4"]
    assert refused.end
    assert texts(refused.end.codes) == ["5", "I5"]
    assert group.end
    assert [text_of(each) for each in (group.end.announced, group.end.received, group.end.taken)] == ["2", "2", "1"]


def test_every_value_knows_its_segment_and_its_bytes() -> None:
    document = interchange("FA", "005010X231A1", verdict_999()).encode()
    found = read_acknowledgements(document)[0]
    code = found.groups[0].transactions[1].segments[0].elements[0].code
    assert code
    assert (document[code.start : code.end], code.label, code.segment) == (b"7", "IK403", 11)
    assert document[found.groups[0].where.offset :].startswith(b"AK1*HI")


def test_an_824_is_read_to_its_last_code() -> None:
    guide = "005010X186A1"
    found = read_acknowledgements(interchange("AG", guide, verdict_824(guide)).encode())[0]
    assert (found.oddities, found.kept) == ((), ())
    advice = found.advices[0]
    assert advice.purpose
    assert text_of(advice.purpose.answered) == "SUB0001"
    assert [text_of(party.role) for party in advice.parties] == ["41", "40"]
    assert text_of(advice.parties[0].contacts[0].second_address) == "12"
    refused, taken = advice.verdicts
    assert (text_of(refused.verdict), text_of(refused.group), text_of(refused.control)) == ("TR", "43", "0001")
    assert text_of(refused.references[0].kind) == "EJ"
    fault = refused.faults[0]
    assert (text_of(fault.tag), text_of(fault.ordinal), text_of(fault.copy)) == ("TRN", "10", "EVGDOC0001")
    assert text_of(fault.related[0].code) == "E054"
    assert text_of(fault.notes[0].text) == "NO REVIEW HOLDS THIS NUMBER"
    assert text_of(taken.reference) == "SUB0003"


def test_a_ta1_is_read_to_its_note() -> None:
    found = read_acknowledgements(enclosed("TA1*000000042*261124*1004*R*025"))[0]
    assert found.oddities == ()
    ta1 = found.interchanges[0]
    read = (ta1.control, ta1.date, ta1.time, ta1.verdict, ta1.note)
    assert [text_of(value) for value in read] == ["000000042", "261124", "1004", "R", "025"]


@settings(suppress_health_check=list(HealthCheck))
@given(records(GroupVerdict))
def test_whatever_a_999_says_is_written_and_read_again(group: GroupVerdict) -> None:
    found = read_acknowledgements(enclosed(*grouped("FA", "005010X231A1", of_group(group))))[0]
    assert (found.groups, found.kept) == ((group,), ())


@settings(suppress_health_check=list(HealthCheck))
@given(records(Advice))
def test_whatever_an_824_says_is_written_and_read_again(advice: Advice) -> None:
    named = replace(advice, kind=Told("824"), control=Told("0001"))
    found = read_acknowledgements(enclosed(*grouped("AG", "005010X186A1", of_advice(named))))[0]
    assert (found.advices, found.kept) == ((named,), ())


@given(records(InterchangeVerdict))
def test_whatever_a_ta1_says_is_written_and_read_again(verdict: InterchangeVerdict) -> None:
    assert read_acknowledgements(enclosed(of_interchange(verdict)))[0].interchanges == (verdict,)


def test_the_codes_are_those_of_the_map() -> None:
    assert codes(MAP, "HEADER/2000/2100/IK3/4") == KNOWN["IK304"]
    assert codes(MAP, "HEADER/2000/2100/2110/IK4/3") == KNOWN["IK403"]
    assert codes(MAP, "HEADER/2000/IK5/1") == KNOWN["IK501"]
    assert codes(MAP, "HEADER/2000/IK5/2") == KNOWN["IK502"]
    assert codes(MAP, "HEADER/AK9/1") == KNOWN["AK901"]
    assert codes(MAP, "HEADER/AK9/5") == KNOWN["AK905"]
    ta1 = load(MAP).getnodebypath("/ISA_LOOP/TA1")
    assert [set(ta1.children[place].valid_codes) for place in (3, 4)] == [KNOWN["TA104"], KNOWN["TA105"]]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ([AK1, AK2, "IK3*UM*9*2000E*Q9", "IK5*R*5", "AK9*R*1*1*0"], Kind.UNKNOWN_CODE),
        ([AK1, AK2, "IK3*UM*9*2000E*8", "IK4*1*1*99", "IK5*R*5", "AK9*R*1*1*0"], Kind.UNKNOWN_CODE),
        ([AK1, AK2, "IK5*Q", "AK9*A*1*1*1"], Kind.UNKNOWN_CODE),
        ([AK1, AK2, "IK5*R*99", "AK9*R*1*1*0"], Kind.UNKNOWN_CODE),
        ([AK1, AK2, "IK5*A", "AK9*Q*1*1*1"], Kind.UNKNOWN_CODE),
        ([AK1, AK2, "IK5*A", "AK9*E*1*1*1*99"], Kind.UNKNOWN_CODE),
        ([AK1, AK2, "IK5*A", "AK9*A*1*1*0"], Kind.COUNTS),
        ([AK1, AK2, "IK5*A", AK2, "IK5*A", "AK9*A*1*1*1"], Kind.COUNTS),
        ([AK1, AK2, "IK5*A", "AK9*A*1*1*2"], Kind.COUNTS),
        ([AK1, AK2, "IK5*R*5", "AK9*P*2*2*2"], Kind.COUNTS),
        ([AK1, AK2, "IK5*A", "AK9*A*1*one*1"], Kind.COUNTS),
        ([AK1, AK2, "IK5*R*5", "AK9*A*1*1*0"], Kind.CONTRADICTION),
        ([AK1, AK2, "IK5*A", "AK9*R*1*1*1"], Kind.CONTRADICTION),
        ([AK1, AK2, "IK5*A"], Kind.NO_GROUP_VERDICT),
        ([AK1, AK2, "AK9*A*1*1*1"], Kind.NO_TRANSACTION_VERDICT),
        (["AK1*HI", AK2, "IK5*A", "AK9*A*1*1*1"], Kind.MISSING),
        ([AK1, AK2, "IK5*A", "AK9*A*1*1*1*****6*7"], Kind.EXTRA),
        ([AK1, AK2, "IK3*UM*9*2000E*8*7", "IK5*R*5", "AK9*R*1*1*0"], Kind.EXTRA),
        ([AK1, AK2, "IK5*A", "NTE*ADD*X", "AK9*A*1*1*1"], Kind.MISPLACED),
        ([AK1, AK2, "IK4*1*1*7", "IK5*R*5", "AK9*R*1*1*0"], Kind.MISPLACED),
        ([AK1, AK2, "AK3*UM*9*2000E*8", "IK5*R*5", "AK9*R*1*1*0"], Kind.OLDER_SEGMENTS),
        ([AK1, AK2, "IK5*A", "AK9*A*1*1*1", "AK1*HI*18", "AK9*A*1*1*1"], Kind.SEVERAL_GROUPS),
    ],
)
def test_what_a_sender_does_otherwise_is_told(body: list[str], kind: Kind) -> None:
    assert kinds(said(*body)) == [kind]


def test_a_999_that_names_only_what_it_refuses_is_not_odd() -> None:
    assert kinds(said(AK1, AK2, "IK5*R*5", "AK9*P*9*9*8")) == []
    assert kinds(said(AK1, "AK9*A*9*9*9")) == []


def test_a_997_is_read_as_well() -> None:
    body = [AK1, "AK2*278*0001", "AK3*UM*9*2000E*5*8", "AK4*2:1*1322*7*XX", "AK5*R*5", "AK9*R*1*1*0"]
    found = said(*body, kind="997")
    assert kinds(found) == [Kind.OLDER_TRANSACTION]
    fault = found.groups[0].transactions[0].segments[0]
    assert (texts(fault.codes), text_of(fault.elements[0].code), fault.where.tag) == (["5", "8"], "7", "AK3")


def test_a_999_of_several_groups_keeps_them_apart() -> None:
    found = said(AK1, AK2, "IK5*A", "AK9*A*1*1*1", "AK1*HI*18", AK2, "IK5*R*5", "AK9*R*1*1*0")
    assert [(text_of(group.control), len(group.transactions)) for group in found.groups] == [("17", 1), ("18", 1)]


def test_what_has_no_place_is_kept_as_it_was() -> None:
    found = said(AK1, AK2, "IK5*A", "ZZZ*one**three", "AK9*A*1*1*1")
    assert [(each.tag, each.elements) for each in found.kept] == [("ZZZ", (b"one", b"", b"three"))]
    assert found.groups[0].end


def test_an_element_too_many_is_kept_with_its_place() -> None:
    found = said(AK1, AK2, "IK5*A******SECRET", "AK9*A*1*1*1")
    kept = found.groups[0].transactions[0].end
    assert kept
    assert [(each.label, each.raw) for each in kept.kept] == [("IK507", b"SECRET")]


def test_a_ta1_behind_the_groups_is_read_and_told() -> None:
    body = grouped("FA", "005010X231A1", ["ST*999*0001*005010X231A1", AK1, AK2, "IK5*A", "AK9*A*1*1*1"])
    found = read_acknowledgements(enclosed(*body, "TA1*000000042*261124*1004*A*000"))[0]
    assert (len(found.interchanges), len(found.groups), kinds(found)) == (1, 1, [Kind.MISPLACED])


def test_an_824_keeps_what_it_cannot_place() -> None:
    body = ["ST*824*0001*005010X186A1", "BGN*11*X*20261124", "TED*024*NOTHING", "OTI*TA*TN*SUB1"]
    found = read_acknowledgements(enclosed(*grouped("AG", "005010X186A1", body)))[0]
    assert (kinds(found), [each.tag for each in found.kept]) == ([Kind.MISPLACED], ["TED"])


def test_nothing_that_was_read_shows_when_it_is_printed() -> None:
    body = [AK1, AK2, "IK3*NM1*9*2010C*8*****SECRET", "CTX*SUBSCRIBER NAME NM109:SECRET", "IK4*9*67*7*SECRET"]
    found = said(*body, "IK5*R*5", "ZZZ*SECRET", "AK9*R*1*1*0")
    assert len(found.kept) == 1
    assert "SECRET" not in repr((found.groups, found.kept, found.oddities))


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(st.sampled_from([AK1, AK2, "IK3*UM*9", "IK4*1", "CTX*A:B", "IK5*A", "AK9*A*1*1*1", "AK3", "TED*1"])))
def test_in_any_order_every_segment_is_in_a_record_or_kept(body: list[str]) -> None:
    found = said(*body)
    told = 0
    for group in found.groups:
        told += 1 + (group.end is not None)
        for transaction in group.transactions:
            told += 1 + (transaction.end is not None)
            for segment in transaction.segments:
                told += 1 + len(segment.contexts)
                told += sum(1 + len(element.contexts) for element in segment.elements)
    assert told + len(found.kept) == len(body)


@settings(max_examples=2 * settings().max_examples)
@given(st.data())
def test_whatever_the_bytes_are_there_are_records_or_unreadable(data: st.DataObject) -> None:
    document = bytearray(interchange("FA", "005010X231A1", verdict_999()).encode())
    for at, put in data.draw(st.lists(st.tuples(st.integers(0, len(document)), st.binary(max_size=6)), max_size=3)):
        document[at : at + 3] = put
    try:
        found = read_acknowledgements(bytes(document))
    except Unreadable:
        return
    assert all(0 <= oddity.offset <= len(document) for each in found for oddity in each.oddities)
