"""The reception roster: entered by post, changed by new rows, loaded whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import docx
import pytest
import sqlalchemy as sa

from data import roster
from data.errors import DataError, NotAllowed, NotFound
from data.roster import NewLine
from data.schema import audit
from data.schema import roster as table
from data.scope import Scope
from reports.daily_facts import County
from reports.roster import COLUMNS, roster_file, weeks
from service import roster as served
from service.roster_files import names_of, roster_files
from service.rules import county_rules
from tests.conftest import DESK, LABOUR, LEADER, SUPERVISOR
from wording import LANGUAGES, t

APRIL = dt.date(2026, 4, 1)
LINE = NewLine(dt.date(2026, 4, 2), "09:00", "11:30", "county_head", None, "信访接待大厅", 10)
HEADS = "日期,开始,结束,岗位,单位,地点,件数\n"


@pytest.fixture
def county(sqlite_db, small_county):
    return small_county(sqlite_db)


def with_(**changed) -> NewLine:
    return NewLine(**({**vars(LINE)} | changed))


def april(db):
    return served.of_month(db, Scope.public(), APRIL)


def test_a_line_is_entered_changed_and_called_off_by_rows_only(county, clock):
    assert roster.add(county, SUPERVISOR, [LINE]) == 1
    (line,) = april(county)
    roster.change(county, SUPERVISOR, line.line_id, with_(post="deputy_county_head"))
    (changed,) = april(county)
    assert (changed.post, changed.day) == ("deputy_county_head", LINE.day)
    with pytest.raises(NotFound):
        roster.change(county, SUPERVISOR, line.line_id, LINE)
    roster.cancel(county, SUPERVISOR, changed.line_id)
    assert april(county) == ()
    with pytest.raises(NotFound):
        roster.cancel(county, SUPERVISOR, changed.line_id)
    with county.read() as conn:
        rows = conn.execute(sa.select(table.c.replaces, table.c.is_off)).all()
        done = conn.execute(sa.select(audit.c.action)).scalars().all()
    assert [tuple(row) for row in rows] == [(None, False), (1, False), (2, True)]
    assert done[-3:] == ["roster_saved", "roster_saved", "roster_called_off"]


def test_a_line_whose_day_is_over_stays_as_it_was(county, clock):
    roster.add(county, SUPERVISOR, [LINE])
    (line,) = april(county)
    clock.go(days=60)
    with pytest.raises(NotFound):
        roster.cancel(county, SUPERVISOR, line.line_id)


@pytest.mark.parametrize("scope", [DESK, LABOUR, LEADER, Scope.public()])
def test_only_supervisor_and_administrator_keep_it(county, scope):
    with pytest.raises(NotAllowed):
        roster.add(county, scope, [LINE])
    with pytest.raises(NotAllowed):
        served.load(county, scope, b"", "x.csv")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"post": "王建国"}, "post"),
        ({"place": "接待室，联系人王建国"}, "person"),
        ({"place": "接待室 13812345678"}, "person"),
        ({"place": " "}, "no_place"),
        ({"place": "室" * 81}, "long_place"),
        ({"slots": 0}, "slots"),
        ({"body_id": "nobody"}, "body"),
        ({"day": dt.date(2026, 3, 1)}, "past"),
        ({"day": dt.date(2062, 3, 1)}, "far"),
        ({"starts": "9:00"}, "time"),
        ({"starts": "12:00"}, "order"),
    ],
)
def test_what_may_not_stand_in_a_line_is_refused_with_a_sentence(county, changed, key):
    with pytest.raises(DataError) as err:
        roster.add(county, SUPERVISOR, [LINE, with_(**changed)])
    assert [one.key for one in err.value.problems] == [f"roster.error.{key}"]
    for language in LANGUAGES:
        assert err.value.text(language)
        assert err.value.problems[0].text(language)
    assert april(county) == ()


def test_the_address_of_the_office_may_stand_in_a_place(county):
    roster.add(county, SUPERVISOR, [with_(place="信访接待中心（人民路12号）")])
    with pytest.raises(DataError) as err:
        roster.add(county, SUPERVISOR, [with_(place="信访接待中心（人民路12号）")])
    assert err.value.problems[0].key == "roster.error.repeated"


def test_a_month_comes_from_a_spreadsheet_whole_or_not_at_all(county):
    good = HEADS + (
        "2026年4月2日,9:00,11时30分,县长,,大厅,10\n"
        "2026-04-03,0.375,11:30:00,Head of the department,人社局,大厅,8\n"
    )
    assert served.load(county, SUPERVISOR, good.encode(), "四月.csv") == 2
    assert [(n.starts, n.ends, n.post, n.body_id) for n in april(county)] == [
        ("09:00", "11:30", "county_head", None), ("09:00", "11:30", "department_head", "b01"),
    ]  # fmt: skip
    bad = HEADS + (
        "四月九日,九点,11:30,张三,没有的单位,大厅,许多\n2026-04-10,09:00,11:30,县长,,联系人王建国,10\n"
        "2026-04-02,9:00,11:30,县长,,大厅,10\n"
    )
    with pytest.raises(DataError) as err:
        served.load(county, SUPERVISOR, bad.encode(), "四月.csv")
    found = [(one.row, one.column) for one in err.value.problems]
    assert found == [
        (2, "day"), (2, "starts"), (2, "post"), (2, "body"), (2, "slots"), (3, "place"), (4, ""),
    ]  # fmt: skip
    assert len(april(county)) == 2
    with pytest.raises(DataError) as err:
        served.load(county, SUPERVISOR, "日期,开始,岗位\n2026-04-10,9:00,县长\n".encode(), "x.csv")
    assert [one.column for one in err.value.problems] == ["ends", "place", "slots"]


def test_next_month_is_due_by_the_28th_and_late_after_it(county):
    _, calendar = county_rules(county)
    due = served.due(county, SUPERVISOR, dt.date(2026, 3, 28))
    assert (due.month, due.until, due.is_late) == (APRIL, dt.date(2026, 3, 28), False)
    assert len(due.bare) == len(served.working_days(calendar, APRIL)) == 21
    assert served.due(county, SUPERVISOR, dt.date(2026, 3, 29)).is_late
    made = served.weekly_turns(calendar, APRIL, ["b01", "b02"], LINE)
    roster.add(county, SUPERVISOR, made)
    whole = served.due(county, SUPERVISOR, dt.date(2026, 3, 29))
    assert (whole.bare, whole.is_late) == ((), False)


def test_departments_take_turns_by_weeks_and_go_on_next_month(county):
    _, calendar = county_rules(county)
    line = with_(post="department_head")
    made = served.weekly_turns(calendar, APRIL, ["b01", "b02", "t01"], line)
    weeks = {new.day.isocalendar().week: set() for new in made}
    for new in made:
        weeks[new.day.isocalendar().week].add(new.body_id)
    assert list(weeks.values()) == [{"b01"}, {"b02"}, {"t01"}, {"b01"}, {"b02"}]
    roster.add(county, SUPERVISOR, made)
    before = served.last_turn(county, SUPERVISOR, dt.date(2026, 5, 1), "department_head")
    assert before == "b02"
    may = served.weekly_turns(calendar, dt.date(2026, 5, 1), ["b01", "b02", "t01"], line, before)
    assert may[0].body_id == "t01"
    assert served.weekly_turns(calendar, APRIL, [], line) == []


def test_the_files_say_what_the_record_says(county):
    roster.add(county, SUPERVISOR, [LINE, with_(post="department_head", body_id="b01")])
    files = roster_files(county, Scope.public())
    rows = list(csv.DictReader(io.StringIO(files["roster.csv"].decode())))
    lines = json.loads(files["roster.json"])["lines"]
    assert [row["post_zh"] for row in rows] == ["县长", "部门主要负责人"]
    assert [{k: "" if v is None else str(v).lower() if k == "demo" else str(v)
             for k, v in line.items()} for line in lines] == rows  # fmt: skip
    described = json.loads(files["roster.csv-metadata.json"])["tableSchema"]["columns"]
    assert [one["name"] for one in described] == list(rows[0]) == list(COLUMNS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_month_names_posts_and_places(county, language):
    roster.add(county, SUPERVISOR, [LINE])
    facts = County("试县", "Test County", "Asia/Shanghai", True)
    names = names_of(county, SUPERVISOR)
    made = roster_file(april(county), APRIL, facts, names, language, county.now())
    file = docx.Document(io.BytesIO(made))
    cells = [cell.text for row in file.tables[0].rows for cell in row.cells]
    assert t("roster.post.county_head", language) in cells
    assert "信访接待大厅" in cells
    empty = roster_file((), APRIL, facts, names, language, county.now())
    said = "\n".join(p.text for p in docx.Document(io.BytesIO(empty)).paragraphs)
    assert t("roster.none", language) in said


def test_departments_weeks_are_listed_in_words_and_in_print(county):
    turn = with_(post="department_head", starts="14:00", ends="16:00")
    _, calendar = county_rules(county)
    lines = served.weekly_turns(calendar, APRIL, ["b01", "b02"], turn)
    roster.add(county, SUPERVISOR, lines)
    names = names_of(county, Scope.public())
    found = weeks(april(county), names, "zh")
    assert [one.bodies for one in found] == ["人社局", "住建局", "人社局", "住建局", "人社局"]
    assert found[0].first.startswith("2026年4月1日")
    facts = County("试县", "Test County", "Asia/Shanghai", False)
    for kind, start in (("docx", b"PK"), ("pdf", b"%PDF")):
        made = roster_file(april(county), APRIL, facts, names, "zh", county.now(), kind)
        assert made.startswith(start)
    word = roster_file(april(county), APRIL, facts, names, "zh", county.now())
    tables = docx.Document(io.BytesIO(word)).tables
    assert [table.rows[1].cells[-1].text for table in tables] == ["10", "人社局"]


def test_a_joint_session_is_loaded_kept_through_a_change_and_given_out(county):
    heads = HEADS.strip() + ",联合接访单位\n"
    row = "2026-04-02,09:00,11:30,县长,,大厅,10,"
    wrong = (heads + row + "人社局、没有的局\n").encode()
    with pytest.raises(DataError) as err:
        served.load(county, SUPERVISOR, wrong, "a.csv")
    assert [one.key for one in err.value.problems] == ["roster.error.sits"]
    with pytest.raises(DataError):  # one alone is none
        served.load(county, SUPERVISOR, (heads + row + "人社局\n").encode(), "a.csv")
    assert (
        served.load(county, SUPERVISOR, (heads + row + "住建局、人社局\n").encode(), "a.csv") == 1
    )
    (line,) = april(county)
    assert line.sits == ("b01", "b02")
    roster.change(county, SUPERVISOR, line.line_id, with_(sits=("b02", "t01")))
    (changed,) = april(county)
    assert changed.sits == ("b02", "t01")
    files = roster_files(county, Scope.public())
    (given,) = csv.DictReader(io.StringIO(files["roster.csv"].decode()))
    assert (given["sits"], given["sits_zh"]) == ("b02;t01", "住建局、东镇")
