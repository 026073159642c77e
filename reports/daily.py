"""The daily service report (日报), facts first: one frozen object, wording second.

Made again from the record it comes out the same to the byte: nothing here asks what time it is.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from casework.groups import Packs
from data.vocabulary import DOMAINS

from .daily_facts import (
    AssignmentLine,
    BodyLine,
    Compared,
    County,
    DailyReport,
    DomainLine,
    FileInForce,
    LikelyLate,
    Reception,
    Reminder,
    TownshipLine,
)
from .filing import FilingFigures, asked_days, filing_figures, filing_matrix, to_remind
from .indicators import EXIT_STAGES, Window, flows, service_figures
from .moments import counted_at, local_days, of_kind
from .rates import Rate
from .since import DUE_SOON_DAYS, MARKS, Earlier, counts, marks, since_last
from .waiting import seven_one_seven

__all__ = ["DUE_SOON_DAYS", "SILENCE_DAYS", "WINDOW_DAYS", "Record", "daily_report"]
WINDOW_DAYS = 30
"""Length of the window behind the rates of part 5, ending on the report's day."""
SILENCE_DAYS = 92
"""How far back a desk's run of silent days is looked for."""
FLOW_DAYS = 14
"""Days of new and answered cases in the report's chart."""


@dataclass(frozen=True)
class Record:
    """The tables a report is made from, all read as of its cut-off.

    cases, events: those that can count in it; `older` more cases count in the record and were over
    long before. first_known: when the record knew its first case; None = the first of `cases`.
    standing: what casework says of `cases` at the cut-off, acceptance columns included.
    open_before: open cases at the end of earlier local days; days that are missing are "—".
    working_days: datetime64[D]. filing_deadline: local, of the pack; None = it asks for none.
    overdue_before: of those, how many were overdue. earlier: the last report; None = none is
    compared with. excused: as in `filing.filing_matrix`. packs: as in `indicators.backlog`.
    """

    cases: pd.DataFrame
    events: pd.DataFrame
    standing: pd.DataFrame
    filings: pd.DataFrame
    townships: pd.DataFrame
    bodies: pd.DataFrame
    working_days: np.ndarray
    filing_deadline: dt.time | None
    open_before: dict[dt.date, int]
    excused: pd.DataFrame | None = None
    packs: Packs | None = None
    overdue_before: dict[dt.date, int] = field(default_factory=dict)
    earlier: Earlier | None = None
    older: int = 0
    first_known: pd.Timestamp | None = None


