"""Who may log in at a portal, wrong logins, used one-time codes, sessions. All times but those of codes are virtual."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from conformance.simulators.clock import Clock, wall
from conformance.simulators.portals.totp import window_of

WRONG_LOGINS = 3
LOCKED_SECONDS = 15 * 60.0
NUMBERED = 8
"""How many accounts there are: the plain one, and those with 2 to 8 behind name and password."""
_TOKEN_BYTES = 24

T = TypeVar("T")


class Refused(Exception):
    """Who came is not let in; the text is what the page says."""


@dataclass(slots=True)
class Account:
    name: str
    password: str
    secret: str
    wrong: int = 0
    locked_until: float = 0.0
    used_window: int = 0
    logins: int = 0
    refused: int = 0


class Accounts:
    def __init__(self, clock: Clock, username: str, password: str, secret: str) -> None:
        self._clock = clock
        names = ["", *map(str, range(2, NUMBERED + 1))]
        self._accounts = {f"{username}{n}": Account(f"{username}{n}", f"{password}{n}", secret) for n in names}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def named(self, name: str) -> Account | None:
        return self._accounts.get(name)

    def by_password(self, name: str, password: str) -> Account:
        """Raises Refused. A name that is nobody's is refused in the same words as a wrong password."""
        account = self._accounts.get(name)
        if account is None:
            raise Refused("The user name or password is not right.")
        self._unlocked(account)
        if not hmac.compare_digest(account.password.encode(), password.encode(errors="replace")):
            self._wrong(account, "The user name or password is not right.")
        return account

    def by_code(self, account: Account, code: str) -> None:
        """Takes each code once. Raises Refused."""
        self._unlocked(account)
        window = window_of(account.secret, code.strip(), wall()) if code.strip().isascii() else None
        if window is None:
            self._wrong(account, "This code is not valid.")
        elif window <= account.used_window:
            account.refused += 1
            raise Refused("This code was already used. Wait for the next one.")
        else:
            account.used_window = window

    def let_in(self, account: Account) -> None:
        account.wrong = 0
        account.logins += 1

    def _unlocked(self, account: Account) -> None:
        if self._clock.now() < account.locked_until:
            account.refused += 1
            raise Refused("This account is locked after too many attempts. Try again in 15 minutes.")

    def _wrong(self, account: Account, text: str) -> None:
        account.refused += 1
        account.wrong += 1
        if account.wrong >= WRONG_LOGINS:
            account.wrong = 0
            account.locked_until = self._clock.now() + LOCKED_SECONDS
        raise Refused(text)

    def unlock(self, account: Account) -> None:
        """As if nobody had ever tried; a code that was used can be used again."""
        account.wrong, account.locked_until, account.used_window = 0, 0.0, 0


@dataclass(slots=True)
class Session(Generic[T]):
    """Somebody who is in. ``holds`` is what the portal keeps for the visit."""

    token: str
    account: str
    holds: T
    seen_at: float
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(_TOKEN_BYTES))


class Sessions(Generic[T]):
    """Sessions end ``idle`` virtual seconds after they were last used."""

    def __init__(self, clock: Clock, idle: float) -> None:
        self._clock = clock
        self.idle = idle
        self._open: dict[str, Session[T]] = {}

    def begin(self, account: str, holds: T) -> Session[T]:
        now = self._clock.now()
        self._open = {token: each for token, each in self._open.items() if now <= each.seen_at + self.idle}
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        session = Session(token, account, holds, now)
        self._open[token] = session
        return session

    def find(self, token: str) -> Session[T] | None:
        session = self._open.get(token)
        if session is None:
            return None
        if self._clock.now() > session.seen_at + self.idle:
            self.end(session)
            return None
        session.seen_at = self._clock.now()
        return session

    def end(self, session: Session[T]) -> None:
        self._open.pop(session.token, None)

    def end_all(self) -> int:
        count = len(self._open)
        self._open.clear()
        return count

    def __len__(self) -> int:
        return len(self._open)
