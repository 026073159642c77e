"""The staff's pages of consultations and suggestions: forms and their errors, publishing, who."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from data import consultation_issues, consultations, record, suggestions
from data.consultation_checks import Comments, Decision, Notice
from data.db import Db
from data.history import NewEvent
from data.rows import NewCase
from data.scope import Scope
from service import consultations as served
from service.consultations import themes_of
from tests.conftest import DESK, LABOUR, NOW, SUPERVISOR, Clock
from tests.pages.conftest import go_to, text_of
from tests.rules.conftest import ANSWER, anything
from wording import t

TODAY = dt.date(2026, 3, 5)
NOTICE = Notice(
    "b01", "school", None, "合并两所小学", "定的是合并时间。", "政务大厅", "意见窗口", TODAY,
    TODAY + dt.timedelta(days=31),
)  # fmt: skip


def say(key: str, **values: object) -> str:
    return t(f"consultations.{key}", "zh", **values)


@pytest.fixture
def later(clock: Clock) -> Iterator[Clock]:
    yield clock
    clock.at = NOW


def key_of(page: object, begin: str) -> str:
    """The key of the first widget that begins so."""
    kinds = ("text_input", "text_area", "selectbox", "number_input", "date_input")
    keys = [widget.key or "" for kind in kinds for widget in getattr(page, kind)]
    return next(key for key in keys if key.startswith(begin))


@pytest.mark.parametrize(
    ("role", "empty"),
    [("department_clerk", "page.none"), ("supervisor", "page.none_all"),
     ("leader", "page.none_public")],
)  # fmt: skip
def test_each_reader_is_told_that_there_is_nothing_yet(open_page, role: str, empty: str) -> None:
    assert say(empty) in text_of(open_page("consultations", role))


def test_a_clerk_writes_a_notice_and_is_told_what_is_wrong(open_page, county: Db) -> None:
    page = open_page("consultations", "department_clerk")
    page.text_input(key=key_of(page, "consultation_title_")).input("联系人王建国").run()
    page.button(key="consultation_save").click().run()
    shown = text_of(page)
    assert say("error.refused", count=4) in page.error[0].value
    assert say("error.person") in shown
    assert f"{say('column.matter')}: {say('error.empty')}" in shown
    assert consultations.read_all(county, LABOUR) == ()
    page.text_input(key=key_of(page, "consultation_title_")).input("合并两所小学").run()
    for name in ("matter", "papers_place", "ask_desk"):
        page.text_area(key=key_of(page, f"consultation_{name}_")).input("写明的内容").run()
    page.button(key="consultation_save").click().run()
    assert not page.exception
    assert say("page.saved") in page.success[0].value
    (one,) = consultations.read_all(county, LABOUR)
    assert one.notice.title == "合并两所小学"
    assert say("stage.draft") in text_of(page)


def test_a_supervisor_sees_what_stands_in_the_way_and_publishes_what_was_looked_at(
    open_page, county: Db, later: Clock
) -> None:
    number = consultations.open_new(county, LABOUR, NOTICE)
    page = open_page("consultations", "supervisor")
    page.button(key="consultation_publish").click().run()
    assert not page.exception
    assert say("page.published", number=1) in page.success[0].value
    assert say("page.nothing_new") in text_of(page)
    later.go(days=40)
    said = {theme: Comments(4 * (theme == "access")) for theme in themes_of("school")}
    consultations.save_comments(county, LABOUR, number, said)
    decided = Decision("as_drafted", NOTICE.ends_on + dt.timedelta(days=1))
    consultations.save_decision(county, LABOUR, number, decided)
    page = open_page("consultations", "supervisor")
    assert say("lacks.no_reply", count=1) in [e.value for e in page.error]
    assert say("theme.access") in page.warning[0].value
    assert not [b for b in page.button if b.key == "consultation_publish"]
    said["access"] = Comments(4, "已研究。")
    consultations.save_comments(county, LABOUR, number, said)
    page = open_page("consultations", "supervisor")
    page.button(key="consultation_publish").click().run()
    assert say("page.published", number=2) in page.success[0].value
    leader = text_of(open_page("consultations", "leader"))
    assert say("stage.decided") in leader
    assert "合并两所小学" in leader


def test_comments_are_entered_by_theme_and_a_wrong_reply_is_refused(open_page, county: Db) -> None:
    number = consultations.open_new(county, LABOUR, NOTICE)
    served.publish(county, SUPERVISOR, number, 1)
    page = open_page("consultations", "department_clerk")
    page.text_area(key=key_of(page, "consultation_reply_access_")).input("已研究。").run()
    page.button(key="consultation_comments").click().run()
    assert f"{say('theme.access')}: {say('error.reply_to_nothing')}" in text_of(page)
    page.number_input(key=key_of(page, "consultation_count_access_")).set_value(5).run()
    page.button(key="consultation_comments").click().run()
    assert say("page.saved_comments", count=7) in page.success[0].value
    one = consultations.read_one(county, LABOUR, number)
    assert one.comments["access"] == Comments(5, "已研究。")
    assert say("page.decision_wait", day="2026年4月5日") in text_of(page)


def test_a_day_chosen_to_look_back_changes_nothing_here_and_publishes_nothing(
    open_page, county: Db
) -> None:
    consultations.open_new(county, LABOUR, NOTICE)
    for name in ("consultations", "suggestions"):
        page = open_page(name, "supervisor")
        page.date_input(key="as_of").set_value(dt.date(2026, 3, 2)).run()
        assert not page.exception
        assert say("page.as_now") in [one.value for one in page.info]
        assert not [b for b in page.button if (b.key or "").endswith("_publish")]


def test_a_clerk_of_another_body_sees_none_of_it(open_page, county: Db) -> None:
    consultations.open_new(county, LABOUR, NOTICE)
    shown = text_of(open_page("consultations", "township_clerk"))
    assert "合并两所小学" not in shown
    assert say("page.none") in shown


# suggestions ----------------------------------------------------------------------------------


def suggestion(db: Db) -> str:
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=db.now() - dt.timedelta(hours=1),
        domain="labour", category="unpaid_wages", kind="suggestion", channel="desk",
        procedure="ordinary", body_id="b01", summary="建议在路口加一盏灯。",
    )  # fmt: skip
    case_id = record.register(db, DESK, new).case_id
    record.add_event(db, LABOUR, case_id, NewEvent("accepted"), anything)
    record.add_event(db, LABOUR, case_id, NewEvent("answered", words=ANSWER), anything)
    return case_id


def test_the_clerk_sees_which_are_unsaid_and_says_it_on_the_case(open_page, county: Db) -> None:
    assert t("suggestions.page.waiting_none", "zh") in text_of(
        open_page("suggestions", "department_clerk")
    )
    case_id = suggestion(county)
    assert case_id in text_of(open_page("suggestions", "department_clerk"))
    supervisor = text_of(open_page("suggestions", "supervisor"))
    assert case_id not in supervisor
    assert "人社局" in supervisor
    page = open_page(None, "department_clerk")
    page.query_params["case"] = case_id
    go_to(page, "case")
    assert t("suggestions.case.unsaid", "zh") in [w.value for w in page.warning]
    page.button(key=f"suggestion_save_{case_id}").click().run()
    assert t("suggestions.error.outcome", "zh") in [e.value for e in page.error]
    page.selectbox(key=f"suggestion_outcome_{case_id}").select("not_taken_up").run()
    page.button(key=f"suggestion_save_{case_id}").click().run()
    assert t("suggestions.error.reason", "zh") in [e.value for e in page.error]
    page.selectbox(key=f"suggestion_reason_{case_id}").select("no_funds_now").run()
    page.button(key=f"suggestion_save_{case_id}").click().run()
    assert not page.exception
    (said,) = suggestions.outcomes(county, LABOUR, case_id)
    assert (said.outcome, said.reason, said.body_id) == ("not_taken_up", "no_funds_now", "b01")
    assert case_id not in text_of(open_page("suggestions", "department_clerk"))


def test_a_supervisor_publishes_the_quarter_that_is_over_and_a_leader_only_reads(
    open_page, county: Db
) -> None:
    leader = open_page("suggestions", "leader")
    assert not [b for b in leader.button if b.key == "suggestion_publish"]
    page = open_page("suggestions", "supervisor")
    assert t("suggestions.public.too_few", "zh") in text_of(page)
    page.button(key="suggestion_publish").click().run()
    assert not page.exception
    assert t("suggestions.page.published", "zh", quarter="2025-Q4") in page.success[0].value
    assert [one.quarter for one in suggestions.quarters(county, Scope.public())] == ["2025-Q4"]
    assert consultation_issues.newest(county, Scope.public()) == ()
