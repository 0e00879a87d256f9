"""What the Ironwood portal says after the click that files, or against a page before it."""

from __future__ import annotations

from adapters.portal import refusal
from adapters.portal.finding import SKEW
from adapters.portal.page import Page
from adapters.portal.reading.tables import read_table
from adapters.portal.reading.words import codes_in, number_in, us_moment
from adapters.portal.sites.ironwood import pages as on
from adapters.portal.sites.ironwood import says
from adapters.portal.sites.ironwood.form import Form
from adapters.portal.visit import Visit
from gateway.contract.adapter import Stamp
from gateway.contract.errors import MaybeSent
from gateway.contract.landmarks import is_at
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind, Source
from gateway.model.reasons import Word
from gateway.model.status import Attention

_RETRY_SECONDS = 60
_WORDS: refusal.Words = (
    ("No member matches", Word.MEMBER_NOT_FOUND),
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
    return refusal.refused(page, problems, "ironwood", _WORDS)


def filed(page: Page, visit: Visit, form: Form, stamp: Stamp) -> Outcome:
    """What became of the request. Raises MaybeSent where the site's answer leaves that open."""
    status, path = page.answered
    root = visit.eye.root
    if status in (302, 303) and is_at(f"{root}{on.CONFIRMED}", path):
        return _confirmed(page, visit, path.rpartition("/")[2])
    if status in (302, 303) and is_at(f"{root}{on.DUPLICATE.path}", path):
        return _duplicate(page, visit, form, stamp)
    if status in (302, 303) and path in [f"{root}{each}" for each in on.SIGNED_OUT]:
        return Outcome(answer=Answer.UNAVAILABLE, retry_after=_RETRY_SECONDS, document=page.document)
    if status == 200 and visit.eye.is_on(page, on.RECEIVED):
        said = says.flash(page)
        return Outcome(answer=Answer.RECEIVED, messages=(said,) if said else (), final=False, document=page.document)
    raise MaybeSent(f"ironwood: the site's answer to the request leaves open what became of it (HTTP {status})")


def _confirmed(page: Page, visit: Visit, reference: str) -> Outcome:
    """The reference number is in the address that the site sent us to, and on the page, if that could be seen."""
    if not on.REFERENCE.fullmatch(reference):
        raise MaybeSent("ironwood: the request was taken under a reference that is none")
    shown = says.term(page, "Reference number") if visit.eye.is_on(page, on.CONFIRMATION) else None
    differs = shown is not None and number_in(shown.told, on.REFERENCE) != reference
    sources = {}
    if shown is not None and not differs:
        node = shown.holding(reference)
        sources["/references/0"] = Source(path=node.path, start=node.start, end=node.end)
    said = says.flash(page) if shown is not None else ""
    return Outcome(
        answer=Answer.RECEIVED,
        references=(Reference(kind=ReferenceKind.REVIEW, value=reference),),
        messages=(said,) if said else (),
        final=False,
        attention=Attention.OPERATOR if differs else Attention.NONE,
        attention_why="the page of the confirmation has another reference number than its address" if differs else None,
        sources=sources,
        document=page.document,
    )


def _duplicate(page: Page, visit: Visit, form: Form, stamp: Stamp) -> Outcome:
    """The payer holds such a request already. It is ours where it may have come from an earlier sending of this one."""
    tables = [read_table(table) for table in page.main.all("table", "Existing request")]
    row = tables[0].rows[0] if len(tables) == 1 and len(tables[0].rows) == 1 else {}
    cells = [row.get(name) for name in ("Reference number", "Procedures", "Submitted")]
    if not visit.eye.is_on(page, on.DUPLICATE) or None in cells:
        raise MaybeSent("ironwood: the site holds such a request, and does not say which")
    number, procedures, submitted = (cell for cell in cells if cell is not None)
    reference = number_in(number.said, on.REFERENCE)
    if reference is None:
        raise MaybeSent("ironwood: the site holds such a request, and does not say which")
    received = us_moment(submitted.said, on.ZONE)
    codes = codes_in(procedures.said)
    same = codes is None or codes == set(form.codes)
    earliest = stamp.at.replace(second=0, microsecond=0)
    ours = (stamp.again or visit.guard == "observe") and same
    if ours and (codes is None or received is None or earliest - SKEW <= received < earliest):
        raise MaybeSent("ironwood: the site holds such a request, and leaves open whether it came before this one")
    ours = ours and received is not None and received >= earliest
    return Outcome(
        answer=Answer.RECEIVED if ours else Answer.DUPLICATE,
        references=(Reference(kind=ReferenceKind.REVIEW, value=reference),),
        final=not ours,
        sources={"/references/0": Source(path=number.path, start=number.start, end=number.end)},
        document=page.document,
    )
