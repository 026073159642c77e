"""The closed lists of this room: what a clock, a case and an outcome can be called."""

from __future__ import annotations

STATES = (
    "not_started", "running", "paused", "met", "overdue", "late", "lapsed", "ended", "no_rule",
)  # fmt: skip
"""States of a clock (DESIGN.md §7). `met`, `late`: ended in or past its limit; `overdue`: running
past its last day; `lapsed`: a right of the asker not used in its time; `ended`: made void by
another way out; `no_rule`: an error, never "on time"."""

STAGES = (
    "registered", "transferred", "accepted", "answered", "reopened", "declined", "referred",
    "no_remedy", "withdrawn",
)  # fmt: skip
"""Where a case stands, for lists and figures."""

OPEN_STAGES = ("registered", "transferred", "accepted", "reopened")
"""Stages in which the latest round has neither an answer nor another end (DOMAIN.md §5)."""

OUTCOMES = ("on_time", "late", "late_open", "ended_otherwise", "not_due")
"""What became of the first answer: the five shares that always add up (DOMAIN.md §7)."""

FIRST_STEPS = ("contacted", "mediated", "met", "received", "answered")
"""A first real step, in the sense of 7-1-7 (DOMAIN.md §5)."""

OFFICE_STEPS = (
    "accepted", "transferred", "declined", "contacted", "answered", "mediated", "met", "received",
    "aided", "funded", "hearing_opened", "hearing_closed", "reviewed", "rechecked",
    "policy_changed", "referred", "no_remedy",
)  # fmt: skip
"""The service steps of DOMAIN.md §2.6 as they stand in the record, taken by the office."""
