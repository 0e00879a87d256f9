"""What a record says, read in the words of policies; what could be read in two ways is not read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.words import Percentage, Words, percentage
from tests.unit.policy_material import shipped

WORDS = Words(shipped().vocabularies)


@pytest.mark.parametrize(
    ("marker", "says", "reading"),
    [
        ("egfr", "no mutation found", "negative"),
        ("egfr", "Wild-type", "negative"),
        ("egfr", "Exon 19 deletion", "sensitizing"),
        ("egfr", "exon 19 deletion NOT detected", None),
        ("alk", "ALK rearrangement not detected", "negative"),
        ("alk", "not rearranged", "negative"),
        ("alk", "rearranged", "positive"),
        ("alk", "rearrangement suspected, positive pending", None),
        ("her2", "IHC 3+", "positive"),
        ("her2", "IHC 2+", "equivocal"),
        ("her2", "IHC 2+, FISH amplified", None),
        ("her2", "FISH not amplified", "negative"),
        ("msi", "MSI-H", "high"),
        ("msi", "pMMR", "stable"),
        ("kras", "G12C", "positive"),
        ("er", "Positive (95%)", "positive"),
        ("er", "neither positive nor reported", None),
        ("er", "see report", None),
        ("pd_l1", "test pending", None),
        ("egfr", "wild-type except exon 20 insertion", None),
        ("egfr", "wild type; exon 20 insertion", None),
        ("egfr", "negative but low tumor content", None),
        ("egfr", "Negative for EGFR mutation", "negative"),
        ("egfr", "EGFR mutation status: negative", "negative"),
        ("egfr", "mutation was detected", "positive"),
        ("egfr", "Positive? repeat", None),
        ("egfr", "false positive", None),
        ("egfr", "previously positive", None),
        ("egfr", "mutation may be present", None),
        ("egfr", "Positive control", None),
        ("her2", "3+ (ER), 0 (HER2)", None),
        ("her2", "score 3+ of ER", None),
        ("her2", "HER2: 3+", "positive"),
        ("her2", "IHC 3+ in adjacent normal tissue", None),
        ("her2", "ERBB2 amplified by FISH", "positive"),
        ("alk", "ROS1 rearranged", None),
        ("alk", "ALK fusion detected by NGS", "positive"),
        ("msi", "MMR proficient by IHC", "stable"),
        ("msi", "KRAS mutated, MSI-H", None),
        ("er", "mother ER positive", None),
        ("er", "positive, recommended repeat", None),
        ("er", "Positive, strong, 3+", "positive"),
        ("pr", "PR negative", "negative"),
        ("pr", "ER positive, PR negative", None),
        ("pr", "ER positive", None),
        ("egfr", "Mutation not identified", "negative"),
        ("her2", "IHC score 0", "negative"),
        ("msi", "MMR intact", "stable"),
    ],
)
def test_a_result_is_read_or_it_is_not(marker: str, says: str, reading: str | None) -> None:
    assert WORDS.reading(marker, says) == reading


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("TPS 80%", Percentage(80, 80)),
        ("TPS >= 50%", Percentage(50, 100)),
        ("TPS <1%", Percentage(0, 1, below=True)),
        ("less than 1 %", Percentage(0, 1, below=True)),
        ("at least 50%", Percentage(50, 100)),
        ("1-49%", Percentage(1, 49)),
        ("1% to 49%", Percentage(1, 49)),
        ("TPS 10%, IC 5%", None),
        ("positive", None),
        ("TPS 800%", None),
        ("49-1%", None),
    ],
)
def test_a_percentage_is_read_with_its_bounds(text: str, share: Percentage | None) -> None:
    assert percentage(text) == share


@pytest.mark.parametrize(
    ("says", "is_share", "denies"),
    [
        ("TPS 80%", True, False),
        ("greater than 50% of tumor cells", True, False),
        ("expressed in 70% of viable tumor cells", True, False),
        ("99% stroma", False, False),
        ("Background 90%, weak", False, False),
        ("ER 95%", False, False),
        ("80%?", True, True),
        ("previously 80%", True, True),
        ("not expressed in 100% of cells", True, True),
    ],
)
def test_a_share_of_the_specimen_or_of_another_marker_is_none_of_the_marker(
    says: str, is_share: bool, denies: bool
) -> None:
    assert (WORDS.is_share_of("pd_l1", says), WORDS.denies("pd_l1", says)) == (is_share, denies)


@pytest.mark.parametrize(
    ("share", "bound", "holds"),
    [
        (Percentage(0, 1, below=True), 1, False),
        (Percentage(0, 1), 1, None),
        (Percentage(1, 49), 50, False),
        (Percentage(1, 49), 1, True),
        (Percentage(20, 100), 50, None),
        (Percentage(50, 50), 50, True),
    ],
)
def test_a_share_is_above_a_bound_below_it_or_nobody_knows(share: Percentage, bound: float, holds: bool | None) -> None:
    assert share.at_least(bound) is holds


@pytest.mark.parametrize(
    ("name", "marker"),
    [("PD-L1", "pd_l1"), ("PD-L1 (22C3)", "pd_l1"), ("HER-2/neu", None), ("HER2/neu", "her2"), ("made up", None)],
)
def test_a_marker_has_many_names(name: str, marker: str | None) -> None:
    assert WORDS.marker(name) == marker


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("methotrexate 2.5 MG Oral Tablet", {"methotrexate"}),
        ("infliximab-dyyb", {"infliximab_dyyb"}),
        ("infliximab", {"infliximab"}),
        ("Humira 40 mg/0.4 mL", {"adalimumab"}),
        ("carboplatin and pemetrexed", {"carboplatin", "pemetrexed"}),
        ("something else", set()),
        ("no methotrexate (leflunomide only)", set()),
        ("DMARDs other than methotrexate", set()),
        ("never took methotrexate", set()),
        ("methotrexate declined by patient", set()),
        ("methotrexate and folic acid", {"methotrexate"}),
    ],
)
def test_a_text_names_the_drugs_it_names(text: str, drugs: set[str]) -> None:
    assert WORDS.drugs(text, None) == drugs


def test_an_rxcui_says_more_than_the_text_beside_it() -> None:
    assert WORDS.drugs("a tablet", "6851") == {"methotrexate"}
    assert WORDS.drugs("adalimumab", "99999999") == {"adalimumab"}


@given(st.text(max_size=264), st.sampled_from(["egfr", "her2", "pd_l1", "msi", "unknown"]))
def test_any_text_has_one_reading_or_none(text: str, marker: str) -> None:
    assert WORDS.reading(marker, text) is None or isinstance(WORDS.reading(marker, text), str)
    percentage(text)
    WORDS.drugs(text, None)
    WORDS.laboratory(text, None)


@given(st.sampled_from(["positive", "detected", "amplified", "rearranged", "mutated"]), st.sampled_from(["no", "not"]))
def test_what_is_denied_is_never_positive(word: str, denial: str) -> None:
    for text in (f"{denial} {word}", f"{denial} longer {word}", f"{word}: {denial}"):
        assert WORDS.reading("egfr", text) != "positive"


@pytest.mark.parametrize(
    ("name", "laboratory"),
    [
        ("Hepatitis B surface antigen", "hepatitis_b"),
        ("HBsAg", "hepatitis_b"),
        ("Hepatitis B surface antibody", None),
        ("Hepatitis B virus surface Ab [Presence] in Serum", None),
        ("Hepatitis B vaccine status", None),
        ("Creatinine [Mass/volume] in Serum or Plasma", "creatinine"),
        ("Urine creatinine", None),
        ("Creatinine [Mass/volume] in Urine", None),
        ("Microalbumin/Creatinine [Mass Ratio] in Urine", None),
        ("Creatinine clearance", None),
        ("Calcium", "calcium"),
        ("Calcium, ionized", None),
        ("Calcium.ionized [Moles/volume] in Blood", None),
        ("Right ventricular ejection fraction", None),
        ("LVEF", "lvef"),
        ("Neutrophils [#/volume] in Blood", "absolute_neutrophils"),
        ("Neutrophils/100 leukocytes in Blood", None),
        ("1,25-Dihydroxyvitamin D", None),
    ],
)
def test_a_test_of_something_else_is_not_the_test_it_is_called_after(name: str, laboratory: str | None) -> None:
    assert WORDS.laboratory(name, None) == laboratory
    assert WORDS.laboratory(name, "99999-9") == laboratory


@pytest.mark.parametrize(
    ("name", "marker"),
    [
        ("HER2 IHC", "her2"),
        ("HER2 FISH", "her2"),
        ("HER2 by IHC", "her2"),
        ("PD-L1 22C3", "pd_l1"),
        ("PD-L1 IHC (SP263) TPS", "pd_l1"),
        ("Programmed cell death ligand 1", "pd_l1"),
        ("EGFR mutation", "egfr"),
        ("EGFR gene mutations found", "egfr"),
        ("KRAS gene mutations found", "kras"),
        ("NRAS mutation analysis", "nras"),
        ("ALK FISH", "alk"),
        ("MSI status", "msi"),
        ("MMR by IHC", "msi"),
        ("ER status", "er"),
        # What is found in a gene is another question than how much of it there is.
        ("HER2 mutation", None),
        ("ALK mutation", None),
        ("EGFR amplification", None),
        ("HER2 antibody", None),
        ("IHC", None),
    ],
)
def test_a_marker_is_known_by_whatever_method_it_was_looked_for(name: str, marker: str | None) -> None:
    assert WORDS.marker(name) == marker
