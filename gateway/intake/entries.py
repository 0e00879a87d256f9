"""The resources of a body, in its order: of a Bundle of any type, of a list, or the one that it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gateway.intake.elements import each, part
from gateway.intake.findings import Found, Notes

_NAME = re.compile(r"[A-Za-z]{1,60}/[A-Za-z0-9\-._~:@|+=]{1,200}")
"""Wider than what FHIR lets an id be, for records have ids of other makings; nothing that no line of text can hold."""


class Entries:
    """``found`` are the resources, several versions of one among them; ``deleted`` the names of those that a history
    or a transaction says were deleted."""

    def __init__(self, body: Any, notes: Notes) -> None:
        self._notes = notes
        self.deleted: set[str] = set()
        self.found = list(self._read(body))

    def _read(self, body: Any) -> Iterator[Found]:
        if isinstance(body, list):
            given = [(f"/{index}", None, one) for index, one in enumerate(body)]
        elif part(body, "resourceType") == "Bundle":
            given = list(self._of_bundle(body))
        else:
            given = [("", None, body)]
        for order, (pointer, url, resource) in enumerate(given):
            kind = part(resource, "resourceType")
            if not isinstance(kind, str) or not kind.isascii() or not kind.isalpha() or len(kind) > 60:
                self._notes.tell("not_a_resource", None, pointer=pointer)
                continue
            if kind == "Bundle":
                self._notes.counts["bundles_inside"] += 1
                self._notes.tell("not_a_resource", None, pointer=pointer)
                continue
            url = url.partition("/_history/")[0] if isinstance(url, str) and url else None
            own = resource.get("id")
            if not isinstance(own, str) or not own:
                own = url.rsplit("/", 1)[-1].removeprefix("urn:uuid:") if url else str(order)
            found = Found(resource, kind, f"{kind}/{own}", pointer, order, url)
            if not _NAME.fullmatch(found.name):
                found = Found(resource, kind, f"{kind}/{order}", pointer, order, url)
                self._notes.tell("bad_id", found, "id")
            if kind == "OperationOutcome":
                self._notes.tell("not_whole", found)
            yield found

    def _of_bundle(self, bundle: Any) -> Iterator[tuple[str, Any, Any]]:
        """Place, URL and resource of each entry that is none of a deletion."""
        entries = part(bundle, "entry")
        entries = entries if isinstance(entries, list) else []
        pages = [index for index, link in each(bundle, "link") if link.get("relation") == "next"]
        for index in pages[:1]:
            self._notes.tell("not_whole", None, pointer=f"/link/{index}")
        total = part(bundle, "total")
        if not pages and isinstance(total, int) and total > len(entries):
            self._notes.tell("not_whole", None, pointer="/total")
        for index, one in enumerate(entries):
            request = part(one, "request")
            if part(request, "method") == "DELETE":
                url = part(request, "url")
                if isinstance(url, str):
                    self.deleted.add("/".join(url.partition("/_history/")[0].split("/")[-2:]))
                continue
            yield f"/entry/{index}/resource", part(one, "fullUrl"), part(one, "resource")
