"""Weekly, half-month and monthly summaries: the daily report's tables over a longer span."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from data.vocabulary import DOMAINS

from .covering import SMALLEST_SHOWN, cover_list, cover_table
from .daily import Record
from .daily_facts import AssignmentLine, County, FileInForce
from .filing import FilingFigures, asked_days, filing_figures, filing_matrix
from .indicators import EXIT_STAGES, ServiceFigures, Window, flows, service_figures
from .moments import local_days
from .problem import Problem, bad_answers, followed, problem_of, twentieths
from .rates import FEWEST, Rate
from .summary_facts import (
    BodySpan,
    CountLine,
    DomainCounts,
    RateLine,
    Summary,
    shown_rate,
    span_before,
)

OUTCOMES = ("on_time", "late", "late_open", "ended_otherwise")
RATES = ("acceptance", "on_time", "held", "satisfaction", "receipts_used")


def summary_of(
    county: County, kind: str, first: dt.date, last: dt.date, as_of: dt.datetime, record: Record,
    files: tuple[FileInForce, ...],
    before: Record | None = None,
    before_at: dt.datetime | None = None,
    assignments: tuple[AssignmentLine, ...] = (),
    problem_before: Problem | None = None,
    categories: tuple[tuple[str, str, str], ...] = (),
    comment: tuple[str, ...] = (),
    failed: tuple[str, ...] = (),
) -> Summary:  # fmt: skip
    """The facts of a span's summary, as known at `as_of`.

    Args:
        record: as `daily.daily_report`, read as of `as_of`. before, before_at: the same as known
            at the cut-off of the span before; None = the record is not so old.
        assignments: what the span brought, by body. problem_before: of the monthly summary issued
            last. categories: (id, Chinese, English) of all.
        failed: parts that could not be computed; the others stand.
    """
    zone, window = county.zone, Window(first, last)
    standing, counted = record.standing, record.standing["is_counted"].astype(bool)
    figures = service_figures(record.cases, record.events, standing, window, as_of, zone)
    earlier = Window(*span_before(kind, first))
    then = None
    if before is not None and before_at is not None:
        then = service_figures(
            before.cases, before.events, before.standing, earlier, before_at, zone
        )
    bad = bad_answers(record.cases, record.events, standing, window, zone)
    problem = problem_of(bad) if kind == "month" else None
    follow = None
    if kind == "month" and problem_before is not None:
        mine = [one for one in assignments if one.body_id == problem_before.body_id]
        follow = followed(
            bad, problem_before, sum(x.assigned for x in mine), sum(x.answered for x in mine)
        )
    five, bodies = _by_body(standing, window, kind)
    filing, missing = _filing(record, first, last, as_of, zone, failed)
    named = {line.body_id for line in bodies} | {line.body_id for line in assignments}
    kinds = set()
    for one in (problem, problem_before):
        if one is not None:
            named.add(one.body_id)
            kinds.add(one.category)
    desks = {code for code, _ in missing}
    return Summary(
        county=county,
        kind=kind,
        first=first,
        last=last,
        as_of=as_of.astimezone(dt.UTC),
        cases=int(counted.sum()),
        flow=_flow(record, window, zone),
        counts=_counts(record, before, window, earlier, zone),
        rates=_rates(figures, then),
        five=five,
        median_days=figures.median_days,
        p90_days=figures.p90_days,
        by_domain=_by_domain(record, window, zone),
        by_body=bodies,
        filing=filing,
        missing=missing,
        assignments=assignments,
        exits=_exits(standing[counted], window, zone),
        problem=problem,
        followed=follow,
        files=tuple(sorted(files, key=lambda f: f.name)),
        body_names=_names(record.bodies, "body_id", named),
        township_names=_names(record.townships, "township_code", desks),
        category_names=tuple(row for row in sorted(categories) if row[0] in kinds),
        comment=comment,
        failed=failed,
    )


def _total(count: int) -> int | None:
    return None if 0 < count < SMALLEST_SHOWN else count


def _covered(values: pd.Series) -> list[int | None]:
    shown, _ = cover_list(values)
    return [None if pd.isna(value) else int(value) for value in shown]


def _flow(
    record: Record, window: Window, zone: str
) -> tuple[tuple[dt.date, int | None, int | None], ...]:
    days = pd.date_range(window.first, window.last)
    table = flows(record.cases, record.events, record.standing, days, zone)
    new, answered = _covered(table["new"]), _covered(table["answered"])
    return tuple((day.date(), *pair) for day, *pair in zip(table.index, new, answered, strict=True))


def _sums(record: Record, window: Window, zone: str) -> dict[str, int]:
    days = pd.date_range(window.first, window.last)
    table = flows(record.cases, record.events, record.standing, days, zone)
    stand = record.standing
    open_now = stand["is_open"].astype(bool) & stand["is_counted"].astype(bool)
    return {
        "new": int(table["new"].sum()),
        "answered": int(table["answered"].sum()),
        "open": int(open_now.sum()),
        "overdue": int((open_now & stand["is_overdue"].astype(bool)).sum()),
    }


def _counts(
    record: Record, before: Record | None, window: Window, earlier: Window, zone: str
) -> tuple[CountLine, ...]:
    now = _sums(record, window, zone)
    then = None if before is None else _sums(before, earlier, zone)
    return tuple(
        CountLine(name, _total(count), None if then is None else _total(then[name]))
        for name, count in now.items()
    )


def _rates(now: ServiceFigures, then: ServiceFigures | None) -> tuple[RateLine, ...]:
    def rate(figures: ServiceFigures, name: str) -> Rate:
        found = figures.answers.rate if name == "on_time" else getattr(figures, name)
        assert isinstance(found, Rate)
        return found

    return tuple(
        RateLine(
            name,
            shown_rate(rate(now, name)),
            None if then is None else shown_rate(rate(then, name)),
        )
        for name in RATES
    )


def _by_domain(record: Record, window: Window, zone: str) -> tuple[DomainCounts, ...]:
    days = pd.date_range(window.first, window.last)
    stand, rows = record.standing, []
    open_now = stand["is_open"].astype(bool) & stand["is_counted"].astype(bool)
    for domain in DOMAINS:
        here = record.cases["domain"] == domain
        events = record.events[record.events["case"].isin(record.cases.index[here])]
        table = flows(record.cases[here], events, stand[here], days, zone)
        rows.append(
            (int(table["new"].sum()), int(table["answered"].sum()), int((open_now & here).sum()))
        )
    columns = [_covered(pd.Series(column)) for column in zip(*rows, strict=True)]
    return tuple(
        DomainCounts(domain, *counts) for domain, *counts in zip(DOMAINS, *columns, strict=True)
    )


def _by_body(
    standing: pd.DataFrame, window: Window, kind: str
) -> tuple[tuple[tuple[str, int | None], ...], tuple[BodySpan, ...]]:
    """What became of the answers due, in all and by body, covered as one table."""
    due = standing["is_counted"].astype(bool) & window.holds(standing["answer_due_on"])
    due &= standing["outcome"].isin(OUTCOMES)
    body = standing.loc[due, "owing_body_id"].fillna("").astype("str")
    table = pd.crosstab(body, standing.loc[due, "outcome"].astype("str"))
    table = table.reindex(columns=list(OUTCOMES), fill_value=0).sort_index()
    if table.empty:
        return tuple((name, 0) for name in OUTCOMES), ()
    shown = cover_table(table)
    five = tuple((n, _whole(shown.column_totals[n])) for n in OUTCOMES)
    lines = []
    for name, exact in table.iterrows():
        many = int(exact.sum())
        few, share = many < FEWEST, None
        if kind == "month":
            on_time, late, late_open, ended = (
                _whole(shown.cells.loc[name, column]) for column in OUTCOMES
            )
            total = _whole(shown.row_totals[name])
            if not few and total is not None and on_time is not None:
                share = on_time / total
            lines.append(BodySpan(str(name), total, on_time, late, late_open, ended, share, few))
        else:
            share = None if few else twentieths(int(exact["on_time"]) / many)
            lines.append(BodySpan(str(name), None, None, None, None, None, share, few))
    return five, tuple(lines)


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _filing(
    record: Record, first: dt.date, last: dt.date, as_of: dt.datetime, zone: str,
    failed: tuple[str, ...],
) -> tuple[FilingFigures | None, tuple[tuple[str, int], ...]]:  # fmt: skip
    if record.filing_deadline is None or "filing" in failed:
        return None, ()
    periods = asked_days(first, last, record.working_days)
    matrix = filing_matrix(
        record.filings, record.townships, record.cases, record.bodies, periods, as_of, zone,
        record.filing_deadline, record.excused,
    )  # fmt: skip
    if matrix.empty:
        return None, ()
    silent = matrix[matrix["state"] == "missing"]["township_code"].value_counts().sort_index()
    missing = tuple((str(code), int(days)) for code, days in silent.items())
    return filing_figures(matrix), missing


def _exits(standing: pd.DataFrame, window: Window, zone: str) -> tuple[tuple[str, int | None], ...]:
    ended = window.holds(local_days(standing["ended_at"], zone))
    counts = standing.loc[ended, "stage"].astype("str").value_counts()
    values = pd.Series([int(counts.get(stage, 0)) for stage in EXIT_STAGES])
    return tuple(zip(EXIT_STAGES, _covered(values), strict=True))


def _names(table: pd.DataFrame, key: str, named: set[str]) -> tuple[tuple[str, str, str], ...]:
    rows = table.loc[table[key].isin(named), [key, "name_zh", "name_en"]].sort_values(key)
    return tuple((str(k), str(zh), str(en)) for k, zh, en in rows.itertuples(index=False))
