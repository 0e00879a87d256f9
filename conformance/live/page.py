"""A live run as a page and as JSON, for the engineers of a payer: assertion, citation, verdict, evidence, times.

The page is one file without scripts; it reads on paper as well. Everything in it has gone through ``masking``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from conformance.live.masking import Mask
from conformance.live.talk import Said
from conformance.live.verdicts import Judgement, Run
from conformance.verdict import BAD, Verdict, tally


@dataclass(frozen=True)
class Message:
    """One message as it may be shown. ``status`` is 0 where no reply came."""

    number: int
    step: str
    at: str
    seconds: float
    asked: str
    sent_headers: list[tuple[str, str]]
    sent: str
    status: int
    heard_headers: list[tuple[str, str]]
    heard: str
    segments: list[str]
    error: str


def as_html(run: Run, mask: Mask) -> str:
    """The page."""
    seen = [each for each in run.judgements if each.verdict is not Verdict.OMIT]
    unkept = [each for each in seen if each.verdict in BAD]
    return _template().render(
        run=run,
        counts={str(verdict): number for verdict, number in tally(run.results()).items() if number},
        unkept=unkept,
        seen=seen,
        omitted=[each for each in run.judgements if each.verdict is Verdict.OMIT],
        messages=[_message(said, run.carrier, mask) for said in run.said],
        times=sorted(said.seconds for said in run.said if said.reply is not None),
        good=not unkept and not run.unjudged,
    )


def as_json(run: Run, mask: Mask) -> str:
    told = {
        "payer": run.payer,
        "connection": run.connection,
        "carrier": run.carrier,
        "endpoint": run.endpoint,
        "members": run.source,
        "at": run.at.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 3),
        "filed": run.filed,
        "cancelled": run.cancelled,
        "on_file": run.on_file,
        "unjudged": run.unjudged,
        "verdicts": {str(verdict): number for verdict, number in tally(run.results()).items()},
        "assertions": [_assertion(each) for each in run.judgements],
        "messages": [vars(_message(said, run.carrier, mask)) for said in run.said],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _assertion(judgement: Judgement) -> dict[str, Any]:
    assertion = judgement.assertion
    return {
        "assertion": assertion.id,
        "says": assertion.says,
        "citation": assertion.citation,
        "sure": assertion.sure,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "seconds": round(judgement.seconds, 3),
        "checks": [
            {"step": check.step, "message": check.message, "verdict": check.verdict, "reason": check.reason}
            for check in judgement.checks
        ],
    }


def _message(said: Said, carrier: str, mask: Mask) -> Message:
    reply = said.reply
    return Message(
        number=said.number,
        step=said.step,
        at=said.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        seconds=round(said.seconds, 3),
        asked=f"{said.frame.method} {mask.address(said.frame.url)}",
        sent_headers=mask.headers(said.frame.headers),
        sent=mask.sent(said.frame),
        status=reply.status if reply else 0,
        heard_headers=mask.headers(reply.headers) if reply else [],
        heard=mask.heard(reply) if reply else "",
        segments=mask.segments(reply, carrier) if reply else [],
        error=str(said.error) if said.error else "",
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
