"""Packs and words are read strictly: each fault names its file, its place and the fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.profiles.faults import ProfileFaults
from gateway.profiles.policies import load_policies
from tests.unit.policy_material import PROVENANCE, a_rule, wanting

WORDS = {
    "vocabulary": "words",
    "provenance": PROVENANCE,
    "readings": [{"reading": "positive", "phrases": ["positive"]}],
    "markers": [{"marker": "egfr", "names": ["EGFR"]}],
    "laboratories": [{"laboratory": "lvef", "names": ["LVEF"]}],
    "drugs": [{"drug": "methotrexate", "names": ["methotrexate"], "classes": ["csdmard"]}],
}
RULE = wanting({"need": "biomarker", "marker": "egfr", "accepted": ["positive"]})
PACK = {
    "pack": "made_up",
    "version": "2026.1",
    "payer": "evergreen_health",
    "provenance": PROVENANCE,
    "effective": {"start": "2026-01-01", "end": "2026-12-31"},
    "rules": [RULE],
}


def put(folder: Path, name: str, value: Any) -> None:
    """JSON is YAML, as far as these files go."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value))


def laid(folder: Path, *packs: tuple[str, dict[str, Any]], words: Any = WORDS) -> Path:
    put(folder, "vocabulary/words.yaml", words)
    for name, pack in packs or (("evergreen_health/made_up-2026.1", PACK),):
        put(folder, f"policies/{name}.yaml", pack)
    return folder


def faults(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(ProfileFaults) as caught:
        load_policies(folder)
    return [(fault.file, fault.pointer, fault.message) for fault in caught.value.faults]


def test_what_is_sound_is_read(tmp_path: Path) -> None:
    found = load_policies(laid(tmp_path))
    assert [pack.name for pack in found.packs] == ["made_up-2026.1"]
    assert [words.vocabulary for words in found.vocabularies] == ["words"]


def scoped(codes: Any) -> dict[str, Any]:
    rule = RULE | {"scope": {"codes": codes}}
    return PACK | {"code_sets": {"checkpoint": [{"system": "hcpcs", "first": "J9271"}]}, "rules": [rule]}


def test_a_rule_may_name_a_set_of_codes_of_its_pack(tmp_path: Path) -> None:
    name = "evergreen_health/made_up-2026.1"
    [named] = load_policies(laid(tmp_path / "a", (name, scoped("checkpoint")))).packs
    [listed] = load_policies(laid(tmp_path / "b", (name, scoped([{"system": "hcpcs", "first": "J9271"}])))).packs
    assert named == listed
    assert faults(laid(tmp_path / "c", (name, scoped("chekpoint")))) == [
        (f"policies/{name}.yaml", "/rules/0/scope/codes", "The pack has no such set of codes.")
    ]
    broken = scoped("checkpoint") | {"code_sets": {"checkpoint": [{"system": "hcpcs", "first": "J92"}]}}
    assert (f"policies/{name}.yaml", "/code_sets/checkpoint/0/first") in {
        (file, pointer) for file, pointer, _ in faults(laid(tmp_path / "d", (name, broken)))
    }


def test_a_folder_of_packs_alone_takes_its_words_from_elsewhere(tmp_path: Path) -> None:
    laid(tmp_path / "ours")
    put(tmp_path / "theirs", "evergreen_health/made_up-2026.1.yaml", PACK)
    found = load_policies(tmp_path / "theirs", tmp_path / "ours")
    assert [pack.name for pack in found.packs] == ["made_up-2026.1"]


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"rules": [RULE, RULE]}, "/rules", "Two rules have the same word."),
        ({"version": "1"}, "/version", ""),
        ({"rules": [a_rule("wish", needs=[])]}, "/rules/0", ""),
        ({"rules": [{**RULE, "when": "age > 18"}]}, "/rules/0/when", ""),
        (
            {"rules": [{"rule": "x", "kind": "authorization", "needed": True, "because": "y"}]},
            "/rules/0/citation",
            "",
        ),
        (
            {"rules": [a_rule("label", indications=[{"diagnoses": [{"first": "C34"}]}])]},
            "/rules/0",
            "A label is of codes",
        ),
        ({"rules": [a_rule("limit", per_days=3)]}, "/rules/0", "This limits nothing."),
        (
            {"rules": [a_rule("step_therapy", steps=[{"trial": "first"}])]},
            "/rules/0/steps/0",
            "It is a trial of nothing.",
        ),
        (
            {"rules": [wanting({"need": "biomarker", "marker": "alk", "accepted": ["high"]})]},
            "/rules/0/needs/0/accepted",
            "No vocabulary has this reading.",
        ),
        (
            {
                "rules": [
                    wanting(
                        {"need": "any_of", "needs": [{"need": "stage"}, {"need": "laboratory", "laboratory": "other"}]}
                    )
                ]
            },
            "/rules/0/needs/0/needs/1/laboratory",
            "No vocabulary has this laboratory.",
        ),
        (
            {
                "rules": [
                    a_rule("step_therapy", steps=[{"trial": "first", "drugs": ["aspirin"], "classes": ["csdmard"]}])
                ]
            },
            "/rules/0/steps/0/drugs",
            "No vocabulary has this drug.",
        ),
        ({"rules": [{**RULE, "effective": {"start": "2027-01-01"}}]}, "/rules/0/effective", "No day of this lies"),
        ({"payer": "cedar_valley"}, "/payer", "The pack lies in the folder of somebody else."),
        ({"payer": None}, "", "The pack lies in the folder of somebody else."),
        ({"pack": "other"}, "", "The file has another name than what it holds."),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, change: Any, pointer: str, message: str) -> None:
    found = faults(laid(tmp_path, ("evergreen_health/made_up-2026.1", PACK | change)))
    assert all(file == "policies/evergreen_health/made_up-2026.1.yaml" for file, _, _ in found)
    assert any(at == pointer and message in says for _, at, says in found), found


