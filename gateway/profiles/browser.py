"""How a payer's web site is driven by a browser over a connection, as data: by what leave, as whom, when and how fast.

Holds no credential, only names of secrets.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, field_validator, model_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.record import Record, refuse
from gateway.profiles.authorization import SecretName
from gateway.profiles.facts import Zone

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day, ``HH:MM``."""


RECORD_TERMS = (
    "have its owner's leave recorded as browser.terms of the connection (verdict allowed or by_agreement, where it is "
    "written, and who answers for it)"
)
"""What a person must do before anything goes over a connection without leave."""


class Verdict(StrEnum):
    """What the site's owner says to a program that uses it."""

    ALLOWED = "allowed"
    BY_AGREEMENT = "by_agreement"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


class Terms(Record):
    """By what leave a program uses the site. ``reference`` says where that is written, ``owner`` is the person of ours
    who answers for it."""

    verdict: Verdict
    reference: ShortText
    owner: ShortText

    @property
    def permit(self) -> bool:
        """Whether the site may be driven. What nobody has found out is no leave."""
        return self.verdict in (Verdict.ALLOWED, Verdict.BY_AGREEMENT)

    def against(self, connection: str) -> str:
        """Why nothing goes over the connection that has no leave, for a person."""
        return f"no program may use the site behind connection {connection}: the verdict on its terms is {self.verdict}"


class Hours(Record):
    """When the account may be used, by the clock of ``zone`` (IANA). A day is that on which they begin; with ``until``
    before ``from`` they end on the next one."""

    zone: Zone
    days: Annotated[tuple[Day, ...], Bounds(1, 7)] = _DAYS
    begin: Annotated[Clock, Field(validation_alias=AliasChoices("from", "begin"))]
    until: Clock

    @model_validator(mode="after")
    def _long(self) -> Self:
        if self.begin == self.until:
            refuse("hours", "They end when they begin.", "Write other times, or leave hours out for the whole day.")
        return self

    def opens(self, now: datetime) -> datetime | None:
        """When they begin next, in UTC; None while they last."""
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        spans = [self._span(today + timedelta(days=ahead), zone) for ahead in range(-1, 9)]
        ahead = [span for span in spans if span is not None and now < span[1]]
        begins, _ = ahead[0]
        return begins if begins > now else None

    def _span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        if _DAYS[day.weekday()] not in self.days:
            return None
        last = day if self.until > self.begin else day + timedelta(days=1)
        begins, ends = ((day, self.begin), (last, self.until))
        return _at(*begins, zone), _at(*ends, zone)


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)


Origin = Annotated[str, Field(max_length=300, pattern=r"^https?://[a-z0-9.:\[\]-]+$")]
"""Scheme, host and perhaps a port, in small letters."""
Host = Annotated[str, Field(max_length=253, pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]


class BrowserProfile(Record):
    """One account at one site.

    ``endpoint`` is ``launch``, for a browser of the gateway's own, or the address of a Playwright server (``ws://``).
    ``sessions`` are pages of the account at once. A context is renewed after ``recycle_turns``, the browser after
    ``recycle_pages`` contexts. A stored session older than ``session_minutes`` is not used. ``pace_seconds`` lie
    between two turns of the account.

    ``resubmit`` says what becomes of a filing of unknown fate that a search does not find: with ``never`` a person
    says whether it goes again; with ``after_settle`` it goes again once the payer's settle time is over.

    ``origins`` are further ones that are the site's own: where one signs in, or where its pages send what they file.
    ``silenced`` are hosts whom its pages tell what nobody needs to know (statistics): what goes there is stopped, and
    nothing else comes of it.
    """

    terms: Terms
    endpoint: Annotated[str, Field(max_length=500)] = "launch"
    images: Annotated[bool, Field(strict=True)] = False
    username_secret: SecretName
    password_secret: SecretName
    totp_secret: SecretName | None = None
    sessions: Annotated[int, Field(strict=True, ge=1, le=50)] = 1
    recycle_turns: Annotated[int, Field(strict=True, ge=1, le=100_000)] = 200
    recycle_pages: Annotated[int, Field(strict=True, ge=1, le=100_000)] = 100
    session_minutes: Annotated[float, Field(strict=True, ge=1, le=1440, allow_inf_nan=False)] = 50.0
    pace_seconds: Annotated[float, Field(strict=True, ge=0, le=600, allow_inf_nan=False)] = 0.5
    hours: Hours | None = None
    resubmit: Literal["never", "after_settle"] = "never"
    origins: Annotated[tuple[Origin, ...], Bounds(0, 20)] = ()
    silenced: Annotated[tuple[Host, ...], Bounds(0, 50)] = ()

    @model_validator(mode="after")
    def _not_its_own(self) -> Self:
        own = {urlsplit(origin).hostname for origin in self.origins}
        if own.intersection(self.silenced):
            refuse("silenced", "A host is silenced that is the site's own.", "Write it under origins or silenced.")
        return self

    @field_validator("endpoint")
    @classmethod
    def _a_browser(cls, endpoint: str) -> str:
        fix = "Write launch, or ws://host:port/path of a Playwright server."
        if endpoint == "launch":
            return endpoint
        try:
            parts = urlsplit(endpoint)
            sound = parts.scheme in ("ws", "wss") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            sound = False
        if not sound:
            refuse("browser_endpoint", "This is no browser.", fix)
        if parts.username or parts.password or parts.fragment:
            refuse("browser_endpoint", "The address holds more than a place.", fix)
        return endpoint
