"""The structure of the SCRIPT 2017071 messages that a PBM takes: names, order, how often, lengths, codes. Data only.

Facts gathered from public sources, in our own notation (``notation``); no schema was copied. What sources say nothing
of (the inside of a Sig, of a facility) is ``any``.
"""

from __future__ import annotations

from conformance.simulators.pbm.notation import Guide

_BODY = (
    "RequestReferenceNumber an35 ?, PAReferenceID an35, PAPriorityIndicator =S/X ?, BenefitsCoordination Benefits 0-4,"
    " Patient Patient, Pharmacy any ?, Prescriber Prescriber, MedicationPrescribed Medication, Facility any ?,"
    " Supervisor any ?, Provider any ?"
)

TYPES = {
    "Message": "Header Header, Body Body",
    "Header": (
        "To an255, From an255, MessageID an35, RelatesToMessageID an35 ?, SentTime dateTime, Security any ?,"
        " SenderSoftware Software, Mailbox Mailbox ?, TestMessage n1 ?, RxReferenceNumber an35 ?,"
        " TertiaryIdentifier an35 ?, PrescriberOrderNumber an35 ?, DigitalSignature any ?, PrescriberOrderGroup any ?,"
        " RxReferenceOrderGroup any ?"
    ),
    "Software": "SenderSoftwareDeveloper an35, SenderSoftwareProduct an35, SenderSoftwareVersionRelease an35",
    "Mailbox": "MailboxID an35 ?, DeliveredID an35 ?, AdditionalTraceNumber an35 ?, AcknowledgementID an35 ?",
    "Body": (
        "PAInitiationRequest Initiation | PARequest Request | PAAppealRequest Appeal | PACancelRequest Cancel"
        " | GetMessage Nothing | Status Status | Error Error | Verify Verify"
    ),
    "Nothing": "",
    "Status": "Code =000/001/002/003/005/010, DescriptionCode an4 0-10, Description an70 ?",
    "Error": "Code =600/601/602/700/900, DescriptionCode an4 0-10, Description text ?",
    "Verify": "VerifyStatus VerifyStatus",
    "VerifyStatus": "Code =010, DescriptionCode an4 0-10, Description an70 ?",
    "Initiation": _BODY,
    "Request": f"{_BODY}, Attachment Attachment ?, Request Asked",
    "Asked": "SolicitedModel Solicited | UnSolicitedModel Unsolicited",
    "Solicited": "PACaseID an35, DeadlineForReply When, QuestionSet Set",
    "Unsolicited": "QuestionSet Set ?",
    "Appeal": f"{_BODY}, Attachment Attachment ?, Request Appealed",
    "Appealed": "PACaseID an35, AppealCaseID an35 ?, DeadlineForReply When ?, QuestionSet Set ?, PANote an2000 ?",
    "Cancel": f"{_BODY}, Request Cancelled",
    "Cancelled": "PACaseID an35, CancelReasonCode =AC/BW/BY ?, IsPatientNotified =Y/N ?, PANote an2000 ?",
    "When": "Date date | DateTime dateTime",
    # Who and what
    "Benefits": (
        "PayerIdentification Payer ?, PayerName an70 ?, CardholderID an35 ?, CardHolderName Name ?, GroupID an35 ?,"
        " PayerResponsibilityCode =P/S/T/U/PP ?, PatientRelationship =1/2/3/4 ?, PersonCode an3 ?, GroupName an70 ?,"
        " Address Address ?, CommunicationNumbers Numbers ?, PBMMemberID an80 ?, ResponsibleParty any ?,"
        " PayerType an2 ?"
    ),
    "Payer": (
        "PayerID an80 ?, ProcessorIdentificationNumber an35 ?, IINNumber n8 ?, NAICCode an35 ?,"
        " StandardUniqueHealthPlanIdentifier an35 ?, MutuallyDefined an35 ?"
    ),
    "Patient": "HumanPatient Human",
    "Human": (
        "Identification any ?, Name Name, Gender =M/F/U, DateOfBirth When, Address Address,"
        " CommunicationNumbers Numbers ?"
    ),
    "Name": "LastName an35, FirstName an35, MiddleName an35 ?, Suffix an10 ?, Prefix an10 ?",
    "Address": (
        "AddressLine1 an40, AddressLine2 an40 ?, City an35, StateProvince state, PostalCode an11, CountryCode an2"
    ),
    "Numbers": (
        "PrimaryTelephone Phone, Beeper Phone *, ElectronicMail an80 *, Fax Phone *, HomeTelephone Phone *,"
        " WorkTelephone Phone *, OtherTelephone Phone *, DirectAddress an254 ?"
    ),
    "Phone": "Number phone, Extension n8 ?, SupportsSMS =Y/N ?",
    "Prescriber": "NonVeterinarian Doctor",
    "Doctor": (
        "Identification Ids, Specialty an35 ?, PracticeLocation any ?, Name Name, Address Address,"
        " PrescriberAgent any ?, CommunicationNumbers Numbers"
    ),
    "Ids": (
        "StateLicenseNumber an35 ?, MedicareNumber an35 ?, MedicaidNumber an35 ?, UPIN an35 ?, DEANumber an35 ?,"
        " HIN an35 ?, NPI npi"
    ),
    "Medication": (
        "DrugDescription an105, DrugCoded Coded ?, Quantity Quantity, DaysSupply n3 ?, PADaysSupplyDosePerDay any *,"
        " Substitutions =0/1 ?, Diagnosis Diagnosis 0-2, Sig any ?, CompoundInformation any ?"
    ),
    "Coded": "ProductCode Product ?, Strength any ?, DrugDBCode Product ?, DEASchedule any ?",
    "Product": "Code an40, Qualifier an20",
    "Quantity": "Value sn, CodeListQualifier =38, QuantityUnitOfMeasure Unit",
    "Unit": "Code unit",
    "Diagnosis": "ClinicalInformationQualifier =1/2, Primary Disease, Secondary Disease ?",
    "Disease": "Code an35, Qualifier =ABF/DX/LD, Description an255 ?",
    # Questions and answers
    "Set": "Header SetHeader, Question Question +",
    "SetHeader": (
        "QuestionSetID an70, QuestionSetTitle an70, QuestionSetDescription an2000,"
        " QuestionSetContactCommunicationNumber Numbers, AttachementRequired =Y/N, AttachmentNotes an70 ?,"
        " QuestionSetComment an2000 ?"
    ),
    "Question": (
        "QuestionID an35, SequenceNumber n3, QuestionLevel an35 ?, QuestionText an2000, CodedReference Reference *,"
        " DefaultNextQuestionID an35 ?, QuestionType Type"
    ),
    "Reference": "CodeSystemVersion an35 ?, Qualifier an35, Code an35, Description an255",
    "Type": "Select Select | Date Day | Numeric Numeric | FreeText FreeText",
    "Select": "SelectMultiple =Y/N, Choice Choice 2-1000, Answer Chosen *",
    "Choice": (
        "ChoiceID an35, SequenceNumber n3, ChoiceText an2000, AdditionalFreeTextIndicator =M/O/NA,"
        " CodedReference Reference *, NextQuestionID an35 ?"
    ),
    "Chosen": "PrescriberProvidedAnswer ChosenBy",
    "ChosenBy": "ChoiceID an35, AdditionalFreeText an2000 ?",
    "Day": "Date DayForm, Answer Dated ?",
    "DayForm": "IsDateTimeRequired =Y/N",
    "Dated": "PrescriberProvidedAnswer When",
    "Numeric": "IsNumeric =Y, NextQuestionCondition Condition *, Answer Counted ?",
    "Counted": "PrescriberProvidedNumericAnswer sn",
    "Condition": "SingleComparison Single | RangeComparison Range",
    "Single": "ComparisonOperator =EQ/NE/LT/LE/GT/GE, ComparisonValue sn, NextQuestionID an35",
    "Range": (
        "LowerBoundComparisonValue sn, LowerBoundComparisonOperator =EQ/NE/LT/LE/GT/GE,"
        " UpperBoundComparisonValue sn, UpperBoundComparisonOperator =EQ/NE/LT/LE/GT/GE, NextQuestionID an35"
    ),
    "FreeText": "IsFreeText =Y, Answer Written ?",
    "Written": "PrescriberProvidedAnswer an2000",
    "Attachment": (
        "AttachmentControlNumber an35 ?, AttachmentSource an255, AttachmentData base64, CDA any | CCR any ?,"
        " MIMEType mime"
    ),
}
_QUALIFIER = {"Qualifier": "=P/C/M/D/PY/CF/ZZZ/DIRECT/REMS"}
_VERSION = dict.fromkeys(
    ("DatatypesVersion", "TransportVersion", "TransactionVersion", "StructuresVersion", "ECLVersion"), "an35"
)
GUIDE = Guide(
    TYPES,
    {
        "To": _QUALIFIER,
        "From": _QUALIFIER,
        "Message": {**_VERSION, "TransactionDomain": "=SCRIPT/SPECIALIZED"},
    },
)
VERSIONS = tuple(_VERSION)
