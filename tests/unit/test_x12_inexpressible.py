"""What a 278 cannot say: all of it at once, each with its place and its fix, and no value of the request."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract.errors import CannotExpress
from tests.x12_material import destination, line, request, sent


def refused(**over: Any) -> dict[str, str]:
    """Pointer and fix of everything that cannot be said."""
    to = over.pop("to", destination())
    with pytest.raises(CannotExpress) as caught:
        sent(request(**over), to)
    return {item.pointer: item.fix for item in caught.value.items}


def test_everything_that_cannot_be_said_is_said_at_once_with_its_fix() -> None:
    faults = refused(
        lines=[line("1547545", "rxnorm"), line()],
        previous_authorization="A*1",
        patient=request().patient.model_dump(mode="json") | {"last_name": "東京"},
        to=destination(payer={"max_lines": 1, "max_diagnoses": 1}),
    )
    assert set(faults) == {"/lines", "/diagnoses", "/lines/0/code", "/previous_authorization", "/patient/last_name"}
    assert all(faults.values())


def test_an_id_travels_unchanged_or_not_at_all() -> None:
    coverage = request().coverages[0].model_dump(mode="json")
    capitals = destination(connection={"charset": "basic"})
    assert "/coverages/0/member_id" in refused(coverages=[coverage | {"member_id": "EGH_100001"}], to=capitals)
    assert "/coverages/0/group_number" in refused(coverages=[coverage | {"group_number": "G:1"}])


def test_a_second_coverages_subscriber_is_not_made_up() -> None:
    first = {"payer": "another_payer", "member_id": "AP100", "line_of_business": "commercial"}
    second = request().coverages[0].model_dump(mode="json") | {"relationship": "spouse"}
    assert "/subscriber" in refused(coverages=[first, second])


def test_no_value_of_the_request_stands_in_the_refusal() -> None:
    with pytest.raises(CannotExpress) as caught:
        sent(
            request(
                patient=request().patient.model_dump(mode="json") | {"last_name": "東京"}, previous_authorization="S*T"
            )
        )
    assert "東京" not in str(caught.value)
    assert "S*T" not in str(caught.value)


@pytest.mark.parametrize(
    ("quantity", "frequency"),
    [
        ((6, "visits"), {"times": 1, "every": 3, "period": "week", "count": 4}),
        ((5, "visits"), {"times": 2, "period": "week"}),
        (("2.5", "visits"), {"times": 1, "period": "week"}),
        ((400, "visits"), {"times": 1, "every": 3, "period": "day"}),
        # Twice a day on six days are two numbers.
        ((6, "days"), {"times": 2, "period": "day", "count": 3}),
    ],
)
def test_visits_and_days_that_a_frequency_does_not_add_up_to_are_refused(
    quantity: tuple[object, str], frequency: dict[str, object]
) -> None:
    wanted = line(quantity={"value": quantity[0], "unit": quantity[1]}, frequency=frequency)
    assert set(refused(lines=[wanted])) == {"/lines/0/frequency"}


def test_a_quantity_in_a_unit_that_the_code_is_not_counted_in_is_refused() -> None:
    minutes = line("0636", "revenue", quantity={"value": 45, "unit": "minutes"})
    assert set(refused(lines=[line(), minutes])) == {"/lines/1/quantity/unit"}
