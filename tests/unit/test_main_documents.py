"""`payer-gateway x12`: files that nobody prepared, checked, shown, normalised, compared and answered."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.main import main
from tests.unit.guide_documents import documents_275, interchange
from tests.unit.test_guides_x12_278 import request
from tests.unit.x12_checker import response

REQUEST = interchange("HI", "005010X217", request())
RESPONSE = interchange("HI", "005010X217", response())
BINARY = "\x00~ST*278*0001~IEA*1*000000043~ISA*:^\r\n\xff\xfe*"


def binary(length: int = len(BINARY)) -> bytes:
    body = documents_275()
    body[17] = ["BDS", "B64", str(length), BINARY]
    return interchange("PI", "006020X316", body).encode("latin-1")


def with_marks(text: str, marks: str) -> bytes:
    return text.replace("~\n", "~").translate(str.maketrans("*:^~", marks)).encode()


def other_number(text: str, number: int) -> str:
    return text.replace("000000043", f"{number:09d}")


Ran = tuple[int, str, str]


class Command:
    """Runs the command on a file of these bytes."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], state: Path) -> None:
        self.folder = folder
        self.state = state
        self.capture = capture

    def __call__(self, command: str, *documents: bytes | str, more: tuple[str, ...] = ()) -> Ran:
        names = []
        for count, document in enumerate(documents):
            names.append(self.folder / f"{count}.edi")
            names[-1].write_bytes(document.encode() if isinstance(document, str) else document)
        self.capture.readouterr()
        code = main(["x12", command, *map(str, names), *more])
        out, err = self.capture.readouterr()
        return code, out, err


@pytest.fixture
def x12(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    return Command(tmp_path, capsys, state)


WRONG_CODE = REQUEST.replace("UM*HS*I", "UM*HS*7")
TWO = REQUEST + with_marks(other_number(RESPONSE, 44), "|>!\x1e").decode()


@pytest.mark.parametrize(
    ("document", "code", "word"),
    [
        (REQUEST, 0, "278_request_005010X217"),
        (RESPONSE, 0, "278_response_005010X217"),
        (b"\xef\xbb\xbf" + REQUEST.encode(), 0, "accepted"),
        (REQUEST.replace("~\n", "~\r\n"), 0, "accepted"),
        (with_marks(REQUEST, "*<^~"), 0, "accepted"),
        (with_marks(REQUEST, "|>!\n"), 0, "accepted"),
        (with_marks(REQUEST, "\x1d\x1f\x1c\x1e"), 0, "accepted"),
        ("\n".join(REQUEST.replace("\n", "")[at : at + 80] for at in range(0, len(REQUEST), 80)), 0, "accepted"),
        (TWO, 0, "2 interchanges, 2 transactions"),
        (REQUEST + "\r\n\r\n \x1a", 0, "accepted"),
        (binary(), 0, "275_006020X316"),
        (WRONG_CODE, 1, "2000E/UM02"),
        (REQUEST.replace("*005010X217~\nST", "*005010X217E1~\nST"), 1, "GS08 names no guide"),
        (REQUEST.replace("005010X217", "005010X222A1"), 1, "no guide here"),
        (REQUEST.replace("*13*SUB", "*99*SUB"), 1, "BHT02 is of no purpose"),
        (binary(20), 1, "BDS02 counts 20 bytes"),
        (binary(10**9), 1, "BDS02 counts more than"),
        (REQUEST.replace("SE*16", "SE*15"), 1, "SE01 is not the number"),
        (REQUEST[:-20], 1, "cannot be read further"),
        (REQUEST + "and a text", 1, "behind the last interchange"),
        (REQUEST.replace("SAMPLETON", "SAMPLE~TOWN"), 1, "cannot be read further"),
        (REQUEST + REQUEST, 1, "ISA13 was used before"),
        (b"", 2, "nothing here"),
        (b"\n \n", 2, "nothing here"),
        (b" " * 70_000 + REQUEST.encode(), 2, "blanks stand outside"),
        (b"<html>", 2, "does not begin with an ISA"),
        (REQUEST.encode("utf-16"), 2, "does not begin with an ISA"),
        (REQUEST.replace("*PAYERGW ", "*PAYERGW", 1), 2, "ISA06"),
        (with_marks(REQUEST, "*:*~"), 2, "within a value"),
        (REQUEST[:90], 2, "cut short"),
    ],
)
def test_a_file_is_accepted_rejected_or_unreadable_for_a_reason(
    x12: Command, document: str | bytes, code: int, word: str
) -> None:
    ran, out, err = x12("check", document)
    assert ran == code, (out, err)
    assert word in out + err
    assert "Traceback" not in err
    assert len(err.splitlines()) == (code == 2)


def test_standard_input_is_read(x12: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(REQUEST.encode())))
    assert x12("check", more=("-",))[0] == 0


