"""One year's public holidays as a small file, checked before anybody counts by it.

calendar = "cn"
year = 2027
source = "国务院办公厅关于2027年部分节假日安排的通知"
free = [2027-01-01, [2027-02-05, 2027-02-11]]   # days, or [first, last] as the notice says it
working = [2027-02-14]                          # weekend days that are worked
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from data.errors import ConfigError

from .calendar import CALENDARS, PublishedYear

LEAST_WORKING_DAYS = 240
"""A year with fewer would make limits longer by the back door (DOMAIN.md §4)."""
FIRST_YEAR, LAST_YEAR = 2000, 2099

_FIELDS = {"calendar", "year", "source", "free", "working"}
_ONE = dt.timedelta(days=1)


@dataclass(frozen=True)
class YearFile:
    """One year of one calendar, as its notice says.

    source: the notice's title. published: what the calendar is made of.
    """

    calendar: str
    year: int
    source: str
    published: PublishedYear

    @property
    def name(self) -> str:
        """The name it is in force under."""
        return file_name(self.calendar, self.year)


def file_name(calendar: str, year: int) -> str:
    """The name under which a year's file is in force."""
    return f"calendar_{calendar}_{year}.toml"


def parse_year(text: str) -> YearFile:
    """A year's file, checked.

    Raises:
        ConfigError: the first thing in it that is wrong, in one sentence; nothing is in force.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError("steering.year.unreadable", reason=str(err)) from None
    unknown = sorted(set(table) - _FIELDS)
    if unknown:
        raise ConfigError("steering.year.unknown_field", field=", ".join(unknown))
    calendar, year = table.get("calendar"), table.get("year")
    known = [name for name in CALENDARS if name != "every_day"]
    if calendar not in known:
        raise ConfigError("steering.year.calendar", known=", ".join(known))
    if type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR:
        raise ConfigError("steering.year.year", first=FIRST_YEAR, last=LAST_YEAR)
    source = str(table.get("source", "")).strip()
    if not source:
        raise ConfigError("steering.year.source")
    free, working = list(_days(table, "free")), list(_days(table, "working"))
    if not free:
        raise ConfigError("steering.year.no_days", year=year)
    _check(year, free, working)
    off = frozenset(day for day, _ in free if day.weekday() < 5)
    worked = frozenset(day for day, _ in working)
    every = [dt.date(year, 1, 1) + n * _ONE for n in range(366)]
    count = sum(day.weekday() < 5 for day in every if day.year == year) - len(off) + len(worked)
    if count < LEAST_WORKING_DAYS:
        raise ConfigError("steering.year.too_few", year=year, count=count, least=LEAST_WORKING_DAYS)
    return YearFile(str(calendar), year, source, PublishedYear(off, worked))


def _days(table: dict[str, Any], name: str) -> Iterator[tuple[dt.date, bool]]:
    """Every day of a list, and whether it stands in a range."""
    given = table.get(name)
    if not isinstance(given, list):
        raise ConfigError("steering.year.list", name=name)
    for entry in given:
        span = entry if isinstance(entry, list) else [entry, entry]
        if len(span) != 2 or any(type(day) is not dt.date for day in span) or span[0] > span[1]:
            raise ConfigError("steering.year.entry", name=name, entry=str(entry))
        day, last = span
        if (last - day).days > 31:
            raise ConfigError("steering.year.long", name=name, first=day, last=last)
        while day <= last:
            yield day, isinstance(entry, list)
            day += _ONE


def _check(
    year: int, free: list[tuple[dt.date, bool]], working: list[tuple[dt.date, bool]]
) -> None:
    for day, count in Counter(day for day, _ in [*free, *working]).items():
        if day.year != year:
            raise ConfigError("steering.year.other_year", day=day, year=year)
        if count > 1:
            raise ConfigError("steering.year.twice", day=day)
    for day, is_in_range in free:
        # a notice's range runs over the weekend; a weekend day by itself is a slip of typing
        if day.weekday() >= 5 and not is_in_range:
            raise ConfigError("steering.year.free_weekend", day=day)
    for day, _ in working:
        if day.weekday() < 5:
            raise ConfigError("steering.year.working_weekday", day=day)


def template(calendar: str, year: int) -> str:
    """A file for a year to be filled in: correct in form, its days left to whoever has the notice.

    It is refused as it stands: its source is empty, and it frees no day.
    """
    return (
        f'calendar = "{calendar}"\nyear = {year}\nsource = ""\n'
        f"# {year}-01-01, [{year}-02-05, {year}-02-11]\nfree = []\n"
        f"# {year}-02-14\nworking = []\n"
    )
