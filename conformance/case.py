"""What a conformance case says: the typed shape of ``case.yaml`` and of the files beside it.

A case is data: one conversation with a payer, what must be said, what is heard, and what it must mean. Knows the
canonical language and the contract's values; knows no channel and runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.contract.adapter import Answers, Change, Stamp
from gateway.model.bounds import Bounds
from gateway.model.outcome import Outcome, Reference, RequestedItem, Source
from gateway.model.record import Record, refuse

Verb = Literal["submit", "amend", "answer", "inquire", "receive"]
ErrorName = Literal["CannotExpress", "Unreadable", "NotSent", "MaybeSent", "NeedsPerson", "Refused"]
"""Those of the contract; ``Refused`` is what is not taken at our door."""

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
RequirementId = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{2}$")]
Sentence = Annotated[str, Field(pattern=r"^[A-Z0-9].{8,160}\.$")]


class Citation(Record):
    """Where a rule comes from, and what it says in our own words. ``source`` is a published document."""

    source: Annotated[str, Field(min_length=4, max_length=120)]
    section: Annotated[str, Field(min_length=1, max_length=120)]
    note: Annotated[str, Field(min_length=10, max_length=500)]


class Overrides(Record):
    """Settings of the real profile that this case changes, by the adapter's own names for them."""

    payer: Mapping[str, Any] = {}
    connection: Mapping[str, Any] = {}


class FiledBefore(Record):
    """What was filed before this conversation. Its request is the case's request. ``asked_of`` names another case of
    the suite whose first received document is what the payer asked last."""

    stamp: Stamp
    references: tuple[Reference, ...] = ()
    requested: tuple[RequestedItem, ...] = ()
    asked_of: Word | None = None


class Raised(Record):
    """The error the exchange must end in. ``pointers`` are those of a CannotExpress, in any order."""

    error: ErrorName
    pointers: tuple[str, ...] = ()
    retry_after: int | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.error == "CannotExpress") != bool(self.pointers):
            refuse("pointers", "Pointers belong to CannotExpress.", "Name what cannot be said, for CannotExpress only.")
        if self.retry_after is not None and self.error != "NotSent":
            refuse("retry_after", "Only NotSent says when to try again.", "Remove retry_after.")
        return self


class CaseFile(Record):
    """``case.yaml``. ``request_of`` names another case of the suite whose ``request.json`` is used.

    What is received may be about a ``change`` or ``answers`` (documents) that went under ``stamp`` after the filing.
    ``door`` is the stamp of a message that was sent to our door: ``sent.1`` is then what we answer there.

    ``requirements`` are those of the channel that it proves, and ``assertions`` those of all transports.

    ``line_breaks: kept`` says that line breaks in the documents of this case are part of the message; otherwise a
    line break after a segment terminator is there for the reader and is not sent, not heard and not counted.
    ``stale_token`` says of the replies under 401 what the transport says where the access token was kept from before.
    ``omit`` says why the case is not run for now.
    """

    title: Sentence
    citations: Annotated[tuple[Citation, ...], Bounds(1, 100)]
    requirements: Annotated[tuple[RequirementId, ...], Bounds(1, 100)]
    assertions: tuple[RequirementId, ...] = ()
    payer: Word
    connection: Word
    verb: Verb
    request_of: Word | None = None
    stamp: Stamp | None = None
    filed: FiledBefore | None = None
    change: Change | None = None
    answers: Answers | None = None
    door: Stamp | None = None
    settings: Overrides = Overrides()
    raises: Raised | None = None
    line_breaks: Literal["ignored", "kept"] = "ignored"
    stale_token: bool = False
    omit: Sentence | None = None

    @model_validator(mode="after")
    def _says_what_its_verb_needs(self) -> Self:
        about = self.verb == "receive"
        needed = {
            "stamp": self.verb != "receive" or bool(self.change or self.answers),
            "filed": self.verb in ("amend", "answer", "inquire", "receive"),
            "change": self.verb == "amend" or (about and self.change is not None),
            "answers": self.verb == "answer" or (about and self.answers is not None and self.change is None),
        }
        for field, wanted in needed.items():
            if wanted != (getattr(self, field) is not None):
                must = "needs" if wanted else "has no"
                refuse(field, f"The verb {self.verb} {must} {field}.", f"Compare {field} with the verb.")
        if self.door is not None and not about:
            refuse("door", f"The verb {self.verb} has no door.", "Only what is received comes to our door.")
        return self


class SuiteFile(Record):
    """``suite.yaml``: what the cases of one channel share.

    ``document`` is the suffix of business documents (``sent.1.edi``). ``envelope`` is how a received document
    travels where a case does not give the whole HTTP reply.
    """

    channel: Word
    title: Sentence
    document: Annotated[str, Field(pattern=r"^[a-z]{2,8}$")]
    envelope: Literal["core_soap", "plain_json", "plain_xml", "page"]


class ReadSource(Source):
    """A source, and the bytes it points at: a reviewer sees what was read without counting."""

    reads: Annotated[str, StringConstraints(strip_whitespace=False)]


class ExpectedOutcome(Outcome):
    """``outcome.json``: an outcome as it is reviewed. Fields at their defaults are left out of the file."""

    sources: Mapping[str, ReadSource] = {}

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """The outcome as a reviewer should see it."""
        document = outcome.document or b""
        read = {
            pointer: {
                **source.model_dump(),
                "reads": document[source.start : source.end].decode(errors="backslashreplace"),
            }
            for pointer, source in sorted(outcome.sources.items(), key=lambda item: (item[1].start, item[0]))
        }
        plain = outcome.model_dump(round_trip=True, exclude={"sources", "document", "attention_whys"})
        return cls.model_validate({**plain, "sources": read})
