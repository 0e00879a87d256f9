"""What rules of one kind say of one line: whether it needs authorization, its site, its label, Medicare's
determinations, and what an administration follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from gateway.model.clinical import CompendiumCitation
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
    RuleRef,
    SiteVerdict,
    State,
    Why,
)
from gateway.policy.words import Words
from gateway.profiles.policies_needs import Fresh, Need
from gateway.profiles.policies_rules import (
    AuthorizationRule,
    DeterminationRule,
    Indication,
    LabelRule,
    OffLabelRule,
    SiteRule,
)
from gateway.profiles.policies_words import regimen_words
from gateway.profiles.ranges import DiagnosisRange

Look = Callable[[Need, Sequence[DiagnosisRange]], Item]
"""How a need stands for one of these diagnoses."""
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


def judge_site(rule: SiteRule, ref: RuleRef, asked: Asked, line: AskedLine) -> SiteVerdict | str:
    """A JSON Pointer where the site, or the age of a patient that might be exempt, is not known and would tell."""
    if line.site is None:
        return "/site/place_of_service"
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
    exempt = rule.exempt_ages is not None and asked.born is None
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
    if exempt:
        return "/patient/birth_date"
    if needs:
        return verdict.model_copy(update={"verdict": "needs_justification", "needs": tuple(dict.fromkeys(needs))})
    return verdict


def judge_label(
    labels: Sequence[tuple[LabelRule, RuleRef]],
    accepting: Sequence[tuple[OffLabelRule, RuleRef]],
    asked: Asked,
    line: AskedLine,
    look: Look,
    words: Words,
) -> Label | None:
    """None where no label of the drug is known: of such nothing can be said."""
    if not labels or not line.diagnoses:
        return None
    waiting: list[tuple[tuple[Item, ...], tuple[str, ...]]] = []
    for rule, ref in labels:
        for indication in rule.indications:
            untold = _untold(indication, asked, line)
            if untold is None:
                continue
            needs = tuple(look(need, indication.diagnoses) for need in indication.needs)
            if not untold and all(item.state is State.PRESENT for item in needs):
                return Label(verdict="on_label", needs=needs, rules=(ref,))
            if not any(item.state is State.NOT_MET for item in needs):
                waiting.append((needs, untold))
    refs = tuple(ref for _, ref in (*labels, *accepting))
    accepted = tuple((each.compendium, each.categories) for rule, _ in accepting for each in rule.accepted)
    cited = tuple(islice(_citations(asked, line, accepting, words), MOST_EVIDENCE))
    if cited:
        return Label(verdict="off_label_supported", accepted=accepted, evidence=cited, rules=refs)
    if waiting:
        needs, missing = min(
            waiting, key=lambda one: len(one[1]) + sum(item.state is not State.PRESENT for item in one[0])
        )
        return Label(verdict="undetermined", needs=needs, missing=missing, accepted=accepted, rules=refs)
    return Label(verdict="off_label_unsupported", accepted=accepted, rules=refs)


def _untold(indication: Indication, asked: Asked, line: AskedLine) -> tuple[str, ...] | None:
    """JSON Pointers of what would tell whether it is for this patient; None where it is not."""
    if not any(each.holds(code) for code in line.diagnoses for each in indication.diagnoses):
        return None
    untold: list[str] = []
    if indication.genders is not None:
        if asked.gender is None:
            untold.append("/patient/gender")
        elif asked.gender not in indication.genders:
            return None
    if indication.ages is not None:
        day = asked.filed_on if line.dates is None else line.dates.start
        if asked.born is None:
            untold.append("/patient/birth_date")
        elif not indication.ages.least <= age_on(asked.born, day) <= indication.ages.most:
            return None
    return tuple(untold)


def _citations(
    asked: Asked, line: AskedLine, accepting: Sequence[tuple[OffLabelRule, RuleRef]], words: Words
) -> Iterator[Evidence]:
    """Those that are of the line and that every rule accepts."""
    for place, cited in enumerate(asked.facts.compendium):
        if not _is_of(cited, asked, line, words):
            continue
        category = cited.category.strip().upper()
        if accepting and all(
            any(each.compendium == cited.compendium and category in each.categories for each in rule.accepted)
            for rule, _ in accepting
        ):
            yield Evidence(
                pointer=f"/facts/compendium/{place}", reads=f"{cited.compendium} {category}", origin=cited.origin
            )


def _is_of(cited: CompendiumCitation, asked: Asked, line: AskedLine, words: Words) -> bool:
    """A citation of no line is of the only drug that is asked for; of several it has to name the drug, or the
    regimen."""
    if cited.line_id is not None:
        return cited.line_id == line.id
    if sum(one.role in (None, LineRole.DRUG) for one in asked.lines) <= 1:
        return True
    named = words.alike(words.drugs_in(cited.context))
    of_regimen = asked.regimen_words and asked.regimen_words <= regimen_words(cited.context)
    return bool(of_regimen) or not named.isdisjoint(words.drugs_of(line.codes))


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