def test_a_payer_that_is_not_there_is_told_by_name(x12: Command) -> None:
    code, _, err = x12("check", REQUEST, more=("--payer", "nobody"))
    assert code == 2
    assert "evergreen_health" in err
    assert x12("check", REQUEST, more=("--payer", "evergreen_health"))[0] == 0


def test_a_payers_layers_are_counted_on_their_days_and_for_their_line_of_business(x12: Command) -> None:
    medicare = ("--payer", "bluestem_mutual", "--line-of-business", "medicare_advantage")
    rendering = ["NM1", "SJ", "1", "SAMPLETON", "ORLA", "", "", "", "XX", "1234567893"]
    named = interchange("HI", "005010X217", request(HI_ABKC3411=[["HI", "ABK:C3411"], rendering]))
    assert x12("check", named)[0] == 0
    assert x12("check", named, more=medicare[:2])[0] == 0
    code, out, _ = x12("check", named, more=(*medicare, "--on", "2026-07-01"))
    assert code == 1
    assert "counted beside the guide: payer bluestem_mutual, payer bluestem_mutual for medicare_advantage" in out
    assert "SNIP 7; payer bluestem_mutual for medicare_advantage: what this synthetic payer wants" in out
    assert x12("check", named, more=(*medicare, "--on", "2026-06-30"))[0] == 0
    code, out, _ = x12("check", REQUEST, more=("--payer", "bluestem_mutual", "--json"))
    (fault,) = [data["fault"] for data in map(json.loads, out.splitlines()) if "fault" in data]
    assert (code, fault["level"], fault["rule"]) == (1, 7, "rendering_provider")
    assert fault["layer"].startswith("payer bluestem_mutual: ")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (("--on", "2026-07-01"), "--payer"),
        (("--line-of-business", "commercial"), "--payer"),
        (("--payer", "bluestem_mutual", "--line-of-business", "marketplace"), "commercial, medicare_advantage"),
    ],
)
def test_a_day_and_a_line_of_business_are_those_of_a_payer(x12: Command, more: tuple[str, ...], word: str) -> None:
    code, _, err = x12("check", REQUEST, more=more)
    assert code == 2
    assert word in err


def test_a_tree_has_names_and_values_and_steers_no_terminal(x12: Command) -> None:
    code, out, _ = x12("show", RESPONSE.replace("SYNTHETIC", "RED\x1b[31m \u202eTXT"))
    assert code == 0
    lines = [line.strip() for line in out.splitlines()]
    assert "2000F  Service" in lines or any(line.startswith("2000F  ") for line in lines)
    assert any(line.startswith("SV101-2") and line.endswith(": J9271") for line in lines)
    assert any(line.startswith("HCR03(2)") for line in lines)
    assert "\x1b" not in out
    assert "\\x1b[31m" in out
    assert "\u202e" not in out


