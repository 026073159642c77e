"""Figures per area for the map, under the rule of ten (DOMAIN.md §2.4, §2.10; FACTS.md §10).

Every area gets the figure of the smallest enclosing area that may be shown (`geo.tree.cover`), and
the base it rests on. At the protection level and above, figures are of the moment itself. Below
it they are of the end of the last whole week, so that comparing two days shows nothing, and the
wait looks back over a whole number of weeks, never fewer than thirteen; and they are classes and
bands, never exact (`reports.area_bands`).

An area without cases is not told apart from one with few: a grid that turns from "none" to "few"
would say that somebody there has asked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.tree import MINIMUM, Tree, cover_tree

from .area_bands import blurred
from .carried import UNIT, Crossings

Layer = Literal["open", "overdue_share", "expected_late", "median_wait"]
LAYERS: tuple[Layer, ...] = ("open", "overdue_share", "expected_late", "median_wait")
WAIT_WEEKS = 52
"""Cases opened in so many whole weeks enter the wait: a year, so that seasons weigh alike, and
more than the thirteen that DOMAIN.md §2.10 asks for at least."""


class Moments(NamedTuple):
    """The two moments a map needs the record as of (both UTC)."""

    now: dt.datetime
    """For the protection level and above: the moment itself."""
    week_end: dt.datetime
    """For everything finer: the end of the last whole local week, Monday 00:00."""


class Snapshot(NamedTuple):
    """What was known at one moment.

    cases: `data.frames.Cases`, read as of that moment.
    standing: `casework.standing` at that moment, on the same index: is_open, is_counted,
        is_overdue (bool), wait_days (float, from asking to the first answer or to the moment),
        wait_observed (bool, the wait has ended with an answer).
    as_of: the moment (aware).
    probability: P(late) of each case as scored by then, NaN = not scored; None = no scores.
    """

    cases: pd.DataFrame
    standing: pd.DataFrame
    as_of: dt.datetime
    probability: pd.Series | None = None


def snapshot_moments(as_of: dt.datetime, zone: str) -> Moments:
    """Which two moments `area_figures` wants for a map as of `as_of`.

    Args:
        as_of: aware.
        zone: IANA name of the county's zone; its weeks begin on Monday, 00:00.

    Raises:
        ValueError: for a moment without a zone.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a zone: a local day cannot be told without one")
    monday = _monday(as_of, zone)
    return Moments(as_of.astimezone(dt.UTC), monday.astimezone(dt.UTC))


def _monday(moment: dt.datetime, zone: str) -> dt.datetime:
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() - dt.timedelta(days=local.weekday())
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone))


def area_figures(
    now: Snapshot,
    week: Snapshot,
    areas: pd.DataFrame,
    zone: str,
    protection_level: str,
    layer: Layer,
    changes: pd.DataFrame | None = None,
    *,
    is_wide: bool = False,
) -> pd.DataFrame:
    """What each area shows.

    Args:
        now, week: the record at the two moments of `snapshot_moments`. Only cases that are
            confirmed and counted enter; where they count says `reports.carried`.
        areas: a layer (`geo.layers`): code, level, parent_code.
        zone: the county's zone.
        protection_level: level from which on figures are of the moment itself.
        layer: `open` cases open (count); `overdue_share` overdue ÷ open (0-1); `expected_late`
            mean P(late) of the open cases that were scored (0-1; their expected number is
            `amount`); `median_wait` days from asking to the first answer, open cases counted
            (Kaplan-Meier), of the cases opened in the last `WAIT_WEEKS` weeks.
        changes: the crosswalk to this layer (`data.places.read_changes`); None = none.
        is_wide: show nothing below the protection level: for classes made from the data.

    Returns:
        one row per area, index `code`, in the layer's order: level; shown_code and shown_level
        (whose figure it is; NA where even the county has too few); value (float, NA where there
        is none: too few, or fewer than half answered so that no median exists); amount (float, a
        count that goes with a share, NA = none); base (Int64, the cases it rests on, NA where too
        few); state: `shown`, `unknown` (base is enough, value cannot be computed), `too_few`
        (fewer than ten in the county), `none` (no case at all); is_approximate: whether the shown
        area's history is carried by share of land; is_band: the shown area lies below the
        protection level, so that value and base are a class and a band (`reports.area_bands`).
        A level that is too fine (`levels_without_figures`) shows the figures around it.

    Raises:
        ValueError: for a layer, level or moment that does not fit.
    """
    if layer not in LAYERS:
        raise ValueError(f"no such layer: {layer!r}; there are {', '.join(LAYERS)}")
    if not len(areas):
        raise ValueError("the layer has no areas; load one first")
    if week.as_of != snapshot_moments(now.as_of, zone).week_end:
        raise ValueError("the weekly snapshot must be of the end of the last whole week")
    by_code = areas.set_index("code")
    tree = Tree.of(by_code["parent_code"])
    level = by_code["level"].to_numpy()
    if protection_level not in level:
        raise ValueError(f"no area of the protection level {protection_level!r} in the layer")
    guard = int(tree.depth[level == protection_level][0])

    crossings = Crossings(tree, changes, zone)
    finest = _finest_with_figures(week, tree, crossings, guard, zone)
    fresh = _figures(now, tree, crossings, finest, zone, layer, whole_weeks=False)
    weekly = _figures(week, tree, crossings, finest, zone, layer, whole_weeks=True)
    # which area's figure: the weekly one where it is finer than the protection level, else the
    # figure of the moment, of the enclosing area at that level or of a wider one
    fine = (weekly.shown >= 0) & (tree.depth[weekly.shown] > guard)
    above = tree.ancestor_at(guard)
    wide = np.where(above >= 0, above, np.arange(len(tree.codes)))
    fine &= not is_wide
    shown = np.where(fine, weekly.shown, fresh.shown[wide])
    covered = shown < 0
    value = np.where(fine, weekly.value[shown], fresh.value[shown])
    base = np.where(fine, weekly.base[shown], fresh.base[shown])
    nothing = fresh.base[tree.depth == 0][0] == 0
    state = np.where(np.isnan(value), "unknown", "shown").astype(object)
    state[covered] = "none" if nothing else "too_few"
    codes, levels = pd.Series(tree.codes, dtype="str"), pd.Series(level, dtype="str")
    picked = np.where(covered, len(codes), shown)
    amount = fresh.amount[shown] if layer == "expected_late" else np.full(len(codes), np.nan)
    found = pd.DataFrame(
        {
            "level": levels.to_numpy(),
            "shown_code": codes.reindex(picked).to_numpy(),
            "shown_level": levels.reindex(picked).to_numpy(),
            "value": np.where(covered, np.nan, value),
            "amount": np.where(covered, np.nan, amount),
            "base": pd.array(np.where(covered, 0, base), dtype="Int64"),
            "state": pd.array(state, dtype="str"),
            "is_approximate": crossings.approximate()[shown] & ~covered,
            "is_band": fine,
        },
        index=pd.Index(tree.codes, name="code"),
    )
    return blurred(found.assign(base=found["base"].mask(covered)), fine, layer)


