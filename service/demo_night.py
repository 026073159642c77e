"""The demo county's night before: a run whose steps are noted as done, so that its page has one.

Nothing was run for it; like everything else in that county it is made up.
"""

from __future__ import annotations

import datetime as dt

from data import running
from data.db import Db
from data.scope import Scope
from data.vocabulary import RUN_STEPS

from .cycle import usual_day

COUNTS = {
    "import": {"files": 2, "rows": 84, "added": 79, "repeated": 3, "rows_aside": 2},
    "report": {"written": 2},
    "texts": {"ended": 12},
}


def make_night(db: Db) -> None:
    """Note one whole night, the day before the one that `zaojie cycle` would run for."""
    scope = Scope.operator()
    of = running.begin(db, scope, usual_day(db) - dt.timedelta(days=1))
    for step in RUN_STEPS:
        running.note(db, scope, of, step, "begun")
        running.note(db, scope, of, step, "done", COUNTS.get(step, {}))
