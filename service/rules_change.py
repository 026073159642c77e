"""Before and after the rules change: which last days move, and the file put in force.

A move is counted by the clocks themselves, under the rules before and after; clocks that have
ended do not move (DOMAIN.md §5: the past is never rewritten).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from casework.calendar_file import YearFile, parse_year
from casework.clock_table import REMEDY_CLOCKS, clock_table
from casework.pack import Pack, pack_ids
from casework.pack_checks import check_series
from casework.standing import standing
from data import steering
from data.db import Db
from data.errors import ConfigError
from data.frames import CaseTable
from data.reading import read_for_rules, read_worklist
from data.scope import Scope
from data.steering import FileInForce

from .figures import CaseFigures, compute, known_by
from .rules import PACK_FILE, YEAR_FILE, Rules, in_order, own_pack, rules_from, rules_of

MOVING = ("acknowledge", "forward", "acceptance", "answer", *REMEDY_CLOCKS)
"""Clocks of the office whose last day may move; `answer` is the latest round."""
RUNNING = ("running", "overdue", "paused")


@dataclass(frozen=True)
class NewFile:
    """A file that was checked and may be put in force.

    name: under which it will be in force. year: what it says, for a year of a calendar.
    pack: what it says, for rules of the county's own. One of the two is there.
    """

    name: str
    content: str
    year: YearFile | None = None
    pack: Pack | None = None


def check(db: Db, scope: Scope, content: str) -> NewFile:
    """What somebody wants to put in force, checked; nothing is stored.

    Raises:
        NotAllowed: neither an administrator nor the server's operator.
        ConfigError: the first thing that is wrong in it, in one sentence.
    """
    scope.need("administrator", "operator")
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError("steering.unreadable", reason=str(err)) from None
    if "year" in table:
        year = parse_year(content)
        return NewFile(year.name, content, year=year)
    if "rule" not in table:
        raise ConfigError("steering.neither")
    pack = _check_pack(db, own_pack(content))
    return NewFile(f"pack_{pack.id}.toml", content, pack=pack)


def _check_pack(db: Db, pack: Pack) -> Pack:
    """Rules of the county's own tighten its law, from a day still to come."""
    county, others = db.county(), rules_of(db).packs
    if not PACK_FILE.fullmatch(f"pack_{pack.id}.toml") or pack.id in pack_ids():
        raise ConfigError("steering.pack.id", id=pack.id)
    if pack.tightens != county.pack:
        raise ConfigError("steering.pack.other_law", law=county.pack)
    today = db.now().astimezone(ZoneInfo(county.zone)).date()
    if pack.effective_from <= today:
        # a case asked before it was loaded was promised its dates under the rules of that moment
        raise ConfigError("steering.pack.past", day=pack.effective_from)
    for pack_id, found in others.items():
        if pack_id not in (pack.id, county.pack) and found.newest.tightens == county.pack:
            raise ConfigError("steering.pack.second", id=pack_id)
    earlier = others[pack.id].versions if pack.id in others else ()
    if any(v.version >= pack.version and v.effective_from <= today for v in earlier):
        raise ConfigError("steering.pack.number", number=pack.version)
    check_series(in_order([*(v for v in earlier if v.version != pack.version), pack]).versions)
    return pack


def preview(db: Db, scope: Scope, new: NewFile) -> pd.DataFrame:
    """The running clocks whose last day would move, were this file in force.

    A pack is asked as of its first day, as if nothing happened to any case until then.

    Returns:
        As `moves`; for an administrator and the operator, who see no case, without case_id: one
        row per body, clock, old day and new day, with their `count`.

    Raises:
        NotAllowed: a role that neither changes rules nor supervises.
    """
    now, zone = db.now(), db.county().zone
    table, files = _table(db, scope, now), steering.versions(db, Scope.public())
    sha256 = hashlib.sha256(new.content.encode()).hexdigest()
    file = FileInForce(new.name, sha256, new.content, now)
    at = in_effect_at(file, zone)
    rows = moves(table, rules_from(files, at), rules_from([*files, file], at), zone)
    if scope.role == "supervisor":
        return rows
    by = ["new_on", "body_id", "clock", "old_on"]
    return rows.groupby(by, sort=True, as_index=False).size().rename(columns={"size": "count"})


def apply(db: Db, scope: Scope, new: NewFile) -> None:
    """Put a file in force, checked once more; noted in the log. Dates follow from then on."""
    checked = check(db, scope, new.content)
    steering.save_file(db, scope, checked.name, checked.content)