def test_a_tree_of_what_the_guide_has_no_place_for_is_shown_all_the_same(x12: Command) -> None:
    _, out, _ = x12("show", REQUEST.replace("UM*HS", "ZZZ*ODD~\nUM*HS"))
    assert "ZZZ  (without a place in the guide)" in out
    assert "UM01" in out
    assert x12("show", binary())[1].count(f"({len(BINARY)} bytes)") == 1
    assert "SUB0001" in x12("show", REQUEST.replace("005010X217", "005010X999"))[1]


def test_an_answer_is_normalised(x12: Command) -> None:
    code, out, _ = x12("outcome", RESPONSE, more=("--json",))
    outcome = json.loads(out)
    assert code == 0
    assert outcome["answer"] == "reviewed"
    assert [line["outcome"] for line in outcome["lines"]] == ["not_certified"]
    source = outcome["sources"]["/lines/0/outcome"]
    assert RESPONSE[source["start"] : source["end"]] == "A3"
    assert "not_certified" in x12("outcome", RESPONSE)[1]


def test_whose_codes_an_answer_is_read_with_is_told(x12: Command) -> None:
    first = json.loads(x12("outcome", RESPONSE, more=("--json",))[1])["read_as"]
    assert f"read as {first}" in x12("outcome", RESPONSE)[1]
    assert "no payer was named" in x12("outcome", RESPONSE)[1]
    for payer in ("bluestem_mutual", "evergreen_health"):
        code, out, _ = x12("outcome", RESPONSE, more=("--payer", payer))
        assert (code, out.startswith(f"read as {payer} "), "no payer was named" in out) == (0, True, False)
        assert json.loads(x12("outcome", RESPONSE, more=("--payer", payer, "--json"))[1])["read_as"] == payer


def test_the_word_on_an_event_without_services_is_told(x12: Command) -> None:
    event = response(HL_5=[], TRN_2=[["TRN", "2", "TRACE0001", "1999999999"]], HCR_A3=[], DTP_472=[], SV1_HCJ9271=[])
    text = interchange("HI", "005010X217", [each for each in event if each[:2] not in (["NM1", "SJ"], ["REF", "0B"])])
    (line,) = json.loads(x12("outcome", text, more=("--json",))[1])["lines"]
    assert (line["outcome"], line["named"], line["authorization_number"]) == ("certified", False, "AUTH0001")


def test_each_answer_of_several_is_normalised_with_its_own_places(x12: Command) -> None:
    start, end = RESPONSE.index("ST*"), RESPONSE.index("GE*")
    second = RESPONSE[start:end].replace("*0001", "*0002").replace("HCR*A3", "HCR*A1")
    text = RESPONSE[:end] + second + RESPONSE[end:].replace("GE*1*", "GE*2*")
    _, out, _ = x12("outcome", text, more=("--json",))
    one, two = map(json.loads, out.splitlines())
    for outcome, word in ((one, "A3"), (two, "A1")):
        source = outcome["sources"]["/lines/0/outcome"]
        assert text[source["start"] : source["end"]] == word
    assert two["sources"]["/lines/0/outcome"]["start"] > text.index("*0002")


def several(*bodies: str) -> str:
    start, end = RESPONSE.index("ST*"), RESPONSE.index("GE*")
    return RESPONSE[:start] + "".join(bodies) + RESPONSE[end:].replace("GE*1*", f"GE*{len(bodies)}*")


def transaction(number: int, old: str = "", new: str = "") -> str:
    text = RESPONSE[RESPONSE.index("ST*") : RESPONSE.index("GE*")]
    return text.replace("*0001~\n", f"*{number:04d}~\n").replace("278*0001", f"278*{number:04d}").replace(old, new)


