"""Lessons of answers that did not hold: how they were handled and why they came back, by category.

Nothing is counted by body, nothing is ranked: how many object is nobody's fault (DOMAIN.md §2.4).
A category stands alone from ten answers on that were looked back at (§7).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from data.vocabulary import ANSWER_HANDLED, CAME_BACK_BECAUSE

from .monthly import COUNTY
from .monthly_covering import Split, cover
from .rates import FEWEST

REASONS = {"handled": ANSWER_HANDLED, "came_back": CAME_BACK_BECAUSE}
"""The two lists a look back chooses from."""
SPLITS = {name: Split(name, "reviewed", words, (), ("kind",)) for name, words in REASONS.items()}
"""What leaves the office shows all words of a category or none (§2.10)."""


@dataclass(frozen=True)
class Lessons:
    """What was said of the answers looked back at.

    counts: per list of `REASONS` one row per category, in the order given, and `COUNTY` first:
    reviewed and one column per word of the list (int64). second: how many of each had the
    supervisor's look (int64 on the same index).
    """

    counts: dict[str, pd.DataFrame]
    second: pd.Series

    @property
    def told(self) -> tuple[str, ...]:
        """What may be told apart: the county and the categories with ten answers at least."""
        reviewed = self.counts["handled"]["reviewed"]
        return tuple(str(name) for name in reviewed.index[reviewed >= FEWEST])

    @property
    def fewer_count(self) -> int:
        """How many categories have answers, and fewer than ten."""
        reviewed = self.counts["handled"]["reviewed"].drop(COUNTY)
        return int(((reviewed > 0) & (reviewed < FEWEST)).sum())

    def of(self, name: str, category: str) -> pd.DataFrame:
        """One list's words of a category or the county, in the list's order.

        Returns:
            On the words: count (int64), share (0-1 of the reviewed).
        """
        line = self.counts[name].loc[category]
        counts = line[list(REASONS[name])].astype("int64")
        return pd.DataFrame({"count": counts, "share": counts / int(line["reviewed"])})


def lessons(said: pd.DataFrame, categories: list[str]) -> Lessons:
    """Count the looks back.

    Args:
        said: as `data.answer_reviews.read_figures` gives it. categories: their fixed order; one
            that is not among them comes after, by name.
    """
    order = [*categories, *sorted(set(said["category"]) - set(categories))]
    counts = {}
    for name, words in REASONS.items():
        table = pd.crosstab(said["category"].to_numpy(), said[name].to_numpy())
        table = table.reindex(index=order, columns=list(words), fill_value=0).astype("int64")
        table = pd.concat([table.sum().to_frame().T.set_axis([COUNTY]), table])
        table.insert(0, "reviewed", table.sum(axis=1))
        counts[name] = table
    second = said.groupby("category")["is_second"].sum().reindex(order, fill_value=0)
    second = pd.concat([pd.Series({COUNTY: int(said["is_second"].sum())}), second]).astype("int64")
    return Lessons(counts, second)


def covered(found: Lessons) -> dict[str, frozenset[str]]:
    """Per list the categories, and `COUNTY`, whose words may leave the office."""
    shown = {}
    for name, split in SPLITS.items():
        table = found.counts[name]
        parts = {COUNTY: table.loc[[COUNTY]], "kind": table.drop(COUNTY)}
        by = cover(parts, {}, (split,))
        shown[name] = by["kind"][name] | by[COUNTY][name]
    return shown
