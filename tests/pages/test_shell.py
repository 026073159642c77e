"""Who sees which page: through the shell, for every page and every role."""

from __future__ import annotations

import datetime as dt

import pytest

from data.accounts import add_account, sign_in
from data.scope import Scope
from data.vocabulary import ROLES
from tests.conftest import ROOT
from tests.pages.conftest import go_to, text_of
from wording import t

FILES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
ROLES_OF = {
    "overview": {"supervisor", "leader"},
    "worklist": {"township_clerk", "department_clerk", "supervisor"},
    "register": {"grid_worker", "township_clerk"},
    "case": {"township_clerk", "department_clerk", "supervisor"},
    "likely_late": {"supervisor"},
    "assignments": {"supervisor", "leader", "township_clerk", "department_clerk"},
    "backlog": {"supervisor", "leader", "township_clerk", "department_clerk"},
    "held": {"supervisor", "leader", "township_clerk", "department_clerk"},
    "map": {"supervisor", "leader"},
    "indicators": {"supervisor", "leader"},
    "equal_service": {"supervisor", "leader"},
    "workload": {"supervisor", "leader"},
    "body_year": {"supervisor", "leader"},
    "filing": {"township_clerk", "supervisor"},
    "report": {"supervisor", "leader"},
    "accounts": {"administrator"},
    "grants": {"administrator", "supervisor"},
    "machines": {"administrator"},
    "areas": {"administrator"},
    "mappings": {"administrator"},
    "roster": {"supervisor", "administrator"},
    "reception": {"supervisor"},
    "rules": {"administrator", "supervisor"},
    "sweeps": {"supervisor", "leader", "township_clerk", "department_clerk"},
    "campaigns": {"supervisor", "leader", "township_clerk", "department_clerk"},
    "supervision": {"supervisor", "leader"},
    "audit": {"administrator"},
    "nights": {"administrator"},
    "help": set(ROLES),
    "consultations": {"supervisor", "leader", "township_clerk", "department_clerk"},
    "suggestions": {"supervisor", "leader", "township_clerk", "department_clerk"},
}


def test_every_page_has_its_roles_in_this_test():
    assert set(FILES) == set(ROLES_OF)


def test_a_stranger_sees_one_sentence_on_every_page(open_page):
    test = open_page(None, None)
    for name in FILES:
        go_to(test, name)
        assert not test.exception
        assert t("ui.guard.signed_out", "zh") in text_of(test), name
        assert not test.title
        assert not test.button
        assert not test.dataframe


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_its_pages_and_is_refused_the_others(role, open_page):
    test = open_page(None, role)
    for name in FILES:
        go_to(test, name)
        assert not test.exception, (name, test.exception)
        shown = text_of(test)
        if role in ROLES_OF[name]:
            assert test.title, name
            assert t("ui.guard.other_role", "zh") not in shown
            assert t("ui.ribbon.demo", "zh") in shown
        else:
            assert t("ui.guard.other_role", "zh") in shown, name
            assert not test.title


def test_a_one_time_password_opens_no_page(county, open_page):
    login, password = add_account(county, Scope.operator(), "boss", "leader", None)
    test = open_page.with_token("overview", sign_in(county, login, password))
    assert t("ui.guard.must_change", "zh") in text_of(test)
    assert not test.title


def test_a_session_that_idled_too_long_is_over(county, open_page, clock):
    test = open_page("audit", "administrator")
    assert test.title
    clock.go(minutes=31)
    test.run()
    assert t("states.over_undone", "zh") in text_of(test)
    assert not test.title


def test_signing_out_ends_the_session_at_once(open_page):
    test = open_page("accounts", "administrator")
    test.button(key="sign_out").click().run()
    assert t("ui.guard.signed_out", "zh") in text_of(test)


def test_the_language_switch_changes_every_word(open_page):
    test = open_page("filing", "supervisor")
    assert test.title[0].value == t("ui.filing.title", "zh")
    test.segmented_control(key="language").select("en").run()
    assert test.title[0].value == t("ui.filing.title", "en")
    assert test.query_params["lang"] == "en"


def test_a_new_session_speaks_the_language_its_account_chose(open_page, county):
    test = open_page("filing", "supervisor")
    test.segmented_control(key="language").select("en").run()
    again = open_page("filing", "supervisor", language="")
    assert again.title[0].value == t("ui.filing.title", "en")
    asked = open_page("filing", "supervisor", language="zh")
    assert asked.title[0].value == t("ui.filing.title", "zh")
    assert asked.query_params["lang"] == "zh", "or a reload would speak the account's again"


def test_only_who_sees_county_figures_looks_back(open_page):
    assert open_page("filing", "supervisor").date_input(key="as_of")
    with pytest.raises(KeyError):
        open_page("filing", "township_clerk").date_input(key="as_of")


def test_an_earlier_day_is_marked_and_kept_in_the_address(open_page):
    test = open_page("filing", "supervisor")
    test.date_input(key="as_of").set_value(dt.date(2026, 3, 2)).run()
    assert t("ui.ribbon.earlier", "zh", day="2026年3月2日") in text_of(test)
    assert test.query_params["as_of"] == "2026-03-02"
