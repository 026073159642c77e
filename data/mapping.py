"""A mapping file says how another system's export is read: columns, dates, places, states, limits.

It is checked when it is loaded and refused with a sentence when it would weaken a rule: consent
("did this person ask you to?") never comes from a constant, a channel of the asker's own only from
that channel's own export, and a column that holds persons is not read. docs/mapping.md explains
every part; `data.mapped` applies one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Map
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from .categories import Categories
from .errors import ConfigError
from .fields import is_person_column
from .mapping_events import EventsRule, parse_events
from .vocabulary import CHANNELS, CONFIRMED_CHANNELS, KINDS, PROCEDURES

SYSTEMS = ("cgcs2000", "wgs84", "gcj02", "bd09")
"""Coordinate systems a point may be given in; none is assumed."""
ENDS = ("answered", "declined", "referred", "no_remedy")
"""What a closing status may mean: steps of the office; nobody withdraws in the asker's place."""

_COLUMNS = {
    "source_id", "opened_at", "closed_at", "status", "category", "body", "area", "lon", "lat",
    "asked", "summary", "channel", "procedure",
}  # fmt: skip
_NEEDED = {"source_id", "opened_at", "category", "body"}
_PARTS = {
    "zone", "own_export", "columns", "constants", "dates", "area", "body", "desk", "category",
    "limits", "status", "years", "duplicate_status_ends", "events", "channel", "procedure", "also",
}  # fmt: skip


@dataclass(frozen=True)
class AreaRule:
    """system: of the points, None = the export has none. unstated: texts that mean no area.

    is_number: codes are written as numbers ("32.0" means area 32).
    is_by_name: the text may also be an area's name in either language.
    unstated_code, names: the place of cases that state none, so that none is lost; not on any map.
    """

    system: str | None
    is_number: bool
    is_by_name: bool
    unstated: frozenset[str]
    unstated_code: str
    names: Map[str, str]


@dataclass(frozen=True)
class BodyRule:
    """How a body's id and names are made from the text of its column, put in place of `{}`.

    is_number: as in `AreaRule`. empty, empty_names: id and names where the text is missing.
    is_by_name: the text is an id or a name of a body the county has already, and no body is made.
    """

    body_id: str
    names: Map[str, str]
    is_number: bool
    is_by_name: bool
    empty: str
    empty_names: Map[str, str]


@dataclass(frozen=True)
class Mapping:
    """A checked mapping file; `text` is the file as it was read.

    columns: the export's column by field name. also: column by another name of it, for exports
    that do not always call it the same. constants: `kind`, and `channel` where it is the
    same for every row; else channels: channel by the export's text. procedures: likewise; a text
    that is empty takes the category's. is_own_export: written by the channel's own system, so that
    its online and hotline cases count as confirmed. formats: of dates, tried in order (strptime);
    none = as people write them (`data.dates`). events: the steps, None = only a closing.
    categories: category id by the export's text.
    limit_days: whole days of the limit by category id; empty = by the rules pack.
    statuses: closing event by status, "" = still open. first_day, last_day: local days of the
    extract; cases opened outside are set aside. duplicate_ends: endings of a status by which the
    source marks a repeat. desk: the body that registered, with its names.
    """

    name: str
    text: str
    zone: str
    columns: Map[str, str]
    also: Map[str, str]
    constants: Map[str, str]
    formats: tuple[str, ...]
    area: AreaRule
    body: BodyRule
    desk: str
    desk_names: Map[str, str]
    categories: Map[str, str]
    limit_days: Map[str, int]
    statuses: Map[str, str]
    first_day: pd.Timestamp | None
    last_day: pd.Timestamp | None
    duplicate_ends: tuple[str, ...]
    is_own_export: bool
    channels: Map[str, str]
    procedures: Map[str, str]
    events: EventsRule | None

    @property
    def read_columns(self) -> list[str]:
        """Every column of the export that is read, each once."""
        steps = self.events.columns if self.events else ()
        return list(dict.fromkeys([*self.columns.values(), *steps]))

    @property
    def known_names(self) -> frozenset[str]:
        """Every name of a column of the export that means something here."""
        return frozenset({*self.read_columns, *self.also})

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """An export whose columns carry the names that are read, where they had another one."""
        names = set(frame.columns)
        other = {name: of for name, of in reversed(list(self.also.items())) if of not in names}
        first = {of: name for name, of in other.items() if name in names}
        return frame.rename(columns={name: of for of, name in first.items()})


