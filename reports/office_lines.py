"""Every indicator of a window for the office's own page: a line each, or why it is not said (§7).

Lines hold numbers, no words. What they count is decided by `indicators.case_cells`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from casework.groups import Packs

from .indicators import EXIT_STAGES, ServiceFigures, Window, backlog, case_cells, figures_of
from .monthly import strata_of
from .rates import FEWEST, Rate, wilson
from .waiting import StepTarget, quantile_days, seven_one_seven

RATED_AFTER = dt.timedelta(days=30)
"""Satisfaction is shown so long after the window (§7)."""
FIVE = ("on_time", "late_answered", "late_open", "ended_otherwise", "not_due")
TRENDS = {"on_time": ("on_time", "due"), "decided_in_time": ("decided_in_time", "decision_due")}
"""What has a trend, and its numerator and denominator: the office's own time."""
LABELS = ("body", "domain", "category")


@dataclass(frozen=True)
class Filters:
    """What the cases are narrowed to; an empty set narrows nothing."""

    bodies: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    @property
    def is_on(self) -> bool:
        """Whether any case is left out."""
        return bool(self.bodies or self.domains or self.categories)

    def holds(self, labels: pd.DataFrame) -> pd.Series:
        """Which cases stay; labels: body, domain, category on the index of the cases."""
        kept = pd.Series(True, index=labels.index)
        for name, chosen in zip(LABELS, (self.bodies, self.domains, self.categories), strict=True):
            if chosen:
                kept &= labels[name].isin(list(chosen))
        return kept


@dataclass(frozen=True)
class Line:
    """One indicator.

    rate: None for a count or a time. count: of a plain number. days, p90: a time's median and 90th
    percentile. why: empty, or why it is not said: none (nothing due), small (n<10), waiting (too
    many still wait), whole_months, not_yet (30 days have not passed), narrowed, all_agree,
    no_receipts, no_plans, body (it stands for county and categories only).
    """

    name: str
    rate: Rate | None = None
    count: int | None = None
    days: float | None = None
    p90: float | None = None
    why: str = ""

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share (Wilson); None where the share is not said."""
        if self.rate is None or self.why or not self.rate.denominator:
            return None
        return wilson(self.rate.numerator, self.rate.denominator)


@dataclass(frozen=True)
class OfficeFigures:
    """A window's figures.

    as_of: when they are known: the end of the window's last day plus a day, or now if that is
    still to come. groups: per breakdown (body, domain, category, desk) its table, in order of the
    ids: the cells of `case_cells` summed (int64), rank (Int64), median_days and p90_days.
    strata: of the cases due, for `equal_service.compare`. trend: per name of `TRENDS` one row per
    month: month (YYYY-MM), numerator, denominator, share, low, high.
    """

    window: Window
    as_of: dt.datetime
    figures: ServiceFigures
    lines: tuple[Line, ...]
    groups: dict[str, pd.DataFrame]
    strata: pd.DataFrame = field(repr=False)


def labels_of(cases: pd.DataFrame, standing: pd.DataFrame, inside: dict[str, str]) -> pd.DataFrame:
    """What each case counts under: body, domain (of its category), category, desk."""
    return pd.DataFrame(
        {
            "body": standing["owing_body_id"].astype("object"),
            "domain": cases["category"].map(inside).astype("object").fillna(cases["domain"]),
            "category": cases["category"].astype("object"),
            "desk": cases["desk"].astype("object"),
        }
    )


def office_figures(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    window: Window,
    as_of: dt.datetime,
    now: dt.datetime,
    zone: str,
    inside: dict[str, str],
    filters: Filters,
    packs: Packs | None = None,
    *,
    has_receipts: bool = True,
    cleared: Rate | None = None,
) -> OfficeFigures:
    """All indicators of a window, narrowed by body, domain and category.

    Args:
        cases, events, standing, as_of: as in `indicators.service_figures`.
        now: moment of the one who looks: satisfaction waits thirty days after the window.
        inside: the domain of each category.
        has_receipts: False for an extract that came without receipts.
        cleared: cleared ÷ assigned of the backlog, of the same cases (`reports.backlog`).
    """
    labels = labels_of(cases, standing, inside)
    kept = filters.holds(labels)
    cases, standing, labels = cases[kept], standing[kept], labels[kept]
    events = events[events["case"].isin(cases.index)]
    cells = case_cells(cases, events, standing, window, as_of, zone, packs)
    figures = figures_of(cells, standing, window)
    seven = seven_one_seven(cases, events, standing, window, as_of, zone)
    late = backlog(cases, events, standing, as_of, zone, packs)
    ages = late.loc[late["is_backlog"], "age_days"]
    lines = (
        _rated("decided_in_time", figures.acceptance),
        *(_step(one) for one in seven),
        *_shares(cells, figures),
        _rated("extended", figures.extended),
        _rated("exits", figures.exits),
        *(_rated(n, Rate(int(cells[n].sum()), figures.exits.denominator)) for n in EXIT_STAGES),
        _time(figures),
        Line("backlog", count=len(ages), days=float(ages.median()) if len(ages) else None,
             p90=float(ages.quantile(0.9)) if len(ages) else None),
        _cleared(cleared),
        _rated("rated", figures.rated),
        _satisfied(figures, window, now, zone, filters),
        Line("held", why="body") if filters.bodies else _rated("held", figures.held),
        _rated("used", figures.receipts_used) if has_receipts else Line("used", why="no_receipts"),
    )  # fmt: skip
    groups = {name: _groups(cells, standing, labels[name]) for name in labels}
    return OfficeFigures(window, as_of, figures, lines, groups, strata_of(cases, standing, cells))


def why_not(rate: Rate) -> str:
    """Why a rate is not said; empty when it is."""
    if rate.share is None:
        return "none"
    return "small" if rate.is_small else ""


def _rated(name: str, rate: Rate) -> Line:
    return Line(name, rate, why=why_not(rate))


def _step(one: StepTarget) -> Line:
    return Line(one.step, one.met, days=one.median_days, p90=one.p90_days, why=why_not(one.met))


def _cleared(rate: Rate | None) -> Line:
    """Held answers of the backlog cases that were given a plan; of none there is no share."""
    if rate is None or not rate.denominator:
        return Line("cleared", why="no_plans")
    return _rated("cleared", rate)


def _shares(cells: pd.DataFrame, figures: ServiceFigures) -> Iterable[Line]:
    """The five shares: four of them of the cases due; what is not due yet is in no rate."""
    due = figures.answers.total - figures.answers.not_due
    for name in FIVE[:-1]:
        yield _rated(name, Rate(int(cells[name].sum()), due))
    yield Line("not_due", count=figures.answers.not_due)


def _time(figures: ServiceFigures) -> Line:
    total = figures.answers.total
    if total < FEWEST:
        return Line("time", why="small" if total else "none")
    why = "waiting" if figures.median_days is None else ""
    return Line("time", days=figures.median_days, p90=figures.p90_days, why=why)


def _satisfied(
    figures: ServiceFigures, window: Window, now: dt.datetime, zone: str, filters: Filters
) -> Line:
    """Per body and whole month, from 10 ratings on, after 30 days, covered when all agree."""
    rate = figures.satisfaction
    if filters.domains or filters.categories:
        return Line("satisfied", why="narrowed")
    if not is_whole_months(window):
        return Line("satisfied", why="whole_months")
    if now < window.known_at(zone) + RATED_AFTER:
        return Line("satisfied", why="not_yet")
    if not why_not(rate) and rate.numerator in {0, rate.denominator}:
        return Line("satisfied", why="all_agree")
    return _rated("satisfied", rate)


def is_whole_months(window: Window) -> bool:
    """Whether a window begins and ends with a calendar month."""
    return window.first.day == 1 and (window.last + dt.timedelta(days=1)).day == 1


def _groups(cells: pd.DataFrame, standing: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Sums per group, its rank by on-time answers from ten due on, its times to answer."""
    table = cells.astype("int64").groupby(labels).sum().sort_index()
    share = (table["on_time"] / table["due"].where(table["due"] >= FEWEST)).round(9)
    table["rank"] = share.rank(ascending=False, method="min").astype("Int64")
    expected = cells["expected"]
    waits = standing.loc[expected, ["wait_days", "wait_observed"]]
    for name, share_at in (("median_days", 0.5), ("p90_days", 0.9)):
        table[name] = pd.Series(
            {
                group: quantile_days(part["wait_days"], part["wait_observed"], share_at)
                for group, part in waits.groupby(labels[expected])
                if len(part) >= FEWEST
            },
            dtype="float64",
        ).reindex(table.index)
    return table


