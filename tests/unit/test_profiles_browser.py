"""What a connection may say of a web site that a browser drives, and what its terms and hours come to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from gateway.model.faults import faults_of
from gateway.model.record import Record
from gateway.profiles.browser import BrowserProfile, Hours
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.library import Library
from tests.unit.profile_material import Folder, Pigeon, PigeonOfConnection, a_connection

TERMS = {"verdict": "by_agreement", "reference": "Letter of 2026-03-01", "owner": "A Person"}


class Page(Pigeon):
    """A pigeon that turns pages."""

    turns_pages: ClassVar[bool] = True


def browser(**over: Any) -> dict[str, Any]:
    names = {"username_secret": "portal-user", "password_secret": "portal-password"}
    return {"terms": TERMS, **names, **over}


def a_site(**over: Any) -> dict[str, Any]:
    return a_connection(**{"browser": browser(), **over})


def faults(profile: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        ConnectionProfile.model_validate(profile)
    except ValidationError as error:
        return [(fault.pointer, fault.fix) for fault in faults_of(error)]
    return []


def test_a_site_needs_its_terms_and_the_names_of_its_secrets() -> None:
    assert faults(a_site()) == []
    wanting = [pointer for pointer, _ in faults(a_site(browser={}))]
    assert wanting == ["/browser/terms", "/browser/username_secret", "/browser/password_secret"]
    assert [at for at, _ in faults(a_site(browser=browser(terms={})))] == [
        "/browser/terms/verdict",
        "/browser/terms/reference",
        "/browser/terms/owner",
    ]


@pytest.mark.parametrize(
    ("verdict", "permit"), [("allowed", True), ("by_agreement", True), ("forbidden", False), ("unknown", False)]
)
def test_only_what_is_allowed_or_agreed_upon_is_leave(verdict: str, permit: bool) -> None:
    profile = BrowserProfile.model_validate(browser(terms=TERMS | {"verdict": verdict}))
    assert profile.terms.permit is permit


def test_nothing_goes_again_by_itself_unless_the_profile_says_so() -> None:
    assert BrowserProfile.model_validate(browser()).resubmit == "never"


def test_a_site_may_have_other_origins_and_hosts_that_are_told_nothing() -> None:
    also = {"origins": ["https://login.example.org", "https://data.example.org:8443"], "silenced": ["s.example.net"]}
    assert faults(a_site(browser=browser(**also))) == []


@pytest.mark.parametrize(
    ("over", "pointer", "fix"),
    [
        ({"origins": ["https://login.example.org/path"]}, "/browser/origins/0", "schema"),
        ({"origins": ["login.example.org"]}, "/browser/origins/0", "schema"),
        ({"origins": ["http://login.example.org"]}, "", "https"),
        ({"silenced": ["https://s.example.net"]}, "/browser/silenced/0", "schema"),
        ({"origins": ["https://a.example.org"], "silenced": ["a.example.org"]}, "/browser", "origins or silenced"),
        ({"silenced": ["127.0.0.1"]}, "", "browser.silenced"),
    ],
)
def test_an_origin_is_one_and_no_host_of_the_site_is_silenced(over: dict[str, Any], pointer: str, fix: str) -> None:
    profile = a_site(browser=browser(**over))
    profile["endpoint"] = "http://127.0.0.1:9/"
    [(at, told)] = faults(profile)
    assert at == pointer
    assert fix in told


@pytest.mark.parametrize("endpoint", ["launch", "ws://10.0.0.5:3000/secret-path", "wss://browsers.example.org/a"])
def test_a_browser_is_our_own_or_a_playwright_server(endpoint: str) -> None:
    assert faults(a_site(browser=browser(endpoint=endpoint))) == []


@pytest.mark.parametrize(
    "endpoint", ["http://10.0.0.5:9222", "ws://", "ws://u:p@host/", "ws://host:99999/", "ws://[", "ws://h/#f", "own"]
)
def test_any_other_browser_is_refused_with_its_fix(endpoint: str) -> None:
    [(pointer, fix)] = faults(a_site(browser=browser(endpoint=endpoint)))
    assert pointer == "/browser/endpoint"
    assert "ws://" in fix


@pytest.mark.parametrize(
    "over",
    [
        {"basic": {"user": "a-user", "password": "a-password"}},
        {"tls": {"min_version": "1.3"}},
        {"mailbox": {"directories": ["out"]}},
        {"polling": {}},
        {"xsd": "messages.xsd"},
    ],
)
def test_ways_of_other_transports_are_none_of_a_site(over: dict[str, Any]) -> None:
    assert [at for at, _ in faults(a_site(**over))] == [""]


def test_there_are_no_more_pages_than_conversations() -> None:
    assert [at for at, _ in faults(a_site(browser=browser(sessions=3), limits={"concurrency": 2}))] == [""]
    made = ConnectionProfile.model_validate(a_site(browser=browser(sessions=2), limits={"concurrency": 3}))
    assert made.places == 2
    assert ConnectionProfile.model_validate(a_connection(limits={"concurrency": 3})).places == 3


def test_an_endpoint_may_be_moved_by_the_environment_and_the_hours_stay(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    hours = {"zone": "America/New_York", "days": ["mon"], "from": "06:00", "until": "22:00"}
    folder.put("connections/loft.yaml", a_site(browser=browser(hours=hours)))
    library = Library.load(tmp_path, {"pigeon": Page()}, {"loft": "https://other.example.org/"})
    held = library.connection("loft")
    assert held.endpoint == "https://other.example.org/"
    assert held.browser is not None
    assert held.browser.hours == Hours.model_validate(hours)


def test_a_channel_that_turns_pages_and_its_site_belong_together(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    [fault] = folder.faults({"pigeon": Page()})
    assert (fault.file, fault.pointer) == ("connections/loft.yaml", "/browser")
    assert "terms" in fault.fix
    folder.put("connections/loft.yaml", a_site())
    assert folder.faults({"pigeon": Page()}) == ()
    [fault] = folder.faults()
    assert (fault.pointer, fault.message) == ("/browser", "The channel pigeon turns no pages.")


SOURCED = {"provenance": dict(a_connection()["provenance"])}


class OfAccount(PigeonOfConnection):
    username_secret: str = "a-default"
    totp_secret: str = "a-default"


class Signed(Page):
    """One that asks its settings for the names of secrets."""

    connection_settings: ClassVar[type[Record]] = OfAccount


def test_the_names_of_secrets_stand_in_the_browser_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.put("connections/loft.yaml", a_site())
    library = Library.load(tmp_path, {"pigeon": Signed()})
    settings = library.destination("acme", "loft", None, datetime.now(UTC).date()).connection_settings
    assert settings == OfAccount(username_secret="portal-user", totp_secret="a-default")


@pytest.mark.parametrize(
    "other",
    [
        {"settings": {"username_secret": "another-user"}},
        {"layers": [{"settings": {"username_secret": "another-user"}, "effective": {"start": "2020-01-01"}} | SOURCED]},
    ],
)
def test_settings_that_name_another_secret_than_the_browser_are_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    folder = Folder(tmp_path)
    folder.put("connections/loft.yaml", a_site(**other))
    [fault] = folder.faults({"pigeon": Signed()})
    assert fault.pointer == "/settings/username_secret"
    assert "another secret" in fault.message
    folder.put("connections/loft.yaml", a_site(settings={"username_secret": "portal-user"}))
    assert folder.faults({"pigeon": Signed()}) == ()


def hours(**over: Any) -> Hours:
    return Hours.model_validate({"zone": "America/New_York", "from": "06:00", "until": "22:00", **over})


@pytest.mark.parametrize("over", [{"zone": "Mars/Base"}, {"zone": "../etc/passwd"}, {"days": []}, {"until": "06:00"}])
def test_hours_that_make_no_sense_are_refused(over: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        hours(**over)


@pytest.mark.parametrize("clock", ["24:00", "6:00", "06:60", "06:00:00"])
def test_a_time_of_day_has_two_digits_and_two(clock: str) -> None:
    with pytest.raises(ValidationError):
        hours(**{"from": clock})


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T11:00", None),  # Monday, 06:00 in New York
        ("2026-11-23T10:59", "2026-11-23T11:00"),
        ("2026-11-24T02:59", None),  # Monday, 21:59
        ("2026-11-24T03:00", "2026-11-24T11:00"),
        ("2026-11-28T03:00", "2026-11-30T11:00"),  # Friday night to Monday
        ("2026-03-07T03:00", "2026-03-09T10:00"),  # over the night in which summer time begins
    ],
)
def test_hours_are_by_the_clock_of_their_zone(now: str, opens: str | None) -> None:
    working = hours(days=["mon", "tue", "wed", "thu", "fri"])
    at = working.opens(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert at == (None if opens is None else datetime.fromisoformat(opens).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T21:59", "2026-11-23T22:00"),
        ("2026-11-23T22:00", None),
        ("2026-11-24T03:59", None),  # it is Tuesday, and Monday's hours
        ("2026-11-24T04:00", "2026-11-30T22:00"),
    ],
)
def test_hours_may_end_on_the_next_day(now: str, opens: str | None) -> None:
    nightly = hours(zone="UTC", days=["mon"], **{"from": "22:00", "until": "04:00"})
    at = nightly.opens(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert at == (None if opens is None else datetime.fromisoformat(opens).replace(tzinfo=UTC))
