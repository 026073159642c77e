"""Whether what a ledger says of a case can have happened: judged by the rules before it is stored.

The judge is the clocks' own (`casework`), so that nothing stands in the record which the case page,
the asker's page or the figures would refuse to count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pandas as pd

from casework.clocks import CaseEvent, clocks
from data.errors import RowProblem, RuleError

from .rules import Rules

OF_EXTENSIONS = {"second_extension", "extension_too_long", "extension_after_limit", "no_extension"}
"""Rules whose step can be left out to see what else is wrong; other steps rest on each other."""
TIMELESS = {"registered", "transferred", "accepted", "contacted", "answered"}
"""Steps that the grammar allows or forbids by their order alone, whatever days lie between them:
of many cases with the same steps one is judged, and all others are like it."""


def impossible(
    cases: pd.DataFrame, events: pd.DataFrame, rules: Rules, now: dt.datetime, zone: str
) -> list[RowProblem]:
    """What is impossible in the steps of each case, all of it that can be told apart.

    Args:
        cases: `row` (the sender's), `pack`, `procedure`, `opened_at`, `limit_at`; any index.
        events: `case` (index in `cases`), `event`, `occurred_at`, `known_at`, `days`, and `column`
            (the sender's) where there is one; sorted by case, then time.
        rules: in force in this database. now: aware; nothing happened or was known later.
        zone: the county's.

    Returns:
        One problem per broken rule: the sender's row and column, the rule's own sentence, with the
        step's number in order of time and its day.
    """
    problems: list[RowProblem] = []
    named = events["column"] if "column" in events else pd.Series("", index=events.index)
    table = zip(
        events["case"],
        events["event"].astype("str"),
        events["occurred_at"].dt.to_pydatetime(),
        events["known_at"].dt.to_pydatetime(),
        [None if pd.isna(days) else int(days) for days in events["days"]],
        named,
        strict=True,
    )
    steps: dict[object, list[tuple[CaseEvent, str]]] = {}
    for case, event, at, known, days, column in table:
        steps.setdefault(case, []).append((CaseEvent(event, at, known, days), str(column)))
    judges: dict[tuple[str, str, dt.date], _Judge] = {}
    alike: set[tuple[object, ...]] = set()
    days = cases["opened_at"].dt.tz_convert(zone).dt.date
    limits = cases["limit_at"].dt.to_pydatetime()
    rows = zip(
        cases.index, cases["row"], cases["pack"].astype("str"), cases["procedure"].astype("str"),
        days, cases["limit_at"].notna(), limits, strict=True,
    )  # fmt: skip
    for case, row, pack, procedure, opened_on, has_limit, limit_at in rows:
        key = (pack, procedure, opened_on)
        if key not in judges:
            judges[key] = _Judge(rules, pack, procedure, opened_on, now, zone)
        judge, of_case = judges[key], steps.get(case, [])
        kind = None
        if _in_order(of_case, now):
            names = tuple(step.event for step, _ in of_case)
            kind = (id(judge.pack), procedure, has_limit, names)
            if kind in alike:
                continue
        found = judge.all_of(of_case, limit_at if has_limit else None)
        if kind is not None and not found:
            alike.add(kind)
        for rule, step, column in found:
            values = (("number", step[0]), ("day", step[1]))
            problems.append(RowProblem(int(row), column, f"rules.{rule}", values))
    return problems


def _in_order(steps: Sequence[tuple[CaseEvent, str]], now: dt.datetime) -> bool:
    """Whether all steps are of `TIMELESS`, follow each other in time and lie behind `now`; one
    that ends the case only as the last."""
    before = None
    for step, _ in steps:
        if step.event not in TIMELESS or step.known < step.at or step.known > now:
            return False
        if before is not None and (step.at < before.at or before.event == "answered"):
            return False
        before = step
    return True


class _Judge:
    """The rules of one case's pack, and the moment it is judged at."""

    def __init__(
        self, rules: Rules, pack: str, procedure: str, opened: dt.date, now: dt.datetime, zone: str
    ):
        self.pack = rules.pack(pack, opened)
        self.calendar = rules.calendar(self.pack.calendar)
        self.procedure, self.now, self.zone = procedure, now, zone

    def all_of(
        self, steps: Sequence[tuple[CaseEvent, str]], limit: dt.datetime | None
    ) -> list[tuple[str, tuple[int, str], str]]:
        """(rule, (number, local day), column) of everything that can be told apart."""
        tz = ZoneInfo(self.zone)
        numbers = list(range(len(steps)))

        def place(at: int) -> tuple[int, str]:
            return at + 1, steps[at][0].at.astimezone(tz).date().isoformat()

        late = [n for n in numbers if max(steps[n][0].at, steps[n][0].known) > self.now]
        late += [n for n in numbers if n not in late and steps[n][0].known < steps[n][0].at]
        if late:
            return [("in_the_future", place(n), steps[n][1]) for n in sorted(late)]
        found = []
        while numbers:
            events = [steps[n][0] for n in numbers]
            try:
                clocks(self.pack, self.procedure, events, self.now, self.zone, self.calendar, limit)
                break
            except RuleError as err:
                at = numbers[int(str(err.values["number"])) - 1]
                found.append((err.rule, place(at), steps[at][1]))
                if err.rule not in OF_EXTENSIONS:
                    break
                numbers.remove(at)
        return found
