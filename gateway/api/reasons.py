"""What one answer of a payer means: by its codes, and by its own words. Nothing is sent and nothing is kept."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, model_validator

from gateway.api.inputs import PayerId
from gateway.api.route import Call, respond
from gateway.contract.destination import CodeTable
from gateway.denials.read import Facts, Found, Reading, Verdict
from gateway.denials.words import LARGEST
from gateway.model.bounds import Bounds
from gateway.model.reasons import IMPLICATIONS, NextAction, Scope, Word
from gateway.model.record import Record, refuse
from gateway.profiles.library import Library

_WORDS = frozenset(Word)


class PayerCode(Record):
    """A code as the payer wrote it, and the list it is of (``x12_hcr03``)."""

    system: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]
    code: Annotated[str, Field(min_length=1, max_length=60)]


class PayerAnswer(Record):
    """One answer: the payer's words, its codes, or both. ``channel`` and ``payer`` say whence it came."""

    text: Annotated[str | None, Field(min_length=1, max_length=LARGEST)] = None
    codes: Annotated[tuple[PayerCode, ...], Bounds(0, 50)] = ()
    channel: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")] = None
    payer: PayerId | None = None

    @model_validator(mode="after")
    def _says_something(self) -> PayerAnswer:
        if self.text is None and not self.codes:
            refuse("answer", "There is neither a text nor a code.", "Send text, codes or both.")
        return self


class TextSpan(Record):
    """Characters of the text, counted from 0 as Unicode code points; the end is not included."""

    start: int
    end: int


class ReadReason(Record):
    """A reason with where it was read. ``source`` is how surely: ``code`` of a published list, ``table`` of a payer's
    or a site's own words, ``text_rule`` in free text."""

    word: Word
    scope: Scope
    clinical: bool
    appealable: bool
    peer_to_peer: bool
    next_action: NextAction
    source: Literal["code", "table", "text_rule"]
    rule: str | None = None
    code: str | None = None
    code_system: str | None = None
    span: TextSpan | None = None


class ReasonsView(Record):
    """What the answer comes to. Codes go before text, and ``doubt`` says why something is not understood."""

    livemode: bool
    verdict: Verdict
    reasons: tuple[ReadReason, ...]
    facts: Facts
    unmapped_codes: tuple[PayerCode, ...]
    doubt: str | None


_SHARED = ("x12_", "script_")


async def classify_reasons(call: Call) -> web.Response:
    asked: PayerAnswer = call.body
    library = call.desk.library
    # A long text is read beside the loop, which others wait for.
    reading = await asyncio.to_thread(call.desk.reader.read, asked.text) if asked.text else None
    return respond(_view(asked, reading, library, call.live))


def _view(asked: PayerAnswer, reading: Reading | None, library: Library, live: bool) -> ReasonsView:
    coded, unknown, said = [], [], set[Verdict]()
    for code in asked.codes:
        table = library.tables.get(code.system)
        reason, verdict = _coded(code, table)
        if table is None or code.code not in table.codes:
            unknown.append(code)
        coded += [reason] if reason else []
        said |= {verdict} if verdict else set()
    texts = [_of_text(found) for found in reading.reasons] if reading else []
    specific = {reason.word for reason in coded}
    doubt = reading.doubt if reading else None
    if reading and reading.verdict is not Verdict.UNMAPPED:
        if said and said != {reading.verdict}:
            doubt = "The codes and the text do not say the same."
        said.add(reading.verdict)
    if doubt is None and len(said) > 1:
        doubt = "The codes do not say the same."
    if doubt is None and unknown and not said:
        doubt = "No table here knows these codes."
    if doubt is None and not said and not coded and asked.codes:
        doubt = "The codes decide nothing by themselves."
    whole = said.pop() if len(said) == 1 and not (reading and reading.doubt) else Verdict.UNMAPPED
    against = any(IMPLICATIONS[reason.word].clinical or reason.word is Word.IN_REVIEW for reason in coded)
    if whole is Verdict.APPROVAL and against:
        whole, doubt = Verdict.UNMAPPED, "A code gives a reason against it."
    return ReasonsView(
        livemode=live,
        verdict=whole,
        reasons=(*coded, *(reason for reason in texts if reason.word not in specific)),
        facts=reading.facts if reading else Facts(),
        unmapped_codes=tuple(unknown),
        doubt=doubt,
    )


_OUTCOMES = {
    "certified": Verdict.APPROVAL,
    "not_certified": Verdict.ADVERSE,
    "pending": Verdict.PEND,
    "info_requested": Verdict.INFORMATION_REQUEST,
}


def _coded(code: PayerCode, table: CodeTable | None) -> tuple[ReadReason | None, Verdict | None]:
    entry = table.codes.get(code.code) if table else None
    if entry is None:
        return None, None
    if entry.means not in _WORDS:
        return None, _OUTCOMES.get(entry.means)
    word = Word(entry.means)
    implied = IMPLICATIONS[word]
    reason = ReadReason(
        word=word,
        scope=Scope.SITE if word is Word.SITE_OF_SERVICE else Scope.CASE,
        **{**implied._asdict(), "next_action": entry.next or implied.next_action},
        source="code" if code.system.startswith(_SHARED) else "table",
        code=code.code,
        code_system=code.system,
    )
    return reason, None


def _of_text(found: Found) -> ReadReason:
    implied = IMPLICATIONS[found.word]
    return ReadReason(
        word=found.word,
        scope=found.scope,
        **{**implied._asdict(), "next_action": found.suggested or implied.next_action},
        source="text_rule",
        rule=found.rule,
        span=TextSpan(start=found.start, end=found.end),
    )
