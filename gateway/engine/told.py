"""What became of an attempt to say something to a payer, as whoever said it tells it, and what that makes of it.

Several workers may tell of one attempt: one that stalled was called lost, and others may have sent it again since.
Pure; writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.contract.errors import CannotExpress, ExchangeError, NotSent
from gateway.contract.frames import Reply
from gateway.engine import attempts
from gateway.engine.wanted import is_appeal
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Delivery
from gateway.store.records import Attempt, Submission, Verb


@dataclass(frozen=True)
class Told:
    """What became of an attempt: a reply and what it means, or the error instead. ``again`` says that the attempt had
    been sent before this sending. ``effect`` says that something was said that could not be said twice."""

    attempt: Attempt
    reply: Reply | None
    outcome: Outcome | None
    error: ExchangeError | None
    effect: bool
    again: bool = False
    arrival: UUID | None = None
    """The file that says it, where it was not heard in a reply."""
    lost: bool = False
    """True where it had been lost before this sending: that this one did not leave says nothing of that one."""
    repeats: bool = False
    """True where what is lost is said again, and nobody is asked about it."""
    recorded: bool = False
    """True where that was written down before its exchange ended: of it only the last reply is new."""

    @property
    def delivery(self) -> Delivery:
        """What the attempt's delivery is now."""
        if self.error is not None:
            return attempts.delivery_after_error(self.attempt.verb, self.error, self.effect)
        if self.outcome is None:
            raise ValueError("an attempt ends with an outcome or an error")
        return attempts.delivery_after(self.attempt.verb, self.outcome, again=self.again)

    @property
    def word(self) -> str | None:
        """What the attempt keeps as its error."""
        if self.error is not None:
            return attempts.word_of(self.error)
        return attempts.word_of_answer(self.attempt.verb, self.outcome, again=self.again)

    @property
    def note(self) -> dict[str, Any] | None:
        """What the journal keeps where there was no answer, or none in a reply."""
        if self.arrival is not None:
            return {"note": "arrived", "arrival": str(self.arrival)}
        if self.error is None or self.attempt.error == self.word:
            return None  # also where it was not sent for the same reason as before: one note is enough
        return {"note": "attempt_ended", "error": self.word, "delivery": self.delivery}

    @property
    def retry_after(self) -> int | None:
        """How long the payer would have us wait, in seconds."""
        if isinstance(self.error, NotSent):
            return self.error.retry_after
        return self.outcome.retry_after if self.outcome is not None else None

    @property
    def ends_cancellation(self) -> bool:
        """True when a cancellation that was asked for is pending no longer."""
        verb, outcome = self.attempt.verb, self.outcome
        if outcome is None:
            unsayable = isinstance(self.error, CannotExpress)
            return unsayable and verb is Verb.AMEND and not is_appeal(self.attempt)
        if outcome.answer is Answer.CANCELLED:
            return True
        refused = outcome.answer in (Answer.CANCEL_REFUSED, Answer.REJECTED)
        return refused and verb is Verb.AMEND and not is_appeal(self.attempt)

    def ending(self, before: Delivery) -> Delivery:
        """What the attempt's delivery is now that was ``before``."""
        if self.arrival is not None and self.outcome is not None:
            return attempts.delivery_after_arrival(self.attempt.verb, before, self.outcome)
        ended = self.delivery
        if self.lost and ended is Delivery.PLANNED:
            return Delivery.LOST
        effect = self.attempt.verb is not Verb.INQUIRE
        return before if effect and attempts.is_outrun(before, ended) else ended

    def held(self, submission: Submission) -> Attempt | None:
        """The attempt as the store holds it now: others may have moved it since. None for one not yet written."""
        return next((held for held in submission.attempts if held.id == self.attempt.id), None)

    def overtaken(self, submission: Submission) -> bool:
        """True for an attempt that could not leave here while another worker took it for lost, and may have sent it
        since: then it must not be planned anew."""
        if self.arrival is not None or self.delivery is not Delivery.PLANNED:
            return False
        held = self.held(submission) or self.attempt
        return (held.delivery, held.sent_at) != (self.attempt.delivery, self.attempt.sent_at)

    def went_again(self, submission: Submission) -> bool:
        """True when another worker sent the attempt again before a reply refused it for now, or for its number, to
        this one: then the payer may have it from that sending."""
        if self.outcome is None or self.outcome.answer not in (Answer.NUMBER_USED, Answer.UNAVAILABLE):
            return False
        held = self.held(submission) or self.attempt
        return held.sent_at != self.attempt.sent_at
