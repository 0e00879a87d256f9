"""How a connection gets leave to speak: OAuth 2.0 client credentials (RFC 6749, 4.4) or a name and a password, as data.

Holds no credential, only names of secrets. What is not written here at all is in the hands of the channel: a user name
in an envelope, a certificate in ``tls``.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from gateway.model.record import Record, refuse
from gateway.profiles.address import check_address

SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
Printable = Annotated[str, Field(pattern=r"^[!-~]+$", max_length=300)]


class BasicCredentials(Record):
    """A name and a password with every request (RFC 7617), each the name of a secret."""

    user: SecretName
    password: SecretName

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.user, self.password


class ClientCredentials(Record):
    """A token for the whole connection, drawn with what proves that the caller is ``client_id``.

    ``token_endpoint`` is a URL, or a path at the host of the connection's endpoint, with which it moves.

    ``proof`` is how: the client's secret in the header or in the form (RFC 6749, 2.3.1), or an assertion signed with
    its private key (RFC 7523, 2.2). ``secret`` names the secret, or the private key in PEM. Requests to the token
    endpoint go with the connection's own TLS settings: its authorities, pins and client certificate.
    """

    grant: Literal["client_credentials"]
    token_endpoint: Annotated[str, Field(max_length=500)]
    client_id: Printable
    proof: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]
    secret: SecretName
    scope: Annotated[str, Field(pattern=r"^[!#-\[\]-~]+( [!#-\[\]-~]+)*$", max_length=500)] | None = None
    """Scopes with a blank between (RFC 6749, 3.3)."""
    audience: Printable | None = None
    """Whom the token is for, where the token endpoint asks for it (``audience`` of its form)."""
    algorithm: Literal["RS384", "ES384"] | None = None
    """How the assertion is signed; for ``private_key_jwt`` only, and needed there."""
    key_id: Printable | None = None
    """``kid`` of the assertion: which of our registered keys it is."""
    assertion_audience: Printable | None = None
    """``aud`` of the assertion; the token endpoint where it is not given."""

    @field_validator("token_endpoint")
    @classmethod
    def _safe(cls, address: str) -> str:
        return address if _PATH.fullmatch(address) else check_address("token_endpoint", address, None)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.secret,)

    def token_url(self, endpoint: str) -> str:
        """Where the token endpoint is, for a connection to this endpoint."""
        if not self.token_endpoint.startswith("/"):
            return self.token_endpoint
        url = urlsplit(endpoint)
        return f"{url.scheme}://{url.netloc}{self.token_endpoint}"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        signed = self.proof == "private_key_jwt"
        if signed and self.algorithm is None:
            refuse("algorithm", "An assertion needs an algorithm.", "Write RS384 or ES384, as the key is.")
        if not signed and (self.algorithm or self.key_id or self.assertion_audience):
            refuse(
                "proof",
                "algorithm, key_id and assertion_audience are for private_key_jwt only.",
                "Remove them, or write proof: private_key_jwt.",
            )
        return self


Credentials = ClientCredentials | BasicCredentials
