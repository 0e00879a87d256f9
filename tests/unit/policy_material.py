"""Packs, words and orders for tests of policies: made up, each as small as its test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from gateway.main.config import PROJECT
from gateway.policy.book import Book
from gateway.policy.check import check
from gateway.policy.order import Order
from gateway.policy.verdict import LineVerdict, Report
from gateway.profiles.policies import Policies, PolicyPack, load_policies
from gateway.profiles.policies_words import Vocabulary

FILED = date(2026, 11, 23)
PAYER = "evergreen_health"
CITED = {"source": "a test", "says": "It is so."}
PROVENANCE = {"source": "a test", "date": "2026-11-23", "by": "a test"}


@cache
def shipped() -> Policies:
    """The packs and words of mappings/."""
    return load_policies(PROJECT / "mappings")


@cache
def shipped_book() -> Book:
    return Book(shipped())


def a_rule(kind: str, rule: str = "rule", **fields: Any) -> dict[str, Any]:
    return {"rule": rule, "kind": kind, "citation": CITED, **fields}


def wanting(*needs: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return a_rule("requirement", needs=list(needs), **fields)


def a_pack(*rules: dict[str, Any], **fields: Any) -> PolicyPack:
    given = {
        "pack": "made_up",
        "version": "2026.1",
        "payer": PAYER,
        "synthetic": True,
        "provenance": PROVENANCE,
        "effective": {"start": "2026-01-01"},
        "rules": list(rules),
    }
    return PolicyPack.model_validate(given | fields)


def a_book(*packs: PolicyPack, words: Sequence[Vocabulary] | None = None) -> Book:
    return Book(Policies(packs, tuple(shipped().vocabularies if words is None else words)))


def a_line(code: str = "J9271", system: str = "hcpcs", **fields: Any) -> dict[str, Any]:
    given = {
        "role": "drug",
        "code": {"system": system, "code": code},
        "quantity": {"value": 200},
        "dates": {"start": "2026-12-01", "end": "2026-12-21"},
    }
    return given | fields


def an_order(*lines: dict[str, Any], **fields: Any) -> Order:
    given = {
        "coverages": [{"payer": PAYER, "line_of_business": "commercial"}],
        "patient": {"birth_date": "1961-04-12", "gender": "female"},
        "site": {"place_of_service": "11"},
        "diagnoses": [{"code": "C34.11"}],
        "lines": list(lines) or [a_line()],
    }
    return Order.model_validate(given | fields)


def checked(order: Order, *rules: dict[str, Any], on: date = FILED, **pack: Any) -> Report:
    """The report of an order under one pack of these rules."""
    return check(order, a_book(a_pack(*rules, **pack)), on)


def line_of(order: Order, *rules: dict[str, Any], on: date = FILED) -> LineVerdict:
    """The verdict of the first line."""
    return checked(order, *rules, on=on).lines[0]


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]
