"""Reads folders of cases: every file typed, every file known, every fault told with its file and line.

A folder under ``cases/`` is a suite (one channel), a folder in it a case. Runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from conformance.case import CaseFile, ExpectedOutcome, SuiteFile
from conformance.text import Misshapen, read_reply, unfolded
from gateway.contract.frames import Loss, Reply
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.profiles.document import read
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults

T = TypeVar("T")
R = TypeVar("R", bound=Record)
SUITE_FILE = "suite.yaml"
CASE_FILE = "case.yaml"
_WAYS = ("sent", "received")
_NUMBERED = re.compile(r"(sent|received)\.([1-9][0-9]?)\.([a-z]{2,8})")
_LOSSES = TypeAdapter(tuple[Loss, ...])


@dataclass(frozen=True)
class Case:
    """A case as read. ``sent`` and ``sent_http`` are by the number of the frame; ``received`` is in order."""

    name: str
    folder: Path
    suite: SuiteFile
    file: CaseFile
    request: PARequest | None
    sent: Mapping[int, bytes]
    sent_http: Mapping[int, bytes]
    received: tuple[Reply | bytes, ...]
    outcome: ExpectedOutcome | None
    losses: tuple[Loss, ...] | None
    asked: bytes | None = None
    """What the payer asked last, as the case that ``asked_of`` names has it."""

    def document(self, message: bytes) -> bytes:
        """A document of this case as it travels."""
        return message if self.file.line_breaks == "kept" else unfolded(message)

    def lacks(self) -> str | None:
        """What the case does not say yet, though it must before it can be run."""
        if self.file.raises is not None and self.file.raises.error == "CannotExpress":
            return "what cannot be expressed gets no reply: remove the received files" if self.received else None
        if not self.received:
            return "no reply is given: write received.1, or run `conformance record`"
        if self.file.raises is None and self.outcome is None:
            return "nothing says what the reply means: run `conformance generate` and review outcome.json"
        return None


@dataclass(frozen=True)
class Slot:
    """A folder that should hold a case: the case, or why it cannot be read."""

    channel: str
    name: str
    folder: Path
    case: Case | None
    faults: tuple[ProfileFault, ...] = ()


def read_shelf(root: Path) -> tuple[Slot, ...]:
    """Every case under the folder, by channel and name. Raises ProfileFaults where a suite itself cannot be read."""
    slots: list[Slot] = []
    faults: list[ProfileFault] = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        try:
            suite = _suite(folder)
        except ProfileFaults as error:
            faults += error.faults
            continue
        slots += [_slot(suite, case) for case in sorted(path for path in folder.iterdir() if path.is_dir())]
    if faults:
        raise ProfileFaults(faults)
    return tuple(slots)


def _suite(folder: Path) -> SuiteFile:
    suite = _yaml(SuiteFile, folder / SUITE_FILE, f"{folder.name}/{SUITE_FILE}")
    if suite.channel != folder.name:
        fault = Place(f"{folder.name}/{SUITE_FILE}", {}).fault(
            "/channel", "The folder has another name than its channel.", "Rename the folder."
        )
        raise ProfileFaults([fault])
    return suite


def _slot(suite: SuiteFile, folder: Path) -> Slot:
    reader = _Reader(suite, folder)
    try:
        return Slot(suite.channel, folder.name, folder, reader.case())
    except ProfileFaults as error:
        return Slot(suite.channel, folder.name, folder, None, error.faults)


class _Reader:
    """Reads one case's folder."""

    def __init__(self, suite: SuiteFile, folder: Path) -> None:
        self._suite = suite
        self._folder = folder
        self._label = f"{suite.channel}/{folder.name}"
        self._faults: list[ProfileFault] = []

    def case(self) -> Case:
        """The case. Raises ProfileFaults with every fault of every file."""
        file = self._told(lambda: _yaml(CaseFile, self._folder / CASE_FILE, f"{self._label}/{CASE_FILE}"))
        messages = self._messages()
        request = self._request(file)
        outcome = self._told(lambda: self._json("outcome.json", ExpectedOutcome.model_validate_json))
        losses = self._told(lambda: self._json("losses.json", _LOSSES.validate_json))
        received = self._received(messages)
        asked = self._asked(file)
        if file and file.raises and outcome:
            self._refuse("outcome.json", "", "An exchange that raises has no outcome.", "Remove it, or raises.")
        if self._faults or file is None:
            raise ProfileFaults(self._faults)
        return Case(
            name=self._folder.name,
            folder=self._folder,
            suite=self._suite,
            file=file,
            request=request,
            sent=messages["sent", self._suite.document],
            sent_http=messages["sent", "http"],
            received=received,
            outcome=outcome,
            losses=losses,
            asked=asked,
        )

    def _messages(self) -> dict[tuple[str, str], dict[int, bytes]]:
        """The numbered files by direction and kind. Refuses files that no case has."""
        kinds = (self._suite.document, "http")
        found: dict[tuple[str, str], dict[int, bytes]] = {(way, kind): {} for way in _WAYS for kind in kinds}
        for path in sorted(self._folder.iterdir()):
            match = _NUMBERED.fullmatch(path.name)
            if match and match[3] in kinds:
                found[match[1], match[3]][int(match[2])] = path.read_bytes()
            elif path.name not in (CASE_FILE, "request.json", "outcome.json", "losses.json"):
                self._refuse(path.name, "", "No case has a file of this name.", "Compare the name with the README.")
        return found

    def _received(self, messages: Mapping[tuple[str, str], Mapping[int, bytes]]) -> tuple[Reply | bytes, ...]:
        documents, replies = messages["received", self._suite.document], messages["received", "http"]
        for number in sorted(set(documents) & set(replies)):
            self._refuse(f"received.{number}", "", "This reply is given twice.", "Keep the document or the message.")
        heard: dict[int, Reply | bytes] = dict(documents)
        for number, message in replies.items():
            try:
                heard[number] = read_reply(message)
            except Misshapen as error:
                self._refuse(f"received.{number}.http", "", f"{error}.", "Compare it with the README.")
        if sorted(heard) != list(range(1, len(heard) + 1)):
            self._refuse("received", "", "The replies are not numbered 1, 2, 3.", "Number them without a gap.")
        return tuple(heard[number] for number in sorted(heard))

    def _request(self, file: CaseFile | None) -> PARequest | None:
        own = (self._folder / "request.json").exists()
        named = file.request_of if file else None
        if named is None:
            if file and not own:
                self._refuse("request.json", "", "The case has no request.", "Write request.json, or name request_of.")
            return self._told(lambda: self._json("request.json", PARequest.model_validate_json))
        if own:
            self._refuse(CASE_FILE, "/request_of", "The case has a request of its own.", "Keep one of the two.")
        other = self._folder.parent / named / "request.json"
        if not other.is_file():
            self._refuse(CASE_FILE, "/request_of", "That case has no request.json.", "Name a case that has one.")
            return None
        return self._told(lambda: _parsed(other, f"{named}/request.json", PARequest.model_validate_json))

    def _asked(self, file: CaseFile | None) -> bytes | None:
        named = file.filed.asked_of if file and file.filed else None
        if named is None:
            return None
        other = self._folder.parent / named / f"received.1.{self._suite.document}"
        if not other.is_file():
            self._refuse(CASE_FILE, "/filed/asked_of", "That case has no such document.", "Name a case that has one.")
            return None
        return other.read_bytes()

    def _json(self, name: str, parse: Callable[[bytes], T]) -> T | None:
        path = self._folder / name
        return _parsed(path, f"{self._label}/{name}", parse) if path.exists() else None

    def _told(self, load: Callable[[], T]) -> T | None:
        try:
            return load()
        except ProfileFaults as error:
            self._faults += error.faults
            return None

    def _refuse(self, name: str, pointer: str, message: str, fix: str) -> None:
        self._faults.append(Place(f"{self._label}/{name}", {}).fault(pointer, message, fix))


def _yaml(kind: type[R], path: Path, name: str) -> R:
    document = read(path, name)
    try:
        return kind.model_validate(document.value)
    except ValidationError as error:
        raise ProfileFaults(document.place.faults(error)) from None


def _parsed(path: Path, name: str, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(path.read_bytes())
    except ValidationError as error:
        raise ProfileFaults(Place(name, {}).faults(error)) from None


def chosen(slots: Sequence[Slot], channel: str | None, payer: str | None, names: Sequence[str]) -> Iterator[Slot]:
    """The slots of a channel, a payer and of names, each where given; names may hold ``*`` and ``?``."""
    for slot in slots:
        if channel not in (None, slot.channel):
            continue
        if payer is not None and (slot.case is None or slot.case.file.payer != payer):
            continue
        if names and not any(fnmatchcase(slot.name, name) for name in names):
            continue
        yield slot