def daily_report(
    county: County,
    day: dt.date,
    as_of: dt.datetime,
    record: Record,
    files: tuple[FileInForce, ...],
    likely_late: tuple[LikelyLate, ...] | None = None,
    assignments: tuple[AssignmentLine, ...] = (),
    receptions: tuple[Reception, ...] = (),
    comment: tuple[str, ...] = (),
    failed: tuple[str, ...] = (),
) -> DailyReport:
    """The facts of one day's report, as known at `as_of`.

    Args:
        day: the local day reported on.
        as_of: aware cut-off at which `record` was read; normally on that day.
        files: the files in force.
        likely_late: today's flags by body; None = no forecast yet.
        assignments: by body; none = nothing was assigned and nothing waits.
        receptions: of the next working day. comment: the supervisor's, words of the list.
        failed: parts that could not be computed (`daily_facts.PARTS`); the others stand.
    """
    zone = county.zone
    standing = record.standing
    counted = standing["is_counted"].astype(bool)
    open_now = counted & standing["is_open"].astype(bool)
    window = Window(day - dt.timedelta(days=WINDOW_DAYS - 1), day)
    figures = service_figures(record.cases, record.events, standing, window, as_of, zone)
    days = pd.date_range(day - dt.timedelta(days=FLOW_DAYS - 1), day)
    flow = flows(record.cases, record.events, standing, days, zone)
    known_since = _first_day(record, zone)
    filing, reminders, desks = _filing(record, day, as_of, zone, failed)
    marked = marks(record.cases, record.events, standing, day, as_of, zone, record.packs)
    numbers = counts(marked, open_now, standing["is_overdue"].astype(bool))
    next_day = _next_working_day(record.working_days, day)
    priority = _priority(standing, marked, open_now)
    due_next = _due_next(standing[open_now], day, next_day)
    # a body that is added later stands in no report made again
    named = {line.body_id for line in priority} | {body for body, _ in due_next}
    named |= {line.body_id for line in likely_late or ()}
    named |= {line.body_id for line in assignments}
    named |= {line.body_id for line in receptions if line.body_id is not None}
    return DailyReport(
        county=county,
        day=day,
        as_of=as_of.astimezone(dt.UTC),
        new=_compared(flow["new"], day, known_since),
        answered=_compared(flow["answered"], day, known_since),
        open_now=_open_compared(int(open_now.sum()), record.open_before, day),
        overdue=Rate(int((open_now & standing["is_overdue"]).sum()), int(open_now.sum())),
        by_domain=_by_domain(record, open_now, day, zone),
        by_township=_by_township(record, open_now),
        flow=tuple((d.date(), int(n), int(a)) for d, n, a in flow.itertuples()),
        filing=filing,
        reminders=reminders,
        likely_late=likely_late,
        priority=priority,
        exits=_exits(standing[counted], day, zone),
        window=window,
        satisfaction=figures.satisfaction,
        on_time=figures.answers.rate,
        steps=seven_one_seven(record.cases, record.events, standing, window, as_of, zone),
        assignments=assignments,
        next_working_day=next_day,
        due_next=due_next,
        files=tuple(sorted(files, key=lambda f: f.name)),
        body_names=_names(record.bodies[record.bodies["body_id"].isin(named)], "body_id"),
        township_names=_names(_active(record.townships, day), "township_code"),
        since=None
        if record.earlier is None
        else since_last(record.earlier, numbers, record.cases, record.events, standing),
        levels=_levels(record, numbers, day),
        desks=desks,
        receptions=receptions,
        comment=comment,
        failed=failed,
        cases=int(counted.sum()) + record.older,
    )


