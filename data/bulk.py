"""Taking over many cases at once: an older system's ledger, an open-data extract, the demo county.

Everything carries its own times: what that system knew when (`known_at`) becomes
`source_recorded_at`; `recorded_at` is now, as for everything else.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pandas as pd
import sqlalchemy as sa

from . import audit, receipts, texts
from .db import Db
from .record import new_case_ids
from .redact import redact
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
        source_name: the file's name or what made the rows; stands in the audit log.
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
        ids = pd.Series(new_case_ids(len(new)), index=new.index)
        rows = _records(new[list(CASE_COLUMNS)].rename(columns={"known_at": "source_recorded_at"}))
        confirmed_at = events[events["event"] == "confirmed"].groupby("case")["occurred_at"].min()
        unconfirmed = new["needs_confirmation"] & ~new.index.isin(confirmed_at.index)
        sealed, key_rows = _texts(db, new, ids, unconfirmed, at, is_clean)
        packs = new["pack"] if "pack" in new else pd.Series(county_pack, index=new.index)
        for row, case_id, hidden, pack in zip(rows, ids, unconfirmed, packs, strict=True):
            row |= {"case_id": case_id, "recorded_at": at, "pack": pack}
            if hidden:
                row["grid_code"] = None
        event_rows = _event_rows(events[events["case"].isin(new.index)], ids, at)
        _seal_words(db, event_rows, key_rows, sealed, at)
        _insert(conn, case_version, rows, progress)
        _insert(conn, case_event, event_rows, progress)
        _insert(conn, text_key, list(key_rows.values()), progress)
        _insert(conn, case_text, sealed, progress)
        if keys is not None:
            known = keys[new.index]
            _insert(
                conn,
                source_ref,
                [{"source_key": k, "case_id": c} for k, c in zip(known, ids, strict=True)],
                progress,
            )
        if with_receipts:
            _insert(conn, receipt, _receipt_rows(db, new, ids, confirmed_at), progress)
        named = redact(source_name).text[:80]
        audit.write(db, conn, scope, "taken_over", named, reason=str(len(new)))
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
        rows = _records(filings)
        for row in rows:
            row |= {
                "period": _day(row["period"]),
                "recorded_at": at,
                "source_recorded_at": row["filed_at"],
            }
        _insert(conn, filing, rows, lambda *_: None)
        days = _records(excused)
        for row in days:
            row |= {"period": _day(row["period"]), "recorded_at": row.get("recorded_at") or at}
        _insert(conn, excused_day, days, lambda *_: None)
        named = redact(source_name).text[:80]
        audit.write(db, conn, scope, "filings_taken_over", named, reason=str(len(rows)))


def _day(midnight: object) -> dt.date:
    assert isinstance(midnight, dt.datetime)
    return midnight.date()


def _source_keys(db: Db, cases: pd.DataFrame) -> pd.Series | None:
    if "source_id" not in cases or cases["source_id"].isna().all():
        return None
    named = cases["desk"] + ":" + cases["source_id"]
    return named.map(lambda name: db.keys.digest("source", name))


def _known_keys(conn: sa.Connection, keys: pd.Series | None) -> set[str]:
    if keys is None:
        return set()
    return set(conn.execute(sa.select(source_ref.c.source_key)).scalars()) & set(keys)


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows with plain Python values; None for missing, whatever the column's type."""
    columns = []
    for name in frame:
        series = frame[name]
        if series.dtype.kind == "M":
            moments = series.array.to_pydatetime()
            columns.append([None if value is pd.NaT else value for value in moments])
        else:
            columns.append(series.astype(object).where(series.notna(), None).tolist())
    names = [str(name) for name in frame]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _texts(
    db: Db, cases: pd.DataFrame, ids: pd.Series, unconfirmed: pd.Series, at: object, is_clean: bool
) -> tuple[list[dict[str, object]], dict[str, dict[str, object]]]:
    sealed: list[dict[str, object]] = []
    key_rows: dict[str, dict[str, object]] = {}
    summaries = cases["summary"] if "summary" in cases else pd.Series(index=cases.index, dtype=str)
    for case_id, summary, hidden, grid in zip(
        ids, summaries.tolist(), unconfirmed, cases["grid_code"].tolist(), strict=True
    ):
        has_place = hidden and isinstance(grid, str)
        if not isinstance(summary, str) and not has_place:
            continue
        key, key_rows[case_id] = texts.new_key(db, case_id, at)  # type: ignore[arg-type]
        if isinstance(summary, str):
            sealed.append(texts.sealed_text(key, case_id, "summary", summary, is_clean=is_clean))
        if has_place:
            place = json.dumps({"grid_code": grid})
            sealed.append(texts.sealed_text(key, case_id, "place", place))
    return sealed, key_rows


