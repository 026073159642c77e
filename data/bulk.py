"""Taking over many cases at once: an older system's ledger, an open-data extract, the demo county.

Everything carries its own times: what that system knew when (`known_at`) becomes
`source_recorded_at`; `recorded_at` is now, as for everything else.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import cast

import numpy as np
import pandas as pd
import sqlalchemy as sa

from . import audit, receipts, texts
from .bulk_tables import (
    BULK_CACHE_KB,
    USUAL_CACHE_KB,
    Bound,
    Columns,
    Inserting,
    Progress,
    make_room,
)
from .db import Db
from .file_names import logged
from .keys import Keys
from .record import new_case_ids
from .redact_many import Cleaned
from .schema import (
    case_event,
    case_text,
    case_version,
    excused_day,
    filing,
    receipt,
    source_ref,
    text_key,
)
from .scope import Scope

CASE_COLUMNS = (
    "opened_at", "known_at", "township_code", "grid_code", "domain", "category", "kind", "channel",
    "amount_band", "procedure", "body_id", "desk", "limit_at", "needs_confirmation",
)  # fmt: skip
"""Columns a bulk table of cases must have; `source_id`, `summary` and `pack` may be there."""
EVENT_COLUMNS = (
    "case", "event", "occurred_at", "known_at", "actor", "body_id", "to_body_id", "days", "code",
)  # fmt: skip
"""Columns a bulk table of events must have; `words` (JSON of parts) may be there."""


def take_over(
    db: Db,
    scope: Scope,
    cases: pd.DataFrame,
    events: pd.DataFrame,
    *,
    source_name: str,
    with_receipts: bool = False,
    changed: Callable[[], Cleaned] | None = None,
    keys: pd.Series | None = None,
    by_id: bool = False,
    progress: Progress = lambda what, done, of: None,
) -> tuple[int, int]:
    """Store cases and their events in one transaction.

    Args:
        cases: `CASE_COLUMNS` on the index that `events["case"]` refers to; instants in UTC. Without
            a `pack` of their own (their category's) they run by the county's.
        events: `EVENT_COLUMNS`.
        source_name: the file's name or what made the rows; see `file_names.logged`.
        changed: waits for what the redactor made of the summaries (`redact_many.looking`), asked
            when they are sealed; None = they are cleaned here, one by one.
        keys: `source_keys` of the cases, where the caller has made them; on the same index.
        by_id: store the steps in the order of their cases' random ids: many are stored sooner, for
            an index is filled one page after the other.
        with_receipts: also make a receipt per case, opened when the case was `confirmed`.

    Raises:
        NotAllowed: neither the operator nor an administrator, who takes over and reads no case.

    Returns:
        (cases added, cases left out because their `source_id` was taken over before).
    """
    scope.need("operator", "administrator")
    county_pack = db.county().pack
    with db.write() as conn:
        at = db.stamp(conn)
        keys = source_keys(db.keys, cases) if keys is None else keys
        repeats = _known_keys(conn, keys)
        new = cases[~keys.isin(repeats)] if keys is not None else cases
        ids = new_case_ids(len(new))
        confirmed_at = events[events["event"] == "confirmed"].groupby("case")["occurred_at"].min()
        unconfirmed = new["needs_confirmation"] & ~new.index.isin(confirmed_at.index)
        rows = new[list(CASE_COLUMNS)].rename(columns={"known_at": "source_recorded_at"})
        rows["grid_code"] = rows["grid_code"].mask(unconfirmed)
        rows = rows.assign(case_id=ids, recorded_at=at, pack=new.get("pack", county_pack))
        make_room(conn, BULK_CACHE_KB)
        with Inserting(conn, progress) as into:
            into(case_version, rows)
            if keys is not None:
                pairs = zip(keys[new.index].tolist(), ids, strict=True)
                named = sorted(pair for pair in pairs if isinstance(pair[0], str))
                into(source_ref, pd.DataFrame(named, columns=["source_key", "case_id"]))
            of_case = pd.Series(ids, new.index, dtype="str")
            event_rows = _event_rows(events, of_case.sort_values() if by_id else of_case, at)
            told = _Texts(db, new, ids, unconfirmed.tolist(), at)
            event_rows["text_id"] = told.seal_words(event_rows)
            into(case_event, event_rows.drop(columns="words"))
            into(text_key, told.key_columns())
            told.seal(changed)
            into(case_text, told.text_columns())
            if with_receipts:
                into(receipt, pd.DataFrame(_receipt_rows(db, new, ids, confirmed_at)))
        name = logged(db, source_name)
        audit.write(db, conn, scope, "taken_over", name, reason=str(len(new)))
        make_room(conn, USUAL_CACHE_KB)
    return len(new), len(cases) - len(new)


def taken_before(db: Db, scope: Scope, keys: pd.Series) -> pd.Series:
    """Whether each case's own number (`source_keys`) was taken over before: bool, same index."""
    scope.need("operator", "administrator")
    with db.read() as conn:
        return keys.isin(_known_keys(conn, keys))


def take_over_filings(
    db: Db, scope: Scope, filings: pd.DataFrame, excused: pd.DataFrame, *, source_name: str
) -> None:
    """Store filings (`frames.Filings` plus `revision`) and excused days of an older system."""
    scope.need("operator")
    with db.write() as conn:
        at = db.stamp(conn)
        rows = filings.assign(
            period=_days(filings["period"]), recorded_at=at, source_recorded_at=filings["filed_at"]
        )
        Bound(filing, rows, conn.dialect).insert(conn, lambda *_: None)
        known = excused.get("recorded_at")
        days = excused.assign(
            period=_days(excused["period"]), recorded_at=at if known is None else known.fillna(at)
        )
        Bound(excused_day, days, conn.dialect).insert(conn, lambda *_: None)
        named = logged(db, source_name)
        audit.write(db, conn, scope, "filings_taken_over", named, reason=str(len(rows)))


def _days(midnights: pd.Series) -> list[dt.date]:
    return [moment.date() for moment in midnights.dt.to_pydatetime()]


def source_keys(keys: Keys, cases: pd.DataFrame) -> pd.Series | None:
    """The keyed hashes of the cases' own numbers at their desk, as the record keeps them; None
    where no case has one."""
    if "source_id" not in cases or cases["source_id"].isna().all():
        return None
    named = cases["desk"] + ":" + cases["source_id"]
    stated = named.dropna()
    return pd.Series(keys.digest_many("source", stated.tolist()), stated.index).reindex(named.index)


def _known_keys(conn: sa.Connection, keys: pd.Series | None) -> set[str]:
    if keys is None:
        return set()
    there = set(conn.execute(sa.select(source_ref.c.source_key)).scalars())
    return there & set(keys) if there else there


class _Texts:
    """The texts of many cases, sealed one after the other; a case without any has no key."""

    def __init__(
        self, db: Db, cases: pd.DataFrame, ids: list[str], unconfirmed: list[bool], at: dt.datetime
    ) -> None:
        nothing = [None] * len(cases)
        summaries = cases["summary"].tolist() if "summary" in cases else nothing
        grids = cases["grid_code"].tolist()
        self._said = {i: s for i, s in zip(ids, summaries, strict=True) if isinstance(s, str)}
        self._places = {
            i: json.dumps({"grid_code": grid})
            for i, hidden, grid in zip(ids, unconfirmed, grids, strict=True)
            if hidden and isinstance(grid, str)
        }
        with_text = [i for i in ids if i in self._said or i in self._places]
        self._db, self._at = db, at
        self._keys, self._version, self._wrapped = texts.new_keys(db, with_text)
        self._sealed: list[tuple[object, ...]] = []

    def seal_words(self, event_rows: pd.DataFrame) -> list[object]:
        """Ids of the sealed words of each event, None without any; words without a key get one."""
        found: list[object] = [None] * len(event_rows)
        spoken = event_rows["words"].notna().to_numpy().nonzero()[0].tolist()
        said = event_rows[["case_id", "words"]].iloc[spoken]
        for place, case_id, words in zip(
            spoken, said["case_id"].tolist(), said["words"].tolist(), strict=True
        ):
            if case_id not in self._keys:
                key, row = texts.new_key(self._db, case_id, self._at)
                self._keys[case_id], self._wrapped[case_id] = key, cast("bytes", row["wrapped"])
            found[place] = self._seal(case_id, "words", words)
        return found

    def seal(self, changed: Callable[[], Cleaned] | None) -> None:
        """Seal places, then summaries, cleaned of persons; see `take_over` for `changed`."""
        for case_id, place in self._places.items():
            self._seal(case_id, "place", place)
        is_clean = changed is not None
        clean = {} if changed is None else changed()
        said = {i: clean.get(text, text) for i, text in self._said.items()}
        self._sealed += texts.sealed_summaries(self._keys, said, is_clean=is_clean)

    def _seal(self, case_id: str, part: str, text: str) -> object:
        """The id of the sealed text."""
        row = texts.sealed_text(self._keys[case_id], case_id, part, text)
        self._sealed.append(tuple(row[name] for name in texts.TEXT_COLUMNS))
        return row["text_id"]

    # random keys in their order: the pages of an index are filled one after the other

    def key_columns(self) -> Columns:
        """Of `text_key`, by case."""
        ids = sorted(self._wrapped)
        return {
            "case_id": ids,
            "key_version": [self._version] * len(ids),
            "wrapped": [self._wrapped[i] for i in ids],
            "made_at": pd.Series([self._at]).repeat(len(ids)),
        }

    def text_columns(self) -> Columns:
        """Of `case_text`, by case."""
        rows = sorted(self._sealed)
        return {name: [row[n] for row in rows] for n, name in enumerate(texts.TEXT_COLUMNS)}


def _event_rows(events: pd.DataFrame, ids: pd.Series, at: dt.datetime) -> pd.DataFrame:
    """The steps of the cases that are new, with the ids of those (`ids`, by case).

    Where the ids are in their own order, the steps come in that of their cases' ids."""
    place = ids.index.get_indexer(pd.Index(events["case"]))
    order = (
        np.argsort(place, kind="stable") if ids.is_monotonic_increasing else np.arange(len(place))
    )
    order = order[place[order] >= 0]
    rows = events[list(EVENT_COLUMNS)].take(order)
    rows = rows.rename(columns={"known_at": "source_recorded_at"}).drop(columns="case")
    return rows.assign(
        case_id=ids.take(place[order]).array,
        recorded_at=at,
        days=rows["days"].astype("Int16"),
        words=events["words"].take(order) if "words" in events else None,
    )


def _receipt_rows(
    db: Db, cases: pd.DataFrame, ids: list[str], confirmed_at: pd.Series
) -> list[dict[str, object]]:
    rows = []
    issued = cases["known_at"].dt.to_pydatetime()
    opened = confirmed_at.dt.to_pydatetime() if len(confirmed_at) else []
    first = dict(zip(confirmed_at.index, opened, strict=True))
    for case, case_id, desk, at in zip(cases.index, ids, cases["desk"], issued, strict=True):
        row = receipts.row(db, case_id, receipts.new_code(), desk, at)
        rows.append({**row, "first_opened_at": first.get(case)})
    return rows
