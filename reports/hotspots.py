"""Where answers are slow, and whether that is more than chance, over spans of thirteen weeks.

About answers only: the share of answers due that came late, and the days waited per answer given.
How many ask decides nothing but whether a figure may be said at all (ten cases, `geo.tree.cover`):
clusters are judged on the areas' own rates, which twice the cases at the same timeliness leave as
they are (DOMAIN.md §2.4).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.clusters import PERMUTATIONS, SEED, Clusters, clusters
from geo.neighbours import Pairs, touching
from geo.tree import MINIMUM, Tree, cover_tree

from .area_wide import SPAN_WEEKS, Span
from .areas import Snapshot, snapshot_moments
from .carried import UNIT, Crossings
from .hotspot_why import Why, why
from .smoothing import marshall

Measure = Literal["late_share", "days_waited"]
MEASURES: tuple[Measure, ...] = ("late_share", "days_waited")
SPANS = 3
"""The newest span and two before it: what is seen in one is not called persistent."""


@dataclass(frozen=True)
class Hotspots:
    """What was found on one level.

    measure: of `MEASURES`. level: whose areas were judged; is_fine: it lies below the protection
        level, so that figures are classes and bands. spans: oldest first.
    table: one row per area of the level, index `code`:
        base: cases the figure rests on (Int64; NA = fewer than ten); own: the area's own figure;
        smooth: drawn towards the parent's (float; late share 0-1, or days per answer; NaN = none);
        shown_code: whose figure stands for it (itself, or the smallest enclosing area with ten);
        z, p_adjusted, moran_p_adjusted: of `geo.clusters.clusters` in the newest span;
        state: `judged`, `few` (fewer than ten), `island`, `no_shape`, `none` (no figure: nobody
        was answered); label: `new`, `persistent`, `fading`, `apart` (slow among quick ones) or
        `usual`; NA where it was not judged.
    reason: why nothing was judged at all in the newest span: `few_areas`, `all_equal`; None.
    why: by area with a label other than `usual` and `fading`.
    """

    measure: Measure
    level: str
    is_fine: bool
    spans: tuple[Span, ...]
    table: pd.DataFrame
    reason: str | None
    why: dict[str, Why]


def slow_spans(as_of: dt.datetime, zone: str) -> tuple[Span, ...]:
    """Three spans of thirteen whole weeks, one after the other; the last ended with last week."""
    monday = snapshot_moments(as_of, zone).week_end.astimezone(ZoneInfo(zone)).date()
    found = []
    for back in range(SPANS - 1, -1, -1):
        after = monday - dt.timedelta(weeks=SPAN_WEEKS * back)
        known = dt.datetime.combine(after + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
        first = after - dt.timedelta(weeks=SPAN_WEEKS)
        moment = min(known.astimezone(dt.UTC), as_of.astimezone(dt.UTC))
        found.append(Span(first, after - dt.timedelta(days=1), moment))
    return tuple(found)


def hotspots(
    found: Snapshot,
    areas: gpd.GeoDataFrame,
    zone: str,
    protection_level: str,
    measure: Measure,
    changes: pd.DataFrame | None = None,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> Hotspots:
    """Clusters of slow answers.

    Args:
        found: the record as of the newest span's `known_at` (`slow_spans`); only confirmed and
            counted cases enter. Earlier spans are as known then, too: what was due in them is over.
        areas: the layer with shapes. changes: its crosswalk.

    Raises:
        ValueError: no area of the protection level, no such measure.
    """
    if measure not in MEASURES:
        raise ValueError(f"no such measure: {measure!r}; there are {', '.join(MEASURES)}")
    by_code = areas.set_index("code")
    tree = Tree.of(by_code["parent_code"])
    level = by_code["level"].to_numpy(dtype=object)
    if protection_level not in level:
        raise ValueError(f"no area of the protection level {protection_level!r} in the layer")
    guard = int(tree.depth[level == protection_level][0])
    spans = slow_spans(found.as_of, zone)
    cases = _Cases.of(found, tree, changes, zone)
    counted = [cases.rates(span, measure) for span in spans]
    depth = _depth(counted[-1], tree, guard)
    here = np.flatnonzero(tree.depth == depth)
    pairs = touching(areas.iloc[here])
    has_shape = areas.geometry.iloc[here].notna().to_numpy()
    judged = [
        _judge(table, tree, here, has_shape, pairs, measure, permutations, seed)
        for table in counted
    ]
    newest = judged[-1]
    table = newest.table.assign(label=_labels([one.table for one in judged]))
    reasons = {}
    for code in table.index[table["label"].isin(["new", "persistent", "apart"])]:
        # bodies within a finer area would be counts of few: those of the area around are told
        at = int(tree.codes.get_loc(code))
        around = int(tree.ancestor_at(guard)[at])
        inside = tree.ancestor_at(guard)[cases.place] == around
        reasons[str(code)] = why(cases.due_in(spans[-1]), inside, str(tree.codes[around]))
    return Hotspots(
        measure, str(level[here[0]]), depth > guard, spans, table, newest.reason, reasons
    )


@dataclass(frozen=True)
class _Cases:
    """The parts of cases that count, by area; all arrays on them."""

    tree: Tree
    rows: pd.DataFrame
    place: NDArray[np.intp]
    units: NDArray[np.int64]

    @classmethod
    def of(cls, found: Snapshot, tree: Tree, changes: pd.DataFrame | None, zone: str) -> _Cases:
        cases, standing = found.cases, found.standing
        member = (cases["is_confirmed"] & standing["is_counted"].astype(bool)).to_numpy()
        row, place, units = Crossings(tree, changes, zone).places(cases[member])
        chosen = standing[member].iloc[row]
        opened = cases.loc[member, "opened_at"].iloc[row].dt.tz_convert(zone).dt.tz_localize(None)
        rows = pd.DataFrame(
            {
                "due_on": pd.to_datetime(chosen["answer_due_on"]).to_numpy(),
                "outcome": chosen["outcome"].astype("object").to_numpy(),
                "body": chosen["owing_body_id"].to_numpy(),
                "category": cases.loc[member, "category"].iloc[row].to_numpy(),
                "opened_at": opened.to_numpy(),
                "wait_days": chosen["wait_days"].to_numpy(dtype=float),
                "is_answered": chosen["wait_observed"].to_numpy(dtype=bool),
            }
        )
        return cls(tree, rows, place, units)

    def due_in(self, span: Span) -> pd.DataFrame:
        """body, category, is_due, is_late of every part."""
        rows = self.rows
        due = rows["due_on"].between(pd.Timestamp(span.first), pd.Timestamp(span.last))
        due &= rows["outcome"].notna() & (rows["outcome"] != "not_due")
        late = due & rows["outcome"].isin(["late", "late_open"])
        return rows[["body", "category"]].assign(is_due=due, is_late=late)

    def rates(self, span: Span, measure: Measure) -> pd.DataFrame:
        """Per area of the tree: base (parts of cases), events and exposure (cases, or days)."""
        if measure == "late_share":
            due = self.due_in(span)
            base = exposure = self._sums(due["is_due"].to_numpy(dtype=float))
            events = self._sums(due["is_late"].to_numpy(dtype=float))
        else:
            rows = self.rows
            first, after = pd.Timestamp(span.first), pd.Timestamp(span.last) + pd.Timedelta(days=1)
            end = rows["opened_at"] + pd.to_timedelta(rows["wait_days"].clip(lower=0), unit="D")
            inside = end.clip(upper=after) - rows["opened_at"].clip(lower=first)
            days = (inside / pd.Timedelta(days=1)).clip(lower=0).fillna(0).to_numpy(dtype=float)
            answered = rows["is_answered"] & (end >= first) & (end < after)
            base = self._sums((days > 0).astype(float))
            exposure = self._sums(days)
            events = self._sums(answered.to_numpy(dtype=float) * (days > 0))
        return pd.DataFrame(
            {"base": base, "events": events / UNIT, "exposure": exposure / UNIT},
            index=self.tree.codes,
        )

    def _sums(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        total: NDArray[np.float64] = np.bincount(
            self.place, weights=weight * self.units, minlength=len(self.tree.codes)
        ).astype(float)
        for depth in range(int(self.tree.depth.max(initial=0)), 0, -1):
            here = np.flatnonzero(self.tree.depth == depth)
            np.add.at(total, self.tree.parent[here], total[here])
        return total


def _depth(newest: pd.DataFrame, tree: Tree, guard: int) -> int:
    """The protection level, or the next finer one where its median area has ten cases."""
    finer = newest["base"].to_numpy()[tree.depth == guard + 1]
    return guard + 1 if len(finer) and np.median(finer) >= MINIMUM * UNIT else guard


@dataclass(frozen=True)
class _Judged:
    table: pd.DataFrame
    reason: str | None


def _judge(
    counted: pd.DataFrame, tree: Tree, here: NDArray[np.intp], has_shape: NDArray[np.bool_],
    pairs: Pairs, measure: Measure, permutations: int, seed: int,
) -> _Judged:  # fmt: skip
    depth = int(tree.depth[here[0]])
    base = np.floor(counted["base"]).astype(np.int64).where(tree.depth <= depth, 0)
    shown = cover_tree(base, tree, MINIMUM * UNIT).iloc[here]
    has_own = (shown == shown.index).to_numpy()
    own = counted.iloc[here].assign(parent=tree.parent[here])
    smoothed = marshall(own[has_own & (own["exposure"] > 0).to_numpy()])
    figures = smoothed.reindex(own.index)
    if measure == "days_waited":
        # answers per day turned round: days waited per answer; none given is no number
        figures = 1.0 / figures.where(figures > 0)
    value = figures["rate"].where(pd.Series(has_shape, index=own.index)).to_numpy(dtype=float)
    found: Clusters = clusters(value, pairs, permutations=permutations, seed=seed)
    state = found.table["state"].set_axis(own.index)
    state = state.mask(state == "no_value", "none").mask(~has_shape, "no_shape")
    enough = pd.array(own["base"] // UNIT, dtype="Int64")
    table = found.table.set_axis(own.index).assign(
        base=pd.Series(enough, index=own.index).where(has_own),
        own=figures["rate"],
        smooth=figures["smooth"],
        shown_code=shown,
        state=state.mask(~has_own, "few").astype("str"),
    )
    return _Judged(table.rename_axis("code"), found.reason)


def _labels(tables: list[pd.DataFrame]) -> pd.Series:
    """What an area is called from its spans, the newest last."""
    now, before = tables[-1], tables[-2]["is_high"] | tables[-3]["is_high"]
    just_before = tables[-2]["is_high"]
    label = pd.Series("usual", index=now.index, dtype="str")
    label[just_before] = "fading"
    label[now["is_apart"]] = "apart"
    label[now["is_high"]] = "new"
    label[now["is_high"] & before] = "persistent"
    return label.where(now["state"] == "judged")
