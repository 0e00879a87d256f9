"""The check: every rule that applies to a line, judged. The same request, packs and day give the same answer.

No I/O, no clock. What has no rule is not known, and nothing is made up for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import TypeVar

from gateway.model.request import PARequest
from gateway.policy import findings as told
from gateway.policy import lines as judged
from gateway.policy.asked import Asked, AskedLine, asked
from gateway.policy.book import Book, Bound
from gateway.policy.dates import Days
from gateway.policy.limits import judge_limit, too_much
from gateway.policy.needs import look
from gateway.policy.order import Order
from gateway.policy.record import PatientRecord
from gateway.policy.trials import judge_preferred, judge_steps
from gateway.policy.verdict import (
    Authorization,
    Item,
    Label,
    LimitVerdict,
    LineVerdict,
    PolicyFinding,
    Preferred,
    Report,
    Requirement,
    RuleRef,
    SiteVerdict,
    StepTherapy,
    Undetermined,
    Why,
)
from gateway.profiles.policies_needs import Need
from gateway.profiles.policies_rules import (
    AdministrationRule,
    AuthorizationRule,
    DeterminationRule,
    LabelRule,
    LimitRule,
    OffLabelRule,
    PreferredRule,
    RequirementRule,
    RuleBase,
    SiteRule,
    StepTherapyRule,
)
from gateway.profiles.ranges import DiagnosisRange

R = TypeVar("R", bound=RuleBase)


def check(request: PARequest | Order, book: Book, filed_on: date) -> Report:
    """What the policies of the first coverage's payer want of each line, on the day it is or would be filed."""
    whole = asked(request, filed_on, book.billed)
    record = PatientRecord(whole, book.words)
    found = [[(bound, bound.applies(whole, line)) for bound in book.rules(whole.payer, line)] for line in whole.lines]
    judgements = [
        _Judging(whole, line, record).judge(rules, found) for line, rules in zip(whole.lines, found, strict=True)
    ]
    days = [filed_on, *(line.dates.start for line in whole.lines if line.dates is not None)]
    packs = book.packs(whole.payer, days)
    return Report(
        payer=whole.payer,
        line_of_business=whole.business,
        filed_on=filed_on,
        known=any(pack.payer is not None for pack in packs),
        policies=tuple(pack.name for pack in packs),
        lines=tuple(verdict for verdict, _ in judgements),
        findings=tuple(finding for _, findings in judgements for finding in findings),
    )


