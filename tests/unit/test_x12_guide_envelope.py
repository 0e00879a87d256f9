"""The checker on whole documents: envelopes, delimiters, data that counts its bytes, and what cannot be read."""

from __future__ import annotations

import pytest

from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.faults import Verdict
from gateway.contract.errors import Unreadable
from tests.unit.guide_documents import DATA, documents_275, documents_275_bin, interchange, verdict_824, verdict_999
from tests.unit.test_guides_x12_278 import request
from tests.unit.x12_checker import checked, guides, response, told

TEXT = interchange("HI", "005010X217", request())
BINARY = "\x00~ST*278*0001~ISA*:^\r\n\xff\xfe*"


def test_every_kind_of_document_we_write_is_accepted() -> None:
    documents = [
        interchange("HI", "005010X217", response()),
        interchange("FA", "005010X231A1", verdict_999()),
        interchange("FA", "005010X231", [["ST", "999", "0001", "005010X231"], *verdict_999()[1:]]),
        interchange("AG", "005010X186A1", verdict_824("005010X186A1")),
        interchange("AG", "006020X257", verdict_824("006020X257"), version="00602"),
        interchange("PI", "006020X316", documents_275()),
        interchange("PI", "006020X316", documents_275(), version="00602"),
        interchange("PI", "005010X210", documents_275_bin()),
    ]
    for text in documents:
        report = checked(text)
        assert told(report) == []
        assert report.ok


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("IEA*1*000000043", "IEA*1*000000044", ("TA105", "001", "IEA02", 1)),
        ("IEA*1*", "IEA*2*", ("TA105", "021", "IEA01", 1)),
        ("IEA*1*000000043~\n", "", ("TA105", "023", "00", 1)),
        ("*00501*", "*00401*", ("TA105", "017", "ISA12", 1)),
        ("ISA*00*", "ISA*99*", ("TA105", "010", "ISA01", 1)),
        ("*261124*", "*261324*", ("TA105", "014", "ISA09", 1)),
        ("*0*T*:", "*0*Q*:", ("TA105", "020", "ISA15", 1)),
        ("GE*1*43", "GE*1*44", ("AK905", "4", "GE02", 1)),
        ("GE*1*43", "GE*7*43", ("AK905", "5", "GE01", 1)),
        ("GE*1*43~\n", "", ("AK905", "3", "IEA00", 1)),
        ("GS*HI*", "GS*HC*", ("AK905", "1", "GS01", 1)),
        ("*20261124*1004*43*", "*20261324*1004*43*", ("AK905", "6", "GS04", 1)),
        ("GE*1*43~", "GE*1*43~\nZZ*1~\nYY*2~", ("TA105", "022", "ZZ00", 1)),
    ],
)
def test_a_fault_of_the_envelope(old: str, new: str, expected: tuple[str, str, str, int]) -> None:
    report = checked(TEXT.replace(old, new, 1))
    assert expected in told(report)
    assert not report.ok
    assert [each for each in told(report) if each[0] == expected[0]] == [expected]


def test_the_kind_of_a_group_refuses_its_transactions_too() -> None:
    report = checked(TEXT.replace("GS*HI*", "GS*HC*"))
    assert report.interchanges[0].groups[0].transactions[0].verdict is Verdict.REJECTED


def test_a_ta1_is_looked_at() -> None:
    head, rest = TEXT.split("~\n", 1)
    assert told(checked(f"{head}~\nTA1*000000042*261124*1004*A*000~\n{rest}")) == []
    assert told(checked(f"{head}~\nTA1*000000042*261124*1004*Q*000~\nIEA*0*000000043~")) == [
        ("IK403", "7", "ISA_LOOP/TA104", 2)
    ]


@pytest.mark.parametrize("line", ["", "\n", "\r\n", "\n\n", "\r"])
def test_lines_behind_segments_make_no_difference(line: str) -> None:
    assert told(checked(TEXT.replace("~\n", "~" + line))) == []


def test_lines_may_be_broken_here_and_there() -> None:
    head, rest = TEXT.split("~\n", 1)
    text = head + "~" + rest.replace("~\nUM", "~UM").replace("~\nSE", "~\r\nSE")
    assert told(checked("\n" + text)) == []
    assert told(checked(text.replace("*HS*I*", "*HS*7*"))) == [("IK403", "7", "2000E/UM02", 2)]


@pytest.mark.parametrize(
    "marks", [("|", ">", "!", "\n"), ("\x1d", "\x1f", "\x1c", "\x1e"), ("*", "<", "^", "\r"), ("+", "@", "(", "'")]
)
def test_any_delimiters_do(marks: tuple[str, str, str, str]) -> None:
    for text, expected in ((TEXT, []), (TEXT.replace("*HS*I*", "*HS*7*"), [("IK403", "7", "2000E/UM02", 2)])):
        other = text.replace("~\n", "~").translate(str.maketrans("*:^~", "".join(marks)))
        assert told(checked(other)) == expected


def test_a_byte_order_mark_is_no_fault() -> None:
    assert told(checked(b"\xef\xbb\xbf" + TEXT.encode())) == []


def test_interchanges_of_different_delimiters_may_follow_each_other() -> None:
    other = interchange("HI", "005010X217", response()).replace("000000043", "000000044")
    other = other.replace("~\n", "~").translate(str.maketrans("*:~", "|>\x1e"))
    report = checked(TEXT + other + TEXT.replace("000000043", "000000045"))
    assert told(report) == []
    assert [each.control for each in report.interchanges] == ["000000043", "000000044", "000000045"]
    assert ("TA105", "025", "ISA13", 1) in told(checked(TEXT + TEXT))


