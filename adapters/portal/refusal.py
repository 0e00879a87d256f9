"""What a site says against what was entered: nothing is on file, and its words are told as they are."""

from __future__ import annotations

from adapters.portal.page import Page
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Reason, Word

Words = tuple[tuple[str, Word], ...]
"""Parts of a site's sentences and what they mean; the first that fits."""

_MOST_TOLD, _LONGEST = 20, 500


def refused(page: Page, problems: tuple[str, ...], site: str, words: Words) -> Outcome:
    """``problems`` are the sentences at the fields."""
    reasons = (
        Reason(
            word=next((word for part, word in words if part.casefold() in said.casefold()), Word.OTHER),
            code_system=f"portal_{site}",
            text=said[:_LONGEST],
        )
        for said in problems[:_MOST_TOLD]
    )
    return Outcome(answer=Answer.REJECTED, reasons=tuple(reasons), document=page.document)
