"""How a connection logs in to an SFTP server, and by which keys it knows that server: as data.

Holds no credential, only names of secrets. A host key is public, and given whole: it says which kind of key to ask for.
"""

from __future__ import annotations

from typing import Annotated, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from pydantic import Field, field_validator, model_validator

from gateway.model.bounds import Bounds
from gateway.model.record import Record, refuse
from gateway.profiles.authorization import SecretName

HostKey = Annotated[
    str, Field(pattern=r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]{40,2000}$")
]


class Sftp(Record):
    """``host_keys`` are the server's, as ``ssh-keyscan`` prints them without the name: ``ssh-ed25519 AAAA...``. There
    are several where the server changes its key, or has some of different kinds. Nothing is said to one that shows none
    of them.

    ``key_secret`` names our private key (OpenSSH or PEM, without a passphrase), ``password_secret`` a password. With
    both, the server asks for both, or for the key first.
    """

    host_keys: Annotated[tuple[HostKey, ...], Bounds(1, 10)]
    user_secret: SecretName
    key_secret: SecretName | None = None
    password_secret: SecretName | None = None

    @field_validator("host_keys")
    @classmethod
    def _readable(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            if not _is_key(key):
                refuse("host_keys", "This is no SSH public key.", "Copy it from ssh-keyscan, and compare fingerprints.")
        return keys

    @model_validator(mode="after")
    def _with_proof(self) -> Self:
        if self.key_secret is None and self.password_secret is None:
            refuse("key_secret", "There is nothing to log in with.", "Name key_secret, password_secret, or both.")
        return self


def _is_key(text: str) -> bool:
    try:
        load_ssh_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True
