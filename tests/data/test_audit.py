"""The audit log: whoever changes, removes, inserts or reorders an entry is found."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data import audit, receipts
from data.errors import NotFound
from data.openings import open_texts
from data.record import register
from data.schema import audit as table
from data.scope import Scope
from tests.conftest import ADMINISTRATOR, DESK, LABOUR


@pytest.fixture
def logged(county, new_case):
    made = register(county, DESK, new_case())
    for _ in range(5):
        open_texts(county, LABOUR, made.case_id)
    with county.write() as conn:  # the owner of the file can do this; the application cannot
        if county.engine.dialect.name == "sqlite":
            conn.execute(sa.text("DROP TRIGGER audit_no_update"))
            conn.execute(sa.text("DROP TRIGGER audit_no_delete"))
        else:
            conn.execute(sa.text("DROP TRIGGER audit_append_only ON audit"))
    return county


def entries(db) -> list[int]:
    with db.read() as conn:
        return list(conn.execute(sa.select(table.c.id).order_by(table.c.id)).scalars())


def test_an_untouched_log_is_whole(logged):
    assert audit.first_broken(logged, ADMINISTRATOR) is None


def test_a_changed_entry_is_found_and_named(logged):
    changed = entries(logged)[3]
    with logged.write() as conn:
        conn.execute(table.update().where(table.c.id == changed).values(role="leader"))
    assert audit.first_broken(logged, ADMINISTRATOR) == changed


def test_a_removed_entry_is_found_at_the_next_one(logged):
    ids = entries(logged)
    with logged.write() as conn:
        conn.execute(table.delete().where(table.c.id == ids[3]))
    assert audit.first_broken(logged, ADMINISTRATOR) == ids[4]


def test_two_entries_that_changed_places_are_found(logged):
    ids = entries(logged)
    with logged.write() as conn:
        for old, new in ((ids[3], -1), (ids[4], ids[3]), (-1, ids[4])):
            conn.execute(table.update().where(table.c.id == old).values(id=new))
    assert audit.first_broken(logged, ADMINISTRATOR) == ids[3]


def test_a_reissued_code_is_logged_and_shown_with_its_desk(county, new_case):
    made = register(county, DESK, new_case())
    again = receipts.reissue(county, Scope.operator(), made.case_id)
    assert again.code != made.slip.code
    for code in (made.slip.code, again.code):
        assert receipts.find(county, code).case_id == made.case_id
    assert receipts.find(county, again.code).is_reissued
    with county.read() as conn:
        actions = conn.execute(sa.select(table.c.action)).scalars().all()
    assert "receipt_reissued" in actions
    with pytest.raises(NotFound):
        receipts.reissue(county, Scope.operator(), "AAAA-AAAA-AAAA")
