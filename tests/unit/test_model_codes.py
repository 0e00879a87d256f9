"""Identifiers, codes and dates: what is taken, in which one spelling, and what is refused with which fix."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.model import codes
from gateway.model.faults import faults_of
from gateway.model.text import Enclosed
from tests.strategies import npis


def taken(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refused(kind: Any, value: object) -> str:
    """The code of the one fault."""
    with pytest.raises(ValidationError) as caught:
        taken(kind, value)
    (fault,) = faults_of(caught.value)
    assert fault.fix
    return fault.code


@given(npis())
def test_an_npi_with_its_check_digit_is_taken(npi: str) -> None:
    assert taken(codes.NPI, npi) == npi


@given(npis(), st.integers(0, 9), st.integers(1, 9))
def test_an_npi_with_one_digit_wrong_is_refused(npi: str, place: int, by: int) -> None:
    wrong = npi[:place] + str((int(npi[place]) + by) % 10) + npi[place + 1 :]
    assert refused(codes.NPI, wrong) == "npi"


@pytest.mark.parametrize(
    "value", ["", "123456789", "12345678930", "3234567893", "1234567890", "123456789O", "1234567893\n", "12345 67893"]
)
def test_what_is_no_npi_is_refused(value: str) -> None:
    assert refused(codes.NPI, value) == "npi"


def test_the_check_digit_is_that_of_the_published_example() -> None:
    # CMS's worked example of the check digit: 123456789 gets 3 (80840 before it).
    assert codes.luhn_valid("808401234567893")
    assert not codes.luhn_valid("808401234567890")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("00006302602", "00006302602"),
        ("0006-3026-02", "00006302602"),
        ("50242-060-01", "50242006001"),
        ("50242-0060-1", "50242006001"),
        ("50242-0060-01", "50242006001"),
    ],
)
def test_an_ndc_comes_out_as_eleven_digits(written: str, kept: str) -> None:
    assert taken(codes.NDC, written) == kept


def test_a_ten_digit_ndc_without_hyphens_is_ambiguous() -> None:
    assert refused(codes.NDC, "5024206001") == "ndc_ambiguous"


@pytest.mark.parametrize(
    "value",
    ["", "123", "123456789012", "5-4-2", "50242--060-01", "5024-0600-1", "50242-060-0a", "5024206001-", "-" * 13],
)
def test_what_is_no_ndc_is_refused(value: str) -> None:
    assert refused(codes.NDC, value) == "ndc"


@given(st.from_regex(r"[A-Z][0-9][0-9A-Z]([0-9A-Z]{1,4})?", fullmatch=True))
def test_a_diagnosis_has_one_spelling(bare: str) -> None:
    pointed = bare if len(bare) == 3 else f"{bare[:3]}.{bare[3:]}"
    assert {taken(codes.ICD10, spelling) for spelling in (bare, pointed, bare.lower(), pointed.lower())} == {pointed}


@pytest.mark.parametrize(
    "value", ["", "C", "C3", "C34.", "3C4", "CC4", "C34.11111", "C3.411", "C34..1", "C34 11", "162.9"]
)
def test_what_is_no_icd_10_cm_code_is_refused(value: str) -> None:
    assert refused(codes.ICD10, value) == "icd10cm"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (codes.NPI, "1٢34567893"),
        (codes.NDC, "1234567890١"),
        (codes.ICD10, "C3٤"),
        (codes.HCPCS, "J927１"),
        (codes.CPT, "9641３"),
        (codes.ZipCode, "1908７"),
        (codes.Phone, "215555０100"),
        (codes.State, "ß"),
        (codes.State, "ıl"),
        (codes.PlaceOfService, "１１"),
        (codes.CalendarDate, "２026-03-09"),
    ],
)
def test_digits_and_letters_of_other_scripts_are_refused(kind: Any, value: str) -> None:
    assert refused(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (codes.HCPCS, "j9271", "J9271"),
        (codes.CPT, "96413", "96413"),
        (codes.CPT, "0042t", "0042T"),
        (codes.RxNorm, "6851", "6851"),
        (codes.RevenueCode, "0636", "0636"),
        (codes.Taxonomy, "207rx0202x", "207RX0202X"),
        (codes.State, "pa", "PA"),
        (codes.ZipCode, "19087-1234", "19087-1234"),
        (codes.MemberId, "Abc 12.3_4-5", "Abc 12.3_4-5"),
    ],
)
def test_codes_come_out_in_one_case(kind: Any, value: str, kept: str) -> None:
    assert taken(kind, value) == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (codes.HCPCS, "96413"),
        (codes.HCPCS, "W1234"),
        (codes.CPT, "J9271"),
        (codes.CPT, "9641"),
        (codes.RxNorm, "0685"),
        (codes.RevenueCode, "636"),
        (codes.Taxonomy, "207RX0202A"),
        (codes.Phone, "12155550100"),
        (codes.Phone, "1155550100"),
        (codes.MemberId, "A"),
        (codes.MemberId, "A*B"),
        (codes.MemberId, "A~"),
        (codes.PlaceOfService, "1"),
        (codes.ZipCode, "1908"),
    ],
)
def test_a_code_of_another_shape_is_refused(kind: Any, value: str) -> None:
    assert refused(kind, value)


@given(st.dates())
def test_a_date_is_written_year_month_day(day: date) -> None:
    assert taken(codes.CalendarDate, day.isoformat()) == day


@pytest.mark.parametrize(
    "value",
    ["03/09/2026", "2026-3-9", "20260309", "2026-03", "2026-03-09T00:00:00", "2026-02-30", "0000-01-01", "", "today"],
)
def test_a_date_without_its_one_form_is_refused(value: str) -> None:
    assert refused(codes.CalendarDate, value)


@pytest.mark.parametrize("value", [20260309, 1.5, True, None, [], datetime(2026, 3, 9)])  # noqa: DTZ001
def test_a_date_that_is_no_string_is_refused(value: object) -> None:
    assert refused(codes.CalendarDate, value)


@pytest.mark.parametrize("value", ["a\x00b", "a\nb", "a\x1cb", "a\u0085b", "a\u2028b"])
def test_one_line_of_text_holds_no_control_character(value: str) -> None:
    assert refused(codes.ShortText, value) == "control_character"


def test_line_ends_of_a_long_text_come_out_alike() -> None:
    assert taken(codes.LongText, "a\r\nb\rc\n\td") == "a\nb\nc\n\td"
    assert refused(codes.LongText, "a\x0bb") == "control_character"


@given(st.binary(min_size=1, max_size=200))
def test_enclosed_bytes_survive_json(content: bytes) -> None:
    adapter = TypeAdapter(Enclosed)
    assert adapter.validate_json(adapter.dump_json(adapter.validate_json(adapter.dump_json(content)))) == content


@pytest.mark.parametrize("value", ["!!YQ==", "YQ", "YQ==YQ==", "Y Q = = !", "é"])
def test_content_that_is_not_base64_is_refused_rather_than_guessed(value: str) -> None:
    assert refused(Enclosed, value) == "base64"


def test_line_ends_within_base64_are_allowed() -> None:
    assert taken(Enclosed, "YWJj\r\nZGVm\n") == b"abcdef"
