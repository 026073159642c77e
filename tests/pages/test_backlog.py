"""The backlog page and the page of answers that came back: lists, forms, errors, files."""

from __future__ import annotations

import datetime as dt
import io
from html import unescape

import openpyxl
import pytest
import sqlalchemy as sa

from data import answer_reviews, plans, record
from data.history import ANSWER_PARTS, NewEvent
from data.planned import NewPlan, PlanStep
from data.rows import NewCase
from data.schema import audit, backlog_plan
from data.scope import Scope
from service import held
from service import plans as served
from tests.conftest import DESK, HOUSING, LABOUR, SUPERVISOR
from tests.pages.conftest import go_to, text_of
from ui import lists
from wording import t

SECRET = "东郊工地三个月工资未发"
ROLES = ["supervisor", "leader", "township_clerk", "department_clerk"]


def anything(history, event) -> None:
    """A grammar that allows everything."""


def register(county, body_id: str = "b01") -> str:
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=county.now(), domain="labour",
        category="unpaid_wages", kind="redress", channel="hotline", procedure="ordinary",
        body_id=body_id, summary=SECRET,
    )  # fmt: skip
    return record.register(county, DESK, new).case_id


def say(county, case_id: str, event: str, scope: Scope = LABOUR) -> None:
    words = dict.fromkeys(ANSWER_PARTS, "已办。") if event == "answered" else None
    record.add_event(county, scope, case_id, NewEvent(event, words=words), anything)


@pytest.fixture
def old(county, clock) -> str:
    case_id = register(county)
    say(county, case_id, "accepted")
    clock.go(days=95)
    return case_id


def planned(county, case_id: str, **changes: object) -> str:
    today = county.now().date()
    values = {
        "case_id": case_id, "body_id": "b01", "post": "department_head",
        "due_on": today + dt.timedelta(days=30),
        "steps": (PlanStep("answer", today + dt.timedelta(days=25)),),
    }  # fmt: skip
    return served.make(county, SUPERVISOR, NewPlan(**(values | changes)))  # type: ignore[arg-type]


@pytest.fixture
def first_row(monkeypatch):
    """Shows the first row as if it had been picked (the test has no mouse)."""
    monkeypatch.setattr(lists, "selected", lambda event: [0])