def test_two_versions_hold_on_no_common_day(tmp_path: Path) -> None:
    first = ("evergreen_health/made_up-2026.1", PACK)
    later = {**PACK, "version": "2026.2", "effective": {"start": "2026-12-31"}}
    found = faults(laid(tmp_path, first, ("evergreen_health/made_up-2026.2", later)))
    assert [(at, says) for _, at, says in found] == [
        ("/effective", "made_up-2026.1 holds on some of these days as well.")
    ]
    load_policies(
        laid(tmp_path, first, ("evergreen_health/made_up-2026.2", {**later, "effective": {"start": "2027-01-01"}}))
    )


def test_a_name_means_one_thing(tmp_path: Path) -> None:
    twice = {**WORDS, "markers": [*WORDS["markers"], {"marker": "alk", "names": ["ALK", "egfr"]}]}
    assert faults(laid(tmp_path, words=twice)) == [
        ("vocabulary/words.yaml", "/markers/1", "Another entry has this word, or one of these names.")
    ]


def test_packs_are_held_against_the_payers(tmp_path: Path) -> None:
    from shutil import copytree

    from gateway.main.config import PROJECT
    from gateway.main.house import load_adapters
    from gateway.profiles.library import check

    folder = copytree(PROJECT / "mappings", tmp_path / "mappings")
    rule = {**RULE, "scope": {"lines_of_business": ["marketplace"]}}
    put(folder, "policies/evergreen_health/made_up-2026.1.yaml", {**PACK, "rules": [rule]})
    put(folder, "policies/nobody/other-2026.1.yaml", {**PACK, "pack": "other", "payer": "nobody"})
    put(folder, "policies/stray.txt", {})
    found = {(fault.file, fault.pointer) for fault in check(folder, load_adapters())}
    assert found == {
        ("policies/evergreen_health/made_up-2026.1.yaml", "/payer"),
        ("policies/evergreen_health/made_up-2026.1.yaml", "/rules/0/scope/lines_of_business/0"),
        ("policies/nobody/other-2026.1.yaml", "/payer"),
        ("policies/stray.txt", ""),
    }
