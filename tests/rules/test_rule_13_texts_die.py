"""DOMAIN.md §2.13: texts die. They lie apart, sealed with one key per case, and end with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from data import ending, receipts, record, texts
from data.db import Db
from data.errors import NotAllowed, NotFound
from data.history import NewEvent
from data.openings import open_texts
from data.reading import read_case, read_figures, read_summary
from data.schema import audit, case_event, case_text, case_version, metadata, text_key
from data.scope import Scope
from service import retention
from tests.conftest import DESK, HOUSING, LABOUR, LEADER, SUPERVISOR, Clock
from tests.test_architecture import files, imported

from .conftest import ANSWER, anything
from .looking import encodings, stored_bytes

SUMMARY = "东郊体育馆工地拖欠木工班组三个月工资共计若干元，项目部一直推诿。"
RUN = 6


def runs(text: str) -> list[str]:
    return [text[i : i + RUN] for i in range(len(text) - RUN + 1)]


def written(db: Db, new_case) -> tuple[str, list[str]]:
    """A case with a summary, a place and words; what was said."""
    made = record.register(db, DESK, new_case(summary=SUMMARY))
    said = [*ANSWER.values(), "已电话联系项目部负责单位说明情况。"]
    note = {"note": said[-1]}
    record.add_event(db, LABOUR, made.case_id, NewEvent("contacted", words=note), anything)
    record.add_event(db, LABOUR, made.case_id, NewEvent("answered", words=ANSWER), anything)
    return made.case_id, [SUMMARY, *said]


def test_no_run_of_six_characters_of_a_text_lies_open_at_any_time(county: Db, new_case) -> None:
    case_id, said = written(county, new_case)
    open_texts(county, LABOUR, case_id)
    for moment in ("alive", "ended"):
        stored = stored_bytes(county)
        found = [
            run for text in said for run in runs(text) for form in encodings(run) if form in stored
        ]
        assert found == [], moment
        with county.write() as conn:
            texts.destroy_key(conn, case_id, county.stamp(conn))


def test_the_search_above_would_find_one(county: Db) -> None:
    with county.write() as conn:
        conn.execute(metadata.tables["meta"].insert().values(key="leak", value=SUMMARY))
    stored = stored_bytes(county)
    assert all(run.encode() in stored for run in runs(SUMMARY))


def test_after_its_key_is_gone_nothing_of_the_key_or_the_seal_is_left_in_the_file(
    county: Db, new_case
) -> None:
    case_id, _ = written(county, new_case)
    kept, _ = written(county, new_case)
    with county.read() as conn:
        wrapped = dict(conn.execute(sa.select(text_key.c.case_id, text_key.c.wrapped)).all())
        sealed = conn.execute(
            sa.select(case_text.c.sealed).where(case_text.c.case_id == case_id)
        ).scalars().all()  # fmt: skip
    assert len(sealed) >= 3
    with county.write() as conn:
        texts.destroy_key(conn, case_id, county.stamp(conn))
    county.engine.dispose()  # the last to leave writes the log back into the file
    stored = stored_bytes(county)
    assert wrapped[case_id] not in stored
    assert [seal for seal in sealed if seal in stored] == []
    assert wrapped[kept] in stored


def test_without_its_key_nobody_reads_a_text_and_the_figures_stay(county: Db, new_case) -> None:
    case_id, _ = written(county, new_case)
    before = read_figures(county, SUPERVISOR, county.now())
    with county.write() as conn:
        texts.destroy_key(conn, case_id, county.stamp(conn))
    asker = Scope(who=case_id, role="resident")
    assert read_summary(county, asker, case_id) is None
    assert all(e.words is None for e in read_case(county, asker, case_id).events)
    summary, history = open_texts(county, LABOUR, case_id)
    assert summary is None
    assert all(event.words is None for event in history.events)
    after = read_figures(county, SUPERVISOR, county.now())
    assert after.cases.to_csv() == before.cases.to_csv()
    assert after.events.to_csv() == before.events.to_csv()


def test_one_key_ends_one_case_only(county: Db, new_case) -> None:
    ended, _ = written(county, new_case)
    lives, _ = written(county, new_case)
    with county.write() as conn:
        texts.destroy_key(conn, ended, county.stamp(conn))
    assert read_summary(county, Scope(who=lives, role="resident"), lives) == SUMMARY


def test_a_text_opens_under_its_own_cases_key_only(county: Db, new_case) -> None:
    from cryptography.exceptions import InvalidTag

    first, _ = written(county, new_case)
    second, _ = written(county, new_case)
    with county.write() as conn:
        conn.execute(case_text.update().where(case_text.c.case_id == first).values(case_id=second))
    with pytest.raises(InvalidTag), county.read() as conn:
        texts.opened(county, conn, second, ("summary", "words"))


def test_texts_lie_apart_from_the_record_that_is_never_deleted() -> None:
    for table in (case_version, case_event):
        assert not [c.name for c in table.columns if isinstance(c.type, (sa.Text, sa.LargeBinary))]
    assert isinstance(case_text.c.sealed.type, sa.LargeBinary)


def test_no_model_and_no_index_is_built_from_texts() -> None:
    for path in files("risk", "reports", "casework", "geo"):
        names = list(imported(path))
        assert not [n for n in names if n.startswith(("data.texts", "data.reading", "data.keys"))]
        assert not [n for n in names if "feature_extraction.text" in n or "jieba" in n]
    sources = [p.read_text("utf-8").lower() for p in files("data")]
    assert not [s for s in sources if "fts5" in s or "tsvector" in s or "to_tsquery" in s]
    assert receipts.LENGTH == 16


def finished(db: Db, new_case, clock: Clock) -> tuple[str, list[str]]:
    """A case that was answered and delivered; what was said."""
    case_id = record.register(db, DESK, new_case(summary=SUMMARY)).case_id
    for step in (NewEvent("accepted"), NewEvent("answered", words=ANSWER)):
        record.add_event(db, LABOUR, case_id, step, anything)
    record.add_event(db, LABOUR, case_id, NewEvent("delivered", code="in_hand"), anything)
    clock.go(days=60 + 90 - 1)
    return case_id, [SUMMARY, *ANSWER.values()]


def test_ninety_days_after_the_last_remedy_the_run_ends_the_texts_and_nothing_else(
    county: Db, new_case, clock: Clock
) -> None:
    case_id, said = finished(county, new_case, clock)
    fresh, _ = written(county, new_case)
    before = read_figures(county, SUPERVISOR, county.now())
    assert retention.due(county, Scope.operator(), county.now()).ended == ()
    clock.go(days=2)
    due = retention.due(county, Scope.operator(), county.now())
    assert due.ended == (case_id,)
    assert retention.end_texts(county, Scope.operator(), due) == 1
    assert retention.end_texts(county, Scope.operator(), due) == 0, "a run that is repeated"
    with county.read() as conn:
        left = conn.execute(sa.select(case_text.c.case_id).distinct()).scalars().all()
        notes = conn.execute(sa.select(audit.c.reason).where(audit.c.action == "texts_ended"))
        assert (left, notes.scalars().all()) == ([fresh], ["1"])
    after = read_figures(county, SUPERVISOR, county.now())
    assert after.events.to_csv() == before.events.to_csv()
    assert read_summary(county, Scope(who=case_id, role="resident"), case_id) is None
    assert said


def test_afterwards_no_run_of_six_characters_is_in_database_backup_models_or_cache(
    sqlite_db: Db, small_county, new_case, clock: Clock, tmp_path: Path
) -> None:
    db = small_county(sqlite_db)
    case_id, said = finished(db, new_case, clock)
    open_texts(db, LABOUR, case_id)
    clock.go(days=2)
    retention.end_texts(db, Scope.operator(), retention.due(db, Scope.operator(), db.now()))
    backup = tmp_path / "backup.db"
    source, target = sqlite3.connect(str(db.engine.url.database)), sqlite3.connect(backup)
    with closing(source), closing(target):
        source.backup(target)
    kept = stored_bytes(db) + b"".join(
        path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()
    )
    assert backup.stat().st_size > 0
    assert not [
        run for text in said for run in runs(text) for form in encodings(run) if form in kept
    ]
    with db.read() as conn:  # and no key in the backup either, so that no seal could be opened
        assert conn.scalar(sa.select(text_key.c.wrapped).where(text_key.c.case_id == case_id)) is (
            None
        )


def test_a_disowned_case_loses_its_text_on_the_sixteenth_day(county: Db, new_case, clock) -> None:
    made = record.register(county, DESK, new_case(summary=SUMMARY))
    asker = Scope(who=made.case_id, role="resident")
    record.add_event(county, asker, made.case_id, NewEvent("disowned"), anything)
    for days, due in ((14, ()), (2, (made.case_id,))):
        clock.go(days=days)
        found = retention.due(county, Scope.operator(), county.now())
        assert found.disowned == due
        retention.end_texts(county, Scope.operator(), found)
    with county.read() as conn:
        events = conn.execute(sa.select(case_event.c.event, case_event.c.actor)).all()
        assert ("erased", "system") in [tuple(row) for row in events]
        assert conn.execute(sa.select(case_text)).first() is None


def test_a_text_that_names_a_person_is_erased_at_once_and_its_asker_sees_it(
    county: Db, new_case
) -> None:
    case_id, said = written(county, new_case)
    with pytest.raises(NotFound):
        ending.erasable(county, HOUSING, case_id)
    summary, *words = ending.erasable(county, LABOUR, case_id)
    assert (summary.what, {one.what for one in words}) == ("summary", {"contacted", "answered"})
    with pytest.raises(NotFound):
        ending.erase(county, HOUSING, case_id, summary.text_id)
    with pytest.raises(NotAllowed):
        ending.erase(county, LEADER, case_id, summary.text_id)
    ending.erase(county, LABOUR, case_id, summary.text_id)
    with pytest.raises(NotFound):
        ending.erase(county, LABOUR, case_id, summary.text_id)
    asker = Scope(who=case_id, role="resident")
    assert read_summary(county, asker, case_id) is None
    erased = [e for e in read_case(county, asker, case_id).events if e.event == "erased"]
    assert [e.body_id for e in erased] == ["b01"]
    code = erased[0].code
    assert code == ending.salted(SUMMARY, code[:8]), "who still has the text can show it"
    assert code != ending.salted(SUMMARY + "。", code[:8])
    answered = next(e for e in read_case(county, asker, case_id).events if e.event == "answered")
    assert answered.words == ANSWER, "the others stay"
    assert said


def test_nobody_writes_an_erased_event_without_erasing(county: Db, new_case) -> None:
    case_id, _ = written(county, new_case)
    with pytest.raises(NotAllowed):
        record.add_event(county, LABOUR, case_id, NewEvent("erased"), anything)
