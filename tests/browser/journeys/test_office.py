"""Journeys of the office that answers and of the one who asked."""

from __future__ import annotations

import pytest

from data import reading
from data.scope import Scope

from .conftest import Walker
from .county import ANSWER, LABOUR, PASSWORD, MadeCounty, a_case, assign
from .frame import Walk

pytestmark = pytest.mark.browser


def test_a_department_clerk_acknowledges_answers_and_delivers(
    walker: Walker, county: MadeCounty
) -> None:
    slip = a_case(county, "accepted", "notified")
    assign(county, slip.case_id)
    walk = walker("answer")
    page = walk.page
    with walk.step("sign-in", "登录", "Signs in"):
        walk.open("/sign-in")
        walk.sign_in(county.login("department_clerk"), PASSWORD)
    with walk.step("assigned", "打开交办，看到要签收的件", "Opens the assignments"):
        walk.menu("assignments")
        walk.rows().wait_for()
    with walk.step("acknowledged", "签收", "Acknowledges"):
        walk.first_row()
        walk.press(walk.button(walk.t("assignments.act.acknowledged")))
        walk.sees(walk.t("assignments.act.acknowledged_done"))
    with walk.step("case", "打开事项", "Opens the case"):
        walk.press(page.get_by_role("link", name=walk.t("assignments.one.case")).first)
        walk.sees(walk.t("casepage.form.title"))
    with walk.step("answer", "选“答复”，写五项内容", "Picks “answered”, writes its five parts"):
        walk.pick(walk.t("casepage.form.step"), walk.t("words.event.answered"))
        for part, words in ANSWER.items():
            if part != "remedy":  # the page has written it
                box = page.get_by_role("textbox", name=walk.t(f"public.part.{part}"))
                walk.type(box, words)
        walk.looks_at(walk.button(walk.t("casepage.form.button")))
    with walk.step("answered", "记录答复", "Records the answer"):
        _record(walk, "answered")
    with walk.step("delivered", "选“送达”，写明怎样送达", "Records how it was delivered"):
        walk.pick(walk.t("casepage.form.step"), walk.t("words.event.delivered"))
        walk.pick(walk.t("casepage.form.way"), walk.t("casepage.way.in_hand"))
        _record(walk, "delivered")
    walk.done(most_presses=28)
    reader = walk.visit(walk.base, 320, 640).open("/s?lang=zh")
    reader.fill("#code", slip.code)
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/s/case")
    shown = reader.inner_text("main")
    for part, words in ANSWER.items():
        assert words in shown or part == "remedy"
    assert walk.t("words.event.delivered") in shown or walk.language == "en"


def _record(walk: Walk, event: str) -> None:
    walk.press(walk.button(walk.t("casepage.form.button")))
    walk.sees(walk.t("casepage.form.done", step=walk.t(f"words.event.{event}")))


def test_the_one_who_asked_reads_the_answer_and_says_not_solved(
    walker: Walker, county: MadeCounty
) -> None:
    slip = a_case(county, "accepted", "notified", "answered", "delivered")
    walk = walker("resident")
    page = walk.page
    with walk.step("start", "打开回执上的网址", "Opens the address on the slip"):
        walk.open("/s")
        page.locator("#code").wait_for()
    with walk.step("case", "输入查询码，看到事项", "Types the code, sees the case"):
        walk.type(page.locator("#code"), slip.code)
        walk.press(page.locator("main form button").first)
        page.wait_for_url("**/s/case")
    with walk.step("answer", "看到答复", "Reads the answer"):
        walk.press(page.get_by_role("link", name=walk.t("public.case.to_answer")))
        walk.sees(ANSWER["opinion"])
    with walk.step("say", "找到“没有解决”", "Finds “not solved”"):
        walk.looks_at(walk.button(walk.t("public.say.not_solved.button")))
    with walk.step("said", "说“没有解决”，看到事项重新办理", "Says so; the case is open again"):
        walk.press(walk.button(walk.t("public.say.not_solved.button")))
        page.get_by_role("button", name=walk.t("public.done.back")).wait_for()
    with walk.step("open", "回到事项：重新办理", "Back to the case: open again"):
        walk.press(walk.button(walk.t("public.done.back")))
        walk.sees(walk.t("public.stage.reopened"))
    scope = Scope("labour", "department_clerk", bodies=frozenset({LABOUR}), desk=LABOUR)
    events = reading.read_case(county.db, scope, slip.case_id).events
    assert events[-1].event == "not_solved"
    walk.done(most_presses=7)
