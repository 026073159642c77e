"""Appointments (预约接访): a place of a reception, booked and cancelled by receipt code.

Append-only: the newest row of a case says where it stands. `booked` names the line of the roster as
it then was and a place drawn by chance, so that no number tells how many others come; the
appointment follows the line when it is changed, and nothing is lost when it is called off.

Who reads what (DOMAIN.md §5): the asker everything; a body's clerks the moments of booking of their
own cases and nothing from which date, place or slot can be told (`read_moments`); the supervisor's
desk the case numbers of one session, from the morning of its day (`data.receptions`).
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from . import roster
from .appointment_sql import AHEAD_DAYS, FEWEST_PLACES, taken_by_others
from .asker import REISSUED_WAITS
from .db import Db
from .errors import NotAllowed, NotFound
from .history import CaseHistory
from .prepared import Prepared
from .reading import MOVING, history_in, known_at, reached_by
from .receipts import Opened
from .roster import Line
from .schema import appointment, body, case_event, case_version
from .scope import RESIDENT, Scope
from .vocabulary import APPOINTMENT_EVENTS

JudgeBooking = Callable[[CaseHistory], None]
"""Judges whether a reception can be booked about a case now; raises a `ProjectError`. `casework`
knows the grammar, this room none."""
BOOKED, CANCELLED = APPOINTMENT_EVENTS


@dataclass(frozen=True)
class Appointment:
    """The newest appointment of a case, as its asker sees it.

    state: `booked` (stands), `called_off` (by the office), `cancelled` (by the asker), `over` (its
    day has passed). line: as in force; where it was called off, as it was when booked.
    was: the line as it was when booked. slot: the place, from 1. at: of the newest row.
    may_undo: cancelled, and the place is still free for this case.
    bookings: (`booked` or `cancelled`, when) of all appointments of the case, in order.
    """

    state: str
    line: Line
    was: Line
    slot: int
    at: dt.datetime
    may_undo: bool
    bookings: tuple[tuple[str, dt.datetime], ...]

    @property
    def is_changed(self) -> bool:
        """Whether the office changed day, time or place since it was booked."""
        now, then = self.line, self.was
        return (now.day, now.starts, now.ends, now.place) != (
            then.day, then.starts, then.ends, then.place,
        )  # fmt: skip


@dataclass(frozen=True)
class Moments:
    """What a body may know of the appointments about a case, and what was done about it.

    bookings: (event, when) in order, no line and no slot. steps: (event, when it occurred, when it
    was known) of the office and of the asker, in order.
    """

    case_id: str
    body_id: str
    bookings: tuple[tuple[str, dt.datetime], ...]
    steps: tuple[tuple[str, dt.datetime, dt.datetime], ...]


def stands(db: Db, scope: Scope, case_id: str) -> Appointment | None:
    """The newest appointment of the case, for its asker; None where none was ever booked.

    Raises:
        NotFound: another case's code.
    """
    _own(scope, case_id)
    with db.read() as conn:
        return _stands(db, conn, case_id)


def offered(db: Db, scope: Scope, case_id: str, until: dt.date) -> tuple[Line, ...]:
    """The lines on which a place can be booked about the case now: at least five days ahead, with
    a free place, of the county or of a body that the case concerns.

    Args:
        until: last local day of the public roster.

    Raises:
        NotFound: another case's code.
    """
    _own(scope, case_id)
    with db.read() as conn:
        history = history_in(db, conn, scope, case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        lines = _bookable(db, conn, history, until)
        taken = taken_by_others(conn, case_id)
    return tuple(line for line in lines if _free(line, taken))


def book(
    db: Db, scope: Scope, case_id: str, line_id: int, until: dt.date, judge: JudgeBooking
) -> Appointment:
    """Book a place of a line for the case, drawn by chance among the free ones.

    Any code of the case is enough, a reissued one too: a stranger who books makes the body call
    and can be undone. Under the writers' lock, so that a place is given once.

    Raises:
        NotFound: another case's code.
        NotAllowed: a line that cannot be booked (any more), no free place, or an appointment that
            stands. Nothing was written.
        ProjectError: what `judge` says.
    """
    _own(scope, case_id)
    with db.write() as conn:
        at = db.stamp(conn)
        history = history_in(db, conn, scope, case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        judge(history)
        found = _stands(db, conn, case_id)
        if found is not None and found.state == BOOKED:
            raise NotAllowed("reception.error.one_stands")
        line = {one.line_id: one for one in _bookable(db, conn, history, until)}.get(line_id)
        if line is None:
            raise NotAllowed("reception.error.not_bookable")
        free = _free(line, taken_by_others(conn, case_id))
        if not free:
            raise NotAllowed("reception.error.full")
        _write(conn, case_id, BOOKED, line_id, secrets.choice(free), at)
        return _must_stand(db, conn, case_id)


def cancel(db: Db, opened: Opened) -> Appointment:
    """Cancel the appointment that stands. The door has checked the asker's word before.

    Raises:
        NotAllowed: none stands; or a code that was reissued within the last 7 days.
    """
    _own(opened.scope, opened.case_id)
    with db.write() as conn:
        at = db.stamp(conn)
        found = _stands(db, conn, opened.case_id)
        if found is None or found.state != BOOKED:
            raise NotAllowed("reception.error.none_stands")
        if opened.is_reissued and at - opened.issued_at < REISSUED_WAITS:
            raise NotAllowed("reception.error.reissued_waits")
        _write(conn, opened.case_id, CANCELLED, found.was.line_id, found.slot, at)
        return _must_stand(db, conn, opened.case_id)


def undo(db: Db, scope: Scope, case_id: str) -> Appointment:
    """Take a cancellation back: the same place again. Any code is enough.

    Raises:
        NotFound: another case's code.
        NotAllowed: nothing was cancelled, the day has come and gone, or the place is another's.
    """
    _own(scope, case_id)
    with db.write() as conn:
        at = db.stamp(conn)
        found = _stands(db, conn, case_id)
        if found is None or not found.may_undo:
            raise NotAllowed("reception.error.no_undo")
        _write(conn, case_id, BOOKED, found.was.line_id, found.slot, at)
        return _must_stand(db, conn, case_id)


def read_moments(db: Db, scope: Scope, case_id: str | None = None) -> tuple[Moments, ...]:
    """When receptions were booked about the cases within reach, and what was done since: what a
    body may know. Never which line, day, place or slot.

    Args:
        case_id: of this one only; None = of all.

    Raises:
        NotAllowed: neither a clerk nor a supervisor.
    """
    scope.need("township_clerk", "department_clerk", "supervisor")
    a, v, e = appointment.c, case_version.c, case_event.c
    wanted = sa.select(a.case_id) if case_id is None else sa.select(a.case_id).where(
        a.case_id == case_id
    )  # fmt: skip
    with db.read() as conn:
        cases = sa.select(v.case_id).where(v.case_id.in_(wanted), reached_by(scope))
        rows = conn.execute(
            sa.select(a.case_id, a.event, a.recorded_at).where(a.case_id.in_(cases)).order_by(a.id)
        ).all()
        if not rows:
            return ()
        steps = conn.execute(
            sa.select(
                e.case_id, e.event, e.occurred_at,
                known_at(case_event).label("known_at"),
                e.to_body_id,
            )
            .where(e.case_id.in_(cases), e.event != "rated")
            .order_by(e.occurred_at, e.id)
        ).all()  # fmt: skip
        versions = sa.select(v.case_id, v.body_id).where(v.case_id.in_(cases)).order_by(v.id)
        named = {row.case_id: row.body_id for row in conn.execute(versions)}
    bookings, done = defaultdict(list), defaultdict(list)
    for row in rows:
        bookings[row.case_id].append((row.event, row.recorded_at))
    for step in steps:
        done[step.case_id].append((step.event, step.occurred_at, step.known_at))
        if step.event in MOVING and step.to_body_id is not None:
            named[step.case_id] = step.to_body_id
    return tuple(
        Moments(one, named[one], tuple(bookings[one]), tuple(done[one])) for one in bookings
    )


def _stands(db: Db, conn: sa.Connection, case_id: str) -> Appointment | None:
    rows = _ROWS.rows(conn, case=case_id)
    if not rows:
        return None
    row = rows[-1]
    found = roster.by_id(conn, [row["roster_id"]]).get(row["roster_id"])
    if found is None:
        return None
    was, line = found
    today = _today(db)
    if line is None:
        state, may_undo = "called_off", False
    elif line.day < today:
        state, may_undo = "over", False
    else:
        state = row["event"]
        taken = taken_by_others(conn, case_id) if state == CANCELLED else set()
        may_undo = state == CANCELLED and (line.line_id, row["slot"]) not in taken
    if row["event"] == CANCELLED and state != "over":
        state = CANCELLED
    bookings = tuple((one["event"], one["recorded_at"]) for one in rows)
    return Appointment(state, line or was, was, row["slot"], row["recorded_at"], may_undo, bookings)


_ROWS = Prepared(
    sa.select(
        appointment.c.event, appointment.c.roster_id, appointment.c.slot, appointment.c.recorded_at
    )
    .where(appointment.c.case_id == sa.bindparam("case"))
    .order_by(appointment.c.id)
)


def _must_stand(db: Db, conn: sa.Connection, case_id: str) -> Appointment:
    found = _stands(db, conn, case_id)
    assert found is not None  # a row was written a moment ago
    return found


def _bookable(
    db: Db, conn: sa.Connection, history: CaseHistory, until: dt.date
) -> tuple[Line, ...]:
    first = _today(db) + dt.timedelta(days=AHEAD_DAYS)
    concerned = _concerned(conn, history)
    return tuple(
        line
        for line in roster.in_force(conn, first, until)
        if line.slots >= FEWEST_PLACES
        and (
            concerned.intersection(line.sits)
            if line.sits
            else line.body_id is None or line.body_id in concerned
        )
    )


def _concerned(conn: sa.Connection, history: CaseHistory) -> set[str]:
    """The bodies a case concerns: those that have or had it, the desk, the township's office."""
    moved = (e.to_body_id for e in history.events if e.event in MOVING)
    found = {history.body_id, history.named_body_id, history.desk, *moved}
    of_township = sa.select(body.c.body_id).where(body.c.township_code == history.township_code)
    found |= set(conn.execute(of_township).scalars())
    return {one for one in found if one is not None}


def _free(line: Line, taken: Collection[tuple[int, int]]) -> Sequence[int]:
    return [n for n in range(1, line.slots + 1) if (line.line_id, n) not in taken]


def _write(
    conn: sa.Connection, case_id: str, event: str, line_id: int, slot: int, at: dt.datetime
) -> None:
    conn.execute(
        appointment.insert().values(
            case_id=case_id, event=event, roster_id=line_id, slot=slot, recorded_at=at
        )
    )


def _today(db: Db) -> dt.date:
    return db.now().astimezone(ZoneInfo(db.county().zone)).date()


def _own(scope: Scope, case_id: str) -> None:
    if scope.role != RESIDENT or scope.who != case_id or not case_id:
        raise NotFound("data.error.no_such_case")
