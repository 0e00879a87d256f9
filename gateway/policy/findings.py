"""Verdicts turned into things to mend: each with a stable code, the place, and the fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.policy.asked import AskedLine
from gateway.policy.verdict import (
    Label,
    LimitVerdict,
    PolicyFinding,
    Preferred,
    Requirement,
    RuleRef,
    SiteVerdict,
    State,
    Step,
    StepState,
    StepTherapy,
)
from gateway.policy.wording import code_of, fix_of, place_of
from gateway.profiles.policies_rules import RuleBase

Tell = Callable[..., PolicyFinding]

_STEP_CODES = {
    StepState.MISSING: "STEP_MISSING",
    StepState.INSUFFICIENT_DURATION: "STEP_INSUFFICIENT_DURATION",
    StepState.INSUFFICIENT_DOSE: "STEP_INSUFFICIENT_DOSE",
    StepState.NOT_FAILED: "STEP_NOT_FAILED",
    StepState.UNDATED: "STEP_UNDATED",
    StepState.EXCEPTION_UNDOCUMENTED: "STEP_EXCEPTION_UNDOCUMENTED",
}
_STEP_FIXES = {
    StepState.MISSING: "Add the trial to /facts/prior_therapies, or why the patient cannot have it.",
    StepState.INSUFFICIENT_DURATION: "Compare the dates of the trial, or add why it was ended early.",
    StepState.INSUFFICIENT_DOSE: "Send the dose as milligrams in a time, for example 20 mg weekly.",
    StepState.NOT_FAILED: "Send how the trial ended, and why.",
    StepState.UNDATED: "Add started_on and stopped_on of the trial.",
    StepState.EXCEPTION_UNDOCUMENTED: "Add the reason of the contraindication or intolerance, or where it is recorded.",
}


def teller(rule: RuleBase, ref: RuleRef, line: AskedLine, *, blocks: bool) -> Tell:
    severity = "blocking" if blocks and rule.weight == "required" else "advice"

    def tell(code: str, pointer: str, message: str, fix: str, *, advice: bool = False) -> PolicyFinding:
        return PolicyFinding(
            code=code,
            severity="advice" if advice else severity,
            line=line.id,
            pointer=pointer,
            message=message,
            fix=fix,
            rule=ref,
        )

    return tell


def of_requirement(item: Requirement, tell: Tell) -> Iterator[PolicyFinding]:
    if item.state is not State.PRESENT:
        yield tell(code_of(item), place_of(item), f"The policy wants {item.what}. {item.says}", fix_of(item))


def of_steps(verdict: StepTherapy, tell: Tell) -> Iterator[PolicyFinding]:
    for step in verdict.steps:
        if step.state in _STEP_CODES:
            yield _of_step(step, tell)


def _of_step(step: Step, tell: Tell) -> PolicyFinding:
    short = "" if step.days_short is None else f" {step.days_short} days are missing."
    message = f"Before this drug the policy wants {step.wants}; {step.counted} of {step.wanted} count.{short}"
    waiting = [one for one in step.trials if one.state is step.state and one.evidence]
    pointer = waiting[0].evidence[0].pointer if waiting else "/facts/prior_therapies"
    return tell(_STEP_CODES[step.state], pointer, message, _STEP_FIXES[step.state])


def of_preferred(verdict: Preferred, line: AskedLine, tell: Tell) -> Iterator[PolicyFinding]:
    if verdict.verdict == "not_preferred":
        message = f"The payer prefers {', '.join(verdict.preferred)}."
        if verdict.step is not None:
            message += f" It pays for this one after {verdict.step.wants}."
        fix = "Ask for a preferred product, or add the trial of one, or why the patient cannot have it."
        yield tell("NON_PREFERRED_PRODUCT", f"{line.pointer}/code", message, fix)


def of_site(verdict: SiteVerdict, tell: Tell) -> Iterator[PolicyFinding]:
    places = ", ".join(verdict.preferred)
    if verdict.verdict == "needs_justification":
        reasons = ", ".join(need.replace("_", " ") for need in verdict.needs)
        message = f"The payer prefers places of service {places}; this one needs a reason: {reasons}."
        fix = f"Choose another site, or add the reason to /facts/site_needs: {', '.join(verdict.needs)}."
    elif verdict.verdict == "not_accepted":
        message = f"The payer wants this at places of service {places}, and takes no reason for this one."
        fix = "Choose another site."
    else:
        return
    yield tell("SOS_MISMATCH", "/site/place_of_service", message, fix)


def of_label(label: Label, tell: Tell) -> Iterator[PolicyFinding]:
    named = "; ".join(f"{compendium} {', '.join(categories)}" for compendium, categories in label.accepted)
    if label.verdict == "off_label_unsupported":
        message = "The drug has no label for this, and no compendium that the payer accepts is cited."
        fix = "Point the line at the diagnosis that the drug is labelled for"
        fix += f", or add a citation to /facts/compendium: {named}." if named else "."
        yield tell("OFF_LABEL_NO_COMPENDIUM", "/facts/compendium", message, fix)
    elif label.verdict == "undetermined":
        for pointer in label.missing:
            message = "The label is for some patients, and whether this is one cannot be told."
            yield tell("LABEL_PATIENT_UNKNOWN", pointer, message, f"Add {pointer}, where it is known.", advice=True)
        for item in label.needs:
            if item.state is not State.PRESENT:
                message = f"The label asks for {item.what}. {item.says}"
                yield tell(code_of(item), place_of(item), message, fix_of(item))


def of_limit(verdict: LimitVerdict, line: AskedLine, tell: Tell) -> Iterator[PolicyFinding]:
    if verdict.verdict == "exceeded":
        message = f"The line asks for more than the payer pays for: {verdict.says}."
        yield tell("LIMIT_EXCEEDED", f"{line.pointer}/quantity", message, "Ask for less, or say why more is needed.")
