"""Registering: one case, a spreadsheet, and who may do neither."""

from __future__ import annotations

import dataclasses
import io
import time

import openpyxl
import pytest
import sqlalchemy as sa

from data import machines, quarantine
from data.errors import NotAllowed
from data.receipts import find
from data.record import confirm, register
from data.rows import NewCase
from data.schema import audit, case_version, receipt
from data.scope import Scope
from reports.slip import SlipFacts
from service.machines import take
from tests.conftest import ADMINISTRATOR, DESK, NOW
from tests.pages.conftest import text_of
from ui import behind, register_form, register_waiting
from wording import t

CASE = NewCase(
    township_code="990000001000", grid_code=None, opened_at=NOW, domain="labour",
    category="unpaid_wages", kind="redress", channel="desk", procedure="ordinary", body_id="b01",
    summary="",
)  # fmt: skip
SUMMARY = "某工地拖欠三个月工资，希望按月支付。"


def _fill(test, **values):
    chosen = {"category": "unpaid_wages", "body": "b01"} | values
    test.selectbox(key="register_category_0").set_value(chosen["category"]).run()
    test.selectbox(key="register_body_None_0").set_value(chosen["body"])
    if "channel" in chosen:
        test.selectbox(key="register_channel_0").set_value(chosen["channel"]).run()
    if "asked" in chosen:
        test.radio(key="register_asked_0").set_value(chosen["asked"]).run()
    if chosen.get("asked") == "yes":
        test.radio(key="register_asked_how_0").set_value("in_person")
    test.text_area(key="register_summary_0").set_value(chosen.get("summary", SUMMARY))
    return test.button(key="register_submit_0").click().run()


def _cases(db):
    with db.read() as conn:
        return conn.execute(sa.select(case_version)).mappings().all()


def _facts(test) -> SlipFacts:
    return test.session_state[register_form.DONE][0]


@pytest.mark.parametrize("role", [None, "department_clerk", "supervisor", "leader"])
def test_only_desks_register(role, open_page):
    test = open_page("register", role)
    assert not test.text_area
    assert not test.tabs


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_clerk_registers_a_case_and_gets_the_slip(language, open_page, county):
    test = _fill(open_page("register", "township_clerk", language))
    assert not test.exception
    assert [box.value for box in test.success] == [t("register.slip.made", language)]
    facts, stored = _facts(test), _cases(county)
    assert [row["case_id"] for row in stored] == [facts.case_id]
    assert (stored[0]["domain"], stored[0]["procedure"]) == ("labour", "ordinary")
    assert find(county, facts.code).case_id == facts.case_id
    assert facts.median_days is None, "three cases are too few to say how long it takes"


def test_the_code_is_gone_with_the_next_case(open_page, county):
    test = _fill(open_page("register", "township_clerk"))
    code = _facts(test).code
    test.button(key="register_next").click().run()
    assert register_form.DONE not in test.session_state
    assert code not in repr(test.session_state)
    assert test.text_area(key="register_summary_1").value == ""
    with county.read() as conn:
        rows = conn.execute(sa.select(receipt)).all()
    assert code not in str(rows)


def test_nobody_is_registered_who_did_not_ask(open_page, county):
    test = open_page("register", "grid_worker")
    test = _fill(test, asked="no")
    assert t("intake.row.not_asked", "zh") in [box.value for box in test.error]
    assert not _cases(county)
    assert test.text_area(key="register_summary_0").value == SUMMARY, "nothing typed is lost"
    test.radio(key="register_asked_0").set_value("yes").run()
    test.radio(key="register_asked_how_0").set_value("phone")
    test.button(key="register_submit_0").click().run()
    assert [row["channel"] for row in _cases(county)] == ["on_behalf"]


def test_every_error_stands_beside_its_field_at_once(open_page, county):
    test = open_page("register", "township_clerk")
    test.button(key="register_submit_0").click().run()
    said = [box.value for box in test.error]
    assert said[0] == t("register.form.wrong", "zh", count=3)
    assert len(said) == 4, "category, body and summary, each under its field"
    assert not _cases(county)


