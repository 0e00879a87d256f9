"""What an adapter of a web site says: turns. Values only; the gateway has the browser.

A turn is what a person does on one page up to the next settled one: a few steps, the last of which may be a click that
files something. An element is named as a person names it, by its role and its accessible name (WAI-ARIA 1.2, accname
1.2), and by CSS only where a site gives it neither. A turn never holds a credential: where one belongs stands a
``Secret``, a ``Totp`` or an ``Asked``, in whose place the transport types.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, is_dataclass
from hashlib import sha256
from typing import Any, ClassVar, Literal

from gateway.contract.pieces import Loss, Secret
from gateway.model.outcome import Outcome


@dataclass(frozen=True)
class Totp:
    """The one-time code of the moment (RFC 6238) of the secret of this name. A code is used once, whoever asks."""

    name: str


@dataclass(frozen=True)
class Asked:
    """What only a person can read off the page: the answer to the challenge that ``picture`` shows. Where nobody has
    answered it yet, the turn ends ``Challenged``, and the page waits for the answer."""

    picture: Element
    says: str
    seconds: int = 300


@dataclass(frozen=True)
class Element:
    """One element of a page: by ``role`` and ``name`` (the whole accessible name, case and all), or by ``css``.

    ``frame`` is the accessible name of the iframe that it is in. ``inside`` is an element that it is in, as a row or a
    dialog. ``otherwise`` are other ways to name the same element, tried in this order where the first finds none; that
    one was needed is told (``SettledPage.warnings``). Where a way finds several, the turn ends: nothing is chosen.
    """

    role: str = ""
    name: str = ""
    css: str = ""
    frame: str = ""
    inside: Element | None = None
    otherwise: tuple[Element, ...] = ()


@dataclass(frozen=True)
class Go:
    """Open an address of the site."""

    url: str


@dataclass(frozen=True)
class Fill:
    """Type into a field, in place of what stands there; ``slowly`` key by key, for fields that search meanwhile."""

    where: Element
    what: str | Secret | Totp | Asked = field(repr=False)
    slowly: bool = False


@dataclass(frozen=True)
class Choose:
    """Choose the option with this text in a list of choices, once it is there."""

    where: Element
    option: str = field(repr=False)


@dataclass(frozen=True)
class Upload:
    """Give a file to a file field, or drop it on a place that takes files."""

    where: Element
    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)
    drop: bool = False


@dataclass(frozen=True)
class Click:
    """Click. ``says`` is the text of the dialog (``confirm``) that this opens and that is accepted, all of it: what a
    question asks that goes on otherwise than it did, nobody knows. Any other is dismissed, and ends the turn."""

    where: Element
    says: str = ""


@dataclass(frozen=True)
class WaitFor:
    """Wait until an element is to be seen, or with ``gone`` until none is."""

    where: Element
    gone: bool = False


@dataclass(frozen=True)
class Read:
    """Keep what an element says at this moment (``SettledPage.read``): it may be gone when the page is settled."""

    where: Element


Step = Go | Fill | Choose | Upload | Click | WaitFor | Read


@dataclass(frozen=True)
class Landmark:
    """A page as a site's own description has it: its name there, its address (``{}`` stands for one part of the path),
    and every control that its main region has, as (role, name). A turn that begins ``on`` it does nothing on a page
    with any other address or any other set of controls, ``optional`` ones aside.

    Digits in names are folded to ``0``, in the description and on the page. ``variable`` are roles whose names are data
    and are not compared (``option``, ``row``).
    """

    name: str
    path: str
    controls: frozenset[tuple[str, str]]
    optional: frozenset[tuple[str, str]] = frozenset()
    variable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Commit:
    """The one request by which a turn with an effect files something: its method, and its path (``{}`` as above).

    With ``fetch`` the transport stops it in the browser and sends it itself, once: what a browser repeats by itself
    when a kept connection breaks, nobody counts. Any further request that could change something is stopped for good.
    With ``observe`` the browser sends it, for sites that take it from nobody else.
    """

    method: Literal["POST", "PUT", "DELETE"]
    path: str
    guard: Literal["fetch", "observe"] = "fetch"


@dataclass(frozen=True)
class Turn:
    """A page is turned: steps, and then wait until one of ``settled`` is to be seen. To a sign-in, or an effect, what
    stood there before the last step is no answer until it is drawn anew, or says another thing.

    ``effect`` is as in any frame, and such a turn names the page that it begins ``on`` and its ``commit``. ``signs_in``
    marks the turns by which a session is opened: one at a time for each account, and of what another session of the
    account did meanwhile its page tells. ``deadline`` is how many seconds all of it may take. ``words`` are those of
    the request: nothing that is told of the page holds one. ``withholds`` are the requests by which the site files
    (method, and path as in a ``Commit``): none of them leaves but the commit of this turn, by its last step. ``shared``
    are the paths of pages that list others too, as the home page of an account may: what their tables say is not told.
    """

    steps: tuple[Step, ...]
    settled: tuple[Element, ...]
    effect: bool = False
    on: Landmark | None = None
    commit: Commit | None = None
    signs_in: bool = False
    document: bytes | None = field(default=None, repr=False)
    document_type: str | None = None
    losses: tuple[Loss, ...] = ()
    deadline: float = 60.0
    words: frozenset[str] = field(default=frozenset(), repr=False)
    withholds: tuple[tuple[str, str], ...] = ()
    shared: tuple[str, ...] = ()
    known: Outcome | None = field(default=None, repr=False)
    method: ClassVar[str] = "TURN"
    headers: ClassVar[tuple[tuple[str, str], ...]] = (("content-type", "application/json"),)

    def __post_init__(self) -> None:
        if self.effect and (self.on is None or self.commit is None):
            raise ValueError("a turn with an effect names its page and its commit")
        if self.commit is not None and not self.effect:
            raise ValueError("a turn that commits has an effect")

    @property
    def url(self) -> str:
        """Where it goes first; empty where it goes on from the page that is open."""
        first = self.steps[0] if self.steps else None
        return first.url if isinstance(first, Go) else ""

    def redacted(self) -> bytes:
        """The turn as JSON, with each secret as its name and each file as its digest: what the journal keeps."""
        told = {name: getattr(self, name) for name in ("steps", "settled", "effect", "on", "commit", "signs_in")}
        return json.dumps(_plain(told), ensure_ascii=False, indent=1).encode()


def _plain(value: Any) -> Any:
    """As JSON has it: what is empty is left out, and a step says which it is."""
    if isinstance(value, Secret | Totp):
        return f"[{'secret' if isinstance(value, Secret) else 'one-time code'} {value.name}]"
    if is_dataclass(value):
        told = {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        kept = {name: item for name, item in told.items() if item not in ("", None, False, [], {})}
        return {"step": type(value).__name__, **kept} if isinstance(value, Step) else kept
    if isinstance(value, bytes):
        return {"sha256": sha256(value).hexdigest(), "size": len(value)}
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
