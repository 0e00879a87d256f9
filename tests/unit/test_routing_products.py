"""A drug named by HCPCS with its NDC beside goes to a channel of products as that product, exactly or not at all."""

from __future__ import annotations

import copy
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from pydantic import TypeAdapter

from gateway.contract.adapter import ProductTaker, Stamp
from gateway.contract.destination import Mode
from gateway.contract.drive import first_frame
from gateway.engine import previewing
from gateway.engine.desk import Preview
from gateway.engine.scripts import Scripts
from gateway.main.house import load_adapters
from gateway.model.line import Line
from gateway.model.request import PARequest
from gateway.model.status import CaseStatus, Delivery
from gateway.profiles.library import Library
from gateway.routing.decision import Result, Rule, Step, Verdict
from gateway.routing.products import as_product, asked_of
from gateway.store.records import Attempt, Rerouted, Submission, Verb, Worded, Work
from tests.unit.routing_material import a_hcpcs, a_library

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
INVENTINIB = json.loads((ROOT / "gateway/main/demo_requests/inventinib.json").read_text())
TABLETS = {"code": {"system": "hcpcs", "code": "J8522"}, "ndc": "99999-0521-30", "supply": "self_administered"}


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(ROOT / "mappings", load_adapters())


def asked(quantity: str = "1200", **over: Any) -> PARequest:
    document = copy.deepcopy(INVENTINIB)
    document["lines"][0] |= TABLETS | {"quantity": {"value": quantity}, "dates": {"start": "2026-12-01"}} | over
    return PARequest.model_validate(document)


def preview(library: Library, request: PARequest) -> Preview:
    return previewing.preview(request, Mode.TEST, NOW, library, load_adapters())


def told(found: Preview) -> Step:
    (step,) = (step for step in found.decision.sides[0].steps if step.rule is Rule.PRODUCT)
    return step


def test_only_a_channel_that_says_so_is_handed_products(library: Library) -> None:
    takers = {name for name, one in load_adapters().items() if isinstance(one, ProductTaker) and one.takes_products}
    assert takers == {"script_epa"}
    assert [library.takes_products(name) for name in ("script_epa", "x12_278")] == [True, False]
    request = asked()
    assert asked_of(request, (request.lines[0].id,), "x12_278", library) is request


def test_a_preview_shows_the_ndc_with_the_quantity_of_the_product_and_the_decision_tells_it(library: Library) -> None:
    found = preview(library, asked("1200"))
    (rendering,) = found.renderings
    said = rendering.frame.document or b""
    assert rendering.plan.channel == "script_epa"
    assert b"<Code>99999052130</Code>" in said
    assert re.search(rb"<Quantity>\s*<Value>120</Value>", said)
    assert b"J8522" not in said
    step = told(found)
    assert (step.result, step.data) == (Result.DECIDES, ("crosswalks/2026q4_sample.csv",))
    assert "10 billing units are 1 of the product" in step.says
    assert "1200" not in step.says
    assert {"/lines/0/ndc", "/lines/0/quantity"} <= set(step.inputs)


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"quantity": "1195"}, "no whole number"),
        ({"ndc": "99999-0999-30"}, "no crosswalk has the line's NDC under its code"),
        ({"code": {"system": "hcpcs", "code": "J8610"}}, "no crosswalk has the line's NDC under its code"),
        ({"dates": {"start": "2026-09-30"}}, "no crosswalk has the line's NDC under its code"),
        ({"ndc": None}, "does not name its own"),
    ],
    ids=["broken", "unknown_ndc", "another_code", "before_the_quarter", "no_ndc"],
)
def test_what_does_not_come_out_stays_as_it_is_and_the_channel_refuses_it(
    library: Library, over: dict[str, Any], says: str
) -> None:
    found = preview(library, asked(**over))
    assert found.renderings == ()
    assert [tried.verdict for tried in found.decision.tried] == [Verdict.CANNOT_EXPRESS]
    (left,) = found.decision.unrouted
    assert "SCRIPT has no place for a code of this system" in left.why.says
    step = told(found)
    assert step.result is Result.PASSES
    assert says in step.says
    assert step.otherwise


@pytest.mark.parametrize("over", [{"code": {"system": "ndc", "code": "99999-0521-30"}, "ndc": None}])
def test_a_line_of_a_product_is_told_as_it_was_sent(library: Library, over: dict[str, Any]) -> None:
    found = preview(library, asked("120", **over))
    assert re.search(rb"<Quantity>\s*<Value>120</Value>", found.renderings[0].frame.document or b"")
    assert Rule.PRODUCT not in {step.rule for step in found.decision.sides[0].steps}


