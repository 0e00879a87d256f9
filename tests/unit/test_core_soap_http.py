"""What the CORE carrier makes of HTTP statuses that refuse a message for now, and of the time they name."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.contract.errors import MaybeSent, NotSent
from gateway.contract.frames import Reply
from tests.unit.test_core_soap import reply, unwrap

DATE = "Sun, 22 Nov 2026 07:00:00 GMT"


def waited(said: str, date: str = "", status: int = 429) -> int | None:
    heard = reply(b"", status=status, kind="", retry_after=said, **({"date": date} if date else {}))
    with pytest.raises(NotSent) as caught:
        unwrap(heard, effect=status == 429)
    return caught.value.retry_after


@pytest.mark.parametrize("status", [404, 421, 425])
@pytest.mark.parametrize("body", [b"", b"<html>no such page</html>"])
def test_a_message_with_an_effect_that_went_astray_may_have_been_passed_on(status: int, body: bytes) -> None:
    with pytest.raises(MaybeSent):
        unwrap(reply(body, status=status, kind="text/html"), effect=True)


@pytest.mark.parametrize("status", [404, 421, 425])
def test_an_inquiry_that_went_astray_goes_again_when_the_payer_says(status: int) -> None:
    assert waited("17", status=status) == 17


@pytest.mark.parametrize("effect", [True, False])
def test_a_busy_connection_has_read_nothing(effect: bool) -> None:
    with pytest.raises(NotSent):
        unwrap(reply(b"<html>later</html>", status=429, kind="text/html"), effect=effect)


@pytest.mark.parametrize(
    ("until", "seconds"),
    [
        ("Sun, 22 Nov 2026 07:00:17 GMT", 17),
        ("Sunday, 22-Nov-26 07:01:00 GMT", 60),
        ("Sun Nov 22 08:00:00 2026", 3600),
        ("Mon, 23 Nov 2026 07:00:00 GMT", 86400),
    ],
)
def test_a_date_to_come_back_at_is_measured_from_the_replys_own_date(until: str, seconds: int) -> None:
    assert waited(until, DATE) == seconds


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 22 Nov 2026 99:00:00 GMT"])
def test_without_a_date_of_the_reply_a_date_to_come_back_at_says_nothing(date: str) -> None:
    assert waited("Sun, 22 Nov 2026 07:00:17 GMT", date) is None


@pytest.mark.parametrize("said", [DATE, "Sun, 22 Nov 2026 06:59:59 GMT", "0", "000"])
def test_a_time_that_is_not_to_come_says_nothing(said: str) -> None:
    assert waited(said, DATE) is None


@pytest.mark.parametrize("said", ["9" * 5000, "-1", "\u0661", "soon", "1.5", "Sun, 32 Nov 2026 07:00:00 GMT"])
def test_a_time_that_cannot_be_read_says_nothing(said: str) -> None:
    assert waited(said, DATE) is None


@given(st.text(max_size=40), st.text(max_size=40))
@example("1 Jan 99999 00:00:00 +9999", DATE)
@example("Sun, 22 Nov 2026 07:00:00 +99999999999999999", DATE)
@example("Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 1 Jan 0001 00:00:00 +2359")
@example(" , ", ",")
def test_any_words_name_a_time_or_none(said: str, date: str) -> None:
    headers = (("retry-after", said), ("date", date))
    with pytest.raises(NotSent) as caught:
        unwrap(Reply(429, headers, b""))
    assert caught.value.retry_after is None or caught.value.retry_after > 0
