"""What an adapter is: four verbs, each the script of one conversation with a payer.

A verb yields a frame (what to say), is sent the reply (what was heard), and returns an outcome (what it means). It
does no I/O, reads no clock, draws no random number and writes no log: time and numbers come in a ``Stamp``, and the
same request with the same stamp gives the same bytes, for ever.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Protocol, Self, runtime_checkable

from pydantic import AwareDatetime, Field, ModelWrapValidatorHandler, ValidationError, model_validator

from gateway.contract.destination import Destination
from gateway.contract.frames import Frame, Reply
from gateway.model.bounds import Bounds
from gateway.model.codes import Identifier, LongText
from gateway.model.faults import Finding, merged, raise_findings
from gateway.model.outcome import Outcome, Reference, RequestedItem
from gateway.model.questions import MOST_QUESTIONS, QuestionAnswer
from gateway.model.record import Record
from gateway.model.request import Attachment, PARequest, Urgency
from gateway.model.sent import field, ids, listed, repeated, word

Exchange = Generator[Frame, Reply, Outcome]


class Stamp(Record):
    """Time and identity from outside: what makes one attempt's bytes its own.

    ``number`` is unique per sender and receiver (1 to 999999999; X12 writes it as ISA13). ``seed`` is 32 hex digits
    drawn once per attempt; adapters derive every id from it.

    ``again`` says that these bytes may have been sent before. It is no part of them: it tells whoever reads the reply
    whether a payer that has seen the number can have seen it from us. ``doubted`` says that it called them seen when
    they had never been sent, so that its saying so again proves nothing.
    """

    at: AwareDatetime
    number: Annotated[int, Field(ge=1, le=999_999_999)]
    seed: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    again: bool = False
    doubted: bool = False


class Filed(Record):
    """A submission that was filed, or may have been: what later verbs need to talk about it.

    ``stamp`` is that of the attempt that filed it; ids derived from it can be derived again. ``asked`` is the payer's
    latest document with questions (``Outcome.document`` of the outcome that has them), byte for byte.
    """

    request: PARequest
    stamp: Stamp
    references: tuple[Reference, ...] = ()
    requested: tuple[RequestedItem, ...] = ()
    asked: Annotated[bytes | None, Field(repr=False)] = None


class ChangeKind(StrEnum):
    CANCEL = "cancel"
    REVISE = "revise"
    EXTEND = "extend"
    APPEAL = "appeal"


class Change(Record):
    """A change to a filed request. ``request`` is the new wording for revise, extend and appeal: of an appeal, with the
    lines that are appealed and the documents that go with it alone, and the reason as its note. The gateway makes that
    of ``lines``, ``urgency`` and ``attachments``."""

    kind: ChangeKind
    reason: str | None = None
    request: PARequest | None = None
    lines: tuple[str, ...] = ()
    urgency: Urgency | None = None
    attachments: Annotated[tuple[Attachment, ...], Bounds(0, 20)] = ()


class Answers(Record):
    """What the practice sends because the payer asked. ``control_numbers`` maps an attachment id to the payer's
    number for the requested document, ``codes`` to the code of what was asked for without a number. ``payer`` is whom
    they are for, where several ask under one name. ``questions`` answers those of the set with this ``round``, in the
    order in which they were walked."""

    attachments: Annotated[tuple[Attachment, ...], Bounds(0, 20)] = ()
    control_numbers: Mapping[str, Identifier] = {}
    codes: Mapping[str, Identifier] = {}
    payer: Identifier | None = None
    round: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    questions: Annotated[tuple[QuestionAnswer, ...], Bounds(0, MOST_QUESTIONS)] = ()
    note: LongText | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Reports contradictions between fields together with the fields' own faults."""
        try:
            answers = handler(value)
        except ValidationError as error:
            raise merged(error, _contradictions(value)) from None
        raise_findings(cls.__name__, _contradictions(value))
        return answers


def _contradictions(answers: Any) -> Iterator[Finding]:
    """What no single field can see. Takes answers, or raw input of which it believes nothing it has not looked at."""
    attachments = listed(answers, "attachments")
    yield from repeated(attachments, "attachments", "attachment_id", "Two attachments have the same id.")
    named = ids(attachments)
    numbers, codes = ({} if (found := field(answers, name)) is None else found for name in ("control_numbers", "codes"))
    for where, names in (("control_numbers", numbers), ("codes", codes)):
        if named is not None and isinstance(names, Mapping):
            message, fix = "This is for an attachment that is not here.", "Name attachments by their id."
            for name in names:
                if word(name) not in named:
                    yield Finding((where, name), "attachment_id", message, fix)
    if isinstance(numbers, Mapping) and isinstance(codes, Mapping):
        message, fix = "This attachment has a control number too.", "Name what was asked for by one of them."
        for name in codes:
            if word(name) in {word(other) for other in numbers}:
                yield Finding(("codes", name), "attachment_id", message, fix)
    given = any(field(answers, name) not in (None, [], ()) for name in ("attachments", "questions"))
    if not given and field(answers, "note") is None:
        says = "There is neither a document nor an answer nor a note."
        yield Finding((), "missing", says, "Send attachments, answers to questions, or a note.")
    if field(answers, "questions") not in (None, [], ()) and field(answers, "round") is None:
        says = "There are answers, and it is not said of which round of questions."
        yield Finding(("round",), "missing", says, "Send the round of the questions that are answered.")


class Adapter(Protocol):
    """The script of a channel.

    ``code_tables`` names the tables it reads and the words their ``means`` may hold; ``code_anchors`` the codes of
    these tables that nobody may leave out or give another meaning (table, code, the words it may mean): a table that
    turned a denial into an approval would harm a patient. None may be named.

    ``announces`` says that a filing announces the documents that the request came with, so that they follow it by
    themselves.
    """

    channel: ClassVar[str]
    announces: ClassVar[bool]
    payer_settings: ClassVar[type[Record]]
    connection_settings: ClassVar[type[Record]]
    code_tables: ClassVar[Mapping[str, type[StrEnum]]]
    code_anchors: ClassVar[Mapping[str, Mapping[str, frozenset[StrEnum]]]]

    def parties(self, to: Destination) -> tuple[str, str]:
        """Sender and receiver between whom stamp numbers must be unique."""
        ...

    def submit(self, request: PARequest, to: Destination, stamp: Stamp) -> Exchange: ...

    def amend(self, filed: Filed, change: Change, to: Destination, stamp: Stamp) -> Exchange: ...

    def answer(self, filed: Filed, answers: Answers, to: Destination, stamp: Stamp) -> Exchange: ...

    def inquire(self, filed: Filed, to: Destination, stamp: Stamp) -> Exchange: ...


@runtime_checkable
class ProductTaker(Protocol):
    """An adapter of a channel that names drugs by NDC alone, and counts them and not their billing units. Where
    ``takes_products`` says so, it is handed lines of products as far as a crosswalk can make them exactly."""

    takes_products: ClassVar[bool]


@runtime_checkable
class PageTurner(Protocol):
    """An adapter whose frames are turns of pages. Where ``turns_pages`` says so, each of its connections says how the
    site is driven (``browser``), and by what leave."""

    turns_pages: ClassVar[bool]


@runtime_checkable
class Repeater(Protocol):
    """An adapter whose payers know a message by its id: said again byte for byte it is the same message, and they
    answer it as they did before. What was lost on the way is said again then, and nobody is asked about it. ``repeats``
    says whether that is so of this destination; where it is, ``inquire`` is never called."""

    def repeats(self, to: Destination) -> bool: ...
