"""Receptions (DOMAIN.md §5): the body gets the matter, never date, place or slot; the list of a
session is the supervisor's desk's alone, from its own morning (§2.3, §2.9, §2.11)."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from casework import appointments as rules
from data import appointments, openings, receptions, roster
from data import record as kept
from data.db import Db
from data.errors import NotAllowed
from data.history import NewEvent
from data.receipts import Slip, find
from data.receptions import NewReception
from data.roster import NewLine
from data.schema import appointment, audit
from data.scope import Scope
from data.vocabulary import APPOINTMENT_EVENTS, ROLES
from service import receptions as served
from service.assignments import listed
from tests.conftest import (
    ADMINISTRATOR,
    DESK,
    GRID_WORKER,
    HOUSING,
    LABOUR,
    LEADER,
    SUPERVISOR,
    Clock,
)
from tests.public.conftest import register

ROOT = Path(__file__).parents[2]
EVERYBODY = (GRID_WORKER, DESK, LABOUR, HOUSING, SUPERVISOR, LEADER, ADMINISTRATOR)
DAYS = tuple(dt.date(2026, 3, day) for day in (11, 16, 20, 27))
BOOKED = dt.datetime(2026, 3, 5, 3, 0, tzinfo=dt.UTC)


def line(day: dt.date, **changed: object) -> NewLine:
    usual = NewLine(day, "09:00", "11:00", "county_head", None, "接待大厅", 5)
    return dataclasses.replace(usual, **changed)  # type: ignore[arg-type]


@pytest.fixture
def county(sqlite_db: Db, small_county: Callable[[Db], Db]) -> Db:
    db = small_county(sqlite_db)
    roster.add(db, SUPERVISOR, [line(day) for day in DAYS])
    return db


def put(db: Db, case_id: str, *rows: tuple[str, int, int, dt.datetime]) -> None:
    """Rows of `appointment` as they may come to stand."""
    with db.write() as conn:
        for event, line_id, slot, at in rows:
            conn.execute(
                appointment.insert().values(
                    case_id=case_id, event=event, roster_id=line_id, slot=slot, recorded_at=at
                )
            )


def seen(db: Db, case_id: str, now: dt.datetime) -> object:
    """All that the body's clerk is told of a booked reception, the case's number left out."""
    listed_ = [(one.body_id, one.sent) for one in served.sent_cases(db, LABOUR, now)]
    return listed_, served.sent_of_case(db, LABOUR, case_id, now)


HOUR = dt.timedelta(hours=1)
LATER = BOOKED + dt.timedelta(days=2)
WORLDS: dict[str, list[tuple[str, int, int, dt.datetime]]] = {
    "another session": [("booked", 2, 1, BOOKED)],
    "another place": [("booked", 1, 5, BOOKED)],
    "cancelled after it was sent": [("booked", 3, 2, BOOKED), ("cancelled", 3, 2, LATER)],
    "booked again": [
        ("booked", 3, 2, BOOKED), ("cancelled", 3, 2, LATER), ("booked", 4, 4, LATER + HOUR),
    ],
    "taken back at once": [
        ("booked", 1, 3, BOOKED), ("cancelled", 1, 3, BOOKED + HOUR),
        ("booked", 1, 3, BOOKED + 2 * HOUR),
    ],
}  # fmt: skip


@pytest.mark.parametrize("world", [*WORLDS, "called off", "moved"])
def test_a_body_sees_the_same_whatever_was_booked_and_whatever_became_of_it(
    county: Db, clock: Clock, world: str
) -> None:
    """Two cases of one body, of which one stands for the plain world: nothing tells them apart."""
    plain, other = register(county).case_id, register(county).case_id
    put(county, plain, ("booked", 1, 1, BOOKED))
    put(county, other, *WORLDS.get(world, [("booked", 2, 1, BOOKED)]))
    for days in (0.2, 0.9, 1.5, 5, 12, 40):
        now = clock.at = BOOKED + dt.timedelta(days=days)
        if days == 1.5 and world == "called off":
            roster.cancel(county, SUPERVISOR, 2)
        if days == 1.5 and world == "moved":
            roster.change(county, SUPERVISOR, 2, line(dt.date(2026, 3, 26), slots=1))
        first, second = (served.sent_of_case(county, LABOUR, case, now) for case in (plain, other))
        assert first == second
        assert (first is None) == (days < 0.9)
        both = [one.sent for one in served.sent_cases(county, LABOUR, now)]
        assert both == ([] if first is None else [first, first])


def test_the_clocks_of_a_body_are_those_of_the_office_rule(county: Db, clock: Clock) -> None:
    """Sent the next day at eight; contact within 24 hours; told by the end of the second day."""
    case_id = register(county).case_id
    put(county, case_id, ("booked", 1, 1, BOOKED))  # Thursday
    sent = served.sent_of_case(county, LABOUR, case_id, BOOKED + dt.timedelta(days=1))
    assert sent is not None
    due = [(c.clock, c.due_at.isoformat(), c.state) for c in sent.clocks]
    assert due == [
        ("appointment_dispatch", "2026-03-06T00:00:00+00:00", "met"),
        ("appointment_contact", "2026-03-07T00:00:00+00:00", "running"),
        ("appointment_feedback", "2026-03-09T16:00:00+00:00", "running"),  # Sunday moves to Monday
    ]
    assert sent.is_waiting
    assert not sent.is_late
    late = served.sent_of_case(county, LABOUR, case_id, BOOKED + dt.timedelta(days=5))
    assert late is not None
    assert late.is_late
    clock.at = BOOKED + dt.timedelta(days=1, hours=1)
    kept.add_event(county, LABOUR, case_id, NewEvent("contacted"), lambda h, e: None)
    clock.go(hours=1)
    said = {"said": "已说明。"}
    kept.add_event(county, LABOUR, case_id, NewEvent("notified", words=said), lambda h, e: None)
    done = served.sent_of_case(county, LABOUR, case_id, BOOKED + dt.timedelta(days=20))
    assert done is not None
    assert [clock_.state for clock_ in done.clocks] == ["met", "met", "met"]


def test_what_a_body_is_told_has_no_field_for_day_session_or_place() -> None:
    told = {field.name for field in dataclasses.fields(served.SentCase)}
    told |= {field.name for field in dataclasses.fields(rules.Sent)}
    told |= {field.name for field in dataclasses.fields(appointments.Moments)}
    assert told == {"case_id", "body_id", "sent", "at", "clocks", "bookings", "steps"}


def test_a_matter_is_sent_again_only_after_its_asker_was_received() -> None:
    day = dt.timedelta(days=1)
    bookings = [("booked", BOOKED), ("booked", BOOKED + 20 * day), ("booked", BOOKED + 40 * day)]
    once = rules.dispatched(bookings, [], "Asia/Shanghai")
    assert [booked for booked, _ in once] == [BOOKED]
    again = rules.dispatched(bookings, [BOOKED + 30 * day], "Asia/Shanghai")
    assert [booked for booked, _ in again] == [BOOKED, BOOKED + 40 * day]
    withdrawn_in_time = [("booked", BOOKED), ("cancelled", BOOKED + HOUR)]
    assert rules.dispatched(withdrawn_in_time, [], "Asia/Shanghai") == ()


def test_only_the_owing_body_and_the_supervisor_know_that_one_is_booked(county: Db) -> None:
    case_id = register(county).case_id
    put(county, case_id, ("booked", 1, 1, BOOKED))
    for scope in EVERYBODY:
        if scope in (DESK, HOUSING):
            assert appointments.read_moments(county, scope) == ()
        elif scope in (LABOUR, SUPERVISOR):
            assert [one.case_id for one in appointments.read_moments(county, scope)] == [case_id]
        else:
            with pytest.raises(NotAllowed):
                appointments.read_moments(county, scope)


# the list of a session ---------------------------------------------------------------------------


def test_a_list_opens_on_its_own_morning_for_the_supervisors_desk_and_is_logged(
    county: Db, clock: Clock
) -> None:
    slip, other = register(county), register(county)
    put(county, slip.case_id, ("booked", 1, 4, BOOKED))
    put(county, other.case_id, ("booked", 2, 1, BOOKED))
    assert {scope.role for scope in EVERYBODY} == set(ROLES)
    clock.at = dt.datetime(2026, 3, 10, 22, 59, tzinfo=dt.UTC)  # 06:59 in Shanghai
    with pytest.raises(NotAllowed):
        receptions.day_list(county, SUPERVISOR, 1)
    clock.go(minutes=1)
    for scope in EVERYBODY:
        if scope != SUPERVISOR:
            with pytest.raises(NotAllowed):
                receptions.day_list(county, scope, 1)
            with pytest.raises(NotAllowed):
                receptions.sessions(county, scope)
    with county.read() as conn:
        before = conn.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one()
    assert receptions.day_list(county, SUPERVISOR, 1) == ((4, slip.case_id),)
    with county.read() as conn:
        rows = conn.execute(sa.select(audit.c.action, audit.c.target).order_by(audit.c.id)).all()
    assert [tuple(row) for row in rows[before:]] == [("reception_list_opened", "1")]
    with pytest.raises(NotAllowed):  # tomorrow's
        receptions.day_list(county, SUPERVISOR, 2)
    clock.go(days=15)
    with pytest.raises(NotAllowed):  # long over
        receptions.day_list(county, SUPERVISOR, 1)


def test_a_list_has_what_stands_and_nothing_that_is_disowned(county: Db, clock: Clock) -> None:
    slips = [register(county) for _ in range(3)]
    put(county, slips[0].case_id, ("booked", 1, 2, BOOKED))
    put(county, slips[1].case_id, ("booked", 1, 3, BOOKED), ("cancelled", 1, 3, LATER))
    put(county, slips[2].case_id, ("booked", 1, 1, BOOKED))
    own = Scope(slips[2].case_id, "resident")
    kept.add_event(county, own, slips[2].case_id, NewEvent("disowned"), lambda h, e: None)
    clock.at = dt.datetime(2026, 3, 11, 1, tzinfo=dt.UTC)
    assert receptions.day_list(county, SUPERVISOR, 1) == ((2, slips[0].case_id),)


def test_booking_leaves_no_line_in_the_log(county: Db) -> None:
    """Who may read the log would know who comes when."""
    slip = register(county)
    with county.read() as conn:
        before = conn.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one()
    scope = Scope(slip.case_id, "resident")
    served.book(county, scope, slip.case_id, 2)
    opened = find(county, slip.code)
    assert opened is not None
    appointments.cancel(county, opened)
    with county.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one() == before


def test_two_rooms_of_the_program_know_sessions_and_places_of_cases() -> None:
    """Whatever else reads the table would be a further way to date, place or slot."""
    homes = {"data/appointments.py", "data/receptions.py", "data/demo/receptions.py"}
    found = set()
    for room in ("data", "service", "casework", "risk", "reports", "ui", "pages", "public", "api"):
        for path in (ROOT / room).rglob("*.py"):
            if "schema" in path.parts or "migrations" in path.parts:
                continue
            found |= {
                str(path.relative_to(ROOT))
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.ImportFrom)
                and (node.module or "").endswith("schema")
                and any(name.name == "appointment" for name in node.names)
            }
    assert found == homes


def test_that_somebody_came_or_stayed_away_is_no_event() -> None:
    assert APPOINTMENT_EVENTS == ("booked", "cancelled")
    assert set(appointment.columns.keys()) == {
        "id", "case_id", "event", "roster_id", "slot", "recorded_at",
    }  # fmt: skip


# the promise -------------------------------------------------------------------------------------


@pytest.fixture
def at_the_table(county: Db, clock: Clock) -> Slip:
    slip = register(county)
    put(county, slip.case_id, ("booked", 1, 2, BOOKED))
    clock.at = dt.datetime(2026, 3, 11, 2, tzinfo=dt.UTC)
    return slip


def promise(slip: Slip, **changed: object) -> NewReception:
    usual = NewReception(1, slip.case_id, "mediate", dt.date(2026, 3, 25), "三月二十五日前调解。")
    return dataclasses.replace(usual, **changed)  # type: ignore[arg-type]


def test_a_promise_is_a_service_step_with_a_day_and_words(county: Db, at_the_table: Slip) -> None:
    wrong = [
        {"step": "visit_home"}, {"step": "report"}, {"due_on": None}, {"step": None},
        {"words": " "}, {"due_on": dt.date(2026, 3, 11)}, {"due_on": dt.date(2026, 9, 1)},
        {"step": "answer", "due_on": dt.date(2026, 6, 8)}, {"words": "长" * 1001},
    ]  # fmt: skip
    for changed in wrong:
        with pytest.raises(NotAllowed):
            served.record_reception(county, SUPERVISOR, promise(at_the_table, **changed))
    for scope in EVERYBODY:
        if scope != SUPERVISOR:
            with pytest.raises(NotAllowed):
                receptions.record_reception(
                    county, scope, promise(at_the_table), lambda h, e: None,
                    lambda n, h, e, a: None,
                )  # fmt: skip
    assert listed(county, SUPERVISOR, county.now()) == ()


def test_a_promise_outlives_the_answer_and_is_late_like_any_assignment(
    county: Db, at_the_table: Slip, clock: Clock
) -> None:
    made = served.record_reception(county, SUPERVISOR, promise(at_the_table))
    (row,) = served.promises(county, SUPERVISOR, clock())
    assert row.one.assignment_id == made
    assert row.one.body_id == "b01"
    with pytest.raises(NotAllowed, match="promised"):
        served.record_reception(county, SUPERVISOR, promise(at_the_table))
    answer = dict.fromkeys(("request", "facts", "opinion", "basis", "remedy"), "已答复。")
    kept.add_event(
        county, LABOUR, at_the_table.case_id, NewEvent("answered", words=answer), lambda h, e: None
    )
    clock.at = dt.datetime(2026, 3, 26, 2, tzinfo=dt.UTC)
    (row,) = listed(county, LABOUR, clock())
    assert row.waits, "an answer does not keep what was promised beside it"
    assert row.now.is_late


def test_nothing_said_at_the_table_is_read_by_staff_unlogged(
    county: Db, at_the_table: Slip
) -> None:
    """Words without a promise stand with the step; a supervisor opens them with a reason only."""
    new = promise(at_the_table, step=None, due_on=None, words="已说明经过。")
    assert served.record_reception(county, SUPERVISOR, new) is None
    with pytest.raises(NotAllowed):
        openings.open_texts(county, SUPERVISOR, at_the_table.case_id, None)
    with pytest.raises(NotAllowed, match="already"):
        served.record_reception(county, SUPERVISOR, new)
