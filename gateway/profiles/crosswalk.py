"""Reads the crosswalk between NDCs and HCPCS codes that CMS publishes each quarter (public domain), as it is published.

The CSV file (its "section 508" version) opens with lines of prose, one of which names the quarter; then come the names
of the columns and the rows. It is for Part B payment and no list of all products. A row that cannot be read for certain
(an alternate id instead of an NDC, figures that do not agree) is named and left out, never mended; of rows that
contradict each other all are. Pure: takes bytes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import ValidationError

from gateway.model.line import CodeSystem, ServiceCode
from gateway.model.units import Product, is_consistent
from gateway.profiles.facts import Effective

_COLUMNS = {
    "code": (r"_\d{4}_CODE", r"HCPCS( LEVEL II)? CODE.*"),
    "ndc": (r"NDC2?", r"NDC OR ALTERNATE ID"),
    "size": (r"PKG SIZE", r"PACKAGE SIZE"),
    "items": (r"PKG QTY", r"PACKAGE QUANTITY"),
    "units_per_item": (r"BILLUNITS",),
    "units_per_package": (r"BILLUNITSPKG",),
}
_QUARTERS = {"january": 1, "april": 4, "july": 7, "october": 10}
_DAY = r"\b(January|April|July|October)\s+(?:1(?:st)?,?\s+)?(20\d\d)\b"
_NAMED = re.compile(_DAY, re.IGNORECASE)
_TELLING = (
    re.compile(rf"{_DAY}[^.]*\bcrosswalk\b", re.IGNORECASE),
    re.compile(rf"\beffective\s+{_DAY}\s+(?:through|thru|to|-)", re.IGNORECASE),
)
"""The title, and the days for which the file holds."""
_DASHED = re.compile(r"\d{5}-\d{4}-\d{2}")
_MOST_PROSE = 40
PRODUCT_DIGITS = 9
"""Digits of an NDC that are of labeler and product; the others are of the package."""


class NotACrosswalk(ValueError):
    """The file is not of this format. ``line`` is counted from 1, 0 for the whole."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Dirty:
    """A row that was left out, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Crosswalk:
    """One quarter's products, by NDC and by code; and the codes of a product, by its NDC without the package."""

    effective: Effective
    products: tuple[Product, ...]
    dirty: tuple[Dirty, ...]
    by_ndc: Mapping[str, tuple[Product, ...]]
    by_code: Mapping[ServiceCode, tuple[Product, ...]]
    by_product: Mapping[str, tuple[ServiceCode, ...]]

    def of(self, code: ServiceCode) -> tuple[Product, ...]:
        """Products of an NDC, or billed under a code."""
        return (self.by_ndc.get(code.code, ()) if code.system is CodeSystem.NDC else None) or self.by_code.get(code, ())


def read_crosswalk(content: bytes) -> Crosswalk:
    """The crosswalk in a file. Raises NotACrosswalk."""
    rows = _rows(content)
    header, columns = _find_header(rows)
    effective = _quarter(rows[:header])
    products: dict[tuple[ServiceCode, str], dict[Product, int]] = {}
    dirty: list[Dirty] = []
    for line, row in rows[header + 1 :]:
        if not any(cell.strip() for cell in row):
            continue
        read = _product(row, columns)
        if isinstance(read, str):
            dirty.append(Dirty(line, read))
            continue
        products.setdefault((read.code, read.ndc), {}).setdefault(read, line)
    for each in products.values():
        if len(each) > 1:
            dirty += [
                Dirty(line, "rows of this product under this code contradict each other") for line in each.values()
            ]
    dirty.sort(key=lambda each: each.line)
    kept = tuple(product for each in products.values() if len(each) == 1 for product in each)
    if not kept:
        raise NotACrosswalk(0, "No row can be read.")
    by_ndc: dict[str, tuple[Product, ...]] = {}
    by_code: dict[ServiceCode, tuple[Product, ...]] = {}
    by_product: dict[str, tuple[ServiceCode, ...]] = {}
    for product in kept:
        by_ndc[product.ndc] = (*by_ndc.get(product.ndc, ()), product)
        by_code[product.code] = (*by_code.get(product.code, ()), product)
        ndc = product.ndc[:PRODUCT_DIGITS]
        by_product[ndc] = tuple(dict.fromkeys((*by_product.get(ndc, ()), product.code)))
    return Crosswalk(effective, kept, tuple(dirty), by_ndc, by_code, by_product)


def _rows(content: bytes) -> list[tuple[int, list[str]]]:
    """Rows with the line they end on. CMS writes Latin-1; a spreadsheet that saved it again writes UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error:
        raise NotACrosswalk(reader.line_num, "This line is not CSV.") from None


def _find_header(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
    for place, (line, row) in enumerate(rows[:_MOST_PROSE]):
        names = [" ".join(cell.split()).upper() for cell in row]
        if not any(re.fullmatch(_COLUMNS["units_per_item"][0], name) for name in names):
            continue
        found: dict[str, int] = {}
        for column, patterns in _COLUMNS.items():
            places = [n for n, name in enumerate(names) if any(re.fullmatch(pattern, name) for pattern in patterns)]
            if len(places) != 1:
                raise NotACrosswalk(line, f"The columns have no one column for {column.replace('_', ' ')}.")
            found[column] = places[0]
        return place, found
    raise NotACrosswalk(0, "No line names the columns; one of them is BILLUNITS.")


def _quarter(prose: Sequence[tuple[int, list[str]]]) -> Effective:
    """As title and days of validity say, alike; else the one quarter that the prose names at all, for it tells of other
    days too."""
    text = [" ".join(row) for _, row in prose]
    told = [(month.lower(), year) for each in _TELLING for line in text for month, year in each.findall(line)]
    found = set(told or [(month.lower(), year) for line in text for month, year in _NAMED.findall(line)])
    if len(found) != 1:
        raise NotACrosswalk(0, "The lines before the columns do not name one quarter, such as October 2026.")
    ((month, year),) = found
    start = date(int(year), _QUARTERS[month], 1)
    following = (start.replace(day=28) + timedelta(days=75)).replace(day=1)
    return Effective(start=start, end=following - timedelta(days=1))


def _product(row: Sequence[str], columns: Mapping[str, int]) -> Product | str:
    """The product of a row, or why there is none."""
    cells = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
    if not _DASHED.fullmatch(cells["ndc"]):
        return "it has no NDC of 5-4-2 digits"
    system = CodeSystem.CPT if cells["code"][:1].isdigit() else CodeSystem.HCPCS
    try:
        code = ServiceCode(system=system, code=cells["code"])
    except ValidationError:
        return "its code is no HCPCS or CPT code"
    try:
        items = _figure(cells["items"])
        product = Product(
            code=code,
            ndc=cells["ndc"],
            size=_figure(cells["size"]),
            items=int(items) if items == items.to_integral_value() else 0,
            units_per_item=_figure(cells["units_per_item"]),
            units_per_package=_figure(cells["units_per_package"]),
        )
    except ValueError:  # pydantic's own is one
        return "one of its figures is no number above zero"
    return product if is_consistent(product) else "its units per package are not those of its items together"


_FIGURE = re.compile(r"([0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2})?(\.[0-9]{1,9})?")
"""Plain, or with thousands as spreadsheets write them."""


def _figure(text: str) -> Decimal:
    if not text or not _FIGURE.fullmatch(text):
        raise ValueError
    return Decimal(text.replace(",", ""))
