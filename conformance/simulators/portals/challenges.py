"""What only a person can do: a picture to look at, a login to approve on a telephone. Held until done or too late."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from math import cos, pi, sin

from conformance.simulators.clock import Clock

SECONDS = 300.0
"""Virtual seconds that a challenge can be met."""
_COLOURS = ("#a33", "#36a", "#383", "#864")


class Form(StrEnum):
    PICTURE = "captcha"
    PUSH = "mfa_push"


@dataclass(slots=True)
class Challenge:
    """``answer`` is the number of triangles in the picture, empty for a push."""

    id: str
    form: Form
    account: str
    until: float
    answer: str = ""
    picture: bytes = b""
    met: bool = False


@dataclass(slots=True)
class Challenges:
    clock: Clock
    _held: dict[str, Challenge] = field(default_factory=dict)

    def make(self, form: Form, account: str) -> Challenge:
        challenge = Challenge(secrets.token_hex(8), form, account, self.clock.now() + SECONDS)
        if form is Form.PICTURE:
            challenge.answer, challenge.picture = _picture()
        self._held[challenge.id] = challenge
        return challenge

    def find(self, name: str) -> Challenge | None:
        """None for one that nobody made, or that is too late."""
        challenge = self._held.get(name)
        if challenge is None or self.clock.now() > challenge.until:
            return None
        return challenge

    def try_answer(self, challenge: Challenge, answer: str) -> bool:
        """A wrong answer changes the picture."""
        if challenge.form is Form.PICTURE and answer.strip() == challenge.answer:
            challenge.met = True
        elif challenge.form is Form.PICTURE and not challenge.met:
            challenge.answer, challenge.picture = _picture()
        return challenge.met

    def waiting(self) -> list[Challenge]:
        return [each for each in self._held.values() if not each.met and self.clock.now() <= each.until]

    def drop(self, challenge: Challenge) -> None:
        self._held.pop(challenge.id, None)

    def forget(self) -> None:
        self._held.clear()


def _picture() -> tuple[str, bytes]:
    """A picture (SVG) of shapes in disorder, and how many of them are triangles."""
    draw = random.SystemRandom()
    wanted = draw.randint(3, 7)
    corners = [3] * wanted + [draw.choice((4, 5)) for _ in range(draw.randint(4, 8))]
    draw.shuffle(corners)
    shapes = "".join(_shape(draw, number, place) for place, number in enumerate(corners))
    lines = "".join(
        f'<path d="M0 {draw.randint(0, 160)}L360 {draw.randint(0, 160)}" stroke="#bbb" fill="none"/>' for _ in range(5)
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="360" height="160" role="img">{lines}{shapes}</svg>'
    return str(wanted), svg.encode()


def _shape(draw: random.Random, corners: int, place: int) -> str:
    x, y = 30 + place % 6 * 60 + draw.randint(-8, 8), 30 + place // 6 * 52 + draw.randint(-6, 6)
    turn, size = draw.random() * pi, draw.randint(15, 22)
    edge = [
        (x + size * cos(turn + 2 * pi * k / corners), y + size * sin(turn + 2 * pi * k / corners))
        for k in range(corners)
    ]
    points = []
    for (x1, y1), (x2, y2) in zip(edge, edge[1:] + edge[:1], strict=True):
        # Points along an edge, as many as chance has it: what is written does not tell how many corners there are.
        for part in (0.0, *sorted(draw.random() for _ in range(draw.randint(1, 6)))):
            points.append(f"{x1 + (x2 - x1) * part:.1f},{y1 + (y2 - y1) * part:.1f}")
    return f'<polygon points="{" ".join(points)}" fill="{draw.choice(_COLOURS)}" fill-opacity=".75"/>'