class _Judging:
    """One line on its way to its verdict, and what there is to mend of it."""

    def __init__(self, whole: Asked, line: AskedLine, record: PatientRecord) -> None:
        self._whole = whole
        self._line = line
        self._record = record
        self._days = Days(whole.filed_on, line.dates.start if line.dates else None)
        self._findings: list[PolicyFinding] = []
        self._untold: list[Undetermined] = []
        self._blocks = True

    def _tell(self, rule: RuleBase, ref: RuleRef) -> told.Tell:
        return told.teller(rule, ref, self._line, blocks=self._blocks)

    def judge(
        self, rules: Sequence[judged.Held], of_all: Sequence[Sequence[judged.Held]]
    ) -> tuple[LineVerdict, list[PolicyFinding]]:
        """``rules`` are those that were looked up for this line, ``of_all`` those of every line."""
        applying: dict[type[RuleBase], list[Bound]] = {}
        for bound, answer in rules:
            if answer is True:
                applying.setdefault(type(bound.rule), []).append(bound)
            elif answer is not False:
                self._untold.append(Undetermined(missing=answer, rule=bound.ref))

        def of(kind: type[R]) -> list[tuple[R, RuleRef]]:
            return [(bound.rule, bound.ref) for bound in applying.get(kind, ()) if isinstance(bound.rule, kind)]

        authorization = judged.judge_authorization(of(AuthorizationRule))
        follows: tuple[str, ...] = ()
        if administrations := of(AdministrationRule):
            follows = judged.drugs_given(self._whole, self._line, of_all)
            authorization = self._administration(administrations, follows, authorization)
        # What nobody is asked about is refused by nobody; a claim may still be held against the policy.
        self._blocks = authorization.likely != "not_needed"
        verdict = LineVerdict(
            line=self._line.id,
            pointer=self._line.pointer,
            code=self._line.codes[0],
            authorization=authorization,
            follows=follows,
            requirements=tuple(self._requirements(of(RequirementRule))),
            step_therapy=tuple(self._steps(of(StepTherapyRule))),
            preferred=tuple(self._preferred(of(PreferredRule))),
            site=tuple(self._sites(of(SiteRule))),
            label=self._label(of(LabelRule), of(OffLabelRule)),
            limits=tuple(self._limits(of(LimitRule), of_all)),
            determinations=tuple(
                each
                for rule, ref in of(DeterminationRule)
                for each in judged.judge_determinations(rule, ref, self._whole)
            ),
            undetermined=tuple(self._untold),  # the last, for what was judged above adds to it
        )
        return verdict, self._findings

    def _administration(
        self,
        rules: Sequence[tuple[AdministrationRule, RuleRef]],
        follows: tuple[str, ...],
        authorization: Authorization,
    ) -> Authorization:
        if not follows:
            for rule, ref in rules:
                tell = self._tell(rule, ref)
                self._findings.append(
                    tell(
                        "PA_FOLLOWS_THE_DRUG",
                        self._line.pointer,
                        "Authorization follows the drug, and the request has no line of the drug that is given.",
                        "Add the drug as a line, with its HCPCS code or NDC.",
                    )
                )
        if authorization.likely != "unknown":
            return authorization
        why = tuple(Why(says="It goes with the drug it gives, and needs none by itself.", rule=ref) for _, ref in rules)
        return Authorization(likely="not_needed", why=why)

    def _requirements(self, rules: Sequence[tuple[RequirementRule, RuleRef]]) -> Iterator[Requirement]:
        for rule, ref in rules:
            tell = self._tell(rule, ref)
            for need in rule.needs:
                item = self._look(need, rule.scope.diagnoses)
                wanted = Requirement(
                    need=item.need,
                    what=item.what,
                    state=item.state,
                    says=item.says,
                    evidence=item.evidence,
                    parts=item.parts,
                    rule=ref,
                )
                self._findings += told.of_requirement(wanted, tell)
                yield wanted

    def _steps(self, rules: Sequence[tuple[StepTherapyRule, RuleRef]]) -> Iterator[StepTherapy]:
        for rule, ref in rules:
            verdict = judge_steps(rule, ref, self._record, self._line)
            self._findings += told.of_steps(verdict, self._tell(rule, ref))
            yield verdict

    def _preferred(self, rules: Sequence[tuple[PreferredRule, RuleRef]]) -> Iterator[Preferred]:
        for rule, ref in rules:
            verdict = judge_preferred(rule, ref, self._record, self._line)
            self._findings += told.of_preferred(verdict, self._line, self._tell(rule, ref))
            yield verdict

    def _sites(self, rules: Sequence[tuple[SiteRule, RuleRef]]) -> Iterator[SiteVerdict]:
        for rule, ref in rules:
            key = (id(rule), self._line.site, self._days.service)
            verdict = self._record.once(key, partial(judged.judge_site, rule, ref, self._whole, self._line))
            if isinstance(verdict, str):
                self._untold.append(Undetermined(missing=(verdict,), rule=ref))
            else:
                self._findings += told.of_site(verdict, self._tell(rule, ref))
                yield verdict

    def _label(
        self, labels: Sequence[tuple[LabelRule, RuleRef]], accepting: Sequence[tuple[OffLabelRule, RuleRef]]
    ) -> Label | None:
        label = judged.judge_label(labels, accepting, self._whole, self._line, self._look, self._record.words)
        if label is not None:
            # It is the payer who says what supports an off-label use; where it says nothing, the label alone does.
            rule, ref = (accepting or labels)[0]
            self._findings += told.of_label(label, self._tell(rule, ref))
        return label

    def _limits(
        self, rules: Sequence[tuple[LimitRule, RuleRef]], of_all: Sequence[Sequence[judged.Held]]
    ) -> Iterator[LimitVerdict]:
        for rule, ref in rules:
            over = self._record.once(("over", id(rule)), partial(_over, rule, self._whole, of_all))
            verdict = judge_limit(rule, ref, self._line, over)
            self._findings += told.of_limit(verdict, self._line, self._tell(rule, ref))
            yield verdict

    def _look(self, need: Need, wanted: Sequence[DiagnosisRange] | None) -> Item:
        """``wanted`` are the diagnoses that the rule is for: a fact of another tumor tells nothing."""
        record = self._record.about(self._line.diagnoses, wanted)
        return record.once((id(need), self._days.service), lambda: look(need, record, self._days))


def _over(rule: LimitRule, whole: Asked, of_all: Sequence[Sequence[judged.Held]]) -> frozenset[int]:
    """The lines that ask for too much among those that the rule applies to."""
    limited = [
        line
        for line, held in zip(whole.lines, of_all, strict=True)
        if any(bound.rule is rule and answer is True for bound, answer in held)
    ]
    return too_much(rule, limited)