def test_verdicts_are_given_for_each_transaction_and_group() -> None:
    start, end = TEXT.index("ST*"), TEXT.index("GE*")
    wrong = TEXT[start:end].replace("*0001", "*0002").replace("*HS*I*", "*HS*7*")
    report = checked(TEXT[:end] + wrong + TEXT[end:].replace("GE*1*", "GE*2*"))
    (group,) = report.interchanges[0].groups
    assert [each.verdict for each in group.transactions] == [Verdict.ACCEPTED, Verdict.REJECTED]
    assert [each.control for each in group.transactions] == ["0001", "0002"]
    assert group.verdict is Verdict.WARNED
    assert not report.ok


def test_a_faulty_transaction_does_not_touch_the_next() -> None:
    start, end = TEXT.index("ST*"), TEXT.index("GE*")
    second = TEXT[start:end].replace("*0001", "*0002")
    unfinished = TEXT[start:end].replace("SE*16*0001~\n", "")
    report = checked(TEXT[:start] + unfinished + second + TEXT[end:].replace("GE*1*", "GE*2*"))
    assert told(report) == [("IK502", "2", "SE00", 1)]


def test_a_large_file_is_read_in_pieces() -> None:
    start, end = TEXT.index("ST*"), TEXT.index("GE*")
    many = "".join(TEXT[start:end].replace("*0001", f"*{number:06d}") for number in range(1, 1001))
    wrong = many.replace("*000900*005010X217~\nBHT*0007", "*000900*005010X217~\nBHT*0008")
    report = checked(TEXT[:start] + many + TEXT[end:].replace("GE*1*", "GE*1000*"))
    assert report.ok
    assert report.segments == 16 * 1000 + 4
    document = TEXT[:start] + wrong + TEXT[end:].replace("GE*1*", "GE*1000*")
    (fault,) = checked(document).faults
    assert document[fault.offset :].startswith("0008*13")
    assert document[: fault.offset].count("~") == fault.segment - 1


def binary(data: str, length: int | None = None) -> bytes:
    body = documents_275()
    body[17] = ["BDS", "B64", str(len(data) if length is None else length), data]
    return interchange("PI", "006020X316", body).encode("latin-1")


def test_data_that_counts_its_bytes_may_hold_anything() -> None:
    assert told(checked(binary(BINARY))) == []


def test_a_fault_behind_such_data_is_told_in_its_place() -> None:
    document = binary(BINARY).replace(b"LX*2", b"LX*X")
    (fault,) = checked(document).faults
    assert (fault.at, fault.code) == ("2000A/LX01", "6")
    assert document[fault.offset :].startswith(b"X~\nTRN*2*EVGDOC0002")


@pytest.mark.parametrize("length", [1, len(DATA) - 1, len(DATA) + 1, 10**9])
def test_a_length_that_is_wrong_is_told_with_its_byte_and_nothing_else(length: int) -> None:
    document = binary(DATA, length)
    report = checked(document)
    assert sorted(short[:2] for short in told(report)) == [("IK502", "2"), ("TA105", "022")]
    assert not report.ok
    (fault,) = [fault for fault in report.faults if fault.kind == "TA105"]
    assert "BDS02" in fault.says
    assert fault.segment == document[: document.index(b"BDS*")].count(b"~") + 1
    data = document.index(b"*", document.index(b"BDS*B64*") + 8) + 1
    assert fault.offset == min(data + length, len(document)) or length == 10**9


@pytest.mark.parametrize(
    "document",
    [b"", b"\n", b"<html>", b"ISA*00", TEXT[:105].encode(), TEXT.replace("*00*", "*000*", 1).encode(), b"ISA" * 100],
)
def test_what_does_not_begin_as_an_interchange_is_unreadable(document: bytes) -> None:
    with pytest.raises(Unreadable):
        checked(document)


def test_a_document_that_ends_early_is_told_of() -> None:
    assert {short[:2] for short in told(checked(TEXT[:300]))} >= {("IK502", "2"), ("TA105", "023")}
    assert told(checked(TEXT[:106])) == [("TA105", "023", "00", 1)]


def test_spaces_in_front_of_segments_are_told_once() -> None:
    report = checked(TEXT.replace("~\n", "~\n   ").rstrip())
    assert [each[:2] for each in told(report)] == [("TA105", "022"), ("IK304", "1")]


def test_who_hears_of_each_transaction_gets_a_report_of_the_faulty_ones() -> None:
    start, end = TEXT.index("ST*"), TEXT.index("GE*")
    wrong = TEXT[start:end].replace("*0001", "*0002").replace("*HS*I*", "*HS*7*")
    heard: list[str] = []
    document = (TEXT[:end] + wrong + TEXT[end:].replace("GE*1*", "GE*2*")).encode()
    report = check(document, guides(), lambda each: heard.append(f"{each.control} {each.verdict}"))
    assert heard == ["0001 accepted", "0002 rejected"]
    (group,) = report.interchanges[0].groups
    assert [each.control for each in group.transactions] == ["0002"]
    assert (group.count, group.verdict) == (2, Verdict.WARNED)
    assert told(report) == [("IK403", "7", "2000E/UM02", 2)]
