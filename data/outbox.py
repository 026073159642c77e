"""What is to be told outside, and every try to tell it: once per day, kind and channel."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from .db import Db
from .errors import NotAllowed
from .running import READERS
from .schema import notice, notice_try
from .scope import OPERATOR, Scope
from .vocabulary import NOTICE_CHANNELS, NOTICE_KINDS, NOTICE_OUTCOMES


@dataclass(frozen=True)
class Notice:
    """One notice for one channel. numbers: as covered, by name. outcomes: of each try so far, with
    its moment, oldest first."""

    id: int
    day: dt.date
    kind: str
    channel: str
    at: dt.datetime
    numbers: Mapping[str, int | None]
    outcomes: tuple[tuple[dt.datetime, str], ...] = ()

    @property
    def is_sent(self) -> bool:
        """Whether a try went through."""
        return any(outcome == "sent" for _, outcome in self.outcomes)


def put(
    db: Db, scope: Scope, day: dt.date, kind: str, channel: str, numbers: Mapping[str, int | None]
) -> None:
    """Have something told; what was put for this day, kind and channel before stays as it is.

    Raises:
        NotAllowed: not the operator, a word outside the lists, something that is no number.
    """
    scope.need(OPERATOR)
    plain = all(value is None or isinstance(value, int) for value in numbers.values())
    if kind not in NOTICE_KINDS or channel not in NOTICE_CHANNELS or not plain:
        raise NotAllowed("data.error.not_in_list")
    n = notice.c
    same = sa.and_(n.day == day, n.kind == kind, n.channel == channel)
    with db.write() as conn:
        if conn.execute(sa.select(n.id).where(same)).first():
            return
        conn.execute(
            notice.insert().values(
                day=day, kind=kind, channel=channel, recorded_at=db.stamp(conn),
                numbers=json.dumps(dict(numbers), sort_keys=True),
            )
        )  # fmt: skip


def tried(db: Db, scope: Scope, notice_id: int, outcome: str) -> None:
    """Note what came of a try.

    Raises:
        NotAllowed: not the operator, or a word outside the list.
    """
    scope.need(OPERATOR)
    if outcome not in NOTICE_OUTCOMES:
        raise NotAllowed("data.error.not_in_list")
    with db.write() as conn:
        conn.execute(
            notice_try.insert().values(
                notice_id=notice_id, recorded_at=db.stamp(conn), outcome=outcome
            )
        )


def since(db: Db, scope: Scope, day: dt.date) -> list[Notice]:
    """The notices for a local day and later, oldest first, with their tries; for an administrator
    without their numbers.

    Raises:
        NotAllowed: neither the administrator nor the operator.
    """
    scope.need(*READERS)
    n, r = notice.c, notice_try.c
    with db.read() as conn:
        heads = conn.execute(
            sa.select(n.id, n.day, n.kind, n.channel, n.recorded_at, n.numbers)
            .where(n.day >= day)
            .order_by(n.id)
        ).all()
        tries = conn.execute(
            sa.select(r.notice_id, r.recorded_at, r.outcome)
            .join(notice, n.id == r.notice_id)
            .where(n.day >= day)
            .order_by(r.id)
        ).all()
    return [
        Notice(
            *head[:5], json.loads(head[5]) if scope.role == OPERATOR else {},
            tuple((at, outcome) for of, at, outcome in tries if of == head[0]),
        )
        for head in heads
    ]  # fmt: skip
