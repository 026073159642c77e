"""What the pages show and do: the empty state of each, accounts."""

from __future__ import annotations

import datetime as dt

import pytest

from data import accounts, invitations
from data.record import register
from data.rows import NewCase
from tests.conftest import DESK
from tests.pages.conftest import text_of
from wording import t


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("name", "role", "key"),
    [
        ("overview", "leader", "ui.overview.empty"),
        ("report", "supervisor", "ui.report.empty"),
    ],
)
def test_a_county_without_a_case_says_what_to_do(name, role, key, language, open_page):
    test = open_page(name, role, language)
    assert [box.value for box in test.info] == [t(key, language)]


def test_the_first_case_fills_overview_and_report(open_page, county):
    _register_one(county)
    overview = text_of(open_page("overview", "leader"))
    assert t("ui.overview.on_time", "zh") in overview
    assert t("ui.rate.none", "zh") in overview, "nothing is due yet: — and not 0 %"
    report = open_page("report", "leader")
    assert not report.exception
    assert len(report.header) == 6


def test_a_made_account_shows_its_invitation_once_and_opens_by_it(open_page, county):
    test = open_page("accounts", "administrator")
    test.text_input(key="new_login").input("clerk-2").run()
    test.selectbox(key="new_role").select("township_clerk").run()
    test.selectbox(key="new_body_True").select("t02").run()
    test.button(key="add").click().run()
    link, token = (code.value for code in test.code)
    assert link.endswith(f"/invitation?lang=zh#{token}")
    entered = invitations.redeem(county, token, "three unlikely words")
    assert accounts.session_of(county, entered).scope.desk == "t02"
    test.run()
    assert not test.code
    assert "clerk-2" in text_of(test)


def test_a_login_that_is_taken_is_said_so(open_page, county):
    test = open_page("accounts", "administrator")
    test.text_input(key="new_login").input("demo-administrator").run()
    test.button(key="add").click().run()
    assert [e.value for e in test.error] == [
        t("data.error.login_taken", "zh", login="demo-administrator")
    ]


def test_the_log_names_logins_and_is_verified_by_a_button(open_page):
    test = open_page("audit", "administrator")
    assert "demo-administrator" in text_of(test)
    test.button(key="verify").click().run()
    assert test.success
    assert not test.error


def _register_one(db):
    case = NewCase(
        township_code="990000001000", grid_code=None, opened_at=db.now() - dt.timedelta(hours=1),
        domain="labour", category="unpaid_wages", kind="redress", channel="desk",
        procedure="ordinary", body_id="b01", summary="东郊工地三个月工资未发。",
    )  # fmt: skip
    register(db, DESK, case)
