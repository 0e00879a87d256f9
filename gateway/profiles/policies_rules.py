"""A payer's rules as data: to which lines of which request each applies, and what it says of them.

Conditions are typed fields, never expressions: what is left out narrows nothing, and all that is there must hold. Every
rule cites where it was learned, in our own words. Nothing is judged here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from gateway.model.benefit import SupplyMode
from gateway.model.bounds import Bounds
from gateway.model.clinical import CompendiumName, SiteNeedKind
from gateway.model.codes import PlaceOfService, ShortText, State
from gateway.model.line import LineRole, Units
from gateway.model.people import Gender
from gateway.model.record import Record, refuse
from gateway.model.request import Intent
from gateway.profiles.facts import Effective, Id
from gateway.profiles.policies_needs import Days, Morphologies, Need, Words
from gateway.profiles.ranges import Ages, Businesses, Codes, Diagnoses

Guideline = Literal["nccn", "asco", "acr_rheumatology", "acr_appropriateness", "aaos", "aace", "endocrine_society"]
"""The family of guidelines a rule follows: a tag, and no text of it."""


Places = Annotated[tuple[PlaceOfService, ...], Bounds(1, 30)]


class Citation(Record):
    """Where a rule was learned, and what is said there in our own words."""

    source: ShortText
    says: ShortText
    section: ShortText | None = None


def _no_set_left(codes: Any) -> Any:
    """A pack puts the codes of its sets where their names stand (PolicyPack)."""
    if isinstance(codes, str):
        refuse("code_set", "The pack has no such set of codes.", "Add it to code_sets of the pack, or list the codes.")
    return codes


class Scope(Record):
    """The lines a rule applies to.

    ``codes`` are of the line's own code or NDC; ``diagnoses`` any of those the line is for; ``regimens`` names of the
    regimen; ``sites`` the line's place of service, else the request's.
    """

    lines_of_business: Businesses = None
    roles: Annotated[tuple[LineRole, ...] | None, Bounds(1, 6)] = None
    codes: Annotated[Codes | None, BeforeValidator(_no_set_left)] = None
    diagnoses: Diagnoses | None = None
    histologies: Morphologies | None = None
    regimens: Annotated[tuple[ShortText, ...] | None, Bounds(1, 50)] = None
    regimen_intents: Annotated[
        tuple[Literal["curative", "adjuvant", "neoadjuvant", "palliative", "maintenance", "disease_control"], ...]
        | None,
        Bounds(1, 6),
    ] = None
    sites: Places | None = None
    ages: Ages | None = None
    genders: Annotated[tuple[Gender, ...] | None, Bounds(1, 2)] = None
    intents: Annotated[tuple[Intent, ...] | None, Bounds(1, 5)] = None
    supplies: Annotated[tuple[SupplyMode, ...] | None, Bounds(1, 3)] = None


class RuleBase(Record):
    """What every rule has. ``holds_on`` says which day must lie within the days of the rule and of its pack: that of
    the line's service, or that of filing. What an ``advised`` rule wants never stops a request."""

    rule: Id
    citation: Citation
    scope: Scope = Scope()
    effective: Effective | None = None
    holds_on: Literal["service", "filing"] = "service"
    guidelines: Annotated[tuple[Guideline, ...], Bounds(0, 7)] = ()
    weight: Literal["required", "advised"] = "required"


class AuthorizationRule(RuleBase):
    """Whether prior authorization is likely ``needed``. Of several that apply the highest ``precedence`` holds."""

    kind: Literal["authorization"]
    needed: Annotated[bool, Field(strict=True)]
    because: ShortText
    precedence: Annotated[int, Field(strict=True, ge=0, le=100)] = 0


class RequirementRule(RuleBase):
    """Facts and documents that a request must bring. All of the needs."""

    kind: Literal["requirement"]
    needs: Annotated[tuple[Need, ...], Bounds(1, 30)]


class Indication(Record):
    """One indication of a label: its diagnoses, and what else the label asks for there."""

    diagnoses: Diagnoses
    ages: Ages | None = None
    genders: Annotated[tuple[Gender, ...] | None, Bounds(1, 2)] = None
    needs: Annotated[tuple[Need, ...], Bounds(0, 12)] = ()


class LabelRule(RuleBase):
    """What the codes of the scope are labelled for."""

    kind: Literal["label"]
    indications: Annotated[tuple[Indication, ...], Bounds(1, 100)]

    @model_validator(mode="after")
    def _of_codes(self) -> Self:
        if self.scope.codes is None or self.scope.diagnoses is not None:
            refuse("label", "A label is of codes, for any diagnosis.", "Add scope.codes, and remove scope.diagnoses.")
        return self


class AcceptedCompendium(Record):
    compendium: CompendiumName
    categories: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=10, to_upper=True)], ...], Bounds(1, 20)
    ]


class OffLabelRule(RuleBase):
    """The compendia, and the categories in them, that support what no label does."""

    kind: Literal["off_label"]
    accepted: Annotated[tuple[AcceptedCompendium, ...], Bounds(1, 10)]


class Dose(Record):
    """``mg`` of a drug per ``per``."""

    mg: Annotated[float, Field(strict=True, gt=0, le=100_000, allow_inf_nan=False)]
    per: Literal["day", "week", "month"]


