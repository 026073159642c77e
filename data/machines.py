"""Machines that send cases for one desk: their tokens, what they sent, and what they sent before.

A token belongs to one body, one kind of door and one channel, and ends by itself. The lists are
closed: none is for police or stability work, and none reads, lists or exports (DOMAIN.md §2.14).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from . import audit, receipts, record
from .chunks import chunks
from .db import Db
from .errors import NotAllowed, NotFound, RowProblem
from .history import CaseHistory
from .reading import history_of_sent
from .receipts import Slip
from .redact import redact
from .rows import NewCase
from .schema import api_token, body, receipt, sent_before, sent_case, township
from .scope import MACHINE, Scope

KINDS = ("api", "open311")
"""The doors a token opens."""
CHANNELS = ("hotline", "online", "one_stop")
"""By which channels cases may come from a machine. On behalf needs somebody's word in each case
that they were asked, so it is a person's to send."""
LONGEST_DAYS = 366
KEPT = dt.timedelta(days=30)
"""How long an `Idempotency-Key` is known."""
PREFIX = "zj_"
MOST_KEY = 200
"""Characters of an `Idempotency-Key`."""


@dataclass(frozen=True)
class Machine:
    """A machine whose token is good: what it may send, and for which desk."""

    token_id: str
    label: str
    kind: str
    channel: str
    scope: Scope


@dataclass(frozen=True)
class TokenLine:
    """One token in the administrator's list; the token itself is in no list."""

    token_id: str
    label: str
    kind: str
    body_id: str
    channel: str
    made_at: dt.datetime
    expires_at: dt.datetime
    ended_at: dt.datetime | None

    def state(self, now: dt.datetime) -> str:
        """`ended` by hand, `expired` by itself, else `good`."""
        if self.ended_at is not None:
            return "ended"
        return "good" if now < self.expires_at else "expired"


class KeyUsed(NotAllowed):
    """The same `Idempotency-Key` came with another request; nothing was stored."""

    def __init__(self) -> None:
        super().__init__("machines.error.key_used")


@dataclass(frozen=True)
class Key:
    """An `Idempotency-Key` and the hash of the request it came with; both hashed, hex."""

    key_hash: str
    request_hash: str

    @classmethod
    def of(cls, key: str, request: bytes) -> Key:
        """The key of a request's body."""
        return cls(*(hashlib.sha256(part).hexdigest() for part in (key.encode(), request)))


@dataclass(frozen=True)
class SentRow:
    """What became of one right row.

    slip: its receipt, seen here once; None for a repeat whose code was opened already
    (`is_opened`), or whose case another sender registered.
    """

    row: int
    case_id: str
    is_repeat: bool
    slip: Slip | None
    is_opened: bool


@dataclass(frozen=True)
class Outcome:
    """What became of everything that was sent; is_replay: it had been stored before."""

    rows: tuple[SentRow, ...]
    problems: tuple[RowProblem, ...]
    notes: tuple[RowProblem, ...]
    is_replay: bool


def make_token(
    db: Db, scope: Scope, label: str, kind: str, body_id: str, channel: str, days: int
) -> tuple[TokenLine, str]:
    """Make a token; returns its line and the token itself, which is stored nowhere.

    Args:
        label: what the administrator calls the machine; cleaned of persons. days: until it ends.

    Raises:
        NotAllowed: not an administrator; a kind or channel outside the closed lists; no such
            body; no label; a span outside 1 to `LONGEST_DAYS`.
    """
    scope.need("administrator", "operator")
    if kind not in KINDS:
        raise NotAllowed("machines.error.kind", kinds=", ".join(KINDS))
    if channel not in CHANNELS:
        raise NotAllowed("machines.error.channel", channels=", ".join(CHANNELS))
    if not 1 <= days <= LONGEST_DAYS:
        raise NotAllowed("machines.error.days", most=LONGEST_DAYS)
    named = redact(label.strip()).text[:60]
    if not named:
        raise NotAllowed("machines.error.label")
    token = PREFIX + secrets.token_urlsafe(32)
    with db.write() as conn:
        if not conn.execute(sa.select(body.c.body_id).where(body.c.body_id == body_id)).first():
            raise NotAllowed("data.error.no_such_body")
        at = db.stamp(conn)
        line = TokenLine(
            secrets.token_hex(8), named, kind, body_id, channel, at, at + dt.timedelta(days=days),
            None,
        )  # fmt: skip
        conn.execute(api_token.insert().values(**vars(line), token_hash=_hash(token)))
        audit.write(db, conn, scope, "token_made", line.token_id, reason=f"{kind} {channel}")
    return line, token


