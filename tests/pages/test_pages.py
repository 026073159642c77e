"""What the pages show and do: the empty state of each, the two clicks of a filing, accounts."""

from __future__ import annotations

import datetime as dt

import pytest

from data import accounts, invitations
from data.filings import desk_cases, read_filings
from data.record import register
from data.rows import NewCase
from tests.conftest import DESK, SUPERVISOR
from tests.pages.conftest import text_of
from wording import t

TODAY = dt.date(2026, 3, 5)
EVENING = dt.datetime(2026, 3, 5, 10, 0, tzinfo=dt.UTC)  # 18:00 in Shanghai, past the deadline


def _filings(db):
    return read_filings(db, SUPERVISOR, TODAY, TODAY, db.now())


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


def test_no_filing_is_asked_on_a_sunday(open_page, clock):
    clock.at = dt.datetime(2026, 3, 8, 2, 0, tzinfo=dt.UTC)
    test = open_page("filing", "supervisor")
    assert "2026年3月8日" in test.info[0].value


def test_a_zero_report_takes_two_clicks(open_page, county):
    test = open_page("filing", "township_clerk")
    test.button(key="file_zero").click().run()
    assert _filings(county).empty, "nothing is filed before it is confirmed"
    test.button(key="filing_confirm").click().run()
    assert not test.exception
    filed = _filings(county)
    assert list(filed["kind"]) == ["zero"]
    assert filed["reason"].isna().all()
    assert t("reports.filing.state.zero", "zh") in text_of(test)
    assert test.success


def test_cancelling_files_nothing(open_page, county):
    test = open_page("filing", "township_clerk")
    test.button(key="file_report").click().run()
    test.button(key="filing_cancel").click().run()
    assert _filings(county).empty
    assert "filing_confirm" not in [button.key for button in test.button]


def test_after_the_deadline_a_reason_from_the_list_is_asked(open_page, county, clock):
    clock.at = EVENING
    test = open_page("filing", "township_clerk")
    test.button(key="file_report").click().run()
    assert test.button(key="filing_confirm").disabled
    test.selectbox(key="filing_reason").select("power_cut").run()
    test.button(key="filing_confirm").click().run()
    assert list(_filings(county)["reason"]) == ["power_cut"]
    assert t("words.filing_reason.power_cut", "zh") in text_of(test)


def test_a_zero_that_contradicts_the_register_is_warned_of(open_page, county, clock):
    _register_one(county)
    clock.go(minutes=1)
    assert desk_cases(county, DESK, TODAY) == 1
    assert desk_cases(county, DESK, TODAY - dt.timedelta(days=1)) == 0
    test = open_page("filing", "township_clerk")
    test.button(key="file_zero").click().run()
    assert [box.value for box in test.warning] == [t("ui.filing.contradicts", "zh", count="1")]
    test.button(key="filing_confirm").click().run()
    matrix = text_of(open_page("filing", "supervisor"))
    assert t("reports.filing.state.contradicted", "zh") in matrix


def test_the_first_case_fills_overview_and_report(open_page, county):
    _register_one(county)
    overview = text_of(open_page("overview", "leader"))
    assert t("ui.overview.on_time", "zh") in overview
    assert t("ui.rate.none", "zh") in overview, "nothing is due yet: — and not 0 %"
    report = open_page("report", "leader")
    assert not report.exception
    assert len(report.subheader) == 6


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
