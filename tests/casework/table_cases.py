"""Random but possible histories, and the tables of the record made from them."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

import pandas as pd
from hypothesis import strategies as st

from casework.calendar import WorkingCalendar, load_calendar
from casework.clocks import CaseEvent, clocks
from casework.pack import Pack, load
from data.errors import RuleError
from data.vocabulary import ACTORS, ASKER_EVENTS, EVENTS

ZONES = {
    "cn_hotline_12345": "Asia/Shanghai",
    "cn_labour_inspection": "Asia/Shanghai",
    "cn_xinfang_2022": "Asia/Shanghai",
    "in_cpgrams_2024": "Asia/Kolkata",
    "uk_housing_ombudsman_2024": "Europe/London",
    "us_311": "America/Chicago",
}
PACKS = {name: load(name) for name in ZONES}
CALENDARS = {name: load_calendar(name) for name in ("cn", "england", "every_day")}
HOUR = dt.timedelta(hours=1)

NAMES = (
    "transferred", "accepted", "accepted", "declined", "referred", "extended", "answered",
    "answered", "no_remedy", "not_solved", "not_solved", "delivered", "review_requested",
    "reviewed", "contacted", "objected", "withdrawal_asked", "withdrawn", "withdrawal_undone",
    "confirmed", "disowned", "rated", "recheck_requested", "rechecked", "hearing_opened",
    "hearing_closed", "acknowledged", "paused", "resumed",
)  # fmt: skip

USUAL = ("transferred", "accepted", "contacted", "answered", "not_solved", "answered", "not_solved")
REMEDIES = (
    "accepted", "answered", "delivered", "review_requested", "reviewed", "delivered",
    "recheck_requested", "hearing_opened", "hearing_closed", "rechecked",
)  # fmt: skip
EXITS = (
    "accepted", "withdrawal_asked", "withdrawn", "withdrawal_undone", "answered", "not_solved",
    "withdrawal_asked",
)  # fmt: skip
STOPPED = (
    "acknowledged", "accepted", "paused", "extended", "resumed", "paused", "resumed", "answered",
    "not_solved", "paused", "resumed", "answered",
)  # fmt: skip
STAGES = (
    "acknowledged", "extended", "answered", "delivered", "review_requested", "acknowledged",
    "extended", "reviewed",
)  # fmt: skip


@dataclass(frozen=True)
class History:
    """One made-up case: its pack, procedure, own limit and events in order."""

    pack: Pack
    procedure: str
    limit_at: dt.datetime | None
    events: list[CaseEvent]


def possible(
    history: History,
    as_of: dt.datetime,
    steps: list[tuple[str, int, int, int | None]],
    calendar: WorkingCalendar | None = None,
) -> History:
    """The history with every step that may come; a step is name, hours later, hours unknown,
    days of an extension."""
    zone = ZONES[history.pack.id]
    calendar = calendar or CALENDARS[history.pack.calendar]
    events = list(history.events)
    for name, hours, delay, days in steps:
        at = events[-1].at + hours * HOUR
        new = CaseEvent(name, at, at + delay * HOUR, days if name == "extended" else None)
        try:
            # judged once it is known, so that what is known late is judged too
            clocks(
                history.pack, history.procedure, [*events, new], max(as_of, new.known), zone,
                calendar, history.limit_at,
            )  # fmt: skip
        except RuleError:
            continue
        events.append(new)
    return History(history.pack, history.procedure, history.limit_at, events)


@st.composite
def histories(draw: st.DrawFn, pack_id: str, as_of: dt.datetime) -> History:
    pack = PACKS[pack_id]
    start = as_of - draw(st.integers(0, 9_000)) * HOUR
    limit_at = None
    if pack_id == "us_311":
        hours = draw(st.none() | st.integers(1, 2_000))
        limit_at = None if hours is None else start + hours * HOUR
    procedure = draw(st.sampled_from(("ordinary", "simple")))
    base = History(pack, procedure, limit_at, [CaseEvent("registered", start, start)])
    step = st.tuples(
        st.sampled_from(NAMES),
        st.integers(0, 60) | st.integers(0, 1_700),
        st.sampled_from((0, 0, 1, 24, 25, 200)),
        st.none() | st.integers(1, 30),
    )
    # most of the histories go a usual way first, so that rounds and rights are reached
    usual = draw(st.sampled_from(((), USUAL, REMEDIES, STAGES)))
    gap = st.integers(0, 60) | st.integers(0, 700)
    way = [(name, draw(gap), 0, None) for name in usual[: draw(st.integers(0, len(usual)))]]
    return possible(base, as_of, way + draw(st.lists(step, max_size=8)))


def deep_history(
    seed: int, pack: Pack, as_of: dt.datetime, calendar: WorkingCalendar | None = None
) -> History:
    """A long history that goes most of a usual way, with other steps in between.

    Hypothesis likes short ones; these reach second rounds, reviews, rechecks and pauses.
    """
    rng = random.Random(seed)
    start = as_of - rng.randint(0, 9_000) * HOUR
    limit_at = None
    if pack.id == "us_311" and rng.random() < 0.9:
        limit_at = start + rng.randint(1, 2_000) * HOUR
    way = rng.choice((USUAL, REMEDIES, EXITS, STOPPED, STAGES))
    steps = []
    longest = rng.choice((30, 200, 900))
    for name in way[: rng.randint(len(way) // 2, len(way))]:
        if rng.random() < 0.3:
            name = rng.choice(NAMES)
        days = rng.choice((None, rng.randint(1, 30)))
        steps.append((name, rng.randint(0, longest), rng.choice((0, 0, 0, 24, 25, 200)), days))
    procedure = rng.choice(("ordinary", "ordinary", "simple"))
    base = History(pack, procedure, limit_at, [CaseEvent("registered", start, start)])
    return possible(base, as_of, steps, calendar)


def tables(cases: list[History]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`Cases` and `Events` of the histories, as the store would give them."""
    size = len(cases)
    utc = "datetime64[us, UTC]"
    opened = pd.Series([case.events[0].at for case in cases]).astype(utc)
    case_frame = pd.DataFrame(
        {
            "case_id": pd.Series([f"c{n}" for n in range(size)], dtype="str"),
            "opened_at": opened,
            "known_at": opened,
            "township_code": pd.Series(["330102001"] * size, dtype="str"),
            "grid_code": pd.Series([None] * size, dtype="str"),
            "domain": pd.Series(["labour"] * size, dtype="str"),
            "category": pd.Series(["unpaid_wages"] * size, dtype="str"),
            "kind": pd.Series(["redress"] * size, dtype="str"),
            "channel": pd.Series(["desk"] * size, dtype="str"),
            "procedure": pd.Series([case.procedure for case in cases], dtype="str"),
            "pack": pd.Series([case.pack.id for case in cases], dtype="str"),
            "body_id": pd.Series(["b01"] * size, dtype="str"),
            "desk": pd.Series(["t330102001"] * size, dtype="str"),
            "limit_at": pd.Series([case.limit_at for case in cases], dtype=object).astype(utc),
            "is_confirmed": pd.Series([True] * size, dtype=bool),
        }
    )
    case_frame.index.name = "case"
    rows = [(n, event) for n, case in enumerate(cases) for event in case.events]
    actors = ["asker" if event.event in ASKER_EVENTS else "office" for _, event in rows]
    event_frame = pd.DataFrame(
        {
            "case": pd.Series([n for n, _ in rows], dtype="int64"),
            "event": pd.Categorical([e.event for _, e in rows], categories=list(EVENTS)),
            "occurred_at": pd.Series([e.at for _, e in rows]).astype(utc),
            "known_at": pd.Series([e.known for _, e in rows]).astype(utc),
            "actor": pd.Categorical(actors, categories=list(ACTORS)),
            "body_id": pd.Series(["b01"] * len(rows), dtype="str"),
            "to_body_id": pd.Series(
                ["b02" if e.event == "transferred" else None for _, e in rows], dtype="str"
            ),
            "days": pd.array([e.days for _, e in rows], dtype="Int16"),
            "code": pd.Series([None] * len(rows), dtype="str"),
        }
    )
    return case_frame, event_frame
