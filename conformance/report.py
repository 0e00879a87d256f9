"""Tells the results of a run: to a terminal, as JUnit XML, as JSON. Runs nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from xml.etree import ElementTree

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.text import Text

from conformance.requirement import Judgement
from conformance.verdict import BAD, Result, Verdict, tally

Judgements = Mapping[str, Sequence[Judgement]]
"""By channel."""

_STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.SKIP: "yellow",
    Verdict.OMIT: "cyan",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tell(results: Sequence[Result], requirements: Judgements, console: Console) -> None:
    """One line a case, a diff for each that failed, and the sums; then each requirement that is not kept."""
    for channel, group in groupby(results, lambda result: result.channel):
        console.print(f"\n[bold]{escape(channel)}[/]")
        members = list(group)
        width = max(len(result.case) for result in members)
        for result in members:
            line = Text.assemble("  ", (f"{result.verdict:<6}", _STYLES[result.verdict]), f"{result.case:<{width}}  ")
            line.append(result.title, style="dim")
            console.print(line, no_wrap=True, overflow="ellipsis")
            _tell_why(result, console)
    counts = "  ".join(f"[{_STYLES[v]}]{n} {v}[/]" for v, n in tally(results).items() if n)
    console.print(f"\n{len(results)} cases: {counts}", highlight=False)
    for channel, judgements in requirements.items():
        kept = sum(1 for one in judgements if one.verdict is Verdict.PASS)
        reasoned = sum(1 for one in judgements if one.requirement.not_tested_reason)
        console.print(
            f"{channel}: {kept} of {len(judgements)} requirements kept in this run; "
            f"{reasoned} are not for cases, their rows say why",
            markup=False,
            highlight=False,
        )
        for one in judgements:
            if one.verdict is Verdict.FAIL:
                console.print(Text(f"  {one.requirement.id} not kept: {one.requirement.requirement}", style="red"))


def _tell_why(result: Result, console: Console) -> None:
    if result.reason:
        console.print(Text(f"         {result.reason}", style=_STYLES[result.verdict]))
    for difference in result.differences:
        console.print(Syntax(difference.diff(), "diff", background_color="default", word_wrap=True))


def junit(results: Sequence[Result], at: datetime) -> bytes:
    """JUnit XML as CI servers read it: a suite a channel, a test case a case."""
    root = ElementTree.Element("testsuites", name="payer-gateway conformance")
    for channel, group in groupby(results, lambda result: result.channel):
        members = list(group)
        counts = tally(members)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=channel,
            tests=str(len(members)),
            failures=str(counts[Verdict.FAIL]),
            errors=str(counts[Verdict.ERROR]),
            skipped=str(counts[Verdict.SKIP] + counts[Verdict.OMIT]),
            time=f"{sum(result.seconds for result in members):.3f}",
            timestamp=at.strftime("%Y-%m-%dT%H:%M:%S"),
            hostname="localhost",
        )
        for result in members:
            case = ElementTree.SubElement(
                suite, "testcase", classname=f"conformance.{channel}", name=result.case, time=f"{result.seconds:.3f}"
            )
            _append_verdict(case, result)
    xml: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _append_verdict(case: ElementTree.Element, result: Result) -> None:
    kind = {Verdict.FAIL: "failure", Verdict.ERROR: "error", Verdict.SKIP: "skipped", Verdict.OMIT: "skipped"}
    if result.verdict not in kind:
        return
    element = ElementTree.SubElement(case, kind[result.verdict], message=_clean(result.reason))
    if result.verdict in BAD:
        element.set("type", result.verdict)
        element.text = _clean("\n".join(difference.diff() for difference in result.differences))


def _clean(text: str) -> str:
    """XML cannot hold most control characters, and replies of payers may."""
    return _NOT_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def as_json(results: Sequence[Result], requirements: Judgements) -> str:
    """The results, and the verdict on each requirement."""
    told = {
        "verdicts": {str(verdict): count for verdict, count in tally(results).items()},
        "cases": [
            {
                "channel": result.channel,
                "case": result.case,
                "title": result.title,
                "verdict": result.verdict,
                "reason": result.reason,
                "requirements": result.requirements,
                "seconds": round(result.seconds, 4),
                "diffs": [difference.diff() for difference in result.differences],
            }
            for result in results
        ],
        "requirements": [
            {"channel": channel, **one.requirement.model_dump(), "verdict": one.verdict}
            for channel, judgements in requirements.items()
            for one in judgements
        ],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
