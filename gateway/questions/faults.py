"""What can be wrong with a set of questions that each question by itself does not show."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gateway.model.record import Record


class Flaw(StrEnum):
    UNCLEAR_FIRST = "unclear_first"
    SAME_ORDER = "same_order"
    DUPLICATE_QUESTION = "duplicate_question"
    DUPLICATE_CHOICE = "duplicate_choice"
    NAMED_END = "named_end"
    NO_CHOICES = "no_choices"
    DANGLING = "dangling"
    NOWHERE = "nowhere"
    LOOP = "loop"
    SEVERAL_WAYS = "several_ways"
    COMPOUND_END = "compound_end"
    OVERLAP = "overlap"
    NEVER_HOLDS = "never_holds"


class SetFault(Record):
    """One fault of a set."""

    question: Annotated[str | None, Field(description="Id of the question; null where no question was found.")] = None
    code: Flaw
    says: str
    blocks: Annotated[
        bool, Field(description="Whether some answers lead to where the questions cannot be asked to their end.")
    ] = True
