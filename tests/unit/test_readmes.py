"""What READMEs name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from gateway.api.access import REQUESTS
from gateway.engine.metrics import BREAKER
from gateway.main.config import PROJECT
from gateway.notify.delivery import DEAD

READMES = sorted({file for depth in range(4) for file in PROJECT.glob(f"{'[!.]*/' * depth}README.md")})
NAMED = [(file, name) for file in READMES for name in re.findall(r"\bgateway_[a-z_]*[a-z]\b", file.read_text())]


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[f"{file.parent.name}:{name}" for file, name in NAMED])
def test_a_metric_that_a_readme_names_is_there(file: Path, name: str) -> None:
    assert f"\n# TYPE {name} " in generate_latest().decode(), file


def test_the_metrics_of_every_part_are_looked_at_and_the_readme_of_deploy_names_some() -> None:
    assert {metric.describe()[0].name for metric in (REQUESTS, BREAKER, DEAD)} == {
        "gateway_http_requests",
        "gateway_connection_open",
        "gateway_webhook_dead",
    }
    assert PROJECT / "deploy" / "README.md" in {file for file, _ in NAMED}
