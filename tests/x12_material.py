"""What tests of the X12 channel are made of: destinations, requests, stamps, and a payer's answers as bytes.

Everybody here is made up. Answers are written as segments with ``*``, so that a test shows what the payer said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from adapters.x12_278 import ADAPTER, traces
from adapters.x12_278.asked import Asked, Verb
from adapters.x12_278.hearing.hear import hear
from adapters.x12_278.settings import ConnectionSettings, PayerSettings
from gateway.contract.adapter import Filed, Stamp
from gateway.contract.destination import CodeTable, Destination, Mode
from gateway.contract.drive import first_frame
from gateway.model.outcome import LineResult, Outcome
from gateway.model.request import PARequest
from gateway.model.status import LineOutcome

CODES = Path(__file__).parents[1] / "mappings" / "codes"

STAMP = Stamp(at=datetime(2026, 3, 1, 15, 4, 5, tzinfo=UTC), number=17, seed="0123456789abcdef0123456789abcdef")
LATER = Stamp(at=datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC), number=18, seed="fedcba9876543210fedcba9876543210")
COMPANY = "1123456789"


@cache
def tables() -> dict[str, CodeTable]:
    """The code tables of this channel, as they are shipped."""
    found = (CodeTable.model_validate(yaml.safe_load(path.read_text())) for path in sorted(CODES.glob("*.yaml")))
    return {table.table: table for table in found}


def destination(
    *, mode: Mode = Mode.TEST, payer: dict[str, Any] | None = None, connection: dict[str, Any] | None = None
) -> Destination:
    return Destination(
        payer="evergreen_health",
        payer_name="Evergreen Health",
        connection="demo_clearinghouse",
        mode=mode,
        endpoint="http://127.0.0.1:9810/core",
        payer_settings=PayerSettings(**({"umo_id": "EGH01", "attachments": "275"} | (payer or {}))),
        connection_settings=ConnectionSettings(
            **({"isa_sender_id": "SENDER", "isa_receiver_id": "RECEIVER", "company_id": COMPANY} | (connection or {}))
        ),
        tables=tables(),
    )


def line(code: str = "J9271", system: str = "hcpcs", **over: Any) -> dict[str, Any]:
    return {
        "role": "drug",
        "code": {"system": system, "code": code},
        "quantity": {"value": "200"},
        "dates": {"start": "2026-03-01", "end": "2026-08-31"},
    } | over


def request(**over: Any) -> PARequest:
    """A plain oncology request of three lines. ``over`` replaces whole parts."""
    parts: dict[str, Any] = {
        "reference": "case-1",
        "patient": {
            "last_name": "Sampleton",
            "first_name": "Ada",
            "birth_date": "1961-02-03",
            "gender": "female",
            "address": {"street": ["1 Example Way"], "city": "Testville", "state": "PA", "zip_code": "19087"},
        },
        "coverages": [{"payer": "evergreen_health", "member_id": "EGH100001", "line_of_business": "commercial"}],
        "requester": {
            "npi": "1234567893",
            "last_name": "Testdoctor",
            "first_name": "Able",
            "taxonomy": "207RX0202X",
            "contact": {"name": "Front Desk", "phone": "2155550100"},
        },
        "servicing": [{"role": "facility", "npi": "1245319599", "last_name": "Sample Infusion Center"}],
        "site": {"place_of_service": "22"},
        "diagnoses": [{"code": "C34.11"}, {"code": "C79.31"}],
        "lines": [
            line("J9271", id="drug", diagnoses=[1, 2], frequency={"times": 1, "every": 3, "period": "week"}),
            line("96413", "cpt", id="infusion", role="administration", quantity={"value": 6}),
            line("96415", "cpt", id="more", role="administration", quantity={"value": 6}),
        ],
    }
    return PARequest.model_validate(parts | over)


def filed(of: PARequest | None = None, **over: Any) -> Filed:
    return Filed(request=of or request(), stamp=STAMP, **over)


def envelope(
    segments: Sequence[str],
    *,
    kind: str = "278",
    group: str | None = None,
    guide: str = "005010X217",
    usage: str = "T",
    number: int = 1,
    end: str = "~",
) -> bytes:
    """An interchange from the payer around these segments (without ST and SE), its counts right."""
    group = group or {"278": "HI", "999": "FA", "275": "PI"}.get(kind, "HI")
    whole = [
        f"ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *260301*1010*^*00501*{number:09d}*0*"
        f"{usage}*:",
        f"GS*{group}*RECEIVER*SENDER*20260301*1010*{number}*X*{guide}",
        f"ST*{kind}*0001*{guide}",
        *segments,
        f"SE*{len(segments) + 2}*0001",
        f"GE*1*{number}",
        f"IEA*1*{number:09d}",
    ]
    return "".join(segment + end for segment in whole).encode()


def acknowledgement(*segments: str, number: int = STAMP.number, group: str = "HI", guide: str = "005010X217") -> bytes:
    """A 999 about our group. ``segments`` stand between AK1 and the end."""
    return envelope(
        [f"AK1*{group}*{number}*{guide}", *segments], kind="999", guide="005010X231A1", group="FA", number=5
    )


def ta1(code: str, note: str = "000", *, number: int = STAMP.number) -> bytes:
    isa = "ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *260301*1010*^*00501*000000009*0*T*:~"
    return f"{isa}TA1*{number:09d}*260301*1004*{code}*{note}~IEA*0*000000009~".encode()


def trn(place: int, stamp: Stamp = STAMP) -> str:
    """The echo of a line's trace. Lines count from 1."""
    return f"TRN*2*{traces.line(stamp, place)}*{COMPANY}"


