"""The payers' post: what callers put into one directory is taken, and what it comes to is put into another, later.

As payers do who are spoken to in files: what is taken is acknowledged after a while (999 or TA1), answered after a
longer one, and answered again when the decision is another. Knows no SSH, only names and bytes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from conformance.simulators.answer import Reply278
from conformance.simulators.carriage import Wrapped
from conformance.simulators.desk import somebody_elses
from conformance.simulators.envelope import CoreError, Credentials, SoapFault
from conformance.simulators.filings import Filing
from conformance.simulators.findings import Findings
from conformance.simulators.members import Refusal
from conformance.simulators.misbehaviour import Kind, Order
from conformance.simulators.payers import PAYERS, Payer
from conformance.simulators.reception import Reception
from conformance.simulators.submission import Submission
from conformance.simulators.wrapping import Outbox

IN, OUT, DONE = "in", "out", "done"
DIRECTORIES = (IN, OUT, DONE)
TAKEN_AFTER, ACKNOWLEDGED_AFTER, ANSWERED_AFTER, LATE = 0.5, 1.0, 3.0, 8.0
"""Virtual seconds: from the rename until a file is taken, and from then on. Payers take minutes, an hour, days."""

TAKEN_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}\.x12")
"""What is taken. Whatever else lies there is left alone, as a file that is still being written."""
_GROWS_IN = 20
"""A file that grows is half there at first, and whole after as many steps."""


@dataclass(slots=True)
class File:
    """``modified`` in virtual seconds."""

    body: bytes
    modified: float
    growing: bytes = b""
    """What is still to come."""


@dataclass(frozen=True, slots=True)
class _Due:
    at: float
    kind: str
    body: bytes
    grows: bool = False


@dataclass(slots=True)
class _Open:
    """A filing whose decision may change. ``told`` is the one that was written last."""

    payer: Payer
    asked: Submission
    filing: Filing
    told: object


@dataclass
class Post:
    reception: Reception
    files: dict[str, File] = field(default_factory=dict)
    """By directory and name: ``in/a.x12``."""
    holding: bool = False
    """Nothing is taken while it is so."""
    refused: list[str] = field(default_factory=list)
    """Names of files that were taken and that nobody could acknowledge."""
    _due: list[_Due] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _kept: dict[str, bytes] = field(default_factory=dict)
    """An answer of each payer that waits for another, to share a file with it."""
    _outbox: Outbox = field(default_factory=Outbox)
    _written: int = 0

    def __post_init__(self) -> None:
        self.reception.forgetting.append(self.forget)

    def forget(self) -> None:
        self.files.clear()
        self.refused.clear()
        self._due.clear()
        self._open.clear()
        self._kept.clear()
        self.holding = False

    @property
    def now(self) -> float:
        return self.reception.clock.now()

    def names(self, directory: str) -> list[str]:
        return [path.partition("/")[2] for path in self.files if path.startswith(f"{directory}/")]

    def put_out(self, kind: str, body: bytes, *, grows: bool = False) -> str:
        """Put a file out for the caller, under a name of ours."""
        self._written += 1
        name = f"{kind}_{self._written:06d}.x12"
        half = len(body) // 2 if grows else len(body)
        self.files[f"{OUT}/{name}"] = File(body[:half], self.now, body[half:])
        return name

    def tick(self) -> None:
        """Do what is due: take what lies there, put out what is ready, let grow what grows."""
        now = self.now
        for path, file in list(self.files.items()):
            directory, _, name = path.partition("/")
            if file.growing:
                step = len(file.body + file.growing) // (2 * _GROWS_IN) + 1
                file.body, file.growing, file.modified = file.body + file.growing[:step], file.growing[step:], now
            elif directory == IN and TAKEN_NAME.fullmatch(name) and self._is_taken(file):
                del self.files[path]
                self._take(name, file.body)
        for due in [each for each in self._due if each.at <= now]:
            self._due.remove(due)
            self.put_out(due.kind, due.body, grows=due.grows)
        for each in self._open:
            decision = each.filing.decision(now)
            if decision is not each.told:
                each.told = decision
                reply = Reply278(each.payer, each.asked, now, each.filing, decision)
                self.put_out("278", self._group(each.payer, reply))

    def order(self, verb: str, body: bytes = b"") -> Order | None:
        """The misbehaviour that is ordered for this step with this file."""
        payer = _receiver(body)
        return self.reception.orders.next(payer.id if payer else "", verb)

    def _is_taken(self, file: File) -> bool:
        return not self.holding and self.now - file.modified >= TAKEN_AFTER

    def _take(self, name: str, body: bytes) -> None:
        payer = _receiver(body)
        if payer is None:
            self.refused.append(name)
            return
        carriage = _FileCarriage(self, name, payer, body)
        self.reception.receive(body, carriage)
        if carriage.refused:
            self.refused.append(name)

    def keep(self, payer: Payer, body: bytes, kind: str, payload: str) -> None:
        """What a file was answered with goes out later: the answer behind an acknowledgement of its own."""
        now, answer = self.now, payload.encode("latin-1")
        heard = self.reception.desk.read(body.decode("latin-1"), payer)
        if "_278_" not in kind or heard.interchange is None:
            self._put_off("receipt", now + ACKNOWLEDGED_AFTER, answer, payer, "acknowledgement")
            return
        accepted = self._outbox.implementation_acknowledgment(payer, heard.interchange, Findings(), now)
        asked = heard.submission
        filing = self.reception.desk.filings.named(payer, asked.names) if asked else None
        if asked is not None and filing is not None:
            self._open.append(_Open(payer, asked, filing, filing.decision(now)))
        order = self.reception.orders.next(payer.id, "results")
        what = order.kind if order else None
        late = LATE if what is Kind.RESULTS_FIRST else ACKNOWLEDGED_AFTER
        self._put_off("999", now + late, accepted.encode("latin-1"), payer, "acknowledgement")
        if asked is not None and what in (Kind.ORPHAN, Kind.OTHERS_RESULTS):
            stranger = somebody_elses(Reply278(payer, asked, now, refusal=Refusal("2000A", "42", "P")))
            others = self._group(payer, stranger)
            if what is Kind.ORPHAN:
                self._due.append(_Due(now + ANSWERED_AFTER, "278", others))
            else:
                answer = others + answer
        if what is Kind.MIXED_RESULTS and payer.id not in self._kept:
            self._kept[payer.id] = answer
            return
        answer = self._kept.pop(payer.id, b"") + answer
        if what is Kind.NO_FILE:
            return
        if what is Kind.TRUNCATED:
            answer = answer[: len(answer) // 2]
        self._due.append(_Due(now + ANSWERED_AFTER, "278", answer, grows=what is Kind.GROWING))
        if what is Kind.RESULTS_TWICE:
            self._due.append(_Due(now + ANSWERED_AFTER, "278", answer))

    def _put_off(self, kind: str, at: float, body: bytes, payer: Payer, verb: str) -> None:
        order = self.reception.orders.next(payer.id, verb)
        if order is None or order.kind is not Kind.NO_FILE:
            self._due.append(_Due(at, kind, body))

    def _group(self, payer: Payer, reply: Reply278) -> bytes:
        return self._outbox.group(payer, "HI", reply.guide, reply.segments(), self.now).encode("latin-1")


class _FileCarriage:
    """A file as the reception knows messages: one interchange, and no envelope but its name."""

    media = "application/edi-x12"

    def __init__(self, post: Post, name: str, payer: Payer, body: bytes) -> None:
        self._post = post
        self._name = name
        self._payer = payer
        self._body = body
        self.refused = False

    def read(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        """Whoever could put the file there has logged in. Of whatever kind it is, it says so itself."""
        return {
            "Payload": body.decode("latin-1"),
            "PayloadID": hashlib.sha256(self._name.encode()).hexdigest(),
            "PayloadType": "X217 X215 X216 X316",
            "ReceiverID": self._payer.receiver,
        }

    def answer(
        self,
        asked: dict[str, str],
        timestamp: str,
        payload_type: str,
        payload: str,
        *,
        otherwise: bool = False,
        payload_id: str = "",
    ) -> Wrapped:
        self._post.keep(self._payer, self._body, payload_type, payload)
        return 200, b""

    def refuse(self, error: CoreError, timestamp: str) -> Wrapped:
        self.refused = True
        return 200, b""

    def fail(self, fault: SoapFault) -> Wrapped:
        self.refused = True
        return 500, b""


def _receiver(body: bytes) -> Payer | None:
    """The payer that a file is for, by its ISA08; its mailbox is everybody's."""
    if body[:3] != b"ISA" or len(body) < 106:
        return None
    return PAYERS.get(body.decode("latin-1").split(chr(body[3]))[8].strip())
