"""What a printed anchor finds, tried as the one who owns the database file and the machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from data import anchors, audit
from data.anchors import Anchor
from data.db import Db
from data.errors import ConfigError, NotAllowed
from data.history import NewEvent
from data.openings import open_texts
from data.record import add_event, register
from data.schema import APPEND_ONLY, case_event, last_stamp, metadata
from data.schema import audit as log
from data.scope import Scope
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, SUPERVISOR, Clock
from tests.rules.conftest import anything

Broken = list[str]


def owned(db: Db) -> None:
    """Drop every trigger, as whoever owns the database can."""
    with db.write() as conn:
        for table in APPEND_ONLY:
            if db.engine.dialect.name == "sqlite":
                conn.execute(sa.text(f"DROP TRIGGER {table}_no_update"))
                conn.execute(sa.text(f"DROP TRIGGER {table}_no_delete"))
            else:
                conn.execute(sa.text(f"DROP TRIGGER {table}_append_only ON {table}"))


def rebuilt(db: Db) -> None:
    """Compute the whole chain anew over what stands there now."""
    fields = ("at", "who", "role", "body_id", "action", "target", "reason")
    with db.write() as conn:
        previous = audit.START
        for row in conn.execute(sa.select(log).order_by(log.c.id)).mappings().all():
            entry = {name: row[name] for name in fields} | {"previous": previous}
            new = audit.chained(entry)
            conn.execute(
                log.update().where(log.c.id == row["id"]).values(previous=previous, hash=new)
            )
            previous = new


def said(db: Db, *kept: Anchor) -> Broken:
    return [one.key for one in anchors.check(db, ADMINISTRATOR, list(kept))]


@pytest.fixture
def worked(county: Db, new_case, clock: Clock) -> Db:
    """A county where a case was registered, contacted and read."""
    case_id = register(county, DESK, new_case()).case_id
    clock.go(hours=1)
    add_event(county, LABOUR, case_id, NewEvent("contacted", words={"note": "已联系。"}), anything)
    clock.go(hours=1)
    open_texts(county, LABOUR, case_id)
    return county


def more(db: Db, clock: Clock, new_case: Callable) -> None:
    clock.go(days=1)
    for _ in range(3):
        register(db, DESK, new_case())


def made(db: Db) -> Anchor:
    found = anchors.make(db, ADMINISTRATOR)
    assert found is not None
    return found


def test_an_anchor_is_one_line_that_reads_back(worked):
    anchor = made(worked)
    assert anchors.parse(f"早解日报\n{anchor.line()}\n谢谢") == [anchor]
    wrapped = anchor.line().replace(" rows", "\n rows")  # as paper breaks it
    assert anchors.parse(wrapped) == [anchor]
    with pytest.raises(ConfigError):
        anchors.parse("zaojie-anchor 2026")
    with pytest.raises(ConfigError):
        anchors.parse(anchor.line().replace(" rows ", " rows 1,"))


def test_an_empty_log_has_no_anchor_and_only_those_who_keep_the_log_make_one(county, worked):
    for scope in (SUPERVISOR, DESK, Scope.public()):
        with pytest.raises(NotAllowed):
            anchors.make(worked, scope)
        with pytest.raises(NotAllowed):
            anchors.check(worked, scope, [])


def test_honest_work_fits_every_anchor_ever_printed(worked, clock, new_case):
    kept = [made(worked)]
    for _ in range(3):
        more(worked, clock, new_case)
        kept.append(made(worked))
    assert said(worked, *kept) == []


def test_a_cut_tail_is_found(worked, clock, new_case):
    more(worked, clock, new_case)
    kept = made(worked)
    owned(worked)
    with worked.write() as conn:
        newest = conn.scalars(sa.select(log.c.id).order_by(log.c.id.desc()).limit(10)).all()
        conn.execute(log.delete().where(log.c.id.in_(newest[:2])))
    assert audit.first_broken(worked, ADMINISTRATOR) is None  # the chain alone is content
    assert said(worked, kept) == ["cut"]


def test_an_older_copy_that_was_put_back_is_found(sqlite_db, small_county, clock, new_case):
    db = small_county(sqlite_db)
    register(db, DESK, new_case())
    path = Path(str(db.engine.url.database))
    db.engine.dispose()
    old = path.with_suffix(".old")
    shutil.copy(path, old)
    more(db, clock, new_case)
    kept = made(db)
    db.engine.dispose()
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    shutil.copy(old, path)
    more(db, clock, new_case)  # and work goes on, past the number the anchor names
    more(db, clock, new_case)
    assert audit.first_broken(db, ADMINISTRATOR) is None
    assert set(said(db, kept)) == {"rebuilt", "rows"}


def test_a_chain_computed_anew_is_found(worked, clock, new_case):
    kept = made(worked)
    owned(worked)
    with worked.write() as conn:
        conn.execute(log.update().where(log.c.action == "text_opened").values(who="nobody"))
    assert said(worked) == ["chain"]
    rebuilt(worked)
    assert said(worked) == []
    assert said(worked, kept) == ["rebuilt"]


@pytest.mark.parametrize("way", ["changed", "removed", "slipped in"])
def test_a_record_that_was_touched_is_found(worked, way):
    kept = made(worked)
    owned(worked)
    contacted = case_event.c.event == "contacted"
    with worked.write() as conn:
        row = dict(conn.execute(sa.select(case_event).where(contacted)).mappings().one())
        if way == "changed":
            conn.execute(case_event.update().where(contacted).values(event="answered"))
        elif way == "removed":
            conn.execute(case_event.delete().where(contacted))
        else:
            conn.execute(case_event.insert().values(**row | {"id": -1}))
    assert said(worked) == []
    assert said(worked, kept) == ["rows"]


def test_a_clock_set_back_dates_nothing_back_and_is_noted_once(worked, clock, new_case):
    before = made(worked)
    clock.go(days=-30)
    for _ in range(2):
        register(worked, DESK, new_case())
    with worked.read() as conn:
        moments = conn.scalars(sa.select(metadata.tables["case_version"].c.recorded_at)).all()
    assert min(moments[1:]) >= before.at
    assert said(worked, before) == ["clock_set_back"]


def test_a_clock_set_back_with_its_stamp_is_found(worked, clock, new_case):
    owned(worked)
    clock.go(days=-30)
    with worked.write() as conn:
        conn.execute(last_stamp.update().values(at=clock()))
    assert said(worked) == ["stamp_set_back"]
    register(worked, DESK, new_case())
    assert set(said(worked)) == {"time_goes_back", "stamp_set_back"}


def test_every_append_only_table_is_covered_but_those_named():
    left_out = set(APPEND_ONLY) - set(anchors.RECORD)
    heads = {"assignment", "sweep", "campaign", "campaign_measure"}  # what came of them is covered
    pairs = {"roster_sits"}  # which bodies sit with a roster's line: no number of its own
    assert left_out == {"audit", "model", "score", "flag", *heads, *pairs, *anchors.BOOKKEEPING}


BEFORE = (
    "config_file", "case_version", "case_event", "filing", "excused_day", "flag_event",
    "assignment_event", "correction", "publication", "roster", "area_change", "report_issue",
)  # fmt: skip
"""What the first version's anchors cover, in the order of their numbers."""


def test_a_line_printed_by_an_earlier_version_is_verified_and_still_finds_a_touched_row(worked):
    assert anchors.RECORD[: len(BEFORE)] == BEFORE
    now = anchors.make(worked, ADMINISTRATOR)
    assert now is not None
    newest = now.newest[: len(BEFORE)]
    with worked.read() as conn:
        rows_hash = anchors._rows_hash(conn, newest)
    line = Anchor(now.at, now.entry, now.entry_hash, newest, rows_hash).line()
    (kept,) = anchors.parse(line)
    assert said(worked, kept) == []
    owned(worked)
    with worked.write() as conn:
        conn.execute(case_event.update().values(code="x"))
    assert "rows" in said(worked, kept)


def test_a_line_over_another_number_of_tables_is_refused_in_one_sentence(worked):
    line = anchors.make(worked, ADMINISTRATOR).line()
    shorter = line.replace("rows ", "rows 0,", 1)
    with pytest.raises(ConfigError) as told:
        anchors.parse(shorter)
    assert told.value.key == "audit.error.other_anchor"
