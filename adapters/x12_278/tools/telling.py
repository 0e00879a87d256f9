"""What the checker found, put for a person and for a machine. Repeats no value of the document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields

from adapters.x12_278.guides.faults import Fault, Report, TransactionReport, Verdict
from gateway.contract.tools import Said

MOST_ALIKE = 20
"""Faults of one place and one sentence that are told to a person one by one. A machine is told all of them."""
_LEFT_OUT = ("", 0, ())
_DOUBTED = "Which guide this GS08 and BHT02 mean is {}: it was held against {}, and more may be wrong than is told."


class Teller:
    """Tells of each transaction as it comes, and at the end of the document as a whole."""

    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self._guides: Counter[str] = Counter()
        self._alike: Counter[tuple[str, str]] = Counter()

    def transaction(self, report: TransactionReport) -> Iterator[Said]:
        self.verdicts[report.verdict] += 1
        self._guides[report.guide or "no guide"] += 1
        control = report.control if report.control.isalnum() else ""
        for fault in report.faults:
            yield self._fault(fault, control)
        if report.doubted:
            says = _DOUBTED.format(report.sure, report.guide)
            yield Said(
                f"warning: segment {report.segment + 1}, BHT02: {says}",
                {"doubt": {"says": says, "guide": report.guide, "sure": report.sure, "segment": report.segment}},
            )
        if report.faults or report.doubted:
            says = f"transaction {control or 'of no number'} at segment {report.segment}: {report.verdict}"
            data = {"control": control, "guide": report.guide, "segment": report.segment, "verdict": report.verdict}
            yield Said(says, {"transaction": data})

    def document(self, report: Report) -> Iterator[Said]:
        for fault in report.faults:
            if not fault.ordinal:
                yield self._fault(fault, "")
        for (at, says), count in self._alike.items():
            if count > MOST_ALIKE:
                yield Said(f"{count - MOST_ALIKE} more at {at or 'other places'}, {count} in all: {says}", {})
        if report.cut:
            yield Said("There are more faults than anybody reads. Nothing further was looked at.", {"cut": True})
        count = sum(self.verdicts.values())
        verdict = "accepted" if report.ok else "rejected"
        guides = ", ".join(sorted(self._guides)) or "no transaction"
        counted = ", ".join(f"{number} {verdict}" for verdict, number in sorted(self.verdicts.items()))
        says = f"{verdict}: {_of(report.count, 'interchange')}, {_of(count, 'transaction')}"
        yield Said(
            f"{says}{f' ({counted})' if counted else ''}, {_of(report.segments, 'segment')}; {guides}",
            {
                "verdict": verdict,
                "interchanges": report.count,
                "transactions": {str(each): self.verdicts[each] for each in Verdict},
                "segments": report.segments,
                "guides": sorted(self._guides),
                "cut": report.cut,
            },
        )

    def _fault(self, fault: Fault, control: str) -> Said:
        said = _fault(fault, control)
        alike = _at(fault), fault.says
        self._alike[alike] += 1
        return said if self._alike[alike] <= MOST_ALIKE else Said("", said.data)


def _of(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _fault(fault: Fault, control: str) -> Said:
    data = {each.name: getattr(fault, each.name) for each in fields(fault)}
    kept = {name: value for name, value in data.items() if name in ("refuses", "offset") or value not in _LEFT_OUT}
    at = _at(fault)
    where = f"segment {fault.segment}, byte {fault.offset}{f', {at}' if at else ''}"
    sure = "" if fault.sure == "agreed" else f", {fault.sure}"
    layer = f"; {fault.layer}" if fault.layer else ""
    word = "fault" if fault.refuses else "warning"
    says = f"{word}: {where}: {fault.says} ({fault.kind} {fault.code}, SNIP {fault.level}{sure}{layer})"
    return Said(says, {"fault": {**kept, **({"transaction": control} if control else {})}})


def _at(fault: Fault) -> str:
    return fault.at or f"{fault.tag}{f'{fault.element:02d}' if fault.element else ''}"
