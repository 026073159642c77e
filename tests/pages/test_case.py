"""The case page: what may be done, by whom, and what is said when it may not."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.adapter import allow
from casework.calendar import load_calendar
from casework.pack import load
from data import record
from data.errors import NotAllowed
from data.history import ANSWER_PARTS, NewEvent
from data.openings import open_texts, text_openings
from data.reading import read_case
from data.rows import NewCase
from data.scope import Scope
from tests.conftest import DESK, HOUSING, LABOUR, NOW, ROOT, SUPERVISOR
from tests.pages.conftest import text_of
from wording import t

SUMMARY = "东郊工地三个月工资未发。"
RULES = allow(load("cn_xinfang_2022"), load_calendar("cn"), "Asia/Shanghai")


@pytest.fixture
def case_id(county) -> str:
    """A case the labour bureau owes, registered by the desk of East Town two days ago."""
    new = NewCase(
        "990000001000", None, NOW - dt.timedelta(days=2), "labour", "unpaid_wages", "redress",
        "desk", "ordinary", "b01", SUMMARY,
    )  # fmt: skip
    return record.register(county, DESK, new).case_id


@pytest.fixture
def open_case(open_page, case_id):
    def open_(role, language="zh"):
        test = open_page(None, role, language)
        test.query_params["case"] = case_id
        return test.switch_page(str(ROOT / "pages" / "case.py")).run()

    return open_


def _events(county, case_id, scope=LABOUR):
    return [e.event for e in read_case(county, scope, case_id).events]


def _choose(test, event, number=0):
    return test.selectbox(key=f"case_step_{number}").set_value(event).run()


def _submit(test):
    label = t("casepage.form.button", "zh")
    return next(b for b in test.button if b.label == label).click().run()


def _key(event, name, case_id, number=0):
    return f"case_{event}_{name}_{case_id}_{number}"


@pytest.mark.parametrize("role", [None, "grid_worker", "leader", "administrator"])
def test_other_roles_see_no_case(role, open_case, case_id):
    assert case_id not in text_of(open_case(role))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_case_shows_stage_limits_and_why_without_its_text(open_case, case_id, language):
    test = open_case("department_clerk", language)
    assert not test.exception
    shown = text_of(test)
    for said in (
        case_id,
        t("casepage.phase.undecided", language),
        t("casework.clock.acceptance", language),
    ):
        assert said in shown
    assert SUMMARY not in shown
    assert "2026" in test.expander[0].label
    assert t("casepage.head.unconfirmed", language) in shown


def test_opening_the_text_is_logged_and_shown_to_the_asker(open_case, county, case_id):
    test = open_case("department_clerk")
    test.button(key="case_open").click().run()
    assert SUMMARY in text_of(test)
    test.run()
    seen = text_openings(county, Scope(who=case_id, role="resident"), case_id)
    assert [(row["role"], row["body_id"], row["count"]) for row in seen] == [
        ("department_clerk", "b01", 1)
    ]


def test_a_supervisor_opens_a_text_with_a_reason_only_and_takes_no_step(open_case, county, case_id):
    test = open_case("supervisor")
    assert not [box for box in test.selectbox if box.key.startswith("case_step")]
    test.button(key="case_open").click().run()
    assert t("data.error.reason_needed", "zh") in [box.value for box in test.error]
    assert SUMMARY not in text_of(test)
    test.text_input(key="case_reason").set_value("核对逾期原因").run()
    test.button(key="case_open").click().run()
    assert SUMMARY in text_of(test)
    seen = text_openings(county, Scope(who=case_id, role="resident"), case_id)
    assert [row["reason"] for row in seen] == ["核对逾期原因"]


def test_only_the_steps_that_are_allowed_are_offered(open_case):
    offered = open_case("department_clerk").selectbox(key="case_step_0").options
    words = {event: t(f"words.event.{event}", "zh") for event in ("accepted", "answered")}
    assert words["accepted"] in offered
    assert words["answered"] not in offered


def test_a_desk_may_only_pass_on_what_another_body_owes(open_case):
    offered = open_case("township_clerk").selectbox(key="case_step_0").options
    assert offered == [t("words.event.transferred", "zh")]


def test_after_a_step_the_page_shows_the_new_state(open_case, county, case_id):
    test = _submit(_choose(open_case("department_clerk"), "accepted"))
    assert not test.exception
    assert _events(county, case_id) == ["registered", "accepted"]
    assert t("casepage.phase.owed", "zh") in text_of(test)
    assert test.success
    assert t("words.event.answered", "zh") in test.selectbox(key="case_step_1").options


def test_an_answer_needs_its_five_parts_and_keeps_what_was_typed(open_case, county, case_id):
    test = _submit(_choose(open_case("department_clerk"), "accepted"))
    test = _choose(test, "answered", 1)
    remedy = test.text_area(key=_key("answered", "remedy", case_id, 1)).value
    assert "30 日" in remedy
    assert "2026年4月7日" in remedy, "5 March + 30 = Saturday 4 April, the festival follows"
    test.text_area(key=_key("answered", "facts", case_id, 1)).set_value("查明欠薪三个月。")
    test = _submit(test)
    lacking = "、".join(t(f"public.part.{p}", "zh") for p in ("request", "opinion", "basis"))
    assert t("casepage.form.lacking", "zh", parts=lacking) in [box.value for box in test.error]
    kept = test.text_area(key=_key("answered", "facts", case_id, 1)).value
    assert kept == "查明欠薪三个月。"
    for part in ("request", "opinion", "basis"):
        test.text_area(key=_key("answered", part, case_id, 1)).set_value("已写明。")
    test = _submit(test)
    assert _events(county, case_id)[-1] == "answered"
    _, told = open_texts(county, LABOUR, case_id)
    assert set(told.events[-1].words) == set(ANSWER_PARTS)
    assert told.events[-1].words["facts"] == "查明欠薪三个月。"


def test_declining_needs_a_reason_from_the_list_and_the_way_to_appeal(open_case, county, case_id):
    test = _submit(_choose(open_case("department_clerk"), "declined"))
    assert test.error
    assert _events(county, case_id) == ["registered"]
    test.selectbox(key=_key("declined", "code", case_id)).set_value("court_matter")
    test.text_area(key=_key("declined", "reason", case_id)).set_value("已由法院受理。")
    test.text_area(key=_key("declined", "remedy", case_id)).set_value("可以申请复查。")
    _submit(test)
    assert _events(county, case_id) == ["registered", "declined"]


def test_a_case_passed_on_leaves_the_page_of_the_one_who_passed_it(open_case, county, case_id):
    test = _choose(open_case("department_clerk"), "transferred")
    test.selectbox(key=_key("transferred", "body", case_id)).set_value("b02")
    test.selectbox(key=_key("transferred", "code", case_id)).set_value("by_task")
    test = _submit(test)
    assert test.success
    assert t("casepage.passed_on", "zh") in [box.value for box in test.info]
    assert not test.error
    assert _events(county, case_id, HOUSING) == ["registered", "transferred"]


def test_an_extension_has_no_more_days_than_the_rule_gives(open_case, county, case_id):
    test = _submit(_choose(open_case("department_clerk"), "accepted"))
    test = _choose(test, "extended", 1)
    days = test.number_input(key=_key("extended", "days", case_id, 1))
    assert (days.min, days.max) == (1, 30)
    days.set_value(20)
    test.selectbox(key=_key("extended", "code", case_id, 1)).set_value("complex")
    test.text_area(key=_key("extended", "reason", case_id, 1)).set_value("需要再核实。")
    test = _submit(test)
    lacking = t("casepage.form.lacking", "zh", parts=t("public.part.approval", "zh"))
    assert lacking in [box.value for box in test.error], "which post approved it"
    test.selectbox(key=_key("extended", "approver", case_id, 1)).set_value("deputy_head")
    test = _submit(test)
    assert read_case(county, LABOUR, case_id).events[-1].days == 20
    _, told = open_texts(county, LABOUR, case_id)
    assert told.events[-1].words["approval"] == "单位分管负责人，2026年3月5日"
    event = t("words.event.extended", "zh")
    assert [box for box in test.warning if box.value.startswith(event)], "the asker is to be told"
    assert t("casepage.clock.extended", "zh", days=20) in text_of(test)


def test_a_step_may_have_happened_earlier_but_not_before_the_case(open_case, county, case_id):
    test = _choose(open_case("department_clerk"), "contacted")
    test.checkbox(key=_key("contacted", "earlier", case_id)).check().run()
    test.date_input(key=_key("contacted", "day", case_id)).set_value(dt.date(2026, 3, 1))
    test = _submit(test)
    assert test.error, "one sentence, with the rule's own words"
    assert _events(county, case_id) == ["registered"]
    test.date_input(key=_key("contacted", "day", case_id)).set_value(dt.date(2026, 3, 4))
    _submit(test)
    last = read_case(county, LABOUR, case_id).events[-1]
    assert (last.event, last.occurred_at.date()) == ("contacted", dt.date(2026, 3, 4))


def test_a_disowned_case_shows_no_text_to_anybody(open_case, county, case_id):
    resident = Scope(who=case_id, role="resident")
    record.add_event(county, resident, case_id, NewEvent("disowned"), RULES)
    test = open_case("department_clerk")
    assert t("casepage.head.disowned", "zh") in text_of(test)
    assert "case_open" not in [button.key for button in test.button]


def test_how_a_case_was_rated_is_not_on_the_page(open_case, county, case_id):
    record.add_event(county, LABOUR, case_id, NewEvent("accepted"), RULES)
    words = dict.fromkeys(ANSWER_PARTS, "已写明。")
    record.add_event(county, LABOUR, case_id, NewEvent("answered", words=words), RULES)
    resident = Scope(who=case_id, role="resident")
    rated = NewEvent("rated", code="not", words={"reason": "rude"})
    record.add_event(county, resident, case_id, rated, RULES)
    test = open_case("department_clerk")
    test.button(key="case_open").click().run()
    shown = text_of(test)
    assert t("words.rating.not", "zh") not in shown
    assert "rude" not in shown


def test_without_a_case_the_page_says_where_to_find_one(open_page):
    test = open_page("case", "department_clerk")
    assert [box.value for box in test.info] == [t("casepage.none", "zh")]


def test_a_case_of_another_body_is_not_found(open_page, county, case_id):
    record.add_event(county, LABOUR, case_id, NewEvent("accepted"), RULES)
    test = open_page("case", "township_clerk")
    test.text_input(key="case_number").set_value(case_id.lower()).run()
    assert [box.value for box in test.error] == [t("data.error.no_such_case", "zh")]


def test_a_step_alongside_needs_the_askers_wish_and_keeps_its_day(open_case, county, case_id):
    test = _choose(open_case("department_clerk"), "mediated")
    test.selectbox(key=_key("mediated", "code", case_id)).set_value("arranged")
    test.date_input(key=_key("mediated", "planned_on", case_id)).set_value(dt.date(2026, 3, 12))
    test = _submit(test)
    assert t("casepage.form.not_wished", "zh") in [box.value for box in test.error]
    assert _events(county, case_id) == ["registered"]
    test.checkbox(key=_key("mediated", "wished", case_id)).check()
    test = _submit(test)
    last = read_case(county, LABOUR, case_id).events[-1]
    assert (last.event, last.code, last.planned_on) == (
        "mediated",
        "arranged",
        dt.date(2026, 3, 12),
    )
    assert t("casepage.linked.arranged", "zh") in text_of(test)


def test_a_delivery_names_its_way_and_the_answer_can_be_printed(open_case, county, case_id):
    record.add_event(county, LABOUR, case_id, NewEvent("accepted"), RULES)
    words = dict.fromkeys(ANSWER_PARTS, "已写明。")
    record.add_event(county, LABOUR, case_id, NewEvent("answered", words=words), RULES)
    test = _submit(_choose(open_case("department_clerk"), "delivered"))
    lacking = t("casepage.form.lacking", "zh", parts=t("casepage.form.way", "zh"))
    assert lacking in [box.value for box in test.error]
    test.selectbox(key=_key("delivered", "code", case_id)).set_value("in_hand")
    test = _submit(test)
    assert read_case(county, LABOUR, case_id).events[-1].code == "in_hand"
    assert t("casepage.way.in_hand", "zh") in text_of(test)
    test.button(key="case_letter_make").click().run()
    assert not test.exception
    seen = text_openings(county, Scope(who=case_id, role="resident"), case_id)
    assert [row["count"] for row in seen] == [1], "the letter holds the text: it was opened"


def test_a_supervisor_passes_on_only_what_a_body_objected_to(open_case, county, case_id):
    record.add_event(county, DESK, case_id, NewEvent("transferred", to_body_id="b01"), RULES)
    passing = NewEvent("transferred", to_body_id="b02", code="objection_upheld")
    with pytest.raises(NotAllowed):
        record.add_event(county, SUPERVISOR, case_id, passing, RULES)
    objection = NewEvent("objected", words={"reason": "属住建部门职责。"})
    record.add_event(county, LABOUR, case_id, objection, RULES)
    test = open_case("supervisor")
    assert t("casepage.form.objection", "zh") in [box.value for box in test.warning]
    test = _choose(test, "transferred")
    test.selectbox(key=_key("transferred", "body", case_id)).set_value("b02")
    test.selectbox(key=_key("transferred", "code", case_id)).set_value("objection_upheld")
    test = _submit(test)
    assert test.error, "a reason in words is needed"
    test.text_area(key=_key("transferred", "reason", case_id)).set_value("核实属住建部门。")
    _submit(test)
    assert _events(county, case_id, HOUSING) == [
        "registered", "transferred", "objected", "transferred",
    ]  # fmt: skip


def test_a_text_that_names_a_person_is_erased_by_who_reads_it(open_case, county, case_id):
    test = open_case("department_clerk")
    assert "erase_do" not in [button.key for button in test.button], "not before it was opened"
    test.button(key="case_open").click().run()
    assert test.button(key="erase_do").disabled
    test.selectbox(key="erase_which").select_index(0).run()
    test.checkbox(key="erase_sure").check().run()
    test.button(key="erase_do").click().run()
    assert not test.exception
    test.button(key="case_open").click().run()
    assert SUMMARY not in text_of(test)
    assert _events(county, case_id) == ["registered", "erased"]
