"""What a check comes to: for each line what the policy wants, what of it the request holds and where, and what to do.

Sentences are of the policy and the places in a request; no value of a patient stands in them, for some go into problem
documents.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gateway.model.clinical import CompendiumName, Origin
from gateway.model.line import ServiceCode
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record
from gateway.profiles.policies_rules import Citation, Determination, Guideline


class State(StrEnum):
    """How a thing that is wanted stands."""

    PRESENT = "present"
    MISSING = "missing"
    STALE = "stale"
    """It is there, and older than the policy allows."""
    UNDATED = "undated"
    """It is there, and how old it is cannot be told."""
    AMBIGUOUS = "ambiguous"
    """It is there, and what it says cannot be told."""
    CONFLICTING = "conflicting"
    """It is there twice, and the two contradict each other."""
    NOT_MET = "not_met"
    """It is there, and says something else than the policy wants."""


class RuleRef(Record):
    """The rule that says so. ``policy`` and ``version`` name its pack."""

    policy: str
    version: str
    rule: str
    citation: Citation
    guidelines: tuple[Guideline, ...] = ()
    synthetic: Annotated[bool, Field(description="The payer, and its policy, do not exist.")] = False

    @property
    def word(self) -> str:
        return f"{self.policy}/{self.rule}"


MOST_EVIDENCE = 20
"""Facts that are named for one thing; a record may hold thousands that all say the same."""


class Evidence(Record):
    """A fact that was looked at. ``origin`` is where that fact was read in turn."""

    pointer: Annotated[str, Field(description="JSON Pointer into the request.")]
    dated_on: date | None = None
    reads: Annotated[str | None, Field(description="What it is taken to say.")] = None
    origin: Origin | None = None


class Item(Record):
    """One thing that is wanted, without the rule that wants it."""

    need: str
    what: str
    state: State
    says: str
    evidence: tuple[Evidence, ...] = ()
    parts: Annotated[tuple[Item, ...], Field(description="Of what wants any or all of several.")] = ()


class Requirement(Item):
    """One thing that a rule wants."""

    rule: RuleRef


class Why(Record):
    says: str
    rule: RuleRef


class Authorization(Record):
    """Whether a prior authorization is likely needed. ``unknown`` where no rule says so."""

    likely: Literal["needed", "not_needed", "unknown", "contradictory"]
    why: tuple[Why, ...] = ()


class StepState(StrEnum):
    MET = "met"
    MISSING = "missing"
    INSUFFICIENT_DURATION = "insufficient_duration"
    INSUFFICIENT_DOSE = "insufficient_dose"
    NOT_FAILED = "not_failed"
    """Taken long enough, and not recorded to have ended as the policy wants."""
    UNDATED = "undated"
    EXCEPTION_CLAIMED = "exception_claimed"
    EXCEPTION_UNDOCUMENTED = "exception_undocumented"
    """A contraindication or intolerance is claimed, and the record does not say why."""


class Trialled(Record):
    """One drug that counts, or might count, for a step."""

    drug: str
    state: StepState
    days: Annotated[int | None, Field(description="The longest period, gaps merged.")] = None
    days_short: int | None = None
    evidence: tuple[Evidence, ...] = ()


class Step(Record):
    """One step of a step therapy. ``days_short`` is of the trial that lacks least."""

    step: str
    wants: str
    state: StepState
    wanted: int
    counted: int
    days_short: int | None = None
    trials: tuple[Trialled, ...] = ()


class StepTherapy(Record):
    """``continuing`` where the rule is for new starts, and this is none."""

    verdict: Literal["met", "not_met", "continuing"]
    steps: tuple[Step, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rule: RuleRef


class Preferred(Record):
    """Of a product that is not the preferred one."""

    verdict: Literal["justified", "not_preferred", "continuing"]
    preferred: Annotated[tuple[str, ...], Field(description="Codes, or ranges of codes, that are.")]
    step: Step | None = None
    rule: RuleRef


class SiteVerdict(Record):
    verdict: Literal["preferred", "acceptable", "justified", "needs_justification", "not_accepted", "exempt"]
    place_of_service: str
    preferred: tuple[str, ...]
    needs: Annotated[tuple[str, ...], Field(description="Any one of these would justify it.")] = ()
    evidence: tuple[Evidence, ...] = ()
    rule: RuleRef


class Label(Record):
    """``needs`` are what the label asks for, of several indications that which lacks least, and ``missing`` what would
    tell whether that is for this patient; ``accepted`` the compendia that would support this."""

    verdict: Literal["on_label", "undetermined", "off_label_supported", "off_label_unsupported"]
    needs: tuple[Item, ...] = ()
    missing: Annotated[tuple[str, ...], Field(description="JSON Pointers of what would tell.")] = ()
    accepted: tuple[tuple[CompendiumName, tuple[str, ...]], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rules: tuple[RuleRef, ...]


class LimitVerdict(Record):
    verdict: Literal["within", "exceeded", "undetermined"]
    says: str
    rule: RuleRef


class Determined(Record):
    """A coverage determination; ``applies`` is null where the state of service is not known."""

    determination: Determination
    applies: bool | None
    rule: RuleRef


class Undetermined(Record):
    """A rule of which it cannot be told yet whether it applies, for want of these."""

    missing: Annotated[tuple[str, ...], Field(description="JSON Pointers of what would tell.")]
    rule: RuleRef


class LineVerdict(Record):
    line: str
    pointer: str
    code: ServiceCode
    authorization: Authorization
    follows: Annotated[tuple[str, ...], Field(description="The lines of the drugs that this one gives.")] = ()
    requirements: tuple[Requirement, ...] = ()
    step_therapy: tuple[StepTherapy, ...] = ()
    preferred: tuple[Preferred, ...] = ()
    site: tuple[SiteVerdict, ...] = ()
    label: Label | None = None
    limits: tuple[LimitVerdict, ...] = ()
    determinations: tuple[Determined, ...] = ()
    undetermined: tuple[Undetermined, ...] = ()


class PolicyFinding(Record):
    """Something to mend before the request is filed. ``pointer`` is where."""

    code: str
    severity: Literal["blocking", "advice"]
    line: str
    pointer: str
    message: str
    fix: str
    rule: RuleRef


class Report(Record):
    """The whole check. ``known`` is false where no pack of this payer holds: then nothing is known of what it wants."""

    payer: str
    line_of_business: LineOfBusiness
    filed_on: date
    known: bool
    policies: Annotated[tuple[str, ...], Field(description="The packs that hold, with their versions.")]
    lines: tuple[LineVerdict, ...]
    findings: tuple[PolicyFinding, ...]

    @property
    def blocking(self) -> tuple[PolicyFinding, ...]:
        return tuple(each for each in self.findings if each.severity == "blocking")


Item.model_rebuild()
