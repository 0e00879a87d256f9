"""The contract every adapter keeps, ours and third parties': inherited by whatever the entry points find.

An adapter writes no test here. It brings cases (conformance/cases/<channel>) and settings in mappings/; everything
below is asked of it by itself.
"""

from __future__ import annotations

import hashlib
import inspect
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from conformance.bench import Bench
from conformance.replay import open_exchange, play, reply_to, run
from conformance.requirement import read_requirements
from conformance.shelf import Case, Slot
from conformance.verdict import Verdict
from gateway.contract.adapter import Adapter, Exchange
from gateway.contract.destination import Destination
from gateway.contract.drive import drive, first_frame
from gateway.contract.errors import CannotExpress, ExchangeError
from gateway.contract.frames import Frame, Https, Reply, Secret, Turn
from gateway.contract.turns import Fill, Totp
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from tests.cases_material import shelf
from tests.contract.material import about, check_outcome, damaged, resolves, travels
from tests.contract.seal import Touched, sealed
from tests.strategies import requests

BENCH = Bench.here()
SLOTS = shelf()
CHANNELS = sorted(BENCH.adapters)
CASES_READ = tuple(slot.case for slot in SLOTS if slot.case)
EXCHANGES = tuple(case for case in CASES_READ if case.file.verb != "receive")
SPOKEN = tuple(case for case in EXCHANGES if case.received)
"""Cases whose exchange says something."""

many = settings(max_examples=2 * settings().max_examples)


def named(slot: Slot) -> str:
    return slot.name


def of_each(cases: Sequence[Case]) -> Callable[[Callable[[Case], None]], Callable[[str], None]]:
    """Asks a test of all cases of a channel together, and names those it fails for: as thousands of tests, each alone,
    they took more time to be counted than to be run."""

    def over(test: Callable[[Case], None]) -> Callable[[str], None]:
        @pytest.mark.parametrize("channel", sorted({case.suite.channel for case in cases}))
        def asked(channel: str) -> None:
            failed: list[Exception] = []
            for case in cases:
                try:
                    if case.suite.channel == channel:
                        test(case)
                except Exception as error:  # a test fails with whatever it meets; the others are asked all the same
                    error.add_note(f"the case {case.name}")
                    failed.append(error)
            if failed:
                raise ExceptionGroup(f"{len(failed)} cases of {channel}", failed)

        asked.__name__, asked.__doc__ = test.__name__, test.__doc__
        return asked

    return over


def on_bench(case: Case) -> tuple[Adapter, Destination]:
    return BENCH.adapter(case.suite.channel), BENCH.destination(case)


def exchange_of(case: Case) -> Exchange:
    return open_exchange(case, *on_bench(case))


def spoken(frame: Frame) -> tuple[object, ...]:
    """Everything of a frame that travels or is kept: not the words that a turn masks in errors, which have no order."""
    names = [field.name for field in fields(frame) if field.name != "words"]
    return type(frame), *((name, getattr(frame, name)) for name in names)


def test_there_is_an_adapter_to_test() -> None:
    assert CHANNELS


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_brings_cases_and_requirements(channel: str) -> None:
    verbs = {case.file.verb for case in CASES_READ if case.suite.channel == channel}
    assert {"submit", "amend", "answer", "inquire"} <= verbs
    assert read_requirements(channel)


@pytest.mark.parametrize("slot", SLOTS, ids=named)
def test_every_case_passes(slot: Slot) -> None:
    result = run(slot, BENCH)
    diffs = "\n".join(difference.diff() for difference in result.differences)
    assert result.verdict in (Verdict.PASS, Verdict.OMIT), f"{result.reason}\n{diffs}"


@pytest.mark.parametrize("channel", CHANNELS)
def test_settings_refuse_what_they_do_not_know(channel: str) -> None:
    adapter = BENCH.adapter(channel)
    for kind in (adapter.payer_settings, adapter.connection_settings):
        with pytest.raises(ValidationError) as refused:
            kind.model_validate({"a_setting_nobody_knows": 1})
        assert "extra_forbidden" in {error["type"] for error in refused.value.errors()}


@of_each(SPOKEN)
def test_sender_and_receiver_of_stamp_numbers_are_told(case: Case) -> None:
    adapter, to = on_bench(case)
    assert all(isinstance(party, str) and party for party in adapter.parties(to))


