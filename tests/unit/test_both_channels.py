"""One payer's word is one over both channels: the same facts as a service review and as a 278, and what they come to.

What a row expects is what the 278 channel makes of it; a review that comes to less or to more is wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.rest_review import ADAPTER as REVIEWS
from adapters.x12_278 import ADAPTER
from gateway.contract.adapter import Filed
from gateway.contract.destination import Destination
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind
from gateway.model.request import PARequest
from gateway.model.status import Attention
from tests.unit.review_material import ID, TO, inquired, reply
from tests.x12_material import EVENT, STAMP, line, outcome_of, request, response, trn
from tests.x12_material import destination as x12_destination

LINES = [line("J9271", id="drug"), line("96413", "cpt", id="infusion", quantity={"value": 6})]
"""200 units and 6, 2026-03-01 to 2026-08-31, at place 22, by NPI 1245319599; EGH100001, born 1961-02-03."""


@dataclass(frozen=True)
class Said:
    """What the payer says of the whole, or of one line: a status code and its reasons, and more in the words of each
    channel. ``sv1`` stands for the segment that repeats the line."""

    status: str | None = "A1"
    reasons: tuple[str, ...] = ()
    review: dict[str, Any] = field(default_factory=dict)
    x12: tuple[str, ...] = ()
    sv1: str | None = None

    def members(self) -> dict[str, Any]:
        status = {} if self.status is None else {"statusCode": self.status}
        return status | ({"statusReasons": [{"code": code} for code in self.reasons]} if self.reasons else {})

    def decision(self, number: str = "") -> list[str]:
        return [] if self.status is None else [f"HCR*{self.status}*{number}*{'^'.join(self.reasons)}".rstrip("*")]


PLAIN = Said()
SILENT = Said(None)


def over_reviews(whole: Said, lines: tuple[Said, ...], of: PARequest) -> Outcome:
    sent = json.loads(first_frame(REVIEWS.submit(of, TO, STAMP)).redacted())
    repeated = {name: sent[name] for name in ("payer", "subscriber", "patient", "renderingProviders", "diagnoses")}
    repeated |= {name: sent[name] for name in ("placeOfServiceCode", "requestTypeCode", "serviceTypeCode")}
    told = [asked | said.members() | said.review for asked, said in zip(sent["procedures"], lines, strict=True)]
    value = {"id": ID, "certificationNumber": "AUTH1", "procedures": told} | repeated | whole.members() | whole.review
    reference = Reference(kind=ReferenceKind.REVIEW, value=ID)
    return inquired(reply(value), Filed(request=of, stamp=STAMP, references=(reference,)))


def over_x12(whole: Said, lines: tuple[Said, ...], of: PARequest) -> Outcome:
    services = []
    for place, (asked, said) in enumerate(zip(of.lines, lines, strict=True), start=1):
        sv1 = said.sv1 or f"SV1*HC:{asked.code.code}**UN*{asked.quantity.value}"
        dates = [segment for segment in said.x12 if segment.startswith("DTP")]
        services.append([trn(place), *said.decision(), *dates, sv1, *(set(said.x12) - set(dates))])
    return outcome_of(response(EVENT, *whole.decision("AUTH1"), *whole.x12, services=services), of=of)


def read(outcome: Outcome) -> tuple[list[str], bool]:
    """What became of our lines, in their order, and whether a person of ours is called."""
    found = {result.line: result.outcome.value for result in outcome.lines}
    return [found[line["id"]] for line in LINES if line["id"] in found], outcome.attention is Attention.OPERATOR


YES, CHANGED, NO, WAITS = "certified", "certified_modified", "not_certified", "pending"


def days(start: str | None, end: str | None) -> dict[str, str]:
    told = {"certificationEffectiveDate": start, "certificationExpirationDate": end}
    return {name: day for name, day in told.items() if day}


def quantity(number: str, unit: str | None = "UN") -> dict[str, str]:
    return {"quantity": number} | ({"quantityTypeCode": unit} if unit else {"quantityTypeCode": ""})


FIRST: list[tuple[str, Said, list[str], bool]] = [
    ("as asked", PLAIN, [YES, YES], False),
    ("fewer units", Said(review=quantity("5"), sv1="SV1*HC:J9271**UN*5"), [CHANGED, YES], False),
    ("more units", Said(review=quantity("500"), sv1="SV1*HC:J9271**UN*500"), [YES, YES], False),
    ("no units", Said(review=quantity("0"), sv1="SV1*HC:J9271**UN*0"), ["unknown", YES], True),
    ("no number", Said(review=quantity("1e2"), sv1="SV1*HC:J9271**UN*1e2"), ["unknown", YES], True),
    ("minutes", Said(review=quantity("200", "MJ"), sv1="SV1*HC:J9271**MJ*200"), [YES, YES], True),
    ("each", Said(review=quantity("200", "EA"), sv1="SV1*HC:J9271**EA*200"), [YES, YES], False),
    ("no unit", Said(review=quantity("200", None), sv1="SV1*HC:J9271***200"), [YES, YES], False),
    ("less of no unit", Said(review=quantity("5", None), sv1="SV1*HC:J9271***5"), [YES, YES], True),
    (
        "until earlier",
        Said(review=days("2026-03-01", "2026-04-01"), x12=("DTP*007*RD8*20260301-20260401",)),
        [CHANGED, YES],
        False,
    ),
    ("from later", Said(review=days("2026-05-01", None), x12=("DTP*007*D8*20260501",)), [CHANGED, YES], False),
    ("from earlier", Said(review=days("2026-02-01", None), x12=("DTP*007*D8*20260201",)), [YES, YES], False),
    (
        "other days",
        Said(review=days("2027-03-01", "2027-04-01"), x12=("DTP*007*RD8*20270301-20270401",)),
        [CHANGED, YES],
        True,
    ),
    (
        "days reversed",
        Said(review=days("2026-05-01", "2026-04-01"), x12=("DTP*007*RD8*20260501-20260401",)),
        [CHANGED, YES],
        True,
    ),
    ("no day", Said(review=days("2026-02-31", None), x12=("DTP*007*D8*20260231",)), ["unknown", YES], True),
    (
        "given on two days",
        Said(review={"fromDate": "2026-03-01", "toDate": "2026-03-02"}, x12=("DTP*472*RD8*20260301-20260302",)),
        [CHANGED, YES],
        False,
    ),
    ("pended", Said("A4"), [WAITS, YES], False),
    ("wants documents", Said("A4", ("0U",)), ["info_requested", YES], False),
    ("denied", Said("A3", ("0F",)), [NO, YES], False),
    ("denied for what denies nothing", Said("A3", ("0W",)), [WAITS, YES], False),
    ("granted with a reason against it", Said("A1", ("0F",)), ["unknown", YES], True),
    ("granted with less", Said("A1", ("4",)), [CHANGED, YES], False),
    ("needs none", Said("NA"), ["not_required", YES], False),
    ("a call", Said("CT"), ["contact_payer", YES], False),
    ("a word nobody knows", Said("ZZ"), ["unknown", YES], True),
    ("nothing of its own", SILENT, [YES, YES], False),
]
"""Of the first line, in an event that is certified, with a second line that is."""


@pytest.mark.parametrize(("said", "expected", "person"), [row[1:] for row in FIRST], ids=[row[0] for row in FIRST])
def test_what_is_said_of_a_line_comes_to_the_same(said: Said, expected: list[str], person: bool) -> None:
    of = request(lines=LINES)
    assert read(over_x12(PLAIN, (said, PLAIN), of)) == (expected, person)
    assert read(over_reviews(PLAIN, (said, PLAIN), of)) == (expected, person)


OTHER_NPI = "1999999984"
WHOLE: list[tuple[str, Said, tuple[Said, Said], list[str], bool]] = [
    ("nothing below", PLAIN, (SILENT, SILENT), [YES, YES], False),
    ("fewer in all", Said(review=quantity("1"), x12=("HSD*UN*1",)), (PLAIN, PLAIN), [CHANGED, CHANGED], True),
    ("none in all", Said(review=quantity("0"), x12=("HSD*UN*0",)), (PLAIN, PLAIN), ["unknown", "unknown"], True),
    ("as much in all", Said(review=quantity("206"), x12=("HSD*UN*206",)), (PLAIN, PLAIN), [YES, YES], False),
    (
        "ends after a day, and a line only begins",
        Said(review=days(None, "2026-03-02"), x12=("DTP*036*D8*20260302",)),
        (Said(review=days("2026-03-01", None), x12=("DTP*007*D8*20260301",)), PLAIN),
        [CHANGED, CHANGED],
        False,
    ),
    (
        "given on two days",
        Said(review={"fromDate": "2026-03-01", "toDate": "2026-03-02"}, x12=("DTP*AAH*RD8*20260301-20260302",)),
        (PLAIN, PLAIN),
        [CHANGED, CHANGED],
        False,
    ),
    (
        "by somebody else",
        Said(
            review={"renderingProviders": [{"npi": OTHER_NPI, "lastName": "OTHER", "roleCode": "SJ"}]},
            x12=(f"NM1*SJ*2*OTHER*****XX*{OTHER_NPI}",),
        ),
        (PLAIN, PLAIN),
        [CHANGED, CHANGED],
        False,
    ),
    (
        "by somebody without a number",
        Said(
            review={"renderingProviders": [{"lastName": "NOBODY OF OURS", "roleCode": "SJ"}]},
            x12=("NM1*SJ*2*NOBODY OF OURS",),
        ),
        (PLAIN, PLAIN),
        [YES, YES],
        True,
    ),
    (
        "ordered by somebody else",
        Said(
            review={"renderingProviders": [{"npi": OTHER_NPI, "lastName": "OTHER", "roleCode": "DK"}]},
            x12=(f"NM1*DK*1*OTHER*****XX*{OTHER_NPI}",),
        ),
        (PLAIN, PLAIN),
        [YES, YES],
        False,
    ),
    (
        "for a diagnosis that was not sent",
        Said(review={"diagnoses": [{"code": "Z99.9"}]}, x12=("HI*ABK:Z999",)),
        (PLAIN, PLAIN),
        [YES, YES],
        True,
    ),
    ("changed, nobody says what", Said("A6"), (PLAIN, PLAIN), [CHANGED, CHANGED], False),
    ("changed, by a line", Said("A6"), (PLAIN, Said("A6")), [YES, CHANGED], False),
    ("partial", Said("A2"), (PLAIN, Said("A3")), [YES, NO], False),
    ("partial, and all granted", Said("A2"), (PLAIN, PLAIN), [CHANGED, CHANGED], True),
    ("partial with less, and all granted", Said("A2", ("4",)), (PLAIN, PLAIN), [CHANGED, CHANGED], True),
    ("partial against it, and all granted", Said("A2", ("0F",)), (PLAIN, PLAIN), ["unknown", "unknown"], True),
    (
        "partial, and a line is granted for less",
        Said("A2"),
        (Said(review=quantity("5"), sv1="SV1*HC:J9271**UN*5"), PLAIN),
        [CHANGED, YES],
        False,
    ),
    ("partial, and a line needs none", Said("A2"), (PLAIN, Said("NA")), [YES, "not_required"], False),
    ("partial, and a line says nothing", Said("A2"), (PLAIN, SILENT), [YES, "unknown"], True),
    ("denied in part", Said("A3"), (PLAIN, Said("A3")), [YES, NO], False),
    ("denied, and all granted", Said("A3"), (PLAIN, PLAIN), [YES, YES], True),
    ("denied, and one pended", Said("A3"), (Said("A4"), Said("A3")), [WAITS, NO], False),
    ("pended for documents, and all granted", Said("A4", ("0U",)), (PLAIN, PLAIN), ["info_requested"] * 2, True),
    ("pended for documents", Said("A4", ("0U",)), (SILENT, SILENT), ["info_requested"] * 2, False),
    ("denied for what denies nothing", Said("A3", ("0W",)), (SILENT, SILENT), [WAITS, WAITS], False),
    ("not finished, and denied in the same word", Said("A3", ("0W",)), (Said("A3"), Said("A3")), [WAITS, WAITS], False),
    (
        "not finished, and a line has a reason of its own",
        Said("A3", ("0W",)),
        (Said("A3"), Said("A3", ("0F",))),
        [WAITS, NO],
        False,
    ),
    ("not finished, and one granted", Said("A3", ("0W",)), (Said("A3"), PLAIN), [WAITS, YES], False),
    ("denied for one reason at both", Said("A3", ("0F",)), (Said("A3", ("0F",)), Said("A3")), [NO, NO], False),
    ("none needed, in the same word", Said("A3", ("0H",)), (Said("A3"), Said("A3")), ["not_required"] * 2, False),
    ("none needed, for a line", Said("A3", ("0H",)), (Said("A3"), Said("A3", ("0H",))), [NO, "not_required"], False),
    ("none needed, for another", Said("A3", ("0H",)), (Said("A3"), Said("NA", ("0H",))), [NO, "not_required"], False),
    ("pended for documents at both", Said("A4", ("0U",)), (Said("A4", ("0U",)), PLAIN), ["info_requested", YES], False),
    ("a reason against all", Said("A1", ("0F",)), (PLAIN, PLAIN), ["unknown", "unknown"], True),
    ("a reason against changes", Said("A6", ("0F",)), (PLAIN, Said("A6")), ["unknown", "unknown"], True),
    ("a reason against all, and a line's own", Said("A1", ("0F",)), (Said("A1", ("4",)), PLAIN), ["unknown"] * 2, True),
    ("a reason against a line, at both", Said("A1", ("0F",)), (PLAIN, Said("A3", ("0F",))), [YES, NO], True),
    ("a reason against no line", Said("A1", ("0F",)), (PLAIN, Said("A3", ("0M",))), ["unknown", NO], True),
    ("a reason against all, and one pended", Said("A1", ("0F",)), (PLAIN, Said("A4")), ["unknown", WAITS], True),
    ("granted with less, nobody says what", Said("A1", ("4",)), (PLAIN, PLAIN), [CHANGED, CHANGED], False),
    ("granted with less, at both", Said("A1", ("4",)), (Said("A1", ("4",)), PLAIN), [CHANGED, YES], False),
    ("granted with less, and a line is changed", Said("A1", ("4",)), (Said("A6"), PLAIN), [CHANGED, YES], False),
    ("changed for a reason, by a line", Said("A6", ("4",)), (PLAIN, Said("A6")), [YES, CHANGED], False),
    ("partial for a reason, at both", Said("A2", ("0F",)), (PLAIN, Said("A3", ("0F",))), [YES, NO], False),
]


@pytest.mark.parametrize(
    ("whole", "lines", "expected", "person"), [row[1:] for row in WHOLE], ids=[row[0] for row in WHOLE]
)
def test_what_is_said_of_the_whole_comes_to_the_same(
    whole: Said, lines: tuple[Said, Said], expected: list[str], person: bool
) -> None:
    of = request(lines=LINES)
    assert read(over_x12(whole, lines, of)) == (expected, person)
    assert read(over_reviews(whole, lines, of)) == (expected, person)


def test_another_place_or_kind_comes_to_the_same() -> None:
    of = request(lines=LINES)
    for code, um, expected, person in (
        ({"placeOfServiceCode": "22"}, "UM*HS*I**22:B", [YES, YES], False),
        ({"placeOfServiceCode": "11"}, "UM*HS*I**11:B", [CHANGED, CHANGED], False),
        ({"requestTypeCode": "AR"}, "UM*AR*I", [CHANGED, CHANGED], True),
        ({"serviceTypeCode": "ZZ"}, "UM*HS*I*ZZ", [YES, YES], True),
    ):
        services = [[trn(1), "HCR*A1", "SV1*HC:J9271**UN*200"], [trn(2), "HCR*A1", "SV1*HC:96413**UN*6"]]
        assert read(outcome_of(response(um, "HCR*A1*AUTH1", services=services), of=of)) == (expected, person)
        assert read(over_reviews(Said(review=code), (PLAIN, PLAIN), of)) == (expected, person)


def test_a_line_with_a_place_of_its_own_may_be_granted_there_and_a_review_cannot_ask_for_it() -> None:
    of = request(lines=[LINES[0] | {"place_of_service": "12"}, LINES[1]])
    for place, expected in (("12", [YES, CHANGED]), ("22", [YES, YES]), ("11", [CHANGED, CHANGED])):
        services = [[trn(1), "HCR*A1", "SV1*HC:J9271**UN*200"], [trn(2), "HCR*A1", "SV1*HC:96413**UN*6"]]
        heard = outcome_of(response(f"UM*HS*I**{place}:B", "HCR*A1*AUTH1", services=services), of=of)
        assert read(heard) == (expected, False)
    with pytest.raises(CannotExpress, match="/lines/0/place_of_service"):
        over_reviews(PLAIN, (PLAIN, PLAIN), of)


def test_who_gives_a_line_by_its_own_procedure_counts_over_the_review_and_a_place_that_is_none_calls_a_person() -> None:
    of = request(lines=LINES)
    other = Said(review={"renderingProviders": [{"npi": OTHER_NPI, "roleCode": "SJ"}]})
    assert read(over_reviews(PLAIN, (other, PLAIN), of)) == ([CHANGED, YES], False)
    found = over_reviews(Said(review={"placeOfServiceCode": "22:B"}), (PLAIN, PLAIN), of)
    assert read(found) == ([CHANGED, CHANGED], True)
    assert found.lines[0].place_of_service is None


@pytest.mark.parametrize(
    ("number", "expected", "person"), [("1", CHANGED, False), ("200", YES, False), ("0", "unknown", True)]
)
@pytest.mark.parametrize("below", [PLAIN, SILENT])
def test_the_quantity_of_a_review_of_one_line_is_that_of_the_line(
    number: str, expected: str, person: bool, below: Said
) -> None:
    of = request(lines=LINES[:1])
    whole = Said(review=quantity(number), x12=(f"HSD*UN*{number}",))
    assert read(over_x12(whole, (below,), of)) == ([expected], person)
    assert read(over_reviews(whole, (below,), of)) == ([expected], person)


@pytest.mark.parametrize(
    ("number", "read_as"), [("AUTH1", "AUTH1"), ("SEE LETTER", None), ("DENIED", None), ("000", None), ("99999", None)]
)
def test_words_in_a_numbers_place_are_no_number(number: str, read_as: str | None) -> None:
    of = request(lines=LINES[:1])
    heard = outcome_of(response(EVENT, f"HCR*A1*{number}"), of=of)
    for outcome in (heard, over_reviews(Said(review={"certificationNumber": number}), (PLAIN,), of)):
        assert outcome.lines[0].authorization_number == read_as
        assert read(outcome) == ([YES], False)


def test_a_grant_for_a_dependent_of_the_patients_is_not_ours() -> None:
    of = request(lines=LINES[:1])
    child = ["HL*9*3*23*1", "NM1*QC*1*OTHER*CHILD", "INS*N*19"]
    heard = outcome_of(response(EVENT, "HCR*A1*AUTH1", member=child), of=of)
    told = over_reviews(Said(review={"patient": {"subscriberRelationshipCode": "19"}}), (PLAIN,), of)
    for outcome in (heard, told):
        assert (outcome.answer, outcome.lines, outcome.attention) == (Answer.UNMAPPED, (), Attention.OPERATOR)
    ours = outcome_of(response(EVENT, "HCR*A1*AUTH1", member=[*child, "DMG*D8*19610203*F"]), of=of)
    assert read(ours) == ([YES], False)


def test_lines_of_one_code_are_told_apart_by_their_days_in_any_order() -> None:
    months = [{"start": "2026-03-01", "end": "2026-03-31"}, {"start": "2026-04-01", "end": "2026-04-30"}]
    of = request(lines=[LINES[0] | {"dates": months[0]}, LINES[0] | {"id": "infusion", "dates": months[1]}])
    told = [Said("A1", review={"fromDate": each["start"], "toDate": each["end"]}) for each in reversed(months)]
    dates = ["DTP*472*RD8*20260401-20260430", "DTP*472*RD8*20260301-20260331"]
    services = [["HCR*A1", each, "SV1*HC:J9271**UN*200"] for each in dates]
    heard = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=services), of=of)
    for outcome in (heard, over_reviews(PLAIN, (told[0], told[1]), of)):
        assert read(outcome) == ([YES, YES], False)
        starts = {result.line: str(result.period.start) for result in outcome.lines if result.period}
        assert starts == {"drug": "2026-03-01", "infusion": "2026-04-01"}


def test_more_diagnoses_than_the_payer_reads_are_refused() -> None:
    of = request(diagnoses=[{"code": "C34.11"}, {"code": "C79.31"}, {"code": "E11.9"}])
    for submit, to in (
        (ADAPTER.submit, x12_destination(payer={"max_diagnoses": 2})),
        (REVIEWS.submit, few_diagnoses()),
    ):
        with pytest.raises(CannotExpress, match="/diagnoses: this payer reads 2 diagnoses"):
            first_frame(submit(of, to, STAMP))


def few_diagnoses() -> Destination:
    return TO.model_copy(update={"payer_settings": TO.payer_settings.model_copy(update={"max_diagnoses": 2})})
