"""Answers that are proposed from what a request states, and all that is not proposed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.api.examples import REQUEST
from gateway.model.questions import CodedReference, Detail, Question, QuestionAnswer, QuestionKind
from gateway.model.request import PARequest
from gateway.questions.answers import judge
from gateway.questions.prefill import Proposals, is_vouched, propose
from tests.unit.questions_material import a_set, choice, number, select, text

LABS = [
    {"name": "Creatinine", "loinc": "2160-0", "result": "1.4", "unit": "mg/dL", "resulted_on": "2026-02-20"},
    {"name": "TB screening", "loinc": "71774-4", "result": "260385009", "resulted_on": "2026-01-11"},
]


def coded(system: str, *codes: str) -> dict[str, Any]:
    return {"codes": tuple(CodedReference(system=system, code=code) for code in codes)}


def measured(loinc: str, unit: str | None = None) -> dict[str, Any]:
    units = () if unit is None else (CodedReference(system="ucum", code=unit),)
    return {"codes": (CodedReference(system="loinc", code=loinc), *units)}


def request(facts: dict[str, Any] | None = None, **changes: Any) -> PARequest:
    return PARequest.model_validate({**REQUEST, "facts": facts or {}, **changes})


def proposals(question: Question, facts: dict[str, Any] | None = None, **changes: Any) -> Proposals:
    asked, stated = a_set(question), request(facts, **changes)
    found = propose(asked, stated, [line.id for line in stated.lines])
    assert not judge(asked, found.answers), "what is proposed fits"
    for answer in found.answers:
        assert _at(stated.model_dump(mode="json"), answer.taken_from or "") is not None
    return found


def proposed(question: Question, facts: dict[str, Any] | None = None, **changes: Any) -> QuestionAnswer:
    [answer] = proposals(question, facts, **changes).answers
    return answer


def why_not(question: Question, facts: dict[str, Any] | None = None, **changes: Any) -> str:
    found = proposals(question, facts, **changes)
    assert not found.answers
    [told] = found.unproposed
    assert told.question == question.id
    return told.why


def dated(name: str, **fields: Any) -> Question:
    return Question(id=name, order=1, text="When?", kind=QuestionKind.DATE, **fields)


def test_a_laboratory_value_answers_what_is_asked_under_its_code() -> None:
    facts = {"laboratories": LABS}
    asked = number("1", 1, **measured("2160-0", "mg/dL"))
    assert proposed(asked, facts) == QuestionAnswer(
        question="1", number=Decimal("1.4"), taken_from="/facts/laboratories/0"
    )
    assert proposed(text("1", 1, **measured("2160-0")), facts).text == "1.4 mg/dL"
    assert str(proposed(dated("1", **measured("2160-0")), facts).date) == "2026-02-20"


def test_a_choice_is_proposed_whose_own_code_is_the_value() -> None:
    facts = {"laboratories": LABS, "performance": [{"scale": "ecog", "score": 1}]}
    screening = select(
        "1",
        1,
        choice("pos", **coded("snomed", "10828004")),
        choice("neg", **coded("snomed", "260385009")),
        **measured("71774-4"),
    )
    answer = proposed(screening, facts)
    assert ([one.choice for one in answer.chosen], answer.taken_from) == (["neg"], "/facts/laboratories/1")
    ecog = select("1", 1, choice("a", **coded("loinc", "LA9622-7")), choice("b", **coded("loinc", "LA9623-5")))
    ecog = ecog.model_copy(update=measured("89247-1"))
    assert [one.choice for one in proposed(ecog, facts).chosen] == ["b"]
    bare = select("1", 1, choice("yes"), choice("no"), **measured("71774-4"))
    assert why_not(bare, facts) == "no choice has the code of what the request states"


@pytest.mark.parametrize(
    ("loinc", "unit", "value", "pointer"),
    [
        ("8302-2", "cm", "171.5", "/facts/body/height_cm"),
        ("29463-7", "kg", "68", "/facts/body/weight_kg"),
        ("3140-1", "m2", "1.8", "/facts/body/bsa_m2"),
        ("89247-1", None, "2", "/facts/performance/0"),
        ("89243-0", "{score}", "60", "/facts/performance/1"),
    ],
)
def test_measures_and_scores_are_known_by_their_public_codes(
    loinc: str, unit: str | None, value: str, pointer: str
) -> None:
    facts = {
        "body": {"height_cm": 171.5, "weight_kg": 68.0, "bsa_m2": 1.8, "measured_on": "2026-02-27"},
        "performance": [{"scale": "ecog", "score": 2}, {"scale": "karnofsky", "score": 60}],
    }
    answer = proposed(number("1", 1, **measured(loinc, unit)), facts)
    assert (answer.number, answer.taken_from) == (Decimal(value), pointer)


def test_a_question_for_the_diagnosis_by_code_is_answered_by_the_diagnoses_alone() -> None:
    diagnoses = [{"code": "E11.9"}, {"code": "C34.90"}]
    choices = (choice("lung", **coded("icd10", "C34.90")), choice("drug", **coded("rxnorm", "6851")), choice("other"))
    asked = select("1", 1, *choices).model_copy(update=measured("29308-4"))
    answer = proposed(asked, {"prior_therapies": [{**_THERAPY, "rxnorm": "6851"}]}, diagnoses=diagnoses)
    assert ([one.choice for one in answer.chosen], answer.taken_from) == (["lung"], "/diagnoses/1")
    assert "no choice" in why_not(asked, diagnoses=[{"code": "C50.919"}])
    treated = select("1", 1, *choices).model_copy(update=measured("29307-6"))
    assert "nothing under this code" in why_not(treated, diagnoses=diagnoses), "another code asks for something else"


def test_a_number_is_proposed_in_the_unit_it_was_sent_in_and_in_no_other() -> None:
    facts = {"body": {"weight_kg": 68.0}, "laboratories": LABS}
    assert "another unit" in why_not(number("1", 1, **measured("29463-7", "[lb_av]")), facts)
    assert "does not say in code in which unit" in why_not(number("1", 1, **measured("29463-7")), facts)
    assert "another unit" in why_not(number("1", 1, **measured("2160-0", "umol/L")), facts)


def test_what_several_facts_answer_differently_is_not_proposed() -> None:
    again = {**LABS[0], "resulted_on": "2026-03-01"}
    asked = number("1", 1, **measured("2160-0", "mg/dL"))
    assert "they differ" in why_not(asked, {"laboratories": [LABS[0], {**again, "result": "1.2"}]})
    answer = proposed(asked, {"laboratories": [LABS[0], again]})
    assert (answer.number, answer.taken_from) == (Decimal("1.4"), "/facts/laboratories/1"), "the latest of equals"
    assert "they differ" in why_not(dated("1", **measured("2160-0")), {"laboratories": [LABS[0], again]})


@pytest.mark.parametrize("result", ["<5", "1,4", "1.4 mg/dL", "high", "1e3"])
def test_what_is_no_plain_number_is_not_proposed_as_one(result: str) -> None:
    facts = {"laboratories": [{**LABS[0], "result": result}]}
    assert "no plain number" in why_not(number("1", 1, **measured("2160-0", "mg/dL")), facts)


def test_codes_that_refine_each_other_are_not_taken_for_one_of_them() -> None:
    both = (*measured("2160-0", "mg/dL")["codes"], CodedReference(system="snomed", code="1"))
    assert "refine each other" in why_not(number("1", 1, codes=both), {"laboratories": LABS})
    drugs = select("1", 1, choice("a", codes=(*coded("rxnorm", "6851", "9999")["codes"],)), choice("b"))
    assert "no choice" in why_not(drugs, {"prior_therapies": [{**_THERAPY, "rxnorm": "6851"}]})


_THERAPY = {"drug": "methotrexate", "rxnorm": "6851", "started_on": "2025-01-02", "outcome": "inadequate_response"}


def test_choices_with_codes_of_diagnoses_and_drugs_are_proposed_by_what_the_request_names() -> None:
    diagnoses = [{"code": "C34.11", "onset": "2025-11-03"}, {"code": "E11.9"}]
    which = select("1", 1, choice("a", **coded("icd10", "C3411")), choice("b", **coded("icd10", "C50.911")))
    answer = proposed(which, diagnoses=diagnoses)
    assert ([one.choice for one in answer.chosen], answer.taken_from) == (["a"], "/diagnoses/0")
    tried = select("1", 1, choice("a", **coded("rxnorm", "6851")), choice("b", **coded("rxnorm", "5521")))
    assert proposed(tried, {"prior_therapies": [_THERAPY]}).taken_from == "/facts/prior_therapies/0"
    never = {**_THERAPY, "outcome": "contraindicated"}
    assert "no choice" in why_not(tried, {"prior_therapies": [never]})
    when = dated("1", **coded("icd10", "C34.11"))
    answer = proposed(when, diagnoses=diagnoses)
    assert (str(answer.date), answer.taken_from) == ("2025-11-03", "/diagnoses/0/onset")
    assert "which date of the drug" in why_not(dated("1", **coded("rxnorm", "6851")), {"prior_therapies": [_THERAPY]})


def test_several_choices_that_fit_are_proposed_only_where_several_may_be_given() -> None:
    diagnoses = [{"code": "C34.11"}, {"code": "E11.9"}]
    both = (choice("a", **coded("icd10", "C34.11")), choice("b", **coded("icd10", "E11.9")), choice("c"))
    answer = proposed(select("1", 1, *both, multiple=True), diagnoses=diagnoses)
    assert ([one.choice for one in answer.chosen], answer.taken_from) == (["a", "b"], "/diagnoses")
    assert "one is asked for" in why_not(select("1", 1, *both), diagnoses=diagnoses)


def test_a_drug_that_was_tried_and_one_that_is_asked_for_are_not_mixed() -> None:
    line = {**REQUEST["lines"][0], "code": {"system": "rxnorm", "code": "1547545"}}
    asked = select("1", 1, choice("a", **coded("rxnorm", "1547545")), choice("b", **coded("rxnorm", "6851")))
    assert proposed(asked, lines=[line]).taken_from == "/lines/0/code"
    facts = {"prior_therapies": [_THERAPY]}
    for multiple in (False, True):
        mixed = asked.model_copy(update={"multiple": multiple})
        assert "several kinds" in why_not(mixed, facts, lines=[line])
    again = {"prior_therapies": [{**_THERAPY, "rxnorm": "1547545"}]}
    assert "several kinds" in why_not(asked, again, lines=[line])


def test_only_lines_that_were_filed_there_are_looked_at() -> None:
    stated = request()
    line = stated.lines[0]
    asked = a_set(select("1", 1, choice("a", **coded(line.code.system, line.code.code)), choice("b")))
    assert propose(asked, stated, [line.id]).answers
    assert not propose(asked, stated, ["other"]).answers


def test_a_choice_that_must_be_explained_and_a_time_of_day_are_left_to_people() -> None:
    explained = select("1", 1, choice("a", detail=Detail.MANDATORY, **coded("icd10", "C34.11")), choice("b"))
    assert "explained" in why_not(explained, diagnoses=[{"code": "C34.11"}])
    moment = Question(id="1", order=1, text="When?", kind=QuestionKind.MOMENT, **measured("2160-0"))
    assert "time of day" in why_not(moment, {"laboratories": LABS})
    birth = proposed(dated("1", **measured("21112-8")))
    assert (str(birth.date), birth.taken_from) == (REQUEST["patient"]["birth_date"], "/patient/birth_date")


def test_a_question_without_codes_is_neither_answered_nor_talked_about() -> None:
    found = proposals(text("1", 1), {"laboratories": LABS})
    assert (found.answers, found.unproposed) == ((), ())
    assert "nothing under this code" in why_not(number("1", 1, **measured("2160-0", "mg/dL")))


def test_only_what_was_proposed_is_said_to_be_taken_from_the_request() -> None:
    found = proposals(number("1", 1, **measured("2160-0", "mg/dL")), {"laboratories": LABS})
    [answer] = found.answers
    assert is_vouched(answer, found)
    assert is_vouched(answer.model_copy(update={"number": Decimal("1.40")}), found)
    assert not is_vouched(answer.model_copy(update={"number": Decimal("1.5")}), found)
    assert not is_vouched(answer.model_copy(update={"taken_from": "/facts/laboratories/1"}), found)
    assert is_vouched(answer.model_copy(update={"number": Decimal("1.5"), "taken_from": None}), found)


def _at(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document
