"""The rows new cases are made of: cleaned and sealed before the writer's turn, written at once.

Whoever writes holds up every other writer, so what needs no database is done first.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from . import texts
from .db import Db
from .rows import NewCase
from .schema import case_event, case_text, case_version, receipt, source_ref, text_key
from .vocabulary import CONFIRMED_CHANNELS


@dataclass(frozen=True)
class Sealed:
    """A checked case with the number it will have if it is no repeat, its key and sealed texts.

    key: row of `text_key` without its moment. texts: rows of `case_text`.
    """

    new: NewCase
    case_id: str
    key: dict[str, object]
    texts: list[dict[str, object]]

    @classmethod
    def of(cls, db: Db, new: NewCase, case_id: str) -> Sealed:
        """Clean and seal one case's texts; nothing is written."""
        key, key_row = texts.new_key(db, case_id, db.now())
        rows = [texts.sealed_text(key, case_id, "summary", new.summary)] if new.summary else []
        if needs_confirmation(new) and new.grid_code:
            # no place finer than the township until the asker has used the code (DOMAIN.md §2.1)
            place = json.dumps({"grid_code": new.grid_code})
            rows.append(texts.sealed_text(key, case_id, "place", place))
        del key_row["made_at"]
        return cls(new, case_id, key_row, rows)


def needs_confirmation(new: NewCase) -> bool:
    """Whether the case is unconfirmed until its code has been used once."""
    return new.is_typed or new.channel not in CONFIRMED_CHANNELS


class NewRows:
    """Rows of many new cases, collected in their order, then one statement per table."""

    ORDER = (source_ref, text_key, case_text, case_version, case_event, receipt)

    def __init__(self, desk: str, pack: str, at: dt.datetime) -> None:
        self._desk, self._pack, self._at = desk, pack, at
        self._rows: dict[sa.Table, list[dict[str, object]]] = defaultdict(list)

    def add(self, one: Sealed, source_key: str | None, code: dict[str, object]) -> None:
        """A case, the keyed hash of its sender's number (None = none), and its receipt's row."""
        new, case_id, at = one.new, one.case_id, self._at
        if source_key is not None:
            self._rows[source_ref].append({"source_key": source_key, "case_id": case_id})
        self._rows[text_key].append({**one.key, "made_at": at})
        self._rows[case_text] += one.texts
        self._rows[case_version].append(self._version(new, case_id))
        self._rows[case_event].append(
            {
                "case_id": case_id,
                "event": "registered",
                "occurred_at": min(new.opened_at, at),
                "recorded_at": at,
                "actor": "office",
                "body_id": self._desk,
                "code": new.asked_how,
            }
        )
        self._rows[receipt].append(code)

    def _version(self, new: NewCase, case_id: str) -> dict[str, object]:
        return {
            "case_id": case_id,
            "opened_at": min(new.opened_at, self._at),
            "recorded_at": self._at,
            "source_recorded_at": None,
            "township_code": new.township_code,
            "grid_code": None if needs_confirmation(new) else new.grid_code,
            "domain": new.domain,
            "category": new.category,
            "kind": new.kind,
            "channel": new.channel,
            "amount_band": new.amount_band,
            "procedure": new.procedure,
            "pack": new.pack or self._pack,
            "body_id": new.body_id,
            "desk": self._desk,
            "limit_at": new.limit_at,
            "needs_confirmation": needs_confirmation(new),
        }

    def write(self, conn: sa.Connection) -> None:
        """Inside the caller's transaction."""
        for table in self.ORDER:
            if rows := self._rows[table]:
                conn.execute(table.insert(), rows)
