"""Late cannot be made to look on time: clerks who try everything the record lets them do.

What they did is counted a second time from the rows of the database alone, with nothing of
`casework` or `reports`, and compared with the figures; what an honest office could have reached at
most is known, because the day on which each answer was really ready is.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
import sqlalchemy as sa

from casework import adapter
from data import receipts, record
from data.db import Db
from data.errors import ProjectError
from data.history import ANSWER_PARTS, CaseHistory, NewEvent, RecordedEvent
from data.rows import NewCase
from data.schema import case_event, case_version
from data.scope import Scope
from reports.indicators import Window, service_figures
from service.figures import county_figures
from service.rules import rules_of
from tests.conftest import DESK, HOUSING, LABOUR, NOW, SUPERVISOR, Clock

ZONE = ZoneInfo("Asia/Shanghai")
CASES, DAYS = 24, 150
WORDS = dict.fromkeys(ANSWER_PARTS, "已查明并写明。")
EXITS = ("declined", "referred", "no_remedy")
TRICKS = ("extended", "extended", "extended", "transferred", "transferred", "objected", *EXITS)


@dataclass
class Played:
    """One case: when its answer was really ready, which tricks its clerks know, and what the record
    took from them."""

    ready: dt.datetime
    tricks: tuple[str, ...]
    steps: list[str] = field(default_factory=list)


def plain_case(
    now: dt.datetime, body_id: str = "b01", township: str = "990000001000", kind: str = "redress"
) -> NewCase:
    """A case that somebody asked at a desk an hour ago."""
    return NewCase(
        township_code=township, grid_code=None, opened_at=now - dt.timedelta(hours=1),
        domain="labour", category="unpaid_wages", kind=kind, channel="desk",
        procedure="ordinary", body_id=body_id, summary="三个月工资未发。",
    )  # fmt: skip


def moved(day: dt.date) -> dt.date:
    """The next working day, by a library of its own."""
    while not chinese_calendar.is_workday(day):
        day += dt.timedelta(days=1)
    return day


def local(at: dt.datetime) -> dt.date:
    return at.astimezone(ZONE).date()


def play(db: Db, clock: Clock, seed: int) -> dict[str, Played]:
    """Half a year of clerks who back-date, end, extend, pass on, object and reissue at random."""
    rng = random.Random(seed)
    start = clock()

    def judge(history: CaseHistory, new: RecordedEvent) -> None:
        pack, calendar = rules_of(db).for_case(history, "Asia/Shanghai")
        adapter.allow(pack, calendar, "Asia/Shanghai")(history, new)

    played: dict[str, Played] = {}
    for _ in range(CASES):
        case = plain_case(start, kind=rng.choice(("redress", "suggestion")))
        ready = start + dt.timedelta(days=rng.randint(5, 130))
        tricks = tuple(rng.sample(TRICKS, rng.choice((0, 0, 1, 2))))
        played[record.register(db, DESK, case).case_id] = Played(ready, tricks)
    for day in range(DAYS):
        clock.at = start + dt.timedelta(days=day, hours=1)
        for case_id, one in played.items():
            for _ in range(rng.choice((0, 0, 0, 1, 2))):
                step = _try(db, judge, rng, case_id, one, clock())
                one.steps += [step] if step else []
    clock.at = start + dt.timedelta(days=DAYS + 90)
    return played


def _try(db: Db, judge, rng: random.Random, case_id: str, one: Played, now) -> str | None:
    """One attempt; the step the record took, None where it refused."""
    names = ["accepted", "reissue", "contacted", "delivered", *one.tricks]
    names += ["answered"] * 3 if one.ready <= now else []
    name = rng.choice(names)
    who = rng.choice((LABOUR, HOUSING, DESK))
    back = dt.timedelta(days=rng.choice((0, 0, 1, 3, 20, 60)))
    try:
        if name == "reissue":
            receipts.reissue(db, Scope.operator(), case_id)
            return None
        to = rng.choice(("b01", "b02")) if name == "transferred" else None
        days = rng.choice((None, 30, 90)) if name == "extended" else None
        words = WORDS if name == "answered" else {"note": "已说明。"}
        code = {"delivered": "in_hand"}.get(name)
        new = NewEvent(name, now - back, to_body_id=to, days=days, words=words, code=code)
        record.add_event(db, who, case_id, new, judge)
    except ProjectError:
        return None
    return name


@dataclass
class Restated:
    """One case from its rows alone. counted: of its first answer; None = never answered."""

    counted: dt.date | None
    limit: dt.date | None
    late_decision: bool
    ended: dt.date | None


def restated(db: Db) -> dict[str, Restated]:
    """DOMAIN.md §4 and §5 once more: what became known within a day counts on its day, else on the
    day it was known; 15 days to decide, 60 and one extension to answer, free days moved."""
    with db.read() as conn:
        opened = dict(
            conn.execute(sa.select(case_version.c.case_id, case_version.c.opened_at)).all()
        )
        rows = conn.execute(
            sa.select(case_event).order_by(case_event.c.occurred_at, case_event.c.id)
        ).mappings().all()  # fmt: skip
    of = defaultdict(list)
    for row in rows:
        of[row["case_id"]].append(row)
    found = {}
    for case_id, events in of.items():
        first: dict[str, dict] = {}
        for row in events:
            first.setdefault(row["event"], row)

        def counts(name: str, first: dict[str, dict] = first) -> dt.date | None:
            if name not in first:
                return None
            at, known = first[name]["occurred_at"], first[name]["recorded_at"]
            return local(at if known - at <= dt.timedelta(days=1) else known)

        began = local(first["transferred"]["occurred_at"] if _passed(events) else opened[case_id])
        decided = min((d for d in map(counts, ("accepted", "declined")) if d), default=None)
        due = moved(began + dt.timedelta(days=15))
        limit = None
        if "accepted" in first:
            added = first["extended"]["days"] or 30 if "extended" in first else 0
            limit = moved(local(first["accepted"]["occurred_at"]) + dt.timedelta(days=60 + added))
        ends = [d for d in map(counts, EXITS) if d]
        found[case_id] = Restated(
            counts("answered"), limit, decided is None or decided > due, min(ends, default=None)
        )
    return found


def _passed(events: list) -> bool:
    """Passed on before anything was decided."""
    for row in events:
        if row["event"] in ("accepted", "declined"):
            return False
        if row["event"] == "transferred":
            return True
    return False


@pytest.mark.parametrize("seed", [2, 3])
def test_no_play_of_clerks_lifts_the_on_time_share_but_by_steps_that_are_counted(
    sqlite_db: Db, small_county, clock: Clock, seed: int
) -> None:
    db = small_county(sqlite_db)
    played = play(db, clock, seed)
    steps = {step for one in played.values() for step in one.steps}
    assert {"accepted", "answered", "extended", "transferred"} <= steps, "it did play"
    truth = restated(db)
    figures = county_figures(db, SUPERVISOR, clock())
    window = Window(dt.date(2020, 1, 1), local(clock()))
    shown = service_figures(
        figures.cases, figures.table.events, figures.standing, window, clock(), "Asia/Shanghai"
    )
    on_time = {
        case_id for case_id, one in truth.items()
        if one.counted and one.limit and one.counted <= one.limit
    }  # fmt: skip
    assert shown.answers.on_time == len(on_time)
    # what an honest office could reach at most: decided on the last day, answered when ready
    start = local(NOW)
    honest = moved(moved(start + dt.timedelta(days=15)) + dt.timedelta(days=60))
    reachable = {case_id for case_id, one in played.items() if local(one.ready) <= honest}
    gained = on_time - reachable
    counted = {
        case_id for case_id, one in played.items()
        if truth[case_id].late_decision or {"extended", "transferred"} & set(one.steps)
    }  # fmt: skip
    assert len(counted) < CASES * 0.8, "most play without a step that is counted"
    assert gained <= counted, "late decisions, extensions and transfers stand on the public page"
    assert shown.extended.numerator >= len(
        {c for c in gained if "extended" in played[c].steps and truth[c].limit}
    )
    late_decided = sum(one.late_decision for one in truth.values())
    assert shown.acceptance.denominator - shown.acceptance.numerator == late_decided


def test_an_answer_dated_back_counts_on_the_day_it_was_written(
    sqlite_db: Db, small_county, clock: Clock
) -> None:
    """The walk above would notice: here is the trick alone."""
    db = small_county(sqlite_db)
    case = plain_case(clock())
    case_id = record.register(db, DESK, case).case_id

    def allow(history: CaseHistory, new: RecordedEvent) -> None:
        pack, calendar = rules_of(db).for_case(history, "Asia/Shanghai")
        adapter.allow(pack, calendar, "Asia/Shanghai")(history, new)

    record.add_event(db, LABOUR, case_id, NewEvent("accepted"), allow)
    clock.go(days=80)
    back = NewEvent("answered", clock() - dt.timedelta(days=40), words=WORDS)
    record.add_event(db, LABOUR, case_id, back, allow)
    one = restated(db)[case_id]
    assert one.counted == local(clock())
    assert county_figures(db, SUPERVISOR, clock()).standing["outcome"].tolist() == ["late"]
