"""The only code that touches the database."""

from gateway.store.schema import migrate

__all__ = ["migrate"]
