"""The administrator's account page and the page of grants, through the shell."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from data import accounts, grants
from data.scope import Scope
from tests.access.test_who_enters import RIGHT, member, who
from tests.pages.conftest import county, open_page, text_of
from ui import state
from wording import t

__all__ = ["county", "open_page"]
OPERATOR = Scope.operator()


def roles_of(db, login: str) -> list[tuple[str, str | None]]:
    lines = accounts.read_accounts(db, OPERATOR)
    return [(r.role, r.body_id) for line in lines if line.login == login for r in line.roles]


def test_an_administrator_gives_cover_takes_a_role_and_ends_an_account(open_page, county):
    login = member(county, "clerk", "department_clerk", "b01")
    token = accounts.sign_in(county, login, RIGHT)
    test = open_page("accounts", "administrator")
    test.selectbox(key="account").select(login).run()
    test.selectbox(key="given_role").select("department_clerk").run()
    test.selectbox(key="given_body_True").select("b02").run()
    test.date_input(key="role_ends").set_value(dt.date(2026, 3, 20)).run()
    test.button(key="give").click().run()
    assert t("access.accounts.given", "zh", login=login) in [s.value for s in test.success]
    assert roles_of(county, login) == [("department_clerk", "b01"), ("department_clerk", "b02")]
    assert t("access.accounts.role_until", "zh", day="2026年3月21日 00:00") in text_of(test)
    test.button(key="give").click().run()
    assert [e.value for e in test.error] == [t("access.error.role_held", "zh")]
    test.selectbox(key="taken_role").select_index(1).run()
    yes(test, "take_", t("access.accounts.take_question", "zh", role="")[:2])
    assert roles_of(county, login) == [("department_clerk", "b01")]
    yes(test, f"end_{login}", t("access.accounts.end_question", "zh", login=login))
    said = " ".join(s.value for s in test.success)
    assert t("access.accounts.ended", "zh", login=login) in said
    assert t("access.accounts.open_few", "zh") in said, "how much the body has open is coarse"
    assert accounts.session_of(county, token) is None
    assert not test.exception


def states(db) -> list[str]:
    return [one.state for one in grants.read_grants(db, Scope("x", "supervisor"))]


def yes(test, key: str, question: str) -> None:
    """Press the button whose key begins so, read its question, and answer yes."""
    key = next(b.key for b in test.button if (b.key or "").startswith(key))
    test.button(key=key).click().run()
    assert any(question in box.value for box in test.warning)
    test.button(key=f"{key}_yes").click().run()


def test_a_role_that_was_just_given_is_taken_back(open_page, county):
    login = member(county, "clerk", "department_clerk", "b01")
    test = open_page("accounts", "administrator")
    test.selectbox(key="account").select(login).run()
    test.selectbox(key="given_role").select("department_clerk").run()
    test.selectbox(key="given_body_True").select("b02").run()
    test.button(key="give").click().run()
    assert len(roles_of(county, login)) == 2
    test.button(key="undo").click().run()
    assert roles_of(county, login) == [("department_clerk", "b01")]
    assert not test.exception


def test_a_request_and_a_grant_are_taken_back(open_page, county):
    member(county, "duty", "supervisor")
    test = open_page("grants", "administrator")
    test.selectbox(key="grant_login").select("duty").run()
    test.button(key="grant_ask").click().run()
    test.button(key="undo").click().run()
    (one,) = grants.read_grants(county, Scope("x", "supervisor"))
    assert one.state == "over"
    assert t("access.grants.ended_done", "zh") in [s.value for s in test.success]
    test.button(key="grant_ask").click().run()
    test = open_page("grants", "supervisor")
    (key,) = (b.key for b in test.button if b.key.startswith("grant_") and b.key != "grant_ask")
    test.button(key=key).click().run()
    assert "granted" in states(county)
    test.button(key="undo").click().run()
    assert set(states(county)) == {"over"}
    assert not test.exception


def test_two_accounts_make_a_grant_on_the_page(open_page, county):
    member(county, "duty", "supervisor")
    test = open_page("grants", "administrator")
    test.selectbox(key="grant_login").select("duty").run()
    test.button(key="grant_ask").click().run()
    one = grants.read_grants(county, Scope("x", "supervisor"))[0]
    assert (one.login, one.state) == ("duty", "asked")
    test.button(key=f"grant_{one.grant_id}").click().run()
    assert [e.value for e in test.error] == [t("access.error.grant_two", "zh")]
    test = open_page("grants", "supervisor", language="en")
    test.number_input(key=f"days_{one.grant_id}").set_value(5).run()
    test.button(key=f"grant_{one.grant_id}").click().run()
    assert t("access.grants.granted_done", "en", days=5) in [s.value for s in test.success]
    assert grants.read_grants(county, Scope("x", "supervisor"))[0].state == "granted"
    test.button(key=f"end_{one.grant_id}").click().run()
    test.button(key=f"end_{one.grant_id}_no").click().run()
    assert grants.read_grants(county, Scope("x", "supervisor"))[0].state == "granted"
    yes(test, f"end_{one.grant_id}", t("access.grants.end_question_granted", "en", login="duty"))
    assert grants.read_grants(county, Scope("x", "supervisor"))[0].state == "over"


def test_the_event_log_is_asked_for_on_the_page_only_where_it_is_switched_on(
    open_page, county, monkeypatch
):
    test = open_page("grants", "supervisor")
    assert t("access.event_log.off", "zh") in text_of(test)
    assert "event_log_ask" not in {button.key for button in test.button}
    with_it = replace(state.settings(), event_log=True)
    monkeypatch.setattr(state, "settings", lambda: with_it)
    test = open_page("grants", "supervisor")
    test.button(key="event_log_ask").click().run()
    one = grants.read_grants(county, Scope("x", "supervisor"))[0]
    assert (one.kind, one.state, one.reason) == ("event_log", "asked", "process_study")
    test = open_page("grants", "administrator")
    test.button(key=f"grant_{one.grant_id}").click().run()
    test = open_page("grants", "supervisor")
    assert t("access.event_log.xes", "zh") in [one.label for one in test.get("download_button")]
    assert not test.exception


def test_the_sidebar_keeps_the_language_and_leads_to_the_doors_pages(open_page, county):
    token = accounts.demo_sign_in(county, "supervisor", None)
    test = open_page.with_token("overview", token)
    links = " ".join(str(html.value) for html in test.sidebar if hasattr(html, "value"))
    for path in ("password?lang=zh", "second-factor?lang=zh"):
        assert path in links
    assert "role?lang" not in links
    test.segmented_control(key="language").select("en").run()
    assert who(county, token).language == "en"


def test_an_administrator_without_a_second_factor_sees_one_sentence(
    sqlite_db, small_county, monkeypatch
):
    from streamlit.testing.v1 import AppTest

    from tests.conftest import ROOT
    from ui import guard, state

    db = small_county(sqlite_db)
    token = accounts.sign_in(db, member(db, "keeper", "administrator"), RIGHT)
    monkeypatch.setattr(state, "db", lambda: db)
    monkeypatch.setattr(guard, "session_token", lambda: token)
    test = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=30).run()
    assert t("access.door.needs_factor", "zh") in text_of(test)
    assert not test.title
