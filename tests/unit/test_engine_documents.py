"""Documents go under the payer's numbers: as the caller said, else by kind, else under the only number given."""

from __future__ import annotations

import pytest

from gateway.engine.documents import addressed
from gateway.model.outcome import RequestedItem
from tests.unit.engine_material import LABS


def item(kind: str, number: str | None, line: str | None = None) -> RequestedItem:
    return RequestedItem(kind=kind, control_number=number, line=line)


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ([item("laboratory_results", "CN1"), item("other", "CN2")], "CN1"),
        ([item("other", "CN2")], "CN2"),
        ([item("other", "CN2"), item("laboratory_results", None)], "CN2"),
        ([item("other", "CN2", "a"), item("other", "CN2", "b")], "CN2"),
        ([item("other", "CN2"), item("imaging_report", "CN3")], None),
        ([item("laboratory_results", None)], None),
        ([], None),
    ],
    ids=["its kind", "the only one", "the only number", "of two lines", "one of several", "no number", "nothing asked"],
)
def test_a_document_goes_under_the_number_that_can_only_be_its_own(
    asked: list[RequestedItem], number: str | None
) -> None:
    assert addressed(LABS, asked).control_numbers == ({"labs": number} if number else {})


def test_the_number_that_the_caller_named_stays() -> None:
    named = LABS.model_copy(update={"control_numbers": {"labs": "CN9"}})
    assert addressed(named, [item("laboratory_results", "CN1")]) == named
