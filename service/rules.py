"""The rules in force in one database: where every door takes its packs and calendars from.

What is shipped stands in `casework`; what an administrator loaded is kept as files in force
(`data.steering`). Both are put together here, once per process and state of those files.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from casework.adapter import events_of
from casework.calendar import (
    CALENDARS,
    PublishedYear,
    WorkingCalendar,
    china,
    england,
    load_calendar,
    with_history,
)
from casework.calendar_file import parse_year
from casework.history import read
from casework.pack import Pack, Series, pack_for, pack_ids, parse, series
from data import steering
from data.db import Db
from data.errors import RuleError
from data.history import CaseHistory
from data.scope import Scope
from data.steering import FileInForce

YEAR_FILE = re.compile(r"calendar_[a-z_]+_\d{4}\.toml")
PACK_FILE = re.compile(r"pack_([a-z0-9_]+)\.toml")
"""Names under which a year's holidays and a county's own rules pack are in force."""

_ALWAYS = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
_ONE = dt.timedelta(days=1)

Years = tuple[tuple[int, PublishedYear], ...]


class _Packs(dict[str, Series]):
    """By id; an id nobody knows is refused with a sentence, not with a bare KeyError."""

    def __missing__(self, pack_id: str) -> Series:
        return series(pack_id)


@dataclass(frozen=True)
class Rules:
    """Packs and calendars as in force in one database.

    packs: every version by id, as `casework.clock_table` and `casework.standing` take them; from
    the day on which a county's own pack takes effect it stands for the one it tightens.
    calendars: by name, with the years an administrator loaded and since when.
    now: the moment of the question.
    """

    packs: Mapping[str, Series]
    calendars: Mapping[str, WorkingCalendar]
    now: dt.datetime

    def pack(self, pack_id: str, opened_on: dt.date) -> Pack:
        """The rules of a case that names this pack and began on that local day.

        Raises:
            ConfigError: no such pack.
        """
        return self.packs[pack_id].at(opened_on)

    def calendar(self, name: str) -> WorkingCalendar:
        """The working days of a calendar.

        Raises:
            ConfigError: a name that is not in `casework.calendar.CALENDARS`.
        """
        return self.calendars[name] if name in self.calendars else load_calendar(name)

    def for_case(self, history: CaseHistory, zone: str) -> tuple[Pack, WorkingCalendar]:
        """The pack and the calendar one case is counted by; `zone`: the county's, IANA.

        A case keeps the version it began under, unless a later one governs open cases too.
        """
        tz = ZoneInfo(zone)
        began = self.pack(history.pack, history.opened_at.astimezone(tz).date())
        pack = pack_for(
            self.packs[history.pack], history.opened_at.astimezone(tz).date(),
            self.now.astimezone(tz).date(), _first_end(began, history, self.now, tz),
        )  # fmt: skip
        pack = pack.for_case(history.category, history.limit_at)
        return pack, self.calendar(pack.calendar)


def _first_end(pack: Pack, of: CaseHistory, now: dt.datetime, zone: ZoneInfo) -> dt.date | None:
    """Local day of a case's first answer or other end; None = none yet."""
    try:
        found = read(pack, of.procedure, events_of(of), now, zone)
    except RuleError:  # the pages say which rule; its dates are not counted at all
        return None
    closed = found.rounds[0].closed_by if found.rounds else None
    answered_at = None if closed is None else closed.counted_at
    ends = [at for at in (answered_at, found.void_at) if at is not None]
    return min(ends).astimezone(zone).date() if ends else None


_made: dict[str, tuple[tuple[int, str], Rules]] = {}
"""By address of the database: the newest file in force when they were made, and the rules."""


def rules_of(db: Db) -> Rules:
    """The rules in force in a database; one tiny query while no file changes."""
    newest = steering.newest(db, Scope.public())
    address = str(db.engine.url)
    kept = _made.get(address)
    if kept is None or kept[0] != newest:
        kept = (newest, rules_from(steering.versions(db, Scope.public()), db.now()))
        _made[address] = kept
    return replace(kept[1], now=db.now())


