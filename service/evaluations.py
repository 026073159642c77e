"""An evaluation from outside read from a small spreadsheet: every error of every row at once."""

from __future__ import annotations

import re

import pandas as pd

from data import evaluations, places
from data.db import Db
from data.errors import DataError, RowProblem
from data.evaluations import MOST_BASE, Evaluated
from data.scope import Scope
from data.sheets import read_sheet
from data.vocabulary import EVALUATION_MEASURES, EVALUATION_METHODS, EVALUATORS
from wording import LANGUAGES, t

from .sweeps import today_of

COLUMNS = ("year", "evaluator", "body", "measure", "value", "base", "method")
_LISTS = {
    "evaluator": EVALUATORS, "measure": EVALUATION_MEASURES, "method": EVALUATION_METHODS,
}  # fmt: skip
_VALUE = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s*[%％]?", re.ASCII)
_WHOLE = re.compile(r"(\d{1,7})(?:\.0)?", re.ASCII)


def load(db: Db, scope: Scope, data: bytes, file: str) -> int:
    """Record the results of a spreadsheet (csv, xlsx), all or none; how many.

    Columns by their Chinese or English name (`supervision.column.*`), words of lists by their name
    in either language, a body by its id or name, the value in percent.

    Raises:
        NotAllowed: neither supervisor nor operator.
        DataError: every error of every row, by the sender's row and column; or a file that cannot
            be read. Nothing was recorded.
    """
    scope.need("supervisor", "operator")
    frame = read_sheet(data, file, lambda name: _column(name) is not None)
    found = {name: _column(str(name)) for name in frame.columns}
    frame = frame[[name for name, column in found.items() if column]].rename(columns=found)
    frame = frame.loc[:, ~frame.columns.duplicated()]
    missing = [name for name in COLUMNS if name not in frame]
    if missing:
        wrong = [RowProblem(0, name, "supervision.error.no_column") for name in missing]
        raise DataError("supervision.error.refused", wrong)
    bodies, this_year = _bodies(db, scope), today_of(db).year
    rows: list[Evaluated] = []
    problems: list[RowProblem] = []
    seen: set[tuple[object, ...]] = set()
    for number, row in frame.iterrows():
        one, wrong = _row(row, int(str(number)), bodies, this_year)
        problems += wrong
        if one is None:
            continue
        key = one.year, one.evaluator, one.body_id, one.measure
        if key in seen:
            problems.append(RowProblem(int(str(number)), "", "supervision.error.repeated"))
        seen.add(key)
        rows.append(one)
    if not rows and not problems:
        problems.append(RowProblem(0, "", "supervision.error.no_rows"))
    if problems:
        raise DataError("supervision.error.refused", problems)
    return evaluations.add(db, scope, rows)


def _column(name: str) -> str | None:
    plain = name.strip().lower()
    for column in COLUMNS:
        named = (t(f"supervision.column.{column}", one).lower() for one in LANGUAGES)
        if plain in {column, *named}:
            return column
    return None


def _bodies(db: Db, scope: Scope) -> dict[str, str]:
    return {
        str(name): str(one.body_id)
        for one in places.read_bodies(db, scope).itertuples()
        for name in (one.body_id, one.name_zh, one.name_en)
    }


def _words(column: str) -> dict[str, str]:
    """A word of a list by itself and by its names."""
    return {
        name: word
        for word in _LISTS[column]
        for name in (word, *(t(f"supervision.{column}.{word}", one) for one in LANGUAGES))
    }


def _row(
    row: pd.Series, number: int, bodies: dict[str, str], this_year: int
) -> tuple[Evaluated | None, list[RowProblem]]:
    text = {name: str(row.get(name, "")).strip() for name in COLUMNS}
    wrong: list[RowProblem] = []

    def bad(column: str, **values: object) -> None:
        key = f"supervision.error.{column}"
        wrong.append(RowProblem(number, column, key, tuple(values.items())))

    words = {}
    for column in _LISTS:
        word = _words(column).get(text[column])
        if word is None:
            bad(column)
        words[column] = word or ""
    year = _WHOLE.fullmatch(text["year"])
    if year is None or not this_year - 10 <= int(year[1]) <= this_year:
        bad("year", first=this_year - 10, last=this_year)
    if text["body"] not in bodies:
        bad("body")
    value = _VALUE.fullmatch(text["value"])
    percent = float(value[1]) if value else -1.0
    if not 0 <= percent <= 100 or (0 < percent < 1):  # 0.82 may be meant as 82 %: it is asked back
        bad("value")
    base = _WHOLE.fullmatch(text["base"])
    if base is None or not 1 <= int(base[1]) <= MOST_BASE:
        bad("base", most=MOST_BASE)
    if wrong or year is None or base is None:
        return None, wrong
    return Evaluated(
        int(year[1]), words["evaluator"], bodies[text["body"]], words["measure"],
        round(percent / 100, 6), int(base[1]), words["method"],
    ), []  # fmt: skip
