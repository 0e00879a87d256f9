"""Medicare's rule for drugs taken by mouth, as data: which are paid by Part B as an injectable of their kind is.

An oral anticancer drug is Part B's where the same active ingredient is a covered injectable and is used for the same
indication; an oral antiemetic where it fully replaces the intravenous one within 48 hours. All else is Part D's.
"""

from __future__ import annotations

from typing import Annotated

from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.record import Record
from gateway.profiles.benefit import Codes, Diagnoses
from gateway.profiles.facts import Effective, Id, Provenance


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
    """One list. Several may be there: a deployer's own beside ours."""

    list: Id
    provenance: Provenance
    anticancer: Annotated[tuple[OralAnticancer, ...], Bounds(0, 500)] = ()
    antiemetics: Annotated[tuple[OralAntiemetic, ...], Bounds(0, 500)] = ()
