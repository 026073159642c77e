"""Taking over many cases at once: an older system's ledger, an open-data extract, the demo county.

Everything carries its own times: what that system knew when (`known_at`) becomes
`source_recorded_at`; `recorded_at` is now, as for everything else.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import sqlalchemy as sa

from . import audit, receipts, texts
from .db import Db
from .file_names import logged
from .instant import Instant
from .record import new_case_ids
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

BATCH = 20_000
"""Rows that go to the database at once; what is reported as done in between."""
BULK_CACHE_KB, USUAL_CACHE_KB = 65_536, 2_000
"""SQLite's memory for pages while many rows are stored, and what it has by itself."""
Progress = Callable[[str, int, int], None]
"""Called with (what, done, of)."""


def take_over(
    db: Db,
    scope: Scope,
    cases: pd.DataFrame,
    events: pd.DataFrame,
    *,
    source_name: str,
    with_receipts: bool = False,
    is_clean: bool = False,
    progress: Progress = lambda what, done, of: None,
) -> tuple[int, int]:
    """Store cases and their events in one transaction.

    Args:
        cases: `CASE_COLUMNS` on the index that `events["case"]` refers to; instants in UTC. Without
            a `pack` of their own (their category's) they run by the county's.
        events: `EVENT_COLUMNS`.
        source_name: the file's name or what made the rows; see `file_names.logged`.
        is_clean: the summaries come from the redactor already (`mapped.apply_mapping`), which
            changes nothing in what it has cleaned.
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
        keys = _source_keys(db, cases)
        repeats = _known_keys(conn, keys)
        new = cases[~keys.isin(repeats)] if keys is not None else cases
        ids = new_case_ids(len(new))
        confirmed_at = events[events["event"] == "confirmed"].groupby("case")["occurred_at"].min()
        unconfirmed = new["needs_confirmation"] & ~new.index.isin(confirmed_at.index)
        sealed, key_rows = _texts(db, new, ids, unconfirmed.tolist(), at, is_clean)
        rows = new[list(CASE_COLUMNS)].rename(columns={"known_at": "source_recorded_at"})
        rows["grid_code"] = rows["grid_code"].mask(unconfirmed)
        rows = rows.assign(case_id=ids, recorded_at=at, pack=new.get("pack", county_pack))
        event_rows = _event_rows(events, dict(zip(new.index, ids, strict=True)), at)
        _make_room(conn, BULK_CACHE_KB)
        event_rows["text_id"] = _seal_words(db, event_rows, key_rows, sealed, at)
        _insert(conn, case_version, rows, progress)
        _insert(conn, case_event, event_rows.drop(columns="words"), progress)
        _insert(conn, text_key, pd.DataFrame(list(key_rows.values())), progress)
        _insert(conn, case_text, pd.DataFrame(sealed), progress)
        if keys is not None:
            named = pd.DataFrame({"source_key": keys[new.index].tolist(), "case_id": ids})
            _insert(conn, source_ref, named, progress)
        if with_receipts:
            slips = pd.DataFrame(_receipt_rows(db, new, ids, confirmed_at))
            _insert(conn, receipt, slips, progress)
        name = logged(db, source_name)
        audit.write(db, conn, scope, "taken_over", name, reason=str(len(new)))
        _make_room(conn, USUAL_CACHE_KB)
    return len(new), len(cases) - len(new)


def taken_before(db: Db, scope: Scope, cases: pd.DataFrame) -> pd.Series:
    """Whether each case's own number was taken over before: bool on the index of `cases`."""
    scope.need("operator", "administrator")
    with db.read() as conn:
        keys = _source_keys(db, cases)
        if keys is None:
            return pd.Series(False, index=cases.index)
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
        _insert(conn, filing, rows, lambda *_: None)
        known = excused.get("recorded_at")
        days = excused.assign(
            period=_days(excused["period"]), recorded_at=at if known is None else known.fillna(at)
        )
        _insert(conn, excused_day, days, lambda *_: None)
        named = logged(db, source_name)
        audit.write(db, conn, scope, "filings_taken_over", named, reason=str(len(rows)))


def _days(midnights: pd.Series) -> list[dt.date]:
    return [moment.date() for moment in midnights.dt.to_pydatetime()]


def _source_keys(db: Db, cases: pd.DataFrame) -> pd.Series | None:
    if "source_id" not in cases or cases["source_id"].isna().all():
        return None
    named = cases["desk"] + ":" + cases["source_id"]
    stated = named.dropna()
    return pd.Series(db.keys.digest_many("source", stated.tolist()), stated.index).reindex(
        named.index
    )


