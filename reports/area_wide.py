"""Figures of the protection level and above, in the shape in which the map draws figures.

Two spans of thirteen weeks beside each other, and what is of offices rather than places. Nothing
here has a figure below the protection level: every area within shows the one around it.
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

from .areas import Snapshot, kaplan_meier_median, snapshot_moments
from .carried import UNIT, Crossings

SPAN_WEEKS = 13
SpanLayer = Literal["late_share", "median_wait"]
SPAN_LAYERS: tuple[SpanLayer, ...] = ("late_share", "median_wait")


class Span(NamedTuple):
    """Thirteen whole local weeks, and up to when their figures are known.

    first, last: local days, both included. known_at: the end of the last day plus a day (UTC), or
    the moment asked about where that comes first.
    """

    first: dt.date
    last: dt.date
    known_at: dt.datetime


def spans(as_of: dt.datetime, zone: str, weeks_apart: int = SPAN_WEEKS) -> tuple[Span, Span]:
    """Two spans: the one that ended with the last whole week, and one so many weeks before it.

    Raises:
        ValueError: where the two would overlap.
    """
    if weeks_apart < SPAN_WEEKS:
        raise ValueError(f"spans of {SPAN_WEEKS} weeks overlap when {weeks_apart} weeks apart")
    monday = snapshot_moments(as_of, zone).week_end.astimezone(ZoneInfo(zone)).date()

    def span(after: dt.date) -> Span:
        known = dt.datetime.combine(after + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
        last = after - dt.timedelta(days=1)
        first = after - dt.timedelta(weeks=SPAN_WEEKS)
        return Span(first, last, min(known.astimezone(dt.UTC), as_of.astimezone(dt.UTC)))

    return span(monday - dt.timedelta(weeks=weeks_apart)), span(monday)


@dataclass(frozen=True)
class _Guard:
    """The areas, and where the protection level lies among them."""

    tree: Tree
    level: NDArray[np.object_]
    depth: int

    @classmethod
    def of(cls, areas: pd.DataFrame, protection_level: str) -> _Guard:
        by_code = areas.set_index("code")
        tree = Tree.of(by_code["parent_code"])
        level = by_code["level"].to_numpy(dtype=object)
        if protection_level not in level:
            raise ValueError(f"no area of the protection level {protection_level!r} in the layer")
        return cls(tree, level, int(tree.depth[level == protection_level][0]))

    def around(self) -> NDArray[np.intp]:
        """Position of each area's enclosing area at the protection level; itself if wider."""
        above = self.tree.ancestor_at(self.depth)
        return np.where(above >= 0, above, np.arange(len(self.tree.codes)))

    def frame(self, shown: NDArray[np.intp], own: pd.DataFrame, nothing: str) -> pd.DataFrame:
        """`own` (value, amount, base, state, by position) as every area shows it.

        Args:
            shown: position of the area whose figure each shows; -1 = none, then in state `nothing`.
        """
        covered = shown < 0
        codes, levels = pd.Series(self.tree.codes, dtype="str"), pd.Series(self.level, dtype="str")
        picked = np.where(covered, len(codes), shown)
        found = own.reindex(picked).set_axis(pd.Index(self.tree.codes, name="code"))
        return found.assign(
            level=self.level,
            shown_code=codes.reindex(picked).to_numpy(),
            shown_level=levels.reindex(picked).to_numpy(),
            base=found["base"].astype("Int64"),
            state=found["state"].mask(covered, nothing).astype("str"),
            is_approximate=False,
            is_band=False,
        )


def span_figures(
    found: Snapshot,
    span: Span,
    areas: pd.DataFrame,
    zone: str,
    protection_level: str,
    layer: SpanLayer,
    changes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What each area shows of a span, as `reports.areas.area_figures` says it.

    Args:
        found: the record as of `span.known_at`. Only confirmed and counted cases enter.
        layer: `late_share` late ÷ answers due in the span; `median_wait` days from asking to the
            first answer, open cases counted (Kaplan-Meier), of the cases opened in it.
    """
    guard, cases, standing = _Guard.of(areas, protection_level), found.cases, found.standing
    tree = guard.tree
    member = cases["is_confirmed"] & standing["is_counted"].astype(bool)
    first, last = pd.Timestamp(span.first), pd.Timestamp(span.last)
    if layer == "late_share":
        outcome = standing["outcome"].astype("object")
        member &= standing["answer_due_on"].between(first, last) & outcome.notna()
        member &= outcome != "not_due"
    else:
        opened = cases["opened_at"].dt.tz_convert(zone).dt.tz_localize(None)
        member &= (opened >= first) & (opened < last + pd.Timedelta(days=1))
        member &= standing["wait_days"] >= 0
    row, place, units = Crossings(tree, changes, zone).places(cases[member])
    place = guard.around()[place]
    chosen = standing[member]
    base = _sums(tree, place, units)
    if layer == "late_share":
        is_late = chosen["outcome"].isin(["late", "late_open"]).to_numpy(dtype=bool)[row]
        late = _sums(tree, place[is_late], units[is_late])
        value = np.divide(late, base, out=np.full(len(base), np.nan), where=base > 0)
    else:
        value = _medians(chosen, row, place, units, tree)
    own = pd.Series(np.where(tree.depth <= guard.depth, base, 0), index=tree.codes)
    shown = tree.codes.get_indexer(pd.Index(cover_tree(own, tree, MINIMUM * UNIT)))
    figures = pd.DataFrame({"value": value, "amount": np.nan, "base": base // UNIT})
    figures["state"] = np.where(np.isnan(value), "unknown", "shown")
    return guard.frame(shown.astype(np.intp), figures, "too_few" if len(place) else "none")


def _sums(tree: Tree, place: NDArray[np.intp], units: NDArray[np.int64]) -> NDArray[np.int64]:
    counts = np.bincount(place, weights=units, minlength=len(tree.codes)).astype(np.int64)
    return tree.add_up(pd.DataFrame({"units": counts}, tree.codes))["units"].to_numpy()


def _medians(
    chosen: pd.DataFrame,
    row: NDArray[np.intp],
    place: NDArray[np.intp],
    units: NDArray[np.int64],
    tree: Tree,
) -> NDArray[np.float64]:
    """Kaplan-Meier median of each area at the protection level and of every wider one."""
    days = chosen["wait_days"].to_numpy(dtype=float)[row]
    observed = chosen["wait_observed"].to_numpy(dtype=bool)[row]
    found, group = np.full(len(tree.codes), np.nan), place
    while (group >= 0).any():
        inside = group >= 0
        made = kaplan_meier_median(
            days[inside], observed[inside], group[inside], len(found), units[inside]
        )
        found = np.where(np.isnan(found), made, found)
        group = np.where(inside, tree.parent[group], -1)
    return found


def office_figures(
    areas: pd.DataFrame, protection_level: str, own: pd.DataFrame, without: str = "too_few"
) -> pd.DataFrame:
    """Figures of offices, each drawn on its own area of the protection level.

    Args:
        own: state, and value, amount, base where there are such; index code of the area.
        without: state of an area that is in no row, and of the wider areas.

    Returns:
        As `reports.areas.area_figures`.
    """
    guard = _Guard.of(areas, protection_level)
    codes = pd.Index(guard.tree.codes)
    columns = {"value": float("nan"), "amount": float("nan"), "base": pd.NA, "state": without}
    table = own.reindex(columns=list(columns)).reindex(codes)
    table["state"] = table["state"].fillna(without)
    around = guard.around()
    shown = np.where(guard.tree.depth[around] == guard.depth, around, -1)
    return guard.frame(shown, table.reset_index(drop=True), without)
