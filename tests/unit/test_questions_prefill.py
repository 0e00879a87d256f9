"""Answers that are proposed from what a request states, and all that is not proposed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.api.examples import REQUEST
from gateway.model.questions import Chosen, CodedReference, Detail, Question, QuestionAnswer, QuestionKind
from gateway.model.request import PARequest
from gateway.questions.answers import judge
from gateway.questions.prefill import Proposals, propose, unvouched
from tests.unit.questions_material import a_set, choice, number, select, text

LABS = [
    {"name": "Creatinine", "loinc": "2160-0", "result": "1.4", "unit": "mg/dL", "resulted_on": "2026-02-20"},
    {"name": "TB screening", "loinc": "71774-4", "result": "260385009", "resulted_on": "2026-01-11"},
]
LINES = [{**line, "diagnoses": []} for line in REQUEST["lines"]]


def coded(system: str, *codes: str) -> dict[str, Any]:
    return {"codes": tuple(CodedReference(system=system, code=code) for code in codes)}


def measured(loinc: str, unit: str | None = None) -> dict[str, Any]:
    units = () if unit is None else (CodedReference(system="ucum", code=unit),)
    return {"codes": (CodedReference(system="loinc", code=loinc), *units)}


def request(facts: dict[str, Any] | None = None, **changes: Any) -> PARequest:
    """Its lines do not say which diagnosis they are for."""
    return PARequest.model_validate({**REQUEST, "lines": LINES, "facts": facts or {}, **changes})


def proposals(question: Question, facts: dict[str, Any] | None = None, **changes: Any) -> Proposals:
    asked, stated = a_set(question), request(facts, **changes)
    found = propose(asked, stated, [line.id for line in stated.lines])
    assert not judge(asked, found.answers), "what is proposed fits"
    for answer in found.answers:
        sources = [answer.taken_from] if answer.taken_from else [one.taken_from for one in answer.chosen]
        assert sources
        for source in sources:
            assert source
            assert _at(stated.model_dump(mode="json"), source) is not None
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


def test_a_choice_is_proposed_whose_own_code_is_the_value() -> None:
    facts = {"laboratories": LABS, "performance": [{"scale": "ecog", "score": 1}]}
    ecog = select("1", 1, choice("a", **coded("loinc", "LA9622-7")), choice("b", **coded("loinc", "LA9623-5")))
    ecog = ecog.model_copy(update=measured("89247-1"))
    assert [one.choice for one in proposed(ecog, facts).chosen] == ["b"]
    assert "another unit" in why_not(ecog.model_copy(update=measured("89247-1", "g/L")), facts)
    bare = select("1", 1, choice("yes"), choice("no"), **measured("89247-1"))
    assert why_not(bare, facts) == "no choice has the code of what the request states"


@pytest.mark.parametrize("system", ["payer-list", "snomed", "icd10", "rxnorm"])
def test_a_choice_of_another_list_is_not_the_value_because_its_code_reads_alike(system: str) -> None:
    facts = {"performance": [{"scale": "ecog", "score": 1}], "laboratories": LABS}
    numbered = [choice(f"ECOG {grade}", **coded(system, str(grade + 1))) for grade in range(5)]
    assert "no choice" in why_not(select("1", 1, *numbered, **measured("89247-1")), facts)
    alike = [choice(code, **coded(system, code)) for code in ("LA9622-7", "LA9623-5")]
    assert "no choice" in why_not(select("1", 1, *alike, **measured("89247-1")), facts)
    banded = select(
        "1", 1, choice("a", **coded(system, "1.4")), choice("b", **coded(system, "2")), **measured("2160-0")
    )
    assert "not state its value as a code" in why_not(banded, facts)
    screening = select("1", 1, choice("a", **coded(system, "260385009")), choice("b"), **measured("71774-4"))
    assert "not state its value as a code" in why_not(screening, facts), "the request does not say of which list it is"


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
    diagnoses = [{"code": "C34.90"}]
    choices = (choice("lung", **coded("icd10", "C34.90")), choice("drug", **coded("rxnorm", "6851")), choice("other"))
    asked = select("1", 1, *choices).model_copy(update=measured("29308-4"))
    answer = proposed(asked, {"prior_therapies": [{**_THERAPY, "rxnorm": "6851"}]}, diagnoses=diagnoses)
    assert ([one.choice for one in answer.chosen], answer.taken_from) == (["lung"], "/diagnoses/0")
    assert "no choice" in why_not(asked, diagnoses=[{"code": "C50.919"}])
    assert "no choice" in why_not(asked, {"comorbidities": ["C34.90"]}, diagnoses=[{"code": "C50.919"}])
    assert "several diagnoses" in why_not(asked, diagnoses=[{"code": "E11.9"}, *diagnoses]), "it may be the other"
    treated = select("1", 1, *choices).model_copy(update=measured("29307-6"))
    assert "no value under this code" in why_not(treated, diagnoses=diagnoses), "another code asks for something else"


def test_a_number_is_proposed_in_the_unit_it_was_sent_in_and_in_no_other() -> None:
    facts = {"body": {"weight_kg": 68.0}, "laboratories": LABS}
    assert "another unit" in why_not(number("1", 1, **measured("29463-7", "[lb_av]")), facts)
    assert "does not say in code in which unit" in why_not(number("1", 1, **measured("29463-7")), facts)
    assert "another unit" in why_not(number("1", 1, **measured("2160-0", "umol/L")), facts)
    assert "another unit" in why_not(text("1", 1, **measured("29463-7", "[lb_av]")), facts)
    assert "another unit" in why_not(text("1", 1, **measured("2160-0", "umol/L")), facts)
    assert proposed(text("1", 1, **measured("29463-7", "kg")), facts).text == "68.0 kg"
    both = {"codes": (*measured("29463-7", "kg")["codes"], *measured("29463-7", "g")["codes"][1:])}
    assert "several units" in why_not(number("1", 1, **both), facts)


@pytest.mark.parametrize("result", ["1.2", "<5", "positive 1:40", "\N{VULGAR FRACTION ONE HALF}"], ids=ascii)
@pytest.mark.parametrize("unit", [None, "1", "umol/L"])
def test_a_laboratory_without_a_unit_gives_no_figure(result: str, unit: str | None) -> None:
    bare = {key: value for key, value in LABS[0].items() if key != "unit"}
    facts = {"laboratories": [{**bare, "result": result}]}
    for asked in (number("1", 1, **measured("2160-0", unit)), text("1", 1, **measured("2160-0", unit))):
        assert any(told in why_not(asked, facts) for told in ("in none", "no plain number", "not state its unit"))


def test_words_of_a_laboratory_need_no_unit_and_a_plain_ratio_is_not_taken_for_a_score() -> None:
    facts = {"laboratories": [{**LABS[1], "result": "negative"}, {**LABS[0], "unit": "1"}]}
    assert proposed(text("1", 1, **measured("71774-4")), facts).text == "negative"
    assert "in which unit" in why_not(number("1", 1, **measured("2160-0")), facts)
    assert proposed(number("1", 1, **measured("2160-0", "1")), facts).number == Decimal("1.4")


def test_what_several_facts_answer_differently_is_not_proposed() -> None:
    again = {**LABS[0], "resulted_on": "2026-03-01"}
    asked = number("1", 1, **measured("2160-0", "mg/dL"))
    assert "they differ" in why_not(asked, {"laboratories": [LABS[0], {**again, "result": "1.2"}]})
    answer = proposed(asked, {"laboratories": [LABS[0], again]})
    assert (answer.number, answer.taken_from) == (Decimal("1.4"), "/facts/laboratories/1"), "the latest of equals"


@pytest.mark.parametrize("loinc", ["2160-0", "29463-7", "89247-1"])
def test_the_day_of_a_result_is_not_the_date_that_is_asked_for_under_its_code(loinc: str) -> None:
    facts = {
        "laboratories": LABS[:1],
        "body": {"weight_kg": 68.0, "measured_on": "2026-02-27"},
        "performance": [{"scale": "ecog", "score": 2, "assessed_on": "2026-02-27"}],
    }
    assert "which date of it" in why_not(dated("1", **measured(loinc)), facts)


@pytest.mark.parametrize("result", ["<5", "1,4", "1.4 mg/dL", "high", "1e3"])
def test_what_is_no_plain_number_is_not_proposed_as_one(result: str) -> None:
    facts = {"laboratories": [{**LABS[0], "result": result}]}
    assert "no plain number" in why_not(number("1", 1, **measured("2160-0", "mg/dL")), facts)


def test_codes_that_refine_each_other_are_not_taken_for_one_of_them() -> None:
    both = (*measured("2160-0", "mg/dL")["codes"], CodedReference(system="snomed", code="1"))
    assert "refine each other" in why_not(number("1", 1, codes=both), {"laboratories": LABS})
    narrowed = select("1", 1, choice("a", **coded("icd10", "C34.11", "Z51.11")), choice("b"), **measured("29308-4"))
    assert "no choice" in why_not(narrowed, diagnoses=[{"code": "C34.11"}])


@pytest.mark.parametrize("multiple", [False, True])
def test_choices_that_share_the_code_that_fits_are_left_to_people(multiple: bool) -> None:
    """What tells them apart stands in their words: metastatic or adjuvant, both for the diagnosis C34.11."""
    alike = (choice("meta", **coded("icd10", "C34.11")), choice("adj", **coded("icd10", "C3411")), choice("other"))
    asked = select("1", 1, *alike, multiple=multiple, **measured("29308-4"))
    assert "several choices" in why_not(asked, diagnoses=[{"code": "C34.11"}])
    graded = [choice(name, **coded("loinc", "LA9623-5")) for name in ("able", "limited")]
    asked = select("1", 1, *graded, multiple=multiple, **measured("89247-1"))
    assert "several choices" in why_not(asked, {"performance": [{"scale": "ecog", "score": 1}]})


@pytest.mark.parametrize("multiple", [False, True])
def test_a_choice_is_not_proposed_where_another_one_narrows_the_same_code_down(multiple: bool) -> None:
    narrowed = choice("with chemotherapy", **coded("icd10", "C34.11", "Z51.11"))
    asked = select("1", 1, narrowed, choice("a", **coded("icd10", "C34.11")), multiple=multiple, **measured("29308-4"))
    assert "several choices" in why_not(asked, diagnoses=[{"code": "C34.11"}])


def test_choices_that_cannot_be_told_apart_still_make_a_third_one_of_their_code_doubtful() -> None:
    twins = [choice(name, **coded("icd10", "C34.11")) for name in ("1", "1", "2")]
    asked = select("1", 1, *twins, choice("3"), **measured("29308-4"))
    assert "several choices" in why_not(asked, diagnoses=[{"code": "C34.11"}])


def test_a_choice_of_several_values_is_not_the_one_that_the_request_states() -> None:
    able = choice("0 or 1", **coded("loinc", "LA9622-7", "LA9623-5"))
    asked = select("1", 1, able, choice("2", **coded("loinc", "LA9624-3")), **measured("89247-1"))
    assert "no choice" in why_not(asked, {"performance": [{"scale": "ecog", "score": 1}]})


_THERAPY = {"drug": "methotrexate", "rxnorm": "6851", "started_on": "2025-01-02", "outcome": "inadequate_response"}


@pytest.mark.parametrize("multiple", [False, True])
@pytest.mark.parametrize("unit", [{}, coded("ucum", "1")], ids=["no_code", "unit"])
def test_choices_are_not_proposed_where_no_code_says_what_is_asked(unit: dict[str, Any], multiple: bool) -> None:
    """Its words may ask what was ruled out, what is given together, what was never taken."""
    codes = {
        "therapy": ("rxnorm", "6851"),
        "line": ("rxnorm", "2"),
        "here": ("icd10", "C34.11"),
        "too": ("icd10", "I10"),
    }
    asked = select("1", 1, *(choice(name, **coded(*code)) for name, code in codes.items()), multiple=multiple, **unit)
    facts = {"prior_therapies": [_THERAPY], "comorbidities": ["I10"]}
    line = {**REQUEST["lines"][0], "code": {"system": "rxnorm", "code": "2"}}
    for stated in ({}, facts):
        told = why_not(asked, stated, diagnoses=[{"code": "C34.11"}], lines=[line])
        assert told == "nothing says in code what is asked for"


@pytest.mark.parametrize("question", [("icd10", "C34.11"), ("icd10", "I10"), ("rxnorm", "6851")])
def test_a_date_of_a_diagnosis_or_a_drug_is_not_proposed(question: tuple[str, str]) -> None:
    facts = {"prior_therapies": [_THERAPY], "comorbidities": ["I10"]}
    diagnoses = [{"code": "C34.11", "onset": "2025-11-03"}]
    assert "no value under this code" in why_not(dated("1", **coded(*question)), facts, diagnoses=diagnoses)


def test_several_choices_that_fit_are_proposed_only_where_several_may_be_given_each_with_its_source() -> None:
    diagnoses = [{"code": "C34.11"}, {"code": "E11.9"}]
    both = (choice("a", **coded("icd10", "C34.11")), choice("b", **coded("icd10", "E11.9")), choice("c"))
    asked = select("1", 1, *both, multiple=True, **measured("29308-4"))
    answer = proposed(asked, diagnoses=diagnoses)
    assert answer.taken_from is None
    assert [(one.choice, one.taken_from) for one in answer.chosen] == [("a", "/diagnoses/0"), ("b", "/diagnoses/1")]
    answer = proposed(asked, {"comorbidities": ["E11.9"]}, diagnoses=[*diagnoses[:1], *diagnoses[:1]])
    assert (answer.chosen, answer.taken_from) == ((Chosen(choice="a"),), "/diagnoses/0")
    assert "several diagnoses" in why_not(select("1", 1, *both, **measured("29308-4")), diagnoses=diagnoses)


def test_the_diagnoses_meant_are_those_that_the_lines_point_at_or_all_where_one_points_at_none() -> None:
    both = (choice("a", **coded("icd10", "C50.911")), choice("b", **coded("icd10", "R11.0")), choice("c"))
    one, several = (select("1", 1, *both, multiple=multiple, **measured("29308-4")) for multiple in (False, True))

    def of(*pointed: list[int]) -> dict[str, Any]:
        lines = [{**REQUEST["lines"][0], "id": str(place), "diagnoses": each} for place, each in enumerate(pointed)]
        return {"diagnoses": [{"code": "C50.911"}, {"code": "R11.0"}], "lines": lines}

    answer = proposed(one, **of([2]))
    assert ([each.choice for each in answer.chosen], answer.taken_from) == (["b"], "/diagnoses/1")
    assert [each.choice for each in proposed(several, **of([1], [1])).chosen] == ["a"]
    for pointed in ([[]], [[2], []], [[1, 2]], [[1], [2]]):
        assert "several diagnoses" in why_not(one, **of(*pointed))
        assert [each.choice for each in proposed(several, **of(*pointed)).chosen] == ["a", "b"]
    stated = request(**of([1], [2]))
    [answer] = propose(a_set(one), stated, ["1"]).answers
    assert [each.choice for each in answer.chosen] == ["b"], "the other line is not asked about"


def test_a_choice_that_must_be_explained_and_a_time_of_day_are_left_to_people() -> None:
    with_words = choice("a", detail=Detail.MANDATORY, **coded("icd10", "C34.11"))
    explained = select("1", 1, with_words, choice("b"), **measured("29308-4"))
    assert "explained" in why_not(explained, diagnoses=[{"code": "C34.11"}])
    moment = Question(id="1", order=1, text="When?", kind=QuestionKind.MOMENT, **measured("2160-0"))
    assert "time of day" in why_not(moment, {"laboratories": LABS})
    birth = proposed(dated("1", **measured("21112-8")))
    assert (str(birth.date), birth.taken_from) == (REQUEST["patient"]["birth_date"], "/patient/birth_date")


def test_a_question_without_codes_is_neither_answered_nor_talked_about() -> None:
    found = proposals(text("1", 1), {"laboratories": LABS})
    assert (found.answers, found.unproposed) == ((), ())
    assert "no value under this code" in why_not(number("1", 1, **measured("2160-0", "mg/dL")))


def test_only_what_was_proposed_is_said_to_be_taken_from_the_request() -> None:
    found = proposals(number("1", 1, **measured("2160-0", "mg/dL")), {"laboratories": LABS})
    [answer] = found.answers
    for changes, at in (
        ({}, []),
        ({"number": Decimal("1.40")}, []),
        ({"number": Decimal("1.5")}, [("taken_from",)]),
        ({"taken_from": "/facts/laboratories/1"}, [("taken_from",)]),
        ({"number": Decimal("1.5"), "taken_from": None}, []),
    ):
        assert list(unvouched(answer.model_copy(update=changes), found)) == at


def test_of_choices_that_were_proposed_each_vouches_for_itself() -> None:
    both = (choice("a", **coded("icd10", "C34.11")), choice("b", **coded("icd10", "E11.9")), choice("c"))
    asked = select("1", 1, *both, multiple=True, **measured("29308-4"))
    found = proposals(asked, diagnoses=[{"code": "C34.11"}, {"code": "E11.9"}])
    first, second = found.answers[0].chosen
    for chosen, at in (
        ((first, second), []),
        ((second, Chosen(choice="c")), []),
        ((Chosen(choice="c", taken_from="/diagnoses/0"), first), [("chosen", 0, "taken_from")]),
        ((first, Chosen(choice="b", taken_from="/diagnoses/0")), [("chosen", 1, "taken_from")]),
    ):
        assert list(unvouched(QuestionAnswer(question="1", chosen=chosen), found)) == at


def _at(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document
