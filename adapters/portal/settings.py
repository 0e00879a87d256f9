"""What the portal channel must be told of a payer and of a connection. Strict; no credential."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from adapters.portal.registry import SITES
from gateway.contract.destination import Destination
from gateway.model.record import Record, refuse

SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]


class PayerSettings(Record):
    """How one payer is known at the site."""

    payer_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    """The payer's name there."""


class ConnectionSettings(Record):
    """How a site is used. The connection's endpoint is the site's root."""

    site: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    username_secret: SecretName = "portal-username"  # noqa: S105 - a name, as the two below
    password_secret: SecretName = "portal-password"  # noqa: S105
    totp_secret: SecretName = "portal-totp"  # noqa: S105
    """Names of the account's secrets. The connection's ``browser`` has them, and gives them."""
    guard: Literal["fetch", "observe"] = "fetch"
    """Who sends the one request that files: with ``observe`` the browser, for a site that takes it from nobody else."""
    maintenance_seconds: Annotated[int, Field(strict=True, ge=10, le=86_400)] = 900
    """How long to wait where the site says that it is down for maintenance."""

    @field_validator("site")
    @classmethod
    def _known(cls, site: str) -> str:
        if site not in SITES:
            refuse("site", "Nobody has described a site of this name.", f"Write one of: {', '.join(sorted(SITES))}.")
        return site


def payer_settings(to: Destination) -> PayerSettings:
    """The payer's settings, as this channel's class. Raises TypeError for another channel's."""
    if not isinstance(to.payer_settings, PayerSettings):
        raise TypeError("the payer settings are not those of portal")
    return to.payer_settings


def connection_settings(to: Destination) -> ConnectionSettings:
    """The connection's settings, as this channel's class. Raises TypeError for another channel's."""
    if not isinstance(to.connection_settings, ConnectionSettings):
        raise TypeError("the connection settings are not those of portal")
    return to.connection_settings
