"""Medicare's rule for drugs taken by mouth, as data: which are paid by Part B as an injectable of their kind is. And
what codes of drugs leave open.

An oral anticancer drug is Part B's where the same active ingredient is a covered injectable and is used for the same
indication; an oral antiemetic where it fully replaces the intravenous one within 48 hours. No list of them is complete,
so for some diagnoses a drug that is not on it is asked about.
"""

from __future__ import annotations

from typing import Annotated

from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.record import Record
from gateway.profiles.facts import Effective, Id, Provenance
from gateway.profiles.ranges import CodeRange, Codes, Diagnoses, DiagnosisRange


class OralAnticancer(Record):
    """Products for the mouth whose active ingredient is a covered injectable too, and that one's indications."""

    ingredient: ShortText
    codes: Codes
    indications: Diagnoses
    effective: Effective
    source: ShortText


class OralAntiemetic(Record):
    """Products for the mouth that may stand for an intravenous antiemetic."""

    ingredient: ShortText
    codes: Codes
    effective: Effective
    source: ShortText


class PartB(Record):
    """One list. Several may be there: a deployer's own beside ours.

    ``by_mouth`` are HCPCS codes of what patients take themselves, whoever pays: no place of service and no
    administration beside them tells that a provider gives it. ``doubtful`` are diagnoses for which Part B may pay for
    what is taken by mouth. ``self_given`` are codes of what a provider or the patient gives: of these the place of
    service of the request as a whole tells nothing. ``unclassified`` are codes that many drugs have: two lines are not
    of one drug because both have one of them.
    """

    list: Id
    provenance: Provenance
    anticancer: Annotated[tuple[OralAnticancer, ...], Bounds(0, 500)] = ()
    antiemetics: Annotated[tuple[OralAntiemetic, ...], Bounds(0, 500)] = ()
    by_mouth: Annotated[tuple[CodeRange, ...], Bounds(0, 500)] = ()
    self_given: Annotated[tuple[CodeRange, ...], Bounds(0, 500)] = ()
    unclassified: Annotated[tuple[CodeRange, ...], Bounds(0, 500)] = ()
    doubtful: Annotated[tuple[DiagnosisRange, ...], Bounds(0, 200)] = ()