def _known_keys(conn: sa.Connection, keys: pd.Series | None) -> set[str]:
    if keys is None:
        return set()
    return set(conn.execute(sa.select(source_ref.c.source_key)).scalars()) & set(keys)


def _texts(
    db: Db, cases: pd.DataFrame, ids: list[str], unconfirmed: list[bool], at: dt.datetime,
    is_clean: bool,
) -> tuple[list[dict[str, object]], dict[str, dict[str, object]]]:  # fmt: skip
    """The sealed texts of cases, and by case the row of its key; none for a case without text."""
    nothing = [None] * len(cases)
    summaries = cases["summary"].tolist() if "summary" in cases else nothing
    grids = cases["grid_code"].tolist()
    said = {i: s for i, s in zip(ids, summaries, strict=True) if isinstance(s, str)}
    places = {
        i: json.dumps({"grid_code": grid})
        for i, hidden, grid in zip(ids, unconfirmed, grids, strict=True)
        if hidden and isinstance(grid, str)
    }
    keys, key_rows = texts.new_keys(db, [i for i in ids if i in said or i in places], at)
    sealed = [
        texts.sealed_text(keys[i], i, "summary", text, is_clean=is_clean)
        for i, text in said.items()
    ]
    sealed += [texts.sealed_text(keys[i], i, "place", text) for i, text in places.items()]
    return sealed, key_rows


def _event_rows(events: pd.DataFrame, of_case: dict[object, str], at: dt.datetime) -> pd.DataFrame:
    """The steps of the cases that are new, with the ids of those."""
    rows = events[list(EVENT_COLUMNS)].rename(columns={"known_at": "source_recorded_at"})
    rows = rows.assign(
        case_id=rows.pop("case").map(of_case),
        recorded_at=at,
        days=rows["days"].astype("Int16"),
        words=events.get("words"),
    )
    return rows[rows["case_id"].notna()]


def _seal_words(
    db: Db,
    event_rows: pd.DataFrame,
    key_rows: dict[str, dict[str, object]],
    sealed: list[dict[str, object]],
    at: dt.datetime,
) -> list[object]:
    """Ids of the sealed words of each event, None without any; words without a key get one."""
    found: list[object] = [None] * len(event_rows)
    spoken = event_rows["words"].notna().to_numpy().nonzero()[0].tolist()
    said = event_rows[["case_id", "words"]].iloc[spoken]
    for place, case_id, words in zip(
        spoken, said["case_id"].tolist(), said["words"].tolist(), strict=True
    ):
        if case_id not in key_rows:
            key, key_rows[case_id] = texts.new_key(db, case_id, at)
        else:
            kept = key_rows[case_id]
            key = db.keys.unwrap("text", kept["key_version"], kept["wrapped"], case_id)  # type: ignore[arg-type]
        text = texts.sealed_text(key, case_id, "words", words)
        sealed.append(text)
        found[place] = text["text_id"]
    return found


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


def _make_room(conn: sa.Connection, kb: int) -> None:
    """Memory for the pages of this connection: random keys touch every page of their index."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(f"PRAGMA cache_size={-kb}")


def _insert(conn: sa.Connection, table: sa.Table, rows: pd.DataFrame, progress: Progress) -> None:
    """Store a table's columns; whole columns are bound at once, not each cell by itself."""
    if rows.empty:
        return
    # compiled once: the same statement as for one row, without its cost for each of many
    made = table.insert().compile(dialect=conn.dialect, column_keys=list(rows))
    names = made.positiontup or list(rows)
    columns = [_bound(rows[name], table.c[name], conn.dialect) for name in names]
    whole = list(zip(*columns, strict=True))
    for start in range(0, len(whole), BATCH):
        part = whole[start : start + BATCH]
        named = part if made.positional else [dict(zip(names, row, strict=True)) for row in part]
        conn.exec_driver_sql(str(made), named)
        progress(table.name, min(start + BATCH, len(whole)), len(whole))


def _bound(values: pd.Series, column: sa.Column[Any], dialect: sa.Dialect) -> list[object]:
    """A column's values as the driver takes them; None for missing, whatever the type."""
    kind = column.type
    if values.dtype.kind == "M" and isinstance(kind, Instant):
        moments = values.dt.as_unit("us")
        plain = moments.astype("int64").astype(object).where(moments.notna(), None)
        return list(plain)
    plain = list(values.astype(object).where(values.notna(), None))
    bind = kind.dialect_impl(dialect).bind_processor(dialect)
    if bind is None or isinstance(kind, sa.LargeBinary):  # bytes are taken as they are
        return plain
    return [bind(value) for value in plain]
