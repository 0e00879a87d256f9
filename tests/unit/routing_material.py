"""A library for routing by benefit: a plan, the two who review and pay in its place, a directory and a crosswalk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from gateway.contract.destination import Mode
from gateway.model.request import PARequest
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.crosswalk import read_crosswalk
from gateway.profiles.directory import Directory, named
from gateway.profiles.library import Library
from gateway.profiles.part_b import PartB
from gateway.profiles.payer import PayerProfile
from gateway.profiles.reference import Reference
from gateway.routing.decision import Decision, Plan, Rule, Side, Step
from gateway.routing.plan import choose
from tests.x12_material import line as a_line
from tests.x12_material import request

TODAY = date(2026, 11, 21)
DAYS = {"start": "2026-12-01"}
PROVENANCE = {"source": "a test", "date": "2026-11-21", "by": "a test"}
HOLDS = {"effective": {"start": "2026-01-01"}, "source": "a test"}
WAIT = {"first_seconds": 1, "longest_seconds": 1, "give_up_seconds": 1}
BUSINESSES = ["commercial", "medicare_advantage", "medicare_part_d"]

CROSSWALK = b"""A title: October 2026 ASP NDC-HCPCS Crosswalk,,,,,,,,,
"Effective October 1, 2026 through December 31, 2026. Since January 1, 2005 it is so.",,,,,,,,,
_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG
J9271,,Made-up,99999-0271-01,Sample,1 MG,4,1,100,100
J9271,,Made-up,99999-0271-02,Sample,1 MG,4,2,100,200
J8522,,Made-up,99999-0521-30,Sample,50 MG,1,120,10,1200
Q0162,,Made-up,99999-0162-30,Sample,1 MG,1,30,4,120
90371,,Made-up,99999-0371-01,Sample,0.5 ML,1,1,2,2
"""

PART_B = {
    "list": "oral",
    "provenance": PROVENANCE,
    "anticancer": [
        {
            "ingredient": "sample",
            "codes": [{"system": "hcpcs", "first": "J8522"}],
            "indications": [{"first": "C00", "last": "D49"}],
            **HOLDS,
        }
    ],
    "antiemetics": [{"ingredient": "other", "codes": [{"system": "hcpcs", "first": "Q0162"}], **HOLDS}],
    "by_mouth": [{"system": "hcpcs", "first": "J8498", "last": "J8999"}, {"system": "hcpcs", "first": "Q0162"}],
    "doubtful": [{"first": "C00", "last": "D49"}, {"first": "R11"}],
    "self_given": [{"system": "hcpcs", "first": "J0139"}],
    "unclassified": [{"system": "hcpcs", "first": "J3490"}],
}


def a_payer(payer: str, *routes: dict[str, Any], **over: Any) -> PayerProfile:
    return PayerProfile.model_validate(
        {
            "payer": payer,
            "name": "A payer",
            "provenance": PROVENANCE,
            "lines_of_business": BUSINESSES,
            "effective": {"start": "2026-01-01"},
            "routes": routes,
            "channels": {"pigeon": {}},
            "rhythm": {"settle_seconds": 0, "reconcile": [1], "poll": WAIT, "retry": WAIT},
        }
        | over
    )


def a_route(connection: str, *benefits: str, **over: Any) -> dict[str, Any]:
    return {"connection": connection, "benefits": benefits or ("medical",), "priority": 1} | over


def a_row(**over: Any) -> dict[str, Any]:
    return {
        "bin": "999001",
        "payer": "larkspur_rx",
        "supports": ["initiation"],
        "valid_from": "2026-01-01",
        "source": "a test",
        "checked_on": "2026-11-21",
    } | over


def a_library(
    *routes: dict[str, Any],
    rows: Sequence[dict[str, Any]] = (a_row(),),
    crosswalk: bool = True,
    later: bytes = b"",
    **benefits: Any,
) -> Library:
    """``benefits`` are those of the plan's profile, ``later`` is the crosswalk of a later quarter."""
    files = {"2026q4.csv": CROSSWALK if crosswalk else b"", "later.csv": later}
    payers = (
        a_payer("evergreen_health", *(routes or (a_route("clearinghouse"),)), benefits=benefits),
        a_payer("onco_review", a_route("reviewer")),
        a_payer("larkspur_rx", a_route("manager", "pharmacy")),
    )
    connections = {
        name: ConnectionProfile.model_validate(
            {
                "connection": name,
                "channel": "pigeon",
                "mode": "test",
                "provenance": PROVENANCE,
                "endpoint": "https://example.org",
                "one_line": name == "manager",
            }
        )
        for name in ("clearinghouse", "other", "reviewer", "manager")
    }
    directories = [Directory.model_validate({"directory": "cards", "rows": rows})] if rows else []
    reference = Reference(
        part_b=(PartB.model_validate(PART_B),),
        rows=named(directories),
        crosswalks=tuple((name, read_crosswalk(content)) for name, content in files.items() if content),
    )
    return Library({payer.payer: payer for payer in payers}, connections, {}, reference=reference)


def an_ndc(code: str = "99999012330", **over: Any) -> dict[str, Any]:
    return a_line(code, "ndc", **({"dates": DAYS} | over))


def a_hcpcs(code: str = "J9271", **over: Any) -> dict[str, Any]:
    return a_line(code, **({"dates": DAYS} | over))


def ask(
    *lines: dict[str, Any], business: str = "commercial", card: dict[str, str] | None = None, **over: Any
) -> PARequest:
    coverage = {"payer": "evergreen_health", "member_id": "EGH100001", "line_of_business": business}
    return request(coverages=[coverage | ({"pharmacy": card} if card else {})], lines=list(lines), **over)


def says_all(plan: Plan) -> None:
    """A channel that can say everything."""


def decide(
    wanted: PARequest, library: Library | None = None, attempt: Callable[[Plan], None] = says_all, on: date = TODAY
) -> Decision:
    return choose(wanted, Mode.TEST, on, library or a_library(), attempt)


def side_of(wanted: PARequest, library: Library | None = None, on: date = TODAY) -> Side:
    (found,) = decide(wanted, library, on=on).sides
    return found


def step(side: Side, rule: Rule) -> Step:
    (found,) = (each for each in side.steps if each.rule is rule)
    return found
