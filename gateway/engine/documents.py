"""Documents given for what a payer asks for: which of its numbers each goes under, and whether any are wanting still.

Pure; knows no database and no network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.contract.adapter import Answers
from gateway.model.outcome import RequestedItem
from gateway.model.status import Delivery
from gateway.store.records import Attempt, Submission, Verb


def addressed(answers: Answers, requested: Iterable[RequestedItem]) -> Answers:
    """Each document with the payer's number for it: as the caller said, else by kind, else the only number given.

    What is asked of several lines stands there for each of them, under one number.
    """
    asked = [item for item in requested if item.control_number]
    only = len({item.control_number for item in asked}) == 1
    numbers = dict(answers.control_numbers)
    for attachment in answers.attachments:
        if attachment.id in numbers:
            continue
        fitting = [item for item in asked if item.kind == attachment.kind] or (asked if only else [])
        if fitting and fitting[0].control_number:
            numbers[attachment.id] = fitting[0].control_number
    return answers.model_copy(update={"control_numbers": numbers})


def already_given(submission: Submission, work: Answers) -> bool:
    """True for the same documents, for the same questions, that wait to be sent or that the payer has not refused."""
    return any(
        attempt.verb is Verb.ANSWER and attempt.delivery is not Delivery.REFUSED and attempt.work == work
        for attempt in submission.attempts
    )


def cover(sent: Sequence[Attempt], requested: Iterable[RequestedItem]) -> bool:
    """True when these are documents for everything the payer asks for now."""
    works = [attempt.work for attempt in sent if isinstance(attempt.work, Answers)]
    numbers = {number for work in works for number in work.control_numbers.values()}
    return bool(works) and all(item.control_number in numbers for item in requested if item.control_number)
