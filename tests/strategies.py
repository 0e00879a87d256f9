"""Hypothesis strategies for canonical values: any valid request as JSON, any text a caller may send.

Everybody in them is made up by chance. Tests of codecs draw from here too.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from gateway.model.codes import luhn_valid

Json = dict[str, Any]


def text(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    """One line of printable text in any script, not blank at its ends."""
    characters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
    return st.text(characters, min_size=shortest, max_size=longest).filter(
        lambda value: value == value.strip() and len(value) >= shortest
    )


def npis() -> st.SearchStrategy[str]:
    def with_check_digit(nine: str) -> str:
        return next(nine + digit for digit in "0123456789" if luhn_valid("80840" + nine + digit))

    return st.from_regex(r"[12][0-9]{8}", fullmatch=True).map(with_check_digit)


def days() -> st.SearchStrategy[date]:
    return st.dates(date(2024, 1, 1), date(2030, 12, 31))


def codes() -> st.SearchStrategy[Json]:
    shapes = {
        "hcpcs": r"[A-V][0-9]{4}",
        "cpt": r"[0-9]{4}[0-9A-Z]",
        "ndc": r"[0-9]{11}|[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-[0-9]{3}-[0-9]{2}|[0-9]{5}-[0-9]{4}-[0-9]",
        "rxnorm": r"[1-9][0-9]{0,7}",
        "revenue": r"[0-9]{4}",
    }
    return st.sampled_from(sorted(shapes)).flatmap(
        lambda system: st.fixed_dictionaries(
            {"system": st.just(system), "code": st.from_regex(shapes[system], fullmatch=True)}
        )
    )


@st.composite
def periods(draw: st.DrawFn) -> Json:
    start = draw(days())
    end = draw(st.none() | st.integers(0, 400).map(lambda count: start + timedelta(days=count)))
    return {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})


def addresses() -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "city": text(30, 2),
            "state": st.sampled_from(("PA", "NJ", "TX")),
            "zip_code": st.from_regex(r"[0-9]{5}(-?[0-9]{4})?", fullmatch=True),
        },
        optional={"street": st.lists(text(55), max_size=2)},
    )


def people() -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "last_name": text(60),
            "birth_date": st.dates(date(1890, 1, 1), date(2023, 12, 31)).map(date.isoformat),
            "gender": st.sampled_from(("female", "male", "unknown")),
        },
        optional={
            "first_name": text(35),
            "middle_name": text(25),
            "suffix": text(10),
            "address": addresses(),
        },
    )


def providers(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    phone = st.from_regex(r"[2-9][0-9]{9}", fullmatch=True)
    return st.fixed_dictionaries(
        {"npi": npis(), "last_name": text(60), **more},
        optional={
            "first_name": text(35),
            "taxonomy": st.from_regex(r"[0-9A-Z]{9}X", fullmatch=True),
            "tax_id": st.from_regex(r"[0-9]{9}", fullmatch=True),
            "address": addresses(),
            "contact": st.fixed_dictionaries({}, optional={"name": text(60), "phone": phone, "fax": phone}),
        },
    )


def lines(diagnoses: int) -> st.SearchStrategy[Json]:
    quantity = st.decimals("0.001", "99999999", places=3, allow_nan=False).filter(
        lambda value: len(value.normalize().as_tuple().digits) <= 11
    )
    return st.fixed_dictionaries(
        {
            "role": st.sampled_from(("drug", "administration", "supportive", "imaging", "procedure", "other")),
            "code": codes(),
            "quantity": st.fixed_dictionaries(
                {"value": quantity.map(lambda value: format(value, "f"))},
                optional={"unit": st.sampled_from(("units", "days", "visits", "minutes", "international_units"))},
            ),
            "dates": periods(),
        },
        optional={
            "modifiers": st.lists(st.from_regex(r"[A-Z0-9]{2}", fullmatch=True), max_size=4),
            "description": text(80),
            "dose": text(264),
            "frequency": st.fixed_dictionaries(
                {"times": st.integers(1, 999), "period": st.sampled_from(("day", "week", "month"))},
                optional={"every": st.integers(1, 99), "count": st.integers(1, 999)},
            ),
            "place_of_service": st.from_regex(r"[0-9]{2}", fullmatch=True),
            "diagnoses": st.lists(st.integers(1, diagnoses), max_size=4),
            "benefit": st.sampled_from(("auto", "medical", "pharmacy")),
        },
    )


@st.composite
def requests(draw: st.DrawFn, payer: str = "evergreen_health") -> Json:
    """A valid request as JSON; lines without an id, as most callers send them."""
    count = draw(st.integers(1, 12))
    relationship = draw(st.sampled_from(("self", "spouse", "child", "other")))
    intent = draw(st.sampled_from(("initial", "renewal", "revision", "extension", "appeal")))
    request: Json = {
        "reference": draw(text(50)),
        "intent": intent,
        "review": draw(st.sampled_from(("services", "referral", "admission"))),
        "patient": draw(people()),
        "coverages": [
            {
                "payer": payer,
                "member_id": draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,78}[A-Za-z0-9]", fullmatch=True)),
                "line_of_business": draw(st.sampled_from(("commercial", "medicare_advantage"))),
                "relationship": relationship,
            }
        ],
        "requester": draw(providers()),
        "servicing": draw(
            st.lists(
                providers(role=st.sampled_from(("rendering", "facility", "supplier", "ordering", "primary_care"))),
                max_size=3,
            )
        ),
        "site": {"place_of_service": draw(st.from_regex(r"[0-9]{2}", fullmatch=True))},
        "diagnoses": [
            {"code": code}
            for code in draw(
                st.lists(
                    st.from_regex(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", fullmatch=True),
                    min_size=count,
                    max_size=count,
                )
            )
        ],
        "lines": draw(st.lists(lines(count), min_size=1, max_size=4)),
    }
    if relationship != "self":
        request["subscriber"] = draw(people())
    if intent != "initial":
        request["previous_authorization"] = draw(text(50))
    if draw(st.booleans()):
        request["urgency"] = {"level": "expedited", "reason": draw(text(264)), "attested_by": draw(text(60))}
    if draw(st.booleans()):
        request["supply"] = draw(st.sampled_from(("buy_and_bill", "specialty_pharmacy", "self_administered")))
    if draw(st.booleans()):
        request["note"] = draw(text(200))
    return request
