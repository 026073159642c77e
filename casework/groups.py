"""Which rules count which cases of a table: by pack, by version in force, by procedure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .milestones import Ints, Milestones, Times, utc
from .pack import Pack, Series

Packs = Mapping[str, Pack] | Mapping[str, Series] | Mapping[str, Pack | Series]
"""Packs by id: one version each, or every version."""


@dataclass(frozen=True)
class Group:
    """The cases that one version of a pack and one procedure rule: their rows in the table."""

    pack: Pack
    procedure: str
    rows: Ints


def groups(cases: pd.DataFrame, packs: Packs, stones: Milestones) -> list[Group]:
    """The cases by the version of the rules that counts them, and procedure (`pack.pack_for`).

    Raises:
        KeyError: when `packs` lacks a pack that a case names; call `casework.pack.packs` first.
    """
    packs_at, ids = pd.factorize(cases["pack"])
    procedures_at, procedures = pd.factorize(cases["procedure"])
    codes = packs_at * max(1, len(procedures)) + procedures_at
    made: list[Group] = []
    for code in np.unique(codes):
        pack_id, procedure = (str(ids[code // len(procedures)]), procedures[code % len(procedures)])
        rows = np.flatnonzero(codes == code).astype(np.int64)
        rules = packs[pack_id]
        if isinstance(rules, Pack):
            made.append(Group(rules, procedure, rows))
        elif len(rules.versions) == 1:
            made.append(Group(rules.versions[0], procedure, rows))
        else:
            made += [
                Group(pack, procedure, some) for pack, some in _versions(cases, rules, rows, stones)
            ]
    return [one for group in made for one in _categories(group, cases)]


def _categories(group: Group, cases: pd.DataFrame) -> Iterator[Group]:
    """A group by the categories whose days its pack names (`Pack.for_case`)."""
    rules = group.pack.rules[group.procedure].values()
    named = sorted({category for rule in rules for category in rule.by_category})
    rest = np.ones(len(group.rows), dtype=bool)
    if named:
        category = cases["category"].to_numpy(dtype=object)[group.rows]
        given = np.isnat(utc(cases["limit_at"])[group.rows])
        for one in named:
            some = given & (category == one)
            rest &= ~some
            if some.any():
                yield replace(group, pack=group.pack.for_case(one, None), rows=group.rows[some])
    if rest.any():
        yield replace(group, rows=group.rows[rest])


def _versions(
    cases: pd.DataFrame, rules: Series, rows: Ints, stones: Milestones
) -> Iterator[tuple[Pack, Ints]]:
    """Rows by the version they began under and the later one that took them over, if any did."""
    opened = stones.day(utc(cases["opened_at"])[rows])
    starts = np.array([pack.effective_from for pack in rules.versions], dtype="datetime64[D]")
    began = np.maximum(np.searchsorted(starts, opened, side="right") - 1, 0)
    now = began.copy()
    today = stones.day(np.array([stones.as_of]))[0]
    ended = _first_ends(rules, began, rows, stones)
    for number, pack in enumerate(rules.versions):
        if pack.governs == "open" and starts[number] <= today:
            is_open = np.isnat(ended) | (ended >= starts[number])
            now[(opened < starts[number]) & is_open] = number
    for first, last in sorted(set(zip(began.tolist(), now.tolist(), strict=True))):
        pack = rules.versions[last]
        if first != last:
            pack = replace(pack, before=rules.versions[first])
        yield pack, rows[(began == first) & (now == last)]


def _first_ends(rules: Series, began: Ints, rows: Ints, stones: Milestones) -> Times:
    """Local day of each case's first answer or other end; NaT = none yet."""
    effect = np.array([pack.withdrawal_takes_effect_days for pack in rules.versions])
    days = np.zeros(stones.size, dtype=np.int64)
    days[rows] = effect[began]
    ends = np.fmin(stones.exits_at(days), stones.counted_at(stones.first_close))
    return stones.day(ends[rows])