def _active(townships: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Those there on the day: one that opens later is not named in a report made again."""
    now = pd.Timestamp(day)
    ends = townships["valid_to"]
    return townships[(townships["valid_from"] <= now) & (ends.isna() | (ends >= now))]


def _levels(
    record: Record, numbers: dict[str, int], day: dt.date
) -> tuple[tuple[dt.date, int, int], ...]:
    before = sorted(record.open_before.keys() & record.overdue_before.keys())
    evenings = [(then, record.open_before[then], record.overdue_before[then]) for then in before]
    return (*evenings, (day, numbers["open"], numbers["all_overdue"]))


def _first_day(record: Record, zone: str) -> dt.date | None:
    first = record.cases["known_at"].min() if record.first_known is None else record.first_known
    return None if pd.isna(first) else first.tz_convert(zone).date()


def _compared(series: pd.Series, day: dt.date, known_since: dt.date | None) -> Compared:
    """A count of `day` beside earlier days, as far as the record reaches back."""

    def on(back: int) -> int | None:
        then = day - dt.timedelta(days=back)
        return int(series[pd.Timestamp(then)]) if known_since and then >= known_since else None

    week = [on(back) for back in range(1, 8)]
    known = [count for count in week if count is not None]
    return Compared(
        today=int(series[pd.Timestamp(day)]),
        yesterday=week[0],
        mean_7_days=sum(known) / 7 if len(known) == 7 else None,
        same_weekday=week[6],
    )


def _open_compared(today: int, before: dict[dt.date, int], day: dt.date) -> Compared:
    week = [before.get(day - dt.timedelta(days=back)) for back in range(1, 8)]
    known = [count for count in week if count is not None]
    return Compared(today, week[0], sum(known) / 7 if len(known) == 7 else None, week[6])


def _by_domain(
    record: Record, open_now: pd.Series, day: dt.date, zone: str
) -> tuple[DomainLine, ...]:
    cases, today = record.cases, pd.Timestamp(day)
    counted = record.standing["is_counted"].astype(bool)
    opened = local_days(counted_at(cases["opened_at"], cases["known_at"]), zone) == today
    given = of_kind(record.events, ["answered"], "occurred_at", "known_at")
    given = given[local_days(counted_at(given["occurred_at"], given["known_at"]), zone) == today]
    given = given[counted.reindex(given["case"], fill_value=False).to_numpy()]
    domains = cases["domain"]
    new, still = domains[opened & counted].value_counts(), domains[open_now].value_counts()
    answered = domains.reindex(given["case"]).value_counts()
    return tuple(
        DomainLine(domain, *(int(counts.get(domain, 0)) for counts in (new, answered, still)))
        for domain in DOMAINS
    )


def _by_township(record: Record, open_now: pd.Series) -> tuple[TownshipLine, ...]:
    """Places count confirmed cases only (DOMAIN.md §2.1)."""
    shown = open_now & record.cases["is_confirmed"]
    overdue = shown & record.standing["is_overdue"]
    codes = record.cases["township_code"]
    many, late = codes[shown].value_counts(), codes[overdue].value_counts()
    return tuple(
        TownshipLine(code, Rate(int(late.get(code, 0)), int(many.get(code, 0))))
        for code in sorted(record.townships["township_code"])
        if code in many.index
    )


def _filing(
    record: Record, day: dt.date, as_of: dt.datetime, zone: str, failed: tuple[str, ...]
) -> tuple[FilingFigures | None, tuple[Reminder, ...], tuple[tuple[str, str], ...]]:
    if record.filing_deadline is None or "filing" in failed:
        return None, (), ()
    periods = asked_days(day - dt.timedelta(days=SILENCE_DAYS), day, record.working_days)
    matrix = filing_matrix(
        record.filings, record.townships, record.cases, record.bodies, periods, as_of, zone,
        record.filing_deadline, record.excused,
    )  # fmt: skip
    today = matrix[matrix["period"] == pd.Timestamp(day)]
    if today.empty:
        return None, (), ()
    remind = tuple(Reminder(*row) for row in to_remind(matrix, day).itertuples(index=False))
    desks = tuple(zip(today["township_code"], today["state"].astype("str"), strict=True))
    return filing_figures(today), remind, desks


def _priority(
    standing: pd.DataFrame, marked: pd.DataFrame, open_now: pd.Series
) -> tuple[BodyLine, ...]:
    sums = marked[open_now].groupby(standing.loc[open_now, "owing_body_id"].fillna("")).sum()
    sums = sums[sums.sum(axis=1) > 0].reset_index()
    # by what there is, not by how much: nobody's place moves because more people ask (§2.4)
    has = (sums[list(MARKS)] > 0).assign(body=sums["owing_body_id"])
    order = sums.loc[has.sort_values(list(has), ascending=[False] * len(MARKS) + [True]).index]
    return tuple(
        BodyLine(str(body), *(int(n) for n in found))
        for body, *found in order.itertuples(index=False)
    )


def _exits(standing: pd.DataFrame, day: dt.date, zone: str) -> tuple[tuple[str, int], ...]:
    ended = local_days(standing["ended_at"], zone) == pd.Timestamp(day)
    stages = standing.loc[ended, "stage"].value_counts()
    return tuple((stage, int(stages.get(stage, 0))) for stage in EXIT_STAGES)


def _next_working_day(working_days: np.ndarray, day: dt.date) -> dt.date | None:
    days = np.asarray(working_days, dtype="datetime64[D]")
    later = days[days > np.datetime64(day)]
    return later.min().item() if later.size else None


def _due_next(
    standing: pd.DataFrame, day: dt.date, next_day: dt.date | None
) -> tuple[tuple[str, int], ...]:
    """Answers whose limit ends after `day` and by the next working day, in order of body."""
    if next_day is None:
        return ()
    due = standing["next_due_on"].where(standing["next_clock"] == "answer")
    rows = standing[(due > pd.Timestamp(day)) & (due <= pd.Timestamp(next_day))]
    counts = rows["owing_body_id"].fillna("").value_counts()
    return tuple(sorted((str(body), int(count)) for body, count in counts.items()))


def _names(table: pd.DataFrame, key: str) -> tuple[tuple[str, str, str], ...]:
    rows = table[[key, "name_zh", "name_en"]].sort_values(key)
    return tuple((str(k), str(zh), str(en)) for k, zh, en in rows.itertuples(index=False))
