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
    table = _Steps(events, now)
    judges: dict[tuple[str, str, dt.date], _Judge] = {}
    alike: set[tuple[object, ...]] = set()
    problems: list[RowProblem] = []
    rows = zip(
        cases.index, cases["row"].tolist(), cases["pack"].tolist(), cases["procedure"].tolist(),
        cases["opened_at"].dt.tz_convert(zone).dt.date.tolist(), cases["limit_at"].notna().tolist(),
        strict=True,
    )  # fmt: skip
    for case, row, pack, procedure, opened_on, has_limit in rows:
        key = (pack, procedure, opened_on)
        if key not in judges:
            judges[key] = _Judge(rules, pack, procedure, opened_on, now, zone)
        judge, kind = judges[key], None
        if case not in table.out_of_order:
            kind = (id(judge.pack), procedure, has_limit, table.names.get(case, ""))
            if kind in alike:
                continue
        limit_at = cases.at[case, "limit_at"].to_pydatetime() if has_limit else None
        found = judge.all_of(table.of(case), limit_at)
        if kind is not None and not found:
            alike.add(kind)
        for rule, step, column in found:
            values = (("number", step[0]), ("day", step[1]))
            problems.append(RowProblem(int(row), column, f"rules.{rule}", values))
    return problems


class _Steps:
    """The steps of all cases, in columns: only the cases that are judged one by one become objects.

    names: of each case's steps in their order. out_of_order: cases with a step that is not of
    `TIMELESS`, is known before it happened or after now, comes before the one above it, or follows
    the case's end.
    """

    def __init__(self, events: pd.DataFrame, now: dt.datetime):
        case, event = events["case"], events["event"].astype("str")
        at, known = events["occurred_at"], events["known_at"]
        follows = case.eq(case.shift()) & ((at < at.shift()) | event.shift().eq("answered"))
        broken = ~event.isin(list(TIMELESS)) | (known < at) | (known > now) | follows
        self.out_of_order = set(case[broken].tolist())
        self.names: dict[object, str] = {}
        self._places: dict[object, list[int]] = {}
        self._events = event.tolist()
        for place, (of, name) in enumerate(zip(case.tolist(), self._events, strict=True)):
            if of in self.names:
                self.names[of] += f",{name}"
                self._places[of].append(place)
            else:
                self.names[of], self._places[of] = name, [place]
        self._at, self._known, self._days = at.array, known.array, events["days"].array
        self._columns = events["column"].tolist() if "column" in events else None

    def of(self, case: object) -> list[tuple[CaseEvent, str]]:
        """A case's steps, each with the sender's column."""
        found = []
        for n in self._places.get(case, ()):
            days = None if pd.isna(self._days[n]) else int(self._days[n])
            at, known = self._at[n].to_pydatetime(), self._known[n].to_pydatetime()
            step = CaseEvent(self._events[n], at, known, days)
            found.append((step, "" if self._columns is None else str(self._columns[n])))
        return found


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
