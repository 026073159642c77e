"""An export's columns read by its mapping: words, times, places and bodies of every row.

What cannot be read is NA here; whoever calls says what becomes of such a row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from .errors import DataError, RowProblem
from .fields import is_person_column
from .mapped_table import Names
from .mapped_times import END_OF_DAY, both_times, local_times, to_utc
from .mapping import Mapping
from .redact import redact

Place = Callable[[pd.Series, pd.Series, str, pd.Series], pd.Series]
"""(longitude, latitude, system, stated codes) -> area code on the same index: the stated one where
the point lies in it or within the tolerance, else the one it lies in; NA outside every area."""


def read_columns(frame: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """The columns a mapping reads under the names of fields, and `row`; index 0..n-1.

    Args:
        frame: an export as `Mapping.named` returns it.

    Raises:
        DataError: columns are missing, or stand there twice.
    """
    missing = [c for c in mapping.read_columns if c not in frame.columns]
    if missing:
        problems = [RowProblem(0, c, "intake.mapping.no_column", (("column", c),)) for c in missing]
        raise DataError("intake.mapping.no_column", problems, column=missing[0])
    if twice := [c for c in mapping.read_columns if (frame.columns == c).sum() > 1]:
        raise DataError("intake.row.column_twice", [], field=twice[0])
    work = pd.DataFrame(
        {name: frame[column].fillna("").str.strip() for name, column in mapping.columns.items()}
    )
    work["row"] = frame.index.to_numpy()
    work["area"] = work.get("area", "")  # found by its point alone
    return work.reset_index(drop=True)


def unread(frame: pd.DataFrame, mapping: Mapping) -> tuple[RowProblem, ...]:
    """A note on each column that was left out: those of persons, and those nobody asked for."""
    notes = []
    for name in map(str, frame.columns):
        if name.strip() and name not in mapping.read_columns:
            key = "person_column" if is_person_column(name) else "unknown_column"
            shown = redact(name).text[:40]
            notes.append(RowProblem(0, shown, f"intake.note.{key}", (("column", shown),)))
    return tuple(notes)


def words(work: pd.DataFrame, mapping: Mapping) -> None:
    """Channel and procedure of each row; NA where the text is in no list."""
    if mapping.channels:
        work["channel_id"] = work["channel"].map(dict(mapping.channels))
    else:
        work["channel_id"] = mapping.constants["channel"]
    if mapping.procedures:
        work["procedure_id"] = work["procedure"].map({"": "", **mapping.procedures})
    else:
        work["procedure_id"] = ""


def times(work: pd.DataFrame, mapping: Mapping) -> None:
    opened = work["opened_at"]
    work["opened_local"], late = both_times(opened, mapping)
    work["opened_is_day"] = work["opened_local"] != late
    work["opened_utc"] = to_utc(work["opened_local"], mapping.zone)
    closed = work["closed_at"] if "closed_at" in work else pd.Series("", index=work.index)
    work["closed_text"] = closed
    work["closed_utc"] = to_utc(local_times(closed, mapping, end_of_day=True), mapping.zone)
    status = work["status"] if "status" in work else pd.Series("", index=work.index)
    work["status_text"] = status
    # without statuses, cases of an export that tells no closing are all open
    work["end"] = status.map(dict(mapping.statuses)) if mapping.statuses else ""
    days = work["category"].map(dict(mapping.categories)).map(dict(mapping.limit_days))
    due = work["opened_local"].dt.normalize() + pd.to_timedelta(days.astype("float64"), unit="D")
    work["limit_utc"] = to_utc((due + END_OF_DAY).astype("datetime64[us]"), mapping.zone)


def _as_number(texts: pd.Series) -> pd.Series:
    """ "32.0" and "032" as "32"; other texts as they are."""
    numbers = pd.to_numeric(texts, errors="coerce")
    whole = numbers.notna() & (numbers % 1 == 0)
    short = numbers.where(whole, 0).astype("int64").astype("str")
    return short.where(whole, texts)


def places(
    work: pd.DataFrame,
    mapping: Mapping,
    areas: frozenset[str],
    place: Place | None,
    names: Names,
) -> None:
    """Area by code and by point: the stated code wins, a disagreement is kept to be told."""
    stated = _as_number(work["area"]) if mapping.area.is_number else work["area"]
    if mapping.area.is_by_name:
        stated = stated.replace(dict(names.areas))
    stated = stated.mask(stated.isin(list(mapping.area.unstated)))
    is_known = stated.isin(list(areas))
    point = pd.Series(pd.NA, index=work.index, dtype="str")
    has_point = pd.Series(False, index=work.index)
    if mapping.area.system is not None:
        lon = pd.to_numeric(work["lon"], errors="coerce")
        lat = pd.to_numeric(work["lat"], errors="coerce")
        has_point = lon.notna() & lat.notna()
        if place is not None and has_point.any():
            found = place(lon[has_point], lat[has_point], mapping.area.system, stated[has_point])
            point = point.where(~has_point, found.reindex(work.index))
    work["stated"], work["by_point"] = stated, point
    code = stated.where(is_known, point.where(stated.isna()))
    code = code.where(code.notna() | stated.notna(), mapping.area.unstated_code)
    work["township_code"] = code
    agree, no_point = point.eq(stated).fillna(False), ~has_point
    conditions = [stated.isna() & point.notna(), stated.isna(), no_point, agree]
    how = ["by_point", "nowhere", "no_point", "agree"]
    otherwise = "unchecked" if place is None else "differ"
    work["placed"] = np.select([c.to_numpy(dtype=bool) for c in conditions], how, otherwise)


def body_texts(texts: pd.Series, mapping: Mapping) -> pd.Series:
    short = _as_number(texts) if mapping.body.is_number else texts
    return short.mask(short == "", mapping.body.empty)


def body_ids(texts: pd.Series, mapping: Mapping, names: Names) -> pd.Series:
    """Ids of bodies by what the export calls them; NA where the county has none of that name."""
    body = body_texts(texts, mapping)
    if mapping.body.is_by_name:
        return body.map(dict(names.bodies))
    return body.map({text: mapping.body.body_id.format(text) for text in body.unique()})