TrialOutcome = Literal["ongoing", "completed", "inadequate_response", "progression", "stopped_other"]
TrialException = Literal["contraindicated", "intolerance"]


class Trial(Record):
    """``how_many`` of these drugs, or of drugs of these classes, each taken for ``least_days`` at ``least_dose`` and
    ended as one of ``outcomes``.

    Periods of one drug are one where no more than ``gap_days`` lie between them. One that ended longer ago than
    ``look_back_days`` counts for nothing. ``exceptions`` stand for a trial where the record says why.
    """

    trial: Id
    drugs: Words | None = None
    classes: Words | None = None
    how_many: Annotated[int, Field(strict=True, ge=1, le=10)] = 1
    least_days: Annotated[int, Field(strict=True, ge=0, le=3660)] = 0
    least_dose: Dose | None = None
    outcomes: Annotated[tuple[TrialOutcome, ...], Bounds(1, 5)] = ("inadequate_response", "progression")
    exceptions: Annotated[tuple[TrialException, ...], Bounds(0, 2)] = ("contraindicated", "intolerance")
    gap_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 30
    look_back_days: Days | None = None

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.drugs is None and self.classes is None:
            refuse("trial", "It is a trial of nothing.", "Name drugs or classes.")
        if self.classes is None and self.drugs is not None and self.how_many > len(set(self.drugs)):
            refuse("how_many", "It wants more drugs than it names: nobody could meet it.", "Name more, or want fewer.")
        return self


class NewStarts(Record):
    """Only who has not taken the requested drug within ``look_back_days`` has to take something else first."""

    look_back_days: Days


class StepTherapyRule(RuleBase):
    """All of these trials come before the drug."""

    kind: Literal["step_therapy"]
    steps: Annotated[tuple[Trial, ...], Bounds(1, 10)]
    new_starts_only: NewStarts | None = None

    @field_validator("steps")
    @classmethod
    def _each_its_word(cls, steps: tuple[Trial, ...]) -> tuple[Trial, ...]:
        if len({step.trial for step in steps}) < len(steps):
            refuse("steps", "Two steps have the same word.", "Give each its own.")
        return steps


class PreferredRule(RuleBase):
    """What of the scope is paid for only after the ``preferred`` codes were tried, as ``unless`` says."""

    kind: Literal["preferred"]
    preferred: Codes
    unless: Trial | None = None
    new_starts_only: NewStarts | None = None


class JustifiedSite(Record):
    """Places that need one of these reasons, observed no longer than ``within_days`` before."""

    sites: Places
    needs: Annotated[tuple[SiteNeedKind, ...], Bounds(1, 8)]
    within_days: Days | None = None


class SiteRule(RuleBase):
    """Where the service is paid for. Patients of ``exempt_ages`` may be treated anywhere."""

    kind: Literal["site_of_service"]
    preferred: Places
    acceptable: Annotated[tuple[PlaceOfService, ...], Bounds(0, 30)] = ()
    justified: Annotated[tuple[JustifiedSite, ...], Bounds(0, 10)] = ()
    exempt_ages: Ages | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        plain = {*self.preferred, *self.acceptable}
        if len(plain) < len(self.preferred) + len(self.acceptable) or any(
            not plain.isdisjoint(each.sites) for each in self.justified
        ):
            refuse("place", "A place stands twice, as two things.", "Keep it where it belongs.")
        return self


class LimitRule(RuleBase):
    """How much is paid for: ``units`` in every ``per_days`` (of the line's whole where none are given), over at most
    ``most_days``."""

    kind: Literal["limit"]
    units: Units | None = None
    per_days: Days | None = None
    most_days: Days | None = None

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.units is None and self.most_days is None:
            refuse("limit", "This limits nothing.", "Add units, or most_days.")
        if self.per_days is not None and self.units is None:
            refuse("limit", "There is no amount for these days.", "Add units, or remove per_days.")
        return self


class Determination(Record):
    """A national or local coverage determination by its number. A local one holds in the states of a contractor's
    jurisdiction."""

    id: Annotated[str, Field(pattern=r"^([0-9]{2,3}(\.[0-9]{1,2}){1,2}|[LA][0-9]{5})$")]
    kind: Literal["ncd", "lcd", "article"]
    jurisdiction: ShortText | None = None
    states: Annotated[tuple[State, ...] | None, Bounds(1, 60)] = None


class DeterminationRule(RuleBase):
    """Which of Medicare's coverage determinations a Medicare plan has to follow here."""

    kind: Literal["determination"]
    determinations: Annotated[tuple[Determination, ...], Bounds(1, 20)]


class AdministrationRule(RuleBase):
    """Codes for giving a drug. Authorization is of the drug: such a line follows the drug's, and alone asks for
    nothing."""

    kind: Literal["administration"]

    @model_validator(mode="after")
    def _of_codes(self) -> Self:
        if self.scope.codes is None:
            refuse("administration", "It names no code.", "Add scope.codes.")
        return self


Rule = Annotated[
    AuthorizationRule
    | RequirementRule
    | LabelRule
    | OffLabelRule
    | StepTherapyRule
    | PreferredRule
    | SiteRule
    | LimitRule
    | DeterminationRule
    | AdministrationRule,
    Field(discriminator="kind"),
]
