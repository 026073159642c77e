"""The register of consultations: who writes it, what it refuses, that nothing is edited."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from data import consultations
from data.consultation_checks import Comments, Decision, Notice
from data.db import Db
from data.errors import DataError, NotAllowed, NotFound
from data.schema import APPEND_ONLY, metadata
from data.scope import Scope
from data.vocabulary import CONSULTATION_KINDS, CONSULTATION_THEMES, THEMES_OF
from tests.conftest import ADMINISTRATOR, DESK, GRID_WORKER, HOUSING, LABOUR, LEADER, SUPERVISOR

TODAY = dt.date(2026, 3, 5)
NOTICE = Notice(
    "b01", "school", None, "合并两所小学的方案", "定的是合并时间和校车站点。",
    "县政务服务中心二楼", "意见征询窗口", TODAY, TODAY + dt.timedelta(days=31),
)  # fmt: skip
SCHOOL = THEMES_OF["school"]


@pytest.fixture
def county(db: Db, small_county) -> Db:  # type: ignore[no-untyped-def]
    return small_county(db)


def keys(err: pytest.ExceptionInfo[DataError]) -> set[tuple[str, str]]:
    return {(one.column, one.key.rpartition(".")[2]) for one in err.value.problems}


def said(**counts: int) -> dict[str, Comments]:
    return {
        theme: Comments(counts.get(theme, 0), "已研究。" if counts.get(theme) else None)
        for theme in SCHOOL
    }


def test_a_draft_is_its_bodys_alone_and_a_supervisors_to_see(county: Db) -> None:
    number = consultations.open_new(county, LABOUR, NOTICE)
    assert [one.notice for one in consultations.read_all(county, LABOUR)] == [NOTICE]
    assert consultations.read_one(county, SUPERVISOR, number).versions == 1
    assert consultations.read_all(county, HOUSING) == ()
    with pytest.raises(NotFound):
        consultations.read_one(county, HOUSING, number)
    for scope in (LEADER, ADMINISTRATOR, GRID_WORKER, Scope.public()):
        with pytest.raises(NotAllowed):
            consultations.read_all(county, scope)
    with pytest.raises(NotAllowed):
        consultations.open_new(county, HOUSING, NOTICE)
    with pytest.raises(NotAllowed):
        consultations.open_new(county, SUPERVISOR, NOTICE)


def test_a_township_gives_notice_of_its_own_place_only(county: Db) -> None:
    own = replace(NOTICE, body_id="t01", township_code="990000001000")
    consultations.open_new(county, DESK, own)
    with pytest.raises(DataError) as err:
        consultations.open_new(county, DESK, replace(own, township_code="990000002000"))
    assert keys(err) == {("township", "other_township")}


@pytest.mark.parametrize("name", ["title", "matter", "papers_place", "ask_desk"])
@pytest.mark.parametrize("text", ["联系人王建国", "电话13912345678", "身份证11010519491231002X"])
def test_a_person_is_refused_in_every_text_and_not_written(
    county: Db, name: str, text: str
) -> None:
    with pytest.raises(DataError) as err:
        consultations.open_new(county, LABOUR, replace(NOTICE, **{name: text}))
    assert keys(err) == {(name, "person")}
    assert consultations.read_all(county, LABOUR) == ()


def test_an_offices_address_may_stand_where_papers_lie_and_nowhere_else(county: Db) -> None:
    consultations.open_new(county, LABOUR, replace(NOTICE, papers_place="人民路12号政务大厅"))
    with pytest.raises(DataError) as err:
        consultations.open_new(county, LABOUR, replace(NOTICE, matter="拆除人民路12号的房屋"))
    assert keys(err) == {("matter", "person")}


def test_every_broken_rule_is_said_at_once(county: Db) -> None:
    bad = replace(
        NOTICE, kind="watch", title=" ", matter="长" * 1001, starts_on=dt.date(2026, 3, 4),
        township_code="1", short_reason="because",
    )  # fmt: skip
    with pytest.raises(DataError) as err:
        consultations.open_new(county, LABOUR, bad)
    assert keys(err) == {
        ("kind", "kind"), ("title", "empty"), ("matter", "long"), ("starts_on", "past"),
        ("township", "township"), ("short_reason", "short_reason"),
    }  # fmt: skip
    with pytest.raises(DataError) as err:
        consultations.open_new(county, LABOUR, replace(NOTICE, ends_on=TODAY))
    assert keys(err) == {("ends_on", "order")}


def test_comments_are_counts_of_every_theme_and_a_change_is_a_new_row(county: Db) -> None:
    number = consultations.open_new(county, LABOUR, NOTICE)
    assert consultations.save_comments(county, LABOUR, number, said(access=5)) == len(SCHOOL)
    assert consultations.save_comments(county, LABOUR, number, said(access=5)) == 0
    assert consultations.save_comments(county, LABOUR, number, said(access=6)) == 1
    one = consultations.read_one(county, LABOUR, number)
    assert one.comments["access"] == Comments(6, "已研究。")
    assert list(one.comments) == list(SCHOOL)
    with county.read() as conn:
        query = sa.text("SELECT comment_count, replaces FROM consultation_theme "
                        "WHERE theme = 'access' ORDER BY id")  # fmt: skip
        rows = conn.execute(query).all()
    assert [row[0] for row in rows] == [5, 6]
    assert rows[0][1] is None
    assert rows[1][1] is not None


def test_a_kind_stays_once_comments_are_counted_by_its_themes(county: Db) -> None:
    number = consultations.open_new(county, LABOUR, NOTICE)
    consultations.change(county, LABOUR, number, replace(NOTICE, kind="plan"))
    consultations.change(county, LABOUR, number, NOTICE)
    consultations.save_comments(county, LABOUR, number, said(access=5))
    with pytest.raises(NotAllowed):
        consultations.change(county, LABOUR, number, replace(NOTICE, kind="plan"))
    assert consultations.read_one(county, LABOUR, number).notice == NOTICE


def test_comments_that_cannot_be_are_refused(county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    number = consultations.open_new(county, LABOUR, NOTICE)
    for broken, expected in (
        ({"access": Comments(1)}, {("theme", "themes")}),
        (said() | {"access": Comments(-1)}, {("access", "count")}),
        (said() | {"access": Comments(0, "无")}, {("access", "reply_to_nothing")}),
        (said() | {"access": Comments(3, "王建国来电13912345678")}, {("access", "person")}),
    ):
        with pytest.raises(DataError) as err:
            consultations.save_comments(county, LABOUR, number, broken)
        assert keys(err) == expected
    assert consultations.read_one(county, LABOUR, number).comments == {}
    later = consultations.open_new(
        county, LABOUR, replace(NOTICE, starts_on=TODAY + dt.timedelta(days=1))
    )
    with pytest.raises(NotAllowed):
        consultations.save_comments(county, LABOUR, later, said())


def test_a_decision_comes_after_the_last_day_and_says_what_it_changed(county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    number = consultations.open_new(county, LABOUR, NOTICE)
    decided = Decision("changed", NOTICE.ends_on + dt.timedelta(days=2))
    with pytest.raises(DataError) as err:
        consultations.save_decision(county, LABOUR, number, decided)
    assert keys(err) == {("decided_on", "still_open"), ("changes", "no_changes")}
    clock.go(days=35)
    with pytest.raises(DataError) as err:
        consultations.save_decision(county, LABOUR, number, Decision("as_drafted", NOTICE.ends_on))
    assert keys(err) == {("decided_on", "before_end")}
    consultations.save_decision(county, LABOUR, number, replace(decided, changes="多开一条线。"))
    with pytest.raises(NotFound):
        consultations.save_decision(county, HOUSING, number, decided)
    assert consultations.read_one(county, SUPERVISOR, number).decision == replace(
        decided, changes="多开一条线。"
    )


def test_no_row_of_it_is_edited_or_removed(county: Db) -> None:
    tables = [name for name in metadata.tables if name.startswith(("consultation", "suggestion_"))]
    assert set(tables) <= set(APPEND_ONLY)
    consultations.open_new(county, LABOUR, NOTICE)
    for sql in ("UPDATE consultation SET title = 'x'", "DELETE FROM consultation"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), county.write() as conn:
            conn.execute(sa.text(sql))


def test_every_kind_has_themes_of_the_closed_list() -> None:
    assert set(THEMES_OF) == set(CONSULTATION_KINDS)
    assert {theme for themes in THEMES_OF.values() for theme in themes} == set(CONSULTATION_THEMES)
    assert all("other" in themes and "procedure" in themes for themes in THEMES_OF.values())


def test_no_column_is_for_who_commented_or_for_what_was_written() -> None:
    held = {
        column.name
        for name, table in metadata.tables.items()
        if name in ("consultation_theme", "suggestion_outcome")
        for column in table.columns
    }
    assert held == {
        "id", "consultation_id", "theme", "comment_count", "reply", "recorded_at", "replaces",
        "case_id", "outcome", "reason", "body_id",
    }  # fmt: skip


def test_what_is_done_stands_in_the_log(county: Db) -> None:
    number = consultations.open_new(county, LABOUR, NOTICE)
    consultations.change(county, LABOUR, number, replace(NOTICE, title="合并小学"))
    consultations.save_comments(county, LABOUR, number, said())
    with county.read() as conn:
        query = sa.text("SELECT action FROM audit WHERE target = :t ORDER BY id")
        actions = [row[0] for row in conn.execute(query, {"t": number})]
    assert actions == ["consultation_saved", "consultation_saved", "consultation_comments_saved"]
