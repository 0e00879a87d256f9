"""Hypothesis strategies for canonical values: any valid request as JSON, any text a caller may send.

Everybody in them is made up by chance. Tests of codecs draw from here too.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from gateway.model.codes import STATES, luhn_valid
from gateway.model.line import WEEK
from gateway.model.request import Care, LateReason, ServicingRole

Json = dict[str, Any]


@cache
def text(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    """One line of printable text in any script, not blank at its ends."""
    characters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
    return st.text(characters, min_size=shortest, max_size=longest).filter(
        lambda value: value == value.strip() and len(value) >= shortest
    )


@cache
def names() -> st.SearchStrategy[str]:
    """Last names: text with a letter of some script."""
    return written(text(30) | st.just(""), st.characters(categories=("L",)), text(29) | st.just(""))


@cache
def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def written(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Parts put together; much faster to draw than a regular expression."""
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map("".join)


@cache
def npis() -> st.SearchStrategy[str]:
    def with_check_digit(nine: str) -> str:
        return next(nine + digit for digit in "0123456789" if luhn_valid("80840" + nine + digit))

    return written(st.sampled_from("12"), digits(8)).map(with_check_digit)


@cache
def days() -> st.SearchStrategy[date]:
    return st.dates(date(2024, 1, 1), date(2030, 12, 31))


UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALNUM = "0123456789" + UPPER

CODES = {
    "hcpcs": written(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUV"), digits(4)),
    "cpt": written(digits(4), st.sampled_from(ALNUM)),
    "ndc": st.one_of(
        digits(11),
        written(digits(4), "-", digits(4), "-", digits(2)),
        written(digits(5), "-", digits(3), "-", digits(2)),
        written(digits(5), "-", digits(4), "-", digits(1)),
        written(digits(5), "-", digits(4), "-", digits(2)),
    ),
    "rxnorm": st.integers(1, 99_999_999).map(str),
    "revenue": digits(4),
    "cdt": written("D", digits(4)),
}


@cache
def codes() -> st.SearchStrategy[Json]:
    return st.sampled_from(sorted(CODES)).flatmap(
        lambda system: CODES[system].map(lambda code: {"system": system, "code": code})
    )


@cache
def diagnoses() -> st.SearchStrategy[str]:
    head = written(st.sampled_from(UPPER), digits(1), st.sampled_from(ALNUM))
    return head | written(head, ".", st.text(ALNUM, min_size=1, max_size=4))


@cache
@st.composite
def periods(draw: st.DrawFn) -> Json:
    start = draw(days())
    end = draw(st.none() | st.integers(0, 400).map(lambda count: start + timedelta(days=count)))
    return {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})


@cache
def addresses() -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "city": text(30, 2),
            "state": st.sampled_from(sorted(STATES)),
            "zip_code": digits(5) | digits(9) | written(digits(5), "-", digits(4)),
        },
        optional={"street": st.lists(text(55), max_size=2), "county": text(40, 2)},
    )


@cache
def member_ids() -> st.SearchStrategy[str]:
    ends = st.sampled_from(ALNUM + UPPER.lower())
    return written(ends, st.text(ALNUM + UPPER.lower() + " ._-", max_size=78), ends)


@cache
def people() -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "last_name": names(),
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


@cache
def providers(*, with_role: bool = False) -> st.SearchStrategy[Json]:
    phone = written(st.sampled_from("23456789"), digits(9))
    roles = st.sampled_from(ServicingRole)
    return st.fixed_dictionaries(
        {"npi": npis(), "last_name": names()} | ({"role": roles} if with_role else {}),
        optional={
            "first_name": text(35),
            "taxonomy": written(st.text(ALNUM, min_size=9, max_size=9), "X"),
            "tax_id": digits(9),
            "address": addresses(),
            "contact": st.fixed_dictionaries({}, optional={"name": text(60), "phone": phone, "fax": phone}),
        },
    )


@cache
def frequencies() -> st.SearchStrategy[Json]:
    patterns = st.sampled_from(
        [("monday",), ("friday", "monday"), WEEK[:5], ("monday", "wednesday", "thursday"), WEEK]
    ).map(list)
    return st.fixed_dictionaries(
        {"times": st.integers(1, 999), "period": st.sampled_from(("day", "week", "month"))},
        optional={
            "every": st.integers(1, 99),
            "count": st.integers(1, 999),
            "weekdays": patterns,
            "time_of_day": st.sampled_from(("morning", "afternoon", "as_directed")),
        },
    )


@cache
def teeth() -> st.SearchStrategy[list[Json]]:
    tooth = st.fixed_dictionaries(
        {"number": st.integers(1, 32).map(str) | st.sampled_from("ABCT")},
        optional={"surfaces": st.lists(st.sampled_from(("buccal", "distal", "mesial")), max_size=2)},
    )
    return st.lists(tooth, max_size=3, unique_by=lambda tooth: str(tooth["number"]))


