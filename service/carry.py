"""Taking in what was said outside, each word judged by the rules of its case (docs/air-gap.md)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from casework import carried
from data import answers, taking_in
from data.carry import copy_keys
from data.db import Db
from data.errors import RuleError
from data.history import CaseHistory, RecordedEvent
from data.scope import Scope
from data.taking_in import TakenIn
from wording import formats, t

from .figures import categories
from .rules import rules_of


def take_in(db: Db, scope: Scope, path: Path) -> TakenIn:
    """Take in a file of answers; the same file again adds nothing.

    Raises:
        NotAllowed: not the server's operator.
        ConfigError: a file that is not ours, was changed on the way, or a clock that is ahead.
    """
    scope.need("operator")
    said = answers.read(path, lambda copy_id: copy_keys(db.keys, copy_id))
    rules, zone = rules_of(db), db.county().zone

    def place(history: CaseHistory, event: RecordedEvent, now: dt.datetime) -> carried.Placed:
        pack, calendar = rules.for_case(history, zone)
        return carried.place(pack, calendar, zone, history, event, now)

    return taking_in.take_in(db, scope, said, place, categories(db, scope).by_id)


def lines(db: Db, found: TakenIn, language: str) -> list[str]:
    """What did not find its own place, each with why and what to do, in words."""
    zone = db.county().zone
    said = []
    for line in found.lines:
        key = "airgap.moved" if line.counts_from is not None else "airgap.set_aside"
        what = "airgap.correction" if line.event == "correction" else f"words.event.{line.event}"
        rule = line.why.rule if isinstance(line.why, RuleError) else line.why.key.split(".")[-1]
        said.append(
            t(
                key, language, case=line.case_id, what=t(what, language),
                at=formats.moment(line.said_at, language, zone), rule=rule,
                why=line.why.text(language),
                since=formats.moment(line.counts_from or line.said_at, language, zone),
            )
        )  # fmt: skip
    return said