def test_what_later_messages_of_a_case_are_about_is_the_product_that_was_filed(library: Library) -> None:
    request = asked("1200")
    (plan,) = preview(library, request).decision.plans
    nothing: Any = None
    scripts = Scripts(library, load_adapters(), nothing, lambda: NOW)
    stamp = Stamp(at=NOW, number=1, seed="0" * 32)
    attempt = Attempt(uuid4(), uuid4(), Verb.SUBMIT, stamp, Delivery.PLANNED, NOW)
    submission = Submission(
        **dict(plan), id=attempt.submission_id, place=1, status=CaseStatus.QUEUED, attempts=(attempt,)
    )
    saying, _ = scripts.saying(
        cast(Any, SimpleNamespace(request=request)),
        submission,
        attempt,
        cast(Any, SimpleNamespace(references=(), requested=())),
    )
    (line,) = saying.filed.request.lines
    assert (line.code.code, str(line.quantity.value)) == ("99999052130", "120")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Library]:
    """The profiles after somebody has edited a crosswalk, or taken it away."""
    found = {}
    for name in ("edited", "gone"):
        mappings = tmp_path_factory.mktemp(name) / "mappings"
        shutil.copytree(ROOT / "mappings", mappings)
        [file] = mappings.rglob("2026q4_sample.csv")
        if name == "gone":
            file.unlink()
        else:
            rows = [row.replace(",10,", ",20,") if "0521-30" in row else row for row in file.read_text().splitlines()]
            file.write_text("\n".join(rows) + "\n")
        found[name] = Library.load(mappings, load_adapters())
    return found


class Counting:
    """Control numbers that nobody shares."""

    async def take(self, *parties: str) -> int:
        return 1


@pytest.mark.parametrize("how", ["edited", "gone"])
@pytest.mark.parametrize("over", [None, Rerouted(instead_of=uuid4())], ids=["first", "rerouted"])
async def test_what_was_filed_stays_what_it_was_when_its_crosswalk_is_another_one_since(
    library: Library, changed: dict[str, Library], how: str, over: Rerouted | None
) -> None:
    """Else an approval of what was asked would be held against another quantity, or another drug."""
    request = asked("1200")
    (plan,) = preview(library, request).decision.plans
    case = cast(Any, SimpleNamespace(request=request))
    empty = Submission(**dict(plan), id=uuid4(), place=1, status=CaseStatus.QUEUED)
    counting: Any = Counting()
    filing = await Scripts(library, load_adapters(), counting, lambda: NOW).plan(case, empty, Verb.SUBMIT, over)
    kept = TypeAdapter(Work).validate_json(TypeAdapter(Work).dump_json(filing.work))  # as the store has it
    assert kept == filing.work
    submission = replace(empty, attempts=(replace(filing, work=kept),))
    assert type(kept) is (Worded if over is None else Rerouted)
    later = Scripts(changed[how], load_adapters(), counting, lambda: NOW)
    nothing = cast(Any, SimpleNamespace(references=(), requested=()))
    saying, _ = later.saying(case, submission, submission.attempts[0], nothing)
    (line,) = saying.filed.request.lines
    assert (line.code.code, str(line.quantity.value)) == ("99999052130", "120")
    frames = [
        first_frame(each.exchange(case, submission, submission.attempts[0], None))
        for each in (Scripts(library, load_adapters(), counting, lambda: NOW), later)
    ]
    assert frames[0] == frames[1]
    anew = await later.plan(case, submission, Verb.SUBMIT)
    assert anew.work == kept, "what is filed once more is what was filed"
    fresh = asked_of(request, plan.line_ids, plan.channel, changed[how])
    assert fresh.lines != saying.filed.request.lines, "the crosswalk has changed what a new case would ask"


async def test_a_filing_over_a_channel_that_takes_codes_carries_no_products(library: Library) -> None:
    request = asked("1200")
    (plan,) = preview(library, request).decision.plans
    counting: Any = Counting()
    scripts = Scripts(library, load_adapters(), counting, lambda: NOW)
    way = {"payer": "evergreen_health", "connection": "demo_clearinghouse", "channel": "x12_278"}
    submission = Submission(**dict(plan) | way, id=uuid4(), place=1, status=CaseStatus.QUEUED)
    case = cast(Any, SimpleNamespace(request=request))
    assert (await scripts.plan(case, submission, Verb.SUBMIT)).work is None
    before = Rerouted(instead_of=uuid4(), products={"1": Decimal(120)})
    work = (await scripts.plan(case, submission, Verb.SUBMIT, before)).work
    assert work == Rerouted(instead_of=before.instead_of)


# the row of the crosswalk


@pytest.mark.parametrize(
    ("line", "quantity", "result"),
    [
        (a_hcpcs("J8522", ndc="99999-0521-30", quantity={"value": 10}), "1", Result.DECIDES),
        (a_hcpcs("Q0162", ndc="99999-0162-30", quantity={"value": 120}), "30", Result.DECIDES),
        (a_hcpcs("Q0162", ndc="99999-0162-30", quantity={"value": 118}), "118", Result.PASSES),
        (a_hcpcs("J9271", ndc="99999-0271-01", quantity={"value": 200}), "200", Result.PASSES),
        (a_hcpcs("J8522", ndc="99999-0521-30", quantity={"value": 30, "unit": "days"}), "30", None),
    ],
    ids=["one", "several_units_each", "half_a_tablet", "size_not_known", "days"],
)
def test_the_quantity_is_that_of_the_row_and_a_size_that_may_be_ml_is_not_told(
    line: dict[str, Any], quantity: str, result: Result | None
) -> None:
    before = Line.model_validate({"id": "1", **line})
    made, found, says, _ = as_product(before, a_library().reference)
    assert (str(made.quantity.value), found) == (quantity, result)
    assert (made is before) is (result is not Result.DECIDES)
    if result is Result.PASSES and before.code.code == "J9271":
        assert "not known what the crosswalk's package size counts" in says
