"""Every colour of the screens, charts and printed pages, and which state has which: one place.

One accent. A colour is never the only sign: every tone has a sign of its own before the word, and
every pair of lettering and ground keeps a contrast of at least 4.5 to 1
(tests/test_palette.py). The scale of areas stands in `reports.area_classes`.
"""

from __future__ import annotations

from typing import NamedTuple

ACCENT = "#1f4e79"
SECOND = "#a8521d"
"""The second series of a chart; never a judgement."""
INK = "#1b2430"
SOFT = "#4b5563"
LINE = "#cfd6df"
EDGE = "#8a97a6"
PALE = "#d6e0ea"
MIDDLE = "#8fa9c4"
"""A shade between accent and pale, for parts of a whole; never lettering."""
WASH = "#f3f5f8"
GROUND = "#ffffff"
DEMO = "#7a4a00"
WRONG = "#8c1d18"

FOCUS = "#b36b00"
"""The ring around what the keyboard is at, where a ring of the accent would not be seen."""
FOCUS_LIGHT = "#ffbf47"
"""The same on the residents' pages, with a dark line around it."""
MARKED, MARKED_INK = "#ffe9a8", "#3d2e00"
"""Words that were recognised as a person's, shown before they are taken out."""
WRONG_WASH = "#fdf1f0"
"""Behind a sentence that says what is wrong."""
EXTRA = (FOCUS, FOCUS_LIGHT, MARKED, MARKED_INK, WRONG_WASH)

STEPS = ("#e8f0f6", "#a9c6dc", "#2f6f9f", "#12304a")
"""The accent from light to dark, for shares of desks that filed; the two dark ones carry white."""

PLAIN = {
    "accent": ACCENT, "second": SECOND, "ink": INK, "soft": SOFT, "line": LINE, "edge": EDGE,
    "pale": PALE, "wash": WASH, "ground": GROUND, "demo": DEMO, "wrong": WRONG,
}  # fmt: skip
"""Colours by the name of their custom property (`--zj-<name>`)."""


class Tone(NamedTuple):
    """How a state looks: its sign, lettering and ground."""

    sign: str
    ink: str
    ground: str


TONES = {
    "very_late": Tone("◆", GROUND, "#5b0a0c"),
    "overdue": Tone("■", GROUND, "#9c3212"),
    "likely_late": Tone("▲", "#6f3000", "#fbe0c6"),
    "due_soon": Tone("●", "#5f4700", "#fdf0c4"),
    "fine": Tone("○", ACCENT, "#e6eef6"),
    "done": Tone("✓", "#0b5d4b", "#e2f1ec"),
    "waiting": Tone("▷", INK, WASH),
    "ended": Tone("×", SOFT, GROUND),
    "unknown": Tone("?", SOFT, "#eef1f4"),
    "covered": Tone("░", SOFT, "#f4f4f4"),
}
"""From most urgent to what says nothing."""

STATES: dict[str, dict[str, str]] = {
    "stage": {
        "registered": "waiting", "transferred": "waiting", "accepted": "fine", "answered": "done",
        "reopened": "likely_late", "declined": "ended", "referred": "ended", "no_remedy": "ended",
        "withdrawn": "ended",
    },
    "phase": {
        "new": "waiting", "undecided": "waiting", "owed": "fine", "answered": "done",
        "reopened": "likely_late", "declined": "ended", "referred": "ended", "no_remedy": "ended",
        "withdrawn": "ended", "review": "waiting", "reviewed": "done", "recheck": "waiting",
        "rechecked": "done", "unknown": "unknown",
    },
    "clock": {
        "not_started": "waiting", "running": "fine", "due_soon": "due_soon", "paused": "waiting",
        "met": "done", "overdue": "overdue", "very_late": "very_late", "late": "overdue",
        "lapsed": "ended", "ended": "ended", "no_rule": "unknown",
    },
    "level": {
        "overdue": "overdue", "likely_late": "likely_late", "due_soon": "due_soon",
        "on_course": "fine",
    },
    "flag": {
        "proposed": "waiting", "confirmed": "fine", "assigned": "done", "dismissed": "ended",
    },
    "assignment": {
        "assigned": "waiting", "acknowledged": "fine", "answered": "fine",
        "returned": "likely_late", "verified": "done", "ended": "ended",
    },
    "filing": {
        "filed": "done", "zero": "done", "late": "due_soon", "missing": "overdue",
        "excused": "ended", "overtaken": "due_soon", "contradicted": "very_late", "open": "waiting",
    },
    "report": {"draft": "waiting", "issued": "done"},
    "plan": {
        "none": "unknown", "other_body": "likely_late", "date_passed": "overdue",
        "step_late": "likely_late", "on_course": "fine",
    },
    "sweep": {"running": "fine", "done": "done", "done_late": "due_soon", "past": "overdue"},
    "campaign": {
        "done": "done", "partly": "due_soon", "not_done": "overdue", "running": "fine",
        "past": "overdue",
    },
    "standard": {"met": "done", "not_yet": "due_soon", "few": "covered"},
    "token": {"good": "fine", "expired": "ended", "ended": "ended"},
    "grant": {"asked": "waiting", "granted": "fine", "over": "ended"},
    "account": {
        "invited": "waiting", "one_time": "waiting", "outside": "fine", "in_use": "fine",
    },
    "consultation": {
        "draft": "waiting", "announced": "waiting", "open": "fine", "waiting": "due_soon",
        "decided": "done",
    },
}  # fmt: skip
"""Kind of state -> state -> tone. How many or how few people ask is no state (DOMAIN.md §2.4)."""


def tone(kind: str, state: str) -> Tone:
    """The look of a state of a kind.

    Raises:
        LookupError: for a kind or a state that is not listed.
    """
    return TONES[STATES[kind][state]]


def custom_properties() -> str:
    """The colours as a style sheet: `--zj-<name>`, and a rule for the badge of each tone."""
    named = dict(PLAIN)
    named |= {f"step-{number}": colour for number, colour in enumerate(STEPS, start=1)}
    for name, one in TONES.items():
        named |= {f"{name}-ink": one.ink, f"{name}-ground": one.ground}
    root = "".join(f"--zj-{name}:{colour};" for name, colour in named.items())
    badges = "".join(
        f".zj-badge.{name}{{color:var(--zj-{name}-ink);background:var(--zj-{name}-ground)}}"
        for name in TONES
    )
    return f":root{{{root}}}{badges}"
