"""Rows become cases, or sentences that say what to do."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from data.rows import NewCase, check_rows

from .conftest import NOW, ZONE


def check(known, *rows, is_file=True):
    frame = pd.DataFrame(list(rows), index=range(2, 2 + len(rows)), dtype="str")
    return check_rows(frame, known, NOW, ZONE, is_file=is_file)


def keys(problems):
    return [(p.row, p.key.removeprefix("intake.row.")) for p in problems]


def test_a_right_row_becomes_a_case_in_utc(known, row):
    checked = check(known, row)
    assert checked.problems == []
    assert checked.rows == [2]
    case = checked.good[0]
    assert case.opened_at == dt.datetime(2026, 3, 5, 6, 5, tzinfo=dt.UTC)
    assert (case.domain, case.category, case.kind) == ("labour", "unpaid_wages", "redress")
    assert (case.township_code, case.grid_code) == ("330102001", "330102001001001")
    assert (case.channel, case.procedure, case.body_id) == ("desk", "ordinary", "b02")
    assert case.source_id == "A-1"


def test_a_case_has_no_field_for_a_person():
    assert {f.name for f in dataclasses.fields(NewCase)} == {
        "township_code", "grid_code", "opened_at", "domain", "category", "kind", "channel",
        "procedure", "body_id", "summary", "source_id", "amount_band", "limit_at", "pack",
        "asked_how", "is_typed",
    }  # fmt: skip


def test_english_headers_and_words_mean_the_same(known, row):
    english = {
        "Your own number": "A-1",
        "Asked at": "2026-03-05 14:05",
        "Township": "Dongmen",
        "Grid": "330102001001001",
        "Category": "Unpaid wages",
        "Kind": "Request for redress",
        "Channel": "At the desk",
        "Responsible body": "b02",
        "What is asked": "某工地拖欠三个月工资。",
    }
    assert check(known, english).good == check(known, row).good


def test_all_errors_of_all_rows_are_said_at_once(known, row):
    first = row | {"提出时间": "下周", "类别": "不存在", "性质": "好", "责任单位": "无"}
    second = row | {"来源编号": "A-2", "提出时间": "", "网格": "1", "事项内容": "坏"}
    checked = check(known, first, second, row | {"来源编号": "A-3"})
    assert keys(checked.problems) == [
        (2, "bad_moment"), (2, "bad_category"), (2, "bad_choice"), (2, "bad_body"),
        (3, "missing"), (3, "bad_grid"), (3, "too_short"),
    ]  # fmt: skip
    assert checked.rows == [4]
    for problem in checked.problems:
        assert problem.column in row
        assert problem.text("zh")
        assert problem.text("en")


@pytest.mark.parametrize(
    ("text", "key"),
    [("2026-03-11", "in_future"), ("1026-03-05", "too_old"), ("05/03/2026", "bad_moment")],
)
def test_an_impossible_time_is_refused(known, row, text, key):
    assert keys(check(known, row | {"提出时间": text}).problems) == [(2, key)]


def test_persons_are_taken_out_of_the_text_and_it_is_said(known, row):
    checked = check(
        known, row | {"事项内容": "联系人：张建国，电话１３８１２３４５６７８，欠薪三个月"}
    )
    assert "张建国" not in checked.good[0].summary
    assert "１３８" not in checked.good[0].summary
    assert [n.key for n in checked.notes] == ["intake.note.redacted"]


def test_columns_of_persons_are_dropped_with_a_sentence(known, row):
    checked = check(known, row | {"投诉人姓名": "张建国", "联系电话": "13812345678", "备用": "x"})
    assert [(n.key.rsplit(".", 1)[1], n.column) for n in checked.notes] == [
        ("person_column", "投诉人姓名"),
        ("person_column", "联系电话"),
        ("unknown_column", "备用"),
    ]
    assert "张建国" not in repr(checked)


def test_a_number_of_people_has_no_column(known, row):
    assert [n.key for n in check(known, row | {"涉及人数": "35"}).notes] == [
        "intake.note.person_column"
    ]


def test_nobody_is_registered_who_did_not_ask(known, row):
    behalf = row | {"来源渠道": "代办"}
    assert keys(check(known, behalf).problems) == [(2, "missing")]
    assert keys(check(known, behalf | {"是否受本人委托": "否"}).problems) == [(2, "not_asked")]
    yes = behalf | {"是否受本人委托": "是"}
    assert keys(check(known, yes).problems) == [(2, "missing")], "and by which way"
    checked = check(known, yes | {"委托方式": "当面"})
    assert (checked.good[0].channel, checked.good[0].asked_how) == ("on_behalf", "in_person")
    assert check(known, row | {"委托方式": "电话"}).good[0].asked_how is None


def test_the_same_row_twice_is_shown_with_both_numbers_and_stored_once(known, row):
    checked = check(known, row, row | {"来源编号": "A-2"}, row)
    assert checked.rows == [2, 3]
    assert checked.problems == []
    assert [(n.row, n.key, dict(n.values)) for n in checked.notes] == [
        (4, "intake.note.same_row", {"row": 2})
    ]
    nameless = row | {"来源编号": ""}
    assert keys(check(known, nameless, nameless).problems) == [(2, "missing"), (3, "missing")]


@pytest.mark.parametrize("number", ["2.02603E+17", "2.0260305e+17"])
def test_a_number_that_lost_its_digits_is_no_number(known, row, number):
    assert keys(check(known, row | {"来源编号": number}).problems) == [(2, "digits_lost")]


def test_full_width_digits_and_letters_are_the_same_number(known, row):
    wide = row | {
        "来源编号": "Ａ－１", "网格": "３３０１０２００１００１００１", "责任单位": "ｂ０２",
        "提出时间": "２０２６年３月５日　１４：０５",
    }  # fmt: skip
    assert check(known, wide).good == check(known, row).good


def test_what_nobody_sees_changes_nothing(known, row):
    odd = row | {"来源编号": "A\u200b-1\u202e", "类别": "\ufeff欠薪\x00"}
    assert check(known, odd).good == check(known, row).good


@pytest.mark.parametrize("channel", ["12345热线", "网上", "online", "hotline"])
def test_staff_cannot_type_in_a_case_as_confirmed(known, row, channel):
    assert keys(check(known, row | {"来源渠道": channel}).problems) == [(2, "own_channel")]


def test_the_same_number_twice_in_a_file_is_shown_and_stored_once(known, row):
    checked = check(known, row, row | {"事项内容": "另一件事情的内容。"})
    assert checked.rows == [2]
    assert keys(checked.problems) == [(3, "repeated")]
    assert "2" in checked.problems[0].text("zh")


def test_two_askers_who_say_the_same_are_two_cases(known, row):
    checked = check(known, row, row | {"来源编号": "A-2"})
    assert checked.problems == []
    assert [case.source_id for case in checked.good] == ["A-1", "A-2"]


def test_every_row_of_a_file_needs_a_number_of_its_own(known, row):
    checked = check(known, row | {"来源编号": ""}, row)
    assert keys(checked.problems) == [(2, "missing")]
    assert checked.rows == [3]
    del row["来源编号"]
    assert keys(check(known, row).problems) == [(0, "no_column")]


def test_a_single_case_of_the_form_is_never_taken_for_another(known, row):
    row = row | {"来源编号": ""}
    assert check(known, row, row, is_file=False).good[0].source_id is None
    assert len(check(known, row, row, is_file=False).good) == 2


def test_a_source_number_may_not_be_a_persons(known, row):
    checked = check(known, row | {"来源编号": "13812345678"})
    assert keys(checked.problems) == [(2, "person_in_source_id")]
    assert "13812345678" not in checked.problems[0].text("zh")


def test_family_matters_keep_no_grid(known, row):
    checked = check(known, row | {"类别": "家庭"})
    assert checked.good[0].grid_code is None
    assert checked.good[0].township_code == "330102001"
    assert [n.key for n in checked.notes] == ["intake.note.place_protected"]


def test_the_grid_says_the_township_and_must_agree_with_it(known, row):
    alone = check(known, row | {"乡镇（街道）": ""})
    assert alone.good[0].township_code == "330102001"
    assert keys(check(known, row | {"乡镇（街道）": "西河镇"}).problems) == [(2, "grid_elsewhere")]
    neither = row | {"乡镇（街道）": "", "网格": ""}
    assert keys(check(known, neither).problems) == [(2, "no_place")]


def test_another_desks_township_is_refused(known, row):
    known = dataclasses.replace(known, reach=frozenset({"330102002"}))
    assert keys(check(known, row).problems) == [(2, "other_township")]


def test_a_domain_that_contradicts_its_category_is_refused(known, row):
    assert keys(check(known, row | {"领域": "农村农业"}).problems) == [(2, "domain_differs")]
    assert check(known, row | {"领域": "劳动社保"}).good


def test_missing_columns_are_named_and_an_empty_sheet_says_so(known, row):
    del row["类别"]
    assert keys(check(known, row).problems) == [(0, "no_column")]
    frame = pd.DataFrame(columns=[*row, "类别"])
    assert keys(check_rows(frame, known, NOW, ZONE, is_file=True).problems) == [(0, "no_rows")]
