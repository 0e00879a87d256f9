"""The CORE fields of an answer, in SOAP or in a form, held against the schema, the rule and what was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from conformance.live.envelopes import FIELDS, media
from conformance.live.heard import Finding, Heard, held
from conformance.verdict import Verdict

_MAY_BE_MISSING = ("Payload", "ErrorCode")
"""RT-12 tells of the second."""
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z")
_TYPES = {
    "278": re.compile(r"x12_278_response_005010x21[57]\w*"),
    "999": re.compile(r"x12_999_response_005010x231\w*"),
    "TA1": re.compile(r"x12_ta1_response_\w+"),
    "824": re.compile(r"x12_824_\w+"),
    "275": re.compile(r"x12_275_\w+"),
}
"""PayloadType by what the payload is, in small letters: trading partners write 005010x231A1 too."""
_MEDIA = ("application/soap+xml", "multipart/related", "text/xml", "application/xml")
_ERROR = "coreenvelopeerror"
_CRLF = re.compile(rb'boundary="?([^";\s]+)', re.IGNORECASE)


def shape(heard: Heard) -> Iterator[Finding]:
    """RT-01, of SOAP."""
    if not heard.envelope.fields:
        return
    names = [field.name for field in heard.envelope.fields]
    qualified = [field.name for field in heard.envelope.fields if field.namespace]
    strange = [name for name in names if name not in FIELDS]
    twice = [name for name in FIELDS if names.count(name) > 1]
    missing = [name for name in FIELDS if name not in names and name not in _MAY_BE_MISSING]
    places = [FIELDS.index(name) for name in names if name in FIELDS]
    wrong = []
    if qualified:
        known = [name for name in FIELDS if name in qualified]
        wrong.append(f"{len(qualified)} children stand in a namespace ({', '.join(known[:3])} ...)")
    if strange:
        wrong.append(f"{len(strange)} children are none of the schema's")
    if twice:
        wrong.append(f"twice: {', '.join(twice)}")
    if missing:
        wrong.append(f"missing: {', '.join(missing)}")
    if places != sorted(places):
        wrong.append("the fields are out of order")
    yield held("RT-01", not wrong, "; ".join(wrong))


def version(heard: Heard) -> Iterator[Finding]:
    """RT-02, of SOAP."""
    if heard.envelope.version:
        right = heard.envelope.version == "1.2" and media(heard.reply) in _MEDIA[:2]
        kind = media(heard.reply)
        said = f"SOAP {heard.envelope.version} under {kind if kind in _MEDIA else 'another content type'}"
        yield held("RT-02", right, f"the answer is {said}, not SOAP 1.2 under application/soap+xml")


def values(heard: Heard) -> Iterator[Finding]:
    """RT-03 to RT-07 and RT-12: each field by itself."""
    envelope = heard.envelope
    if not envelope.fields:
        return
    kind = (envelope.get("PayloadType") or "").lower()
    if heard.document is not None:
        wanted = _TYPES.get(heard.document.kind)
        right = wanted is not None and wanted.fullmatch(kind) is not None
        holds = heard.document.kind if wanted else "nothing that is known"
        yield held("RT-03", right, f"the payload is {holds}, and PayloadType does not say that it answers with one")
    yield held("RT-04", envelope.get("ProcessingMode") == "RealTime", "ProcessingMode is missing, or not RealTime")
    yield held("RT-05", _matches(_UUID, envelope.get("PayloadID")), "PayloadID is missing, or no UUID")
    told = envelope.get("TimeStamp")
    if told is None or not _TIME.fullmatch(told):
        yield "RT-06", Verdict.FAIL, "TimeStamp is missing, or not UTC as the rule has it"
    else:
        near = [f"{heard.said.at.date() + timedelta(days=by)}" for by in (-1, 0, 1)]
        yield held("RT-06", told[:10] in near, "TimeStamp is not the day of the answer")
    agreed = heard.fields.get("CORERuleVersion", "")
    told = envelope.get("CORERuleVersion")
    yield held("RT-07", told == agreed, "CORERuleVersion is missing, or not the one that was agreed")
    code = envelope.get("ErrorCode")
    if code is None:
        yield "RT-12", Verdict.FAIL, "ErrorCode is missing; the schema has it in every answer"
    elif heard.document is not None:
        yield held("RT-12", code == "Success", "an answer with a payload says another ErrorCode than Success")
    elif kind == _ERROR:
        yield held("RT-12", bool(code) and code != "Success", "an envelope error names no error")


def correlation(heard: Heard) -> Iterator[Finding]:
    """RT-10."""
    envelope, asked = heard.envelope, heard.fields
    if not envelope.fields or not asked:
        return
    wrong = []
    if (envelope.get("PayloadID") or "").lower() != asked.get("PayloadID", "").lower():
        wrong.append("PayloadID is not that of the request")
    if (envelope.get("SenderID"), envelope.get("ReceiverID")) != (asked.get("ReceiverID"), asked.get("SenderID")):
        unswapped = envelope.get("SenderID") == asked.get("SenderID")
        wrong.append(f"SenderID and ReceiverID are {'as in the request, not swapped' if unswapped else 'others'}")
    yield held("RT-10", not wrong, "; ".join(wrong))


def form(heard: Heard) -> Iterator[Finding]:
    """MI-01, of forms."""
    if not heard.envelope.fields:
        return
    names = [field.name for field in heard.envelope.fields]
    boundary = _CRLF.search(heard.reply.header("content-type").encode("latin-1", "replace"))
    wrong = []
    if boundary is not None:
        lines = re.findall(rb"(?:^|(.)\n)--" + re.escape(boundary[1]) + rb"(?:--)?(\r?\n|$)", heard.reply.body)
        if any(before not in (b"", b"\r") or after == b"\n" for before, after in lines):
            wrong.append("a boundary's line does not end in CRLF")
    if any(name not in FIELDS for name in names):
        wrong.append("a part is none of the real-time response's fields")
    if len(set(names)) != len(names):
        wrong.append("a field stands twice")
    yield held("MI-01", not wrong, "; ".join(wrong))


def _matches(pattern: re.Pattern[str], value: str | None) -> bool:
    return value is not None and pattern.fullmatch(value) is not None


SOAP_LOOKS = (shape, version, values, correlation)
MIME_LOOKS = (form, values, correlation)