@pytest.mark.parametrize(
    ("bad", "word", "behind"),
    [
        (transaction(2, "BHT*", "MSG*"), "the 278 has no BHT", 0),
        (transaction(2, "SE*", "MSG*"), "the transaction has no SE", 0),
        (transaction(2, "~\nHL*2*1*21*", "~\nHL*2*1*99*"), "HL03 is no level of a 278", 5),
        (transaction(2, "*0002~\n", "*9999~\n"), "SE02 differs from ST02", -1),
    ],
)
@pytest.mark.parametrize("width", [0, 80])
def test_one_answer_that_cannot_be_read_is_told_with_its_place_and_hides_no_other(
    x12: Command, bad: str, word: str, behind: int, width: int
) -> None:
    text = other_number(RESPONSE, 44) + several(transaction(1), bad, transaction(3))
    segments = text.replace("~\n", "~").split("~")
    first = next(at for at, each in enumerate(segments) if each.startswith("ST*278*0002"))
    number = first + 1 + (behind if behind >= 0 else bad.count("~") - 1)
    if width:
        text = text.replace("~\n", "~")
        text = "\n".join(text[at : at + width] for at in range(0, len(text), width))
    code, out, err = x12("outcome", text, more=("--json",))
    told = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (2, "")
    assert [each["transaction"] for each in told] == ["278 0001", "278 0001", "278 0002", "278 0003"]
    assert [each.get("answer") for each in told] == ["reviewed", "reviewed", None, "reviewed"]
    assert told[2]["unreadable"].startswith(f"segment {number}: ")
    assert word in told[2]["unreadable"]
    assert text[: told[2]["at"] + 1].replace("\n", "").count("~") in (number - 1, number)
    assert f"278 0002: unreadable: segment {number}: " in x12("outcome", text)[1]


def test_documents_are_compared_by_places_whatever_their_delimiters_and_lines(x12: Command) -> None:
    assert x12("diff", REQUEST, with_marks(REQUEST, "|>!\x1e")) == (0, "", "")
    other = WRONG_CODE.replace("HI*ABK:C3411", "HI*ABK:C3412*ABF:C7801").replace("DTP*472*D8*20261201~\n", "")
    other = other.replace("SE*16", "SE*15")
    code, out, _ = x12("diff", REQUEST, other, more=("--json",))
    found = {line["at"].rpartition("2000E/")[2]: line for line in map(json.loads, out.splitlines())}
    assert code == 1
    assert (found["UM02"]["a"], found["UM02"]["b"]) == ("I", "7")
    assert (found["HI01-2"]["a"], found["HI01-2"]["b"]) == ("C3411", "C3412")
    assert (found["HI02-2"]["a"], found["HI02-2"]["b"]) == ("", "C7801")
    assert found["2000F/DTP"]["only_in"] == "a"
    assert "interchange/group/transaction/SE01" in found


def test_a_service_that_is_put_in_between_is_the_only_difference_of_its_kind(x12: Command) -> None:
    service = "HL*5*4*SS*0~\nSV1*HC:J1453**UN*1~\n"
    other = REQUEST.replace("HL*5*4*SS*0~\n", f"{service}HL*6*4*SS*0~\n").replace("SE*16", "SE*18")
    _, out, _ = x12("diff", REQUEST, other)
    assert any("2000F" in line and "only in B" in line and "J1453" in line for line in out.splitlines())
    assert not any("J9271" in line for line in out.splitlines())


def test_a_document_that_cannot_be_read_is_named(x12: Command) -> None:
    code, out, err = x12("diff", REQUEST, "<html>")
    assert (code, out) == (2, "")
    assert "B: " in err
    code, _, err = x12("show", more=("/nowhere/at/all",))
    assert code == 2
    assert "cannot be read" in err


def test_a_look_at_a_document_loads_no_database_queue_or_wire(tmp_path: Path) -> None:
    """They take longer to load than a document to check."""
    (tmp_path / "0.edi").write_text(REQUEST)
    program = "import sys; from gateway.main import main; main(sys.argv[1:]); print(*sys.modules)"
    words = [sys.executable, "-c", program, "x12", "check", str(tmp_path / "0.edi")]
    loaded = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    assert "adapters.x12_278.guides.check" in loaded
    assert not {"gateway.engine", "gateway.main.house", "sqlalchemy", "asyncpg", "pgqueuer", "aiohttp"} & set(loaded)
