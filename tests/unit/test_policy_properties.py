"""What holds of every check, for any request and any packs: it ends, is the same again, cites its rules; and a rule
that does not apply changes nothing."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.record import Record
from gateway.policy.asked import asked
from gateway.policy.check import check
from gateway.policy.order import Order
from gateway.policy.verdict import Report, RuleRef
from gateway.profiles.policies import PolicyPack
from tests.unit.policy_material import PAYER, a_book, a_line, a_pack, a_rule, an_order, shipped, shipped_book

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31)).map(date.isoformat)
CODES = st.sampled_from(["J9271", "J1745", "J0897", "J9263", "Q5103", "J9312", "J2506"])
DIAGNOSES = st.sampled_from(["C34.11", "C50.911", "C18.9", "C83.30", "M05.79", "L40.50", "M45.9", "M81.0", "D70.1"])
DRUGS = st.sampled_from(["methotrexate", "Humira", "Inflectra", "naproxen", "alendronate", "made up"])
RESULTS = st.sampled_from(["positive", "negative", "no mutation found", "TPS 60%", "TPS <1%", "IHC 2+", "see report"])


def maybe(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(st.just({}), values.map(lambda value: {key: value}))


@st.composite
def therapies(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(st.dates(date(2023, 1, 1), date(2026, 12, 31)))
    stop = start + timedelta(days=draw(st.integers(0, 400)))
    return {
        "drug": draw(DRUGS),
        "outcome": draw(
            st.sampled_from(["ongoing", "completed", "inadequate_response", "intolerance", "contraindicated"])
        ),
        **draw(st.sampled_from([{}, {"started_on": str(start)}, {"started_on": str(start), "stopped_on": str(stop)}])),
        **draw(maybe("dose", st.sampled_from(["15 mg weekly", "as directed"]))),
        **draw(maybe("reason", st.just("a reason"))),
    }


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    markers = st.fixed_dictionaries(
        {"marker": st.sampled_from(["PD-L1", "EGFR", "HER2", "KRAS", "MSI"]), "result": RESULTS},
        optional={"specimen_on": DAYS},
    )
    laboratories = st.fixed_dictionaries(
        {
            "name": st.sampled_from(["LVEF", "IGRA", "hepatitis B"]),
            "result": st.sampled_from(["55", "negative", "positive"]),
            "resulted_on": DAYS,
        },
        optional={"unit": st.just("%")},
    )
    scores = st.fixed_dictionaries(
        {"scale": st.just("karnofsky"), "score": st.sampled_from([50, 60, 70, 90])}, optional={"assessed_on": DAYS}
    )
    activity = st.fixed_dictionaries(
        {"instrument": st.sampled_from(["das28_crp", "cdai", "basdai"]), "score": st.floats(0, 40), "assessed_on": DAYS}
    )
    care = st.fixed_dictionaries({"kind": st.just("nsaid"), "outcome": st.just("none")}, optional={"started_on": DAYS})
    return {
        "biomarkers": draw(st.lists(markers, max_size=4)),
        "laboratories": draw(st.lists(laboratories, max_size=3)),
        "performance": draw(st.lists(scores, max_size=2)),
        "disease_activity": draw(st.lists(activity, max_size=2)),
        "prior_therapies": draw(st.lists(therapies(), max_size=4)),
        "conservative_care": draw(st.lists(care, max_size=2)),
    }


@st.composite
def orders(draw: st.DrawFn) -> Order:
    lines = [
        {
            "code": {"system": "hcpcs", "code": draw(CODES)},
            **draw(maybe("role", st.sampled_from(["drug", "supportive"]))),
            **draw(maybe("dates", DAYS.map(lambda day: {"start": day}))),
            **draw(maybe("quantity", st.integers(1, 2000).map(lambda value: {"value": value}))),
        }
        for _ in range(draw(st.integers(1, 3)))
    ]
    return Order.model_validate(
        {
            "coverages": [
                {
                    "payer": draw(st.sampled_from([PAYER, "bluestem_mutual", "cedar_valley", "dogwood_plan"])),
                    "line_of_business": draw(st.sampled_from(["commercial", "medicare_advantage"])),
                }
            ],
            "lines": lines,
            "diagnoses": [{"code": code} for code in draw(st.lists(DIAGNOSES, max_size=3))],
            "patient": draw(maybe("birth_date", st.sampled_from(["1950-01-01", "2014-06-01"]))),
            "site": draw(maybe("place_of_service", st.sampled_from(["11", "12", "19", "22", "49"]))),
            "intent": draw(st.sampled_from(["initial", "renewal"])),
            "facts": draw(facts()),
        }
    )


FILED = st.dates(date(2026, 1, 1), date(2027, 6, 30))


def refs_in(value: Any) -> list[RuleRef]:
    if isinstance(value, RuleRef):
        return [value]
    if isinstance(value, Record):
        return [ref for name in type(value).model_fields for ref in refs_in(getattr(value, name))]
    return [ref for each in value for ref in refs_in(each)] if isinstance(value, tuple) else []


@given(orders(), FILED)
def test_a_check_is_the_same_again_and_everything_it_says_is_cited(order: Order, on: date) -> None:
    report = check(order, shipped_book(), on)
    assert report == check(order, a_book(*shipped().packs), on)
    assert Report.model_validate_json(report.model_dump_json(exclude_defaults=True)) == report
    assert all(ref.citation.source and ref.citation.says and ref.version for ref in refs_in(report))
    for finding in report.findings:
        assert finding.rule in refs_in(report.lines)
        assert finding.pointer.startswith("/")
        assert finding.fix
    for line in report.lines:
        assert line.authorization.why or line.authorization.likely == "unknown"


@given(orders(), FILED, st.randoms(use_true_random=False))
def test_the_order_of_packs_and_of_rules_says_nothing(order: Order, on: date, random: Any) -> None:
    packs = list(shipped().packs)
    random.shuffle(packs)
    turned = [pack.model_copy(update={"rules": tuple(random.sample(pack.rules, len(pack.rules)))}) for pack in packs]
    straight, other = check(order, shipped_book(), on), check(order, a_book(*turned), on)
    assert sorted(straight.findings, key=str_of) == sorted(other.findings, key=str_of)
    assert [line.authorization.likely for line in straight.lines] == [line.authorization.likely for line in other.lines]


def str_of(value: Record) -> str:
    return value.model_dump_json()


def _applying(order: Order, on: date) -> set[str]:
    """The rules that apply to a line of the order, or may."""
    whole = asked(order, on, shipped_book().billed)
    return {
        bound.ref.word
        for line in whole.lines
        for bound in shipped_book().rules(whole.payer, line)
        if bound.applies(whole, line) is not False
    }


@given(orders(), FILED, st.data())
def test_no_edit_of_a_rule_changes_the_verdict_of_a_case_it_does_not_apply_to(
    order: Order, on: date, data: st.DataObject
) -> None:
    applying = _applying(order, on)
    idle = [
        (place, number)
        for place, pack in enumerate(shipped().packs)
        for number, rule in enumerate(pack.rules)
        if f"{pack.pack}/{rule.rule}" not in applying
    ]
    place, number = data.draw(st.sampled_from(idle))
    pack = shipped().packs[place]
    before = pack.rules[number]
    # What a rule wants is edited in any way, as long as it applies to what it applied to.
    kept = {name: getattr(before, name) for name in ("rule", "scope", "effective", "holds_on")}
    edits = [
        *(other.model_copy(update=kept) for other in data.draw(st.sampled_from(shipped().packs)).rules[:5]),
        before.model_copy(update={"weight": "advised"}),
        None,
    ]
    edit = data.draw(st.sampled_from(edits))
    rules = tuple(edit if at == number else rule for at, rule in enumerate(pack.rules))
    changed = pack.model_copy(update={"rules": tuple(rule for rule in rules if rule is not None)})
    packs = [changed if at == place else one for at, one in enumerate(shipped().packs)]
    assert check(order, a_book(*packs), on) == check(order, shipped_book(), on)


def test_an_edit_of_a_rule_that_applies_does_change_it() -> None:
    """What keeps the property above from being true of nothing."""

    def pack(most: int) -> PolicyPack:
        return a_pack(a_rule("limit", units=most, scope={"codes": [{"system": "hcpcs", "first": "J9271"}]}))

    order = an_order(a_line())
    assert check(order, a_book(pack(200)), date(2026, 11, 23)) != check(order, a_book(pack(199)), date(2026, 11, 23))


def test_a_hostile_record_costs_little_and_its_report_stays_small() -> None:
    many = 1500
    facts: dict[str, Any] = {
        "biomarkers": [{"marker": "PD-L1", "result": "TPS 80%"}] * many,
        "prior_therapies": [
            {"drug": "methotrexate", "outcome": "completed", "started_on": "2026-01-01", "stopped_on": "2026-06-01"}
        ]
        * many,
        "site_needs": [{"kind": "infusion_reaction", "observed_on": "2026-10-01"}] * many,
        "compendium": [{"compendium": "nccn", "category": "1", "context": "x"}] * many,
    }
    lines = [a_line(code) for code in ("J1745", "J9271", "Q5103") * 33]
    order = an_order(*lines, facts=facts, diagnoses=[{"code": "M05.79"}, {"code": "C34.11"}])
    began = time.process_time()
    report = check(order, shipped_book(), date(2026, 11, 23))
    assert time.process_time() - began < 2
    assert len(report.model_dump_json()) < 5_000_000
