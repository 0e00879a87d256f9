"""What profiles, connections and code tables may say: names, codes, endpoints, numbers, waits."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.model.faults import faults_of
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.facts import Effective
from gateway.profiles.payer import Backoff, Rhythm
from tests.unit.profile_material import Folder, a_connection, a_payer, a_table


def test_a_file_is_named_after_what_it_holds(folder: Folder) -> None:
    folder.put("connections/loft.yaml", a_connection())
    folder.put("payers/acme_copy.yaml", a_payer())
    assert folder.fault() == ("payers/acme_copy.yaml", "/payer")
    (folder.path / "payers/acme.yaml").unlink()
    assert folder.fault() == ("payers/acme_copy.yaml", "")


def test_a_code_table_that_an_adapter_reads_must_be_there(folder: Folder) -> None:
    (folder.path / "codes/pigeon_rings.yaml").unlink()
    assert folder.fault() == ("codes", "")


@pytest.mark.parametrize(
    ("codes", "pointer"),
    [
        ({"R": {"means": "crimson", "says": "x"}}, "/codes/R/means"),
        ({"R": {"means": "red", "says": "x", "next": "panic"}}, "/codes/R/next"),
        ({"R": {"means": "red"}}, "/codes/R/says"),
        ({"R": {"means": "red", "says": "x", "refused": "certified"}}, "/codes/R/refused"),
        ({"R": {"means": "red", "says": "x", "granted": "certified"}}, "/codes/R/granted"),
        ({"a/b": {"means": "crimson", "says": "x"}}, "/codes/a~1b/means"),
    ],
)
def test_a_code_means_a_word_its_adapter_knows(folder: Folder, codes: dict[str, Any], pointer: str) -> None:
    folder.put("codes/pigeon_rings.yaml", a_table(codes=codes))
    assert folder.fault() == ("codes/pigeon_rings.yaml", pointer)


def test_codes_keep_their_zeros_and_their_letters(folder: Folder) -> None:
    folder.put(
        "codes/pigeon_rings.yaml",
        "table: pigeon_rings\nsource: a test\ncodes:\n"
        + "".join(f"  {code}: {{means: red, says: Red.}}\n" for code in ("04", "NO", "1e3", "0x1F", "on", "12:30")),
    )
    assert set(folder.load().destination("acme", "loft").tables["pigeon_rings"].codes) == {
        *("04", "NO", "1e3", "0x1F", "on", "12:30")
    }


# endpoints


@pytest.mark.parametrize(
    ("endpoint", "mode", "sound"),
    [
        ("https://payer.example.org/core", "live", True),
        ("https://payer.example.org:8443/core", "test", True),
        ("http://127.0.0.1:9810/core", "test", True),
        ("http://[::1]:9810/core", "test", True),
        ("http://localhost/core", "test", True),
        ("http://127.0.0.1:9810/core", "live", False),
        ("http://payer.example.org/core", "test", False),
        ("http://127.0.0.1.example.org/core", "test", False),
        ("http://localhost.example.org/core", "test", False),
        ("http://10.0.0.1/core", "test", False),
        ("https://user@payer.example.org/", "test", False),
        ("https://payer.example.org/?key=x", "test", False),
        ("https://payer.example.org/#x", "test", False),
        ("https://payer.example.org:99999/", "test", False),
        ("https:///core", "test", False),
        ("https://payer.example.org/a b", "test", False),
        ("https://payer.example.org/a\nb", "test", False),
        ("file:///etc/passwd", "test", False),
        ("payer.example.org", "test", False),
    ],
)
def test_only_a_safe_endpoint_is_taken(endpoint: str, mode: str, sound: bool) -> None:
    profile = a_connection(endpoint=endpoint, mode=mode)
    if sound:
        assert ConnectionProfile.model_validate(profile).endpoint == endpoint
        return
    with pytest.raises(ValidationError) as caught:
        ConnectionProfile.model_validate(profile)
    assert [fault.pointer for fault in faults_of(caught.value)] == ["/endpoint"]


def test_tls_settings_without_tls_are_refused() -> None:
    profile = a_connection(endpoint="http://localhost/", tls={"min_version": "1.3"})
    with pytest.raises(ValidationError) as caught:
        ConnectionProfile.model_validate(profile)
    assert [fault.pointer for fault in faults_of(caught.value)] == ["/tls"]


# values are what they are written as


LOOSE_NUMBERS = ("10", True, "1e3", "1_0", None)


@pytest.mark.parametrize(
    ("pointer", "values"),
    [
        ("/deadline_seconds", (*LOOSE_NUMBERS, 0.0001, 0.9)),
        ("/max_reply_bytes", (*LOOSE_NUMBERS, 2000.0, 1.5)),
        ("/limits/concurrency", (*LOOSE_NUMBERS, 4.0, 0)),
        ("/limits/per_second", (*LOOSE_NUMBERS, 0, 0.001)),
        ("/limits/burst", (*LOOSE_NUMBERS, 4.0, 0)),
        ("/breaker/failures", (*LOOSE_NUMBERS, 4.0, 0)),
        ("/breaker/open_seconds", (*LOOSE_NUMBERS, 0.01)),
    ],
)
def test_a_number_of_a_connection_is_written_as_one_and_is_sensible(
    folder: Folder, pointer: str, values: tuple[object, ...]
) -> None:
    for value in values:
        folder.put("connections/loft.yaml", a_connection(**nested(pointer, value)))
        assert folder.fault() == ("connections/loft.yaml", pointer), value


@pytest.mark.parametrize(
    ("pointer", "values"),
    [
        ("/synthetic", ("yes", "true", 1, 0, None)),
        ("/rhythm/settle_seconds", (*LOOSE_NUMBERS, -1)),
        ("/rhythm/poll/first_seconds", (*LOOSE_NUMBERS, 0, 0.01)),
        ("/rhythm/poll/factor", (*LOOSE_NUMBERS, 0.5)),
        ("/rhythm/retry/give_up_seconds", (*LOOSE_NUMBERS, 0)),
        ("/routes/0/priority", (*LOOSE_NUMBERS, 1.0, -1)),
    ],
)
def test_a_number_or_a_switch_of_a_payer_is_written_as_one(
    folder: Folder, pointer: str, values: tuple[object, ...]
) -> None:
    for value in values:
        payer = a_payer()
        place: Any = payer
        *steps, last = pointer[1:].split("/")
        for step in steps:
            place = place[int(step) if step.isdecimal() else step]
        place[last] = value
        folder.put("payers/acme.yaml", payer)
        assert folder.fault() == ("payers/acme.yaml", pointer), value


def test_a_code_that_asks_says_so_by_true(folder: Folder) -> None:
    for value in ("yes", 1, "true"):
        folder.put("codes/pigeon_rings.yaml", a_table(codes={"R": {"means": "red", "says": "x", "asks": value}}))
        assert folder.fault() == ("codes/pigeon_rings.yaml", "/codes/R/asks")


def nested(pointer: str, value: object) -> dict[str, Any]:
    name, _, rest = pointer[1:].partition("/")
    return {name: nested(f"/{rest}", value) if rest else value}


# rhythm


@given(
    st.floats(0.1, 100),
    st.floats(1, 10),
    st.floats(1, 100),
    st.integers(0, 50),
)
def test_waits_grow_and_stop_growing(first: float, factor: float, longer: float, tries: int) -> None:
    backoff = Backoff(
        first_seconds=first, factor=factor, longest_seconds=first * longer, give_up_seconds=first * longer * 10
    )
    assert backoff.after(0) == first
    assert backoff.after(tries) <= backoff.after(tries + 1) <= backoff.longest_seconds
    assert backoff.after(tries) == pytest.approx(min(first * factor**tries, backoff.longest_seconds))


def test_a_case_polled_for_years_still_has_a_wait() -> None:
    backoff = Backoff(first_seconds=1, factor=10, longest_seconds=60, give_up_seconds=600)
    assert backoff.after(10**9) == 60


@pytest.mark.parametrize(("waits", "where"), [((5, 2, 100), "longest"), ((1, 50, 20), "give_up")])
def test_waits_out_of_order_are_refused_beside_other_faults(waits: tuple[int, int, int], where: str) -> None:
    first, longest, give_up = waits
    for more, others in (({}, []), ({"factor": 0}, ["/factor"])):
        written = {"first_seconds": first, **more, "longest_seconds": longest, "give_up_seconds": give_up}
        with pytest.raises(ValidationError) as caught:
            Backoff.model_validate(written)
        assert [fault.pointer for fault in faults_of(caught.value)] == [*others, f"/{where}_seconds"]


def test_inquiries_go_on_until_absence_can_be_proved() -> None:
    steady = Backoff(first_seconds=1, longest_seconds=1, give_up_seconds=1)
    with pytest.raises(ValidationError) as caught:
        Rhythm(settle_seconds=10, reconcile=(1, 2, 3), poll=steady, retry=steady)
    assert [fault.pointer for fault in faults_of(caught.value)] == ["/reconcile"]
    Rhythm(settle_seconds=6, reconcile=(1, 2, 3), poll=steady, retry=steady)


days = st.dates(date(2026, 1, 1), date(2026, 1, 20))
spans = st.tuples(days, st.none() | days).filter(lambda span: span[1] is None or span[0] <= span[1])


@given(spans, spans)
def test_periods_overlap_when_some_day_lies_in_both(
    one: tuple[date, date | None], other: tuple[date, date | None]
) -> None:
    first, second = (Effective(start=start, end=end) for start, end in (one, other))
    both = any(first.holds(day) and second.holds(day) for day in (date(2026, 1, number) for number in range(1, 21)))
    assert first.overlaps(second) == second.overlaps(first) == both
