"""Messages that partners send to our door, or keep in a mailbox until they are asked for.

Every message is answered by a Status or an Error in the reply; the same message again in the same bytes of ours, for
they follow from the stamp of its first coming.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from adapters.script_epa.codec import messages
from adapters.script_epa.codec.envelope import (
    MEDIA_TYPE,
    RECEIPT,
    OtherVersion,
    Party,
    Received,
    derived,
    receipt_in,
    receive,
)
from adapters.script_epa.codec.messages import Error, GetMessage, Status
from adapters.script_epa.codec.schema import approve, check
from adapters.script_epa.hearing.hear import ANSWERS
from adapters.script_epa.hearing.replies import CREDENTIALS, wait
from adapters.script_epa.settings import QUALIFIERS, address_of, connection_settings, is_from_partner, version_of
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Mode
from gateway.contract.errors import NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Https, Reply
from gateway.contract.inbound import Message, Partner, Refused, Said

_ACCEPTED = "000"
_REJECTED = "900"
_NO_XML, _OTHER_GUIDE, _UNFIT, _NOT_ALLOWED, _NOT_TAKEN = "500", "3000", "2000", "4030", "4040"
_RECEIPTS = frozenset({"Status", "Verify"})
_AGAIN = frozenset({"600", "602"})
_EMPTY = frozenset({"002", "003"})


def admit(body: bytes, media_type: str, at: Partner, stamp: Stamp) -> Message:
    """Raises Refused with the Error that says why. The media type is not looked at: partners write what they like."""
    try:
        message = receive(body)
    except OtherVersion as error:
        raise Refused(error.what, _error(at, stamp, _OTHER_GUIDE, "This version of SCRIPT is not taken.")) from None
    except Unreadable as error:
        raise Refused(
            error.what, _error(at, stamp, _NO_XML, f"This is no SCRIPT message that is read here: {error.what}.")
        ) from None
    settings = connection_settings(at.settings)
    if not is_from_partner(message.sender.address, settings, at.payers):
        raise _refused(message, at, stamp, _NOT_ALLOWED, "The sender may not send here.")
    if message.receiver.address != settings.from_:
        raise _refused(message, at, stamp, _NOT_ALLOWED, "This is addressed to somebody else.")
    if message.is_test and at.mode is Mode.LIVE:
        raise _refused(message, at, stamp, _NOT_ALLOWED, "A test message came over a live connection.")
    if message.kind not in ANSWERS and message.kind not in {"Error", *_RECEIPTS}:
        raise _refused(message, at, stamp, _NOT_TAKEN, "Messages of this kind are not taken.")
    if (fault := check(body, at.xsd)) is not None:
        raise _refused(message, at, stamp, _OTHER_GUIDE, f"The message does not follow the schema ({fault}).")
    return Message(message.id, body, message.kind not in _RECEIPTS, message.sender.address)


def acknowledge(message: Message, at: Partner, stamp: Stamp) -> Said:
    received = receive(message.body)
    return _said(received, at, stamp, Status(code=_ACCEPTED))


def contradict(message: Message, at: Partner, stamp: Stamp) -> Said:
    why = "Another message came under this id before."
    return _said(receive(message.body), at, stamp, _rejection(_UNFIT, why))


def _refused(message: Received, at: Partner, stamp: Stamp, code: str, why: str) -> Refused:
    return Refused(why, _said(message, at, stamp, _rejection(code, why)))


def _error(at: Partner, stamp: Stamp, code: str, why: str) -> Said:
    return _said(None, at, stamp, _rejection(code, why))


def _rejection(code: str, why: str) -> Error:
    return Error(code=_REJECTED, details=(code,), description=why)


def _said(message: Received | None, at: Partner, stamp: Stamp, content: Status | Error) -> Said:
    # Back to whoever sent it, as long as that is one of the partner's addresses.
    known = message is not None and is_from_partner(message.sender.address, at.settings, at.payers)
    back = message.sender if message is not None and known else None
    if back is not None and back.qualifier not in QUALIFIERS:
        back = Party(back.address, None)  # no word of the standard's is written; the attribute may be left out
    address = address_of(at.settings, at.mode, back)
    header = address.header(stamp, of="acknowledgement", relates_to=message.id if message is not None else None)
    body = messages.write(messages.Message(version_of(at.settings), header, content))
    approve(body, at.xsd)
    return Said(200, MEDIA_TYPE, body)


def collect(at: Partner, stamp: Stamp, receipt: str | None) -> Https:
    """GetMessage. What was taken last is named in it, so that the mailbox may let it go."""
    settings = connection_settings(at.settings)
    address = replace(
        address_of(settings, at.mode), mailbox=settings.mailbox_id or settings.from_[:35], acknowledged=receipt
    )
    body = messages.write(messages.Message(version_of(settings), address.header(stamp), GetMessage()))
    approve(body, at.xsd)
    return Https(
        method="POST",
        url=at.endpoint,
        effect=False,
        headers=(("Content-Type", f"{MEDIA_TYPE}; charset=utf-8"), ("Accept", MEDIA_TYPE)),
        body=(body,),
        document=body,
        document_type=MEDIA_TYPE,
        deadline=settings.deadline,
    )


def collected(reply: Reply, at: Partner, stamp: Stamp) -> tuple[Message, str] | None:
    """What is not whole, or not for us, is kept all the same: it would be in the way of all that waits behind it."""
    said = f"HTTP {reply.status}"
    if reply.stale_token:
        raise NotSent(f"the access token had ended ({said})")
    if reply.status in CREDENTIALS:
        raise NeedsPerson(f"the connection's credentials were refused ({said})")
    if not 200 <= reply.status < 300:
        raise NotSent(f"the mailbox gave no answer for now ({said})", wait(reply))
    if reply.header("content-encoding").lower() not in ("", "identity"):
        raise Unreadable("the reply is compressed, which was not asked for")
    asked = derived(stamp.seed, "message")
    try:
        message = receive(reply.body)
    except Unreadable:
        if (receipt := receipt_in(reply.body, asked)) is None:
            raise
        return Message(f"unreadable {hashlib.sha256(reply.body).hexdigest()}", reply.body), receipt
    tags = message.version.tags
    delivered = message.header.word(tags["Mailbox"], tags["DeliveredID"])
    if message.kind == "Status":
        _hold(message, at)
        if message.word("Code") in _EMPTY:
            return None
        raise Unreadable("the mailbox answers with a Status that is neither a message nor the end of them")
    # An Error to a message of ours is mail, and would stay before all other mail as the mailbox's own word.
    if message.kind == "Error" and message.relates_to in ((asked,) if delivered is not None else (asked, None)):
        code = message.word("Code")
        _hold(message, at)
        if code in _AGAIN:
            raise NotSent("the mailbox could not answer now")
        if code == "700":
            raise NeedsPerson("the partner says that the parties are not set up for each other (Error 700)")
        raise Unreadable("the mailbox refuses the question for mail")
    receipt = delivered.text if delivered is not None else message.id
    if not RECEIPT.fullmatch(receipt):
        raise Unreadable("the mailbox's id of a message is too long, or in signs that do not travel, to be given back")
    return Message(message.id, reply.body, message.kind != "Verify", message.sender.address), receipt


def _hold(message: Received, at: Partner) -> None:
    """Hold a mailbox's own words against the connection's mode and the deployer's schema. Messages are kept whatever is
    wrong with them, and are held against both when they are heard. Raises Unreadable."""
    if message.is_test and at.mode is Mode.LIVE:
        raise Unreadable("the mailbox of a live connection answers with a test message")
    if (fault := check(message.tree.body, at.xsd)) is not None:
        raise Unreadable(f"the mailbox's answer does not follow the schema of this connection ({fault})")
