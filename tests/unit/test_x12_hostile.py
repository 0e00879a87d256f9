"""Whatever a payer sends is an Outcome or Unreadable, and no wrong answer: never an exception of another kind."""

from __future__ import annotations

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.errors import MaybeSent, Unreadable
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Attention, LineOutcome
from tests.unit.test_x12_sources import RICH
from tests.x12_material import acknowledgement, envelope, outcome_of, response, ta1

VALID = [
    RICH,
    response("UM*HS*I", "HCR*A1*AUTH1", services=[["HCR*A1", "SV1*HC:J9271**UN*6", "HSD*VS*3*WK"]]),
    response(member=["AAA*N**72*C"]),
    acknowledgement("AK2*278*0001", "IK3*NM1*3*2010C*8", "IK4*9*67*7", "IK5*R*5", "AK9*R*1*1*0"),
    ta1("R", "006"),
]

verbs = st.sampled_from(["file", "cancel", "answer", "inquire"])
pieces = st.sampled_from(
    [
        b"*",
        b"~",
        b":",
        b"^",
        b"",
        b"HL*9*4*SS*0~",
        b"HCR*A1*X~",
        b"HCR**~",
        b"AAA*N~",
        b"DTP*007*RD8*x-y~",
        b"NM1~",
        b"\xff",
    ]
)


def heard(document: bytes, verb: str) -> Outcome | None:
    try:
        return outcome_of(document, verb=verb)
    except (Unreadable, MaybeSent):
        return None


@settings(max_examples=2 * settings().max_examples)
@given(
    st.sampled_from(VALID),
    st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, 12), pieces | st.binary(max_size=3)), min_size=1, max_size=3
    ),
    verbs,
)
def test_a_mutilated_answer_is_an_outcome_or_unreadable(
    document: bytes, cuts: list[tuple[int, int, bytes]], verb: str
) -> None:
    for at, length, piece in cuts:
        at %= len(document)
        document = document[:at] + piece + document[at + length :]
    outcome = heard(document, verb)
    if outcome is not None:
        assert json.loads(outcome.model_dump_json())
        assert all(0 <= source.start < source.end <= len(document) for source in outcome.sources.values())


tags = st.sampled_from(
    [
        "HL",
        "BHT",
        "NM1",
        "TRN",
        "AAA",
        "UM",
        "HCR",
        "REF",
        "DTP",
        "HI",
        "HSD",
        "PWK",
        "MSG",
        "SV1",
        "SV2",
        "PER",
        "PRV",
        "N3",
        "N4",
        "DMG",
        "INS",
        "AK1",
        "AK2",
        "IK3",
        "IK4",
        "CTX",
        "IK5",
        "AK9",
    ]
)
values = st.sampled_from(
    [
        "A1",
        "A2",
        "A3",
        "A4",
        "A6",
        "C",
        "CT",
        "NA",
        "0U",
        "0Q",
        "42",
        "72",
        "NC",
        "P",
        "Y",
        "C",
        "N",
        "20",
        "21",
        "22",
        "23",
        "EV",
        "SS",
        "1",
        "2",
        "11",
        "13",
        "18",
        "19",
        "D8",
        "RD8",
        "20260301",
        "007",
        "036",
        "472",
        "20260301-20260401",
        "HC:J9271",
        "N4:123",
        "LOI:1-8",
        "UN",
        "5",
        "-5",
        "1e9",
        "NaN",
        "XX",
        "SJ",
        "PG0123456789ABCDEF0123E",
        "PG0123456789ABCDEF0123L01",
        "1123456789",
        "17",
        "0001",
    ]
) | st.text("AB:^ é東", max_size=8)
segments = st.builds(lambda tag, parts: "*".join([tag, *parts]), tags, st.lists(values, max_size=7))


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(segments, max_size=14), st.sampled_from(["278", "999"]), verbs)
def test_any_segments_in_a_sound_envelope_are_an_outcome_or_unreadable(found: list[str], kind: str, verb: str) -> None:
    outcome = heard(envelope(found, kind=kind), verb)
    assert outcome is None or outcome.document


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(segments, min_size=1, max_size=14), verbs)
def test_nothing_is_granted_that_no_word_grants(found: list[str], verb: str) -> None:
    document = response("UM*HS*I", *[segment for segment in found if not segment.startswith("HL")])
    outcome = heard(document, verb)
    granted = outcome is not None and any(
        result.outcome in (LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED) for result in outcome.lines
    )
    if granted:
        assert any(segment.startswith(("HCR*A1", "HCR*A6")) for segment in found)
    elif outcome is not None and outcome.answer is Answer.UNMAPPED:
        assert outcome.attention is Attention.OPERATOR


@given(st.binary(max_size=300))
def test_any_bytes_are_an_outcome_or_unreadable(data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert outcome_of(data).document == data
