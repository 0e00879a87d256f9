"""The shape every canonical value has: frozen, closed to unknown fields, silent about its contents in errors.

Knows pydantic and nothing else of ours.
"""

from __future__ import annotations

from typing import NoReturn

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Record(BaseModel):
    """A frozen value. Unknown fields are refused; errors never repeat the input (it may be PHI)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        hide_input_in_errors=True,
    )

    def __repr__(self) -> str:
        """The kind alone: a value's text ends up in tracebacks, and tracebacks in logs (law 8)."""
        return f"<{type(self).__name__}>"

    __str__ = __repr__


def refuse(kind: str, message: str, fix: str) -> NoReturn:
    """Raise a validation error that says what is wrong (``message``) and what to do about it (``fix``).

    Neither text may contain the refused value.
    """
    raise PydanticCustomError(kind, message, {"fix": fix})
