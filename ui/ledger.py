"""The ledger (台账) on screen: lists by state, cut by body, clock and category.

No text, no place, no channel of the asker; and nothing here orders the cases by what their askers
did (DOMAIN.md §2.3, §2.4).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from service.ledger import Ledger
from service.several import CLOSED
from settings import ROOT

from . import assignments, lists, load
from .guard import Viewer
from .listing import Column, Listing

NAME = "ledger"
"""The list's name, for the session."""
SOON_DAYS = 3
"""Due within this many days: the report's list of what is pressing (DOMAIN.md §9)."""
LISTS = (
    "owed", "overdue", "very_late", "soon", "backlog", "not_solved", "undelivered", "untold",
    "objected", "in_review", "unconfirmed", "no_rule", "moved", "all",
)  # fmt: skip
"""What may be listed. A supervisor has no `undelivered` and no `all`: open cases only."""
UNASKED = "unasked"
"""A supervisor's further list: overdue, and no open assignment asks anybody for it."""
_CLERKS_ONLY = ("undelivered", "all")


def masks(viewer: Viewer, ledger: Ledger) -> dict[str, np.ndarray]:
    """The lists this viewer may choose from, each as rows of the ledger."""
    stand, marks = ledger.standing, ledger.marks
    runs, left = _days(viewer, ledger)
    # a case somebody never asked for is owed to nobody once its fifteen days are over
    counted = stand["is_counted"].to_numpy()
    owed = (stand["is_open"].to_numpy() | runs) & counted
    reached = owed if viewer.scope.role == "supervisor" else counted
    found = {
        "owed": owed,
        "overdue": (stand["is_overdue"] | stand["is_review_overdue"]).to_numpy(),
        "very_late": (stand["is_very_late"] | stand["is_review_very_late"]).to_numpy(),
        "soon": runs & (left >= 0) & (left <= SOON_DAYS),
        "not_solved": stand["is_not_solved"].to_numpy(),
        "unconfirmed": ~ledger.cases["is_confirmed"].to_numpy(),
        "all": np.ones(len(stand), dtype=bool),
    }
    found |= {n: marks[f"is_{n}"].to_numpy() for n in LISTS if f"is_{n}" in marks}
    names = [n for n in LISTS if viewer.scope.role != "supervisor" or n not in _CLERKS_ONLY]
    if viewer.scope.role == "supervisor":
        open_now = (row for row in assignments.read(viewer) if row.now.state not in CLOSED)
        asked = {row.one.case_id for row in open_now}
        found[UNASKED] = found["overdue"] & ~ledger.cases["case_id"].isin(asked).to_numpy()
        names.insert(names.index("overdue") + 1, UNASKED)
    return {name: found[name] & reached for name in names}


def _days(viewer: Viewer, ledger: Ledger) -> tuple[np.ndarray, np.ndarray]:
    """Whether a clock runs, and the days left to its last one (0 where none runs)."""
    today = pd.Timestamp(viewer.today).to_datetime64().astype("datetime64[D]")
    due = ledger.standing["next_due_on"].to_numpy().astype("datetime64[D]")
    runs = ~np.isnat(due)
    return runs, np.where(runs, (due - today).astype(np.int64), 0)


def listing(viewer: Viewer, ledger: Ledger, found: dict[str, np.ndarray]) -> Listing:
    """A viewer's ledger as a list. Not ordered by round: that is what an asker did."""
    cases, stand, t = ledger.cases, ledger.standing, viewer.t
    runs, left = _days(viewer, ledger)
    is_county = viewer.scope.role == "supervisor"
    ids = cases["case_id"]
    categories, bodies = load.categories(viewer), load.body_names(viewer)

    def column(name: str, values: pd.Series, **more: object) -> Column:
        return Column(name, t(f"casepage.list.{name}"), values, **more)  # type: ignore[arg-type]

    def category(name: str) -> str:
        return categories[name].names[viewer.language] if name in categories else name

    body = column("body", stand["next_body_id"], word=lambda b: str(bodies.get(b, b)), is_cut=True)
    # what a phone shows first stands first: which case, how long still
    columns = [
        column("case_id", ids, is_found=True, width=140),
        column(
            "days_left", pd.Series(np.where(runs, left, np.nan)), kind="number", is_sorted=False,
            help=t("casepage.list.days_left_help"), width=80,
        ),
        column("due_on", stand["next_due_on"], kind="day"),
        *([body] if is_county else []),
        column("category", cases["category"], word=category, is_cut=True),
        column("stage", stand["stage"], word=lambda s: t(f"words.stage.{s}"), width=150),
        column(
            "clock", stand["next_clock"], word=lambda c: t(f"casework.clock.{c}"), is_cut=True
        ),
        column("round", stand["round"], kind="number", is_sorted=False, width=60),
    ]  # fmt: skip

    def named(name: str) -> str:
        return f"{t(f'casepage.list.is_{name}')} {viewer.number(int(found[name].sum()))}"

    return Listing(
        NAME, ids, tuple(columns), found, named, sort="due_on",
        link=lambda case_id: f"case?lang={viewer.language}&case={case_id}",
    )  # fmt: skip


def link_back(viewer: Viewer) -> None:
    """From a case to the list it was picked from."""
    st.page_link(
        ROOT / "pages" / "worklist.py", label=viewer.t("casepage.back"),
        query_params=lists.last_choice(NAME) or None,
    )  # fmt: skip