@of_each(EXCHANGES)
def test_every_verb_is_a_generator(case: Case) -> None:
    exchange = exchange_of(case)
    assert inspect.isgenerator(exchange)
    exchange.close()


@of_each(SPOKEN)
def test_the_same_stamp_gives_the_same_bytes(case: Case) -> None:
    assert spoken(first_frame(exchange_of(case))) == spoken(first_frame(exchange_of(case)))


@of_each(SPOKEN)
def test_that_bytes_may_have_been_sent_before_is_no_part_of_them(case: Case) -> None:
    stamp = case.file.stamp
    assert stamp is not None
    said = []
    for again in (False, True):
        file = case.file.model_copy(update={"stamp": stamp.model_copy(update={"again": again})})
        said.append(spoken(first_frame(exchange_of(replace(case, file=file)))))
    assert said[0] == said[1]


def digests() -> str:
    """What every case says, digested."""
    said = [repr(spoken(first_frame(exchange_of(case)))) for case in SPOKEN]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def test_the_same_stamp_gives_the_same_bytes_in_another_process() -> None:
    """Sets and dictionaries of strings are ordered differently in every process, unless code takes care."""
    told = subprocess.run(
        [sys.executable, "-c", "from tests.contract.test_adapters import digests; print(digests())"],
        env={"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == digests()


@of_each(SPOKEN)
def test_only_an_inquiry_may_be_said_twice(case: Case) -> None:
    """On a web site the way to what has an effect has none."""
    first = first_frame(exchange_of(case))
    if not isinstance(first, Turn):
        assert first.effect is (case.file.verb != "inquire")
        return
    assert not first.effect
    effects = [frame.effect for frame in play(case, *on_bench(case)).frames]
    assert (
        not any(effects) if case.file.verb == "inquire" else all(effects[effects.index(True) :] if any(effects) else ())
    )


@of_each(SPOKEN)
def test_a_frame_names_its_credentials_and_holds_none(case: Case) -> None:
    _, to = on_bench(case)
    named = {value for name, value in to.connection_settings.model_dump().items() if name.endswith("_secret") and value}
    canary = "canary-in-the-mine"
    with pytest.MonkeyPatch.context() as environment:
        for name in named:
            environment.setenv(f"GATEWAY_SECRET_{name.upper().replace('-', '_')}", canary)
        frame = first_frame(exchange_of(case))
    if isinstance(frame, Turn):
        frames = play(case, *on_bench(case)).frames
        assert {name for each in frames for name in typed(each)} <= named
        assert all(canary not in repr(spoken(each)) and canary.encode() not in each.redacted() for each in frames)
        return
    pieces = frame.body if isinstance(frame, Https) else ()
    assert {piece.name for piece in pieces if isinstance(piece, Secret)} == named
    assert canary not in repr(spoken(frame))


def typed(frame: Frame) -> Iterator[str]:
    """The names of the credentials that a turn types."""
    for step in frame.steps if isinstance(frame, Turn) else ():
        if isinstance(step, Fill) and isinstance(step.what, Secret | Totp):
            yield step.what.name


@of_each(SPOKEN)
def test_a_loss_points_at_what_is_lost(case: Case) -> None:
    for loss in first_frame(exchange_of(case)).losses:
        assert resolves(loss.pointer, about(case)), loss.pointer


@of_each([case for case in EXCHANGES if case not in SPOKEN])
def test_what_cannot_be_expressed_points_at_what_it_is(case: Case) -> None:
    with pytest.raises(CannotExpress) as refused:
        first_frame(exchange_of(case))
    assert refused.value.items
    assert all(resolves(item.pointer, about(case)) and item.why and item.fix for item in refused.value.items)


@pytest.mark.parametrize("channel", CHANNELS)
def test_any_request_is_said_or_refused_with_its_places(channel: str) -> None:
    sample = next(case for case in SPOKEN if case.suite.channel == channel and case.file.verb == "submit")
    adapter, to = on_bench(sample)

    @given(requests(payer=to.payer))
    def holds(value: dict[str, Any]) -> None:
        request = PARequest.model_validate(value)
        whole = request.model_dump(mode="json")
        assert sample.file.stamp is not None
        refused: CannotExpress | None = None
        try:
            frame = first_frame(adapter.submit(request, to, sample.file.stamp))
        except CannotExpress as error:
            refused = error
        if refused is None:
            assert frame.document
            assert all(resolves(loss.pointer, whole) for loss in frame.losses)
            return
        assert refused.items
        assert all(resolves(item.pointer, whole) for item in refused.items)
        for told in (request.patient.last_name, request.coverages[0].member_id):
            # PHI never reaches an exception's text; short names stand in any text by chance.
            assert len(told) < 4 or told not in str(refused)

    holds()


@of_each([case for case in CASES_READ if case.received])
def test_a_source_points_from_a_value_to_bytes(case: Case) -> None:
    check_outcome(play(case, *on_bench(case)), case)


def understood(channel: str) -> list[Case]:
    """Cases of the channel whose reply has an outcome."""
    return [case for case in CASES_READ if case.suite.channel == channel and case.received and case.outcome]


BODIES = st.binary(max_size=400) | st.text(max_size=200).map(str.encode)
TYPES = st.sampled_from(("application/soap+xml; charset=utf-8", "text/html", "text/xml", "multipart/related", ""))


@pytest.mark.parametrize("channel", CHANNELS)
def test_any_bytes_are_an_outcome_or_one_of_the_five_errors(channel: str) -> None:
    """Whatever is asked after them hears the same bytes again."""
    cases = understood(channel)

    @many
    @given(st.sampled_from(cases), st.integers(100, 599), TYPES, BODIES)
    def holds(case: Case, status: int, kind: str, body: bytes) -> None:
        by_itself = case.file.verb == "receive"
        heard: Reply | bytes = body if by_itself else Reply(status, (("content-type", kind),), body)
        check_outcome(play(replace(case, received=(heard,) * (1 if by_itself else 3)), *on_bench(case)), case)

    holds()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_damaged_answer_is_an_outcome_or_one_of_the_five_errors(channel: str) -> None:
    """Whichever of an exchange's answers is damaged. One that then says more than the case has heard hears the last
    answer again."""
    cases = understood(channel)

    @many
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(cases))
        place = data.draw(st.integers(0, len(case.received) - 1))
        heard = case.received[place]
        if isinstance(heard, Reply):
            reply: Reply | bytes = replace(heard, body=data.draw(damaged(heard.body)))
        else:
            reply = data.draw(damaged(case.document(heard)).filter(travels))
        received = (*case.received[:place], reply, *case.received[place + 1 :], *case.received[-1:] * 3)
        check_outcome(play(replace(case, received=received), *on_bench(case)), case)

    holds()


@of_each([case for case in CASES_READ if case.file.raises])
def test_an_error_does_not_quote_the_payer_or_the_patient(case: Case) -> None:
    error = play(case, *on_bench(case)).error
    assert case.request is not None
    patient, coverage = case.request.patient, case.request.coverages[0]
    for told in (patient.last_name, patient.birth_date.isoformat(), coverage.member_id, "back soon", "AUTH00"):
        assert told not in str(error)


HOMES = {type(adapter).__module__.partition(".")[0] for adapter in BENCH.adapters.values()}


@of_each(SPOKEN)
def test_a_verb_touches_nothing_of_the_world(case: Case) -> None:
    adapter, to = on_bench(case)
    replies: list[Reply] = []

    def answer(frame: Frame) -> Reply:
        replies.append(reply_to(case, len(replies), frame))
        return replies[-1]

    first = ended(open_exchange(case, adapter, to), answer)  # a codec may read its own package's data once
    heard = iter(replies)
    with sealed(HOMES):
        second = ended(open_exchange(case, adapter, to), lambda frame: next(heard))
    assert first == second


def ended(exchange: Exchange, say: Callable[[Frame], Reply]) -> Outcome | str:
    """How an exchange ends: with an outcome, or with an error and its text."""
    try:
        return drive(exchange, say)
    except ExchangeError as error:
        return f"{type(error).__name__}: {error}"


def test_the_seal_holds() -> None:
    with sealed(HOMES), pytest.raises(Touched):
        open("/dev/null").close()
    with sealed(HOMES), pytest.raises(Touched):
        time.time()
