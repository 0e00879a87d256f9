"""A loop that hangs or has broken is known to."""

from __future__ import annotations

from gateway.engine.pulse import Pulse


async def test_a_pulse_beats_from_the_first_turn_until_it_has_been_silent_for_too_long() -> None:
    now = 100.0
    pulse = Pulse(30, lambda: now)
    assert not await pulse.beats()
    pulse.beat()
    now = 130.0
    assert await pulse.beats()
    now = 130.1
    assert not await pulse.beats()
    pulse.beat()
    assert await pulse.beats()
    pulse.stop()
    assert not await pulse.beats()