@dataclass(frozen=True)
class _Figures:
    """Per area, by position: value, base (whole cases), position of the area shown (-1 = none), and
    the count that goes with a share (NaN = none)."""

    value: NDArray[np.float64]
    base: NDArray[np.int64]
    shown: NDArray[np.intp]
    amount: NDArray[np.float64]


def levels_without_figures(
    week: Snapshot,
    areas: pd.DataFrame,
    zone: str,
    protection_level: str,
    changes: pd.DataFrame | None = None,
) -> tuple[str, ...]:
    """Levels below the protection level that are too fine for figures of their own: their median
    area has fewer than ten cases a year.

    Counted are the cases opened in the `WAIT_WEEKS` weeks before the end of the last whole week,
    so that it moves weekly and with no single case (DOMAIN.md §3). Arguments as `area_figures`.
    """
    by_code = areas.set_index("code")
    tree = Tree.of(by_code["parent_code"])
    guard = int(tree.depth[(by_code["level"] == protection_level).to_numpy()][0])
    finest = _finest_with_figures(week, tree, Crossings(tree, changes, zone), guard, zone)
    return tuple(dict.fromkeys(by_code["level"][tree.depth > finest]))


def _finest_with_figures(
    week: Snapshot, tree: Tree, crossings: Crossings, guard: int, zone: str
) -> int:
    """Depth of the finest level that has figures: whose median area has ten cases a year, and the
    protection level (`guard`) whatever it has."""
    cases = week.cases
    begin = pd.Timestamp(_window_start(week.as_of, zone, whole_weeks=True))
    member = cases["is_confirmed"] & week.standing["is_counted"] & (cases["opened_at"] >= begin)
    carried = crossings.places(cases[member])
    total = _added_up(tree, carried.place, carried.units)
    enough = [
        depth
        for depth in range(guard + 1, int(tree.depth.max(initial=0)) + 1)
        if np.median(total[tree.depth == depth]) >= MINIMUM * UNIT
    ]
    return max(enough, default=guard)


