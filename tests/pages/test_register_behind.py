"""A spreadsheet that takes long goes on behind the page; what came of it is this sign-in's only."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from data import accounts
from data.receipts import find
from data.schema import case_version
from service import sheet
from service.jobs import Jobs
from tests.pages.conftest import go_to, text_of
from tests.pages.test_register import RIGHT, _book, _done, _upload
from ui import behind, guard, register_sheet
from wording import t


@pytest.fixture
def slow(monkeypatch):
    """Files are taken in only when the test says so, and no page waits for them."""
    may_go, real = threading.Event(), sheet.take_sheet

    def waits(*given):
        assert may_go.wait(30)
        return real(*given)

    monkeypatch.setattr(register_sheet, "AT_ONCE_SECONDS", 0.01)
    monkeypatch.setattr(register_sheet, "take_sheet", waits)
    yield may_go
    may_go.set()


def _begin(test, data: bytes):
    test.file_uploader(key="register_file_0").set_value(("三月.xlsx", data, "")).run()
    return test.button(key="register_check").click().run()


def _finished() -> None:
    job = behind.sheets().of(behind.session())
    for _ in range(600):
        if job.is_over:
            return
        threading.Event().wait(0.05)
    raise AssertionError("still running")


def _count(db) -> int:
    with db.read() as conn:
        return conn.scalar(sa.select(sa.func.count()).select_from(case_version))


def test_the_page_is_left_and_come_back_to_and_the_outcome_is_there(slow, open_page, county):
    test = _begin(
        open_page("register", "township_clerk"), _book(RIGHT, ("A-2", "下周", *RIGHT[2:]))
    )
    assert not test.exception
    assert t("register.sheet.leave", "zh") in text_of(test)
    assert _count(county) == 0
    assert not [box.value for box in test.success], "nothing is acknowledged before the commit"
    assert test.text_area(key="register_summary_0") is not None, "the page stays usable"
    test = go_to(test, "worklist")
    slow.set()
    _finished()
    assert _count(county) == 1
    test = go_to(test, "register")
    assert t("register.sheet.slips_made", "zh") in [box.value for box in test.success]
    assert t("intake.row.bad_moment", "zh", field="提出时间") in text_of(test)
    assert find(county, _done().slips[0].code).case_id == _done().slips[0].case_id
    assert _done().slips[0].code not in repr(test.session_state)
    test = test.run()
    assert t("register.sheet.slips_made", "zh") in [box.value for box in test.success]
    test.button(key="register_next_file").click().run()
    assert behind.sheets().of(behind.session()) is None
    assert test.file_uploader(key="register_file_1") is not None


def test_another_session_of_the_same_account_sees_nothing_of_it(open_page):
    _upload(open_page, _book(RIGHT))
    token = guard.session_token()
    other = open_page("register", "township_clerk")
    assert guard.session_token() != token
    assert behind.sheets().of(behind.session()) is None
    assert not other.success
    behind.signed_out(token)


def test_signing_out_ends_what_is_there_and_what_comes_later(slow, open_page, county):
    _begin(open_page("register", "township_clerk"), _book(RIGHT))
    session, token = behind.session(), guard.session_token()
    job = behind.sheets().of(session)
    accounts.sign_out(county, token)
    behind.signed_out(token)
    slow.set()
    for _ in range(600):
        if job.is_over:
            break
        threading.Event().wait(0.05)
    assert behind.sheets().of(session) is None
    assert _count(county) == 1, "the rows were sent, so they are stored"


def test_what_breaks_after_the_rows_are_stored_says_to_send_the_file_again(
    open_page, county, clock, monkeypatch
):
    def broken(*_):
        raise RuntimeError("SECRET")

    real = sheet.slips_pdf
    monkeypatch.setattr(sheet, "slips_pdf", broken)
    test = _upload(open_page, _book(RIGHT))
    assert t("register.sheet.again", "zh") in [box.value for box in test.info]
    assert "SECRET" not in text_of(test)
    assert _count(county) == 1
    monkeypatch.setattr(sheet, "slips_pdf", real)
    clock.go(minutes=1)
    _upload(open_page, _book(RIGHT))
    assert (_done().stored, len(_done().slips), _count(county)) == (0, 1, 1)


def test_an_outcome_goes_with_an_idle_session_and_not_before(monkeypatch):
    at = 0.0
    monkeypatch.setattr("service.jobs.time.monotonic", lambda: at)
    jobs: Jobs[str] = Jobs({"all": 1.0}, 1800)
    jobs.start("s", "a.csv", lambda job: "codes", 10)
    for _ in range(4):
        at += 1000
        assert jobs.of("s").outcome == "codes", "somebody was there meanwhile"
    at += 1801
    jobs._sweep()  # nobody asks: it goes by itself
    assert jobs._jobs == {}
    assert jobs.of("s") is None
