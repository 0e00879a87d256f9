"""`intake`: milliseconds per megabyte to read a record of 20 MB; the floor is `json.loads` of the same bytes."""

from __future__ import annotations

import json
import time
from datetime import date

from gateway.intake.intake import take_in
from gateway.main.config import PROJECT
from gateway.profiles.policies import load_policies
from gateway.profiles.shelf import shelve
from gateway.profiles.terms import TermList, Terms
from tests.benchmarks.result import Result
from tests.intake_material import large


def measure() -> Result:
    """Processor time of parsing and reading, in turns with the floor."""
    terms = Terms.of(shelve(PROJECT / "mappings", TermList, "intake", "list", []).profiles.values())
    drugs = load_policies(PROJECT / "mappings").drugs
    raw = json.dumps(large(20)).encode()
    megabytes = len(raw) / 1e6
    rounds = []
    for _ in range(3):
        began = time.process_time()
        record = json.loads(raw)
        parsed = time.process_time()
        take_in(record, terms, drugs, date(2026, 11, 23), {})
        ended = time.process_time()
        rounds.append(((ended - began) * 1e3 / megabytes, (parsed - began) * 1e3 / megabytes))
    return Result("intake", "ms/MB", rounds, "well under 1000", {"record_mb": megabytes})
