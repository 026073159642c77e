"""What a body's own sweeps (自查) found about a case, as its asker reads it: unchanged (§2.7)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from data.db import Db
from data.scope import Scope
from data.sweeps import of_case

from .names import Names


@dataclass(frozen=True)
class Swept:
    """One finding: a word of the list, the step the body owes and by when; None = none."""

    body: str
    finding: str
    step: str | None
    due_on: dt.date | None
    at: dt.datetime


def swept(db: Db, scope: Scope, case_id: str, names: Names) -> tuple[Swept, ...]:
    """Every finding about a case, oldest first."""
    return tuple(
        Swept(names.bodies.get(one.body_id, one.body_id), one.finding, one.step, one.due_on, one.at)
        for one in of_case(db, scope, case_id)
    )
