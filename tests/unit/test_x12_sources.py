"""Law 6: every value an outcome holds knows the bytes it was read from."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.model.outcome import Outcome
from tests.x12_material import acknowledgement, outcome_of, response, ta1, trn

_DERIVED = re.compile(
    r"/(attention|attention_why|attention_whys/\d+|retry_after|of_filing|zone_unknown)|.*/(line|part|kind|code_system|scope|clinical|appealable)"
    r"|.*/(peer_to_peer|next_action|word|system|named|elsewhere)|/requested/\d+/text|/lines/\d+/code/code"
)
"""Our own words about a value, a line id of ours, whether it was named, a code's system (as /lines/n/code), and what a
word is on."""
_OUR_SENTENCES = "x12_999"

RICH = response(
    "UM*HS*I*1*22:B",
    "HCR*A2*AUTH1*0L",
    "REF*NT*ADM5",
    "REF*BB*OLD4",
    "DTP*AAH*RD8*20260301-20260831",
    "HI*BF:C3411*LOI:11502-2",
    "PWK*P4*EL***AC*PAYER-7*PATHOLOGY",
    "MSG*SEE LINES",
    "NM1*SJ*1*OTHER*DOC****XX*1999999984",
    "NM1*2B*2*REVIEW UNIT",
    "N3*1 Records Way*Unit 4",
    "N4*Testville*PA*19087",
    "PER*IC*INTAKE*TE*2155550199*FX*2155550198*EM*r@example.org",
    services=[
        [
            trn(1),
            "UM*HS*I**12:B",
            "HCR*A6*AUTH2*4^0L",
            "DTP*007*D8*20260305",
            "DTP*036*D8*20260505",
            "SV1*HC:J9271**UN*100.50",
            "MSG*LESS THAN ASKED",
            "NM1*SJ*2*HOME INFUSION*****XX*1245319599",
        ],
        [trn(2), "HCR*A4**0U", "SV1*HC:96413", "MSG*SEND NOTES"],
        [trn(3), "AAA*N**15*C", "SV1*HC:96415"],
        ["HCR*A1", "SV2*0636**100*UN*3"],
    ],
    payer=["PER*IC**TE*2155550100*UR*example.org", "AAA*Y**41*N"],
)


def leaves(value: Any, at: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        return {where: leaf for name, part in value.items() for where, leaf in leaves(part, f"{at}/{name}").items()}
    if isinstance(value, list):
        return {where: leaf for i, part in enumerate(value) for where, leaf in leaves(part, f"{at}/{i}").items()}
    return {} if value is None else {at: value}


def check(outcome: Outcome) -> None:
    held = leaves(outcome.model_dump(mode="json", exclude={"sources"}))
    document = outcome.document or b""
    for where, leaf in held.items():
        if _DERIVED.fullmatch(where) or (where == "/final" and leaf is True and "/final" not in outcome.sources):
            continue
        if where.endswith("/text") and held.get(where.replace("/text", "/code_system")) == _OUR_SENTENCES:
            continue
        source = outcome.sources[where]
        read = document[source.start : source.end].decode()
        tag, _, place = source.path.rpartition("/")[2].partition("0")
        assert document[: source.start].count(b"~") + 1 == source.segment
        assert tag[:2].isalnum()
        assert place
        if re.fullmatch(
            r".*/(text|code|value|authorization_number|provider_npi|name|organization|phone|fax|email|url)", where
        ):
            assert read in (leaf, f"{leaf}0", leaf.partition(".")[2])
        elif "/period/" in where:
            assert read == leaf.replace("-", "")
        else:
            assert read
    for where, source in outcome.sources.items():
        assert 0 <= source.start < source.end <= len(document)
        assert any(leaf == where or leaf.startswith(f"{where}/") for leaf in held), where


@pytest.mark.parametrize(
    "document",
    [
        RICH,
        response("UM*HS*I", "HCR*A1*AUTH1"),
        response(member=["AAA*N**72*C"]),
        response("AAA*N**ZZ*P", services=[["AAA*N***C"]]),
        response("UM*HS*I", follows="19"),
        ta1("R", "006"),
        acknowledgement(
            "AK2*278*0001*005010X217",
            "IK3*NM1*17*2010C*8",
            "IK4*9:2*67*6*BAD",
            "CTX*SITUATIONAL TRIGGER*NM1",
            "IK5*R*5",
            "AK9*R*1*1*0*5",
        ),
    ],
)
def test_every_value_is_where_its_source_says(document: bytes) -> None:
    check(outcome_of(document))


def test_sources_name_loop_and_element() -> None:
    outcome = outcome_of(RICH)
    paths = {where: source.path for where, source in outcome.sources.items()}
    assert paths["/answer"] == "2000E/HCR01"
    assert paths["/lines/0/outcome"] == "2000F/HCR01"
    assert paths["/lines/0/quantity/value"] == "2000F/SV104"
    assert paths["/lines/0/code"] == "2000F/SV101-2"
    assert paths["/lines/0/provider_npi"] == "2010FA/NM109"
    assert paths["/lines/2/reasons/0/code"] == "2000F/AAA03"
    assert paths["/lines/2/reasons/0/suggested"] == "2000F/AAA04"
    assert paths["/requested/0/control_number"] == "2000E/PWK06"
    assert paths["/requested/1/code"] == "2000E/HI02-2"
    assert paths["/contacts/1/phone"] == "2010EB/PER04"
    assert paths["/effective_at"] == "header/BHT04"


def test_a_source_reads_the_payers_own_bytes_blanks_and_letters_of_several_bytes_too() -> None:
    document = response(
        "UM*HS*I",
        "HCR*A3* A\u00dcTH1 *0F",
        "MSG* na\u00efve \u2013 not necessary ",
        services=[[trn(1), "HCR*A6*N\u00dc 2 *4", "DTP*007*RD8* 20260301 - 20260831 ", "SV1*HC: J9271 **UN* 150 "]],
    )
    outcome = outcome_of(document)
    read = {where: document[source.start : source.end].decode() for where, source in outcome.sources.items()}
    assert read["/messages/0"] == " na\u00efve \u2013 not necessary "
    assert read["/reasons/0/code"] == "0F"
    assert {reference.value for reference in outcome.references} >= {"A\u00dcTH1", "N\u00dc 2"}
    assert {" A\u00dcTH1 ", "N\u00dc 2 "} <= set(read.values())
    assert (read["/lines/0/code"], read["/lines/0/quantity/value"]) == (" J9271 ", " 150 ")
    assert (read["/lines/0/period/start"], read["/lines/0/period/end"]) == ("20260301", "20260831")


def test_a_line_that_has_the_events_word_names_the_event_as_its_source() -> None:
    outcome = outcome_of(response("UM*HS*I", "HCR*A3**0F", services=[[trn(1), "SV1*HC:J9271"]]))
    assert outcome.sources["/lines/0/outcome"].path == "2000E/HCR01"
    assert outcome.sources["/lines/0/reasons/0/code"].path == "2000E/HCR03"
