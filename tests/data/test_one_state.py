"""What is read piece by piece shows one state of the record, on both databases."""

from __future__ import annotations

import sqlalchemy as sa

from data.db import Db
from data.schema import meta


def test_what_somebody_writes_meanwhile_is_not_half_seen(db: Db) -> None:
    query = sa.select(meta.c.key)
    with db.one_state():
        with db.read() as conn:
            before = conn.execute(query).all()
        with db.engine.begin() as other:
            other.execute(meta.insert().values(key="meanwhile", value="1"))
        with db.read() as conn:
            assert conn.execute(query).all() == before
    with db.read() as conn:
        assert conn.execute(query).all() != before
