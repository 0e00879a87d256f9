"""The packs of mappings/: each cites, says what it is, and together they hold what they promise."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.main.config import PROJECT
from gateway.model.line import CodeSystem
from gateway.policy.check import check
from gateway.profiles.policies import PolicyPack
from gateway.profiles.policies_needs import AllOf, AnyOf, Need
from gateway.profiles.policies_rules import RequirementRule
from tests.unit.policy_material import FILED, a_line, an_order, shipped, shipped_book

PACKS = shipped().packs
PAYERS = ("bluestem_mutual", "cedar_valley", "evergreen_health")
REGIMENS = {
    "C34": ("carboplatin pemetrexed pembrolizumab", "pembrolizumab monotherapy"),
    "C50": ("TCHP", "pembrolizumab carboplatin paclitaxel"),
    "C18": ("FOLFOX bevacizumab", "FOLFIRI cetuximab"),
    "C83": ("R-CHOP", "bendamustine rituximab"),
}


@pytest.mark.parametrize("pack", PACKS, ids=[pack.name for pack in PACKS])
def test_every_rule_of_every_pack_cites(pack: PolicyPack) -> None:
    assert pack.provenance.source
    for rule in pack.rules:
        assert rule.citation.source
        assert rule.citation.says.endswith(".")
        if pack.payer is not None:
            assert "synthetic policy" in rule.citation.source
    if pack.payer is not None:
        assert pack.synthetic
        assert "synthetic policy" in pack.provenance.source


def test_files_of_payers_say_that_they_are_synthetic() -> None:
    files = [file for file in (PROJECT / "mappings" / "policies").rglob("*.yaml") if file.parent.name != "shared"]
    assert len(files) == 12
    assert all(file.read_text().startswith("# Synthetic policy.") for file in files)


def test_three_payers_say_something_of_each_specialty() -> None:
    specialties = {(pack.payer, pack.pack.partition("_")[2]) for pack in PACKS if pack.payer is not None}
    wanted = ("oncology", "rheumatology", "bone_and_support", "imaging")
    assert specialties == {(payer, specialty) for payer in PAYERS for specialty in wanted}


@pytest.mark.parametrize("payer", PAYERS)
@pytest.mark.parametrize(
    ("tumour", "regimen"), [(tumour, regimen) for tumour, both in REGIMENS.items() for regimen in both]
)
def test_each_of_four_tumours_has_rules_for_two_regimens(payer: str, tumour: str, regimen: str) -> None:
    rules = [
        rule
        for pack in PACKS
        if pack.payer == payer
        for rule in pack.rules
        if isinstance(rule, RequirementRule) and regimen in (rule.scope.regimens or ())
    ]
    assert any(each.holds(tumour) for rule in rules for each in rule.scope.diagnoses or ())
    assert all(list(_leaves(rule.needs)) for rule in rules)


def _leaves(needs: tuple[Need, ...]) -> list[Need]:
    return [leaf for need in needs for leaf in (_leaves(need.needs) if isinstance(need, AnyOf | AllOf) else [need])]


def test_codes_are_hcpcs_or_cpt_numbers_and_no_words_of_cpt_stand_anywhere() -> None:
    for pack in PACKS:
        for rule in pack.rules:
            for each in rule.scope.codes or ():
                assert each.system in (CodeSystem.HCPCS, CodeSystem.CPT)
                if each.system is CodeSystem.CPT:
                    assert re.fullmatch(r"[0-9]{5}", each.first)


def asked_of(payer: str, code: str, **fields: Any) -> Any:
    coverage = {"payer": payer, "line_of_business": fields.pop("business", "commercial")}
    return check(an_order(a_line(code), coverages=[coverage], **fields), shipped_book(), FILED)


def test_one_request_gets_three_answers_and_each_says_why() -> None:
    order = {
        "diagnoses": [{"code": "M05.79"}],
        "site": {"place_of_service": "22"},
        "facts": {
            "prior_therapies": [
                {
                    "drug": "methotrexate",
                    "started_on": "2026-03-01",
                    "stopped_on": "2026-08-01",
                    "outcome": "inadequate_response",
                    "dose": "20 mg weekly",
                }
            ],
            "disease_activity": [{"instrument": "cdai", "score": 15.0, "assessed_on": "2026-10-01"}],
        },
    }
    answers = {payer: asked_of(payer, "Q5103", **order) for payer in PAYERS}
    told = {
        payer: {(finding.code, finding.rule.rule) for finding in report.findings} for payer, report in answers.items()
    }
    # The biosimilar is what one payer wants first, and what another pays for last.
    assert ("NON_PREFERRED_PRODUCT", "infliximab_originator_first") in told["bluestem_mutual"]
    assert not any(code == "NON_PREFERRED_PRODUCT" for code, _ in told["evergreen_health"])
    # A hospital is as good as any place, needs a reason, or is never paid for.
    verdicts = {payer: report.lines[0].site[0].verdict for payer, report in answers.items()}
    assert verdicts == {
        "evergreen_health": "needs_justification",
        "bluestem_mutual": "not_accepted",
        "cedar_valley": "preferred",
    }
    # A score that is active enough for two is too low, and too old, for the third.
    assert ("STALE_DISEASE_ACTIVITY", "ra_activity") in told["bluestem_mutual"]
    assert not any("DISEASE_ACTIVITY" in code for code, _ in told["cedar_valley"])
    assert len(set(map(frozenset, told.values()))) == 3
    assert all(finding.rule.citation.says for report in answers.values() for finding in report.findings)


def test_authorization_depends_on_the_payer_and_on_its_pathway() -> None:
    regimen = {"name": "carboplatin pemetrexed pembrolizumab", "intent": "palliative"}
    likely = {payer: asked_of(payer, "J9271", regimen=regimen).lines[0].authorization.likely for payer in PAYERS}
    assert likely == {"evergreen_health": "needed", "bluestem_mutual": "needed", "cedar_valley": "not_needed"}
    assert asked_of("cedar_valley", "J9271").lines[0].authorization.likely == "needed"


@pytest.mark.parametrize(("day", "ids"), [("2026-02-24", ["110.17", "L33394"]), ("2026-02-25", ["L33394"])])
def test_a_determination_that_medicare_took_away_is_named_no_more(day: str, ids: list[str]) -> None:
    order = an_order(
        a_line("J9263", dates={"start": day}),
        coverages=[{"payer": "evergreen_health", "line_of_business": "medicare_advantage"}],
        diagnoses=[{"code": "C18.9"}],
        requester={"address": {"state": "NY"}},
    )
    line = check(order, shipped_book(), FILED).lines[0]
    assert [each.determination.id for each in line.determinations] == ids
