"""What every answer of a payer has: its status, its case, its contact; and the outcome that all of them come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from adapters.script_epa.codec.envelope import Received
from adapters.script_epa.codec.form import Part
from adapters.script_epa.hearing.reading import Reading
from gateway.contract.destination import Destination
from gateway.contract.mailbox import Saying
from gateway.model.outcome import (
    Answer,
    FollowUp,
    LineResult,
    Outcome,
    PayerContact,
    Reference,
    ReferenceKind,
    put_together,
)
from gateway.model.reasons import Reason
from gateway.model.status import Attention

_LONGEST = 80
_NUMBERS = frozenset({ReferenceKind.REVIEW, ReferenceKind.PREVIOUS_REVIEW})


@dataclass
class Parts:
    """``reading`` gathers sources, messages and doubts; ``more`` is who must act, where that is not seen elsewhere."""

    message: Received
    content: Part
    said: Saying
    to: Destination
    reading: Reading = field(init=False)
    more: tuple[Attention, str] | None = None
    earlier: bool = False
    """Whether the answer is about an earlier request, so that the number it has is that one's."""
    whose_doubted: bool = False
    """Whether a person has to look whose answer it is, so that the number it has may be somebody else's."""

    def __post_init__(self) -> None:
        self.reading = Reading(self.message)

    @property
    def tags(self) -> Mapping[str, str]:
        return self.message.version.tags

    @property
    def line(self) -> str:
        """A submission is of one line."""
        return self.said.filed.request.lines[0].id

    @cached_property
    def status(self) -> Part | None:
        """The one word of the answer; None where there is none that an answer of its kind can say, or more than one."""
        held = self.message.content.all(self.tags["Response"])
        response = getattr(self.content, "response", None)
        return response.status if response is not None and len(held) == 1 else None

    def references(self, status: Part) -> tuple[Reference, ...]:
        case = self.reading.place(status, "case")
        if case is None:
            case = self.message.content.word(self.tags["Response"], self.tags["PACaseID"])
        if case is None:
            return ()
        if len(case.text) > _LONGEST:
            self.reading.doubt("the payer's number of the case is too long to be one")
            return ()
        known = {each.value for each in self.said.filed.references if each.kind in _NUMBERS}
        if self.whose_doubted and case.text not in known:
            self.reading.tell(case, "The payer calls this case ")
            return ()
        self.reading.keep("/references/0", case)
        return (Reference(kind=self._kind_of(case.text), value=case.text),)

    def _kind_of(self, number: str) -> ReferenceKind:
        """A number that was once an earlier request's stays it: a cancellation under it would end that one."""
        held = self.said.filed.references
        if number in {each.value for each in held if each.kind is ReferenceKind.REVIEW}:
            return ReferenceKind.REVIEW
        before = number in {each.value for each in held if each.kind is ReferenceKind.PREVIOUS_REVIEW}
        return ReferenceKind.PREVIOUS_REVIEW if self.earlier or before else ReferenceKind.REVIEW

    def contacts(self) -> tuple[PayerContact, ...]:
        held = self.message.content.get(self.tags["Response"], self.tags["PayerContactCommunicationNumber"])
        number = (
            next((node for node in held.walk() if node.name == self.tags["Number"] and node.text), None)
            if held
            else None
        )
        if number is None:
            return ()
        self.reading.keep("/contacts/0", number)
        return (PayerContact(phone=number.text[:_LONGEST]),)

    def attention(self) -> dict[str, Any]:
        """Who must act, and why: a doubt is an operator's."""
        if self.reading.doubts:
            return {"attention": Attention.OPERATOR, **put_together(self.reading.doubts)}
        who, why = self.more or (Attention.NONE, None)
        return {"attention": who, "attention_why": why}


def reviewed(
    parts: Parts,
    status: Part,
    line: LineResult,
    *,
    final: bool = True,
    answer: Answer = Answer.REVIEWED,
    reasons: tuple[Reason, ...] = (),
    follow_up: tuple[FollowUp, ...] = (),
    references: tuple[Reference, ...] = (),
) -> Outcome:
    """The outcome of an answer; ``references`` are those beside the payer's number of the case."""
    case, contacts, moment = parts.references(status), parts.contacts(), parts.reading.moment()
    lines = (line,) if answer is Answer.REVIEWED else ()
    if lines:
        parts.reading.keep("/lines/0/outcome", status.node)
    return Outcome(
        answer=answer,
        lines=lines,
        reasons=reasons,
        references=(*case, *references),
        contacts=contacts,
        follow_up=follow_up,
        messages=tuple(parts.reading.messages),
        effective_at=moment,
        final=final,
        sources=parts.reading.sources,
        document=parts.message.tree.body,
        **parts.attention(),
    )
