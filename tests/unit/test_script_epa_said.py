"""What the SCRIPT channel says: the structure and limits of every message, and what it does not carry."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from lxml import etree

from adapters.script_epa import ADAPTER
from gateway.contract.adapter import Change, ChangeKind, Filed
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.model.request import Attachment, PARequest
from tests.contract.material import resolves
from tests.strategies import Json, requests
from tests.unit.script_material import (
    CANCEL,
    CASE,
    FILED,
    INITIATION,
    LATER,
    NDC,
    REFERENCE,
    REQUEST,
    STAMP,
    TO,
    destination,
    id_of,
    order,
    request,
    said,
    told,
)

ORDER = {
    "Message": "Header Body",
    "Header": "To From MessageID RelatesToMessageID SentTime SenderSoftware Mailbox TestMessage",
    "PAInitiationRequest": (
        "PAReferenceID PAPriorityIndicator BenefitsCoordination Patient Prescriber MedicationPrescribed"
    ),
    "BenefitsCoordination": (
        "PayerIdentification CardholderID CardHolderName GroupID PayerResponsibilityCode PatientRelationship PayerType"
    ),
    "PayerIdentification": "PayerID ProcessorIdentificationNumber IINNumber",
    "HumanPatient": "Name Gender DateOfBirth Address",
    "Name": "LastName FirstName MiddleName Suffix",
    "Address": "AddressLine1 AddressLine2 City StateProvince PostalCode CountryCode",
    "NonVeterinarian": "Identification Name Address CommunicationNumbers",
    "MedicationPrescribed": "DrugDescription DrugCoded Quantity Diagnosis Sig",
    "Quantity": "Value CodeListQualifier QuantityUnitOfMeasure",
}
NEEDED = {
    "HumanPatient": "Name Gender DateOfBirth Address",
    "Name": "LastName FirstName",
    "Address": "AddressLine1 City StateProvince PostalCode CountryCode",
    "NonVeterinarian": "Identification Name Address CommunicationNumbers",
    "MedicationPrescribed": "DrugDescription Quantity",
}
MOST = {
    **dict.fromkeys(("LastName", "FirstName", "MiddleName", "MessageID", "PAReferenceID", "CardholderID"), 35),
    "DrugDescription": 105,
    "PayerID": 80,
}
TEXT = re.compile(r"(?=.*[!-~])[ -~]+")


def faults(document: bytes) -> Iterator[str]:
    """What of a message is not as the facts have it."""
    for element in etree.fromstring(document).iter():
        children = [child.tag for child in element]
        allowed = ORDER.get(element.tag, " ".join(children)).split()
        if [name for name in allowed if name in children] != list(dict.fromkeys(children)):
            yield f"{element.tag}: order"
        if element.tag in NEEDED and not set(NEEDED[element.tag].split()) <= set(children):
            yield f"{element.tag}: something is missing"
        if not children and not TEXT.fullmatch(element.text or ""):
            yield f"{element.tag}: characters"
        if len(element.text or "") > MOST.get(element.tag, 10_000_000):
            yield f"{element.tag}: length"


def test_an_initiation_has_what_the_standard_wants_in_its_order() -> None:
    assert list(faults(INITIATION)) == []
    root = etree.fromstring(INITIATION)
    assert root.tag == "Message"
    assert set(root.attrib) == {
        *("DatatypesVersion", "TransportVersion", "TransactionDomain", "TransactionVersion"),
        *("StructuresVersion", "ECLVersion"),
    }
    assert told(INITIATION, "MedicationPrescribed", "DrugCoded", "ProductCode", "Code") == NDC
    assert told(INITIATION, "PAPriorityIndicator") == "S"
    assert told(INITIATION, "BenefitsCoordination", "PayerIdentification", "IINNumber") == "610011"
    assert root.findtext("Header/SentTime") == "2026-11-22T10:00:00Z"
    assert root.findtext("Header/TestMessage") == "1"


def test_ids_are_32_hex_digits_of_the_stamp_and_the_case_keeps_its_own() -> None:
    cancelled = said(ADAPTER.amend(FILED, CANCEL, TO, LATER))
    assert re.fullmatch("[0-9a-f]{32}", id_of(INITIATION))
    assert re.fullmatch("[0-9a-f]{32}", REFERENCE or "")
    assert id_of(INITIATION) not in (REFERENCE, id_of(cancelled))
    assert told(cancelled, "PAReferenceID") == REFERENCE


def test_urgent_is_said_only_where_a_clinician_attests_it() -> None:
    urgent = request(urgency={"level": "expedited", "reason": "pain", "attested_by": "Orla Sampleton"})
    assert told(said(ADAPTER.submit(urgent, TO, STAMP)), "PAPriorityIndicator") == "X"


def test_what_is_written_otherwise_is_told_and_never_silent() -> None:
    person = order()["patient"] | {"last_name": "Müller–Tëst", "address": {**order()["patient"]["address"]}}
    person["address"]["street"] = ["One Very Long Example Boulevard, Rear Entrance 5"]
    frame = first_frame(ADAPTER.submit(request(patient=person), TO, STAMP))
    kept = {(loss.pointer, loss.kept) for loss in frame.losses}
    assert told(frame.document or b"", "Patient", "HumanPatient", "Name", "LastName") == "Muller-Test"
    assert ("/patient/last_name", "transliterated") in kept
    assert ("/patient/address/street/0", "shortened") in kept
    assert ("/lines/0/dates", "dropped") in kept
    assert list(faults(frame.document or b"")) == []


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"lines": [order()["lines"][0] | {"code": {"system": "hcpcs", "code": "J9271"}}]}, "/lines/0/code"),
        ({"lines": [order()["lines"][0] | {"description": None}]}, "/lines/0/description"),
        ({"lines": [order()["lines"][0], order()["lines"][0] | {"id": "2"}]}, "/lines/1"),
        ({"lines": [order()["lines"][0] | {"benefit": "medical"}]}, "/lines/0/benefit"),
        ({"patient": order()["patient"] | {"address": None}}, "/patient/address"),
        ({"patient": order()["patient"] | {"first_name": None}}, "/patient/first_name"),
        ({"patient": order()["patient"] | {"last_name": "テスト"}}, "/patient/last_name"),
        ({"patient": order()["patient"] | {"last_name": "Testテperson"}}, "/patient/last_name"),
        ({"requester": order()["requester"] | {"contact": None}}, "/requester"),
        ({"intent": "revision", "previous_authorization": "A1"}, "/intent"),
        ({"review": "referral"}, "/review"),
    ],
)
def test_what_cannot_be_said_is_refused_at_its_place(over: dict[str, object], pointer: str) -> None:
    with pytest.raises(CannotExpress) as refused:
        first_frame(ADAPTER.submit(request(**over), TO, STAMP))
    assert pointer in {item.pointer for item in refused.value.items}


@pytest.mark.parametrize("name", ["last_name", "first_name"])
@pytest.mark.parametrize("who", ["patient", "requester"])
@pytest.mark.parametrize("letters", ["N" * 35, "N" * 33 + "ß"], ids=["plain", "two of one letter"])
def test_a_name_of_35_letters_goes_whole_and_one_of_36_is_refused(who: str, name: str, letters: str) -> None:
    document = said(ADAPTER.submit(request(**{who: order()[who] | {name: letters}}), TO, STAMP))
    tag = {"last_name": "LastName", "first_name": "FirstName"}[name]
    holder = {"patient": "HumanPatient", "requester": "NonVeterinarian"}[who]
    assert len(etree.fromstring(document).findtext(f".//{holder}/Name/{tag}")) == 35
    assert list(faults(document)) == []
    longer = letters.replace("N", "ß", 1)  # the model has no longer first name
    with pytest.raises(CannotExpress) as refused:
        first_frame(ADAPTER.submit(request(**{who: order()[who] | {name: longer}}), TO, STAMP))
    assert [item.pointer for item in refused.value.items] == [f"/{who}/{name}"]


def test_a_cancellation_names_the_payers_case_and_is_refused_without_one() -> None:
    cancelled = said(ADAPTER.amend(FILED, CANCEL, TO, LATER))
    assert told(cancelled, "Request", "PACaseID") == CASE
    assert told(cancelled, "Request", "PANote") == "The patient moved away."
    with pytest.raises(CannotExpress, match="under which number"):
        said(ADAPTER.amend(Filed(request=REQUEST, stamp=STAMP), CANCEL, TO, LATER))


def test_an_appeal_asks_what_is_needed_and_other_changes_cannot_be_said() -> None:
    change = Change(kind=ChangeKind.APPEAL, reason="Two other drugs failed.")
    appeal = said(ADAPTER.amend(FILED, change, TO, LATER))
    assert told(appeal, "Request", "PANote") == "Two other drugs failed."
    assert told(appeal, "Request", "QuestionSet") is None
    with pytest.raises(CannotExpress, match="longer than the 2000"):
        said(ADAPTER.amend(FILED, Change(kind=ChangeKind.APPEAL, reason="It failed. " * 200), TO, LATER))
    with pytest.raises(CannotExpress):
        said(ADAPTER.amend(FILED, Change(kind=ChangeKind.EXTEND, request=REQUEST), TO, LATER))
    with pytest.raises(CannotExpress):
        said(ADAPTER.inquire(FILED, TO, LATER))


def test_an_appeal_carries_the_one_document_that_goes_with_it_and_no_other_of_the_request() -> None:
    letter = Attachment.model_validate(
        {
            "id": "letter",
            "kind": "letter_of_medical_necessity",
            "title": "Letter",
            "media_type": "application/pdf",
            "content": "U3ludGhldGlj",
        }
    )
    change = Change(kind=ChangeKind.APPEAL, reason="Two other drugs failed.", attachments=(letter,))
    filed = FILED.model_copy(update={"request": REQUEST.model_copy(update={"attachments": (letter,) * 2})})
    assert told(said(ADAPTER.amend(filed, change, TO, LATER)), "Attachment", "AttachmentData") == "U3ludGhldGlj"
    bare = change.model_copy(update={"attachments": ()})
    assert told(said(ADAPTER.amend(filed, bare, TO, LATER)), "Attachment") is None
    with pytest.raises(CannotExpress, match="one document"):
        said(ADAPTER.amend(FILED, change.model_copy(update={"attachments": (letter, letter)}), TO, LATER))


@pytest.mark.proves("EP-76")
def test_a_version_that_nobody_verified_is_refused_in_the_settings() -> None:
    with pytest.raises(ValueError, match="not verified"):
        destination(version="2023011")


@given(requests(payer="rowan_rx"))
def test_any_request_is_written_as_the_standard_wants_it_or_refused_with_its_places(value: Json) -> None:
    parsed = PARequest.model_validate(for_a_drug(value))
    whole = parsed.model_dump(mode="json")
    refused = None
    try:
        frame = first_frame(ADAPTER.submit(parsed, TO, STAMP))
    except CannotExpress as error:
        refused = error
    if refused is not None:
        assert refused.items
        assert all(resolves(item.pointer, whole) for item in refused.items)
        return
    assert list(faults(frame.document or b"")) == []
    assert all(resolves(loss.pointer, whole) for loss in frame.losses)


def for_a_drug(value: Json) -> Json:
    """The request for one drug of the pharmacy benefit, with what a channel for those cannot do without."""
    line = value["lines"][0] | {"code": {"system": "ndc", "code": NDC}, "role": "drug", "benefit": "auto"}
    line["description"] = "Examplinib 10 µg"
    line["quantity"]["unit"] = "units"
    line.pop("teeth", None)
    given = {**value, "lines": [line], "intent": "initial", "review": "services"}
    for other in ("admission", "previous_decision"):  # of a stay, and of what is no first request
        given.pop(other, None)
    address = order()["patient"]["address"]
    for who in ("patient", "requester", "subscriber"):
        if who in given:
            given[who] = {**given[who], "last_name": "Tëstperson", "first_name": "Ada", "address": address}
            given[who].pop("middle_name", None)
            given[who].pop("suffix", None)
    given["requester"]["contact"] = {"phone": "2155550100"}
    return given
