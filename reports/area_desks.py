"""What the map says of offices: desks' filing, receptions ahead, waits the mix does not explain.

All of it is per area of the protection level. A desk's filing says nothing about the place: it
says that the desk was open and its register complete (DOMAIN.md §6). Receipts used are not here:
they count cases whose code was never used, and those enter no map (DOMAIN.md §2.1); the panel of
an area has them as the desk's own figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from .area_classes import APART, PLAIN, SCALE, Classes, states
from .equal_service import Against, compare
from .monthly import strata_of
from .rates import FEWEST, Rate

DESK_LAYERS = ("longer_wait", "filing", "receptions")
RECEPTION_DAYS = 28
"""So many days ahead receptions are looked for: four weeks, so that every weekday weighs alike."""
MIX_WEEKS = 52
RECEIPT_WEEKS = 13

_DIGITS: Mapping[str, Mapping[str, str]] = {
    "longer_wait": {"shorter": SCALE[0], "as_expected": PLAIN, "longer": SCALE[4]},
    "filing": {
        "in_time": SCALE[0], "late": SCALE[2], "contradicted": SCALE[3], "missing": SCALE[4],
        "excused": APART,
    },
    "receptions": {"planned": PLAIN, "none_planned": APART},
}  # fmt: skip
"""Digit of each state, light for well and dark for what asks for something."""


def desk_classes(figures: pd.DataFrame, layer: str) -> Classes:
    """The digits of a layer of `DESK_LAYERS`, and the words of each."""
    digits = _DIGITS[layer]
    words = {digit: f"map.state.{layer}.{state}" for state, digit in digits.items()}
    return states(figures, digits, words)


def longer_waits(cases: pd.DataFrame, standing: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Where answers are later, or waits longer, than the mix of category and procedure explains.

    Args:
        cases, standing: the record now; only confirmed, counted cases whose answer was due in the
            last `MIX_WEEKS` weeks enter. A township of fewer than ten of them is in no row.
        today: local.

    Returns:
        On township_code: value (late ÷ expected), amount (late expected), base (answers due),
        state: `longer`, `shorter` or `as_expected` (no more than chance and the usual unevenness).

    Source: `reports.equal_service.compare`.
    """
    outcome = standing["outcome"].astype("object")
    first = pd.Timestamp(today) - pd.Timedelta(weeks=MIX_WEEKS)
    due = cases["is_confirmed"] & standing["is_counted"].astype(bool) & outcome.notna()
    due &= (outcome != "not_due") & standing["answer_due_on"].between(first, pd.Timestamp(today))
    cells = pd.DataFrame({"due": due, "late": due & outcome.isin(["late", "late_open"])})
    strata = strata_of(cases, standing, cells.astype(bool))
    counts = strata["township"].value_counts()
    found = compare(strata, "township", sorted(counts.index[counts >= FEWEST]))
    return pd.DataFrame(
        [(row.ratio, row.expected, row.due, _said(row)) for row in found.rows],
        index=[row.group for row in found.rows],
        columns=["value", "amount", "base", "state"],
    )


def _said(row: Against) -> str:
    is_slower = (
        row.is_time_question
        and row.days is not None
        and (row.rest_days is None or row.days > row.rest_days)
    )
    if is_slower or (row.is_question and row.ratio > 1):
        return "longer"
    return "shorter" if row.is_question or row.is_time_question else "as_expected"


def filing_day(matrix: pd.DataFrame) -> pd.Timestamp | None:
    """The newest day whose deadline has passed; None = none."""
    due = matrix.loc[matrix["is_expected"], "period"]
    return None if due.empty else due.max()


def filing_states(matrix: pd.DataFrame) -> pd.DataFrame:
    """What each desk did on the newest day that is due.

    A report and a zero filing in time are one state: nothing is coloured by how few asked. A zero
    that the desk's own register contradicts is another (DOMAIN.md §6): it says of the desk that it
    filed what was not so, and twice the cases make it neither more nor less.

    Args:
        matrix: of `reports.filing.filing_matrix`, made with the cases that may enter a map; an area
            without a row is in none.

    Returns:
        On township_code: state `in_time`, `late`, `contradicted`, `missing` or `excused`.
    """
    newest = matrix[matrix["period"] == filing_day(matrix)]
    state = pd.Series("missing", index=newest.index, dtype="str")
    state[newest["is_filed"]] = "late"
    state[newest["is_timely"]] = "in_time"
    state[newest["state"] == "contradicted"] = "contradicted"
    state[newest["state"] == "excused"] = "excused"
    return pd.DataFrame({"state": state}).set_axis(newest["township_code"].astype("str"))


def reception_states(townships: list[str], ahead: Mapping[str, int]) -> pd.DataFrame:
    """Whether a township's office receives people in the days ahead.

    Args:
        ahead: number of receptions per township; one that is missing has none.

    Returns:
        On township_code: amount (receptions), state `planned` or `none_planned`.
    """
    counts = [ahead.get(code, 0) for code in townships]
    state = ["planned" if count else "none_planned" for count in counts]
    return pd.DataFrame({"amount": counts, "state": state}, index=townships)


def receipts_used(
    cases: pd.DataFrame, events: pd.DataFrame, standing: pd.DataFrame, desks: list[str],
    today: dt.date, zone: str,
) -> Rate:  # fmt: skip
    """Codes used ÷ cases registered at some desks in the last `RECEIPT_WEEKS` weeks."""
    opened = cases["opened_at"].dt.tz_convert(zone).dt.tz_localize(None)
    member = cases["desk"].isin(desks) & standing["is_counted"].astype(bool)
    member &= opened >= pd.Timestamp(today) - pd.Timedelta(weeks=RECEIPT_WEEKS)
    used = events.loc[events["event"] == "confirmed", "case"].unique()
    return Rate(int((member & cases.index.isin(used)).sum()), int(member.sum()))
