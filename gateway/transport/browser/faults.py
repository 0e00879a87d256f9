"""What can go wrong in a turn, before it is known whether something was filed. No text of a page is in any of them."""

from __future__ import annotations

import asyncio
import re

from gateway.contract.errors import ExchangeError, NeedsPerson, NotSent

_NET = re.compile(r"net::(ERR_[A-Z0-9_]+)")


class Fault(Exception):
    """``what`` is in our words."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def named(self, where: str) -> ExchangeError:
        """The error of a turn that filed nothing."""
        return NotSent(f"{where}: {self.what}")


class LineFault(Fault):
    """The site was not reached, or its answer did not come whole."""


class GoneFault(Fault):
    """The browser, or the page in it, is no more."""


class PageFault(Fault):
    """The page is not as the site's description has it, or did something else."""

    def named(self, where: str) -> ExchangeError:
        return NeedsPerson(f"{where}: {self.what}", only_this=True)


class Untrusted(Fault):
    """The site's certificate is not what it should be: nothing goes there until a person has looked."""

    def named(self, where: str) -> ExchangeError:
        return NeedsPerson(f"{where}: {self.what}")


def unreached(message: str) -> Fault | None:
    """The fault of a page that was not loaded, by the browser's own word for it; None where it says none."""
    found = _NET.search(message)
    if found is None:
        return None
    if found[1].startswith("ERR_CERT") or found[1] == "ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN":
        return Untrusted(f"the site's certificate is not trusted ({found[1]})")
    return LineFault(f"the page did not load ({found[1]})")


class Deadline:
    """The seconds that a turn has, as the steps of it count them down."""

    def __init__(self, seconds: float) -> None:
        self._ends = asyncio.get_running_loop().time() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._ends - asyncio.get_running_loop().time())

    @property
    def overdue(self) -> float:
        """Seconds since it was over."""
        return max(0.0, asyncio.get_running_loop().time() - self._ends)

    def within(self, seconds: float | None = None) -> float:
        """As much of ``seconds`` as is left, in milliseconds and never 0, which would be for ever."""
        return max(1.0, 1000 * (self.left if seconds is None else min(seconds, self.left)))

    def extend(self, seconds: float) -> None:
        self._ends += seconds