def moved(db: Db, scope: Scope, as_of: dt.datetime) -> pd.DataFrame:
    """The cases whose last day moved when rules changed, the latest change first.

    Returns:
        As `moves`, and `changed_at` (instant, UTC) and `file` of the change.

    Raises:
        NotAllowed: not a supervisor.
    """
    scope.need("supervisor")
    zone, files = db.county().zone, steering.versions(db, Scope.public())
    changes = [
        (at, number)
        for number, file in enumerate(files)
        if steers_clocks(file.name) and (at := in_effect_at(file, zone)) <= as_of
    ]
    found = [_none().assign(changed_at=pd.Series(dtype="datetime64[us, UTC]"), file="")]
    if not changes:
        return found[0]
    table = read_worklist(db, scope, as_of)
    for at, number in sorted(changes, reverse=True):
        before, after = rules_from(files[:number], at), rules_from(files[: number + 1], at)
        rows = moves(known_by(table, at), before, after, zone)
        found.append(rows.assign(changed_at=pd.Timestamp(at), file=files[number].name))
    return pd.concat([rows for rows in found if len(rows)] or found[:1], ignore_index=True)


def moves(table: CaseTable, before: Rules, after: Rules, zone: str) -> pd.DataFrame:
    """One row per running clock whose last day differs under two sets of rules, as of `after.now`.

    Returns:
        case_id (NA for readers of figures), body_id (has to act), clock (of `MOVING`),
        old_on and new_on (local days), in order of the new day.
    """
    cases, events, now = table.cases, table.events, after.now
    old = clock_table(cases, events, before.packs, before.calendars, now, zone)
    new = clock_table(cases, events, after.packs, after.calendars, now, zone)
    stand = standing(cases, events, after.packs, after.calendars, now, zone)
    found = [_none()]
    for clock in MOVING:
        due, state = f"{clock}_due_on", f"{clock}_state"
        is_moved = (old[due] != new[due]) & old[due].notna() & new[due].notna()
        is_moved &= old[state].isin(RUNNING) & stand["is_counted"]
        rows = pd.DataFrame(
            {
                "case_id": cases["case_id"],
                "body_id": stand["next_body_id"].astype("str"),
                "clock": clock,
                "old_on": old[due],
                "new_on": new[due],
            }
        )
        found.append(rows[is_moved])
    rows = pd.concat([rows for rows in found if len(rows)] or found[:1], ignore_index=True)
    return rows.sort_values(["new_on", "body_id", "clock"], kind="stable", ignore_index=True)


def provisional(db: Db, scope: Scope) -> dict[int, int]:
    """Running clocks whose last day is provisional, by the year not yet loaded.

    Raises:
        NotAllowed: as `preview`.
    """
    now = db.now()
    return provisional_in(compute(rules_of(db), _table(db, scope, now), now, db.county().zone))


def provisional_in(found: CaseFigures) -> dict[int, int]:
    """`provisional` of clocks already counted."""
    clocks, is_counted = found.clocks, found.standing["is_counted"]
    years: dict[int, int] = {}
    for clock in MOVING:
        is_open = clocks[f"{clock}_state"].isin(RUNNING) & is_counted
        is_open &= clocks[f"{clock}_provisional"].fillna(False).astype(bool)
        for year, count in clocks.loc[is_open, f"{clock}_due_on"].dt.year.value_counts().items():
            years[int(year)] = years.get(int(year), 0) + int(count)
    return dict(sorted(years.items()))


def in_effect_at(file: FileInForce, zone: str) -> dt.datetime:
    """When a file moves dates: a year as soon as it is loaded, a pack on its first day."""
    name = PACK_FILE.fullmatch(file.name)
    if name is None:
        return file.recorded_at
    first = own_pack(file.content, name[1]).effective_from
    midnight = dt.datetime.combine(first, dt.time(0), ZoneInfo(zone)).astimezone(dt.UTC)
    return max(file.recorded_at, midnight)


def steers_clocks(name: str) -> bool:
    """Whether a file of this name can move a last day."""
    return bool(YEAR_FILE.fullmatch(name) or PACK_FILE.fullmatch(name))


def _table(db: Db, scope: Scope, now: dt.datetime) -> CaseTable:
    if scope.role == "supervisor":
        return read_worklist(db, scope, now)
    return read_for_rules(db, scope, now)


def _none() -> pd.DataFrame:
    columns = {
        "case_id": "str", "body_id": "str", "clock": "str",
        "old_on": "datetime64[us]", "new_on": "datetime64[us]",
    }  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