def read_tokens(db: Db, scope: Scope) -> list[TokenLine]:
    """Every token ever made, the newest first.

    Raises:
        NotAllowed: not an administrator.
    """
    scope.need("administrator", "operator")
    columns = [api_token.c[name] for name in TokenLine.__dataclass_fields__]
    query = sa.select(*columns).order_by(api_token.c.made_at.desc(), api_token.c.token_id)
    with db.read() as conn:
        return [TokenLine(*row) for row in conn.execute(query)]


def end_token(db: Db, scope: Scope, token_id: str) -> None:
    """End a token at once; what it sent stays.

    Raises:
        NotAllowed: not an administrator. NotFound: no such token, or it was ended already.
    """
    scope.need("administrator", "operator")
    with db.write() as conn:
        at = db.stamp(conn)
        done = conn.execute(
            api_token.update()
            .where(api_token.c.token_id == token_id, api_token.c.ended_at.is_(None))
            .values(ended_at=at)
        )
        if done.rowcount != 1:
            raise NotFound("machines.error.no_token")
        audit.write(db, conn, scope, "token_ended", token_id)


def machine_of(db: Db, token: str, kind: str) -> Machine | None:
    """Whose token this is; None alike for one that is unknown, ended, expired or of another door.

    The desk of a township reaches its township; a body of the whole county reaches all of them.
    """
    with db.read() as conn:
        row = conn.execute(
            sa.select(api_token, body.c.township_code)
            .join(body, body.c.body_id == api_token.c.body_id)
            .where(api_token.c.token_hash == _hash(token))
        ).mappings().first()  # fmt: skip
        if row is None or row["ended_at"] is not None or row["kind"] != kind:
            return None
        if db.now() >= row["expires_at"]:
            return None
        own = row["township_code"]
        reach = [own] if own else conn.execute(sa.select(township.c.township_code)).scalars()
        scope = Scope(
            who=row["token_id"], role=MACHINE, townships=frozenset(reach), desk=row["body_id"]
        )
    return Machine(row["token_id"], row["label"], row["kind"], row["channel"], scope)


def known_key(db: Db, scope: Scope, key: Key) -> bool:
    """Whether this machine's request with this key was stored already.

    Raises:
        KeyUsed: the key came with another request.
    """
    scope.need(MACHINE)
    with db.read() as conn:
        return _before(conn, scope, key, db.now()) is not None


def send(
    db: Db,
    scope: Scope,
    cases: Sequence[NewCase],
    numbers: Sequence[int],
    problems: Sequence[RowProblem],
    notes: Sequence[RowProblem],
    key: Key | None,
) -> Outcome:
    """Register a machine's right rows in one transaction; when it returns, they are stored.

    The same key with the same request stores nothing a second time: codes that nobody opened are
    issued again, for the reply may have been lost (DOMAIN.md §4). Requests with one key that come
    at once wait for each other.

    Args:
        numbers: the sender's number of each case. problems, notes: of the whole request, kept
            with the key so that a replay says the same.

    Raises:
        NotAllowed: not a machine, or a place outside its desk. KeyUsed: see there.
    """
    scope.need(MACHINE)
    pack, sealed = db.county().pack, record.seal_rows(db, scope, cases)
    with db.write() as conn:
        at = db.stamp(conn)
        conn.execute(sent_before.delete().where(sent_before.c.recorded_at < at - KEPT))
        before = None if key is None else _before(conn, scope, key, at)
        if before is not None:
            return _replayed(db, conn, scope, before, at)
        done = record.register_in(
            db, conn, scope, sealed, pack, at, lambda ids: _own(conn, scope, ids)
        )
        new = [{"case_id": d.case_id, "token_id": scope.who} for d in done if not d.is_repeat]
        if new:
            conn.execute(sent_case.insert(), new)
        told = [
            (number, d.case_id, d.is_repeat, d.slip)
            for number, d in zip(numbers, done, strict=True)
        ]
        rows = _rows(conn, scope, told)
        if key is not None and rows:  # nothing stored, nothing to repeat
            conn.execute(
                sent_before.insert().values(
                    token_id=scope.who, key_hash=key.key_hash, request_hash=key.request_hash,
                    recorded_at=at, answer=_kept(db, scope, rows, problems, notes),
                )
            )  # fmt: skip
    return Outcome(rows, tuple(problems), tuple(notes), False)


