"""The steps of a ledger's cases, read by the `[events]` part of a mapping; columnar.

A step with a date alone takes its place within that day in the order of the mapping's steps (of
the lines, in a second file), after what has an hour; nothing is guessed beyond that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from .errors import DataError, RowProblem
from .mapped_times import both_times, to_utc
from .mapping import Mapping
from .mapping_events import EventsRule, StepRule
from .vocabulary import ASKER_EVENTS

Bodies = Callable[[pd.Series], pd.Series]
"""Texts -> ids of bodies, NA where the county has none of that name; "" stays ""."""


class Steps(NamedTuple):
    """What the steps came to.

    events: `bulk.EVENT_COLUMNS` and `column` (the sender's, where the step's time stands), sorted
        by case, then time; case = index in the kept cases.
    problems: what cannot be read, row = the ledger's row. strays: lines of the second file whose
        number no row of the ledger has, row = the line's own.
    """

    events: pd.DataFrame
    problems: list[RowProblem]
    strays: list[RowProblem]


def read_steps(
    frame: pd.DataFrame,
    kept: pd.DataFrame,
    cases: pd.DataFrame,
    mapping: Mapping,
    bodies: Bodies,
    second: pd.DataFrame | None,
    numbers: frozenset[str],
) -> Steps:
    """The steps of the kept rows.

    Args:
        frame: the ledger (texts; index = row numbers). kept: `row`, `opened_utc`, `opened_local`,
            `opened_is_day`, on the index of `cases`.
        cases: `source_id`, `body_id`.
        second: the file of the steps (texts; index = row numbers) where the mapping has one.
        numbers: every number the ledger has, rows that were set aside included.

    Raises:
        DataError: the second file is missing, given for nothing, or lacks a column.
    """
    rule = mapping.events
    assert rule is not None
    # columns of steps alone: the others are wide, and nobody reads them here
    rows = frame[list(dict.fromkeys(rule.columns))].loc[kept["row"]]
    rows = rows.set_axis(cases.index).fillna("")
    problems: list[RowProblem] = []
    strays: list[RowProblem] = []
    if (second is not None) != (rule.lines is not None):
        key = "takeover.events.needed" if second is None else "takeover.events.not_used"
        raise DataError(key, [], file=mapping.name)
    reader = _Reader(mapping, bodies, kept["row"], problems)
    if second is not None:
        tables = reader.lines(second.fillna(""), rule, cases["source_id"], numbers, strays)
    else:
        tables = [reader.column(rows, step, order) for order, step in enumerate(rule.steps)]
    known = reader.times(rows[rule.known], rule.known) if rule.known else None
    events = pd.concat([_registered(kept, mapping, known), *tables], ignore_index=True)
    return Steps(_settled(events, cases, kept["row"], known, problems), problems, strays)


class _Reader:
    """Reads columns of steps; what cannot be read becomes a problem of the ledger's row."""

    def __init__(
        self, mapping: Mapping, bodies: Bodies, rows: pd.Series, problems: list[RowProblem]
    ):
        self.mapping, self.bodies, self.rows, self.problems = mapping, bodies, rows, problems

    def wrong(self, cases: pd.Series, column: str, key: str) -> None:
        self.problems += [
            RowProblem(int(self.rows[case]), column, f"takeover.row.{key}", (("column", column),))
            for case in cases
        ]

    def times(self, texts: pd.Series, column: str, case: pd.Series | None = None) -> pd.DataFrame:
        """local, utc, is_day (a date without an hour), on the index of `texts`."""
        local, late = both_times(texts, self.mapping)
        of = pd.Series(texts.index, index=texts.index) if case is None else case
        self.wrong(of[(texts != "") & local.isna()], column, "bad_moment")
        return pd.DataFrame(
            {"local": local, "utc": to_utc(local, self.mapping.zone), "is_day": late != local}
        )

    def column(self, rows: pd.DataFrame, step: StepRule, order: int) -> pd.DataFrame:
        """One step of every row that has it."""
        texts = rows[list(dict.fromkeys(step.columns))].apply(lambda column: column.str.strip())
        # a step without a date but with its days or receiver was meant and lacks its date
        beside = [c for c in (step.days, step.to) if c and c not in self.mapping.columns.values()]
        for column in beside:
            lacking = (texts[step.at] == "") & (texts[column] != "")
            self.wrong(pd.Series(texts.index[lacking]), step.at, "no_moment")
        texts = texts[texts[step.at] != ""]
        case = pd.Series(texts.index, index=texts.index, dtype="int64")
        return self.steps(texts, case, step).assign(event=step.event, order=order)

    def lines(
        self,
        second: pd.DataFrame,
        rule: EventsRule,
        numbers: pd.Series,
        known: frozenset[str],
        strays: list[RowProblem],
    ) -> list[pd.DataFrame]:
        """The steps of the second file, one line each."""
        step = rule.lines
        assert step is not None
        missing = [c for c in (rule.case, rule.word, *step.columns) if c not in second]
        if missing:
            no = "intake.mapping.no_column"
            found = [RowProblem(0, c, no, (("column", c),)) for c in missing]
            raise DataError(no, found, column=missing[0])
        texts = second.apply(lambda column: column.str.strip())
        strays += [
            RowProblem(int(line), rule.case, "takeover.row.no_case")
            for line in texts.index[~texts[rule.case].isin(known)]
        ]
        case = texts[rule.case].map(dict(zip(numbers, numbers.index, strict=True)))
        texts, case = texts[case.notna()], case[case.notna()].astype("int64")
        event = texts[rule.word].map(dict(rule.names))
        self.wrong(case[event.isna()], rule.word, "unknown_step")
        self.wrong(case[texts[step.at] == ""], step.at, "no_moment")
        order = np.arange(len(texts))
        return [self.steps(texts, case, step).assign(event=event, order=order)]

    def steps(self, texts: pd.DataFrame, case: pd.Series, step: StepRule) -> pd.DataFrame:
        """case, column, times, receiver, actor, days of lines that have a step."""
        none = pd.Series("", index=texts.index, dtype="str")
        found = self.times(texts[step.at], step.at, case).assign(case=case, column=step.at)
        known = self.times(texts[step.known] if step.known else none, step.known or "", case)
        found["known_utc"], found["known_is_day"] = known["utc"], known["is_day"]
        for name, column in (("to_body_id", step.to), ("body_id", step.body)):
            given = texts[column] if column else none
            ids = self.bodies(given)
            self.wrong(case[ids.isna() & (given != "")], column or "", "unknown_body")
            found[name] = ids.where(given != "")
        days = texts[step.days] if step.days else none
        number = days.str.extract(r"^([0-9]{1,3})\s*\D{0,2}$", expand=False)
        self.wrong(case[number.isna() & (days != "")], step.days or "", "bad_days")
        found["days"] = pd.to_numeric(number, errors="coerce").astype("Int16")
        return found