def test_a_family_matter_has_no_place_below_the_township(open_page):
    test = open_page("register", "township_clerk")
    test.selectbox(key="register_category_0").set_value("family").run()
    assert t("register.form.no_place", "zh") in text_of(test)


def test_a_grid_worker_sees_nothing_of_the_case_afterwards(open_page, county):
    test = _fill(open_page("register", "grid_worker"), asked="yes")
    case_id = _facts(test).case_id
    for name in ("case", "worklist"):
        test = open_page(name, "grid_worker")
        assert case_id not in text_of(test)
        assert not test.dataframe


def test_accusations_get_channels_and_no_field(open_page):
    test = open_page("register", "township_clerk")
    assert t("public.accuse.cn1", "zh") in text_of(test)


HEADS = ("source_id", "opened_at", "township", "category", "kind", "channel", "body", "summary")
RIGHT = ("A-1", "2026-03-04 09:00", "东镇", "欠薪", "申诉求决", "来访", "人社局", SUMMARY)


def _book(*rows) -> bytes:
    book = openpyxl.Workbook()
    book.active.append([t(f"intake.field.{name}.header", "zh") for name in HEADS])
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _upload(open_page, data: bytes, role: str = "township_clerk"):
    test = open_page("register", role)
    test.file_uploader(key="register_file_0").set_value(("三月.xlsx", data, "")).run()
    test.button(key="register_check").click().run()
    for _ in range(600):
        job = behind.sheets().of(behind.session())
        if job is None or job.is_over:
            return test.run()
        time.sleep(0.05)
    raise AssertionError("still running")


def _done():
    """What came of the file of the session that is open now."""
    return behind.sheets().of(behind.session()).outcome


def test_right_rows_are_stored_and_wrong_ones_kept_for_the_desk(open_page, county):
    wrong = ("A-2", "下周", *RIGHT[2:])
    test = _upload(open_page, _book(RIGHT, wrong))
    assert not test.exception
    done = _done()
    assert (len(done.slips), done.repeats, done.refused) == (1, 0, 1)
    assert len(_cases(county)) == 1
    assert find(county, done.slips[0].code).case_id == done.slips[0].case_id
    assert [row.row_number for row in quarantine.waiting(county, DESK)] == [3]
    assert t("intake.row.bad_moment", "zh", field="提出时间") in text_of(test)
    assert done.corrections is not None


def test_the_same_file_again_adds_nothing_but_the_slips_nobody_has_used(open_page, county, clock):
    data = _book(RIGHT, ("A-2", "下周", *RIGHT[2:]))
    _upload(open_page, data)
    first = _done()
    clock.go(minutes=1)
    _upload(open_page, data)
    again = _done()
    assert (again.stored, len(again.slips), again.repeats, again.refused) == (0, 1, 1, 1)
    old, new = (find(county, done.slips[0].code) for done in (first, again))
    assert old.case_id == new.case_id
    confirm(county, new.scope, new)
    clock.go(minutes=1)
    _upload(open_page, data)
    done = _done()
    assert (done.stored, len(done.slips), done.repeats) == (0, 0, 1)
    assert len(_cases(county)) == 1
    assert len(quarantine.waiting(county, DESK)) == 1


def test_two_files_that_say_the_same_of_two_askers_are_two_cases(open_page, county):
    _upload(open_page, _book(RIGHT))
    _upload(open_page, _book(("B-1", *RIGHT[1:])))
    assert len(_cases(county)) == 2


def test_a_row_without_a_number_of_its_own_is_refused(open_page, county):
    _upload(open_page, _book(("", *RIGHT[1:])))
    assert _done().refused == 1
    assert not _cases(county)


def test_another_townships_row_is_refused(open_page, county):
    test = _upload(open_page, _book((*RIGHT[:2], "西镇", *RIGHT[3:])))
    assert t("intake.row.other_township", "zh") in text_of(test)
    assert not _cases(county)