def read_sent(db: Db, scope: Scope, case_id: str) -> CaseHistory:
    """A case this very machine sent, without a word of it and without its rating.

    Raises:
        NotAllowed: not a machine. NotFound: one sentence, whether such a case exists or not.
    """
    scope.need(MACHINE)
    with db.read() as conn:
        if _own(conn, scope, [case_id]):
            history = history_of_sent(conn, scope, case_id)
            if history is not None:
                return history
    raise NotFound("machines.error.no_such_request")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _own(conn: sa.Connection, scope: Scope, case_ids: Iterable[str]) -> set[str]:
    """Those of the cases that this very machine sent."""
    found: set[str] = set()
    for some in chunks(case_ids):
        query = sa.select(sent_case.c.case_id).where(
            sent_case.c.case_id.in_(some), sent_case.c.token_id == scope.who
        )
        found |= set(conn.execute(query).scalars())
    return found


def _before(conn: sa.Connection, scope: Scope, key: Key, now: dt.datetime) -> str | None:
    row = conn.execute(
        sa.select(sent_before.c.request_hash, sent_before.c.answer).where(
            sent_before.c.token_id == scope.who, sent_before.c.key_hash == key.key_hash,
            sent_before.c.recorded_at >= now - KEPT,
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    if row.request_hash != key.request_hash:
        raise KeyUsed
    return str(row.answer)


def _rows(
    conn: sa.Connection, scope: Scope, told: Sequence[tuple[int, str, bool, Slip | None]]
) -> tuple[SentRow, ...]:
    """What became of each row, from its number, case, whether it is a repeat, and slip."""
    opened: set[str] = set()
    for some in chunks(_own(conn, scope, {case_id for _, case_id, _, slip in told if not slip})):
        query = sa.select(receipt.c.case_id).where(
            receipt.c.case_id.in_(some), receipt.c.first_opened_at.is_not(None)
        )
        opened |= set(conn.execute(query).scalars())
    return tuple(
        SentRow(number, case_id, is_repeat, slip, slip is None and case_id in opened)
        for number, case_id, is_repeat, slip in told
    )


def _replayed(db: Db, conn: sa.Connection, scope: Scope, before: str, at: dt.datetime) -> Outcome:
    """The kept answer, with fresh codes for those that nobody opened."""
    version, _, sealed = before.partition(":")
    kept = json.loads(
        db.keys.unwrap("text", int(version), base64.b64decode(sealed), f"sent:{scope.who}")
    )
    ids = _own(conn, scope, [case_id for _, case_id, _ in kept["rows"]])
    slips = receipts.replace_unopened(db, conn, ids, str(scope.desk), at)
    told = [(number, case_id, is_repeat, slips.pop(case_id, None))
            for number, case_id, is_repeat in kept["rows"]]  # fmt: skip
    said = [("receipt_replaced", case_id) for _, case_id, _, slip in told if slip is not None]
    audit.write_many(db, conn, scope, said)
    problems, notes = (tuple(map(_problem, kept[name])) for name in ("problems", "notes"))
    return Outcome(_rows(conn, scope, told), problems, notes, True)


def _kept(
    db: Db,
    scope: Scope,
    rows: Sequence[SentRow],
    problems: Sequence[RowProblem],
    notes: Sequence[RowProblem],
) -> str:
    """The answer without codes: numbers of cases, and sentences by their keys. What the sender
    called its columns may name somebody: cleaned, and the whole of it sealed."""
    told = {"problems": problems, "notes": notes}
    said = {
        name: [
            [p.row, redact(p.column).text, p.key, [[k, redact(str(v)).text] for k, v in p.values]]
            for p in found
        ]
        for name, found in told.items()
    }
    whole = json.dumps({"rows": [[r.row, r.case_id, r.is_repeat] for r in rows], **said})
    version, sealed = db.keys.wrap("text", whole.encode(), f"sent:{scope.who}")
    return f"{version}:{base64.b64encode(sealed).decode()}"


def _problem(said: list[object]) -> RowProblem:
    row, column, key, values = said
    assert isinstance(row, int)
    assert isinstance(values, list)
    return RowProblem(row, str(column), str(key), tuple((k, v) for k, v in values))
