"""What was decided of each line: its procedure's own word, else the review's, with its terms and its number."""

from __future__ import annotations

from adapters.rest_review.pairs import match
from adapters.rest_review.reading import GRANTED, Given, Reading, number_at, outcome_for
from adapters.rest_review.shape import is_misshapen
from adapters.rest_review.tables import Status
from adapters.rest_review.terms import Terms
from adapters.rest_review.tree import Node
from gateway.model.line import Line
from gateway.model.outcome import LineResult
from gateway.model.request import PARequest
from gateway.model.status import LineOutcome

_GRANTS = frozenset({Status.CERTIFIED, Status.CERTIFIED_MODIFIED})
_CHANGES = frozenset({LineOutcome.CERTIFIED_MODIFIED, LineOutcome.NOT_CERTIFIED})
MOST_PROCEDURES = 200


class Lines:
    """The lines of a review in the making. ``event`` is the review's own word; ``in_part`` what a grant comes to under
    one that certifies a part and does not say which."""

    def __init__(
        self,
        review: Node,
        event: Status,
        request: PARequest,
        terms: Terms,
        reading: Reading,
        in_part: LineOutcome | None = None,
    ) -> None:
        self._review = review
        self._event = event
        self._request = request
        self._terms = terms
        self._reading = reading
        self._in_part = in_part
        self._procedures = review.items("procedures")[:MOST_PROCEDURES]
        self._match = match(self._procedures, request.lines)
        self._words = [self._word(procedure) for procedure in self._procedures]
        self._withheld = self._waits()
        self._lend()

    def read(self) -> tuple[LineResult, ...]:
        """A result for each line of ours, then for each procedure that is none of ours and has a word of its own."""
        if self._match.unclear:
            self._reading.doubt("procedures of one code cannot be told apart")
        results = [self._of_line(line, f"/lines/{place}") for place, line in enumerate(self._request.lines)]
        strangers = [procedure for procedure in self._match.strangers if procedure.word("statusCode")]
        for place, procedure in enumerate(strangers, start=len(results)):
            self._reading.doubt("the answer decides of a procedure that was not asked for")
            results.append(self._of_stranger(procedure, f"/lines/{place}"))
        self._contradictions()
        return tuple(results)

    def _word(self, procedure: Node) -> Status | None:
        """A procedure's own word. One that the network is still at work on is nobody's decision, whatever the review's
        is: the payer is to be waited for."""
        own = procedure.word("statusCode")
        status = self._reading.status(own) if own else None
        return Status.PENDING if status is Status.IN_PROCESS else status

    def _explained(self) -> bool:
        """True where the review's word is that of a procedure, for the procedure says it too or says nothing itself."""
        return any(word in (None, self._event) for word in self._words)

    def _waits(self) -> bool:
        """True where the review is pended for documents, and no line is by a word of its own or for want of one."""
        asks = any(entry and entry.asks for _, entry in self._reading.reasons("", self._review))
        named = all(line.id in self._match.of for line in self._request.lines)
        return self._event is Status.PENDING and asks and named and not self._explained()

    def _lend(self) -> None:
        """How far what the review gives as its reasons is said of its procedures (``_is_said_of``)."""
        aside = self._reading.aside()
        above = aside.reasons("", self._review)
        codes = {reason.code for reason, _ in above}
        # What it gives against its own grant is for a person, whatever its procedures say.
        self._whole = outcome_for(self._event, above, self._reading if self._event in _GRANTS else aside)
        decided = [(word, each) for word, each in zip(self._words, self._procedures, strict=True) if word]
        below = [(word, aside.reasons("", each)) for word, each in decided]
        named = any(outcome_for(word, own, aside) in _CHANGES for word, own in below)
        refusing = {reason.code for word, own in below if word not in _GRANTS for reason, _ in own}
        granted = self._event in _GRANTS
        self._changed = self._whole is LineOutcome.CERTIFIED_MODIFIED and not named
        self._taken_back = granted and self._whole is LineOutcome.UNKNOWN and not codes <= refusing
        self._needless = self._whole is LineOutcome.NOT_REQUIRED and bool(codes & refusing)

    def _contradictions(self) -> None:
        """The review's word against its procedures'. A payer that pends, denies or cancels a part may say so of all."""
        granted = any(word in _GRANTS for word in self._words)
        if granted and self._event not in (*_GRANTS, Status.UNKNOWN) and not self._explained():
            self._reading.doubt("a procedure is granted in a review that is not")

    def _of_line(self, line: Line, pointer: str) -> LineResult:
        if line.id in self._match.unclear:
            return LineResult(line=line.id, outcome=LineOutcome.UNKNOWN)
        procedure = self._match.of.get(line.id)
        if procedure is not None and is_misshapen(procedure):
            self._reading.doubt("a procedure has a member that is not of its kind")
            return LineResult(line=line.id, outcome=LineOutcome.UNKNOWN)
        own, status = (procedure.word("statusCode"), self._word(procedure)) if procedure else (None, None)
        if procedure is None or own is None or status is None:
            return self._by_review(line, procedure, pointer)
        reasons = self._reading.reasons(pointer, procedure)
        if not reasons and self._is_said_of(status):
            reasons = self._reading.reasons(pointer, self._review)
        outcome = under = outcome_for(status, reasons, self._reading)
        if outcome in GRANTED and self._taken_back:
            under = LineOutcome.UNKNOWN
        elif outcome in GRANTED and self._withheld:
            under = LineOutcome.INFO_REQUESTED
        elif outcome is LineOutcome.CERTIFIED and self._in_part:
            under = self._in_part
        elif outcome is LineOutcome.CERTIFIED and self._changed:
            under = LineOutcome.CERTIFIED_MODIFIED
        if under is not outcome:
            own = self._review.word("statusCode") or own
        return self._result(line, under, procedure, pointer, own, reasons)

    def _is_said_of(self, procedure: Status) -> bool:
        """True where the review's reasons are those of a procedure without any: it repeats the review's word, or both
        grant. But one that takes a grant back may be why another procedure is not granted, one that changes it may be
        that of the procedures that are changed themselves, and no authorization is needed for those that say so."""
        if procedure in _GRANTS and self._event in _GRANTS:
            return self._changed or self._taken_back or LineOutcome(procedure.value) is self._whole
        return self._event is procedure and not self._needless

    def _by_review(self, line: Line, procedure: Node | None, pointer: str) -> LineResult:
        """The review's word alone, for a line of which the answer says nothing itself."""
        reasons = self._reading.reasons(pointer, self._review)
        outcome = outcome_for(self._event, reasons, self._reading)
        if self._event is Status.UNKNOWN and not self._reading.doubts:
            self._reading.doubt("a line has no word of its own in a review that decides by its procedures")
        if procedure is None and outcome in GRANTED and self._procedures:
            self._reading.doubt("a granted review names its procedures, and not this line")
            outcome = LineOutcome.UNKNOWN
        own = self._review.word("statusCode") or self._review
        result = self._result(line, outcome, procedure, pointer, own, reasons)
        return result.model_copy(update={"named": False})

    def _result(
        self,
        line: Line,
        outcome: LineOutcome,
        procedure: Node | None,
        pointer: str,
        own: Node,
        reasons: tuple[Given, ...],
    ) -> LineResult:
        self._reading.keep(f"{pointer}/outcome", own)
        granted = self._terms.weigh(outcome, procedure, line, pointer)
        items = (procedure, self._review) if procedure else (self._review,)
        number = next((node for node in map(number_at, items) if node), None) if granted.outcome in GRANTED else None
        if number is not None:
            self._reading.keep(f"{pointer}/authorization_number", number)
        return LineResult(
            line=line.id,
            outcome=granted.outcome,
            quantity=granted.quantity,
            period=granted.period,
            place_of_service=granted.place_of_service,
            provider_npi=granted.provider_npi,
            authorization_number=number.said if number else None,
            reasons=tuple(reason for reason, _ in reasons),
        )

    def _of_stranger(self, procedure: Node, pointer: str) -> LineResult:
        own, status = procedure.word("statusCode"), self._word(procedure)
        reasons = self._reading.reasons(pointer, procedure)
        outcome = outcome_for(status, reasons, self._reading) if status else LineOutcome.UNKNOWN
        if own:
            self._reading.keep(f"{pointer}/outcome", own)
        if is_misshapen(procedure):
            outcome = LineOutcome.UNKNOWN
        return LineResult(line=None, outcome=outcome, reasons=tuple(reason for reason, _ in reasons))