def trend(
    cases: pd.DataFrame,
    events: pd.DataFrame,
    standing: pd.DataFrame,
    name: str,
    months: int,
    as_of: dt.datetime,
    zone: str,
    kept: pd.Series | None = None,
) -> pd.DataFrame:
    """A rate by month, over the last months whose figures are settled, with its interval.

    All months are taken from one reading: whether an answer or a decision was in time is settled a
    day after its limit and cannot change afterwards, unless the case itself leaves the figures
    (disowned) or was corrected.

    Args:
        name: of `TRENDS`. kept: bool on the index of `cases`, as `Filters.holds` gives it.

    Returns:
        month (YYYY-MM), numerator, denominator (int64), share, low, high (float64; NaN where fewer
        than ten were due). No rows before the first case that was due.
    """
    some, among = TRENDS[name]
    day = "answer_due_on" if name == "on_time" else "acceptance_due_on"
    last = pd.Period(as_of.astimezone(dt.UTC), "M")
    while _of(last, last).known_at(zone) > as_of:
        last -= 1
    whole = _of(last - (months - 1), last)
    if kept is not None:
        cases, standing = cases[kept], standing[kept]
    near = whole.holds(standing[day])
    cases, standing = cases[near], standing[near]
    events = events[events["case"].isin(cases.index)]
    cells = case_cells(cases, events, standing, whole, as_of, zone)[[some, among]]
    table = cells.astype("int64").groupby(standing[day].dt.to_period("M")).sum()
    if table.empty:
        return pd.DataFrame(columns=["month", "numerator", "denominator", "share", "low", "high"])
    table = table.reindex(pd.period_range(table.index.min(), last, freq="M"), fill_value=0)
    rows = []
    for month, k, n in zip(table.index, table[some], table[among], strict=True):
        is_said = n >= FEWEST
        low, high = wilson(int(k), int(n)) if is_said else (None, None)
        share = k / n if is_said else None
        rows.append({"month": str(month), "numerator": int(k), "denominator": int(n),
                     "share": share, "low": low, "high": high})  # fmt: skip
    numbers = {"share": "float64", "low": "float64", "high": "float64"}
    return pd.DataFrame(rows).astype(numbers)


def _of(first: pd.Period, last: pd.Period) -> Window:
    return Window(first.start_time.date(), last.end_time.date())
