"""Anchors: one line about the whole record, printed each day and kept where the server is not.

The audit log's hashes have no key: whoever owns the database can cut its tail, put an older copy
back, or change an entry and compute the chain anew. Against a line that was printed before, that
is found. Evidence, not prevention (SECURITY.md).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit
from .db import Db
from .errors import ConfigError
from .instant import EPOCH
from .schema import APPEND_ONLY, last_stamp, metadata
from .schema import audit as log
from .scope import Scope

BOOKKEEPING = ("run", "run_step", "notice", "notice_try")
"""What the machine noted of its own nights: no part of the record."""
RECORD = tuple(
    name for name in APPEND_ONLY
    if name not in ("audit", "model", "score", *BOOKKEEPING)
    and "id" in metadata.tables[name].columns
)  # fmt: skip
"""The tables an anchor covers row by row, in the order of its numbers. Scores are not among them:
a large county writes millions, and what became of a flag is covered. New tables stand at the end of
`APPEND_ONLY`, so that a line printed by an earlier version covers the first of these."""
EARLIER = (12,)
"""How many tables the anchors of earlier versions cover; their lines are verified for good."""
NAME = "zaojie-anchor"
_LINE = re.compile(
    rf"{NAME} (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{6}}Z) log (\d+) ([0-9a-f]{{64}}) "
    rf"rows (\d+(?:,\d+)*) ([0-9a-f]{{64}})"
)


@dataclass(frozen=True)
class Anchor:
    """What stood in a database at a moment.

    at: of the newest log entry (aware). entry, entry_hash: its number and hash.
    newest: of each table of `RECORD` (of an earlier version's line: of the first ones) the greatest
        row number, 0 = none yet.
    rows_hash: SHA-256 over all those rows.
    """

    at: dt.datetime
    entry: int
    entry_hash: str
    newest: tuple[int, ...]
    rows_hash: str

    def line(self) -> str:
        """The line to print."""
        at = self.at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        rows = ",".join(str(number) for number in self.newest)
        return f"{NAME} {at} log {self.entry} {self.entry_hash} rows {rows} {self.rows_hash}"


@dataclass(frozen=True)
class Broken:
    """What does not fit: a catalogue key under `audit.broken.` and what goes into it."""

    key: str
    values: dict[str, object]


def parse(text: str) -> list[Anchor]:
    """Every anchor in a text, in its order; other lines are passed over.

    Raises:
        ConfigError: the text holds none, or one that covers other tables than this version.
    """
    found = []
    for match in _LINE.finditer(" ".join(text.split())):
        at = dt.datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=dt.UTC)
        newest = tuple(int(number) for number in match[4].split(","))
        if len(newest) not in (*EARLIER, len(RECORD)):
            raise ConfigError("audit.error.other_anchor")
        found.append(Anchor(at, int(match[2]), match[3], newest, match[5]))
    if not found:
        raise ConfigError("audit.error.no_anchor")
    return found


def make(db: Db, scope: Scope) -> Anchor | None:
    """The anchor of this moment; None while the log is empty.

    Raises:
        NotAllowed: neither the administrator nor the operator.
    """
    scope.need("administrator", "operator")
    with db.read() as conn:
        last = conn.execute(
            sa.select(log.c.at, log.c.id, log.c.hash).order_by(log.c.id.desc()).limit(1)
        ).first()
        if last is None:
            return None
        newest = tuple(
            conn.scalar(sa.select(sa.func.max(metadata.tables[name].c.id))) or 0 for name in RECORD
        )
        return Anchor(last.at, last.id, last.hash, newest, _rows_hash(conn, newest))


def check(db: Db, scope: Scope, anchors: list[Anchor]) -> list[Broken]:
    """What does not fit: in the log itself, then against each anchor; empty = all fits.

    Found in the log itself: an entry changed, removed from the middle, inserted or reordered, and
    a clock that was set back. Against an anchor also: a tail that was cut, an older copy put back,
    a chain computed anew, and rows of the record that were changed, removed or slipped in.

    Raises:
        NotAllowed: neither the administrator nor the operator.
    """
    scope.need("administrator", "operator")
    found = []
    broken = audit.first_broken(db, scope)
    if broken is not None:
        found.append(Broken("chain", {"id": broken}))
    with db.read() as conn:
        found += _clock(conn)
        for anchor in anchors:
            found += _against(conn, anchor)
    return found


def _clock(conn: sa.Connection) -> Iterator[Broken]:
    """Moments of the log that go back, and entries in which the server noticed its own clock."""
    before = EPOCH
    for number, at, action in conn.execute(
        sa.select(log.c.id, log.c.at, log.c.action).order_by(log.c.id)
    ):
        if at < before:
            yield Broken("time_goes_back", {"id": number})
        if action == audit.CLOCK_SET_BACK:
            yield Broken("clock_set_back", {"id": number})
        before = max(before, at)
    if before > conn.execute(sa.select(last_stamp.c.at)).scalar_one():
        yield Broken("stamp_set_back", {})


def _against(conn: sa.Connection, anchor: Anchor) -> Iterator[Broken]:
    day = anchor.at.strftime("%Y-%m-%d %H:%M UTC")
    last = conn.scalar(sa.select(sa.func.max(log.c.id))) or 0
    there = conn.execute(
        sa.select(log.c.at, log.c.hash).where(log.c.id == anchor.entry)
    ).first()  # fmt: skip
    if there is None:
        yield Broken("cut", {"day": day, "id": anchor.entry, "last": last})
    elif there.hash != anchor.entry_hash or there.at != anchor.at:
        yield Broken("rebuilt", {"day": day, "id": anchor.entry})
    if _rows_hash(conn, anchor.newest) != anchor.rows_hash:
        yield Broken("rows", {"day": day})


def _rows_hash(conn: sa.Connection, newest: tuple[int, ...]) -> str:
    """SHA-256 over every row up to those numbers, table by table."""
    digest = hashlib.sha256()
    for name, until in zip(RECORD, newest, strict=False):  # an earlier line covers fewer tables
        table = metadata.tables[name]
        digest.update(f"{name} {until}\n".encode())
        rows = conn.execution_options(yield_per=5000).execute(
            sa.select(*sorted(table.columns, key=lambda column: column.name))
            .where(table.c.id <= until)
            .order_by(table.c.id)
        )
        for row in rows:
            digest.update(repr(tuple(row)).encode())
            digest.update(b"\n")
    return digest.hexdigest()
