"""The invitation to a talk of peers, as a calendar takes it (RFC 5545, RFC 5546). Pure.

It names the case by its id and nothing of the patient: calendars are shared, and stand on telephones.
"""

from __future__ import annotations

from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

from gateway.model.talk import Talk, TalkState

MEDIA_TYPE = "text/calendar"
_GONE = frozenset({TalkState.WITHDRAWN})


def write_invitation(case_id: UUID, talk: Talk) -> bytes | None:
    """The talk as an event; None for one that has never had a time. Its UID stays, its SEQUENCE grows whenever it is
    moved or called off, and one that is called off is a CANCEL."""
    if talk.scheduled is None:
        return None
    off = talk.state in _GONE
    calendar = Calendar()
    calendar.add("prodid", "-//payer-gateway//peer-to-peer//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if off else "PUBLISH")
    event = Event()
    event.add("uid", f"peer-to-peer-{talk.n}@{case_id}")
    event.add("sequence", talk.sequence)
    event.add("dtstamp", talk.concluded_at if off else talk.scheduled_at)
    event.add("dtstart", talk.scheduled.start)
    event.add("dtend", talk.scheduled.end)
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    event.add("summary", f"Peer-to-peer with {talk.payer}, case {case_id}")
    if talk.phone is not None:
        event.add("location", f"Telephone {talk.phone[:3]}-{talk.phone[3:6]}-{talk.phone[6:]}")
    organizer = vCalAddress(case_id.urn)  # RFC 5546 wants one; nobody is to be written to
    organizer.params["CN"] = vText("Prior authorization gateway")
    event["organizer"] = organizer
    event.add("class", "CONFIDENTIAL")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