def response(
    *event: str,
    services: Sequence[Sequence[str]] = (),
    payer: Sequence[str] = (),
    requester: Sequence[str] = (),
    member: Sequence[str] = (),
    bht: str | None = None,
    trace: str | None = traces.event(STAMP),
    purpose: str = "11",
    follows: str = "18",
    guide: str = "005010X217",
    **around: Any,
) -> bytes:
    """A 278 response. ``event`` are the segments of 2000E after TRN; each of ``services`` is one 2000F.

    ``payer``, ``requester`` and ``member`` follow the names of 2000A, 2000B and 2000C. Without ``trace`` the event
    has no TRN of ours; without any event segment and service there is no event at all.
    """
    segments = [
        f"BHT*0007*{purpose}*{bht or traces.submission(STAMP)}*20260301*1011*{follows}",
        "HL*1**20*1",
        "NM1*X3*2*EVERGREEN HEALTH*****PI*EGH01",
        *payer,
        "HL*2*1*21*1",
        "NM1*1P*1*TESTDOCTOR*ABLE****XX*1234567893",
        *requester,
        "HL*3*2*22*1",
        "NM1*IL*1*SAMPLETON*ADA****MI*EGH100001",
        *member,
    ]
    if event or services:
        segments += ["HL*4*3*EV*1"]
        segments += [f"TRN*2*{trace}*{COMPANY}"] if trace else []
        segments += event
    for count, service in enumerate(services, start=5):
        segments += [f"HL*{count}*4*SS*0", *service]
    return envelope(segments, guide=guide, **around)


def asked(verb: Verb = "file", of: PARequest | None = None, **over: Any) -> Asked:
    """What was asked, for a reader of the answer: by default the filing of ``request()`` with ``STAMP``."""
    stamps = {"stamp": STAMP if verb == "file" else LATER, "filed": STAMP}
    return Asked(**({"verb": verb, "request": of or request(), "company": COMPANY} | stamps | over))


def outcome_of(document: bytes, to: Destination | None = None, **over: Any) -> Outcome:
    """What the adapter makes of a payer's bytes. ``over`` are the parts of ``asked``."""
    return hear(document, asked(**over), to or destination())


EVENT = "UM*HS*I"
DRUG = (trn(1), "SV1*HC:J9271**UN*200")
INFUSION = (trn(2), "SV1*HC:96413**UN*6")
MORE = (trn(3), "SV1*HC:96415**UN*6")


def service(lines: tuple[str, str], *segments: str) -> list[str]:
    """A 2000F: trace, what was decided, code."""
    return [lines[0], *segments, lines[1]]


def of_line(outcome: Outcome, name: str | None) -> LineResult:
    (found,) = [result for result in outcome.lines if result.line == name]
    return found


def words(outcome: Outcome) -> dict[str | None, LineOutcome]:
    return {result.line: result.outcome for result in outcome.lines}


def sent(wanted: PARequest | None = None, to: Destination | None = None, stamp: Stamp = STAMP) -> bytes:
    """The interchange that a submission says first."""
    document = first_frame(ADAPTER.submit(wanted or request(), to or destination(), stamp)).document
    assert document is not None
    return document


def segments(document: bytes, *tags: str) -> list[str]:
    """The segments of an interchange, or those of some ids."""
    found = document.decode("ascii").split("~")
    return [segment for segment in found if not tags or segment.partition("*")[0] in tags]
