"""Notices, inspection, evaluation from outside, the standard of townships: services only."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
import sqlalchemy as sa

from data import evaluations, inspections
from data.assigned import NewAssignment
from data.checklist import (
    CHECKLIST_FILE,
    STANDARD,
    STANDARD_FILE,
    parse_checklist,
    parse_standard,
    shipped,
)
from data.errors import ConfigError, DataError, NotAllowed
from data.inspections import NewMark
from data.schema import audit
from data.scope import Scope
from reports.evaluations import beside
from reports.rates import Rate
from reports.standards import judge
from service import assignments as asked
from service import evaluations as imported
from service import supervision as served
from service.figures import county_figures
from tests.conftest import DESK, HOUSING, LABOUR, LEADER, SUPERVISOR

from .busy_county import fill

TODAY = dt.date(2026, 3, 5)
HEADS = "年份,评估方,单位,指标,结果,样本,方法\n"
LIMITS = {"on_time": 0.9, "told": 0.8, "delivered": 0.8, "exits": 0.3}


@pytest.fixture
def county(sqlite_db, small_county):
    return small_county(sqlite_db)


def test_every_shipped_item_names_what_it_looks_at_and_its_source():
    items = parse_checklist(shipped(CHECKLIST_FILE)).items
    assert len(items) >= 10
    for item in items:
        assert item.figure or item.evidence
        assert set(item.names) == set(item.source) == {"zh", "en"}
    assert set(parse_standard(shipped(STANDARD_FILE)).limits) == set(STANDARD)


ITEM = (
    '[[item]]\nid = "a_b"\nnames = { zh = "做到", en = "done" }\nsource = { zh = "x", en = "x" }\n'
)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("", "items"), ("[[item", "unreadable"), (ITEM, "neither"),
        (ITEM + 'figure = "petitions"\n', "not_known"), (ITEM + 'figure = "opened"\n', "not_known"),
        (ITEM + 'evidence = "visits_book"\n', "not_known"),
        (ITEM + 'figure = "told"\nmost = 3\n', "unknown"),
        (ITEM.replace("a_b", "A B") + 'figure = "told"\n', "id"),
        ((ITEM + 'figure = "told"\n') * 2, "twice"),
        (ITEM.replace('"做到"', '"联系人王建国，电话13912345678"') + 'figure = "told"\n', "said"),
    ],
)  # fmt: skip
def test_a_list_that_would_count_askers_or_names_nothing_is_refused(county, content, key):
    with pytest.raises(ConfigError) as err:
        served.put_in_force(county, Scope.operator(), content)
    assert err.value.key == f"supervision.file.{key}"
    assert served.checklist(county, SUPERVISOR) == parse_checklist(shipped(CHECKLIST_FILE))


@pytest.mark.parametrize(
    "lines",
    ["on_time = 0.9", "on_time = 0.9\ntold = 0.9\ndelivered = 0.9\nexits = 0.2\ncases = 100",
     "on_time = 95\ntold = 0.9\ndelivered = 0.9\nexits = 0.2"],
)  # fmt: skip
def test_a_standard_is_exactly_the_four_shares(county, lines):
    content = f'source = {{ zh = "本县", en = "ours" }}\n[standard]\n{lines}\n'
    with pytest.raises(ConfigError):
        served.put_in_force(county, Scope.operator(), content)


def test_a_countys_own_files_take_the_place_of_the_shipped_ones(county):
    own = ITEM + 'figure = "told"\n'
    assert served.put_in_force(county, Scope.operator(), own) == CHECKLIST_FILE
    (item,) = served.checklist(county, LEADER).items
    assert item.item_id == "a_b"
    with pytest.raises(NotAllowed):
        served.put_in_force(county, SUPERVISOR, own)


def new_mark(**changed) -> NewMark:
    given = {
        "year": 2026, "body_id": "b01", "item": "told", "mark": "partly", "done_on": TODAY,
        "post": "office_head",
    }  # fmt: skip
    return NewMark(**(given | changed))


def test_the_newest_mark_counts_and_each_is_in_the_log(county):
    served.mark(county, SUPERVISOR, new_mark())
    served.mark(county, SUPERVISOR, new_mark(mark="met"))
    (found,) = inspections.read(county, LEADER, 2026).values()
    assert found.mark == "met"
    assert inspections.read(county, LEADER, 2025) == {}
    with county.read() as conn:
        log = conn.execute(sa.select(audit.c.action, audit.c.target, audit.c.reason)).all()
    assert log.count(("inspection_marked", "b01 2026", "told")) == 2
    for scope in (DESK, LABOUR):
        with pytest.raises(NotAllowed):
            inspections.read(county, scope, 2026)


@pytest.mark.parametrize(
    "changed",
    [{"item": "fewer_cases"}, {"mark": "good"}, {"post": "Mr Wang"}, {"body_id": "nobody"},
     {"done_on": TODAY + dt.timedelta(days=1)}, {"done_on": dt.date(2025, 12, 31)}],
)  # fmt: skip
def test_a_mark_outside_the_lists_or_days_is_refused(county, changed):
    with pytest.raises(NotAllowed):
        served.mark(county, SUPERVISOR, new_mark(**changed))
    with pytest.raises(NotAllowed):
        served.mark(county, LEADER, new_mark())
    assert inspections.read(county, SUPERVISOR, 2026) == {}


def test_a_table_is_imported_by_names_in_either_language(county):
    rows = (
        "2025,高等院校,人社局,满意率,82.5%,120,电话调查\n"
        "2025,university,b02,told,70,9,file_review\n"
    )
    assert imported.load(county, SUPERVISOR, (HEADS + rows).encode(), "e.csv") == 2
    first, second = evaluations.read(county, LEADER, 2025)
    assert (first.body_id, first.measure, first.share, first.base) == (
        "b01", "satisfaction", 0.825, 120,
    )  # fmt: skip
    assert second.method == "file_review"
    again = openpyxl.Workbook()
    again.active.append(["Year", "Evaluator", "Body", "Measure", "Result", "Base", "Method"])
    again.active.append([2025, "university", "b01", "satisfied", 90, 200, "phone survey"])
    out = io.BytesIO()
    again.save(out)
    assert imported.load(county, SUPERVISOR, out.getvalue(), "e.xlsx") == 1
    assert evaluations.read(county, LEADER, 2025)[0].share == 0.9
    with pytest.raises(NotAllowed):
        imported.load(county, LABOUR, (HEADS + rows).encode(), "e.csv")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("1999,高等院校,人社局,满意率,82,120,电话调查", "year"),
        ("2025,张老师,人社局,满意率,82,120,电话调查", "evaluator"),
        ("2025,高等院校,某局,满意率,82,120,电话调查", "body"),
        ("2025,高等院校,人社局,信访量,82,120,电话调查", "measure"),
        ("2025,高等院校,人社局,满意率,0.82,120,电话调查", "value"),
        ("2025,高等院校,人社局,满意率,101,120,电话调查", "value"),
        ("2025,高等院校,人社局,满意率,82,0,电话调查", "base"),
        ("2025,高等院校,人社局,满意率,82,120,暗访", "method"),
    ],
)  # fmt: skip
def test_one_wrong_row_is_said_with_its_column_and_nothing_is_imported(county, row, column):
    good = "2025,高等院校,住建局,满意率,82,120,电话调查\n"
    with pytest.raises(DataError) as err:
        imported.load(county, SUPERVISOR, (HEADS + good + row).encode(), "e.csv")
    (problem,) = err.value.problems
    assert (problem.row, problem.column) == (3, column)
    assert problem.text("zh")
    assert problem.text("en")
    assert evaluations.read(county, SUPERVISOR, 2025) == ()


def test_what_stands_twice_or_lacks_a_column_or_rows_is_refused(county):
    row = "2025,高等院校,住建局,满意率,82,120,电话调查\n"
    for content in (HEADS + row * 2, HEADS.replace(",方法", ""), HEADS):
        with pytest.raises(DataError):
            imported.load(county, SUPERVISOR, content.encode(), "e.csv")
    assert evaluations.read(county, SUPERVISOR, 2025) == ()


@pytest.mark.parametrize(
    ("measure", "share", "base", "ours", "why"),
    [
        ("on_time", 0.8, 9, Rate(90, 100), "covered"), ("ease", 0.8, 90, None, "no_own"),
        ("on_time", 0.8, 90, Rate(4, 5), "own_not_said"), ("told", 0.8, 90, None, "own_not_said"),
        ("on_time", 0.8, 100, Rate(85, 100), "within_chance"),
        ("on_time", 0.5, 100, Rate(90, 100), "beyond_chance"),
        ("on_time", 1.0, 50, Rate(40, 40), "within_chance"),
    ],
)  # fmt: skip
def test_a_difference_is_explained_by_what_both_rest_on(measure, share, base, ours, why):
    found = beside("b01", measure, "university", "phone_survey", share, base, ours)
    assert found.why == why
    assert (found.theirs is None) == (base < 10)
    if why in ("covered", "no_own", "own_not_said"):
        assert found.ours is None


def test_what_was_measured_outside_stands_beside_our_own_year(county):
    fill(county)
    rows = (
        "2025,高等院校,人社局,按期办结率,40,300,案卷评查\n"
        "2025,高等院校,人社局,办事方便,60,300,电话调查\n"
    )
    imported.load(county, SUPERVISOR, (HEADS + rows).encode(), "e.csv")
    now = county_figures(county, SUPERVISOR, county.now())
    found = served.evaluated(
        county, SUPERVISOR, now, 2025, county.now(), evaluations.read(county, SUPERVISOR, 2025)
    )
    own = served.rates_of_year(county, SUPERVISOR, now, 2025, county.now())["b01"]["on_time"]
    assert found[0].ours == own
    assert own.denominator > 100
    assert [one.why for one in found] == ["beyond_chance", "no_own"]


def township(times: int, share: float, many: int = 10) -> dict[str, Rate]:
    n = many * times
    return {
        "on_time": Rate(round(n * share), n), "told": Rate(round(n * share), n),
        "delivered": Rate(round(n * share), n), "exits": Rate(round(n * 0.2), n),
    }  # fmt: skip


@pytest.mark.parametrize("times", [2, 9])
def test_twice_the_cases_of_a_township_move_neither_its_word_nor_a_place(times):
    def word(first: int):
        rates = {"t01": township(first, 0.9), "t02": township(1, 0.7), "t03": township(1, 1.0)}
        return [(one.body_id, one.state, one.met) for one in judge(rates, LIMITS, STANDARD)]

    assert word(times) == word(1)
    assert [state for _, state, _ in word(1)] == ["met", "not_yet", "met"]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_township_with_few_cases_is_too_few_to_say_and_never_good_or_bad(share):
    (one,) = judge({"t01": township(1, share, many=9)}, LIMITS, STANDARD)
    assert one.state == "few"
    (none,) = judge({"t01": township(1, 1.0) | {"told": Rate(0, 0)}}, LIMITS, STANDARD)
    assert none.state == "few"


def test_a_notice_is_in_time_late_or_still_to_come(county, clock):
    for body in ("b01", "b02"):
        usual = asked.subject_choices(county, "overdue_answers", body)
        new = NewAssignment("notice", body, "overdue_answers", usual.steps[0], usual.usual_day)
        made = asked.assign(county, SUPERVISOR, new)
        if body == "b01":
            asked.follow_up(county, LABOUR, made, "answered", "done")
    found = {one.body_id: one for one in served.notices(county, LEADER, 2026, county.now())}
    assert (found["b01"].in_time, found["b02"].in_time) == (True, None)
    assert served.notices(county, LEADER, 2025, county.now()) == ()
    clock.go(days=30)
    later = served.notices(county, LEADER, 2026, county.now())
    assert served.kept(later) == {"b01": Rate(1, 1), "b02": Rate(0, 1)}
    with pytest.raises(NotAllowed):
        served.notices(county, HOUSING, 2026, county.now())
