"""CMS's crosswalk is read as published, what is dirty in it is named and left out; units come out or are refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.line import CodeSystem, ServiceCode
from gateway.model.units import DoesNotComeOut, Measure, Product
from gateway.profiles.crosswalk import NotACrosswalk, read_crosswalk
from gateway.profiles.facts import Effective

SAMPLE = Path(__file__).parents[2] / "mappings" / "crosswalks" / "2026q4_sample.csv"
COLUMNS = (
    "_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG"
)
TITLE = "October 2026 ASP NDC-HCPCS Crosswalk"


def a_row(
    code: str = "J9271",
    ndc: str = "99999-0271-02",
    size: str = "4",
    items: str = "2",
    each: str = "100",
    package: str = "200",
) -> str:
    return f"{code},x,Made-up,{ndc},Sample,1 MG,{size},{items},{each},{package}"


def a_file(*rows: str, title: str = TITLE, columns: str = COLUMNS) -> bytes:
    return "\r\n".join([title, "Some prose.,,", columns, *rows, ""]).encode("latin-1")


def hcpcs(code: str) -> ServiceCode:
    return ServiceCode(system=CodeSystem.HCPCS, code=code)


def product(size: str = "4", items: int = 2, each: str = "100", package: str = "200") -> Product:
    return Product(
        code=hcpcs("J9271"),
        ndc="99999027102",
        size=Decimal(size),
        items=items,
        units_per_item=Decimal(each),
        units_per_package=Decimal(package),
    )


def test_the_sample_that_comes_with_the_gateway_is_read_without_a_row_left_out() -> None:
    crosswalk = read_crosswalk(SAMPLE.read_bytes())
    assert crosswalk.effective == Effective(start=date(2026, 10, 1), end=date(2026, 12, 31))
    assert (len(crosswalk.products), crosswalk.dirty) == (6, ())
    assert all(each.ndc.startswith("99999") for each in crosswalk.products)  # nobody's labeler
    assert [each.ndc for each in crosswalk.of(hcpcs("J9271"))] == ["99999027101", "99999027102"]
    assert crosswalk.of(ServiceCode(system=CodeSystem.NDC, code="99999052130"))[0].code == hcpcs("J8522")


@pytest.mark.parametrize(
    ("title", "start", "end"),
    [
        ("January 2027 ASP NDC-HCPCS Crosswalk", date(2027, 1, 1), date(2027, 3, 31)),
        ('"Effective April 1, 2026 through June 30, 2026"', date(2026, 4, 1), date(2026, 6, 30)),
        ("JULY 2026 ASP NDC-HCPCS Crosswalk - preliminary", date(2026, 7, 1), date(2026, 9, 30)),
        ("See January 2005 MMA memo\nOctober 2026 ASP NDC-HCPCS Crosswalk", date(2026, 10, 1), date(2026, 12, 31)),
        (
            '"Effective January 1, 2005, payment is by the ASP."\n"Effective October 1st, 2026 to December 31, 2026"',
            date(2026, 10, 1),
            date(2026, 12, 31),
        ),
        ("Products of April 2026", date(2026, 4, 1), date(2026, 6, 30)),
    ],
)
def test_the_quarter_is_that_of_the_prose_before_the_columns(title: str, start: date, end: date) -> None:
    assert read_crosswalk(a_file(a_row(), title=title)).effective == Effective(start=start, end=end)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (a_row(ndc="9999-0271-02"), "it has no NDC of 5-4-2 digits"),
        (a_row(ndc="9999902710"), "it has no NDC of 5-4-2 digits"),
        (a_row(ndc="08363-7765-0199"), "it has no NDC of 5-4-2 digits"),
        (a_row(code="X9271"), "its code is no HCPCS or CPT code"),
        (a_row(code=""), "its code is no HCPCS or CPT code"),
        (a_row(size="4 mL"), "one of its figures is no number above zero"),
        (a_row(items="1.5", package="150"), "one of its figures is no number above zero"),
        (a_row(each="0", package="0"), "one of its figures is no number above zero"),
        (a_row(package=""), "one of its figures is no number above zero"),
        (a_row(items="NaN"), "one of its figures is no number above zero"),
        (a_row(package="201"), "its units per package are not those of its items together"),
        ("J9271,x,Made-up", "it has no NDC of 5-4-2 digits"),
    ],
)
def test_a_dirty_row_is_named_by_its_line_and_left_out(row: str, why: str) -> None:
    good = a_row(ndc="99999-0271-01")
    crosswalk = read_crosswalk(a_file(good, row, ",,,,,,,,,"))
    assert [(dirty.line, dirty.why) for dirty in crosswalk.dirty] == [(5, why)]
    assert len(crosswalk.products) == 1


def test_of_rows_that_contradict_each_other_none_is_used_and_each_is_named() -> None:
    good, one, other = a_row(ndc="99999-0271-01"), a_row(), a_row(size="5")
    crosswalk = read_crosswalk(a_file(one, good, other, one))
    why = "rows of this product under this code contradict each other"
    assert [(dirty.line, dirty.why) for dirty in crosswalk.dirty] == [(4, why), (6, why)]
    assert [product.ndc for product in crosswalk.products] == ["99999027101"]


def test_a_row_that_is_there_twice_is_one_row() -> None:
    crosswalk = read_crosswalk(a_file(a_row(), a_row()))
    assert (len(crosswalk.products), crosswalk.dirty) == (1, ())


def test_columns_are_found_by_their_names_and_figures_may_be_grouped() -> None:
    columns = "HCPCS Code,NDC or ALTERNATE ID,PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG"
    crosswalk = read_crosswalk(a_file('90371,99999-0371-01,0.5,10,100,"1,000"', columns=columns))
    (found,) = crosswalk.products
    assert (found.code.system, found.units_per_package, found.size) == (CodeSystem.CPT, 1000, Decimal("0.5"))


def test_a_file_in_latin_letters_is_read_as_cms_writes_it() -> None:
    assert read_crosswalk(a_file(a_row().replace("Sample", "Sampl\xe9"))).products


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 0),
        (a_file(a_row(), title="A crosswalk of some quarter"), 0),
        (a_file(a_row(), title="See January 2005 MMA memo\nProducts of October 2026"), 0),
        (a_file(a_row(), title='July 2026 Crosswalk\n"Effective October 1, 2026 through December 31, 2026"'), 0),
        (a_file(a_row(), columns=COLUMNS.replace("NDC2", "NDC2,NDC")), 3),
        (a_file(a_row(), columns=COLUMNS.replace("PKG QTY", "PKG")), 3),
        (a_file(a_row(ndc="none")), 0),
        (a_file(a_row(), '"no end'), 5),
        (b"\x00\x01\x02", 0),
    ],
)
def test_what_is_no_crosswalk_is_refused(content: bytes, line: int) -> None:
    with pytest.raises(NotACrosswalk) as caught:
        read_crosswalk(content)
    assert caught.value.line == line


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: a_file(text.encode("latin-1", "ignore").decode("latin-1")))
)
def test_any_bytes_are_a_crosswalk_or_refused(content: bytes) -> None:
    try:
        read_crosswalk(content)
    except NotACrosswalk:
        return


# units


@pytest.mark.parametrize(
    ("quantity", "given", "wanted", "found"),
    [
        ("200", Measure.UNITS, Measure.PACKAGE, "1"),
        ("200", Measure.UNITS, Measure.ITEM, "2"),
        ("200", Measure.UNITS, Measure.SIZE, "8"),
        ("50", Measure.UNITS, Measure.SIZE, "2"),
        ("3", Measure.PACKAGE, Measure.UNITS, "600"),
        ("2", Measure.SIZE, Measure.UNITS, "50"),
        ("4", Measure.ITEM, Measure.PACKAGE, "2"),
    ],
)
def test_units_packages_items_and_sizes_are_turned_into_each_other(
    quantity: str, given: Measure, wanted: Measure, found: str
) -> None:
    assert product().convert(Decimal(quantity), given, wanted) == Decimal(found)


@pytest.mark.parametrize(
    ("quantity", "given", "wanted", "broken"),
    [
        ("100", Measure.UNITS, Measure.PACKAGE, Measure.PACKAGE),
        ("150", Measure.UNITS, Measure.ITEM, Measure.ITEM),
        ("0.5", Measure.UNITS, Measure.SIZE, Measure.UNITS),
        ("0.01", Measure.SIZE, Measure.UNITS, Measure.UNITS),
        ("0.5", Measure.PACKAGE, Measure.UNITS, Measure.PACKAGE),
        ("0", Measure.UNITS, Measure.SIZE, Measure.SIZE),
    ],
)
def test_what_does_not_come_out_is_refused_and_never_rounded(
    quantity: str, given: Measure, wanted: Measure, broken: Measure
) -> None:
    with pytest.raises(DoesNotComeOut, match=f"in {broken}$"):
        product().convert(Decimal(quantity), given, wanted)


def test_a_size_that_needs_more_decimals_than_a_quantity_has_is_refused() -> None:
    with pytest.raises(DoesNotComeOut):
        product(size="1", each="3", items=1, package="3").convert(Decimal(1), Measure.UNITS, Measure.SIZE)


@given(
    st.integers(1, 10**6),
    st.integers(1, 500),
    st.integers(1, 100),
    st.decimals("0.001", "1000", places=3),
    st.sampled_from(Measure),
    st.sampled_from(Measure),
)
def test_what_comes_out_goes_back_to_what_it_was(
    quantity: int, each: int, items: int, size: Decimal, given: Measure, wanted: Measure
) -> None:
    of = product(str(size), items, str(each), str(each * items))
    try:
        found = of.convert(Decimal(quantity), given, wanted)
    except DoesNotComeOut:
        return
    assert of.convert(found, wanted, given) == quantity