def _event_rows(events: pd.DataFrame, ids: pd.Series, at: object) -> list[dict[str, object]]:
    columns = [*EVENT_COLUMNS, *(["words"] if "words" in events else [])]
    rows = _records(events[columns].rename(columns={"known_at": "source_recorded_at"}))
    of_case = dict(zip(ids.index, ids, strict=True))
    for row in rows:
        row["case_id"] = of_case[row.pop("case")]
        row["recorded_at"] = at
        row["days"] = None if row["days"] is None else int(row["days"])  # type: ignore[call-overload]
        row.setdefault("words", None)
    return rows


def _seal_words(
    db: Db,
    event_rows: list[dict[str, object]],
    key_rows: dict[str, dict[str, object]],
    sealed: list[dict[str, object]],
    at: object,
) -> None:
    """Replace each event's words by the id of its sealed text; words without a key get one."""
    for row in event_rows:
        words, case_id = row.pop("words"), str(row["case_id"])
        row["text_id"] = None
        if not isinstance(words, str):
            continue
        if case_id not in key_rows:
            key, key_rows[case_id] = texts.new_key(db, case_id, at)  # type: ignore[arg-type]
        else:
            kept = key_rows[case_id]
            key = db.keys.unwrap("text", kept["key_version"], kept["wrapped"], case_id)  # type: ignore[arg-type]
        text = texts.sealed_text(key, case_id, "words", words)
        sealed.append(text)
        row["text_id"] = text["text_id"]


def _receipt_rows(
    db: Db, cases: pd.DataFrame, ids: pd.Series, confirmed_at: pd.Series
) -> list[dict[str, object]]:
    rows = []
    issued = cases["known_at"].dt.to_pydatetime()
    opened = confirmed_at.dt.to_pydatetime() if len(confirmed_at) else []
    first = dict(zip(confirmed_at.index, opened, strict=True))
    for case, case_id, desk, at in zip(cases.index, ids, cases["desk"], issued, strict=True):
        row = receipts.row(db, case_id, receipts.new_code(), desk, at)
        rows.append({**row, "first_opened_at": first.get(case)})
    return rows


def _insert(
    conn: sa.Connection, table: sa.Table, rows: list[dict[str, object]], progress: Progress
) -> None:
    if not rows:
        return
    # compiled once: the same statement as for one row, without its cost for each of many
    made = table.insert().compile(dialect=conn.dialect, column_keys=list(rows[0]))
    names = made.positiontup or list(rows[0])
    bind = [table.c[name].type.dialect_impl(conn.dialect).bind_processor(conn.dialect)
            for name in names]  # fmt: skip
    for start in range(0, len(rows), BATCH):
        part = [
            tuple([row[n] if b is None else b(row[n]) for n, b in zip(names, bind, strict=True)])
            for row in rows[start : start + BATCH]
        ]
        named = part if made.positional else [dict(zip(names, row, strict=True)) for row in part]
        conn.exec_driver_sql(str(made), named)
        progress(table.name, min(start + BATCH, len(rows)), len(rows))