def parse_mapping(text: str, name: str, categories: Categories) -> Mapping:
    """The mapping a TOML text declares, checked against the county's categories.

    Args:
        name: of the file, for the sentence when it is refused.

    Raises:
        ConfigError: one sentence that names the part that is missing, unknown or too weak.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError("intake.config.not_toml", file=name, reason=str(err)) from err
    unknown = sorted(set(given) - _PARTS)
    if unknown:
        raise ConfigError("intake.mapping.unknown_part", file=name, part=unknown[0])
    reader = _Reader(given, name)
    columns = reader.texts("columns", _COLUMNS, _NEEDED)

    def check(column: str) -> None:
        if is_person_column(column):
            raise ConfigError("intake.mapping.person_column", file=name, column=column)

    also = reader.texts("also", None, set())
    for column in (*columns.values(), *also):
        check(column)
    if not set(also.values()) <= set(columns.values()) or set(also) & set(columns.values()):
        raise reader.broken("[also]")
    if "area" not in columns and not {"lon", "lat"} <= set(columns):
        raise reader.broken("columns.area")
    values = reader.texts("category", None, set())
    for category_id in values.values():
        if category_id not in categories:
            raise ConfigError("intake.mapping.unknown_category", file=name, category=category_id)
    desk = reader.texts("desk", {"id", "zh", "en"}, {"id", "zh", "en"})
    years = given.get("years", {})
    events = parse_events(given.get("events"), name, check)
    if events is not None and {"status", "closed_at"} & (set(given) | set(columns)):
        raise reader.broken("[events] | [status]")
    channels = reader.words("channel", columns, CHANNELS)
    return Mapping(
        name=name,
        text=text,
        zone=reader.zone(),
        columns=columns,
        also=also,
        constants=_constants(reader, columns, channels),
        formats=reader.formats(),
        area=_area(reader, columns),
        body=_body(reader),
        desk=desk["id"],
        desk_names={"zh": desk["zh"], "en": desk["en"]},
        categories=values,
        limit_days=_limits(reader, categories),
        statuses=_statuses(reader, columns),
        first_day=reader.day(years, "first"),
        last_day=reader.day(years, "last"),
        duplicate_ends=tuple(map(str, given.get("duplicate_status_ends", []))),
        is_own_export=given.get("own_export") is True,
        channels=channels,
        procedures=reader.words("procedure", columns, PROCEDURES),
        events=events,
    )


class _Reader:
    """The parts of a mapping file; a wrong one is refused by its name."""

    def __init__(self, given: dict[str, object], file: str):
        self.given = given
        self.file = file

    def broken(self, part: str) -> ConfigError:
        return ConfigError("intake.mapping.broken", file=self.file, part=part)

    def table(self, part: str, allowed: set[str] | None, needed: set[str]) -> dict[str, object]:
        table = self.given.get(part, {})
        if not isinstance(table, dict):
            raise self.broken(f"[{part}]")
        for key in table:
            if allowed is not None and key not in allowed:
                raise ConfigError(
                    "intake.mapping.unknown_part", file=self.file, part=f"{part}.{key}"
                )
        for key in sorted(needed - set(table)):
            raise self.broken(f"{part}.{key}")
        return table

    def texts(self, part: str, allowed: set[str] | None, needed: set[str]) -> dict[str, str]:
        table = self.table(part, allowed, needed)
        for key, value in table.items():
            if not isinstance(value, str):
                raise self.broken(f"{part}.{key}")
        return {key: str(value) for key, value in table.items()}

    def zone(self) -> str:
        zone = self.given.get("zone")
        try:
            ZoneInfo(str(zone))
        except (ZoneInfoNotFoundError, ValueError) as err:
            raise self.broken("zone") from err
        return str(zone)

    def words(self, part: str, columns: Map[str, str], allowed: tuple[str, ...]) -> dict[str, str]:
        """The export's words of a closed list; given exactly where there is a column for it."""
        words = self.texts(part, None, set())
        if bool(words) != (part in columns) or not set(words.values()) <= set(allowed):
            raise self.broken(f"[{part}], columns.{part}")
        return words

    def formats(self) -> tuple[str, ...]:
        if "dates" not in self.given:
            return ()
        formats = self.table("dates", {"formats"}, {"formats"})["formats"]
        if not isinstance(formats, list) or not formats:
            raise self.broken("dates.formats")
        return tuple(map(str, formats))

    def day(self, years: object, key: str) -> pd.Timestamp | None:
        if not isinstance(years, dict) or set(years) - {"first", "last"}:
            raise self.broken("[years]")
        if key not in years:
            return None
        try:
            return pd.Timestamp(str(years[key]))
        except ValueError as err:
            raise self.broken(f"years.{key}") from err


