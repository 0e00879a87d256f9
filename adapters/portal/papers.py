"""Documents as a site takes them: under a name that tells nothing of the patient, and under the site's own kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from adapters.portal.worksheet import Worksheet
from gateway.model.request import Attachment

_OPENINGS: Mapping[str, tuple[str, bytes]] = {
    "application/pdf": ("pdf", b"%PDF-"),
    "image/png": ("png", b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": ("jpg", b"\xff\xd8\xff"),
}
"""How files of a type are called, and begin."""
_DIGITS = 8
"""Of its digest, in a document's name: another document may have its id, and its size."""


@dataclass(frozen=True)
class Paper:
    """A document as it is uploaded."""

    name: str
    media_type: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Takes:
    """What files a site takes, and how it calls their kinds."""

    kinds: Mapping[str, str]
    media_types: tuple[str, ...]
    most_bytes: int

    def paper(self, sheet: Worksheet, attachment: Attachment, at: str) -> Paper:
        """The document, or on the worksheet why the site does not take it."""
        ending, opening = _OPENINGS.get(attachment.media_type, ("bin", b""))
        if attachment.media_type not in self.media_types or not attachment.content.startswith(opening):
            names = ", ".join(sorted(_OPENINGS[each][0].upper() for each in self.media_types))
            sheet.refuse(f"{at}/media_type", f"the site takes {names} files alone", "Send the document in such a file.")
        if len(attachment.content) > self.most_bytes:
            most = self.most_bytes // 1024**2
            sheet.refuse(f"{at}/content", f"the site takes files of {most} MB at most", "Send a smaller file.")
        name = f"{attachment.id}-{sha256(attachment.content).hexdigest()[:_DIGITS]}.{ending}"
        return Paper(name, attachment.media_type, self.kinds[attachment.kind], attachment.content)
