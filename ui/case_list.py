"""The work list: which answers are owed, the most pressing first; no text, no place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from service.figures import CaseFigures

from . import load
from .guard import Viewer

SOON_DAYS = 3
"""Due within this many days: the report's list of what is pressing (DOMAIN.md §9)."""

FILTERS = ("owed", "overdue", "soon", "not_solved", "undelivered", "all")
"""What may be listed. A supervisor has no `undelivered` and no `all`: open cases only."""


def rows(viewer: Viewer, figures: CaseFigures) -> pd.DataFrame:
    """One row per listed case: its id, words in the viewer's language, and marks to filter by.

    Returns:
        case_id, category, stage, body, clock, due_on (NaT = none runs), days_left (calendar days
        to the last day, negative = over; NA = none runs), round; is_owed, is_overdue, is_soon,
        is_not_solved, is_undelivered; in order of due_on, those without one last.
    """
    cases, stand = figures.table.cases, figures.standing
    names, language = load.categories(viewer), viewer.language
    bodies = load.body_names(viewer)
    days_left = (stand["next_due_on"] - pd.Timestamp(viewer.today)).dt.days.astype("Int64")
    is_running = stand["next_due_on"].notna()
    table = pd.DataFrame(
        {
            "case_id": cases["case_id"],
            "category": _words(
                cases["category"], lambda c: names[c].names[language] if c in names else c
            ),
            "stage": _words(stand["stage"], lambda s: viewer.t(f"words.stage.{s}")),
            "body": stand["owing_body_id"].map(bodies),
            "clock": _words(stand["next_clock"], lambda c: viewer.t(f"casework.clock.{c}")),
            "due_on": stand["next_due_on"],
            "days_left": days_left,
            "round": stand["round"],
            "is_owed": stand["is_open"] | is_running,
            "is_overdue": stand["is_overdue"],
            "is_soon": (days_left >= 0).fillna(False) & (days_left <= SOON_DAYS).fillna(False),
            "is_not_solved": stand["is_not_solved"],
            "is_undelivered": _undelivered(figures),
        }
    )
    # a case somebody never asked for is owed to nobody once its fifteen days are over
    table = table[stand["is_counted"].to_numpy()]
    return table.sort_values(["due_on", "case_id"], na_position="last", ignore_index=True)


def _words(values: pd.Series, word: Callable[[str], str]) -> pd.Series:
    return values.astype("str").map({v: word(str(v)) for v in values.dropna().unique()})


def _undelivered(figures: CaseFigures) -> pd.Series:
    """The last answer is written, but not recorded as received: the asker's rights wait for it."""
    events = figures.table.events
    last = {
        name: events[events["event"] == name].groupby("case")["occurred_at"].max()
        for name in ("answered", "delivered")
    }
    index = figures.table.cases.index
    answered, delivered = (last[name].reindex(index) for name in ("answered", "delivered"))
    is_answered = figures.standing["stage"] == "answered"
    return is_answered & answered.notna() & ~(delivered >= answered)


def filters(viewer: Viewer) -> tuple[str, ...]:
    """The lists this viewer may choose from."""
    return FILTERS[:4] if viewer.scope.role == "supervisor" else FILTERS


def chosen(viewer: Viewer, table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of one list."""
    if viewer.scope.role == "supervisor":
        table = table[table["is_owed"]]
    return table if name == "all" else table[table[f"is_{name}"]]


def show(viewer: Viewer, table: pd.DataFrame) -> str | None:
    """Draw the list; the case that was picked, None while none is."""
    # what a phone shows without scrolling sideways comes first: which case, how long still
    columns = ["case_id", "days_left", "due_on", "category", "stage", "clock", "round"]
    if viewer.scope.role == "supervisor":
        columns.insert(3, "body")
    heads = {name: viewer.t(f"casepage.list.{name}") for name in columns}
    config = {name: st.column_config.Column(head) for name, head in heads.items()}
    config["due_on"] = st.column_config.DateColumn(heads["due_on"], format="YYYY-MM-DD")
    config["days_left"] = st.column_config.NumberColumn(
        heads["days_left"], help=viewer.t("casepage.list.days_left_help"), width=80
    )
    config["case_id"] = st.column_config.Column(heads["case_id"], width=140)
    shown = table[columns].assign(
        days_left=table["days_left"].astype("float64"), round=table["round"].astype(np.int64)
    )
    picked = st.dataframe(
        shown, hide_index=True, column_config=config, on_select="rerun",
        selection_mode="single-row", height=min(560, 38 + 35 * len(shown)), key="worklist_table",
    )  # fmt: skip
    selected = picked.selection.rows
    return None if not selected else str(table["case_id"].iloc[selected[0]])
