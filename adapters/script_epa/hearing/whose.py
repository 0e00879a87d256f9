"""Whether a payer's answer is about what was asked: it repeats the patient and the drug, and may not change either."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydantic import TypeAdapter

from adapters.script_epa.asking.body import case_id
from adapters.script_epa.asking.characters import write
from adapters.script_epa.asking.drug import product_of
from adapters.script_epa.asking.parties import coverage_of
from adapters.script_epa.codec.envelope import Received
from adapters.script_epa.codec.messages import PACancelResponse
from adapters.script_epa.codec.parties import Case, HumanPatient
from adapters.script_epa.codec.verdicts import Closed
from adapters.script_epa.tables import CLOSURE
from gateway.contract.destination import Destination
from gateway.contract.mailbox import Saying
from gateway.model.codes import NDC
from gateway.model.outcome import Reference, ReferenceKind
from gateway.model.reasons import Word

_NDC = (None, "ND", "N4")
"""Qualifiers of a product's code that may be one."""
_PRODUCT = TypeAdapter(NDC)


def case_numbers(message: Received) -> frozenset[str]:
    """PACaseID of an answer: beside its status, or within."""
    return frozenset(_told(message, "PACaseID"))


def numbers_of(references: Sequence[Reference]) -> tuple[str, ...]:
    """What the payer has called the case so far, its latest word last."""
    return tuple(each.value for each in references if each.kind is ReferenceKind.REVIEW and each.line is None)


def why_not_ours(message: Received, content: Case | PACancelResponse, said: Saying) -> str | None:
    """Why an answer cannot be about what was asked; None where it can. The first that names a number of the payer's
    gives the case that number; another one may only follow where it says that ours expires."""
    request = said.filed.request
    own = content.reference
    if own is not None and own != case_id(said.filed.stamp):
        return "the answer is about another case"
    known, told = set(numbers_of(said.filed.references)), case_numbers(message)
    if known and told and not told <= known and known.isdisjoint(_told(message, "ExpiringPACaseID")):
        return "the answer is about another case of the payer's"
    if isinstance(content, PACancelResponse):
        return None
    patient = content.patient or HumanPatient()
    if patient.born is not None and patient.born[:10] != request.patient.birth_date.isoformat():
        return "the answer is about a patient born on another day"
    name = patient.name.last if patient.name is not None else None
    if name is not None and _bare(name) != _bare(request.patient.last_name):
        return "the answer is about a patient of another name"
    ours = product_of(request.lines[0])
    if any(_is_another(code, qualifier, ours) for code, qualifier in _products(message)):
        return "the answer is about another drug than was asked for"
    return None


def _products(message: Received) -> Iterator[tuple[str, str | None]]:
    """The codes of every drug that an answer names, each with its qualifier."""
    tags = message.version.tags
    for drug in message.content.all(tags["MedicationPrescribed"]):
        for coded in drug.all(tags["DrugCoded"]):
            for product in coded.all(tags["ProductCode"]):
                code, qualifier = product.word(tags["Code"]), product.word(tags["Qualifier"])
                if code is not None:
                    yield code.text, qualifier.text.upper() if qualifier is not None else None


def _is_another(code: str, qualifier: str | None, ours: str | None) -> bool:
    """Whether a code is the NDC of another product. What reads as an NDC is one, whatever it is called; one of ten
    digits without hyphens lacks a zero, and nobody knows where."""
    try:
        return _PRODUCT.validate_python(code) != ours
    except ValueError:
        if qualifier not in _NDC:
            return False
    if re.fullmatch("[0-9]{10}", code):
        return ours not in {f"{code[:place]}0{code[place:]}" for place in (0, 5, 9)}
    return True


def doubts_of(content: Case | PACancelResponse, said: Saying, to: Destination) -> tuple[str, ...]:
    """Why a person has to look whose the answer is: twins have one last name and one birth date. A first name may come
    without its second, or as its beginning. A payer that names another one names the card that is that one's."""
    if isinstance(content, PACancelResponse):
        return ()
    request, found = said.filed.request, []
    name = content.patient.name.first if content.patient is not None and content.patient.name is not None else None
    told, own = _bare(name or ""), _bare(request.patient.first_name or "")
    if told and own and not told.startswith(own) and not own.startswith(told):
        found.append("the payer names a patient of another first name")
    cards = {_plain(each.cardholder) for each in content.benefits if each.cardholder}
    _, coverage = coverage_of(request, to.payer)
    if cards and _plain(coverage.member_id) not in cards and not _names_another(content, to):
        found.append("the payer names another cardholder's number")
    return tuple(found)


def _names_another(content: Case, to: Destination) -> bool:
    status = getattr(getattr(content, "response", None), "status", None)
    entries = [to.entry(CLOSURE, code) for code in status.codes] if isinstance(status, Closed) else []
    return any(entry is not None and entry.means == Word.WRONG_PAYER_OR_DELEGATE for entry in entries)


def _told(message: Received, name: str) -> list[str]:
    """What stands in the payer's part of an answer under this name, in whatever place."""
    tags = message.version.tags
    held = message.content.get(tags["Response"])
    return [] if held is None else [node.text for node in held.walk() if node.name == tags[name] and node.text]


def _bare(name: str) -> str:
    """As names are compared: payers drop blanks, hyphens and case. A name may have been cut off when it was sent."""
    return _plain(name)[:20]


def _plain(value: str) -> str:
    return "".join(filter(str.isalnum, write(value).text)).casefold()
