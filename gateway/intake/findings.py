"""What intake has to say of a record beside its facts: contradictions, gaps, what was left out and why.

A text here never repeats a value of the record: the place says where to look.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from gateway.intake.kinds import KINDS, Severity
from gateway.model.record import Record

MOST = 100
"""Findings of one code that are told one by one; the rest is counted."""


class Finding(Record):
    """``pointer`` leads into the body that was sent; ``reference`` and ``path`` name the resource and the element."""

    severity: Severity
    code: str
    message: str
    fix: str
    reference: str | None = None
    path: str | None = None
    pointer: Annotated[str, Field(description="JSON Pointer (RFC 6901) into the body.")]


_STEP = re.compile(r"\[([0-9]+)\]")


def pointer_of(path: str) -> str:
    """A FHIR path within a resource as a JSON Pointer."""
    return "".join(f"/{step}" for step in _STEP.sub(r".\1", path).split(".")) if path else ""


_OF_A_COMPONENT = ("code", "value", "interpretation", "dataAbsentReason")


@dataclass(frozen=True, eq=False)
class Found:
    """A resource with its name (``Observation/123``), its place in the body, and the absolute ``url`` that it stands
    under. Of a ``component`` that is read as an observation, its elements."""

    resource: Mapping[str, Any]
    kind: str
    name: str
    pointer: str
    order: int = 0
    url: str | None = None
    component: int | None = None

    def path_of(self, path: str) -> str:
        """A path within it as one within the resource: what a component says itself stands in that."""
        own = path.startswith(_OF_A_COMPONENT) and self.component is not None
        return f"component[{self.component}].{path}" if own else path

    @property
    def server(self) -> str | None:
        """The base of a server's URL; None where it stands under none."""
        end = f"/{self.name}"
        known = self.url is not None and self.url.startswith(("http://", "https://")) and self.url.endswith(end)
        return self.url[: -len(end)] if known and self.url else None


@dataclass
class Notes:
    """Findings as they come up, and counts of what was read and what was not."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)

    def tell(self, code: str, at: Found | None, path: str = "", pointer: str = "") -> None:
        severity, message, fix = KINDS[code]
        path = at.path_of(path) if at else path
        self.told[code] += 1
        if self.told[code] > MOST:
            return
        self.findings.append(
            Finding(
                severity=severity,
                code=code,
                message=message,
                fix=fix,
                reference=at.name if at else None,
                path=path or None,
                pointer=(at.pointer if at else pointer) + pointer_of(path),
            )
        )
