"""A copy of the record for the residents' server outside, where no line leads in (docs/air-gap.md).

It holds what the resident's pages need (`data.separation` lists it, column by column) of the cases
that have a receipt, and nothing else: no account, session, filing, score, refused row or sender's
number, no grid, and of the audit log only when a text was opened, by the month.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from . import audit
from .db import Db, make_engine, migrate
from .errors import ConfigError
from .instant import EPOCH
from .keys import RESIDENTS_PURPOSES, Keys
from .schema import metadata
from .scope import Scope
from .scores import DECISIONS
from .separation import OF_A_CASE, PUBLIC

COPY = "copy"
"""The purpose under which the key file outside holds the copy's own key."""
COPIED_OUT = "copied_out"
_CHUNK = 2_000
_ONE = dt.timedelta(microseconds=1)
_BLANK: dict[str, dict[str, object]] = {
    "flag": {
        "as_of": EPOCH, "probability": 0.0, "level": "", "model_version": "", "reasons": "",
    },
    "audit": {"who": "", "previous": "", "hash": ""},
}  # fmt: skip
"""What stands in columns that may not be empty and are not carried."""


@dataclass(frozen=True)
class Copy:
    """One copy: its id, the moment up to which it is complete, how many cases it holds."""

    copy_id: str
    as_of: dt.datetime
    cases: int


def copy_out(db: Db, scope: Scope, out: Path, keys_out: Path) -> Copy:
    """Write the copy and its keys as two new files (0600); noted in the log.

    It is one state of the record; the office goes on writing meanwhile.

    Raises:
        NotAllowed: not the server's operator.
        ConfigError: a file is there already or cannot be written, or this database is itself a
            copy. Nothing is left behind.
    """
    scope.need("operator")
    if db.county().copied_at is not None:
        raise ConfigError("airgap.error.is_copy")
    for path in (out, keys_out):
        if path.exists():
            raise ConfigError("airgap.error.exists", path=path)
    copy_id = secrets.token_hex(8)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        made = _write(db, scope, out, copy_id)
        held = {purpose: db.keys.material[purpose] for purpose in RESIDENTS_PURPOSES}
        keys = Keys(held | {COPY: {1: copy_keys(db.keys, copy_id)[0]}})
        keys.save(keys_out, (*RESIDENTS_PURPOSES, COPY))
    except BaseException as err:
        for left in (out, Path(f"{out}-wal"), Path(f"{out}-shm")):
            left.unlink(missing_ok=True)
        if isinstance(err, OSError):
            reason = err.strerror or str(err)
            raise ConfigError("airgap.error.not_written", path=out, reason=reason) from err
        raise
    return made


def copy_keys(keys: Keys, copy_id: str) -> list[bytes]:
    """The key of a copy, made from the key that never leaves; under every version, newest first."""
    return [bytes.fromhex(made) for made in keys.digests("source", f"copy:{copy_id}")]


def _write(db: Db, scope: Scope, out: Path, copy_id: str) -> Copy:
    engine = make_engine(f"sqlite:///{out}")
    try:
        migrate(engine)
        with ExitStack() as stack:
            with db.write() as conn:  # nobody else writes between the stamp and the first read
                audit.write(db, conn, scope, COPIED_OUT, copy_id)
                as_of = db.stamp(conn)
                source = stack.enter_context(_one_state(db))
            target = stack.enter_context(engine.begin())
            target.execute(metadata.tables["last_stamp"].delete())
            for name in (*PUBLIC, *OF_A_CASE):
                if name in metadata.tables:
                    for rows in _rows(source, name, as_of):
                        target.execute(metadata.tables[name].insert(), rows)
            target.execute(
                metadata.tables["meta"].insert(),
                [
                    {"key": "copy_id", "value": copy_id},
                    {"key": "copied_at", "value": as_of.isoformat()},
                ],
            )
            version = metadata.tables["case_version"].c.case_id
            cases = target.execute(sa.select(sa.func.count(sa.distinct(version)))).scalar_one()
    finally:
        engine.dispose()  # folds the write-ahead log into the one file that is carried
    return Copy(copy_id, as_of, int(cases))


@contextmanager
def _one_state(db: Db) -> Iterator[sa.Connection]:
    """A connection that sees the record as it is at this moment, however long it reads."""
    with db.engine.connect() as plain:
        options: dict[str, Any] = {"zaojie_read": True}
        if db.engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        conn = plain.execution_options(**options)
        conn.execute(sa.select(metadata.tables["meta"].c.key).limit(1)).all()
        yield conn


def _rows(conn: sa.Connection, name: str, as_of: dt.datetime) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table that are carried, in pieces, as the copy holds them."""
    table = metadata.tables[name]
    columns = PUBLIC[name] if name in PUBLIC else OF_A_CASE[name]
    query = sa.select(*(table.c[column] for column in columns))
    if name in OF_A_CASE:
        query = query.where(_carried(table))
    for rows in conn.execute(query).mappings().partitions(_CHUNK):
        yield [_as_carried(name, dict(row), as_of) for row in rows]


def _carried(table: sa.Table) -> sa.ColumnElement[bool]:
    tables = metadata.tables
    cases = sa.select(tables["receipt"].c.case_id)
    if table.name == "assignment_event":
        assignment = tables["assignment"].c
        of_cases = sa.select(assignment.assignment_id).where(assignment.case_id.in_(cases))
        return table.c.assignment_id.in_(of_cases)
    if table.name == "backlog_step":
        plan = tables["backlog_plan"].c
        return table.c.plan_id.in_(sa.select(plan.plan_id).where(plan.case_id.in_(cases)))
    if table.name == "flag_event":
        flags = sa.select(tables["flag"].c.flag_id).where(tables["flag"].c.case_id.in_(cases))
        return table.c.flag_id.in_(flags) & table.c.event.in_(DECISIONS)
    if table.name == "audit":
        return (table.c.action == "text_opened") & table.c.target.in_(cases)
    if table.name == "case_text":  # a place under seal stays inside until its case is confirmed
        return table.c.case_id.in_(cases) & (table.c.part != "place")
    return table.c.case_id.in_(cases)


def _as_carried(name: str, row: dict[str, Any], as_of: dt.datetime) -> dict[str, Any]:
    row |= _BLANK.get(name, {})
    if name == "audit":  # the page says the month
        at = row["at"].astimezone(dt.UTC)
        row["at"] = dt.datetime(at.year, at.month, 1, tzinfo=dt.UTC)
    elif name == "case_version":
        row["grid_code"] = None
    elif name == "last_stamp":  # what is said outside is always later than what was copied
        row["at"] = as_of + _ONE
    return row
