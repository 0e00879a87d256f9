"""What a 278 asks, read out of a tree that passed its guide. Knows no payer's rules."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.simulators.guide_check import Loop
from conformance.simulators.x12 import Delimiters, Segment

CANCEL, REVISE, INITIAL = "3", "S", "I"
APPEALS = frozenset({"1", "2"})
"""UM02 values told apart here."""

SERVICES = ("SV1", "SV2", "SV3")
_CODE_AT = {"SV1": 1, "SV2": 2, "SV3": 1}
_QUANTITY_AT = {"SV1": 4, "SV2": 5, "SV3": 6}


@dataclass(frozen=True, slots=True)
class Service:
    """One 2000F. ``service`` is its SV1, SV2 or SV3, an empty list if there is none."""

    traces: tuple[Segment, ...]
    um: Segment | None
    date: Segment | None
    service: Segment
    code: str
    system: str
    pointers: tuple[str, ...]
    """SV107: places of the event's diagnoses."""
    delivery: Segment | None
    parties: tuple[Segment, ...]

    @property
    def quantity_at(self) -> int:
        return _QUANTITY_AT[self.service[0]]

    @property
    def quantities(self) -> tuple[str, ...]:
        """What the service says of how much: its own segment's quantity, and HSD's."""
        own = self.service[self.quantity_at :][:1] if self.service else []
        return (*filter(None, own), *quantities_of(self.delivery))


@dataclass(frozen=True, slots=True)
class Submission:
    """A request (``inquiry`` false) or an inquiry. Segments are kept as read, to be echoed."""

    inquiry: bool
    component: str
    reference: str
    submitted_on: str
    umo: Segment
    requester: Segment
    subscriber: Segment
    subscriber_birth: Segment | None
    dependent: Segment | None
    dependent_birth: Segment | None
    dependent_relationship: Segment | None
    traces: tuple[Segment, ...]
    um: Segment
    references: tuple[str, ...]
    """REF BB and NT of the event: numbers this payer gave before."""
    event_date: Segment | None
    dates: Mapping[str, str]
    """DTP03 of the event by DTP01."""
    delivery: Segment | None
    diagnoses: tuple[tuple[str, str], ...]
    controls: tuple[str, ...]
    """PWK06: control numbers the submitter gave to documents it will send unasked."""
    parties: tuple[Segment, ...]
    services: tuple[Service, ...] = field(default=())
    contact: bool = False
    """True where the requester says whom to call."""
    documents: tuple[str, ...] = ()
    """PWK01 of the event."""

    @property
    def member(self) -> str:
        return self.subscriber[9]

    @property
    def certification(self) -> str:
        """UM02."""
        return self.um[2] if len(self.um) > 2 else ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every trace number this submission goes by, its BHT03 last."""
        return (*(trace[2] for trace in self.traces), self.reference)

    def likeness(self) -> str:
        """The same member, services and dates give the same digest: two such filings are one request filed twice."""
        lines = [
            f"{line.system}/{line.code}/{line.date[3] if line.date else self._event_dates()}" for line in self.services
        ]
        text = "\n".join([self.member, self._event_dates() if not lines else "", *sorted(lines)])
        return hashlib.sha256(text.encode("latin-1", "replace")).hexdigest()[:16]

    def _event_dates(self) -> str:
        return self.event_date[3] if self.event_date else ""


def read_submission(bht: Segment, levels: list[Loop], delimiters: Delimiters, verb: str = "request") -> Submission:
    """``levels`` must come from a walk without findings."""
    by_id = {loop.id: loop for loop in levels}
    event = by_id["2000E"]
    umo, requester, subscriber = (_party(by_id[level]) for level in ("2000A", "2000B", "2000C"))
    if verb == "notice":
        umo, requester = requester, umo
    dependent = _party(by_id["2000D"]) if "2000D" in by_id else None
    hi = event.find("HI") or []
    separator = delimiters.component
    return Submission(
        inquiry=verb == "inquiry",
        component=separator,
        reference=bht[3],
        submitted_on=bht[4],
        umo=umo.segments[0],
        requester=requester.segments[0],
        subscriber=subscriber.segments[0],
        subscriber_birth=subscriber.find("DMG"),
        dependent=dependent.segments[0] if dependent else None,
        dependent_birth=dependent.find("DMG") if dependent else None,
        dependent_relationship=dependent.find("INS") if dependent else None,
        traces=tuple(event.all("TRN")),
        um=event.find("UM") or [],
        references=tuple(ref[2] for ref in event.all("REF")),
        event_date=event.find("DTP", "AAH", "435"),
        dates={dtp[1]: dtp[3] for dtp in event.all("DTP")},
        delivery=event.find("HSD"),
        diagnoses=tuple((parts[0], parts[1]) for parts in (code.split(separator) for code in hi[1:] if code)),
        controls=tuple(
            pwk[6] for loop in levels if loop.id in ("2000E", "2000F") for pwk in loop.all("PWK") if len(pwk) > 6
        ),
        parties=tuple(party.segments[0] for party in event.parties if party.id == "2010EA"),
        services=tuple(_service(loop, separator) for loop in levels if loop.id == "2000F"),
        contact=requester.find("PER") is not None,
        documents=tuple(pwk[1] for pwk in event.all("PWK")),
    )


def quantities_of(delivery: Segment | None) -> tuple[str, ...]:
    """HSD02, where there is one."""
    return tuple(filter(None, delivery[2:3])) if delivery else ()


def _party(level: Loop) -> Loop:
    return level.parties[0]


def _service(loop: Loop, separator: str) -> Service:
    service = next((segment for segment in loop.segments if segment[0] in SERVICES), [])
    system = code = ""
    if service:
        at = _CODE_AT[service[0]]
        if len(service) > at and service[at]:
            system, code = service[at].split(separator)[:2]
        else:
            system, code = "NU", service[1]
    return Service(
        traces=tuple(loop.all("TRN")),
        um=loop.find("UM"),
        date=loop.find("DTP", "472"),
        service=service,
        code=code,
        system=system,
        pointers=tuple(filter(None, service[7].split(separator))) if service[:1] == ["SV1"] and service[7:] else (),
        delivery=loop.find("HSD"),
        parties=tuple(party.segments[0] for party in loop.parties),
    )
