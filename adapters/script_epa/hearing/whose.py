"""Whether a payer's answer is about what was asked: it repeats the patient and the drug, and may not change either."""

from __future__ import annotations

from adapters.script_epa.asking.body import case_id
from adapters.script_epa.asking.characters import write
from adapters.script_epa.asking.drug import product_of
from adapters.script_epa.codec.envelope import Received
from gateway.contract.mailbox import Saying


def why_not_ours(message: Received, said: Saying) -> str | None:
    """Why an answer cannot be about what was asked; None where it can."""
    request = said.filed.request
    own = message.word("PAReferenceID")
    if own is not None and own != case_id(said.filed.stamp):
        return "the answer is about another case"
    patient = ("Patient", "HumanPatient")
    born = message.word(*patient, "DateOfBirth", "Date")
    if born is not None and born != request.patient.birth_date.isoformat():
        return "the answer is about a patient born on another day"
    name = message.word(*patient, "Name", "LastName")
    if name is not None and _bare(name) != _bare(request.patient.last_name):
        return "the answer is about a patient of another name"
    drug = ("MedicationPrescribed", "DrugCoded", "ProductCode")
    product, kind = message.word(*drug, "Code"), message.word(*drug, "Qualifier")
    if product is not None and kind in (None, "ND") and product.replace("-", "") != product_of(request.lines[0]):
        return "the answer is about another drug than was asked for"
    return None


def _bare(name: str) -> str:
    """As names are compared: payers drop blanks, hyphens and case. A name may have been cut off when it was sent."""
    return "".join(filter(str.isalnum, write(name).text)).casefold()[:20]
