"""How a body serves, as rates: for inspections, and for demonstration townships (示范乡镇).

A township is told by four shares against a standard (on time, told, delivered, other exits), each
of ten cases at least, and never by how many cases it has: with fewer it is "too few to say".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from casework.groups import Packs

from .indicators import Window, case_cells
from .moments import has_any
from .rates import Rate
from .waiting import seven_one_seven

RATES = {
    "decided_in_time": ("decided_in_time", "decision_due"), "on_time": ("on_time", "due"),
    "extended": ("extended", "due"), "exits": ("exits", "ended"),
    "delivered": ("delivered", "answered"), "used": ("used", "opened"),
}  # fmt: skip
"""A figure's numerator and denominator among the cells; first_step and told come from 7-1-7."""
STATES = ("met", "not_yet", "few")


@dataclass(frozen=True)
class Judged:
    """A township by the standard. rates: of each figure of the standard. met: whether each keeps
    its threshold; None = fewer than ten. state: of `STATES`."""

    body_id: str
    rates: dict[str, Rate]
    met: dict[str, bool | None]
    state: str


def body_rates(
    cases: pd.DataFrame, events: pd.DataFrame, standing: pd.DataFrame, window: Window,
    as_of: dt.datetime, zone: str, bodies: list[str], packs: Packs | None = None,
) -> dict[str, dict[str, Rate]]:  # fmt: skip
    """Every figure of each body in a window.

    Args:
        cases, events, standing, as_of: as in `indicators.service_figures`. bodies: in their order.

    Returns:
        By body, by name: `RATES`, first_step and told. used: of the cases its own desk registered;
        delivered: answers with a record that they reached the asker, of those due and answered.
    """
    cells = case_cells(cases, events, standing, window, as_of, zone, packs)
    cells["delivered"] = cells["answered"] & has_any(events, ["delivered"], cases.index)
    whole = cells.astype("int64")
    owing = standing["owing_body_id"].astype("object")
    owed = whole.groupby(owing).sum()
    at_desk = whole.groupby(cases["desk"].astype("object")).sum()
    found = {}
    for body in bodies:
        rates = {}
        for name, (some, among) in RATES.items():
            table = at_desk if name == "used" else owed
            line = table.loc[body] if body in table.index else None
            rates[name] = Rate(0, 0) if line is None else Rate(int(line[some]), int(line[among]))
        mine = cases[(owing == body).to_numpy()]
        events_of = events[events["case"].isin(mine.index)]
        for step in seven_one_seven(mine, events_of, standing.loc[mine.index], window, as_of, zone):
            rates[step.step] = step.met
        found[body] = rates
    return found


def judge(
    rates: Mapping[str, Mapping[str, Rate]], limits: Mapping[str, float],
    directions: Mapping[str, str],
) -> tuple[Judged, ...]:  # fmt: skip
    """Each body by a standard, in the order of their ids: no rank, and no count moves one.

    Args:
        rates: by body and name. limits: 0-1 by name. directions: at_least or at_most by name.
    """
    judged = []
    for body in sorted(rates):
        mine = {name: rates[body][name] for name in directions}
        met = {name: _keeps(rate, limits[name], directions[name]) for name, rate in mine.items()}
        state = "few" if None in met.values() else "met" if all(met.values()) else "not_yet"
        judged.append(Judged(body, mine, met, state))
    return tuple(judged)


def _keeps(rate: Rate, limit: float, direction: str) -> bool | None:
    if rate.share is None or rate.is_small:
        return None
    share = round(rate.share, 9)
    return share >= limit if direction == "at_least" else share <= limit
