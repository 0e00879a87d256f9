"""What the Juniper Health portal says after the click that files, or against the form before it."""

from __future__ import annotations

from datetime import UTC, date

from adapters.portal import refusal
from adapters.portal.page import Page
from adapters.portal.reading.words import number_in
from adapters.portal.sites.juniper import pages as on
from adapters.portal.sites.juniper.form import Form
from gateway.contract.adapter import Stamp
from gateway.contract.errors import MaybeSent
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind, Source
from gateway.model.reasons import Word

_RETRY_SECONDS = 60
_WORDS: refusal.Words = (
    ("No member matches", Word.MEMBER_NOT_FOUND),
    ("Member: nothing found", Word.MEMBER_NOT_FOUND),
    ("coverage is not active", Word.COVERAGE_INACTIVE),
    ("provider is not on file", Word.PROVIDER_NOT_ELIGIBLE),
    ("NPI", Word.MISSING_IDENTIFIER),
    ("procedure", Word.INVALID_CODE),
    ("diagnosis", Word.INVALID_CODE),
    ("days in the past", Word.UNTIMELY),
    ("service dates", Word.UNTIMELY),
)


def refused(page: Page, problems: tuple[str, ...]) -> Outcome:
    """The site has something against what was entered."""
    return refusal.refused(page, problems, "juniper", _WORDS)


def filed(page: Page, form: Form, stamp: Stamp) -> Outcome:
    """What became of the request. Raises MaybeSent where the site's answer leaves that open."""
    status, _ = page.answered
    said = on.notice(page)
    if status == 401:
        return Outcome(answer=Answer.UNAVAILABLE, retry_after=_RETRY_SECONDS, document=page.document)
    if status == 422 and on.problems(page):
        return refused(page, on.problems(page))
    if status == 201:
        return _taken(page, form, stamp)
    if status == 202 and len(said) == 1 and "was received" in said[0].said:
        messages = (said[0].said,)
        return Outcome(answer=Answer.RECEIVED, messages=messages, final=False, document=page.document)
    raise MaybeSent(f"juniper: the site's answer to the request leaves open what became of it (HTTP {status})")


def _taken(page: Page, form: Form, stamp: Stamp) -> Outcome:
    """The number stands in a notice that is gone after some seconds; then the list of requests has it."""
    told = [(node, reference) for node in on.notice(page) if (reference := number_in(node.said, on.REFERENCE))]
    if len(told) == 1:
        [(node, reference)] = told
        return Outcome(
            answer=Answer.RECEIVED,
            references=(Reference(kind=ReferenceKind.REVIEW, value=reference),),
            messages=(node.said,),
            final=False,
            sources={"/references/0": Source(path=node.path, start=node.start, end=node.end)},
            document=page.document,
        )
    earliest = stamp.at.astimezone(UTC).replace(second=0, microsecond=0)
    codes = frozenset(service.code for service in form.services)
    start = date.fromisoformat(min(service.start for service in form.services))
    fits = [
        row.reference
        for row in on.rows(page)
        if (row.member_id, row.codes, row.start) == (form.member_id, codes, start)
        and row.received is not None
        and row.received >= earliest
    ]
    if len(fits) != 1:
        raise MaybeSent("juniper: the request was taken, and nothing says under which number")
    references = (Reference(kind=ReferenceKind.REVIEW, value=fits[0]),)
    return Outcome(answer=Answer.RECEIVED, references=references, final=False, document=page.document)
