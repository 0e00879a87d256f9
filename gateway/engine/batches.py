"""Does together what is asked for at about the same time: while one batch is under way, the next one gathers.

Nobody is made to wait for others: whoever comes when nothing is under way goes at once. Under load one transaction
then serves many, and costs each of them a fraction. Knows nothing of what is done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Batches(Generic[A, B]):
    """``do`` takes any number of things and answers each, in their order. At most ``lanes`` batches at a time, of at
    most ``most`` things. When a batch fails with one of ``divide``, each of its things is done for itself."""

    def __init__(
        self,
        do: Callable[[Sequence[A]], Awaitable[Sequence[B]]],
        *,
        lanes: int = 2,
        most: int = 32,
        divide: tuple[type[Exception], ...] = (),
    ) -> None:
        self._do = do
        self._lanes = lanes
        self._most = most
        self._divide = divide
        self._waiting: deque[tuple[A, asyncio.Future[B]]] = deque()
        self._under_way: set[asyncio.Task[None]] = set()

    async def ask(self, thing: A) -> B:
        """Have one thing done. Raises what doing it raised. Who stops waiting does not take the thing back."""
        answer: asyncio.Future[B] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, answer))
        if len(self._under_way) < self._lanes:
            lane = asyncio.create_task(self._run())
            self._under_way.add(lane)
            lane.add_done_callback(self._under_way.discard)
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), self._most)
            await self._settle([self._waiting.popleft() for _ in range(count)])

    async def _settle(self, batch: list[tuple[A, asyncio.Future[B]]]) -> None:
        try:
            answers = await self._do([thing for thing, _ in batch])
        except asyncio.CancelledError:  # the process is stopping
            for _, answer in batch:
                answer.cancel()
            raise
        except Exception as error:
            if len(batch) > 1 and isinstance(error, self._divide):
                for part in batch:
                    await self._settle([part])
                return
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), given in zip(batch, answers, strict=True):
            if not answer.done():
                answer.set_result(given)
