"""The assignments page, and the way there: from a flag, from a case, from the list of subjects."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data import record, scores
from data.assigned import NewAssignment
from data.history import NewEvent
from data.rows import NewCase
from data.schema import assignment, assignment_event, audit, flag_event
from data.scope import Scope
from service import assignments as served
from service.flag_fates import fate_lines, flag_fates
from service.forecast import score
from tests.conftest import DESK, LABOUR, SUPERVISOR
from tests.pages.conftest import go_to, text_of
from ui import lists
from wording import t

OPERATOR = Scope.operator()
SECRET = "东郊工地三个月工资未发"
SAID = "请今日联系并说明。"


def anything(history, event) -> None:
    """A grammar that allows everything."""


def a_case(county, clock) -> str:
    new = NewCase(
        township_code="990000001000", grid_code="990000001001001", opened_at=clock(),
        domain="labour", category="unpaid_wages", kind="redress", channel="hotline",
        procedure="ordinary", body_id="b01", summary=SECRET,
    )  # fmt: skip
    case_id = record.register(county, DESK, new).case_id
    record.add_event(county, LABOUR, case_id, NewEvent("accepted"), anything)
    return case_id


def assigned(county, case_id: str | None, **changes: object) -> str:
    subject = "this_case" if case_id else "overdue_answers"
    found = (
        served.choices(county, SUPERVISOR, case_id)
        if case_id
        else served.subject_choices(county, subject, "b01")
    )
    values = {
        "origin": "case" if case_id else "notice", "body_id": "b01", "subject": subject,
        "step": found.steps[0], "due_on": found.usual_day, "case_id": case_id,
        "words": SAID if case_id else "",
    }  # fmt: skip
    return served.assign(county, SUPERVISOR, NewAssignment(**(values | changes)))  # type: ignore[arg-type]


def held(county, table) -> list[dict[str, object]]:
    with county.read() as conn:
        return [dict(row) for row in conn.execute(sa.select(table)).mappings()]


@pytest.mark.parametrize("role", ["supervisor", "leader", "township_clerk", "department_clerk"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_page_says_what_to_do(open_page, role, language):
    page = open_page("assignments", role, language)
    assert not page.exception
    assert t(f"assignments.list.none_{role}", language) in text_of(page)


@pytest.fixture
def on_page(county, clock, monkeypatch):
    """Shows one assignment as if its row had been picked (the test has no mouse)."""
    monkeypatch.setattr(lists, "selected", lambda event: [0])


def test_a_clerk_acknowledges_and_answers_and_the_supervisor_verifies(
    county, clock, open_page, on_page
):
    made = assigned(county, a_case(county, clock))
    page = open_page("assignments", "department_clerk")
    shown = text_of(page)
    assert SECRET not in shown
    assert SAID not in shown
    page.button(key=f"assignment_acknowledged_{made}").click().run()
    assert not page.exception
    number = f"answered_{made}_1"
    page.selectbox(key=f"assignment_code_{number}").set_value("done")
    send = next(b for b in page.button if b.label == t("assignments.act.answered", "zh"))
    send.click().run()
    assert t("assignments.error.words_needed", "zh") in [e.value for e in page.error]
    page.text_area(key=f"assignment_words_{number}").set_value("已联系，查明属实。")
    send = next(b for b in page.button if b.label == t("assignments.act.answered", "zh"))
    send.click().run()
    assert [row["event"] for row in held(county, assignment_event)] == ["acknowledged", "answered"]
    page = open_page("assignments", "supervisor")
    page.button(key=f"assignment_verified_{made}").click().run()
    assert not page.exception
    assert served.listed(county, SUPERVISOR, county.now())[0].now.state == "verified"


def test_a_supervisor_returns_with_a_reason(county, clock, open_page, on_page):
    made = assigned(county, a_case(county, clock))
    served.follow_up(county, LABOUR, made, "answered", "done", "已办。")
    page = open_page("assignments", "supervisor")
    page.selectbox(key=f"assignment_code_returned_{made}_1").set_value("no_facts")
    button = next(b for b in page.button if b.label == t("assignments.act.returned", "zh"))
    button.click().run()
    assert not page.exception
    assert held(county, assignment_event)[-1]["code"] == "no_facts"


def test_words_are_opened_by_a_click_that_the_asker_sees(county, clock, open_page, on_page):
    made = assigned(county, a_case(county, clock))
    page = open_page("assignments", "department_clerk")
    page.button(key=f"words_open_{made}").click().run()
    assert SAID in text_of(page)
    assert [row["action"] for row in held(county, audit)].count("text_opened") == 1


def test_a_leader_instructs_from_lists_alone(county, open_page):
    page = open_page("assignments", "leader")
    assert len(page.text_area) == 0
    assert [box.key for box in page.text_input] == ["search"], "not about a case"
    page.selectbox(key="assign_body").set_value("b02")
    page.selectbox(key="assign_subject").set_value("backlog_cases").run()
    page.button(key="assign_button").click().run()
    assert not page.exception
    row = held(county, assignment)[0]
    assert (row["origin"], row["body_id"], row["subject"], row["step"]) == (
        "instruction", "b02", "backlog_cases", "joint_meeting",
    )  # fmt: skip
    assert (row["case_id"], row["text_id"]) == (None, None)
    page.button(key="undo").click().run()
    assert [(e["event"], e["code"]) for e in held(county, assignment_event)] == [
        ("ended", "made_in_error")
    ]


def test_nothing_is_undone_once_the_session_is_over(county, clock, open_page):
    page = open_page("assignments", "leader")
    page.selectbox(key="assign_body").set_value("b02")
    page.selectbox(key="assign_subject").set_value("backlog_cases").run()
    page.button(key="assign_button").click().run()
    clock.go(minutes=31)
    page.button(key="undo").click().run()
    assert held(county, assignment_event) == []
    assert t("states.over_undone", "zh") in text_of(page)


def test_a_leader_sees_no_assignment_of_a_case(county, clock, open_page):
    case_id = a_case(county, clock)
    assigned(county, case_id)
    page = open_page("assignments", "leader")
    assert case_id not in text_of(page)
    assert t("assignments.list.none_leader", "zh") in text_of(page)


def test_who_is_asked_sees_late_ones_first_and_where_they_stand(county, clock, open_page, on_page):
    assigned(county, None)
    clock.go(days=8)
    page = open_page("assignments", "supervisor", "en")
    shown = text_of(page)
    assert t("assignments.level.county", "en") in shown
    assert page.selectbox(key="assignments_show").value == "late"


def test_from_a_flag_to_an_assignment_on_one_page(county, clock, open_page, tmp_path):
    for _ in range(4):
        a_case(county, clock)
    clock.go(days=20)
    score(county, OPERATOR, tmp_path / "models", capacity=2)
    flag = scores.read_flags(county, SUPERVISOR, county.now()).iloc[0]
    page = open_page("likely_late", "supervisor")
    page.query_params["open"] = flag["case_id"]
    page.run()
    assert not [b for b in page.button if b.label == t("assignments.make.button", "zh")]
    page.selectbox(key=f"likely_confirm_{flag['flag_id']}").set_value("no_step_yet").run()
    page.button(key=f"likely_confirm_button_{flag['flag_id']}").click().run()
    assert not page.exception
    number = f"assign_flag_{flag['case_id']}"
    page.button(key=number).click().run()
    assert held(county, assignment) == [], "first a question that says who will see it"
    page.button(key=f"{number}_yes").click().run()
    assert not page.exception
    row = held(county, assignment)[0]
    assert (row["origin"], row["flag_id"], row["step"]) == ("flag", flag["flag_id"], "answer")
    assert [e["event"] for e in held(county, flag_event) if e["flag_id"] == flag["flag_id"]] == [
        "proposed", "confirmed", "assigned",
    ]  # fmt: skip
    assert f"▷ {t('assignments.state.assigned', 'zh')}" in page.dataframe[0].value["flag"].tolist()


def test_what_became_of_every_flag_is_kept_apart(county, clock, tmp_path):
    ids = [a_case(county, clock) for _ in range(3)]
    clock.go(days=20)
    score(county, OPERATOR, tmp_path / "models", capacity=2)
    flags = scores.read_flags(county, SUPERVISOR, county.now()).set_index("case_id")["flag_id"]
    scores.decide(county, SUPERVISOR, flags[ids[0]], "confirmed", "no_step_yet")
    found = served.choices(county, SUPERVISOR, ids[0])
    new = NewAssignment(
        "flag", "b01", "this_case", "answer", found.usual_day, ids[0], flags[ids[0]]
    )
    made = served.assign(county, SUPERVISOR, new)
    served.follow_up(county, LABOUR, made, "answered", "done", "已答复。")
    scores.decide(county, SUPERVISOR, flags[ids[1]], "dismissed", "extended")
    clock.go(days=60)
    for scope in (SUPERVISOR, OPERATOR):
        fates = flag_fates(county, scope, county.now())
        assert "case_id" not in fates
        assert sorted(fates["fate"]) == ["assigned", "dismissed", "proposed"]
        lines = {line.fate: line for line in fate_lines(fates)}
        assert (lines["assigned"].late.numerator, lines["assigned"].late.denominator) == (1, 1)
        assert (lines["assigned"].in_time.numerator, lines["assigned"].cases) == (1, 1)
        assert lines["confirmed"].cases == 0


def test_the_letter_is_noted_when_it_is_taken(county, clock, open_page, on_page, monkeypatch):
    taken = []
    from ui import assignments

    def button(label, data, name, *more, **look):
        if name.endswith(".docx") and made in name:  # the first page offers files of its own
            taken.append((name, data()))

    made = assigned(county, a_case(county, clock))
    monkeypatch.setattr(assignments.st, "download_button", button)
    assert not open_page("assignments", "supervisor").exception
    name, file = taken[-1]
    assert (made in name, name.endswith(".docx"), file[:2]) == (True, True, b"PK")
    noted = [row for row in held(county, audit) if row["action"] == "exported"]
    assert noted[-1]["target"] == name


def test_a_case_shows_its_assignments_and_a_supervisor_makes_one_there(county, clock, open_page):
    case_id = a_case(county, clock)
    page = open_page(None, "supervisor")
    page.query_params["case"] = case_id
    go_to(page, "case")
    assert not page.exception
    assert t("assignments.case.none", "zh") in text_of(page)
    page.text_area(key=f"assign_words_case_{case_id}").set_value(SAID)
    page.button(key=f"assign_case_{case_id}").click().run()
    page.button(key=f"assign_case_{case_id}_no").click().run()
    page.button(key=f"assign_case_{case_id}").click().run()
    assert held(county, assignment) == []
    page.button(key=f"assign_case_{case_id}_yes").click().run()
    assert not page.exception
    row = held(county, assignment)[0]
    assert (row["origin"], row["case_id"], row["body_id"]) == ("case", case_id, "b01")
    page = open_page(None, "department_clerk")
    page.query_params["case"] = case_id
    go_to(page, "case")
    page.button(key=f"assignment_acknowledged_{row['assignment_id']}").click().run()
    assert not page.exception
    assert held(county, assignment_event)[0]["event"] == "acknowledged"
