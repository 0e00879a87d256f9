"""Handler of intake: a clinical record comes in, a draft of a request goes out. Nothing of it is kept."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from pydantic import ConfigDict, RootModel

from gateway.api.body import Limits
from gateway.api.problems import invalid_fields
from gateway.api.route import Call, respond
from gateway.intake.chart import SeveralPatients
from gateway.intake.intake import Taken, take_in
from gateway.model.faults import Fault
from gateway.profiles.terms import plain

LIMITS = Limits(bytes=50 * 1024 * 1024, values=4_000_000, media_types=("application/json", "application/fhir+json"))
"""A whole life of a chronically ill person, as record generators write it, is some 20 MB."""

_ONE_AT_A_TIME = asyncio.Semaphore(1)
"""A large record takes ten times its size in memory while it is read."""
_WRAPPER = frozenset({"record", "patient"})


class ClinicalRecord(RootModel[dict[str, Any] | list[Any]]):
    """A FHIR R4 Bundle of any type, a list of resources, or `{"record": …, "patient": "id"}` where the record holds
    several patients."""

    model_config = ConfigDict(hide_input_in_errors=True)


async def take_in_record(call: Call) -> web.Response:
    given = call.body.root
    record, patient, at = given, None, ""
    if isinstance(given, dict) and "resourceType" not in given:
        record, patient, at = _unwrapped(given)
    library = call.desk.library
    payers = {plain(payer.name): payer.payer for payer in library.payers()}
    today = call.desk.database.now().date()
    async with _ONE_AT_A_TIME:
        try:
            taken = await asyncio.to_thread(
                take_in, record, library.reference.terms, library.policies.drugs, today, payers, patient
            )
        except SeveralPatients as error:
            raise invalid_fields(
                Fault(
                    pointer=at + pointer,
                    code="several_patients",
                    message="The record holds several patients, or not the one that was named.",
                    fix='Send {"record": …, "patient": the id of one of these}.',
                )
                for pointer in error.pointers[:100] or [""]
            ) from None
    return await asyncio.to_thread(_answer, taken, at)


def _answer(taken: Taken, at: str) -> web.Response:
    if at:
        findings = tuple(one.model_copy(update={"pointer": at + one.pointer}) for one in taken.findings)
        taken = taken.model_copy(update={"findings": findings})
    return respond(taken)


def _unwrapped(given: dict[str, Any]) -> tuple[Any, str | None, str]:
    patient = given.get("patient")
    faults = [
        Fault(pointer=f"/{name}", code="extra_forbidden", message="There is no such field.", fix="Drop it.")
        for name in sorted(given.keys() - _WRAPPER)[:20]
        if len(name) <= 60
    ]
    if "record" not in given:
        message = "This is neither a Bundle nor a record with a patient."
        faults.append(Fault(pointer="", code="record", message=message, fix="Send a FHIR R4 Bundle."))
    if patient is not None and not (isinstance(patient, str) and 0 < len(patient) <= 300):
        message = "The patient is named by an id."
        faults.append(Fault(pointer="/patient", code="patient", message=message, fix="Send the Patient's id."))
    if faults:
        raise invalid_fields(faults)
    return given["record"], patient, "/record"
