"""Setting up an empty database from a county file, and taking an export or a ledger over.

What does not fit is never stored: rows of a ledger wait in quarantine under its desk, with the
rule's name, and can be sent again.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import NaT

from data import bulk, places, quarantine, steering
from data.categories import parse_categories
from data.db import County, Db, set_up
from data.errors import ConfigError, NotFound, RowProblem
from data.fields import POINT
from data.json_rows import is_json, read_json_rows
from data.mapped import apply_mapping, summaries
from data.mapped_table import REASONS, Mapped, Names
from data.mapping import Mapping, parse_mapping
from data.mapping_files import mapping_named
from data.redact_many import Cleaned, looking
from data.scope import Scope
from data.sheets import read_sheet
from data.uncollected import uncollected
from geo.layers import Outermost, load_layer
from geo.places import Locator

from . import placing
from .figures import CATEGORIES_FILE, categories
from .rules import rules_of
from .sequence import impossible

ANY_DAY = dt.date(1900, 1, 1)
"""A layer and offices without a stated first day hold for the whole extract."""
NOT_KEPT = ("not_asked", "marked_duplicate", "opened_before", "opened_after")
"""Rows that do not wait to be mended: nobody asked for them (DOMAIN.md §2.1), or the sender or the
mapping left them out on purpose."""


@dataclass(frozen=True)
class Sent:
    """A file as it came in: its name, for sentences and the log, and its bytes."""

    name: str
    data: bytes

    @classmethod
    def of(cls, path: Path) -> Sent:
        """A file that lies on the server.

        Raises:
            NotFound: it does not.
        """
        try:
            return cls(path.name, path.read_bytes())
        except FileNotFoundError as err:
            raise NotFound("service.no_file", file=path) from err


@dataclass(frozen=True)
class TakenOver:
    """What an import came to; `mapped` says what was set aside and why, `waiting` how many of
    those rows wait in quarantine for their desk."""

    mapped: Mapped
    added: int
    repeated: int
    waiting: int


def set_up_county(db: Db, county_file: Path) -> None:
    """Make an empty database what a county file says: names, zone, pack, categories, layer.

    Raises:
        ConfigError: a part of the file is missing or cannot mean anything; nothing was stored.
        geo.layers.LayerRefused: with every reason; nothing was stored.
    """
    scope = Scope.operator()
    given = _read_toml(county_file)
    try:
        layer, around = given["layer"], given["layer"]["outermost"]
        county = County(
            kind=given["kind"], name_zh=given["zh"], name_en=given["en"], zone=given["zone"],
            pack=rules_of(db).packs[given["pack"]].id, protection_level=given["protection_level"],
            ends_on=given.get("ends_on"),
        )  # fmt: skip
        texts = Sent.of(county_file.parent / given["categories"]).data.decode("utf-8")
        outermost = Outermost(around["code"], around["level"], around["zh"], around["en"])
        columns = {
            "code": layer["code"],
            "name_zh": layer["name"],
            "name_en": layer.get("name_en", layer["name"]),
        }
        source = county_file.parent / layer["file"]
    except KeyError as err:
        raise ConfigError(
            "service.county_file_lacks", file=county_file.name, part=err.args[0]
        ) from err
    if county.kind not in {"open_data", "real", "demo"}:
        raise ConfigError("service.county_kind", file=county_file.name, kind=county.kind)
    bodies = _bodies_of(given.get("body", []), county_file.name)
    parse_categories(texts, given["categories"])
    loaded = load_layer(
        source, layer["system"], columns=columns, level=layer["level"], outermost=outermost
    )
    set_up(db, county)
    steering.save_file(db, scope, CATEGORIES_FILE, texts)
    places.save_areas(db, scope, loaded.areas, ANY_DAY)
    if len(bodies):
        leaves = loaded.areas[loaded.areas["level"] == county.protection_level]
        places.save_offices(db, scope, bodies, _townships(_named(leaves)))


def _bodies_of(given: list[dict[str, Any]], file: str) -> pd.DataFrame:
    """`frames.Bodies` of the county file's `[[body]]` tables."""
    rows = []
    for entry in given:
        try:
            row = (entry["id"], entry["zh"], entry["en"], entry["kind"])
        except KeyError as err:
            part = f"body.{err.args[0]}"
            raise ConfigError("service.county_file_lacks", file=file, part=part) from err
        rows.append((*row, entry.get("township"), entry.get("reviewed_by")))
    columns = ["body_id", "name_zh", "name_en", "kind", "township_code", "reviewed_by"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def _named(areas: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [(r.code, r.name_zh, r.name_en) for r in areas.itertuples()]


def _townships(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    """`frames.Townships` without a stated first or last day."""
    made = pd.DataFrame(rows, columns=["township_code", "name_zh", "name_en"], dtype="str")
    made["valid_from"] = pd.Timestamp(ANY_DAY).as_unit("ns")
    made["valid_to"] = pd.Series(NaT, index=made.index, dtype="datetime64[ns]")
    return made


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(Sent.of(path).data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ConfigError("service.not_toml", file=path.name, reason=str(err)) from err


def read_mapping(db: Db, given: Path | str) -> Mapping:
    """A mapping by its file or its name, checked against the categories in force.

    Args:
        given: a path; where no file is there and it is a bare name, a mapping of that name.

    Raises:
        ConfigError, NotFound: with one sentence.
    """
    path = Path(given)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as err:
        if path.name == str(given) and not path.suffix:
            scope = Scope.operator()
            return mapping_named(db, scope, path.name, categories(db, scope))
        raise NotFound("service.no_file", file=path) from err
    except UnicodeDecodeError as err:
        raise ConfigError("service.not_toml", file=path.name, reason=str(err)) from err
    return parse_mapping(text, path.name, categories(db, Scope.operator()))


def take_over_export(
    db: Db,
    scope: Scope,
    export: Sent,
    mapping: Mapping,
    progress: bulk.Progress = lambda what, done, of: None,
    steps: Sent | None = None,
) -> TakenOver:
    """Take an export or a ledger over; rows taken over before add nothing.

    Each case's steps are judged by its rules before anything is stored; what does not fit is set
    aside, and of a ledger waits in quarantine under its desk.

    Args:
        scope: whose name stands in the log: the operator's, or an administrator's, who sees the
            outcome in numbers of rows and never a case.
        steps: the second file, with one line per step, where the mapping has one.

    Raises:
        NotAllowed: another role.
        DataError: a file cannot be read, or lacks a column; nothing was stored.
    """
    scope.need("operator", "administrator")
    with uncollected():
        return _taken_over(db, scope, export, mapping, progress, steps)


def _taken_over(
    db: Db,
    scope: Scope,
    export: Sent,
    mapping: Mapping,
    progress: bulk.Progress,
    steps: Sent | None,
) -> TakenOver:
    frame = sheet(export, mapping)
    with looking(summaries(frame, mapping)) as changed:
        mapped = mapped_of(db, frame, mapping, steps, is_raw=True)
        progress("mapped", len(mapped.cases), mapped.rows)
        mapped, added, repeated = _stored(db, scope, mapped, mapping, export, changed, progress)
    # the texts are sealed: nobody below needs them
    mapped = replace(mapped, cases=mapped.cases.drop(columns="summary"))
    waiting = 0
    if mapping.events is not None:
        waiting = _keep_aside(db, Scope.operator(), frame, mapped, mapping, export.name)
    steering.save_file(db, scope, mapping.name, mapping.text)
    return TakenOver(mapped, added, repeated, waiting)


def _stored(
    db: Db,
    scope: Scope,
    mapped: Mapped,
    mapping: Mapping,
    export: Sent,
    changed: Callable[[], Cleaned],
    progress: bulk.Progress,
) -> tuple[Mapped, int, int]:
    """What can have happened is stored; the rest is set aside. Cases added, cases repeated."""
    county = db.county()
    cases, events = mapped.cases, mapped.events
    keys = bulk.source_keys(db.keys, cases)
    before = pd.Series(False, cases.index) if keys is None else bulk.taken_before(db, scope, keys)
    if before.any():
        cases, events = cases[~before], events[~events["case"].map(before).astype(bool)]
    broken = impossible(cases, events, rules_of(db), db.now(), county.zone)
    mapped = mapped.without(broken)
    if broken:
        keys = None
    progress("judged", len(mapped.cases), mapped.rows)
    _add_offices(db, scope, mapped, mapping)
    added, repeated = bulk.take_over(
        db,
        scope,
        mapped.cases,
        mapped.events,
        source_name=export.name,
        changed=changed,
        keys=keys,
        by_id=True,
        progress=progress,
    )
    return mapped, added, repeated


def read_export(
    db: Db, export: Sent, mapping: Mapping, steps: Sent | None = None
) -> tuple[pd.DataFrame, Mapped]:
    """A file as it was read (texts, on its row numbers) and as the mapping understands it.

    Raises:
        DataError, NotFound: with one sentence; nothing is stored here in any case.
    """
    frame = sheet(export, mapping)
    return frame, mapped_of(db, frame, mapping, steps)


def mapped_of(
    db: Db, frame: pd.DataFrame, mapping: Mapping, steps: Sent | None, *, is_raw: bool = False
) -> Mapped:
    """A file that was read, as the mapping understands it; `is_raw` as in `apply_mapping`."""
    scope = Scope.operator()
    second = None
    if steps is not None:
        rule = mapping.events
        lines = (rule.case, rule.word, *rule.lines.columns) if rule and rule.lines else ()
        second = read_sheet(steps.data, steps.name, lambda name: name in lines)
    areas = places.read_areas(db, scope, db.now().date())
    leaves = areas[areas["level"] == db.county().protection_level]
    locator = Locator(areas)

    def place(lon: pd.Series, lat: pd.Series, system: str, stated: pd.Series) -> pd.Series:
        return placing.areas_of(locator, leaves["code"], lon, lat, system, stated)

    names = names_of(leaves, places.read_bodies(db, scope))
    codes, now = list(leaves["code"]), pd.Timestamp(db.now())
    return apply_mapping(
        frame, mapping, categories(db, scope), codes, now, place, names=names, second=second,
        is_raw=is_raw,
    )  # fmt: skip


def sheet(sent: Sent, mapping: Mapping) -> pd.DataFrame:
    """A file as texts, on its own row numbers: a spreadsheet, or an array of JSON objects.

    Raises:
        DataError: one sentence; nothing was read.
    """
    if is_json(sent.data):
        return read_json_rows(sent.data, sent.name, mapping.read_columns)
    return read_sheet(sent.data, sent.name, lambda name: name in mapping.known_names)


def names_of(leaves: pd.DataFrame, bodies: pd.DataFrame) -> Names:
    """The county's areas of one level and its bodies, by code and by name."""
    by_code = bodies.rename(columns={"body_id": "code"})
    return Names(areas=_by_name(leaves), bodies=_by_name(by_code))


def _by_name(table: pd.DataFrame) -> dict[str, str]:
    """Code by code and by either name; a name that two have means neither."""
    found: dict[str, set[str]] = {}
    for row in table[["code", "name_zh", "name_en"]].itertuples(index=False):
        for text in row:
            found.setdefault(str(text), set()).add(str(row[0]))
    return {text: min(codes) for text, codes in found.items() if len(codes) == 1}


def _keep_aside(
    db: Db, scope: Scope, frame: pd.DataFrame, mapped: Mapped, mapping: Mapping, file: str
) -> int:
    """Let the ledger's rows that do not fit wait under its desk, and let go of those that were
    sent again; how many wait of this file."""
    number = mapping.columns["source_id"]
    seen = set(mapped.cases["source_id"]) | set(mapped.set_aside["source_id"]) - {""}
    quarantine.settle(db, scope, mapping.desk, number, seen)
    aside = mapped.set_aside[~mapped.set_aside["reason"].isin(NOT_KEPT)]
    told = {problem.row for problem in mapped.problems}
    problems = [*mapped.problems]
    for row, reason in zip(aside["row"], aside["reason"], strict=True):
        if row not in told:
            problems.append(RowProblem(int(row), "", f"intake.aside.{reason}"))
    # a point only helps to find the area, and does not wait with its row
    points = {mapping.columns.get(name) for name in POINT}
    kept = [column for column in mapping.read_columns if column not in points]
    cells = frame.loc[aside["row"], kept].fillna("")
    rows = {int(str(row)): dict(values) for row, values in cells.T.items()}
    if rows:
        quarantine.hold(db, scope, file, rows, problems, of_desk=mapping.desk)
    return len(rows)


def _add_offices(db: Db, scope: Scope, mapped: Mapped, mapping: Mapping) -> None:
    """Bodies and places the export names and the county does not have yet."""
    areas = places.read_areas(db, scope, db.now().date())
    leaves = areas[areas["level"] == db.county().protection_level]
    known_bodies = set(places.read_bodies(db, scope)["body_id"])
    bodies = mapped.bodies[~mapped.bodies["body_id"].isin(known_bodies)]
    known = set(places.read_townships(db, scope)["township_code"])
    rows = [row for row in _named(leaves) if row[0] not in known]
    unstated = mapping.area.unstated_code
    if unstated not in known and (mapped.cases["township_code"] == unstated).any():
        rows.append((unstated, mapping.area.names["zh"], mapping.area.names["en"]))
    if len(bodies) or rows:
        places.save_offices(db, scope, bodies, _townships(rows))


def row_list(mapped: Mapped) -> pd.DataFrame:
    """Every row that was set aside, and every one whose point disagrees with its stated area.

    Returns:
        row (the export's), what (`intake.aside.*`, the name of a rule or of what cannot be read,
        or `misplaced`), column (the sender's, of a step), stated and by_point (area codes, of
        misplaced rows only); in order of rows, one line per problem. Lines of a second file that
        belong to no row have row 0 and their own number in `line`. No other cell is in it.
    """
    problems = pd.DataFrame(
        [(p.row, p.key.rsplit(".", 1)[-1], p.column) for p in mapped.problems],
        columns=["row", "what", "column"],
    )
    aside = mapped.set_aside[["row", "reason"]].rename(columns={"reason": "what"})
    aside = aside[~aside["row"].isin(problems["row"])]
    moved = mapped.misplaced[["row", "stated", "by_point"]].assign(what="misplaced")
    strays = pd.DataFrame({"line": [p.row for p in mapped.strays]}).assign(row=0, what="no_case")
    rows = pd.concat([aside, problems, moved, strays], ignore_index=True)
    rows = rows.sort_values("row", kind="stable").astype({"line": "Int64"})
    names = ["row", "what", "column", "stated", "by_point", *(["line"] if len(strays) else [])]
    return rows.reindex(columns=names).reset_index(drop=True)


def reason_key(reason: str) -> str:
    """Catalogue key of the short name of why a row was set aside."""
    return f"{'intake.aside' if reason in REASONS else 'takeover.rule'}.{reason}"


def sentences(mapped: Mapped, language: str) -> list[tuple[int, str, str]]:
    """(row, the sender's column, sentence) of every step that cannot stand or be read."""
    found = chain(mapped.problems, mapped.strays)
    return [(problem.row, problem.column, problem.text(language)) for problem in found]
