"""What the payers send, wrapped in their own interchange: TA1, 999, and any transaction set. Knows no review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformance.simulators.clock import local
from conformance.simulators.findings import ElementFault, Findings
from conformance.simulators.interchange import Header, Interchange
from conformance.simulators.payers import SENDER, Payer
from conformance.simulators.x12 import Written, interchange_header, write


class Outbox:
    """Writes interchanges with the payers' own control numbers, one sequence each."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()

    def _number(self, payer: Payer) -> int:
        self._numbers[payer.id] += 1
        return self._numbers[payer.id]

    def _isa(self, payer: Payer, number: int, now: float) -> str:
        at = local(now)
        shape = payer.delimiters
        who = ["00", "", "00", "", payer.qualifier, payer.receiver, "ZZ", SENDER]
        when = [f"{at:%y%m%d}", f"{at:%H%M}"]
        how = [shape.repetition, "00501", f"{number:09d}", "0", "T", shape.component]
        return interchange_header([*who, *when, *how], shape)

    def acknowledge(self, payer: Payer, header: Header, code: str, now: float) -> str:
        """A TA1 that refuses the interchange."""
        number = self._number(payer)
        body: list[Written] = [
            ["TA1", header.control, header.date, header.time, "R", code],
            ["IEA", "0", f"{number:09d}"],
        ]
        return self._isa(payer, number, now) + write(body, payer.delimiters)

    def group(self, payer: Payer, kind: str, guide: str, body: Sequence[Written], now: float) -> str:
        """One transaction set, from ST to the segment before SE, in its group and interchange."""
        number = self._number(payer)
        at = local(now)
        wrapped: list[Written] = [
            ["GS", kind, payer.receiver, SENDER, f"{at:%Y%m%d}", f"{at:%H%M%S}", str(number), "X", guide],
            *body,
            ["SE", str(len(body) + 1), "0001"],
            ["GE", "1", str(number)],
            ["IEA", "1", f"{number:09d}"],
        ]
        return self._isa(payer, number, now) + write(wrapped, payer.delimiters)

    def implementation_acknowledgment(self, payer: Payer, heard: Interchange, findings: Findings, now: float) -> str:
        """A 999: accepted when there are no findings."""
        guide = "005010X231A1"
        st = heard.st[0] if heard.st and heard.st[0][0] == "ST" else ["ST", "", ""]
        body: list[Written] = [["ST", "999", "0001", guide], ["AK1", heard.gs[1], heard.gs[6], heard.gs[8]]]
        if not findings.group_codes:
            body.append(["AK2", *(st[1:4])])
            for fault in findings.segments:
                body.append(["IK3", fault.segment, str(fault.position), fault.loop, fault.code])
                body.extend(_element(element) for element in fault.elements)
            codes = ([] if not findings.segments else ["5"]) + findings.set_codes
            body.append(["IK5", "R" if findings else "A", *codes[:5]])
        taken = "0" if findings else "1"
        body.append(["AK9", "R" if findings else "A", "1", "1", taken, *findings.group_codes[:5]])
        return self.group(payer, "FA", guide, body, now)


def _element(fault: ElementFault) -> Written:
    place = str(fault.place) if fault.component is None else (str(fault.place), str(fault.component))
    return ["IK4", place, "", fault.code, fault.copy]
