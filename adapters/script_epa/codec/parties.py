"""Who a case is about, as types: payer, patient, prescriber, and the drug."""

from __future__ import annotations

from adapters.script_epa.codec.form import LONG, Part, choice, date, element, part, text, verbatim

ID, NAME, STREET, CITY, PCN, SUFFIX = 35, 35, 40, 35, 10, 10
DESCRIPTION, SIG, QUANTITY = 105, 1000, 11
PAYER, ANY = 80, 255
_DIGITS = r"[0-9]{1,10}"


@element
class PersonName(Part):
    last: str | None = text("LastName", NAME, needed=True)
    first: str | None = text("FirstName", NAME, needed=True)
    middle: str | None = text("MiddleName", NAME)
    suffix: str | None = text("Suffix", SUFFIX)


@element
class PostalAddress(Part):
    line: str | None = text("AddressLine1", STREET, needed=True)
    second_line: str | None = text("AddressLine2", STREET)
    city: str | None = text("City", CITY, needed=True)
    state: str | None = text("StateProvince", 2, needed=True)
    zip_code: str | None = text("PostalCode", 9, needed=True)
    country: str | None = text("CountryCode", 2, needed=True)


@element
class Telephone(Part):
    number: str | None = text("Number", 10, needed=True, shape=_DIGITS)
    extension: str | None = text("Extension", 8)


@element
class Reach(Part):
    telephone: Telephone | None = part("PrimaryTelephone", Telephone, needed=True)


@element
class PayerIdentity(Part):
    payer: str | None = text("PayerID", PAYER)
    pcn: str | None = text("ProcessorIdentificationNumber", PCN)
    bin: str | None = text("IINNumber", 8)
    naic: str | None = text("NAICCode", ID)
    health_plan: str | None = text("StandardUniqueHealthPlanIdentifier", ID)
    mutual: str | None = text("MutuallyDefined", ID)


@element
class Benefits(Part):
    identity: PayerIdentity | None = part("PayerIdentification", PayerIdentity)
    payer_name: str | None = text("PayerName", ANY)
    cardholder: str | None = text("CardholderID", ID)
    cardholder_name: PersonName | None = part("CardHolderName", PersonName)
    group: str | None = text("GroupID", ID)
    responsibility: str | None = text("PayerResponsibilityCode", 2, shape="P|S|T|U|PP")
    relationship: str | None = text("PatientRelationship", 1, shape="[1-4]")
    person: str | None = text("PersonCode", 3)
    group_name: str | None = text("GroupName", ANY)
    address: PostalAddress | None = part("Address", PostalAddress)
    reach: Reach | None = part("CommunicationNumbers", Reach)
    pbm_member: str | None = text("PBMMemberID", PAYER)
    responsible: bytes | None = verbatim("ResponsibleParty")
    payer_type: str | None = text("PayerType", 1, shape="[A-Z]")


@element
class HumanPatient(Part):
    word = "HumanPatient"
    identification: bytes | None = verbatim("Identification")
    name: PersonName | None = part("Name", PersonName, needed=True)
    gender: str | None = text("Gender", 1, needed=True, shape="[MFU]")
    born: str | None = date("DateOfBirth", needed=True)
    address: PostalAddress | None = part("Address", PostalAddress, needed=True)
    reach: Reach | None = part("CommunicationNumbers", Reach)


@element
class PrescriberIdentity(Part):
    npi: str | None = text("NPI", 10, needed=True, shape="[0-9]{10}")


@element
class NonVeterinarian(Part):
    word = "NonVeterinarian"
    identity: PrescriberIdentity | None = part("Identification", PrescriberIdentity, needed=True)
    name: PersonName | None = part("Name", PersonName, needed=True)
    address: PostalAddress | None = part("Address", PostalAddress, needed=True)
    reach: Reach | None = part("CommunicationNumbers", Reach, needed=True)


@element
class Product(Part):
    code: str | None = text("Code", ID, needed=True)
    qualifier: str | None = text("Qualifier", 2, needed=True)


@element
class DrugCoded(Part):
    product: Product | None = part("ProductCode", Product)
    strength: bytes | None = verbatim("Strength")
    concept: bytes | None = verbatim("DrugDBCode")
    schedule: bytes | None = verbatim("DEASchedule")


@element
class Unit(Part):
    code: str | None = text("Code", 15, needed=True)


@element
class Amount(Part):
    value: str | None = text("Value", QUANTITY, needed=True, shape=r"[0-9]+(\.[0-9]+)?")
    qualifier: str | None = text("CodeListQualifier", 2, needed=True)
    unit: Unit | None = part("QuantityUnitOfMeasure", Unit, needed=True)


@element
class DiagnosisCode(Part):
    code: str | None = text("Code", 15, needed=True)
    qualifier: str | None = text("Qualifier", 3, needed=True)
    description: str | None = text("Description", ANY, needed=True)


@element
class Diagnosis(Part):
    by: str | None = text("ClinicalInformationQualifier", 1, needed=True, shape="[12]")
    first: DiagnosisCode | None = part("Primary", DiagnosisCode, needed=True)
    second: DiagnosisCode | None = part("Secondary", DiagnosisCode)


@element
class Sig(Part):
    words: str | None = text("SigText", SIG, needed=True)


@element
class Drug(Part):
    description: str | None = text("DrugDescription", DESCRIPTION, needed=True)
    coded: DrugCoded | None = part("DrugCoded", DrugCoded)
    quantity: Amount | None = part("Quantity", Amount, needed=True)
    days: str | None = text("DaysSupply", 3, shape="[0-9]+")
    substitutions: str | None = text("Substitutions", 1, shape="[01]")
    diagnoses: tuple[Diagnosis, ...] = part("Diagnosis", Diagnosis, many=2)
    sig: Sig | None = part("Sig", Sig)
    ingredients: bytes | None = verbatim("CompoundInformation")


@element
class Case(Part):
    """What the messages of a case begin with. The payer mirrors it."""

    key: str | None = text("RequestReferenceNumber", ID)
    reference: str | None = text("PAReferenceID", ID, needed=True)
    priority: str | None = text("PAPriorityIndicator", 1, shape="[SX]")
    benefits: tuple[Benefits, ...] = part("BenefitsCoordination", Benefits, many=4)
    patient: HumanPatient | None = choice("Patient", HumanPatient)
    pharmacy: bytes | None = verbatim("Pharmacy")
    prescriber: NonVeterinarian | None = choice("Prescriber", NonVeterinarian)
    drug: Drug | None = part("MedicationPrescribed", Drug, needed=True)
    facility: bytes | None = verbatim("Facility")
    supervisor: bytes | None = verbatim("Supervisor")
    provider: bytes | None = verbatim("Provider")


NOTE = LONG
