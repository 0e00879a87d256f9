"""The test members of a payer, as data: whom it published, what is asked for them, and what it says it answers.

Nobody is made up here. A file names where its members were published; without a file nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from conformance.live.leave import Refused
from gateway.model.bounds import Bounds
from gateway.model.codes import Identifier
from gateway.model.faults import faults_of
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.profiles.document import Document, read
from gateway.profiles.facts import Id, Provenance
from gateway.profiles.faults import ProfileFaults

FOLDER = Path(__file__).resolve().parent / "members"
MOST = 5
"""Members in one file, and so requests that one run files."""

Expected = Literal["approved", "denied", "modified", "pended", "rejected", "anything"]


class Member(Record):
    """One published test member. ``expects`` is what the payer says that it answers a request for this member."""

    member_id: Identifier
    line_of_business: LineOfBusiness
    patient: Mapping[str, Any]
    subscriber: Mapping[str, Any] | None = None
    expects: Expected = "anything"


class MembersFile(Record):
    """``request`` is what is asked for each member: a canonical request without reference, people and coverages.

    The dates of its lines are moved together, so that the first begins ``starts_in_days`` from the day of the run.
    ``cancellations`` is false where the payer says that its test endpoint takes none.
    """

    payer: Id
    provenance: Provenance
    cancellations: Annotated[bool, Field(strict=True)] = True
    starts_in_days: Annotated[int, Field(strict=True, ge=1, le=180)] = 14
    request: Mapping[str, Any]
    members: Annotated[tuple[Member, ...], Bounds(1, MOST)]


@dataclass(frozen=True)
class Fixture:
    """One request to file, and what the payer is published to answer."""

    request: PARequest
    expects: Expected


@dataclass(frozen=True)
class Fixtures:
    source: str
    cancellations: bool
    requests: tuple[Fixture, ...]


def read_fixtures(path: Path | None, payer: str, run: str, today: date) -> Fixtures:
    """``run`` names this run in every reference. Raises Refused without members, ProfileFaults for a bad file."""
    file = path or FOLDER / f"{payer}.yaml"
    if not file.is_file():
        raise Refused(
            f"no test members of {payer} are known ({file} is not there): nothing is sent. "
            "Write down those that the payer published, and name the file with --members."
        )
    document = read(file, file.name)
    try:
        told = MembersFile.model_validate(document.value)
    except ValidationError as error:
        raise ProfileFaults(document.place.faults(error)) from None
    if told.payer != payer:
        raise Refused(f"{file.name} holds test members of {told.payer}, not of {payer}: nothing is sent")
    requests = tuple(_fixture(told, place, document, run, today) for place in range(len(told.members)))
    source = f"{told.provenance.source}, {told.provenance.date}, {told.provenance.by}"
    return Fixtures(source, told.cancellations, requests)


def _fixture(told: MembersFile, place: int, document: Document, run: str, today: date) -> Fixture:
    member = told.members[place]
    coverage = {
        "payer": told.payer,
        "member_id": member.member_id,
        "line_of_business": member.line_of_business,
    }
    request = {
        **told.request,
        "reference": f"conformance-{run}-{place + 1}",
        "patient": member.patient,
        "coverages": [coverage],
        "lines": _moved(told.request.get("lines"), today + timedelta(days=told.starts_in_days)),
    }
    if member.subscriber is not None:
        request["subscriber"] = member.subscriber
    try:
        return Fixture(PARequest.model_validate(request), member.expects)
    except ValidationError as error:
        faults = faults_of(error)
    of_member = ("/patient", "/subscriber", "/coverages")
    raise ProfileFaults(
        [
            document.place.fault(
                (f"/members/{place}" if fault.pointer.startswith(of_member) else "/request") + fault.pointer,
                fault.message,
                fault.fix,
            )
            for fault in faults
        ]
    )


def _moved(lines: Any, first: date) -> Any:
    """The lines with their dates moved together; as they are where a date cannot be read, which is told elsewhere."""
    try:
        days = [date.fromisoformat(line["dates"]["start"]) for line in lines]
        by = first - min(days)
        return [
            {
                **line,
                "dates": {name: (date.fromisoformat(day) + by).isoformat() for name, day in line["dates"].items()},
            }
            for line in lines
        ]
    except (TypeError, KeyError, ValueError, AttributeError):
        return lines