def is_of_rules(name: str) -> bool:
    """Whether a file in force of this name changes packs or calendars."""
    return bool(YEAR_FILE.fullmatch(name) or PACK_FILE.fullmatch(name))


def known_rules(db: Db, as_of: dt.datetime) -> Rules:
    """The rules as they were known at a moment: files put in force later are left out."""
    every = [f for f in steering.versions(db, Scope.public()) if is_of_rules(f.name)]
    files = [file for file in every if file.recorded_at <= as_of]
    if len(files) == len(every):
        return replace(rules_of(db), now=as_of)
    return rules_from(files, as_of)


def rules_from(files: Iterable[FileInForce], now: dt.datetime) -> Rules:
    """The rules that follow from files in force, every version of each, oldest first."""
    years: dict[str, dict[int, PublishedYear]] = {name: {} for name in CALENDARS}
    known: dict[str, list[tuple[dt.datetime, Years]]] = {n: [(_ALWAYS, ())] for n in CALENDARS}
    own: dict[str, dict[int, Pack]] = {}
    for file in files:
        if YEAR_FILE.fullmatch(file.name):
            year = parse_year(file.content)
            years[year.calendar][year.year] = year.published
            then = tuple(sorted(years[year.calendar].items()))
            known[year.calendar].append((file.recorded_at, then))
        elif name := PACK_FILE.fullmatch(file.name):
            pack = own_pack(file.content, name[1])
            own.setdefault(pack.id, {})[pack.version] = pack
    packs = _Packs({pack_id: series(pack_id) for pack_id in pack_ids()})
    for versions in own.values():
        mine = in_order(versions.values())
        packs[mine.id] = mine
        packs[mine.newest.tightens] = _tightened(packs[mine.newest.tightens], mine)
    return Rules(packs, {name: _calendar(name, tuple(known[name])) for name in CALENDARS}, now)


def own_pack(text: str, pack_id: str | None = None) -> Pack:
    """A version of a county's own pack, checked against the law's pack it tightens.

    Args:
        pack_id: what its `id` must say; None = whatever it says.

    Raises:
        ConfigError: the first thing in it that is malformed or looser than its law.
    """
    if pack_id is None:
        pack_id = str(tomllib.loads(text).get("id", ""))
    return parse(text, pack_id)


def in_order(versions: Iterable[Pack]) -> Series:
    """Versions of a county's own pack; each ends where the next one takes effect."""
    ordered = sorted(versions, key=lambda pack: pack.effective_from)
    closed = [
        replace(one, effective_to=following.effective_from - _ONE)
        for one, following in pairwise(ordered)
    ]
    return Series(ordered[0].id, (*closed, ordered[-1]))


def _tightened(law: Series, own: Series) -> Series:
    """The law's versions, and from its first day on the county's own in their place."""
    first, last = own.versions[0].effective_from, own.newest.effective_to
    versions = [pack for pack in law.versions if pack.effective_from < first] + list(own.versions)
    if last is not None:
        versions.append(replace(law.at(last + _ONE), effective_from=last + _ONE))
        versions += [pack for pack in law.versions if pack.effective_from > last + _ONE]
    return Series(law.id, tuple(versions))


@cache
def _calendar(name: str, known: tuple[tuple[dt.datetime, Years], ...]) -> WorkingCalendar:
    if len(known) == 1:
        return load_calendar(name)
    return with_history([(since, _as_published(name, years)) for since, years in known])


@cache
def _as_published(name: str, years: Years) -> WorkingCalendar:
    if not years:
        return load_calendar(name)
    return {"cn": china, "england": england}[name](dict(years))


def county_rules(db: Db) -> tuple[Pack, WorkingCalendar]:
    """The rules of a case asked today, and the working days of filing and reports."""
    county, rules = db.county(), rules_of(db)
    pack = rules.pack(county.pack, db.now().astimezone(ZoneInfo(county.zone)).date())
    return pack, rules.calendar(pack.calendar)
