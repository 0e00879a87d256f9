"""What rules of one kind say of one line: whether it needs authorization, its site, its label, its limits, Medicare's
determinations, and what an administration follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice

from gateway.model.line import LineRole
from gateway.policy.asked import Asked, AskedLine
from gateway.policy.book import Bound, age_on
from gateway.policy.dates import Age, Days
from gateway.policy.verdict import (
    MOST_EVIDENCE,
    Authorization,
    Determined,
    Evidence,
    Item,
    Label,
    LimitVerdict,
    RuleRef,
    SiteVerdict,
    State,
    Why,
)
from gateway.profiles.policies_needs import Fresh, Need
from gateway.profiles.policies_rules import (
    AuthorizationRule,
    DeterminationRule,
    Indication,
    LabelRule,
    LimitRule,
    OffLabelRule,
    SiteRule,
)

Look = Callable[[Need], Item]
"""How a need stands for the line that is judged."""
Held = tuple[Bound, bool | tuple[str, ...]]
"""A rule that was looked up for a line, and whether it applies."""


def judge_authorization(rules: Sequence[tuple[AuthorizationRule, RuleRef]]) -> Authorization:
    """Of several rules those of the highest precedence hold; two of them that say the opposite hold neither."""
    if not rules:
        return Authorization(likely="unknown")
    highest = max(rule.precedence for rule, _ in rules)
    holding = [(rule, ref) for rule, ref in rules if rule.precedence == highest]
    said = {rule.needed for rule, _ in holding}
    why = tuple(Why(says=rule.because, rule=ref) for rule, ref in holding)
    if len(said) > 1:
        return Authorization(likely="contradictory", why=why)
    return Authorization(likely="needed" if True in said else "not_needed", why=why)


def judge_site(rule: SiteRule, ref: RuleRef, asked: Asked, line: AskedLine) -> SiteVerdict | None:
    """None where the site, or a patient's age that would exempt, is not known."""
    if line.site is None:
        return None
    verdict = SiteVerdict(
        verdict="not_accepted", place_of_service=line.site, preferred=rule.preferred, evidence=(), rule=ref
    )
    if rule.exempt_ages is not None and asked.born is not None:
        day = asked.filed_on if line.dates is None else line.dates.start
        if rule.exempt_ages.least <= age_on(asked.born, day) <= rule.exempt_ages.most:
            return verdict.model_copy(update={"verdict": "exempt"})
    if line.site in rule.preferred:
        return verdict.model_copy(update={"verdict": "preferred"})
    if line.site in rule.acceptable:
        return verdict.model_copy(update={"verdict": "acceptable"})
    needs: list[str] = []
    for each in rule.justified:
        if line.site not in each.sites:
            continue
        needs += each.needs
        fresh, days = Fresh(within_days=each.within_days), Days(asked.filed_on, None)
        evidence = tuple(
            Evidence(
                pointer=f"/facts/site_needs/{place}", dated_on=fact.observed_on, reads=fact.kind, origin=fact.origin
            )
            for place, fact in enumerate(asked.facts.site_needs)
            if fact.kind in each.needs and days.age(fact.observed_on, fresh) is Age.FRESH
        )
        if evidence:
            evidence = evidence[:MOST_EVIDENCE]
            return verdict.model_copy(update={"verdict": "justified", "needs": each.needs, "evidence": evidence})
    if needs:
        return verdict.model_copy(update={"verdict": "needs_justification", "needs": tuple(dict.fromkeys(needs))})
    return verdict


def judge_label(
    labels: Sequence[tuple[LabelRule, RuleRef]],
    accepting: Sequence[tuple[OffLabelRule, RuleRef]],
    asked: Asked,
    line: AskedLine,
    look: Look,
) -> Label | None:
    """None where no label of the drug is known: of such nothing can be said."""
    if not labels or not line.diagnoses:
        return None
    waiting: list[tuple[Item, ...]] = []
    for rule, ref in labels:
        for indication in rule.indications:
            if not _is_for(indication, asked, line):
                continue
            needs = tuple(look(need) for need in indication.needs)
            if all(item.state is State.PRESENT for item in needs):
                return Label(verdict="on_label", needs=needs, rules=(ref,))
            if not any(item.state is State.NOT_MET for item in needs):
                waiting.append(needs)
    refs = tuple(ref for _, ref in (*labels, *accepting))
    accepted = tuple((each.compendium, each.categories) for rule, _ in accepting for each in rule.accepted)
    cited = tuple(islice(_citations(asked, line, accepting), MOST_EVIDENCE))
    if cited:
        return Label(verdict="off_label_supported", accepted=accepted, evidence=cited, rules=refs)
    if waiting:
        nearest = min(waiting, key=lambda needs: sum(item.state is not State.PRESENT for item in needs))
        return Label(verdict="undetermined", needs=nearest, accepted=accepted, rules=refs)
    return Label(verdict="off_label_unsupported", accepted=accepted, rules=refs)