def press(page, key: str):
    return next(b for b in page.button if b.label == t(key, "zh")).click().run()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_backlog_the_page_says_so(open_page, role, language):
    page = open_page("backlog", role, language)
    assert not page.exception
    shown = unescape(text_of(page))
    if role == "leader":  # figures only, and there are none
        assert t("backlog.page.how", language) in shown
    else:
        assert any(t(f"backlog.page.{key}", language) in shown for key in ("empty", "empty_open"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_supervises_sees_the_list_and_a_leader_figures_alone(county, old, open_page, language):
    page = open_page("backlog", "supervisor", language)
    assert not page.exception
    assert page.dataframe[0].value["case_id"].tolist() == [old]
    assert page.dataframe[0].value["state"].tolist() == [f"? {t('backlog.state.none', language)}"]
    assert SECRET not in text_of(page)
    page = open_page("backlog", "leader", language)
    assert not page.exception
    assert not page.dataframe
    assert old not in text_of(page)
    assert t("backlog.page.none_planned", language) in text_of(page)


def test_a_clerk_sees_the_own_bodys_cases_only(county, old, open_page, clock):
    page = open_page("backlog", "department_clerk")
    assert page.dataframe[0].value["case_id"].tolist() == [old]
    assert "body" not in page.dataframe[0].value
    record.add_event(county, LABOUR, old, NewEvent("transferred", to_body_id="b02"), anything)
    page = open_page("backlog", "department_clerk")
    assert not page.dataframe
    assert plans.read(county, HOUSING, county.now()) == ()


def test_a_supervisor_plans_and_every_slip_is_said(county, old, open_page, first_row, clock):
    page = open_page("backlog", "supervisor")
    tag = f"0_{old}"

    def error(key: str, **values: object) -> None:
        press(page, "backlog.form.save")
        assert not page.exception
        assert t(f"backlog.error.{key}", "zh", **values) in [e.value for e in page.error]
        assert plans.of_case(county, SUPERVISOR, old, county.now()) == ()

    day = county.now().date() + dt.timedelta(days=20)
    error("no_post")
    page.selectbox(key=f"plan_post_{tag}").set_value("deputy_county_head")
    error("no_due")
    page.date_input(key=f"plan_due_{tag}").set_value(day)
    error("no_steps")
    page.selectbox(key=f"plan_step_0_{tag}").set_value("contact")
    error("half_step", number=1)
    page.date_input(key=f"plan_day_0_{tag}").set_value(day)
    error("no_end")
    page.selectbox(key=f"plan_step_1_{tag}").set_value("answer")
    page.date_input(key=f"plan_day_1_{tag}").set_value(day)
    clock.go(minutes=1)  # figures may be some minutes old; what was just written is shown
    press(page, "backlog.form.save")
    assert not page.exception
    assert t("backlog.form.made", "zh") in [e.value for e in page.success]
    made = plans.of_case(county, SUPERVISOR, old, county.now())[0]
    assert (made.post, made.due_on, [s.step for s in made.steps]) == (
        "deputy_county_head", day, ["contact", "answer"],
    )  # fmt: skip
    assert t("backlog.state.on_course", "zh") in text_of(page)
    with county.read() as conn:
        actions = conn.execute(sa.select(audit.c.action, audit.c.target)).all()
    assert ("plan_made", old) in [tuple(row) for row in actions]


def test_a_case_without_a_plan_stands_before_one_that_has_one(county, old, open_page, clock):
    planned(county, old)
    clock.at -= dt.timedelta(days=95)
    bare = register(county)
    clock.go(days=96)
    page = open_page("backlog", "supervisor")
    assert not page.exception
    shown = page.dataframe[0].value
    assert shown["case_id"].tolist() == [bare, old]
    assert shown["post"].tolist() == ["", t("roster.post.department_head", "zh")]
    assert shown["next_step"].tolist()[0] == ""


def test_a_change_needs_its_reason_and_keeps_the_steps(county, old, open_page, first_row):
    planned(county, old)
    page = open_page("backlog", "supervisor")
    tag = f"1_{old}"
    assert page.selectbox(key=f"plan_step_0_{tag}").value == "answer"
    later = county.now().date() + dt.timedelta(days=60)
    page.date_input(key=f"plan_due_{tag}").set_value(later)
    press(page, "backlog.form.save")
    assert t("backlog.error.reason", "zh") in [e.value for e in page.error]
    page.selectbox(key=f"plan_reason_{tag}").set_value("waits_for_report")
    press(page, "backlog.form.save")
    assert not page.exception
    with county.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(backlog_plan)).scalar() == 2
    shown = text_of(page)
    assert t("backlog.reason.waits_for_report", "zh") in shown


def test_a_clerk_reads_the_plan_and_has_no_form(county, old, open_page, first_row):
    planned(county, old)
    page = open_page("backlog", "department_clerk")
    assert not page.exception
    assert t("roster.post.department_head", "zh") in text_of(page)
    assert [b.label for b in page.button if b.label == t("backlog.form.save", "zh")] == []


def test_the_case_page_shows_the_plan_and_the_work_list_the_backlog(county, old, open_page):
    planned(county, old)
    page = open_page(None, "department_clerk")
    page.query_params["case"] = old
    go_to(page, "case")
    assert not page.exception
    assert t("backlog.plan.title", "zh") in text_of(page)
    page = open_page(None, "department_clerk")
    page.query_params["show"] = "backlog"
    go_to(page, "worklist")
    assert not page.exception
    assert page.dataframe[0].value["case_id"].tolist() == [old]


def test_a_case_that_is_no_backlog_has_no_plan_on_its_page(county, open_page):
    page = open_page(None, "supervisor")
    page.query_params["case"] = register(county)
    go_to(page, "case")
    assert t("backlog.plan.title", "zh") not in text_of(page)


def test_figures_stand_by_level_and_body_and_small_ones_without_a_share(county, old, open_page):
    planned(county, old)
    for role in ("supervisor", "leader"):
        shown = text_of(open_page("backlog", role))
        assert t("backlog.level.department", "zh") in shown
        assert "n&lt;10" in shown
        assert "%" not in shown.split(t("backlog.page.by_level", "zh"))[1]


def files(monkeypatch, module) -> list[tuple[str, bytes]]:
    taken: list[tuple[str, bytes]] = []

    def button(label, data, name, *more, **also):
        taken.append((name, data()))

    monkeypatch.setattr(module.st, "download_button", button)
    return taken


def cells(made: bytes) -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(made))
    return [c for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c]


