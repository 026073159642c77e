"""The rules in force in one database: where every door takes its packs and calendars from.

What is shipped stands in `casework`; what an administrator loaded is kept as files in force
(`data.steering`). Both are put together here, once per process and state of those files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo

from casework.calendar import (
    CALENDARS,
    PublishedYear,
    WorkingCalendar,
    china,
    england,
    load_calendar,
)
from casework.calendar_file import parse_year
from casework.pack import Pack, load, pack_ids
from data import steering
from data.db import Db
from data.history import CaseHistory
from data.scope import Scope
from data.steering import FileInForce

YEAR_FILE = re.compile(r"calendar_[a-z_]+_\d{4}\.toml")
PACK_FILE = re.compile(r"pack_[a-z0-9_]+\.toml")
"""Names under which a year's holidays and a county's own rules pack are in force."""


class _Packs(dict[str, Pack]):
    """By id; an id nobody knows is refused with a sentence, not with a bare KeyError."""

    def __missing__(self, pack_id: str) -> Pack:
        return load(pack_id)


@dataclass(frozen=True)
class Rules:
    """Packs and calendars as in force in one database.

    packs: by id, as `casework.clock_table` and `casework.standing` take them.
    calendars: by name, with the years an administrator loaded.
    """

    packs: Mapping[str, Pack] = field(default_factory=_Packs)
    calendars: Mapping[str, WorkingCalendar] = field(default_factory=dict)

    def pack(self, pack_id: str, opened_on: dt.date) -> Pack:
        """The rules of a case that names this pack and was opened on that local day.

        Raises:
            ConfigError: no such pack.
        """
        del opened_on
        return self.packs[pack_id]

    def calendar(self, name: str) -> WorkingCalendar:
        """The working days of a calendar.

        Raises:
            ConfigError: a name that is not in `casework.calendar.CALENDARS`.
        """
        return self.calendars[name] if name in self.calendars else load_calendar(name)

    def for_case(self, history: CaseHistory, zone: str) -> tuple[Pack, WorkingCalendar]:
        """The pack and the calendar one case is counted by; `zone`: the county's, IANA."""
        pack = self.pack(history.pack, history.opened_at.astimezone(ZoneInfo(zone)).date())
        return pack, self.calendar(pack.calendar)


_made: dict[str, tuple[tuple[int, str], Rules]] = {}
"""By address of the database: the newest file in force when they were made, and the rules."""


def rules_of(db: Db) -> Rules:
    """The rules in force in a database; one tiny query while no file changes."""
    newest = steering.newest(db, Scope.public())
    address = str(db.engine.url)
    kept = _made.get(address)
    if kept is None or kept[0] != newest:
        kept = (newest, rules_from(steering.versions(db, Scope.public())))
        _made[address] = kept
    return kept[1]


def rules_from(files: Iterable[FileInForce]) -> Rules:
    """The rules that follow from files in force, every version of each, oldest first."""
    years: dict[str, dict[int, PublishedYear]] = {name: {} for name in CALENDARS}
    for file in files:
        if YEAR_FILE.fullmatch(file.name):
            year = parse_year(file.content)
            years[year.calendar][year.year] = year.published
    packs = _Packs({pack_id: load(pack_id) for pack_id in pack_ids()})
    return Rules(packs, {name: _calendar(name, tuple(years[name].items())) for name in CALENDARS})


@cache
def _calendar(name: str, years: tuple[tuple[int, PublishedYear], ...]) -> WorkingCalendar:
    if not years:
        return load_calendar(name)
    return {"cn": china, "england": england}[name](dict(years))


def county_rules(db: Db) -> tuple[Pack, WorkingCalendar]:
    """The rules of a case asked today, and the working days of filing and reports."""
    county, rules = db.county(), rules_of(db)
    pack = rules.pack(county.pack, db.now().astimezone(ZoneInfo(county.zone)).date())
    return pack, rules.calendar(pack.calendar)