def _is_for(indication: Indication, asked: Asked, line: AskedLine) -> bool:
    if not any(each.holds(code) for code in line.diagnoses for each in indication.diagnoses):
        return False
    if indication.genders is not None and asked.gender is not None and asked.gender not in indication.genders:
        return False
    if indication.ages is not None and asked.born is not None:
        day = asked.filed_on if line.dates is None else line.dates.start
        return indication.ages.least <= age_on(asked.born, day) <= indication.ages.most
    return True


def _citations(asked: Asked, line: AskedLine, accepting: Sequence[tuple[OffLabelRule, RuleRef]]) -> Iterator[Evidence]:
    """Those of the line, or of no line, that every rule accepts."""
    for place, cited in enumerate(asked.facts.compendium):
        if cited.line_id not in (None, line.id):
            continue
        category = cited.category.strip().upper()
        if accepting and all(
            any(each.compendium == cited.compendium and category in each.categories for each in rule.accepted)
            for rule, _ in accepting
        ):
            yield Evidence(
                pointer=f"/facts/compendium/{place}", reads=f"{cited.compendium} {category}", origin=cited.origin
            )


def judge_limit(rule: LimitRule, ref: RuleRef, line: AskedLine, limited: Sequence[AskedLine]) -> LimitVerdict:
    """``limited`` are all lines that the rule applies to: those of the same days have one limit among them."""
    days = _days_of([line])
    told: list[tuple[bool | None, str]] = []
    if rule.most_days is not None:
        told.append((None if days is None else days <= rule.most_days, f"at most {rule.most_days} days"))
    if rule.units is not None:
        per = "" if rule.per_days is None else f" in every {rule.per_days} days"
        together = [line] if rule.per_days is None else [line, *_of_the_same_days(line, limited)]
        # Alone it may be too much already, though what stands beside it makes the days longer.
        answers = [_is_within(lines, _allowed(rule, rule.units, lines)) for lines in ([line], together)]
        told.append((False if False in answers else answers[0], f"at most {rule.units:f} units{per}"))
    says = ", ".join(text for _, text in told)
    verdicts = [answer for answer, _ in told]
    if False in verdicts:
        return LimitVerdict(verdict="exceeded", says=says, rule=ref)
    return LimitVerdict(verdict="undetermined" if None in verdicts else "within", says=says, rule=ref)


def _of_the_same_days(line: AskedLine, limited: Sequence[AskedLine]) -> Iterator[AskedLine]:
    """Other lines that have a day in common with this one, and count units."""
    for other in limited:
        if other is line or line.dates is None or other.dates is None or _units(other) is None:
            continue
        ends = [dates.end or dates.start for dates in (line.dates, other.dates)]
        if max(line.dates.start, other.dates.start) <= min(ends):
            yield other


def _days_of(lines: Sequence[AskedLine]) -> int | None:
    """From the first day of any to the last; None where the first line has no end."""
    first = lines[0].dates
    if first is None or first.end is None:
        return None
    known = [line.dates for line in lines if line.dates is not None]
    return (max(each.end or each.start for each in known) - min(each.start for each in known)).days + 1


def _allowed(rule: LimitRule, units: Decimal, lines: Sequence[AskedLine]) -> Decimal | None:
    days = _days_of(lines)
    if rule.per_days is None:
        return units
    return None if days is None else units * -(-days // rule.per_days)


def _units(line: AskedLine) -> Decimal | None:
    return line.quantity.value if line.quantity is not None and line.quantity.unit == "units" else None


def _is_within(lines: Sequence[AskedLine], allowed: Decimal | None) -> bool | None:
    counted = [_units(line) for line in lines]
    known = [units for units in counted if units is not None]
    return None if allowed is None or len(known) < len(counted) else sum(known) <= allowed


def judge_determinations(rule: DeterminationRule, ref: RuleRef, asked: Asked) -> Iterable[Determined]:
    for each in rule.determinations:
        applies: bool | None = True
        if each.states is not None:
            applies = None if asked.state is None else asked.state in each.states
        if applies is not False:
            yield Determined(determination=each, applies=applies, rule=ref)


def drugs_given(asked: Asked, line: AskedLine, found: Sequence[Sequence[Held]]) -> tuple[str, ...]:
    """The lines of drugs that an administration may be of: those that are no administration themselves."""
    return tuple(
        other.id
        for other, rules in zip(asked.lines, found, strict=True)
        if other is not line
        and other.role in (LineRole.DRUG, LineRole.SUPPORTIVE, None)
        and not any(bound.rule.kind == "administration" and answer is True for bound, answer in rules)
    )
