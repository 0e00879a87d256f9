"""The figures of the CORE rules: 60 seconds for a late answer, and 20 as the aim, which is only measured."""

from __future__ import annotations

import pytest

from adapters.x12_278.settings import ConnectionSettings
from conformance.live.http_answers import LONGEST
from gateway.contract.frames import Https
from gateway.engine.metrics import EXCHANGE_SECONDS
from gateway.profiles.connection import ConnectionProfile
from tests.unit.profile_material import a_connection


@pytest.mark.proves("RT-16")
def test_a_line_lives_for_sixty_seconds_unless_a_profile_says_otherwise() -> None:
    assert ConnectionProfile.model_validate(a_connection()).deadline_seconds == 60
    assert ConnectionSettings.model_fields["deadline"].default == 60
    assert Https("POST", "https://payer.example", effect=True).deadline == 60


@pytest.mark.proves("RT-16")
def test_how_many_answers_take_longer_than_twenty_seconds_can_be_seen() -> None:
    [family] = EXCHANGE_SECONDS.labels("submit").collect()
    buckets = {sample.labels["le"] for sample in family.samples if sample.name.endswith("_bucket")}
    assert {"20.0", "60.0"} <= buckets
    assert LONGEST == 20
