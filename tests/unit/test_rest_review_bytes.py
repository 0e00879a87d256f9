"""The service-review channel and any bytes: JSON with its places, and reviews of any content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest_review.tree import Node, read
from gateway.contract.errors import Unreadable
from gateway.model.status import LineOutcome
from tests.unit.review_material import REQUEST, inquired, reply

# Bytes.


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def plain(node: Node, document: bytes) -> Any:
    """A node as Python's own reader has it, each part read again from the bytes it points at."""
    if node.named is not None:
        return {name: plain(inside, document) for name, inside in node.named.items()}
    if node.listed is not None:
        return [plain(inside, document) for inside in node.listed]
    return json.loads(document[node.start : node.end])


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_every_value_of_a_tree_is_at_its_bytes(value: Any, ascii_only: bool, indent: int | None) -> None:
    document = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert plain(read(document), document) == value


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0aé \\u', max_size=30).map(str.encode))
def test_what_is_read_as_json_is_json(document: bytes) -> None:
    try:
        node = read(document)
    except Unreadable:
        return
    assert plain(node, document) == json.loads(document.removeprefix(b"\xef\xbb\xbf"))


@pytest.mark.parametrize(
    "document",
    [
        b'{"a": 1, "a": 2}',
        b"[" * 1000,
        b'"\\ud800"',
        b"\xff",
        b"{} {}",
        b"[1,]",
        b"{,}",
        b"",
        b"NaN",
        b"[" + b"1," * 200_000,
    ],
)
def test_json_that_could_mean_two_things_or_go_too_deep_is_not_read(document: bytes) -> None:
    with pytest.raises(Unreadable):
        read(document)


REASONS = st.lists(st.dictionaries(st.sampled_from(["code", "value"]), st.text(max_size=3)), max_size=3)
STATUSES = st.sampled_from(["A1", "A2", "A3", "A4", "A6", "C", "CT", "NA", "0", "P1", "", 7, None])
PROCEDURES = st.lists(
    st.fixed_dictionaries(
        {"code": st.sampled_from([*(line.code.code for line in REQUEST.lines), "J0000", 7])},
        optional={
            "statusCode": STATUSES,
            "quantity": st.text(max_size=5) | st.integers(),
            "quantityTypeCode": st.sampled_from(["UN", "DA", "??"]),
            "certificationNumber": st.text(max_size=90),
            "certificationEffectiveDate": st.dates().map(str) | st.text(max_size=12),
            "certificationExpirationDate": st.dates().map(str),
            "statusReasons": st.lists(
                st.dictionaries(st.sampled_from(["code", "value"]), st.text(max_size=3)), max_size=3
            ),
            "notes": st.lists(st.dictionaries(st.just("message"), st.text(max_size=9)), max_size=2),
        },
    ),
    max_size=5,
)


@given(STATUSES, PROCEDURES, st.dictionaries(st.sampled_from(["updatedDate", "payer", "payerNotes", "id"]), VALUES))
def test_no_review_certifies_what_no_code_certifies(status: Any, listed: list[Any], more: dict[str, Any]) -> None:
    value = {**more, "statusCode": status, "procedures": listed}
    outcome = inquired(reply(value))
    said = {status, *(item.get("statusCode") for item in listed)}
    granted = [
        line for line in outcome.lines if line.outcome in (LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED)
    ]
    assert not granted or said & {"A1", "A6"}
    assert outcome.document
    for pointer, source in outcome.sources.items():
        assert 0 <= source.start < source.end <= len(outcome.document), pointer
