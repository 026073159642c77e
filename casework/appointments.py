"""What a booked reception (预约接访) asks of the body that owes the answer, as of a moment.

`appointment_dispatch`: the matter is with the body the day after the booking, at a fixed hour, by
itself. `appointment_contact`: first contact within 24 hours of that, an instant.
`appointment_feedback`: the asker is told within 2 days, counted like every limit in calendar days.
Source: 定联办〔2020〕3号 as told in DOMAIN.md §5; alike under every pack.

From these clocks nobody learns the day of the reception: they follow from the moment of booking
alone. Cancelling, booking again, a session that is called off or has passed changes none of them;
a matter is sent once until its asker was received.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from data.roster import Line

from .assignments import AssignmentClock, end_of, office_clock
from .calendar import WorkingCalendar
from .vocabulary import FIRST_STEPS

DISPATCH_AT = dt.time(8)
"""Local time of the day after the booking at which the matter is with the body."""
CONTACT_HOURS = 24
FEEDBACK_DAYS = 2
TOLD = (
    "notified", "delivered", "answered", "no_remedy", "declined", "referred", "reviewed",
    "rechecked",
)  # fmt: skip
"""Steps by which the asker learns what the body found or decided."""
CONTACTS = (*(step for step in FIRST_STEPS if step != "received"), *TOLD)
"""Steps by which the body was in touch with the asker; the reception itself is none of them."""
VOID = ("withdrawal_asked", "withdrawn", "disowned")
UNDONE = ("withdrawal_undone", "confirmed")

Bookings = Sequence[tuple[str, dt.datetime]]
"""(`booked` or `cancelled`, when), in order."""
Steps = Sequence[tuple[str, dt.datetime, dt.datetime]]
"""(event, when it occurred, when it was known), in order."""


@dataclass(frozen=True)
class Sent:
    """A matter about which a reception was booked, as the body has it.

    at: when it was sent to the body. clocks: dispatch, contact, feedback. is_late: one of them
    ran out before it was met, or runs past its end. is_waiting: something is to be done.
    """

    at: dt.datetime
    clocks: tuple[AssignmentClock, AssignmentClock, AssignmentClock]

    @property
    def is_waiting(self) -> bool:
        return any(clock.state in ("running", "overdue") for clock in self.clocks)

    @property
    def is_late(self) -> bool:
        return any(clock.state in ("overdue", "late") for clock in self.clocks)


def dispatched(
    bookings: Bookings, received: Iterable[dt.datetime], zone: str
) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    """(booked, sent) of every time the matter is sent to the body, the next one included.

    One booking that still stands the next morning sends it; what is booked after that sends
    nothing until the asker was received.
    """
    tz, times = ZoneInfo(zone), sorted(received)
    found: list[tuple[dt.datetime, dt.datetime]] = []
    for event, at in bookings:
        if event != "booked":
            continue
        if found and not any(found[-1][1] <= one <= at for one in times):
            continue
        day = at.astimezone(tz).date() + dt.timedelta(days=1)
        moment = dt.datetime.combine(day, DISPATCH_AT, tz).astimezone(dt.UTC)
        before = [name for name, when in bookings if when <= moment]
        if before and before[-1] == "booked":
            found.append((at, moment))
    return tuple(found)


def sent(
    bookings: Bookings, steps: Steps, as_of: dt.datetime, zone: str, calendar: WorkingCalendar
) -> Sent | None:
    """What the newest sending asks of the body at a moment; None before the first.

    Args:
        as_of: aware. zone: the county's, IANA.
    """
    received = [occurred for event, occurred, _ in steps if event == "received"]
    past = [one for one in dispatched(bookings, received, zone) if one[1] <= as_of]
    if not past:
        return None
    booked_at, at = past[-1]
    day = at.astimezone(ZoneInfo(zone)).date()
    last = calendar.next_working(day + dt.timedelta(days=FEEDBACK_DAYS))
    known = [(event, _when(occurred, known)) for event, occurred, known in steps if known <= as_of]
    void: dt.datetime | None = None
    for event, when in known:
        if event in VOID and when >= booked_at:
            void = void or when
        elif event in UNDONE:
            void = None

    def met(names: Iterable[str]) -> dt.datetime | None:
        wanted = set(names)
        return next((when for e, when in known if e in wanted and when >= booked_at), None)

    clocks = (
        office_clock("appointment_dispatch", at, at, as_of, None),
        office_clock(
            "appointment_contact",
            at + dt.timedelta(hours=CONTACT_HOURS),
            met(CONTACTS),
            as_of,
            void,
        ),
        office_clock("appointment_feedback", end_of(last, ZoneInfo(zone)), met(TOLD), as_of, void),
    )
    return Sent(at, clocks)


def _when(occurred: dt.datetime, known: dt.datetime) -> dt.datetime:
    """An event counts when it occurred if it was known within a day of it, else when it was known
    (DOMAIN.md §4)."""
    return occurred if known - occurred <= dt.timedelta(days=1) else known


def time_of(line: Line, slot: int) -> str:
    """About when a place's turn comes, HH:MM, down to five minutes."""
    first, last = (int(one[:2]) * 60 + int(one[3:]) for one in (line.starts, line.ends))
    minute = first + (last - first) * (slot - 1) // max(line.slots, slot)
    minute -= minute % 5
    return f"{max(first, minute) // 60:02}:{max(first, minute) % 60:02}"
