"""What HTTP alone shows of an answer: how long it took, and whether it is of the kind that it says it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.live.envelopes import media
from conformance.live.heard import Finding, Heard, held
from conformance.verdict import Verdict

LONGEST = 20.0
"""Seconds that a real-time answer may take, all hops included."""
_KINDS: Mapping[str, frozenset[str]] = {
    "core_soap": frozenset({"application/soap+xml", "multipart/related"}),
    "core_mime": frozenset({"multipart/form-data"}),
    "rest_x12": frozenset({"application/json"}),
    "rest_review": frozenset({"application/json"}),
}
_NOT_NOW = frozenset({429, 502, 503, 504})
_PAGE = (b"<!doctype html", b"<html")
_BOM = b"\xef\xbb\xbf"


def kind(heard: Heard) -> Iterator[Finding]:
    """RT-15."""
    reply = heard.reply
    if reply.status in _NOT_NOW:
        yield "RT-15", Verdict.ERROR, f"HTTP {reply.status}: the endpoint cannot be judged now, try again later"
        return
    body = reply.body.lstrip()[:20].lower()
    empty = heard.carrier == "rest_review" and not body
    coding = reply.header("content-encoding").strip().lower()
    wrong = ""
    if body.startswith(_PAGE) or media(reply) == "text/html":
        wrong = f"a web page came under HTTP {reply.status}, where an answer belongs"
    elif not body and not empty:
        wrong = f"HTTP {reply.status} came without a body"
    elif coding not in ("", "identity"):
        wrong = "the answer is compressed, which was not asked for"
    elif reply.body.startswith(_BOM):
        wrong = "a byte order mark stands in front of the answer"
    elif not empty and reply.status < 300 and media(reply) not in _KINDS[heard.carrier]:
        wrong = f"the content type is none of {', '.join(sorted(_KINDS[heard.carrier]))}"
    elif heard.envelope.wrong and not heard.envelope.fault and not empty and reply.status < 300:
        wrong = heard.envelope.wrong
    yield held("RT-15", not wrong, wrong)


def haste(heard: Heard) -> Iterator[Finding]:
    """RT-16."""
    seconds = heard.said.seconds
    yield held("RT-16", seconds <= LONGEST, f"the answer took {seconds:.1f} s, more than {LONGEST:.0f} s")


LOOKS = (kind, haste)