def test_a_row_nobody_asked_for_is_not_even_kept_to_be_mended(open_page, county):
    channel = HEADS.index("channel")
    row = [*RIGHT[:channel], "代办", *RIGHT[channel + 1 :]]
    book = openpyxl.Workbook()
    book.active.append([t(f"intake.field.{name}.header", "zh") for name in (*HEADS, "asked")])
    book.active.append([*row, "否"])
    out = io.BytesIO()
    book.save(out)
    test = _upload(open_page, out.getvalue())
    assert t("intake.row.not_asked", "zh") in text_of(test)
    assert _done().refused == 1
    assert not quarantine.waiting(county, DESK)
    assert not _cases(county)


def test_a_file_that_cannot_be_read_says_so_and_stores_nothing(open_page, county):
    test = _upload(open_page, b"%PDF-1.7 not a sheet")
    assert [box.value for box in test.error] == [
        t("intake.sheet.unknown_kind", "zh", file="三月.xlsx")
    ]
    assert not _cases(county)


def test_a_refused_row_is_let_go_by_its_own_desk_with_a_reason_that_is_logged(open_page, county):
    test = _upload(open_page, _book(("A-2", "下周", *RIGHT[2:])))
    assert test.button(key="register_dismiss_1").disabled
    test.selectbox(key="register_dismiss_why_1").set_value("test_row").run()
    test.button(key="register_dismiss_1").click().run()
    assert not quarantine.waiting(county, DESK)
    assert ("row_dismissed", "1", "test_row") in _logged(county)
    with pytest.raises(NotAllowed):
        quarantine.dismiss(county, DESK, 1, "we did not like it")


def _logged(db):
    with db.read() as conn:
        return [(r.action, r.target, r.reason) for r in conn.execute(sa.select(audit))]


def _mend(test):
    return test.button(key="FormSubmitter:register_mend_1-核对并登记这一行").click().run()


def test_a_refused_row_is_mended_on_the_page_and_becomes_a_case(open_page, county):
    wrong = ("A-2", "下周", "东镇", "不存在的类别", *RIGHT[4:])
    test = _upload(open_page, _book(RIGHT, wrong))
    assert test.selectbox(key="register_mend_category_1").value is None
    assert t("register.waiting.was", "zh", said="不存在的类别") in text_of(test)
    assert test.selectbox(key="register_mend_body_1").value == "人社局"
    test.text_input(key="register_mend_opened_at_1").set_value("2026-03-04")
    test = _mend(test)
    assert len(_cases(county)) == 1, "what is still wrong stands beside its field"
    meaning = t("intake.field.category.meaning", "zh")
    assert t("intake.row.missing", "zh", field="类别", meaning=meaning) in text_of(test)
    test.selectbox(key="register_mend_category_1").set_value("欠薪")
    test = _mend(test)
    assert not test.exception
    facts = test.session_state[register_waiting.MENDED][0]
    assert facts.case_id == _cases(county)[1]["case_id"]
    assert find(county, facts.code).case_id == facts.case_id
    assert not quarantine.waiting(county, DESK)
    assert ("row_mended", "1", facts.case_id) in _logged(county)
    test.button(key="register_mend_next").click().run()
    assert register_waiting.MENDED not in test.session_state


def test_a_hotlines_row_that_is_mended_keeps_its_channel_and_waits_for_its_code(open_page, county):
    _, token = machines.make_token(county, ADMINISTRATOR, "热线", "api", "t01", "hotline", 30)
    hotline = machines.machine_of(county, token, "api")
    row = dict(zip(HEADS, RIGHT, strict=True)) | {"category": "不存在的类别"}
    del row["channel"]
    take(county, hotline, [row], None, "zh", is_file=True)
    test = open_page("register", "township_clerk")
    assert test.text_input(key="register_mend_channel_1").value == t("words.channel.hotline", "zh")
    test.selectbox(key="register_mend_category_1").set_value("欠薪")
    test = _mend(test)
    assert not test.exception
    [case] = _cases(county)
    # staff wrote in it: it may not count as the asker's own word before the code is used
    assert (case["channel"], case["needs_confirmation"], case["grid_code"]) == (
        "hotline", True, None,
    )  # fmt: skip
    assert not quarantine.waiting(county, DESK)


