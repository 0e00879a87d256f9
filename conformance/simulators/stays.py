"""What a payer refuses about a stay and an accident: days that are missing, or cannot be. Codes: see README.md."""

from __future__ import annotations

from conformance.simulators.members import Refusal
from conformance.simulators.submission import Submission


def refusal_of_days(submission: Submission) -> Refusal | None:
    """AI for the day of an accident, AM for that of an admission, AN for that of a discharge."""
    dates = submission.dates
    admitted, discharged, happened = (dates.get(qualifier, "")[:8] for qualifier in ("435", "096", "439"))
    if submission.um[1] == "AR" and not admitted:
        return Refusal("2000E", "AM", "C", "An admission has no date.")
    if discharged and (not admitted or discharged < admitted):
        return Refusal("2000E", "AN", "C", "A discharge is before its admission, or without one.")
    caused = len(submission.um) > 5 and bool(submission.um[5])
    if caused and not happened:
        return Refusal("2000E", "AI", "C", "An accident has no date.")
    if happened > submission.submitted_on:
        return Refusal("2000E", "AI", "C", "An accident is still to come.")
    return None
