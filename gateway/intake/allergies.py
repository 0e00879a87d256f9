"""Drugs that a patient does not tolerate, or is allergic to: what stands in for a trial of them.

Only of drugs with an RxCUI: a list of allergies also holds peanuts, and that there are none.
"""

from __future__ import annotations

import re

from gateway.intake.conditions import unknown_status
from gateway.intake.elements import codings, each, name, names, stated, status
from gateway.intake.findings import Found
from gateway.intake.taking import RXNORM, Taking
from gateway.model.clinical import PriorTherapy, TherapyOutcome

_UNSURE = frozenset({"unconfirmed", "refuted"})
_OVER = frozenset({"inactive", "resolved"})
_DENIED = re.compile(
    r"\b(?:no|not(?! tolerat)|none|never|nil|denies|denied|without|ruled out|unknown)\b", re.IGNORECASE
)
"""A name of an allergy that says that there is none, and a reaction that was none."""


def take_allergies(taking: Taking) -> None:
    for one in taking.chart.of("AllergyIntolerance"):
        rxnorm = next(
            (each_of.code for each_of in codings(one.resource.get("code"), "code") if each_of.system == RXNORM), ""
        )
        if not (rxnorm.isascii() and rxnorm.isdigit()):
            _of_no_code(taking, one)
        elif any(_DENIED.search(text) for text, _ in names(one.resource.get("code"), "code")):
            taking.notes.tell("unreadable", one, "code")
        elif taking.is_of_two_drugs(one.resource.get("code")):
            taking.notes.tell("conflict_drug", one, "code")
        elif stated(one.resource, "verificationStatus") & _UNSURE:
            taking.notes.tell("unconfirmed", one, "verificationStatus")
        elif unknown := unknown_status(one.resource):
            taking.notes.tell("unknown_status", one, unknown)
        elif stated(one.resource, "clinicalStatus") & _OVER:
            taking.notes.tell("not_active", one, "clinicalStatus")
        else:
            taken = status(one.resource, "type") == "intolerance"
            taking.add(
                "prior_therapies",
                PriorTherapy,
                one,
                "code",
                drug=name(one.resource.get("code")) or f"RxCUI {rxnorm}",
                rxnorm=rxnorm,
                outcome=TherapyOutcome.INTOLERANCE if taken else TherapyOutcome.CONTRAINDICATED,
                reason=_reaction(one),
            )


def _of_no_code(taking: Taking, one: Found) -> None:
    """Told where it may be a drug: a name without any code, for codes say also that there is no allergy."""
    is_coded = any(True for _ in codings(one.resource.get("code"), "code"))
    categories = one.resource.get("category")
    if not is_coded and isinstance(categories, list) and "medication" in categories:
        taking.notes.tell("no_drug_code", one, "code")


def _reaction(one: Found) -> str | None:
    return next(
        (
            text
            for _, reaction in each(one.resource, "reaction")
            for _, manifestation in each(reaction, "manifestation")
            if (text := name(manifestation)) and not _DENIED.search(text)
        ),
        None,
    )