def test_a_row_that_turns_out_nobodys_wish_is_gone(open_page, county):
    channel = HEADS.index("channel")
    book = openpyxl.Workbook()
    book.active.append([t(f"intake.field.{name}.header", "zh") for name in (*HEADS, "asked")])
    book.active.append([*RIGHT[:channel], "代办", *RIGHT[channel + 1 :], ""])
    out = io.BytesIO()
    book.save(out)
    test = _upload(open_page, out.getvalue())
    assert len(quarantine.waiting(county, DESK)) == 1
    test.selectbox(key="register_mend_asked_1").set_value("否")
    test = _mend(test)
    assert t("intake.row.not_asked", "zh") in [box.value for box in test.error]
    assert not quarantine.waiting(county, DESK)
    assert not _cases(county)


def test_the_answer_workbook_corrected_is_uploaded_as_it_is(open_page, county):
    wrong = ("A-2", "下周", *RIGHT[2:])
    _upload(open_page, _book(RIGHT, wrong))
    book = openpyxl.load_workbook(io.BytesIO(_done().corrections))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert heads[-1] == t("intake.template.how", "zh")
    assert sheet.max_row == 2
    sheet.cell(2, heads.index("提出时间") + 1).value = "2026-03-04"
    out = io.BytesIO()
    book.save(out)
    _upload(open_page, out.getvalue())
    done = _done()
    assert (done.stored, done.repeats, done.refused, done.notes) == (1, 0, 0, [])
    assert not quarantine.waiting(county, DESK), "sent again, so it waits no more"


def test_a_row_wrong_again_waits_once_and_remarks_never_wait(open_page, county):
    heads = [t(f"intake.field.{name}.header", "zh") for name in HEADS]
    for moment in ("下周", "下个月"):
        book = openpyxl.Workbook()
        book.active.append([*heads, "备注", "姓名"])
        book.active.append(["A-2", moment, *RIGHT[2:], "找老张", "张建国"])
        out = io.BytesIO()
        book.save(out)
        _upload(open_page, out.getvalue())
    held = quarantine.waiting(county, DESK)
    assert [row.cells["提出时间"] for row in held] == ["下个月"]
    assert "老张" not in repr(held)
    assert "张建国" not in repr(held)


def test_grid_workers_do_not_see_the_desks_refused_rows(open_page):
    test = _upload(open_page, _book(("A-2", "下周", *RIGHT[2:])), "grid_worker")
    assert len(test.tabs) == 2


def test_a_registered_case_is_on_the_list_of_the_body_that_owes_it(open_page, county):
    test = _fill(open_page("register", "township_clerk"))
    case_id = _facts(test).case_id
    listed = open_page("worklist", "department_clerk").dataframe[0].value
    assert list(listed["case_id"]) == [case_id]
    assert not open_page("worklist", "township_clerk").dataframe
    listed = open_page("worklist", "supervisor").dataframe[0].value
    assert list(listed["body"]) == ["人社局"]
    assert not {"township_code", "grid_code", "summary"} & set(listed.columns)


def test_a_lost_slip_is_made_again_at_the_desk_that_registered_the_case(open_page, county):
    made = register(county, DESK, CASE)
    test = open_page("register", "township_clerk")
    test.text_input(key="register_lost_number").input(made.case_id.lower())
    test.button(key="FormSubmitter:register_lost-补发回执").click().run()
    slip = test.session_state["register_lost_made"]
    assert slip.is_reissued
    again = find(county, slip.code)
    assert (again.case_id, again.is_reissued) == (made.case_id, True)
    assert find(county, made.slip.code).case_id == made.case_id, "the older code keeps working"


def test_another_desks_number_and_a_wrong_one_are_refused_alike(open_page, county):
    west = Scope(
        who="clerk-west", role="township_clerk", townships=frozenset({"990000002000"}),
        bodies=frozenset({"t02"}), desk="t02",
    )  # fmt: skip
    made = register(county, west, dataclasses.replace(CASE, township_code="990000002000"))
    said = []
    for number in (made.case_id, "AAAA-BBBB-CCCC"):
        test = open_page("register", "township_clerk")
        test.text_input(key="register_lost_number").input(number)
        test.button(key="FormSubmitter:register_lost-补发回执").click().run()
        said.append([box.value for box in test.error])
    assert said[0] == said[1] == [t("data.error.no_case_of_this_desk", "zh")]
