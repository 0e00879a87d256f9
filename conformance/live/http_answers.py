"""What HTTP alone shows of an answer: how long it took, its status, and whether it is of the kind it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.live.envelopes import media
from conformance.live.heard import Finding, Heard, held
from conformance.live.talk import Said
from conformance.live.verdicts import Check
from conformance.verdict import Verdict
from gateway.contract.errors import Unreadable

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
    elif reply.status >= 300 and _answers(heard):
        wrong = f"an answer stands under HTTP {reply.status}, which says that there is none"
    elif heard.envelope.wrong and not heard.envelope.fault and not empty and reply.status < 300:
        wrong = heard.envelope.wrong
    yield held("RT-15", not wrong, wrong)


def _answers(heard: Heard) -> bool:
    """Whether it is what was asked for: a 278, or what calls itself a success."""
    if heard.document is not None and heard.document.kind == "278":
        return True
    return (heard.envelope.get("ErrorCode") or "").lower() == "success"


def haste(said: Said, longest: float) -> Check:
    """RT-16, of what came and of what did not come."""
    verdict = Verdict.PASS if said.seconds <= longest else Verdict.FAIL
    came = "the answer took" if said.reply is not None else "no answer came in"
    why = f"{came} {said.seconds:.1f} s, more than {longest:.0f} s" if verdict is Verdict.FAIL else ""
    return Check("RT-16", verdict, said.step, why, said.number)


def unheard(said: Said, longest: float) -> Iterator[Check]:
    """RT-15, and RT-16 where it was waited for long enough."""
    verdict = Verdict.FAIL if isinstance(said.error, Unreadable) else Verdict.ERROR
    yield Check("RT-15", verdict, said.step, f"no whole answer: {said.error}", said.number)
    if said.seconds > longest:
        yield haste(said, longest)


LOOKS = (kind,)
