"""What one month's public figures count (DOMAIN.md §7): every case under its body, its category...

The counts are whole and uncovered here; nobody shows them. `monthly_covering` decides which of
them may leave, `monthly_content` writes down those and nothing else.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

from casework.groups import Packs

from .indicators import Window, case_cells
from .moments import ONE_DAY, at_case, local_days
from .waiting import quantile_days, seven_one_seven

COUNTY = "county"
"""The one group of the breakdown `county`."""
HELD_MONTHS_BACK = 2
"""Whether answers held is said of those due so many months before: 60 days have passed."""
TIMED = (COUNTY, "body", "domain", "category")
"""Breakdowns for which the time to answer is said."""
SEVENS = ("with_body", "first_step", "told")


@dataclass(frozen=True)
class MonthRecord:
    """The record as it was known at the month's moment.

    cases, events: a `Cases` and its `Events`. standing: as in `indicators.service_figures`, with
    is_disowned, ended_at and owing_body_id. window: the month. as_of: `window.known_at(zone)`.
    beside: what the store counted in the month: per name of a count the breakdown it is for and the
    counts by group (int64): corrections, reissued, not_me (desk),
    texts_opened (role). packs: by id, as `casework.standing` takes them; None = the shipped ones.
    """

    cases: pd.DataFrame
    events: pd.DataFrame
    standing: pd.DataFrame
    window: Window
    as_of: dt.datetime
    zone: str
    beside: dict[str, tuple[str, pd.Series]] = field(default_factory=dict)
    packs: Packs | None = None


@dataclass(frozen=True)
class MonthCounts:
    """All counts of a month, uncovered.

    by: per breakdown the groups (index) and their counts (int64 columns; every cell of
    `monthly_covering.SPLITS`). days: likewise median_days and p90_days (float, NaN = not to be
    said). strata: cases due and late by breakdown's group, category and procedure:
    columns township, channel, category, procedure, due, late, days and is_ended, one row a case.
    """

    by: dict[str, pd.DataFrame]
    days: dict[str, pd.DataFrame]
    strata: pd.DataFrame


def month_of(text: str) -> Window:
    """The window of a month written YYYY-MM.

    Raises:
        ValueError: anything else.
    """
    first = dt.date.fromisoformat(f"{text}-01")
    last = (pd.Timestamp(first) + pd.offsets.MonthEnd(0)).date()
    return Window(first, last)


def months_before(month: str, count: int) -> str:
    """The month so many before, YYYY-MM."""
    return str(pd.Period(month, "M") - count)


def month_counts(
    record: MonthRecord, groups: dict[str, list[str]], inside: dict[str, str]
) -> MonthCounts:
    """Count a month under every breakdown.

    Args:
        groups: per breakdown (body, desk, domain, category, township, channel, role) its groups
            in their fixed order. One that is not among them and has counts comes after them:
            groups always add up to the county.
        inside: the domain of each category.
    """
    cells, labels = _cells(record), _labels(record, inside)
    singles = _singles(record)
    by, days = {}, {}
    for breakdown, fixed in {COUNTY: [COUNTY], **groups}.items():
        mine = {n: counts for n, (where, counts) in singles.items() if where == breakdown}
        seen = {str(group) for counts in mine.values() for group in counts.index}
        if breakdown in labels:
            seen |= set(labels[breakdown].dropna().astype(str))
        ids = [*fixed, *sorted(seen - set(fixed))]
        if breakdown in labels:
            table = _sums(cells, labels[breakdown], ids)
        else:
            table = pd.DataFrame(index=pd.Index(ids))
        if breakdown in TIMED:
            days[breakdown] = _days(record, cells["expected"], labels[breakdown], ids)
        for name, (_, counts) in singles.items():
            if breakdown == COUNTY:
                table[name] = int(counts.sum())
            elif name in mine:
                table[name] = counts.reindex(ids)
        by[breakdown] = table.fillna(0).astype("int64")
    for target in seven_one_seven(
        record.cases, record.events, record.standing, record.window, record.as_of, record.zone
    ):
        met, due = target.met.numerator, target.met.denominator
        by[COUNTY][f"{target.step}_due"] = due
        by[COUNTY][f"{target.step}_met"] = met
        by[COUNTY][f"{target.step}_missed"] = due - met
    strata = strata_of(record.cases, record.standing, cells)
    return MonthCounts(by, days, strata)


def strata_of(cases: pd.DataFrame, standing: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """The cases due as `equal_service.compare` takes them, one row a case."""
    due = cells["due"]
    return pd.DataFrame(
        {
            **{n: cases.loc[due, n] for n in ("category", "procedure", "channel")},
            "township": cases.loc[due, "township_code"],
            "late": cells.loc[due, "late"].astype("int64"),
            "days": standing.loc[due, "wait_days"],
            "is_ended": standing.loc[due, "wait_observed"].astype(bool),
        }
    ).assign(due=1)


def _cells(record: MonthRecord) -> pd.DataFrame:
    """Which cases count in which cell (`indicators.case_cells`), with what only a public month
    counts: cases disowned, and whether the answers due two months before held."""
    args = (record.cases, record.events, record.standing)
    cells = case_cells(*args, record.window, record.as_of, record.zone, record.packs)
    earlier = month_of(months_before(f"{record.window.first:%Y-%m}", HELD_MONTHS_BACK))
    before = case_cells(*args, earlier, record.as_of, record.zone, record.packs)
    cells[["ripe", "held", "not_held"]] = before[["ripe", "held", "not_held"]]
    opened = record.window.holds(local_days(record.cases["opened_at"], record.zone))
    cells["disowned"] = opened & record.standing["is_disowned"].astype(bool)
    return cells


def _labels(record: MonthRecord, inside: dict[str, str]) -> dict[str, pd.Series]:
    """What each case counts under, per breakdown."""
    cases = record.cases
    return {
        COUNTY: pd.Series(COUNTY, index=cases.index, dtype="str"),
        "body": record.standing["owing_body_id"],
        "desk": cases["desk"],
        "domain": cases["category"].map(inside).fillna(cases["domain"]),
        "category": cases["category"],
        "township": cases["township_code"],
        "channel": cases["channel"],
    }


def _sums(cells: pd.DataFrame, labels: pd.Series, ids: list[str]) -> pd.DataFrame:
    if not len(cells):
        return pd.DataFrame(0, index=pd.Index(ids), columns=cells.columns)
    return cells.astype("int64").groupby(labels.astype("object")).sum().reindex(ids)


def _days(record: MonthRecord, due: pd.Series, labels: pd.Series, ids: list[str]) -> pd.DataFrame:
    """Median and 90th percentile of the time to answer of the cases due, open ones counted."""
    table = pd.DataFrame(
        {
            "label": labels[due].astype("object"),
            "days": record.standing.loc[due, "wait_days"],
            "observed": record.standing.loc[due, "wait_observed"],
        }
    )
    found = {
        name: tuple(quantile_days(part["days"], part["observed"], q) for q in (0.5, 0.9))
        for name, part in table.groupby("label")
    }
    rows = [found.get(name, (None, None)) for name in ids]
    return pd.DataFrame(rows, index=ids, columns=["median_days", "p90_days"], dtype="float64")


def _singles(record: MonthRecord) -> dict[str, tuple[str, pd.Series]]:
    """The counts of steps, not of cases: the breakdown each is for, and its counts by group."""
    counted = record.standing["is_counted"].astype(bool)
    steps = record.events[record.events["case"].isin(record.cases.index[counted])]
    steps = steps[record.window.holds(local_days(steps["known_at"], record.zone))]
    owing = at_case(record.standing["owing_body_id"], steps)
    acting = steps["body_id"].astype("object").fillna(owing.astype("object"))
    is_back = (steps["event"] == "answered") & (steps["known_at"] - steps["occurred_at"] > ONE_DAY)
    return {
        "transfers": ("body", acting[steps["event"] == "transferred"].value_counts()),
        "back_dated": ("body", acting[is_back].value_counts()),
        **record.beside,
    }
