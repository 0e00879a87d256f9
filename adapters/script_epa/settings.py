"""What the SCRIPT channel must be told of a payer and of a connection. Strict; no credential.

One connection is one partner: a pharmacy benefit manager, or a network in front of several.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator

from adapters.script_epa.codec.envelope import Address, Party
from adapters.script_epa.codec.versions import VERSIONS, Version
from gateway.contract.destination import Destination, Mode
from gateway.model.bounds import Bounds
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record, refuse

Printable = Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=255)]
Word = Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=35)]
Qualifier = Literal["P", "C", "M", "D", "PY", "CF", "ZZZ", "DIRECT", "REMS"]
QUALIFIERS = frozenset(get_args(Qualifier))
PayerType = Annotated[str, Field(pattern=r"^[A-Z]$")]


class PayerSettings(Record):
    """How one payer is asked. BIN, PCN and group are the coverage's."""

    payer_id: Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=80)] | None = None
    """PayerID, where the partner tells payers apart by it."""
    to: Printable | None = None
    """The payer's own address on a network of several; without it the connection's."""
    payer_types: Mapping[LineOfBusiness, PayerType] = {}
    """PayerType by line of business, for a partner that reads it."""
    unsolicited: bool = False
    """Whether it takes a PARequest that it did not ask for, in place of a PAInitiationRequest. Few do."""


class ConnectionSettings(Record):
    """How the partner is spoken to: addresses, version, mailbox."""

    version: str
    """Of SCRIPT, as the partner speaks it. Only verified ones are taken."""
    version_attributes: Annotated[str, Field(pattern=r"^[0-9A-Za-z.]{1,20}$")] | None = None
    """What is written into each version attribute of a message, where a partner wants another than the version's."""
    domain: Literal["SCRIPT", "SPECIALIZED"] = "SCRIPT"
    """TransactionDomain."""
    to: Printable
    to_qualifier: Qualifier = "ZZZ"
    from_: Annotated[Printable, Field(alias="from")]
    from_qualifier: Qualifier = "ZZZ"
    answers_from: Annotated[tuple[Printable, ...], Bounds(0, 20)] = ()
    """Under which other addresses the partner writes to us, besides ``to``: what comes from anybody else is refused."""
    mailbox_id: Word | None = None
    """Ours, on a network that keeps messages until they are asked for."""
    software_developer: Word = "payer-gateway"
    software_product: Word = "payer-gateway"
    software_version: Word = "1"
    attachment_source: Word = "Prescriber"
    """AttachmentSource. Nothing public says what belongs there."""
    deadline: Annotated[float, Field(strict=True, ge=1, le=600, allow_inf_nan=False)] = 60.0
    """Seconds to wait for the whole reply."""

    @field_validator("version")
    @classmethod
    def _verified(cls, version: str) -> str:
        if version not in VERSIONS:
            refuse("version", "This version of SCRIPT is not verified.", f"Write one of: {', '.join(VERSIONS)}.")
        return version


def payer_settings(to: Destination) -> PayerSettings:
    """The payer's settings, as this channel's class. Raises TypeError for another channel's."""
    if not isinstance(to.payer_settings, PayerSettings):
        raise TypeError("the payer settings are not those of script_epa")
    return to.payer_settings


def connection_settings(settings: Record) -> ConnectionSettings:
    """The settings of a destination or a partner, as this channel's class. Raises TypeError for another channel's."""
    if not isinstance(settings, ConnectionSettings):
        raise TypeError("the connection settings are not those of script_epa")
    return settings


def version_of(settings: Record) -> Version:
    return VERSIONS[connection_settings(settings).version]


def address_of(settings: Record, mode: Mode, to: Party | None = None) -> Address:
    """What stands on the outside of what is said to this partner, or to somebody behind it."""
    held = connection_settings(settings)
    return Address(
        to=to or Party(held.to, held.to_qualifier),
        from_=Party(held.from_, held.from_qualifier),
        software=(held.software_developer, held.software_product, held.software_version),
        versions=held.version_attributes or version_of(held).written,
        domain=held.domain,
        test=mode is Mode.TEST,
    )


def address_to(to: Destination) -> Address:
    settings = connection_settings(to.connection_settings)
    own = payer_settings(to).to
    return address_of(settings, to.mode, Party(own, settings.to_qualifier) if own else None)


def is_from_partner(sender: str, settings: Record, payers: Iterable[Record] = ()) -> bool:
    """Whether a message's From is one of the partner's, or of these payers' own behind it."""
    held = connection_settings(settings)
    own = (each.to for each in payers if isinstance(each, PayerSettings) and each.to)
    return sender in {held.to, *held.answers_from, *own}
