"""Finds the elements that a site's description names: one of each, or the turn ends. Strict, as a guess may file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, cast

from playwright.async_api import Error, FrameLocator, Locator, Page
from playwright.async_api import TimeoutError as Late

from gateway.contract.landmarks import masked
from gateway.contract.turns import Element
from gateway.transport.browser.faults import Deadline, Fault, PageFault, unreached

PATIENCE = 20.0
"""Seconds that an element is waited for where its turn has more."""
_GRACE = 1.0
"""Seconds after which another way to name an element may be taken: a page may be about to show it by the first."""
_LOOK_SECONDS = 0.1
_SEVERAL = "strict mode violation"


class Elements:
    """Those of one page. ``words`` are of the request that is typed into it: no name of an element that is told holds
    one."""

    def __init__(self, page: Page, words: frozenset[str] = frozenset()) -> None:
        self._page = page
        self.words = words
        self.warnings: list[str] = []

    async def find(self, element: Element, deadline: Deadline) -> Locator:
        """Where an element is. One that has a single name is not looked for yet: who uses it waits for it. Raises
        PageFault."""
        scope = self._scope(element) if element.inside is None else await self.find(element.inside, deadline)
        ways = [_within(scope, element)]
        for other in element.otherwise:
            around = other.inside and await self.find(other.inside, deadline)
            ways.append(_within(around or (self._scope(other) if other.frame else scope), other))
        if len(ways) == 1 and not element.css:
            return ways[0]
        return await self._one_of(ways, element, deadline)

    def any_of(self, elements: tuple[Element, ...]) -> list[tuple[Locator, Page | Locator]]:
        """What is to be seen of them, each by any of its names: a locator for each frame they are in, and that frame's
        document."""
        frames: dict[str, Locator] = {}
        for element in elements:
            for way, scope in self._ways(element):
                locator = _within(scope, way)
                frame = _frame(way) or _frame(element)
                frames[frame] = frames[frame].or_(locator) if frame in frames else locator
        return [
            (each.filter(visible=True), self._framed(frame).locator(":root") if frame else self._page)
            for frame, each in frames.items()
        ]

    def told(self, element: Element) -> str:
        """An element in words, without those of the request."""
        name = f' "{masked(element.name, self.words)}"' if element.name else ""
        what = f"{element.role}{name}" if element.role else f"element {masked(element.css, self.words)}"
        if element.frame:
            what += f' in the frame "{masked(element.frame, self.words)}"'
        return what if element.inside is None else f"{what} in the {self.told(element.inside)}"

    async def fault(self, error: Error, element: Element, locator: Locator | None) -> Fault:
        """Why something could not be done with an element. What Playwright writes holds values and pages."""
        if (fault := unreached(error.message)) is not None:
            return fault
        what = self.told(element)
        if _SEVERAL in error.message:
            return PageFault(f"there are several of {what}")
        if isinstance(error, Late) and locator is not None:
            try:
                found = await locator.count()
            except Error:
                found = 0
            return PageFault(f"{what} cannot be used" if found else f"there is no {what}")
        return PageFault(f"{what} cannot be used")

    async def _one_of(self, ways: list[Locator], element: Element, deadline: Deadline) -> Locator:
        patience = Deadline(deadline.within(PATIENCE) / 1000)
        grace = Deadline(_GRACE)
        while True:
            for place, way in enumerate(ways):
                if place and grace.left:
                    break
                found = await self._counted(way, element)
                if found is not None:
                    if place:
                        self.warnings.append(f"{self.told(element)} was found by another name")
                    return found
            if not patience.left:
                raise PageFault(f"there is no {self.told(element)}")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _counted(self, way: Locator, element: Element) -> Locator | None:
        """The one that there is, hidden or not; of several the one that is to be seen. None where there is none."""
        try:
            count = await way.count()
            if count > 1:
                way = way.filter(visible=True)
                count = await way.count() or 2
        except Error as error:
            raise await self.fault(error, element, None) from None
        if count > 1:
            raise PageFault(f"there are several of {self.told(element)}")
        return way if count else None

    def _scope(self, element: Element) -> Page | FrameLocator:
        return self._framed(element.frame) if element.frame else self._page

    def _framed(self, frame: str) -> FrameLocator:
        name = json.dumps(frame, ensure_ascii=False)
        return self._page.frame_locator(f"iframe:is([title={name}], [aria-label={name}])")

    def _ways(self, element: Element) -> Iterator[tuple[Element, Any]]:
        scopes: list[Any] = [self._scope(element)]
        if element.inside is not None:
            scopes = [_within(scope, way) for way, scope in self._ways(element.inside)]
        for scope in scopes:
            yield element, scope
        for other in element.otherwise:
            if other.frame or other.inside:
                yield from self._ways(other)
            else:
                for scope in scopes:
                    yield other, scope


def _within(scope: Page | FrameLocator | Locator, element: Element) -> Locator:
    if not element.role:
        return scope.locator(element.css)
    role = cast(Any, element.role)
    return scope.get_by_role(role, name=element.name, exact=True) if element.name else scope.get_by_role(role)


def _frame(element: Element) -> str:
    return element.frame or (_frame(element.inside) if element.inside else "")
