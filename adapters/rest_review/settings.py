"""What the service-review channel must be told of a payer and of a connection. Strict; no credential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from gateway.contract.destination import Destination
from gateway.model.record import Record, refuse
from gateway.model.request import Review

HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,60}$")]
_OWN_HEADERS = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type"}
    | {"cookie", "expect", "host", "transfer-encoding", "user-agent"}
)
_SERVICE_TYPES = {Review.SERVICES: "1", Review.REFERRAL: "3", Review.ADMISSION: "48"}


class PayerSettings(Record):
    """How one payer is asked behind the API."""

    payer_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    """The network's id of the payer (``payer.id``)."""
    max_lines: Annotated[int, Field(strict=True, ge=1, le=99)] = 99
    """How many procedures the payer takes in one review."""
    max_diagnoses: Annotated[int, Field(strict=True, ge=1, le=12)] = 12
    service_types: Mapping[Review, Annotated[str, Field(pattern=r"^[0-9A-Z]{1,2}$")]] = _SERVICE_TYPES
    """``serviceTypeCode`` by kind of review; what is not named here keeps the usual code."""

    def service_type(self, review: Review) -> str:
        return self.service_types.get(review) or _SERVICE_TYPES[review]


class ConnectionSettings(Record):
    """How the network's API is spoken to. The connection's endpoint is the collection of reviews."""

    headers: Mapping[HeaderName, Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=200)]] = {}
    """Headers that are the same in every message (a customer's id). No credential: these are in the journal."""
    search_by_reference: Annotated[bool, Field(strict=True)] = False
    """True only where the partner says that a search by ``referenceNumber`` finds every review that was filed with it:
    then a search that finds nothing proves that nothing is on file. Without it a filing whose id was never heard can
    be looked for by nobody but a person: every other search would put the patient into a URL."""
    deadline: Annotated[float, Field(strict=True, ge=1, le=600, allow_inf_nan=False)] = 30.0
    """Seconds to wait for the whole reply."""

    @model_validator(mode="after")
    def _leaves_ours_alone(self) -> ConnectionSettings:
        names = [name.lower() for name in self.headers]
        if len(set(names)) != len(names) or _OWN_HEADERS & set(names):
            refuse("headers", "A header stands twice, or is one the gateway writes itself.", "Remove it.")
        return self


def payer_settings(to: Destination) -> PayerSettings:
    """The payer's settings, as this channel's class. Raises TypeError for another channel's."""
    if not isinstance(to.payer_settings, PayerSettings):
        raise TypeError("the payer settings are not those of rest_review")
    return to.payer_settings


def connection_settings(to: Destination) -> ConnectionSettings:
    """The connection's settings, as this channel's class. Raises TypeError for another channel's."""
    if not isinstance(to.connection_settings, ConnectionSettings):
        raise TypeError("the connection settings are not those of rest_review")
    return to.connection_settings
