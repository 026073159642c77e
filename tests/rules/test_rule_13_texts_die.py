"""DOMAIN.md §2.13: texts die. They lie apart, sealed with one key per case, and end with it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data import receipts, record, texts
from data.db import Db
from data.history import NewEvent
from data.reading import open_texts, read_case, read_figures, read_summary
from data.schema import case_event, case_text, case_version, metadata, text_key
from data.scope import Scope
from tests.conftest import DESK, LABOUR, SUPERVISOR
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
