"""The day of a reception (接访当日): who comes when, what was promised, what was settled before.

Nobody knows beforehand which case comes when. The supervisor's desk, and no other, is given the
case numbers of one session, from the morning of its day; every time it is noted in the log.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from . import audit, roster, texts
from .assigned import THIS_CASE, JudgeNew, NewAssignment
from .assignments import MOST_WORDS, assign_in
from .db import Db
from .errors import NotAllowed, NotFound
from .history import CaseHistory, RecordedEvent, was_disowned
from .reading import history_in, known_at
from .roster import Line
from .schema import appointment, case_event, case_version
from .scope import OPERATOR, Scope

MORNING = dt.time(7)
"""Local time of the session's day from which its list can be opened."""
OPEN_DAYS = 14
"""How long after its day a session's list can be opened and its results written down."""
ANSWERS, OPENED_AGAIN = ("answered", "no_remedy"), ("not_solved",)

JudgeReceived = Callable[[CaseHistory, RecordedEvent], None]
"""Judges the step `received` against the history; raises a `RuleError` (`casework.adapter`)."""


@dataclass(frozen=True)
class NewReception:
    """What the desk writes down of one case at a session.

    step, due_on: what was promised, of the closed list, and by which local day; None = nothing.
    words: as the asker will read them unchanged; of the promise, else of the conversation.
    """

    line_id: int
    case_id: str
    step: str | None = None
    due_on: dt.date | None = None
    words: str = ""


def sessions(db: Db, scope: Scope) -> tuple[tuple[Line, bool], ...]:
    """The lines of the last two weeks and of today, newest first, and whether the list of each can
    be opened by now.

    Raises:
        NotAllowed: not a supervisor.
    """
    scope.need("supervisor")
    now = _local(db)
    with db.read() as conn:
        found = roster.in_force(conn, now.date() - dt.timedelta(days=OPEN_DAYS), now.date())
    return tuple((line, _is_open(line, now)) for line in sorted(found, key=_newest_first))


def day_list(db: Db, scope: Scope, line_id: int) -> tuple[tuple[int, str], ...]:
    """(place, case number) of a session, by place; noted in the log.

    Left out: what was cancelled, and what somebody says they never asked for.

    Raises:
        NotAllowed: not a supervisor; or the morning of its day has not come, or it is long over.
        NotFound: no such line in force.
    """
    scope.need("supervisor")
    a, e = appointment.c, case_event.c
    with db.write() as conn:
        line = _session(db, conn, line_id)
        newest = sa.select(sa.func.max(a.id)).group_by(a.case_id)
        rows = conn.execute(
            sa.select(a.case_id, a.roster_id, a.slot).where(a.id.in_(newest), a.event == "booked")
        ).all()
        became = roster.by_id(conn, {row.roster_id for row in rows})
        found = []
        for row in rows:
            now = became[row.roster_id][1]
            if now is not None and now.line_id == line.line_id:
                found.append((int(row.slot), str(row.case_id)))
        told = defaultdict(list)
        query = sa.select(e.case_id, e.event).where(e.case_id.in_([case for _, case in found]))
        for case_id, event in conn.execute(query.order_by(e.occurred_at, e.id)):
            told[case_id].append(event)
        audit.write(db, conn, scope, "reception_list_opened", str(line_id))
    return tuple(sorted(one for one in found if not was_disowned(told[one[1]])))


def record_reception(
    db: Db, scope: Scope, new: NewReception, may_receive: JudgeReceived, may_promise: JudgeNew
) -> str | None:
    """Write down that the asker of a case was received, and what was promised; the id of the
    assignment that keeps the promise, None where nothing was promised. All or nothing.

    The step `received` stands once per case and session; a further promise adds to it.

    Raises:
        NotAllowed: not a supervisor, no day or no words with a promise, a session that has not
            begun or is long over.
        NotFound: no such session or case.
        ProjectError: what the judges say.
    """
    scope.need("supervisor")
    words = new.words.strip()
    if (new.step is None) != (new.due_on is None) or (new.step is not None and not words):
        raise NotAllowed("reception.error.promise_incomplete")
    if len(words) > MOST_WORDS:
        raise NotAllowed("assignments.error.words_long", most=MOST_WORDS)
    with db.write() as conn:
        at = db.stamp(conn)
        line = _session(db, conn, new.line_id)
        history = history_in(db, conn, scope, new.case_id)
        if history is None:
            raise NotFound("data.error.no_such_case")
        zone = ZoneInfo(db.county().zone)
        began = dt.datetime.combine(line.day, dt.time.fromisoformat(line.starts), zone)
        begun_at = began.astimezone(dt.UTC)
        if begun_at > at:
            raise NotAllowed("reception.error.not_begun")
        is_known = any(e.event == "received" and e.occurred_at == begun_at for e in history.events)
        promised = None
        if new.step is not None and new.due_on is not None:
            promise = NewAssignment(
                "reception", history.body_id, THIS_CASE, new.step, new.due_on, new.case_id,
                words=words,
            )  # fmt: skip
            promised = assign_in(db, conn, scope, promise, may_promise, at)
        elif is_known:
            raise NotAllowed("reception.error.recorded_already")
        if not is_known:
            step = RecordedEvent("received", begun_at, at, "office", line.body_id)
            may_receive(history, step)
            note = words if new.step is None else ""
            conn.execute(
                case_event.insert().values(
                    case_id=new.case_id, event="received", occurred_at=begun_at, recorded_at=at,
                    actor="office", body_id=line.body_id,
                    text_id=_kept(db, conn, new.case_id, note, at),
                )
            )  # fmt: skip
        audit.write(db, conn, scope, "reception_recorded", new.case_id)
    return promised