def _registered(kept: pd.DataFrame, mapping: Mapping, known: pd.DataFrame | None) -> pd.DataFrame:
    found = pd.DataFrame(
        {
            "case": kept.index,
            "event": "registered",
            "order": -1,
            "column": mapping.columns["opened_at"],
            "local": kept["opened_local"],
            "utc": kept["opened_utc"],
            "is_day": kept["opened_is_day"],
            "known_utc": pd.Series(pd.NaT, index=kept.index, dtype="datetime64[us, UTC]"),
            "known_is_day": False,
            "body_id": mapping.desk,
            "to_body_id": pd.Series(pd.NA, index=kept.index, dtype="str"),
            "days": pd.Series(pd.NA, index=kept.index, dtype="Int16"),
        }
    )
    if known is not None:
        found["known_utc"], found["known_is_day"] = known["utc"], known["is_day"]
    return found


def _settled(
    events: pd.DataFrame,
    cases: pd.DataFrame,
    rows: pd.Series,
    row_known: pd.DataFrame | None,
    problems: list[RowProblem],
) -> pd.DataFrame:
    """Steps of rows that can be read, at their moments, in order of time."""
    broken = {p.row for p in problems}
    events = events[~events["case"].map(rows).isin(broken)].copy()
    events["day"] = events["local"].dt.normalize()
    events["occurred_at"] = events["utc"]
    order = ["case", "occurred_at", "day", "order"]
    if events["is_day"].any():
        events = events.sort_values(["case", "day", "order"], kind="stable", ignore_index=True)
        # a date alone: after whatever has an hour and stands before it on that day
        reached = events["utc"].astype("int64").groupby([events["case"], events["day"]]).cummax()
        at = pd.to_datetime(reached, unit="us", utc=True).astype("datetime64[us, UTC]")
        events["occurred_at"] = events["utc"].where(~events["is_day"], at)
    keys = [events[name].astype("int64").to_numpy() for name in reversed(order)]
    events = events.take(np.lexsort(keys))
    events = events.reset_index(drop=True)
    events["known_at"] = _known(events, row_known)
    owing = events["case"].map(cases["body_id"])
    if events["to_body_id"].notna().any():
        held = events.groupby("case")["to_body_id"].ffill().groupby(events["case"]).shift()
        owing = held.fillna(owing)
    is_asker = events["event"].isin(ASKER_EVENTS)
    events["body_id"] = events["body_id"].fillna(owing).mask(is_asker)
    events["actor"] = np.where(is_asker, "asker", "office")
    events["code"] = pd.Series(pd.NA, index=events.index, dtype="str")
    return events[
        ["case", "event", "occurred_at", "known_at", "actor", "body_id", "to_body_id", "days",
         "code", "column"]
    ]  # fmt: skip


def _known(events: pd.DataFrame, row_known: pd.DataFrame | None) -> pd.Series:
    """When the older system knew: the step's own time of entry, else its moment, and never before
    the row itself was entered."""
    at, known = events["occurred_at"], events["known_utc"]
    same_day = events["known_is_day"] & (known < at) & (at - known < pd.Timedelta(days=1))
    known = known.mask(same_day, at)
    if row_known is None:
        return known.fillna(at)
    entered = events["case"].map(row_known["utc"])
    return known.fillna(at.where(entered.isna() | (entered < at), entered))
