"""The question sets of the simulated PBMs. Data only, in our own words; nobody's form was copied.

Codes are there so that answers can be found in a chart: LOINC of laboratory results and scores, SNOMED CT (LD),
ICD-10-CM (ABF).
"""

from __future__ import annotations

from conformance.simulators.pbm.questions import END, Between, Choice, Code, Compare, Question, QuestionSet

_SAYS = "Answers are read within one working day. Send what the chart says."


def _loinc(code: str, says: str) -> tuple[Code, ...]:
    return (Code("LOINC", code, says),)


def _snomed(code: str, says: str) -> tuple[Code, ...]:
    return (Code("LD", code, says),)


def _yes_or_no(yes: str = "", no: str = "", words: str = "NA") -> tuple[Choice, ...]:
    return (Choice("Y", "Yes", yes, words), Choice("N", "No", no))


PLAIN = QuestionSet(
    "PLAIN-1",
    "Two questions",
    _SAYS,
    (
        Question("1", "Has the patient taken this drug before?", "select", "2", _yes_or_no()),
        Question("2", "Why is this drug needed?", "text", END),
    ),
)

ONCOLYTIC = QuestionSet(
    "ONC-ORAL-7",
    "Oral oncolytic, first request",
    "For adults with solid tumours. " + _SAYS,
    (
        Question(
            "10",
            "Which diagnosis is this drug for?",
            "select",
            choices=(
                Choice("D1", "Non-small cell lung cancer", "20", codes=(Code("ABF", "C34.90", "Lung, unspecified"),)),
                Choice("D2", "Malignant neoplasm of breast", "20", codes=(Code("ABF", "C50.919", "Breast"),)),
                Choice("D3", "Renal cell carcinoma", "20", codes=(Code("ABF", "C64.9", "Kidney"),)),
                Choice("D9", "Another", "20", "M"),
            ),
            codes=_loinc("29308-4", "Diagnosis"),
            level="1",
        ),
        Question(
            "20", "When was it diagnosed?", "date", "30", codes=_loinc("63932-8", "Date of diagnosis"), level="1.1"
        ),
        Question(
            "30",
            "What is the patient's ECOG performance status?",
            "select",
            "40",
            tuple(
                Choice(f"E{grade}", f"ECOG {grade}", "35" if grade > 2 else "", codes=_loinc(answer, f"ECOG {grade}"))
                for grade, answer in enumerate(("LA9622-7", "LA9623-5", "LA9624-3", "LA9625-0", "LA9626-8"))
            ),
            codes=_loinc("89247-1", "ECOG performance status"),
            level="2",
        ),
        Question("35", "Why is treatment meant in spite of this performance status?", "text", "40"),
        Question(
            "40",
            "Which treatment came before? Choose all.",
            "multiple",
            "50",
            (
                Choice("T1", "Chemotherapy", words="O", codes=_snomed("367336001", "Chemotherapy")),
                Choice("T2", "Radiotherapy", words="O", codes=_snomed("108290001", "Radiotherapy")),
                Choice("T3", "Immunotherapy", words="O", codes=_snomed("76334006", "Immunotherapy")),
                Choice("T0", "None", words="NA"),
            ),
            codes=_snomed("416608005", "Drug therapy before"),
            level="3",
        ),
        Question(
            "50",
            "Absolute neutrophil count, in 1000 per microlitre",
            "number",
            "60",
            conditions=(Compare("LT", "1.5", "55"),),
            codes=(*_loinc("751-8", "Neutrophils in blood"), Code("UCUM", "10*3/uL", "Thousand per microlitre")),
            level="4",
        ),
        Question("55", "When was the count taken?", "moment", "60", level="4.1"),
        Question(
            "60",
            "Total bilirubin, in mg/dL",
            "number",
            "70",
            codes=(*_loinc("1975-2", "Bilirubin, total"), Code("UCUM", "mg/dL", "Milligram per decilitre")),
            level="4",
        ),
        Question("70", "Is anything else to be known?", "select", END, _yes_or_no(words="M")),
    ),
)

KINDS = QuestionSet(
    "KINDS-1",
    "Every kind of question",
    "This set holds each kind once. " + _SAYS,
    (
        Question(
            "A",
            "Choose one",
            "select",
            choices=(
                Choice("A1", "With words", "B", "M"),
                Choice("A2", "Perhaps with words", "B", "O"),
                Choice("A3", "Without, and straight to numbers", "E", "NA"),
            ),
        ),
        Question("B", "Choose all", "multiple", "C", (Choice("B1", "This"), Choice("B2", "That", words="M"))),
        Question("C", "A day", "date", "D"),
        Question("D", "A moment", "moment", "E"),
        Question(
            "E",
            "A number",
            "number",
            "H",
            conditions=(
                Compare("EQ", "0", END),
                Compare("LT", "0", "G"),
                Between(("GT", "0"), ("LT", "60"), "F"),
                Between(("LE", "120"), ("GE", "160"), "G"),
                Compare("NE", "140", "F"),
            ),
        ),
        Question("F", "Why so?", "text", END),
        Question("G", "Why so far?", "text", "H"),
        Question("H", "A last number", "number", END, conditions=(Compare("GE", "5", END), Compare("GT", "4.5", END))),
    ),
)

LONG = QuestionSet(
    "LONG-30",
    "Thirty questions",
    _SAYS,
    tuple(
        Question(
            f"Q{place}",
            f"Question {place} of thirty",
            ("select", "text", "number", "date")[place % 4],
            f"Q{place + 1}" if place < 30 else END,
            _yes_or_no() if place % 4 == 0 else (),
            sequence=place * 10,
        )
        for place in range(1, 31)
    ),
)

WITH_DOCUMENT = QuestionSet(
    "DOC-1", "A note is needed", _SAYS, PLAIN.questions, attachment=True, notes="The latest progress note as one PDF."
)

FURTHER = QuestionSet(
    "MORE-1",
    "Further questions",
    _SAYS,
    (
        Question(
            "M1",
            "Haemoglobin in g/dL",
            "number",
            END,
            codes=(*_loinc("718-7", "Haemoglobin"), Code("UCUM", "g/dL", "Gram per decilitre")),
        ),
        Question("M2", "When does treatment start?", "date", END),
        Question("M3", "Is the dose reduced?", "select", END, _yes_or_no(words="M")),
    ),
)

APPEAL = QuestionSet(
    "APP-1",
    "Appeal",
    "An appeal is read by a physician who did not decide before.",
    (
        Question("P1", "Which reason of the denial is contested?", "text", "P2"),
        Question("P2", "Is there new evidence?", "select", END, _yes_or_no(words="M")),
    ),
)

DANGLING = QuestionSet(
    "BAD-1", "Leads nowhere", _SAYS, (Question("1", "Why?", "text", "2"), Question("3", "And then?", "text", END))
)
CIRCLE = QuestionSet(
    "BAD-2", "Leads in a circle", _SAYS, (Question("1", "Why?", "text", "2"), Question("2", "Why again?", "text", "1"))
)
TWICE_NAMED = QuestionSet(
    "BAD-3", "Two of one name", _SAYS, (Question("1", "Why?", "text", END), Question("1", "Why else?", "text", END))
)
