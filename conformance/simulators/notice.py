"""The acknowledgment of a notice (278 005010X216): who told, who was told, whose event, and a receipt or a refusal.

What is public of it is the order of its levels and that AAA, traces and a receipt number may stand at each; BHT02 11 is
one reading of several. The notice itself is read by its guide (``guide_278.NOTICE``).
"""

from __future__ import annotations

from conformance.simulators.clock import local
from conformance.simulators.filings import Filing
from conformance.simulators.members import Refusal
from conformance.simulators.payers import Payer
from conformance.simulators.submission import Submission
from conformance.simulators.x12 import Segment, Written

GUIDE = "005010X216"


def refusal_of_notice(told: Submission, refusal: Refusal | None) -> Refusal | None:
    """A notice is of an admission, and is not changed by another."""
    if told.um[1] != "AR" or told.certification != "I":
        return Refusal("2000E", "33", "N", "Only admissions are told, and each once.")
    return refusal


def acknowledgement(
    payer: Payer, told: Submission, filing: Filing | None, refusal: Refusal | None, now: float
) -> list[Written]:
    """The transaction without SE. It ends with the event, which carries the refusal wherever it was found."""
    at = local(now)
    levels: list[Written] = [
        ["HL", "1", "", "20", "1"],
        _echoed(told.requester, told),
        ["HL", "2", "1", "21", "1"],
        ["NM1", "X3", "2", payer.name, "", "", "", "", "PI", payer.receiver],
        ["HL", "3", "2", "22", "1"],
        _echoed(told.subscriber, told),
        ["HL", "4", "3", "EV", "0"],
        *(["TRN", "2", *trace[2:]] for trace in told.traces),
    ]
    if refusal is not None:
        levels.append(["AAA", refusal.valid, "", refusal.code, refusal.follow_up])
    levels.append(_echoed(told.um, told))
    if filing is not None:
        levels.append(["REF", "NT", filing.review])
    return [
        ["ST", "278", "0001", GUIDE],
        ["BHT", "0007", "11", told.reference, f"{at:%Y%m%d}", f"{at:%H%M%S}", "18"],
        *levels,
    ]


def _echoed(segment: Segment, told: Submission) -> Written:
    """As it was read, its composites taken apart: the answer has other delimiters."""
    return [tuple(part.split(told.component)) if told.component in part else part for part in segment]
