"""What a person answered to a challenge that only a person can meet. Who asks and who keeps the answers is not known
here."""

from __future__ import annotations

from typing import Protocol


class Challenges(Protocol):
    async def answer(self, connection: str, whose: str) -> str | None:
        """What a person answered to the open challenge over this connection that came up in ``whose`` conversation;
        None where nobody did. Taken once."""
        ...


class MemoryChallenges:
    """Answers of one process, for tests and for recording against a simulator."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}

    async def answer(self, connection: str, whose: str) -> str | None:
        del whose
        return self.answers.pop(connection, None)
