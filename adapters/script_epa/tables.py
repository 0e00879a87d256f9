"""The code tables this channel reads (mappings/codes), the words each may use, and the codes nobody may redefine."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gateway.model.reasons import Word


class Reception(StrEnum):
    """What a Status says."""

    ACCEPTED = "accepted"
    ACCEPTED_EXPIRING = "accepted_expiring"
    """Accepted, and the password will end."""
    ACCEPTED_NO_MAIL = "accepted_no_mail"
    NO_MORE_MAIL = "no_more_mail"


class Failure(StrEnum):
    """What an Error says, as far as it matters for what goes next."""

    AGAIN = "again"
    """It may or may not have arrived: the same message goes again."""
    REFUSED = "refused"
    CONFIGURATION = "configuration"


class Fault(StrEnum):
    """What a description code of an Error says."""

    AGAIN = "again"
    DUPLICATE = "duplicate"
    MEMBER_NOT_FOUND = "member_not_found"
    QUANTITY = "quantity"
    FORMAT = "format"
    CONTENT = "content"
    NOT_DELIVERED = "not_delivered"
    NOT_ALLOWED = "not_allowed"
    NOT_SUPPORTED = "not_supported"


STATUS, ERROR, FAULT, CLOSURE, CANCELLATION = (
    f"script_epa_{name}" for name in ("status", "error", "fault", "closure", "cancellation")
)
CODE_TABLES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {STATUS: Reception, ERROR: Failure, FAULT: Fault, CLOSURE: Word, CANCELLATION: Word}
)


def _anchored(**codes: StrEnum) -> Mapping[str, frozenset[StrEnum]]:
    return MappingProxyType({code.removeprefix("_"): frozenset({word}) for code, word in codes.items()})


CODE_ANCHORS: Mapping[str, Mapping[str, frozenset[StrEnum]]] = MappingProxyType(
    {
        STATUS: _anchored(
            _000=Reception.ACCEPTED,
            _001=Reception.ACCEPTED,
            _002=Reception.NO_MORE_MAIL,
            _003=Reception.ACCEPTED_NO_MAIL,
            _010=Reception.ACCEPTED,
        ),
        # What may have arrived is said again in the same bytes, and never called refused.
        ERROR: _anchored(_600=Failure.AGAIN, _602=Failure.AGAIN, _900=Failure.REFUSED),
        FAULT: _anchored(_008=Fault.AGAIN, _220=Fault.DUPLICATE, _4010=Fault.AGAIN, _4020=Fault.AGAIN),
        # Closed is no denial, and a drug that needs no authorization or has one is no drug that is denied.
        CLOSURE: _anchored(
            CC=Word.NOT_REQUIRED,
            FN=Word.NOT_REQUIRED,
            FO=Word.QUANTITY_OR_FREQUENCY_LIMIT,
            FP=Word.QUANTITY_OR_FREQUENCY_LIMIT,
            CF=Word.DUPLICATE_APPROVED,
            FQ=Word.DUPLICATE_APPROVED,
            CG=Word.DUPLICATE_IN_PROCESS,
            CY=Word.DUPLICATE_DENIED,
            FM=Word.NOT_A_COVERED_BENEFIT,
            CP=Word.WRONG_PAYER_OR_DELEGATE,
            CO=Word.WRONG_PAYER_OR_DELEGATE,
            BX=Word.CHANNEL_NOT_SUPPORTED,
        ),
    }
)

FAULT_WORDS: Mapping[Fault, Word] = MappingProxyType(
    {
        Fault.AGAIN: Word.PAYER_UNAVAILABLE,
        Fault.DUPLICATE: Word.DUPLICATE_IN_PROCESS,
        Fault.MEMBER_NOT_FOUND: Word.MEMBER_NOT_FOUND,
        Fault.QUANTITY: Word.QUANTITY_OR_FREQUENCY_LIMIT,
        Fault.FORMAT: Word.WRONG_FORMAT,
        Fault.CONTENT: Word.INCONSISTENT_ANSWERS,
        Fault.NOT_DELIVERED: Word.PAYER_UNAVAILABLE,
        Fault.NOT_ALLOWED: Word.CHANNEL_NOT_SUPPORTED,
        Fault.NOT_SUPPORTED: Word.CHANNEL_NOT_SUPPORTED,
    }
)
