"""The same badge for the same state everywhere; in lists that hold text only, the same words."""

from __future__ import annotations

from markupsafe import Markup

from wording.palette import STATES, tone

from .guard import Viewer

_KEYS = {
    "stage": "words.stage.{}", "phase": "casepage.phase.{}", "clock": "casework.state.{}",
    "level": "risk.level.{}", "flag": "words.flag_event.{}", "assignment": "assignments.state.{}",
    "filing": "reports.filing.state.{}", "report": "report.state.{}", "plan": "backlog.state.{}",
    "sweep": "sweeps.state.{}", "campaign": "campaigns.result.{}",
    "standard": "supervision.state.{}",
}  # fmt: skip
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
    return viewer.t(_KEYS[kind].format(state))