def test_the_file_is_covered_names_no_case_and_is_noted(county, old, open_page, monkeypatch):
    from ui import backlog

    taken = files(monkeypatch, backlog)
    planned(county, old)
    assert not open_page("backlog", "leader").exception
    name, made = taken[-1]
    found = cells(made)
    assert old not in found
    assert [c for c in found if isinstance(c, int) and 0 < c < 3] == []
    assert "·" in found
    with county.read() as conn:
        noted = conn.execute(sa.select(audit.c.target).where(audit.c.action == "exported"))
        assert name in noted.scalars().all()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_an_answer_that_came_back_the_page_says_so(open_page, role, language):
    page = open_page("held", role, language)
    assert not page.exception
    key = "backlog.lessons.none" if role == "leader" else "backlog.held.none"
    assert t(key, language) in text_of(page)


@pytest.fixture
def came_back(county, clock) -> str:
    case_id = register(county)
    say(county, case_id, "answered")
    clock.go(days=2)
    say(county, case_id, "not_solved", Scope(who=case_id, role="resident"))
    clock.go(hours=1)
    return case_id


def test_the_body_looks_back_first_then_the_supervisor(
    county, came_back, open_page, first_row, clock
):
    page = open_page("held", "supervisor")
    assert t("backlog.held.wait", "zh") in text_of(page)
    page = open_page("held", "department_clerk")
    assert SECRET not in text_of(page)
    press(page, "backlog.held.save")
    assert t("backlog.error.choose_both", "zh") in [e.value for e in page.error]
    handled = next(s for s in page.selectbox if s.key.startswith("held_handled_"))
    handled.set_value("promise_not_done")
    because = next(s for s in page.selectbox if s.key.startswith("held_came_back_"))
    because.set_value("promised_day_passed")
    clock.go(minutes=1)
    press(page, "backlog.held.save")
    assert not page.exception
    assert t("backlog.held.saved", "zh") in [e.value for e in page.success]
    assert t("backlog.handled.promise_not_done", "zh") in text_of(page)
    page = open_page("held", "supervisor")
    shown = text_of(page)
    assert t("backlog.handled.promise_not_done", "zh") in shown
    for name, word in (("handled", "facts_not_checked"), ("came_back", "facts_wrong")):
        next(s for s in page.selectbox if s.key.startswith(f"held_{name}_")).set_value(word)
    press(page, "backlog.held.save")
    assert not page.exception
    row = held.listed(county, SUPERVISOR, county.now())[0]
    assert row.waits_for == "done"
    assert row.second is not None
    assert row.second.handled == "facts_not_checked"


def test_a_clerk_sees_no_other_bodys_answer_and_no_lesson(county, came_back, open_page):
    page = open_page("held", "township_clerk")
    assert came_back not in text_of(page)
    assert not page.dataframe
    page = open_page("held", "department_clerk")
    assert page.dataframe[0].value["case_id"].tolist() == [came_back]
    assert t("backlog.lessons.title", "zh") not in text_of(page)


def test_lessons_stand_from_ten_looks_on_and_leave_covered(county, clock, open_page, monkeypatch):
    from ui import held as on_screen

    taken = files(monkeypatch, on_screen)
    for number in range(10):
        case_id = register(county)
        say(county, case_id, "answered")
        answered_at = county.now()
        clock.go(hours=1)
        say(county, case_id, "not_solved", Scope(who=case_id, role="resident"))
        word = "partly_done" if number < 9 else "law_only"
        answer_reviews.review(county, LABOUR, case_id, answered_at, word, "rest_left_open")
        if number == 8:
            assert t("backlog.lessons.none", "zh") in text_of(open_page("held", "leader"))
    page = open_page("held", "leader")
    assert not page.exception
    shown = text_of(page)
    assert t("backlog.handled.partly_done", "zh") in shown
    assert "90.0%" in shown
    assert not page.dataframe
    name, made = taken[-1]
    found = cells(made)
    assert name.startswith("lessons-")
    assert [c for c in found if isinstance(c, int) and 0 < c < 3] == []
    assert "·" in found
