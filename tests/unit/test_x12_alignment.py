"""Two rows are held together by what they share; what they do not share is told, and quickly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278.tools.alignment import gaps
from adapters.x12_278.tools.comparison import differences
from adapters.x12_278.tools.reading import lines
from tests.unit.growth import grows_as_its_input, work
from tests.unit.guide_documents import DATA, documents_275, documents_275_bin, interchange
from tests.unit.test_guides_x12_278 import request
from tests.unit.x12_checker import guides

rows = st.lists(st.integers(0, 9), max_size=30) | st.lists(st.integers(0, 500), max_size=130)


@given(rows, rows)
def test_what_lies_outside_of_the_gaps_is_the_same_in_both(one: list[int], other: list[int]) -> None:
    at = to = 0
    for first, last, start, stop in gaps(one, other):
        assert one[at:first] == other[to:start]
        assert first < last or start < stop or (first, start) == (last, stop)
        at, to = last, stop
    assert one[at:] == other[to:]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("abc", "abc", []),
        ("abcd", "abXd", [(2, 3, 2, 3)]),
        ("abcd", "Xabcd", [(0, 0, 0, 1)]),
        ("aabaa", "aaaa", [(2, 3, 2, 2)]),
        ("a" * 80 + "b" + "a" * 80 + "c", "a" * 81 + "b" + "a" * 80 + "c", [(80, 80, 80, 81)]),
    ],
)
def test_only_what_is_otherwise_is_a_gap(one: str, other: str, expected: list[tuple[int, ...]]) -> None:
    assert [gap for gap in gaps(one, other) if gap[0] < gap[1] or gap[2] < gap[3]] == expected


def alike(count: int, each: int) -> bytes:
    """A request for so many services, of which every so-manieth is for another drug."""
    body = request()
    body = body[: body.index(["HL", "5", "4", "SS", "0"])]
    for number in range(count):
        drug = "J9035" if number % each == each - 1 else "J9271"
        body += [["HL", str(number + 5), "4", "SS", "0"], ["SV1", f"HC:{drug}", "1000", "UN", "200"]]
    return interchange("HI", "005010X217", body).encode()


def test_services_that_are_all_alike_are_compared_as_fast_as_there_are_many() -> None:
    documents = {count: (alike(count, 10**6), alike(count, 3)) for count in (20, 80, 160)}
    assert grows_as_its_input(work, lambda count: list(differences(*documents[count], guides())), 80)
    assert len(list(differences(*documents[80], guides()))) == 26


DOCUMENTS = [
    ("006020X316", documents_275()),
    ("005010X210", documents_275_bin()),
    ("004050X151", [["ST", "275", "0001"], *documents_275_bin()[1:]]),
]
"""The last under a guide that nobody knows."""


@pytest.mark.parametrize(("guide", "body"), DOCUMENTS)
def test_documents_of_one_length_are_told_apart_by_what_is_in_them(guide: str, body: list[list[str]]) -> None:
    one = interchange("PI", guide, body).encode()
    other = one.replace(DATA.encode(), DATA[::-1].encode())
    assert len(one) == len(other)
    assert list(differences(one + one, one + one, guides())) == []
    said = [each.data or {} for each in differences(one + one, one + other, guides())]
    assert len(said) == one.count(DATA.encode())
    for each in said:
        assert each["at"].endswith(("/BDS03", "/BIN02"))
        assert f"({len(DATA)} bytes)" in each["a"]
        assert each["a"] != each["b"]


@pytest.mark.parametrize(("guide", "body"), DOCUMENTS)
def test_of_counted_data_the_length_is_shown_whatever_the_guide(guide: str, body: list[list[str]]) -> None:
    shown = list(lines(interchange("PI", guide, body).encode(), guides()))
    data = [line for line in shown if "BDS03" in line or "BIN02" in line]
    assert data
    assert all(line.endswith(f"({len(DATA)} bytes)") for line in data)
