"""Which figures of a month may leave the office (DOMAIN.md §2.10).

A month's counts form a tree: a count is split into parts that add up to it. For every split,
each group (a body, a category) shows all its parts or none. It shows none where it has fewer
than ten cases or a part of 1 or 2; and so many more groups show none that what is left over when
everything shown is taken from the total is nothing, or at least 3, in every part, and comes from
two groups at least. A part is split further only where it is itself shown.

Why that is enough: of the groups that show nothing only sums are known, each 0 or at least 3. In
a table with such margins a single entry can always take at least four values, whatever is
subtracted from whatever; and a further split adds no condition on the one before, because a
table with whole entries exists for any margins that add up. Breakdowns (bodies, categories,
townships, channels) share nothing but the county's row, which is shown to all of them.
tests/reports/test_monthly_covering.py tries to get counts back all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from .covering import SMALLEST_SHOWN
from .indicators import EXIT_STAGES
from .monthly import COUNTY, SEVENS
from .rates import FEWEST


@dataclass(frozen=True)
class Split:
    """A count and the parts that add up to it.

    whole: the count; None for a count that stands alone, with itself as only part.
    needs: splits that a group must show before this one. by: breakdowns it is shown for.
    hides_zero: a part of 0 is covered too ("covered when all agree").
    """

    name: str
    whole: str | None
    parts: tuple[str, ...]
    needs: tuple[str, ...]
    by: tuple[str, ...]
    hides_zero: bool = False


_ALL = ("body", "domain", "category", "township", "channel")
_MOST = ("body", "domain", "category")
SPLITS = (
    Split("on_time", "due", ("on_time", "not_on_time"), (), _ALL),
    Split("late", "not_on_time", ("late", "ended_otherwise"), ("on_time",), _ALL),
    Split("late_open", "late", ("late_answered", "late_open"), ("late",), _MOST),
    Split("extended", "due", ("extended", "not_extended"), ("on_time",), _MOST),
    Split("rated", "answered", ("rated", "unrated"), ("late_open",), _MOST),
    Split("pleased", "rated", ("pleased", "displeased"), ("rated",), ("body",), hides_zero=True),
    Split("decided", "decision_due", ("decided_in_time", "decided_late"), (), _MOST),
    Split("exits", "ended", ("ended_answered", "exits"), (), ("body",)),
    Split("exit_kinds", "exits", EXIT_STAGES, ("exits",), ("body",)),
    Split("held", "ripe", ("held", "not_held"), (), ("domain", "category")),
    Split("used", "opened", ("used", "unused"), (), ("desk",)),
    *(Split(n, f"{n}_due", (f"{n}_met", f"{n}_missed"), (), ()) for n in SEVENS),
    Split("disowned", None, ("disowned",), (), ("desk",)),
    Split("corrections", None, ("corrections",), (), ("desk",)),
    Split("reissued", None, ("reissued",), (), ("desk",)),
    Split("not_me", None, ("not_me",), (), ("desk",)),
    Split("backlog", None, ("backlog",), (), _MOST),
    Split("transfers", None, ("transfers",), (), ("body",)),
    Split("back_dated", None, ("back_dated",), (), ("body",)),
    Split("texts_opened", None, ("texts_opened",), (), ("role",)),
)
INSIDE = {"category": "domain"}
"""Breakdowns whose groups add up to those of another one; the others add up to the county."""

Shown = dict[str, dict[str, frozenset[str]]]
"""Per breakdown and split: the groups whose parts are shown."""


def cover(
    by: dict[str, pd.DataFrame], inside: dict[str, str], splits: Sequence[Split] = SPLITS
) -> Shown:
    """Which groups show which split.

    Args:
        by: `monthly.MonthCounts.by`, or other breakdowns with the cells of `splits`.
        inside: the domain of each category.
        splits: the public month's, or those of another table that leaves the office.

    Returns:
        For every breakdown of `by`. Deterministic; a group's size never decides its place.
    """
    shown: Shown = {COUNTY: {}}
    county = {str(name): int(count) for name, count in by[COUNTY].loc[COUNTY].items()}
    for split in splits:
        allowed = all(shown[COUNTY][need] for need in split.needs) and _is_safe(split, county)
        shown[COUNTY][split.name] = frozenset([COUNTY] if allowed else [])
    for name in sorted(set(by) - {COUNTY}, key=lambda n: n in INSIDE):
        shown[name] = {}
        for split in splits:
            if name not in split.by:
                continue
            blocks = _blocks(name, by[name], shown, split, inside)
            found: set[str] = set()
            for block in blocks:
                may = [g for g in block if all(g in shown[name][need] for need in split.needs)]
                found |= _shown_of(split, by[name].loc[block], may)
            shown[name][split.name] = frozenset(found)
    return shown


def _blocks(
    name: str, table: pd.DataFrame, shown: Shown, split: Split, inside: dict[str, str]
) -> list[list[str]]:
    """Groups that add up to something shown; those in no block show nothing."""
    outer = INSIDE.get(name)
    if outer is None or split.name not in shown[outer]:
        return [list(table.index)] if shown[COUNTY][split.name] else []
    return [
        [group for group in table.index if inside.get(group) == whole]
        for whole in sorted(shown[outer][split.name])
    ]


def _is_safe(split: Split, counts: Mapping[str, int]) -> bool:
    """Whether a group may show its parts, seen by itself."""
    if split.whole is not None:
        whole = counts[split.whole]
        if whole == 0:
            return not split.hides_zero
        if whole < FEWEST:
            return False
    return all(part_is_safe(split, counts[part]) for part in split.parts)


def part_is_safe(split: Split, count: int) -> bool:
    return count >= SMALLEST_SHOWN or (count == 0 and not split.hides_zero)


def _shown_of(split: Split, table: pd.DataFrame, may: list[str]) -> set[str]:
    """The groups of one block that show the split."""
    cells = list(dict.fromkeys([*([split.whole] if split.whole else []), *split.parts]))
    rows = {
        group: dict(zip(cells, counts, strict=True))
        for group, counts in zip(table.index, table[cells].to_numpy().tolist(), strict=True)
    }
    shown = [group for group in may if _is_safe(split, rows[group])]
    size = split.whole or split.parts[0]
    shown.sort(key=lambda group: (rows[group][size] == 0, rows[group][size], group))
    rest = {cell: sum(rows[group][cell] for group in set(rows) - set(shown)) for cell in cells}
    hidden = len(rows) - len(shown)
    while shown and hidden and not (hidden > 1 and _is_safe(split, rest)):
        given_up = rows[shown.pop(0)]
        rest, hidden = {cell: rest[cell] + given_up[cell] for cell in cells}, hidden + 1
    return set(shown)
