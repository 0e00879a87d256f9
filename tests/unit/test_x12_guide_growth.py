"""The checker's time and memory grow as the document does, however many services, transactions or shapes there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from adapters.x12_278.guides import planning, plans
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.library import Guides
from tests.unit.growth import grows_as_its_input, memory, work
from tests.unit.guide_documents import Segments, interchange
from tests.unit.test_guides_x12_278 import request
from tests.unit.x12_checker import files, response, rule_files


def services(count: int, *segments: list[str]) -> Segments:
    """So many services under the event of the fourth level."""
    made: Segments = []
    for number in range(5, 5 + count):
        made += [["HL", str(number), "4", "SS", "0"], *segments]
    return made


def asked(count: int) -> str:
    body = request()
    return interchange("HI", "005010X217", [*body[: body.index(["HL", "5", "4", "SS", "0"])], *services(count, SV1)])


def asked_of_two_kinds(count: int) -> str:
    body = request()
    other = services(count, SV1)
    other[1::4] = [SV2] * len(other[1::4])
    return interchange("HI", "005010X217", [*body[: body.index(["HL", "5", "4", "SS", "0"])], *other])


def asked_twice_over(count: int) -> str:
    """Each service has both kinds, against which a rule warns."""
    body = request()
    whole = services(count, SV1, SV2)
    return interchange("HI", "005010X217", [*body[: body.index(["HL", "5", "4", "SS", "0"])], *whole])


def hanging_on_nothing(count: int) -> str:
    return asked(count).replace("*4*SS", "*999*SS")


def granted_below_a_denial(count: int) -> str:
    body = response(HCR_A1=[["HCR", "A6", "AUTH0001"]])
    whole = services(count, ["HCR", "A1", "AUTH0002"], SV1)
    return interchange("HI", "005010X217", [*body[: body.index(["HL", "5", "4", "SS", "0"])], *whole])


def refused_by_999(count: int) -> str:
    body = [["ST", "999", "0001", "005010X231A1"], ["AK1", "HI", "1", "005010X217"]]
    for number in range(1, count + 1):
        body += [["AK2", "278", f"{number:04d}", "005010X217"], ["IK3", "NM1", "5", "", "8"], ["IK4", "3", "", "1"]]
        body += [["IK5", "R", "5"]]
    return interchange("FA", "005010X231A1", [*body, ["AK9", "R", str(count), str(count), "0"]])


SV1 = ["SV1", "HC:J9271", "1000", "UN", "200"]
SV2 = ["SV2", "0636", "HC:J9271", "1000", "UN", "200"]
LONG = [
    asked,
    asked_of_two_kinds,
    asked_twice_over,
    hanging_on_nothing,
    granted_below_a_denial,
    refused_by_999,
]


@pytest.mark.parametrize("document", LONG)
@pytest.mark.parametrize("measure", [work, memory])
@pytest.mark.parametrize("longest", [0, 10_000])
def test_a_long_transaction_costs_as_much_as_it_is_long(
    monkeypatch: pytest.MonkeyPatch,
    longest: int,
    measure: Callable[[Callable[[], object]], int],
    document: Callable[[int], str],
) -> None:
    """With a plan and without."""
    monkeypatch.setattr(plans, "LONGEST", longest)
    documents = {count: document(count).encode() for count in (20, 80, 160)}
    fresh = fresh_guides()
    assert grows_as_its_input(measure, lambda count: check(documents[count], fresh), 80)


@cache
def parsed() -> tuple[dict[str, bytes], dict[str, Any]]:
    return files(), rule_files()


def fresh_guides() -> Guides:
    """Nothing was checked against these."""
    return Guides(*parsed())


@pytest.mark.parametrize("document", LONG)
def test_what_is_asked_of_a_long_transaction_is_what_is_asked_of_a_short_one(
    monkeypatch: pytest.MonkeyPatch, document: Callable[[int], str]
) -> None:
    """Above a length nothing is worked out beforehand: the same faults are found, and the same is right."""
    few = check(document(10).encode(), fresh_guides()).faults
    monkeypatch.setattr(plans, "LONGEST", 10)
    many = check(document(10).encode(), fresh_guides()).faults
    assert few == many


def test_a_plan_that_would_look_at_too_many_values_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[planning.Plan | None] = []
    plan = planning.Planner.plan

    def kept(planner: planning.Planner, order: tuple[int, ...]) -> planning.Plan | None:
        made.append(plan(planner, order))
        return made[-1]

    monkeypatch.setattr(planning.Planner, "plan", kept)
    fresh, document = fresh_guides(), asked_of_two_kinds(20).encode()
    assert check(document, fresh).ok
    assert made[0] is not None
    monkeypatch.setattr(planning, "MOST_LOOKS", made[0].looks - 1)
    again = fresh_guides()
    assert check(document, again).ok
    assert check(document, again).ok
    assert made[1:] == [None]


def of_many_shapes(count: int) -> Iterator[bytes]:
    """So many requests in one group, none of which has as many services as another."""
    whole = [asked(number).split("~\n") for number in range(1, count + 1)]
    yield "~\n".join(whole[0][:2]).encode() + b"~\n"
    for number, lines in enumerate(whole, start=1):
        text = "~\n".join(lines[2:-3]) + "~\n"
        yield text.replace("*0001", f"*{number:04d}").encode()
    yield f"GE*{count}*43~\nIEA*1*000000043~\n".encode()


def test_of_shapes_that_nobody_sends_again_little_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_KEPT", 500)
    documents = {count: list(of_many_shapes(count)) for count in (30, 60)}
    fresh = fresh_guides()
    assert check(documents[30], fresh, lambda _: None).ok
    once = memory(lambda: check(documents[30], fresh, lambda _: None))
    assert memory(lambda: check(documents[60], fresh, lambda _: None)) < 2 * once + 1_000_000


def test_delimiters_share_the_room_that_plans_are_kept_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_KEPT", 100)
    shelf = plans.Shelf()
    one, other = shelf.lend(), shelf.lend()
    shelf.take(60)
    one[1,] = None
    shelf.take(40)
    other[2,] = None
    assert (len(one), len(other)) == (1, 1)
    shelf.take(1)
    assert (one, other, shelf.kept) == ({}, {}, 1)