def settled_before(
    db: Db, scope: Scope, first: dt.date, last: dt.date
) -> dict[str, tuple[int, int]]:
    """Per body that owes the answer: (cases answered between the booking and the reception's day,
    cases with an appointment) of the receptions of the local days `first`..`last`.

    Appointments that were cancelled or called off are none. A case counts once per reception.

    Raises:
        NotAllowed: a role that does not see the county's figures.
    """
    scope.need("supervisor", "leader", OPERATOR)
    a, e, v = appointment.c, case_event.c, case_version.c
    zone = ZoneInfo(db.county().zone)
    with db.read() as conn:
        rows = conn.execute(
            sa.select(a.case_id, a.event, a.roster_id, a.recorded_at).order_by(a.id)
        ).all()
        became = roster.by_id(conn, {row.roster_id for row in rows})
        held = _held(rows, became, first, last)
        some = v.case_id.in_(sa.select(a.case_id))
        versions = sa.select(v.case_id, v.body_id).where(some).order_by(v.id)
        owing = {row.case_id: row.body_id for row in conn.execute(versions)}
        wanted = (*ANSWERS, *OPENED_AGAIN, "transferred", "review_requested", "recheck_requested")
        steps: dict[str, list[tuple[str, dt.datetime]]] = defaultdict(list)
        for case_id, event, at, to in conn.execute(
            sa.select(e.case_id, e.event, known_at(case_event), e.to_body_id)
            .where(e.case_id.in_(sa.select(a.case_id)), e.event.in_(wanted))
            .order_by(e.occurred_at, e.id)
        ):
            steps[case_id].append((event, at))
            if to is not None:
                owing[case_id] = to
    booked: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    for case_id, booked_at, day in held:
        morning = dt.datetime.combine(day, dt.time.min, zone)
        said = [
            event for event, at in steps[case_id]
            if event in (*ANSWERS, *OPENED_AGAIN) and booked_at <= at < morning
        ]  # fmt: skip
        booked[owing[case_id]] += 1
        settled[owing[case_id]] += bool(said) and said[-1] in ANSWERS
    return {one: (settled[one], booked[one]) for one in sorted(booked)}


def _held(
    rows: Sequence[Any], became: dict[int, tuple[Line, Line | None]], first: dt.date, last: dt.date
) -> list[tuple[str, dt.datetime, dt.date]]:
    """(case, booked at, day) of the appointments that came to their day and were not cancelled."""
    stands: dict[tuple[str, int], dt.datetime | None] = {}
    for row in rows:
        line = became[row.roster_id][1]
        if line is not None:
            is_booked = row.event == "booked"
            stands[row.case_id, line.line_id] = row.recorded_at if is_booked else None
    days = {line.line_id: line.day for _, line in became.values() if line is not None}
    return [
        (case_id, at, days[line_id])
        for (case_id, line_id), at in stands.items()
        if at is not None and first <= days[line_id] <= last
    ]


def _session(db: Db, conn: sa.Connection, line_id: int) -> Line:
    found = roster.by_id(conn, [line_id]).get(line_id)
    if found is None or found[1] is None:
        raise NotFound("roster.error.gone")
    if not _is_open(found[1], _local(db)):
        raise NotAllowed("reception.error.not_today", morning=f"{MORNING:%H:%M}", days=OPEN_DAYS)
    return found[1]


def _is_open(line: Line, now: dt.datetime) -> bool:
    begins = dt.datetime.combine(line.day, MORNING, now.tzinfo)
    return begins <= now and now.date() <= line.day + dt.timedelta(days=OPEN_DAYS)


def _kept(db: Db, conn: sa.Connection, case_id: str, words: str, at: dt.datetime) -> str | None:
    if not words:
        return None
    return texts.add(db, conn, case_id, "words", json.dumps({"note": words}), at)


def _newest_first(line: Line) -> tuple[int, str, int]:
    return -line.day.toordinal(), line.starts, line.line_id


def _local(db: Db) -> dt.datetime:
    return db.now().astimezone(ZoneInfo(db.county().zone))
