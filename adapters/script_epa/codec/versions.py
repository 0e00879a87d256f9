"""What elements are called, by version of SCRIPT. Only what was verified has a table; every other version is refused.

The words on the left are ours. Most are the standard's own; where that has odd names the table says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, eq=False)
class Version:
    """``tags`` are the element names by our words, ``kinds`` our words of messages by their element names. There is one
    of each."""

    name: str
    tags: Mapping[str, str]
    kinds: Mapping[str, str]


_MESSAGES = (
    *("PAInitiationRequest", "PAInitiationResponse", "PARequest", "PAResponse", "PAAppealRequest", "PAAppealResponse"),
    *("PACancelRequest", "PACancelResponse", "Status", "Error", "Verify", "GetMessage"),
)
_ENVELOPE = (
    *("Message", "Header", "Body", "To", "From", "MessageID", "RelatesToMessageID", "SentTime", "SenderSoftware"),
    *("SenderSoftwareDeveloper", "SenderSoftwareProduct", "SenderSoftwareVersionRelease", "Mailbox", "MailboxID"),
    *("DeliveredID", "AcknowledgementID", "TestMessage", "Code", "DescriptionCode", "Description"),
    "VerifyStatus",
)
_PARTIES = (
    *("PAReferenceID", "PAPriorityIndicator", "BenefitsCoordination", "PayerIdentification", "PayerID", "PayerName"),
    *("ProcessorIdentificationNumber", "IINNumber", "CardholderID", "CardHolderName", "GroupID", "PayerType"),
    *("PayerResponsibilityCode", "PatientRelationship", "Patient", "HumanPatient", "Name", "LastName", "FirstName"),
    *("MiddleName", "Suffix", "Gender", "DateOfBirth", "Date", "DateTime", "Address", "AddressLine1", "AddressLine2"),
    *("City", "StateProvince", "PostalCode", "CountryCode", "Prescriber", "NonVeterinarian", "Identification", "NPI"),
    *("CommunicationNumbers", "PrimaryTelephone", "Number", "Extension"),
    *("RequestReferenceNumber", "NAICCode", "StandardUniqueHealthPlanIdentifier", "MutuallyDefined", "PersonCode"),
    *("GroupName", "PBMMemberID", "ResponsibleParty", "Pharmacy", "Facility", "Supervisor", "Provider"),
)
_DRUG = (
    *("MedicationPrescribed", "DrugDescription", "DrugCoded", "ProductCode", "Qualifier", "Quantity", "Value"),
    *("CodeListQualifier", "QuantityUnitOfMeasure", "Diagnosis", "ClinicalInformationQualifier", "Primary"),
    *("Secondary", "Sig", "SigText"),
    *("Strength", "DrugDBCode", "DEASchedule", "Substitutions", "CompoundInformation"),
)
_CASE = (
    *("Request", "Response", "ResponseStatus", "SolicitedModel", "PACaseID", "AppealCaseID", "DeadlineForReply"),
    *("CancelReasonCode", "PANote", "Attachment", "AttachmentSource", "AttachmentData", "MIMEType", "Open", "Closed"),
    *("Approved", "Denied", "PartiallyDenied", "InProcess", "MoreInformationRequired", "AuthorizationNumber"),
    *("AuthorizationPeriod", "AuthorizationDetail", "EffectiveDate", "ExpirationDate", "PharmacyType", "DaysSupply"),
    *("NumberOfCycles", "NumberOfRefills", "Appeal", "IsEAppealSupported", "PAProcessor", "ExpectedResponseDate"),
    *("ReasonCode", "QuestionSet", "PayerContactCommunicationNumber"),
    *("ReferenceNumber", "ExpiringPACaseID", "IsPatientNotified", "AttachmentControlNumber"),
)
_QUESTIONS = (
    *("QuestionSetTitle", "QuestionSetDescription", "QuestionSetContactCommunicationNumber", "AttachmentNotes"),
    *("QuestionSetComment", "Question", "QuestionID", "SequenceNumber", "QuestionLevel", "QuestionText"),
    *("CodedReference", "CodeSystemVersion", "DefaultNextQuestionID", "QuestionType", "Select", "SelectMultiple"),
    *("Choice", "ChoiceID", "ChoiceText", "AdditionalFreeTextIndicator", "NextQuestionID", "IsDateTimeRequired"),
    *("Numeric", "NextQuestionCondition", "SingleComparison", "ComparisonOperator", "ComparisonValue"),
    *("RangeComparison", "FreeText", "IsNumeric", "IsFreeText", "Answer", "AdditionalFreeText"),
)
_ODD_2017071 = {
    "AttachmentRequired": "AttachementRequired",
    "UnsolicitedModel": "UnSolicitedModel",
    "AnswerProvided": "PrescriberProvidedAnswer",
    "NumericAnswerProvided": "PrescriberProvidedNumericAnswer",
    # A case is closed with another element where it was asked for than where it was answered.
    "InitiationClosedCode": "ReasonCode",
    "ClosedCode": "ClosedReasonCode",
}
"""Our word, and what the standard calls it."""

V2017071 = Version(
    "2017071",
    MappingProxyType(
        {name: name for name in (*_MESSAGES, *_ENVELOPE, *_PARTIES, *_DRUG, *_CASE, *_QUESTIONS)} | _ODD_2017071
    ),
    MappingProxyType({name: name for name in _MESSAGES}),
)

VERSIONS: Mapping[str, Version] = MappingProxyType({V2017071.name: V2017071})
"""What is verified. SCRIPT 2023011 and 2013101 are not: nothing is known of them that could be relied on."""

_FAMILY = {"2017071": "201707"}
"""How the six version attributes of a message begin: partners write the release, its schema's day, or another day of
the same month."""


def is_of(version: Version, attribute: str) -> bool:
    """Whether a version attribute can be meant for this version."""
    return attribute.startswith(_FAMILY[version.name])
