"""Takes credentials out of what a page says: what is typed into a field stands in the page's outline, password or not.

A reply goes into the journal, and no credential does. Knows no page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from gateway.contract.pages import SettledPage

_INSTEAD = "(secret)"
_SHORTEST = 6
"""Characters of a credential that is taken out wherever it stands: a shorter one is a part of other words too."""

_AS_THEY_ARE = ("", "!'()*", "!'()*;,/?:@&=+$#")
"""Signs that an address may have as they are; the latter two as scripts write it (ECMAScript, 19.2.6)."""


def _as_html(text: str) -> Iterator[str]:
    """As sites write a text, and as a browser does, whose texts and attributes have other signs as they are (HTML)."""
    yield html.escape(text)
    plain = html.escape(text, quote=False)
    yield plain
    yield plain.replace('"', "&quot;")
    yield text.replace("&", "&amp;").replace('"', "&quot;")


class Unsaid:
    """What one conversation has typed of credentials.

    A value that is ``public`` may be a word of the site (a user name), or a number like others (a one-time code): it is
    taken out where a field holds it, and nowhere else.
    """

    def __init__(self) -> None:
        self._everywhere: set[str] = set()
        self._in_fields: set[str] = set()

    def add(self, text: str, *, public: bool) -> None:
        if text:
            self._in_fields.add(text)
            if not public and len(text) >= _SHORTEST:
                self._everywhere.add(text)

    def taken_out(self, page: SettledPage) -> SettledPage:
        """The page without them."""
        if not self._in_fields:
            return page
        documents = [
            {**each.model_dump(), "html": self._attributes(each.html), "snapshot": self._values(each.snapshot)}
            for each in page.documents
        ]
        told = page.model_copy(update={"read": tuple(map(self._values, page.read))}).model_dump_json(
            exclude={"documents"}
        )
        whole = json.dumps({**json.loads(told), "documents": documents}, ensure_ascii=False)
        for form in sorted(self._forms(), key=len, reverse=True):
            whole = whole.replace(form, _INSTEAD)
        return SettledPage.model_validate_json(whole)

    def _values(self, snapshot: str) -> str:
        """Of fields, as Playwright writes them: behind the field's name, or as its text."""
        forms = {form for text in self._in_fields for form in (text, json.dumps(text, ensure_ascii=False))}
        value = "|".join(sorted(map(re.escape, forms), key=len, reverse=True))
        return re.sub(rf"(?m)^( *- [^\n]*?: )(?:{value})$", rf"\g<1>{_INSTEAD}", snapshot)

    def _attributes(self, text: str) -> str:
        """Of ``value``, where a site writes what is typed back into its page."""
        forms = {form for text in self._in_fields for form in _as_html(text)}
        value = "|".join(sorted(map(re.escape, forms), key=len, reverse=True))
        return re.sub(rf"(\bvalue=[\"'])(?:{value})(?=[\"'])", rf"\g<1>{_INSTEAD}", text)

    def _forms(self) -> Iterator[str]:
        """As they stand in a page, in an address, and in JSON."""
        for text in self._everywhere:
            for form in {text, *_as_html(text), *(quote(text, safe=each) for each in _AS_THEY_ARE), quote_plus(text)}:
                inner = json.dumps(form, ensure_ascii=False)[1:-1]
                yield inner
                # Playwright writes a value with signs of YAML in it as JSON does, and that text stands in ours.
                yield json.dumps(inner, ensure_ascii=False)[1:-1]