def _constants(reader: _Reader, columns: Map[str, str], channels: Map[str, str]) -> dict[str, str]:
    given = reader.table("constants", None, set())
    if "asked" in given:
        raise ConfigError("intake.mapping.consent", file=reader.file)
    for key in given:
        if key not in {"channel", "kind"}:
            raise ConfigError("intake.mapping.weak_constant", file=reader.file, field=key)
    channel, kind = str(given.get("channel")), str(given.get("kind"))
    if kind not in KINDS:
        raise reader.broken("constants.kind")
    if channels:
        if "channel" in given:
            raise reader.broken("constants.channel | columns.channel")
        if "on_behalf" in channels.values() and "asked" not in columns:
            raise reader.broken("columns.asked")
        return {"kind": kind}
    if channel not in CHANNELS:
        raise reader.broken("constants.channel")
    if channel in CONFIRMED_CHANNELS and reader.given.get("own_export") is not True:
        raise ConfigError("intake.mapping.not_own_channel", file=reader.file, channel=channel)
    if channel == "on_behalf" and "asked" not in columns:
        raise reader.broken("columns.asked")
    return {"channel": channel, "kind": kind}


def _area(reader: _Reader, columns: Map[str, str]) -> AreaRule:
    allowed = {
        "system", "number", "by_name", "unstated", "unstated_code", "unstated_zh", "unstated_en",
    }  # fmt: skip
    given = reader.table("area", allowed, {"unstated_code", "unstated_zh", "unstated_en"})
    system = given.get("system")
    if ("lon" in columns) != ("lat" in columns):
        raise reader.broken("columns.lon, columns.lat")
    if "lon" in columns and system not in SYSTEMS:
        raise ConfigError("intake.mapping.bad_system", file=reader.file)
    unstated = given.get("unstated", [])
    if not isinstance(unstated, list):
        raise reader.broken("area.unstated")
    return AreaRule(
        system=str(system) if "lon" in columns else None,
        is_number=given.get("number") is True,
        is_by_name=given.get("by_name") is True,
        unstated=frozenset({"", *map(str, unstated)}),
        unstated_code=str(given["unstated_code"]),
        names={"zh": str(given["unstated_zh"]), "en": str(given["unstated_en"])},
    )


def _body(reader: _Reader) -> BodyRule:
    if dict(reader.table("body", None, set())).get("by_name") is True:
        named = reader.table("body", {"by_name", "empty"}, {"empty"})
        return BodyRule("{}", {}, False, True, str(named["empty"]), {})
    needed = {"id", "zh", "en", "empty", "empty_zh", "empty_en"}
    given = reader.table("body", needed | {"number", "by_name"}, needed)
    for key in ("id", "zh", "en"):
        if str(given[key]).count("{}") != 1:
            raise reader.broken(f"body.{key}")
    return BodyRule(
        body_id=str(given["id"]),
        names={"zh": str(given["zh"]), "en": str(given["en"])},
        is_number=given.get("number") is True,
        is_by_name=False,
        empty=str(given["empty"]),
        empty_names={"zh": str(given["empty_zh"]), "en": str(given["empty_en"])},
    )


def _limits(reader: _Reader, categories: Categories) -> dict[str, int]:
    limits = reader.table("limits", None, set())
    for category_id, days in limits.items():
        if category_id not in categories:
            raise ConfigError(
                "intake.mapping.unknown_category", file=reader.file, category=category_id
            )
        if not isinstance(days, int) or days < 1:
            raise reader.broken(f"limits.{category_id}")
    return {key: int(str(days)) for key, days in limits.items()}


def _statuses(reader: _Reader, columns: Map[str, str]) -> dict[str, str]:
    statuses = reader.texts("status", None, set())
    for event in statuses.values():
        if event and event not in ENDS:
            raise ConfigError("intake.mapping.unknown_event", file=reader.file, event=event)
    if statuses and not {"status", "closed_at"} <= set(columns):
        raise reader.broken("columns.status, columns.closed_at")
    return statuses