def _added_up(tree: Tree, place: NDArray[np.intp], units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Units per area, those of the areas within it included."""
    counts = np.bincount(place, weights=units, minlength=len(tree.codes)).astype(np.int64)
    return tree.add_up(pd.DataFrame({"units": counts}, tree.codes))["units"].to_numpy()


def _figures(
    snapshot: Snapshot,
    tree: Tree,
    crossings: Crossings,
    finest: int,
    zone: str,
    layer: Layer,
    *,
    whole_weeks: bool,
) -> _Figures:
    """Values and bases of every area at one moment, and which of them may be shown."""
    cases, standing = snapshot.cases, snapshot.standing
    counted = cases["is_confirmed"] & standing["is_counted"]
    if layer == "median_wait":
        begin = _window_start(snapshot.as_of, zone, whole_weeks=whole_weeks)
        member = counted & (cases["opened_at"] >= pd.Timestamp(begin))
        member &= standing["wait_days"] >= 0
    elif layer == "expected_late":
        member = counted & standing["is_open"] & _scores(snapshot).notna()
    else:
        member = counted & standing["is_open"]
    row, place, units = crossings.places(cases[member])
    base = _added_up(tree, place, units)
    chosen = standing[member]
    amount = np.full(len(base), np.nan)
    if layer == "open":
        value = base / UNIT
    elif layer == "overdue_share":
        is_late = chosen["is_overdue"].to_numpy(dtype=bool)[row]
        late = _added_up(tree, place[is_late], units[is_late])
        value = np.divide(late, base, out=np.full(len(base), np.nan), where=base > 0)
    elif layer == "expected_late":
        # in millionths, so that sums are exact whole numbers like the parts of cases
        scaled = np.rint(_scores(snapshot)[member].to_numpy(dtype=float)[row] * _MILLION)
        sums = _added_up(tree, place, units * scaled.astype(np.int64))
        value = np.divide(sums, base * _MILLION, out=np.full(len(base), np.nan), where=base > 0)
        amount = sums / (UNIT * _MILLION)
    else:
        days = chosen["wait_days"].to_numpy(dtype=float)[row]
        observed = chosen["wait_observed"].to_numpy(dtype=bool)[row]
        value = _waits(days, observed, units, place, tree)
    # a level that is too fine has no figure to show: its cases are those of the area around
    own = pd.Series(np.where(tree.depth <= finest, base, 0), index=tree.codes)
    shown_codes = cover_tree(own, tree, MINIMUM * UNIT)
    shown = tree.codes.get_indexer(pd.Index(shown_codes)).astype(np.intp)
    return _Figures(np.asarray(value, dtype=float), base // UNIT, shown, amount)


_MILLION = 1_000_000


def _scores(snapshot: Snapshot) -> pd.Series:
    if snapshot.probability is None:
        return pd.Series(np.nan, index=snapshot.cases.index)
    return snapshot.probability


def _window_start(as_of: dt.datetime, zone: str, *, whole_weeks: bool) -> dt.datetime:
    """Start of the wait's window: so many local weeks before its end, the hour kept."""
    end = as_of.astimezone(ZoneInfo(zone))
    if whole_weeks:
        end = _monday(as_of, zone)
    return (end.replace(tzinfo=None) - dt.timedelta(weeks=WAIT_WEEKS)).replace(
        tzinfo=ZoneInfo(zone)
    )


def _waits(
    days: NDArray[np.float64],
    observed: NDArray[np.bool_],
    units: NDArray[np.int64],
    place: NDArray[np.intp],
    tree: Tree,
) -> NDArray[np.float64]:
    """Kaplan-Meier median per area: each case counts in its own area and in every wider one."""
    groups, rows = [place], [np.arange(len(place))]
    while (groups[-1] >= 0).any():
        above = np.where(groups[-1] >= 0, tree.parent[groups[-1]], -1)
        groups.append(above)
        rows.append(rows[0])
    group, row = np.concatenate(groups), np.concatenate(rows)
    inside = group >= 0
    row = row[inside]
    return kaplan_meier_median(
        days[row], observed[row], group[inside], len(tree.codes), weight=units[row]
    )


def kaplan_meier_median(
    days: NDArray[np.float64],
    observed: NDArray[np.bool_],
    group: NDArray[np.intp],
    groups: int,
    weight: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Median time to answer per group, cases still open counted as waiting on.

    Args:
        days: waiting time per case, >= 0, no NaN.
        observed: whether the wait has ended with an answer (else it goes on).
        group: group of each case, 0..groups-1.
        groups: number of groups.
        weight: parts of each case, whole numbers; None = every case is one.

    Returns:
        float64 per group: the first time at which no more than half still wait; NaN where that
        has not happened yet, or for a group without cases.

    Source: Kaplan and Meier (1958), J. Amer. Statist. Assoc. 53, 457-481; answers at a time come
    before the open cases that have waited just as long.
    """
    median = np.full(groups, np.nan)
    if not len(days):
        return median
    order = np.lexsort((days, group))
    day, seen, of = days[order], observed[order], group[order]
    part = np.ones(len(days), dtype=np.int64) if weight is None else weight[order]
    starts = np.flatnonzero(np.r_[True, (of[1:] != of[:-1]) | (day[1:] != day[:-1])])
    answered = np.add.reduceat(np.where(seen, part, 0), starts)
    size = np.bincount(of, weights=part, minlength=groups)
    before_group = np.concatenate([[0], np.cumsum(size)[:-1]])
    owner = of[starts]
    passed = np.concatenate([[0], np.cumsum(part)[:-1]])[starts]
    waiting = size[owner] - (passed - before_group[owner])
    # a share of zero has no logarithm: far below one half is enough, it is the group's last time
    step = np.log(np.maximum(1.0 - answered / waiting, 1e-12))
    running = np.cumsum(step)
    begins = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    before = np.repeat(running[begins] - step[begins], np.diff(np.r_[begins, len(owner)]))
    half = running - before <= np.log(0.5) + 1e-9
    reached = np.flatnonzero(half)
    # times grow within a group: written backwards, the first one stays
    median[owner[reached][::-1]] = day[starts[reached]][::-1]
    return median
