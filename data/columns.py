"""The columns that figures are counted from, read once and then only what was appended since.

The record is append-only and its rows are numbered in the order in which they were recorded: what
was read once is right for ever, and a later read is of the rows behind it. What is kept holds no
text and no word of a case, only what `frames.Cases` and `frames.Events` are made of; "as of" is
applied to it afresh by every read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from numpy.typing import NDArray
from pandera.pandas import DataFrameModel

from . import frames
from .frames import CaseTable
from .instant import Instant
from .schema import case_event, case_version
from .vocabulary import ACTORS, EVENTS

MOST_INSERTED = 50_000
"""New events put between the kept ones one by one; more are sorted in with all."""
_WORDS = ("event", "actor")

Mask = NDArray[np.bool_]


def known_at(table: sa.Table) -> sa.ColumnElement[Any]:
    """When the record knew a row: as the source system says, else when it was recorded."""
    return sa.type_coerce(
        sa.func.coalesce(table.c.source_recorded_at, table.c.recorded_at), Instant()
    )


_v, _e = case_version.c, case_event.c
VERSIONS = sa.select(
    _v.id, _v.case_id, _v.opened_at, known_at(case_version).label("known_at"), _v.township_code,
    _v.grid_code, _v.domain, _v.category, _v.kind, _v.channel, _v.procedure, _v.pack, _v.body_id,
    _v.desk, _v.limit_at, _v.needs_confirmation,
)  # fmt: skip
STEPS = sa.select(
    _e.id, _e.case_id, _e.event, _e.occurred_at, known_at(case_event).label("known_at"), _e.actor,
    _e.body_id, _e.to_body_id, _e.days, _e.code,
)  # fmt: skip
"""What is read of the two tables; the texts of events are not among it."""


class Place(NamedTuple):
    """How far the record was read: newest ids, and those rows' case and time of recording.

    A record with other rows at these ids is another one: a copy that was put back, a new database
    under the same address.
    """

    version: int
    event: int
    version_mark: str
    event_mark: str


NOWHERE = Place(0, 0, "", "")


@dataclass(frozen=True)
class Columns:
    """Rows of the record up to a place.

    ids: of the cases, in the order of their first rows; a case's position there is its number here.
    versions: columns of `VERSIONS` in order of id, and `case` (number, int64).
    events: columns of `STEPS` without `case_id`, and `case`; by case, occurred_at, id; `event` and
    `actor` categorical. Events of a case without a row are left out.
    """

    place: Place
    ids: pd.Index
    versions: pd.DataFrame
    events: pd.DataFrame

    @classmethod
    def of(cls, place: Place, versions: pd.DataFrame, events: pd.DataFrame) -> Columns:
        """Of rows as `VERSIONS` and `STEPS` give them."""
        return cls.none().and_then(place, versions, events)

    @classmethod
    def none(cls) -> Columns:
        """Of a record without rows."""
        return cls(NOWHERE, pd.Index([], dtype="str"), pd.DataFrame(), pd.DataFrame())

    def and_then(self, place: Place, versions: pd.DataFrame, events: pd.DataFrame) -> Columns:
        """With rows that were appended up to a place."""
        ids, old = self.ids, self.versions
        if len(versions):
            versions = versions.sort_values("id", kind="stable", ignore_index=True)
            is_new = _numbers(ids, versions["case_id"]) < 0
            ids = ids.append(pd.Index(versions["case_id"][is_new].drop_duplicates()))
            versions["case"] = _numbers(ids, versions["case_id"])
            old = _joined(old, versions)
        return Columns(place, ids, old, _with_events(self.events, events, ids))

    def table(
        self,
        as_of: dt.datetime,
        *,
        with_ids: bool,
        reached: NDArray[np.int64] | None = None,
        until: Place | None = None,
    ) -> CaseTable:
        """The cases as known at a moment.

        Args:
            with_ids: with `case_id`, and without any rating. reached: ids of the rows of
                `case_version` that may be read; None = all. until: rows behind it are left out.

        Returns:
            `frames.Cases` in the order of their newest known rows, and `frames.Events`.
        """
        return self.numbered(as_of, with_ids=with_ids, reached=reached, until=until)[0]

    def numbered(
        self,
        as_of: dt.datetime,
        *,
        with_ids: bool,
        reached: NDArray[np.int64] | None = None,
        until: Place | None = None,
    ) -> tuple[CaseTable, NDArray[np.int64]]:
        """`table`, and the number each of its cases has here."""
        if not len(self.versions):
            return _nothing()
        moment = pd.Timestamp(as_of)
        versions, events = self.versions, self.events
        known = (versions["known_at"] <= moment).to_numpy()
        if reached is not None:
            known = known & np.isin(versions["id"].to_numpy(), reached)
        if until is not None:
            known = known & (versions["id"] <= until.version).to_numpy()
        cases, row = self._cases(known)
        if cases.empty:
            return _nothing()
        case = row[events["case"].to_numpy()]
        kept = (events["known_at"] <= moment).to_numpy() & (case >= 0)
        if until is not None:
            kept = kept & (events["id"] <= until.event).to_numpy()
        if with_ids:  # what one asker thought of an answer stays out of every list of cases
            kept = kept & (events["event"].cat.codes.to_numpy() != EVENTS.index("rated"))
        if not kept.all():
            events, case = _taken(events, np.flatnonzero(kept)), case[kept]
        if len(case) and (np.diff(case) < 0).any():  # a correction moves its case to the end
            order = np.argsort(case, kind="stable")
            events, case = _taken(events, order), case[order]
        events = events.assign(case=case)
        confirmed = np.zeros(len(cases), bool)
        is_used = events["event"].cat.codes.to_numpy() == EVENTS.index("confirmed")
        confirmed[case[is_used]] = True
        number = cases["case"].to_numpy()
        cases["is_confirmed"] = confirmed | ~cases["needs_confirmation"].to_numpy()
        cases["grid_code"] = cases["grid_code"].where(cases["is_confirmed"])
        if not with_ids:
            cases["case_id"] = pd.Series(pd.NA, index=cases.index, dtype="str")
        table = CaseTable(
            frames.check(frames.Cases, cases[_names(frames.Cases)]),
            events[_names(frames.Events)],
        )
        return table, number

    def moved(self, place: Place, as_of: dt.datetime) -> Mask:
        """Which cases, by number, have rows behind a place, or known or happened after a moment:
        of the others, a reader of that place and moment saw all there is."""
        moment, found = pd.Timestamp(as_of), np.zeros(len(self.ids), dtype=bool)
        for rows, last in ((self.versions, place.version), (self.events, place.event)):
            if len(rows):
                new = (rows["id"] > last) | (rows["known_at"] > moment)
                if "occurred_at" in rows:
                    new |= rows["occurred_at"] > moment
                found[rows["case"].to_numpy()[new.to_numpy()]] = True
        return found

    def holds(self, place: Place) -> bool:
        """Whether a place lies in this very record."""
        of_case = (
            (self.versions, place.version, place.version_mark),
            (self.events, place.event, place.event_mark),
        )
        for rows, last, mark in of_case:
            if last:
                is_it = (rows["id"] == last).to_numpy() if len(rows) else np.empty(0, bool)
                at = np.flatnonzero(is_it)
                if len(at) != 1 or self.ids[rows["case"].iloc[at[0]]] != mark.split(" ")[0]:
                    return False
        return True

    def _cases(self, known: Mask) -> tuple[pd.DataFrame, NDArray[np.int64]]:
        """The newest of the known versions of each case, and each case's row among them; -1 = not
        there."""
        code = self.versions["case"].to_numpy()[known]
        rows = np.flatnonzero(known)
        newest = np.full(len(self.ids), -1, dtype=np.int64)
        newest[code] = rows
        chosen = np.sort(newest[newest >= 0])
        cases = _taken(self.versions, chosen)
        number = np.full(len(self.ids), -1, dtype=np.int64)
        number[cases["case"].to_numpy()] = np.arange(len(cases))
        first = np.full(len(self.ids), -1, dtype=np.int64)
        first[code[::-1]] = rows[::-1]
        at_first = first[cases["case"].to_numpy()]
        if not np.array_equal(at_first, chosen):
            cases["known_at"] = self.versions["known_at"].array.take(at_first)
        cases.index.name = "case"
        return cases, number


@cache
def _names(model: type[DataFrameModel]) -> list[str]:
    return list(frames.empty(model))


def _nothing() -> tuple[CaseTable, NDArray[np.int64]]:
    table = CaseTable(frames.empty(frames.Cases), frames.empty(frames.Events))
    return table, np.empty(0, dtype=np.int64)


def _with_events(old: pd.DataFrame, events: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """The kept events and new ones, in their order."""
    if not len(events) and len(old.columns):
        return old
    case = _numbers(ids, events["case_id"])
    new = events.drop(columns="case_id").assign(case=case, days=events["days"].astype("Int16"))
    for name, words in zip(_WORDS, (EVENTS, ACTORS), strict=True):
        new[name] = pd.Categorical(new[name], categories=words)
    new = new[case >= 0]
    new = _taken(new, _order(new))
    frames.check(frames.Events, new[_names(frames.Events)])
    if not len(old):
        return new
    if len(new) > MOST_INSERTED:
        joined = pd.concat([old, new], ignore_index=True)
        return _taken(joined, _order(joined))
    at = _between(old, new)
    return pd.DataFrame({name: _inserted(old[name], at, new[name]) for name in old}, copy=False)


def _numbers(ids: pd.Index, of: pd.Series) -> NDArray[np.int64]:
    """The place of each text among the ids; -1 = it is none of them.

    By Arrow: an index of pandas would make Python's own texts of all the ids first.
    """
    mine, texts = (pa.array(one.array, type=pa.large_string()) for one in (ids, of))
    found: NDArray[np.int64] = pc.index_in(texts, value_set=mine).fill_null(-1).to_numpy()
    return found.astype(np.int64)


def _inserted(old: pd.Series, at: NDArray[np.int64], new: pd.Series) -> Any:
    """The values of a column with new ones before the given places, which rise; in one pass each,
    where joining and sorting would take ten."""
    if old.dtype == "str":
        mine, more = (pa.chunked_array(pa.array(one.array)).combine_chunks() for one in (old, new))
        ends = [*at[1:].tolist(), len(mine)]
        pieces = [mine.slice(0, int(at[0]))] if len(at) else [mine]
        for number, (start, end) in enumerate(zip(at.tolist(), ends, strict=True)):
            pieces.append(more.slice(number, 1))
            if end > start:
                pieces.append(mine.slice(start, end - start))
        return pd.array(pa.concat_arrays(pieces), dtype="str")
    if isinstance(old.dtype, pd.CategoricalDtype):
        codes = np.insert(old.cat.codes.to_numpy(), at, new.cat.codes.to_numpy())
        return pd.Categorical.from_codes(codes, dtype=old.dtype)
    if isinstance(old.dtype, pd.DatetimeTZDtype):
        mine, more = (one.to_numpy(dtype="datetime64[us]") for one in (old, new))
        return pd.DatetimeIndex(np.insert(mine, at, more), tz="UTC")
    if isinstance(old.dtype, pd.Int16Dtype):
        mine, more = (one.to_numpy(dtype=np.int16, na_value=0) for one in (old, new))
        gaps = np.insert(old.isna().to_numpy(), at, new.isna().to_numpy())
        return pd.arrays.IntegerArray(np.insert(mine, at, more), gaps)
    return np.insert(old.to_numpy(), at, new.to_numpy())


def _order(events: pd.DataFrame) -> NDArray[np.int64]:
    occurred = events["occurred_at"].to_numpy(dtype="datetime64[us]")
    return np.lexsort((events["id"], occurred, events["case"]))


def _between(old: pd.DataFrame, new: pd.DataFrame) -> NDArray[np.int64]:
    """Before which kept event each new one stands: its own case's later ones, by when it
    happened; of the same moment the kept ones come first."""
    case, at = old["case"].to_numpy(), old["occurred_at"].to_numpy(dtype="datetime64[us]")
    first = np.searchsorted(case, new["case"].to_numpy())
    last = np.searchsorted(case, new["case"].to_numpy(), side="right")
    moments = new["occurred_at"].to_numpy(dtype="datetime64[us]")
    found = [
        start + np.searchsorted(at[start:end], moment, side="right")
        for start, end, moment in zip(first, last, moments, strict=True)
    ]
    return np.array(found, dtype=np.int64)


def _joined(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    joined = new if not len(old) else pd.concat([old, new], ignore_index=True)
    return one_piece(joined)


def one_piece(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with every column of texts in one piece: taking rows out of many is slow."""
    texts = {}
    for name, column in frame.items():
        if column.dtype == "str":
            pieces = pa.chunked_array(pa.array(column.array))
            if pieces.num_chunks > 1:
                whole = pd.array(pieces.combine_chunks(), dtype="str")
                texts[str(name)] = pd.Series(whole, index=frame.index)
    return frame.assign(**texts) if texts else frame


def _taken(frame: pd.DataFrame, rows: NDArray[np.int64]) -> pd.DataFrame:
    return frame.take(rows).reset_index(drop=True)
