"""The same badge for the same state everywhere; in lists that hold text only, the same words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from markupsafe import Markup

from casework.clock import Clock
from casework.lateness import is_very_late
from risk.levels import DUE_SOON_DAYS
from wording.palette import STATES, tone

from .guard import Viewer

SOON = dt.timedelta(days=DUE_SOON_DAYS)

_KEYS: dict[str, Callable[[str], str]] = {
    "stage": lambda state: f"words.stage.{state}",
    "phase": lambda state: f"casepage.phase.{state}",
    "clock": lambda state: f"casework.state.{state}",
    "level": lambda state: f"risk.level.{state}",
    "flag": lambda state: f"words.flag_event.{state}",
    "assignment": lambda state: f"assignments.state.{state}",
    "filing": lambda state: f"reports.filing.state.{state}",
    "report": lambda state: f"report.state.{state}",
    "plan": lambda state: f"backlog.state.{state}",
    "sweep": lambda state: f"sweeps.state.{state}",
    "campaign": lambda state: f"campaigns.result.{state}",
    "standard": lambda state: f"supervision.state.{state}",
    "token": lambda state: f"machines.state.{state}",
    "grant": lambda state: f"access.grants.state_{state}",
    "account": lambda state: f"access.accounts.state_{state}",
    "consultation": lambda state: f"consultations.stage.{state}",
}
"""Catalogue keys of the states of each kind."""


def badge(viewer: Viewer, kind: str, state: str, words: str = "") -> Markup:
    """A state as a piece of HTML, for `st.html` and the cells of `parts.table`: sign and word on
    its ground, escaped.

    Args:
        kind, state: of `wording.palette.STATES`.
        words: what to say instead of the state's own word.
    """
    said = words or word(viewer, kind, state)
    return Markup('<span class="zj-badge {}"><span aria-hidden="true">{}</span> {}</span>').format(
        STATES[kind][state], tone(kind, state).sign, said
    )


def text(viewer: Viewer, kind: str, state: str) -> str:
    """A state as plain text for a list that holds no HTML: the badge's sign and word."""
    return f"{tone(kind, state).sign} {word(viewer, kind, state)}"


def word(viewer: Viewer, kind: str, state: str) -> str:
    """A state's word alone, for files and sentences."""
    return viewer.t(_KEYS[kind](state))


def clock(viewer: Viewer, one: Clock) -> Markup:
    """A clock's badge: an overdue one may be very late, a running one due soon."""
    state = one.state
    if state == "overdue" and is_very_late(one, viewer.today):
        state = "very_late"
    elif state == "running" and one.due_on and one.due_on <= viewer.today + SOON:
        state = "due_soon"
    return badge(viewer, "clock", state)
