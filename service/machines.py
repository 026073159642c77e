"""What a machine sent: checked by the same checks as the page, stored, and what was wrong held.

A request is acknowledged when everything in it is committed: wrong rows wait under the desk, right
ones are cases. Points find the area and go no further; what names a person is not read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock
from zoneinfo import ZoneInfo

import pandas as pd

from data import machines, quarantine
from data.db import Db
from data.errors import DataError, RowProblem
from data.fields import FIELDS, NO, YES, by_header
from data.machines import Key, Machine, Outcome
from data.places import layer_version, read_areas, read_bodies, read_townships
from data.rows import Known, check_rows
from data.scope import Scope
from wording import LANGUAGES, t

from . import placing
from .figures import categories

MOST_ROWS = 1000
MOST_FIELDS = 60
"""Different names of fields in one request; there are far fewer that mean anything."""
STAND_IN = "one_stop"
"""What the checks read as the channel: it is the token's, and theirs to know are staff's only."""

Row = Mapping[str, object]

_grids: dict[str, tuple[tuple[object, ...], Mapping[str, str]]] = {}
"""By address of the database: the layer and day they were read of, and township by grid."""
_lock = Lock()


def known(db: Db, scope: Scope) -> Known:
    """The lists a machine's rows are held against; the reach is its desk's."""
    zone = ZoneInfo(db.county().zone)
    day = db.now().astimezone(zone).date()
    townships = read_townships(db, scope)
    on = pd.Timestamp(day)
    active = (townships["valid_from"] <= on) & ~(townships["valid_to"] < on)
    return Known(
        categories=categories(db, scope),
        bodies=read_bodies(db, scope),
        townships=townships[active],
        grids=_township_of_grids(db, scope, day, frozenset(townships["township_code"])),
        reach=scope.townships,
        locator=placing.asked(db, scope),
    )


def _township_of_grids(
    db: Db, scope: Scope, day: dt.date, townships: frozenset[str]
) -> Mapping[str, str]:
    """Township of every smallest area; codes only, so the boundaries stay in this room."""
    state = (day, layer_version(db, scope), townships)
    address = str(db.engine.url)
    with _lock:
        if address not in _grids or _grids[address][0] != state:
            areas = read_areas(db, Scope.operator(), day)
            parents = dict(zip(areas["code"], areas["parent_code"], strict=True))
            found: dict[str, str] = {}
            for code in set(parents) - set(areas["parent_code"].dropna()) - townships:
                at = parents[code]
                while isinstance(at, str) and at not in townships:
                    at = parents.get(at)
                if isinstance(at, str):
                    found[code] = at
            _grids.clear()  # of one database at a time: a server has one
            _grids[address] = (state, found)
        return _grids[address][1]


def take(
    db: Db, machine: Machine, rows: Sequence[Row], key: Key | None, language: str, *, is_file: bool
) -> Outcome:
    """Store the right rows, hold the wrong ones for the desk, and say what became of each.

    Args:
        rows: of each case its fields, as `data.fields` names them; numbered from 1.
        key: the request's `Idempotency-Key`; None = it came without one.
        language: of the marks put into texts. is_file: see `data.rows.check_rows`.

    Raises:
        DataError: no row, too many rows or fields; nothing was stored.
        KeyUsed: the key came with another request; nothing was stored.
        NotFound: a point, and the county has no boundaries.
    """
    if key is not None and machines.known_key(db, machine.scope, key):
        return machines.send(db, machine.scope, [], [], [], [], key)
    frame, own = _frame(rows, machine, is_file)
    county = db.county()
    checked = check_rows(
        frame, known(db, machine.scope), db.now(), county.zone, is_file=is_file, language=language
    )
    problems = sorted([*own, *checked.problems], key=lambda problem: problem.row)
    wrong = {problem.row for problem in problems}
    right = [
        (number, replace(case, channel=machine.channel))
        for number, case in zip(checked.rows, checked.good, strict=True)
        if number not in wrong
    ]
    _hold(db, machine, rows, problems)
    outcome = machines.send(
        db, machine.scope, [case for _, case in right], [number for number, _ in right],
        problems, checked.notes, key,
    )  # fmt: skip
    numbers = [case.source_id for _, case in right if case.source_id]
    if numbers:
        quarantine.hold(db, machine.scope, machine.label, {}, [], sent=numbers)
    return outcome


def _frame(
    rows: Sequence[Row], machine: Machine, is_file: bool
) -> tuple[pd.DataFrame, list[RowProblem]]:
    """The rows as texts under the senders' names, and what is wrong with them before any check."""
    if len(rows) > MOST_ROWS:
        raise _refused("too_many_rows", most=MOST_ROWS, rows=len(rows))
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > MOST_FIELDS:
        raise _refused("too_many_fields", most=MOST_FIELDS)
    if not rows:
        raise _refused("no_rows")
    means = {name: field.name for name in names if (field := by_header(name)) is not None}
    problems: list[RowProblem] = []
    table = []
    for number, row in enumerate(rows, 1):
        texts = {}
        for name, value in row.items():
            texts[name] = _text(value)
            if texts[name] is None:
                values = (("field", name[:40]),)
                shown = means.get(name, "")
                problems.append(RowProblem(number, shown, "machines.row.not_a_text", values))
            elif means.get(name) == "channel":
                problems += _other_channel(number, name, str(texts[name]), machine)
        table.append(texts)
    frame = pd.DataFrame(table, index=range(1, len(rows) + 1), columns=names).fillna("")
    for name, meant in means.items():
        if meant == "channel":
            frame[name] = STAND_IN
    given = set(means.values())
    for wanted in FIELDS:  # so that each row is told what it lacks
        if wanted.must_be_given(is_file=is_file) and wanted.name not in given:
            frame[wanted.name] = STAND_IN if wanted.name == "channel" else ""
    return frame, problems


def _refused(name: str, **values: object) -> DataError:
    key = f"machines.error.{name}"
    return DataError(key, [], **values)


def _text(value: object) -> str | None:
    """A value of JSON as a cell's text; None where it is a list or an object."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, (str, int, float)):
        return str(value)
    return None


def _other_channel(number: int, name: str, text: str, machine: Machine) -> list[RowProblem]:
    words = {t(f"words.channel.{machine.channel}", language) for language in LANGUAGES}
    said = text.strip().casefold()
    if not said or said in {machine.channel, *(word.casefold() for word in words)}:
        return []
    values = (("channel", machine.channel),)
    return [RowProblem(number, name, "machines.row.other_channel", values)]


def _hold(db: Db, machine: Machine, rows: Sequence[Row], problems: Sequence[RowProblem]) -> None:
    """Wrong rows wait under the desk like a spreadsheet's; of them the known fields only."""
    kept = {
        number: {
            name: text
            for name, value in rows[number - 1].items()
            if by_header(name) is not None and (text := _text(value))
        }
        for number in sorted({problem.row for problem in problems if problem.row})
    }
    if kept:
        quarantine.hold(
            db, machine.scope, machine.label, kept, list(problems), channel=machine.channel
        )


def field_of(column: str) -> str:
    """The dictionary's name of what a sender named, for an answer; the sender's own where none."""
    field = by_header(column)
    return column if field is None else field.name


def texts_of(problems: Sequence[RowProblem], language: str) -> list[dict[str, object]]:
    """Sentences row by row, as an answer carries them: row 0 = the whole request."""
    return [
        {"row": p.row, "field": field_of(p.column), "sentence": p.text(language)} for p in problems
    ]


SENT_FIELDS = tuple(field for field in FIELDS if field.name not in ("asked", "asked_how"))
"""What a machine says of a case; consent on behalf is not among it."""
