"""Trials that misbehave, for the test of the watch: a worker finds them by their names."""

from __future__ import annotations

import os

held: list[bytearray] = []


def misbehaving(seed: str, index: int) -> None:
    """Input 3 breaks, 5 never ends, 7 takes all there is."""
    held.clear()
    if index == 3:
        raise KeyError("three")
    while index == 5:
        pass
    while index == 7:
        held.append(bytearray(1 << 20))


def beginning_badly(seed: str, index: int) -> None:
    """Takes the worker with it."""
    os._exit(3)


def breaking_and_hanging(seed: str, index: int) -> None:
    """Input 1 breaks, and 2 never ends."""
    if index == 1:
        raise KeyError("one")
    while index == 2:
        pass
