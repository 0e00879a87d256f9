"""What the demonstration submits, how each request must end, and what was seen of it on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Given:
    """An answer to a question of a payer, in words. ``taken_from`` is the place in the request that the gateway
    proposed it from; None where somebody looked it up."""

    question: str
    answer: str
    taken_from: str | None


@dataclass
class Journey:
    """One request on its way: what it shows, how it must end, and what was seen of it."""

    name: str
    story: str
    ends: str
    passes: frozenset[str] = frozenset()
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the chart says to questions of the payer, by their words."""
    proposed: int = 0
    """How many of its questions the gateway must have answers for."""
    payers: tuple[str, ...] = ("evergreen_health",)
    """Who must be asked, each in a submission of its own."""
    case_id: str = ""
    heard: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    """Events by their sequence: webhooks may come out of order."""
    asked: tuple[str, ...] = ()
    said: str = ""
    given: list[Given] = field(default_factory=list)

    @property
    def trail(self) -> list[str]:
        statuses = [self.heard[place]["status"] for place in sorted(self.heard)]
        return [status for place, status in enumerate(statuses) if place == 0 or status != statuses[place - 1]]

    @property
    def lines(self) -> Mapping[str, str]:
        return self.heard[max(self.heard)]["lines"] if self.heard else {}

    def arrived(self) -> bool:
        return bool(self.trail) and self.trail[-1] == self.ends

    def right(self) -> bool:
        proposed = sum(given.taken_from is not None for given in self.given)
        return self.arrived() and self.passes <= set(self.trail) and proposed == self.proposed


def journeys() -> list[Journey]:
    """What the demo submits. Each is a file of demo_requests; its member id steers the simulated payer."""
    return [
        Journey("pembrolizumab", "J9271 for lung cancer", "approved"),
        Journey("infliximab", "J1745 for rheumatoid arthritis, one step drug short", "denied"),
        Journey(
            "rituximab", "J9312; the payer wants documents, gets them", "approved", frozenset({"needs_information"})
        ),
        Journey("carboplatin_pemetrexed_pembrolizumab", "three drugs, two allowed", "partially_approved"),
        Journey("denosumab", "J0897; the payer does not know the member", "rejected"),
        Journey(
            "trastuzumab",
            "J9355; the line drops after the payer filed it",
            "approved",
            frozenset({"uncertain"}),
        ),
        Journey(
            "tocilizumab",
            "J3262 with the second payer; reviewed first",
            "approved",
            frozenset({"pended"}),
            payers=("bluestem_mutual",),
        ),
        Journey("bevacizumab", "J9035; the payer has only a web site", "approved", payers=("ironwood_plan",)),
        Journey(
            "inventinib",
            "tablets: the pharmacy manager asks questions",
            "approved",
            frozenset({"needs_information"}),
            answers={
                "When was it diagnosed?": {"date": "2026-10-12"},
                "Which treatment came before? Choose all.": {"chosen": [{"choice": "T0"}]},
                "Is anything else to be known?": {"chosen": [{"choice": "N"}]},
            },
            proposed=4,
            payers=("birch_rx",),
        ),
        Journey(
            "carboplatin_pemetrexed_inventinib",
            "two drugs infused, one taken: two payers",
            "approved",
            frozenset({"needs_information"}),
            answers={
                "Has the patient taken this drug before?": {"chosen": [{"choice": "N"}]},
                "Why is this drug needed?": {"text": "Given with the infused drugs of the same regimen."},
            },
            payers=("evergreen_health", "birch_rx"),
        ),
    ]