@cache
def lines(diagnoses: int) -> st.SearchStrategy[Json]:
    return _lines(diagnoses).map(_fitting)


def _fitting(line: Json) -> Json:
    """Without what only goes with another code."""
    system = line["code"]["system"]
    unfit = [*(["revenue_code"] if system == "revenue" else []), *(["teeth"] if system != "cdt" else [])]
    return {name: part for name, part in line.items() if name not in unfit}


@cache
def evidence() -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "benefit": st.sampled_from(("medical", "pharmacy")),
            "source": st.sampled_from(("x12_271", "rtpb", "portal", "telephone")),
            "told_on": days().map(date.isoformat),
        },
        optional={"reference": text(50)},
    )


@cache
def _lines(diagnoses: int) -> st.SearchStrategy[Json]:
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
            "modifiers": st.lists(st.text(ALNUM, min_size=2, max_size=2), max_size=4),
            "description": text(80),
            "dose": text(264),
            "frequency": frequencies(),
            "place_of_service": digits(2),
            "diagnoses": st.lists(st.integers(1, diagnoses), max_size=4),
            "benefit": st.sampled_from(("auto", "medical", "pharmacy")),
            "supply": st.sampled_from(("buy_and_bill", "specialty_pharmacy", "self_administered")),
            "antiemetic": st.fixed_dictionaries(
                {"replaces_intravenous": st.booleans(), "last_dose_hours": st.integers(1, 8760)}
            ),
            "evidence": st.lists(evidence(), max_size=2),
            "revenue_code": digits(4),
            "servicing": st.lists(providers(with_role=True), max_size=2),
            "teeth": teeth(),
        },
    )


@cache
def circumstances(review: str) -> st.SearchStrategy[Json]:
    day = days().map(date.isoformat)
    admission = st.fixed_dictionaries(
        {"admitted_on": day},
        optional={
            "discharged_on": st.just("2031-01-01"),
            "kind": st.sampled_from(("emergency", "elective", "newborn")),
            "source": st.sampled_from(("home", "another_hospital", "hospice")),
        },
    )
    home_care = st.fixed_dictionaries(
        {"started_on": day},
        optional={"certified": periods(), "ordered_on": day, "last_visit_on": day, "skilled_nursing": st.booleans()},
    )
    accident = st.fixed_dictionaries(
        {
            "occurred_on": day,
            "causes": st.lists(st.sampled_from(("auto", "work", "another_party")), min_size=1, unique=True),
            "state": st.sampled_from(sorted(STATES)),
        }
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "care": st.sampled_from(Care),
            "home_care": home_care,
            "accident": accident,
            "late_because": st.sampled_from(LateReason),
        }
        | ({"admission": admission} if review == "admission" else {}),
    )


@st.composite
def requests(draw: st.DrawFn, payer: str = "evergreen_health") -> Json:
    """A valid request as JSON; lines without an id, as most callers send them."""
    count = draw(st.sampled_from((1, 2, 12)))
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
                "member_id": draw(member_ids()),
                "line_of_business": draw(st.sampled_from(("commercial", "medicare_advantage"))),
                "relationship": relationship,
            }
        ],
        "requester": draw(providers()),
        "servicing": draw(st.lists(providers(with_role=True), max_size=2)),
        "site": {"place_of_service": draw(digits(2))},
        "diagnoses": [{"code": code} for code in draw(st.lists(diagnoses(), min_size=count, max_size=count))],
        "lines": draw(st.lists(lines(count), min_size=1, max_size=3)),
    }
    request |= draw(circumstances(request["review"]))
    for diagnosis in request["diagnoses"][1:]:
        diagnosis |= draw(st.fixed_dictionaries({}, optional={"kind": st.sampled_from(("admitting", "visit_reason"))}))
    if "home_care" in request:
        request["facts"] = {"prognosis": "guarded"}
    if relationship != "self":
        request["subscriber"] = draw(people())
    if intent != "initial":
        request[draw(st.sampled_from(("previous_authorization", "previous_review")))] = draw(text(50))
        if draw(st.booleans()):
            request["previous_decision"] = {"decided_on": "2026-05-02", "ends_on": "2026-12-31"}
    if draw(st.booleans()):
        request["urgency"] = {"level": "expedited", "reason": draw(text(264)), "attested_by": draw(text(60))}
    if draw(st.booleans()):
        request["supply"] = draw(st.sampled_from(("buy_and_bill", "specialty_pharmacy", "self_administered")))
    if draw(st.booleans()):
        request["note"] = draw(text(200))
    if draw(st.booleans()):
        request["coverages"][0]["medical_group"] = draw(text(80))
    if draw(st.booleans()):
        request["follows"] = str(draw(st.uuids()))
    return request
