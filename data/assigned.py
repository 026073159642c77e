"""One assignment (交办) as it is read by itself: what was asked of a body, and what came of it.

Plain values without a database, so that `casework` can say where it stands and the doors show it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from .history import CaseHistory

THIS_CASE = "this_case"
"""The subject of an assignment that comes from one case or its flag."""
OF_A_CASE = ("flag", "case", "reception")
"""Origins that name a case; the others are about a kind of owed work, without a case or a word."""


@dataclass(frozen=True)
class AssignmentEvent:
    """One event of an assignment. at: aware. text_id: of words that are sealed with the case's."""

    event: str
    at: dt.datetime
    body_id: str | None = None
    code: str | None = None
    text_id: str | None = None


@dataclass(frozen=True)
class CaseStep:
    """An event of the assigned case that may end the assignment: its name and when it was known.

    to_body_id: of a transfer.
    """

    event: str
    at: dt.datetime
    to_body_id: str | None = None


@dataclass(frozen=True)
class Assignment:
    """What a body was asked for, as known at a moment.

    case_id: None without a case, and for readers of figures. at: when it was made (aware).
    due_on: local day by whose end the body answers. events, case_steps: in order.
    """

    assignment_id: str
    origin: str
    case_id: str | None
    flag_id: str | None
    body_id: str
    subject: str
    step: str
    due_on: dt.date
    at: dt.datetime
    text_id: str | None = None
    events: tuple[AssignmentEvent, ...] = ()
    case_steps: tuple[CaseStep, ...] = ()

    @property
    def is_of_a_case(self) -> bool:
        """Whether it comes from one case (which a reader of figures is not told)."""
        return self.origin in OF_A_CASE


@dataclass(frozen=True)
class NewAssignment:
    """What somebody wants to assign. words: about the case, for `OF_A_CASE` only; may be empty."""

    origin: str
    body_id: str
    subject: str
    step: str
    due_on: dt.date
    case_id: str | None = None
    flag_id: str | None = None
    words: str = ""


@dataclass(frozen=True)
class NewAssignmentEvent:
    """What somebody wants to add: an event, a word of its list, words where it is of a case."""

    event: str
    code: str | None = None
    words: str = ""


JudgeNew = Callable[[NewAssignment, CaseHistory | None, tuple[Assignment, ...], dt.datetime], None]
"""Judges a new assignment against its case and the case's earlier assignments, inside the
transaction that writes it; raises a `ProjectError`. `casework` knows the rule, this room none."""
JudgeEvent = Callable[[Assignment, NewAssignmentEvent, dt.datetime], None]
"""Judges a further event of an assignment in the same way."""
