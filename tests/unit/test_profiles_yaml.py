"""The YAML that profiles are written in: data only, one meaning, bounded."""

from __future__ import annotations

import contextlib
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.profiles.document import parse, read
from gateway.profiles.faults import ProfileFault, ProfileFaults


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 04", {"a": "04"}),
        ("a: 4", {"a": 4}),
        ("a: no", {"a": "no"}),
        ("a: NO", {"a": "NO"}),
        ("a: true", {"a": True}),
        ("a: 'true'", {"a": "true"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: 1e3", {"a": "1e3"}),
        ("a: 0x1F", {"a": "0x1F"}),
        ("a: 2026-01-01", {"a": "2026-01-01"}),
        ("a: 1.5", {"a": 1.5}),
        ("a: -3", {"a": -3}),
        ("a: null", {"a": None}),
        ("a:", {"a": None}),
        ("a: ~", {"a": None}),
        ("04: x\n4: y", {"04": "x", "4": "y"}),
        ("yes: 1", {"yes": 1}),
        ("- [1, x]", [[1, "x"]]),
        ("a: |\n  b\n  c\n", {"a": "b\nc\n"}),
        ("a: .inf", {"a": ".inf"}),
    ],
)
def test_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    assert parse(text, "x").value == value


@pytest.mark.parametrize(
    ("text", "pointer", "line"),
    [
        ("a: 1\nb: 2\na: 3", "/a", 3),
        ("a:\n  - b: 1\n    b: 2", "/a/0/b", 3),
        ("a: &x 1\nb: 2\nc: *x", "/c", 1),
        ("a: &x [1]\nb: *x", "/b", 1),
        ("a: !!python/object/apply:os.system [x]", "/a", 1),
        ("a: !secret x", "/a", 1),
        ("a: !!binary YQ==", "/a", 1),
        ("? [a]\n: 1", "", 1),
        ("", "", 0),
        ("# nothing", "", 0),
        ("a: [", "", 0),
        ("a: 1\n b: 2", "", 2),
        ("a: 1\n---\nb: 2", "", 2),
        ("a: \x07", "", 0),
        ("[" * 500 + "]" * 500, "/0" * 21, 1),
    ],
)
def test_yaml_that_is_more_than_data_or_means_two_things_is_refused(text: str, pointer: str, line: int) -> None:
    with pytest.raises(ProfileFaults) as caught:
        parse(text, "x.yaml")
    assert caught.value.faults[0].file == "x.yaml"
    assert caught.value.faults[0].pointer == pointer
    if line and "*x" not in text:
        assert caught.value.faults[0].line == line


def test_a_billion_laughs_are_not_laughed() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    with pytest.raises(ProfileFaults):
        parse(text, "x")


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "a: " * 100_000, "{a: " * 100_000])
def test_endless_nesting_is_refused(text: str) -> None:
    with pytest.raises(ProfileFaults):
        parse(text, "x")


@given(st.text(max_size=200) | st.text(st.sampled_from("ab:-[]{}&*!|>'%#? ,") | st.just(chr(10)), max_size=60))
def test_any_text_is_a_document_or_faults(text: str) -> None:
    with contextlib.suppress(ProfileFaults):
        assert parse(text, "x").place.file == "x"


def test_a_file_too_large_not_utf8_or_not_there_is_told(tmp_path: Path) -> None:
    large, foreign = tmp_path / "large.yaml", tmp_path / "foreign.yaml"
    large.write_bytes(b"#" * 600_000)
    foreign.write_bytes(b"a: \xff\xfe")
    for file in (large, foreign, tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(ProfileFaults):
            read(file, file.name)


def test_a_fault_cannot_be_changed_after_it_was_told() -> None:
    fault = ProfileFault("x", 1, "", "m", "f")
    with pytest.raises(FrozenInstanceError):
        fault.file = "y"  # type: ignore[misc]
