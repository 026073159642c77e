"""How an account likes to see a list: which columns, how many rows a page. Kept for staff accounts,
so that a list looks the same in another browser; it says nothing about a case, and it goes with the
account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from .db import Db
from .errors import NotAllowed
from .schema import list_view
from .scope import Scope
from .vocabulary import ROLES

MOST_ROWS = 500
MOST_COLUMNS = 30
_NAME = re.compile(r"[a-z][a-z0-9_]{0,23}", re.ASCII)


@dataclass(frozen=True)
class ListView:
    """columns: names in their order, () = all as they come. page_rows: rows of one page, None = as
    usual."""

    columns: tuple[str, ...] = ()
    page_rows: int | None = None


USUAL = ListView()


def view_of(db: Db, scope: Scope, list_id: str) -> ListView:
    """How the scope's own account chose to see a list; `USUAL` where it never chose."""
    scope.need(*ROLES)
    with db.read() as conn:
        row = conn.execute(
            sa.select(list_view.c.shown, list_view.c.page_rows).where(*_mine(scope, list_id))
        ).first()
    return USUAL if row is None else ListView(tuple(row[0].split(".") if row[0] else ()), row[1])


def keep_view(db: Db, scope: Scope, list_id: str, view: ListView) -> None:
    """Remember how the scope's own account sees a list; the usual is not kept.

    Raises:
        NotAllowed: not staff; a name that is none of a list or column; rows outside 1 to
            `MOST_ROWS`.
    """
    scope.need(*ROLES)
    _check(list_id, view.columns, view.page_rows)
    with db.write() as conn:
        conn.execute(list_view.delete().where(*_mine(scope, list_id)))
        if view != USUAL:
            conn.execute(
                list_view.insert().values(
                    account_id=scope.who, list_id=list_id, shown=".".join(view.columns),
                    page_rows=view.page_rows,
                )
            )  # fmt: skip


def forget_views(conn: sa.Connection, account_id: str) -> None:
    """What an account that ends liked is nobody's any more."""
    conn.execute(list_view.delete().where(list_view.c.account_id == account_id))


def _mine(scope: Scope, list_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return list_view.c.account_id == scope.who, list_view.c.list_id == list_id


def _check(list_id: str, columns: Sequence[str], page_rows: int | None) -> None:
    names = (list_id, *columns)
    is_named = all(_NAME.fullmatch(name) for name in names) and len(columns) <= MOST_COLUMNS
    if not is_named or not (page_rows is None or 1 <= page_rows <= MOST_ROWS):
        raise NotAllowed("data.error.not_allowed")
