"""The tables of plans and looks back: as the migration makes them, so the code describes them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data.carry import _carried
from data.db import Db
from data.planned import NewPlan, PlanStep
from data.schema import metadata
from data.separation import OF_A_CASE


@pytest.mark.parametrize("name", ["backlog_plan", "backlog_step", "answer_review"])
def test_the_migration_makes_what_the_code_describes(db: Db, name: str) -> None:
    found = sa.inspect(db.engine)
    made = {c["name"]: bool(c["nullable"]) for c in found.get_columns(name)}
    table = metadata.tables[name]
    assert made == {c.name: bool(c.nullable) for c in table.columns}
    indexed = {tuple(one["column_names"]) for one in found.get_indexes(name)}
    assert indexed == {(c.name,) for c in table.columns if c.index}


@pytest.mark.parametrize("name", ["backlog_plan", "backlog_step", "answer_review"])
def test_nothing_in_them_is_changed_or_taken_away(db: Db, name: str) -> None:
    day = "2026-03-05"
    rows = {
        "backlog_plan": f"(plan_id, case_id, body_id, post, due_on, recorded_at) "
        f"VALUES ('p', 'c', 'b01', 'county_head', '{day}', 0)",
        "backlog_step": f"(plan_id, step, due_on) VALUES ('p', 'answer', '{day}')",
        "answer_review": "(review_id, case_id, answered_at, kind, handled, came_back, recorded_at) "
        "VALUES ('r', 'c', 0, 'first', 'law_only', 'not_explained', 0)",
    }
    with db.engine.begin() as conn:
        conn.execute(sa.text(f"INSERT INTO {name} {rows[name]}"))
    for sql in (f"DELETE FROM {name}", f"UPDATE {name} SET id = id + 1"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.engine.begin() as conn:
            conn.execute(sa.text(sql))


def test_a_plan_has_no_room_for_a_sentence() -> None:
    for name in ("backlog_plan", "backlog_step", "answer_review"):
        texts = [c.type for c in metadata.tables[name].columns if isinstance(c.type, sa.String)]
        assert max(one.length or 10**6 for one in texts) <= 40
    said = {*NewPlan.__dataclass_fields__, *PlanStep.__dataclass_fields__}
    assert said & {"words", "note", "name", "text"} == set()


@pytest.mark.parametrize("name", ["backlog_plan", "backlog_step", "answer_review"])
def test_the_copy_outside_carries_what_belongs_to_cases_with_a_receipt(name: str) -> None:
    assert name in OF_A_CASE
    said = str(sa.select(metadata.tables[name]).where(_carried(metadata.tables[name])))
    assert "receipt" in said
