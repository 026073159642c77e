"""The door's own pages as a browser without script meets them: codes, roles, invitations."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pyotp
import pytest

from data import accounts, invitations
from data.db import Db
from data.scope import Scope
from tests.access.test_who_enters import HERE, RIGHT, member
from tests.pages.test_routes import SAME, Client
from ui import state
from ui.guard import COOKIE
from wording import t

OPERATOR = Scope.operator()


class Browser(Client):
    """Keeps what the server sets, and posts as its own pages do."""

    def send(self, method: str, path: str, **options: object) -> httpx.Response:
        answer = super().send(method, path, **options)
        self.cookies.update(answer.cookies)
        return answer

    def fill(self, path: str, **fields: str) -> httpx.Response:
        return self.post(path, data=fields, headers=SAME)


@pytest.fixture
def county(sqlite_db, small_county, monkeypatch) -> Db:
    db = small_county(sqlite_db)
    monkeypatch.setattr(state, "db", lambda: db)
    return db


@pytest.fixture
def browser(county) -> Browser:
    return Browser()


def hidden(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found, name
    return unescape(found[1])


def here(county: Db, browser: Browser) -> accounts.SignedIn | None:
    return accounts.session_of(county, browser.cookies.get(COOKIE))


def test_an_administrator_goes_from_invitation_to_second_factor_to_the_pages(
    county, browser, clock
):
    accounts.make_account(county, OPERATOR, "keeper", "administrator", None)
    token = invitations.invite(county, OPERATOR, "keeper")
    page = browser.get("/invitation?lang=en")
    assert "app/static/invitation.js" in page.text
    wrong = browser.fill("/invitation?lang=en", invitation=token, new=RIGHT, again="other")
    assert wrong.status_code == 400
    assert hidden(wrong, "invitation") == token, "what was pasted is not lost"
    on = browser.fill("/invitation?lang=en", invitation=token, new=RIGHT, again=RIGHT)
    assert on.headers["location"] == "/second-factor?lang=en"
    page = browser.get("/second-factor?lang=en")
    assert "<svg" in page.text
    assert unescape(t("access.door.factor_must", "en")) in unescape(page.text)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", "")
    note, totp = hidden(page, "note"), pyotp.TOTP(secret)
    bad = browser.fill("/second-factor", note=note, code="000000")
    assert bad.status_code == 400
    assert secret in bad.text.replace(" ", ""), "the picture that was scanned stays"
    before = browser.cookies[COOKIE]
    on = browser.fill("/second-factor", note=note, code=totp.at(county.now()))
    assert on.headers["location"] == "/"
    assert browser.cookies[COOKIE] != before
    assert here(county, browser).first == ""
    browser.fill("/sign-out")
    clock.go(seconds=60)
    code = browser.fill("/sign-in", login="keeper", password=RIGHT)
    assert here(county, browser) is None, "the password alone opens nothing"
    ticket = hidden(code, "ticket")
    assert browser.fill("/sign-in-code", ticket=ticket, code="1").status_code == 401
    on = browser.fill("/sign-in-code", ticket=ticket, code=totp.at(county.now()))
    assert on.status_code == 303
    assert here(county, browser).login == "keeper"


def test_who_has_several_roles_chooses_one_at_the_sign_in(county, browser):
    login = member(county, "clerk", "department_clerk", "b01")
    accounts.give_role(county, OPERATOR, login, "leader", None)
    on = browser.fill("/sign-in?lang=en", login=login, password=RIGHT)
    assert on.headers["location"] == "/role?lang=en"
    page = browser.get("/role?lang=en")
    assert "Labour Bureau" in page.text
    leader = re.findall(r'name="role" value="(\d+)"', page.text)[1]
    before = browser.cookies[COOKIE]
    assert browser.fill("/role?lang=en", role=leader).headers["location"] == "/?lang=en"
    assert here(county, browser).scope.role == "leader"
    assert accounts.session_of(county, before) is None
    assert browser.fill("/role", role="999").status_code == 403
    assert browser.fill("/role", role="²").status_code == 403


def test_the_language_an_account_chose_comes_at_the_sign_in_unless_another_is_asked_for(
    county, browser
):
    login = member(county, "boss")
    signed_in = accounts.session_of(county, accounts.sign_in(county, login, RIGHT, HERE))
    accounts.keep_language(county, signed_in, "en")
    plain = browser.fill("/sign-in", login=login, password=RIGHT)
    assert plain.headers["location"] == "/?lang=en"
    asked = browser.fill("/sign-in?lang=zh", login=login, password=RIGHT)
    assert asked.headers["location"] == "/?lang=zh"
    assert '<html lang="en">' in browser.get("/password").text
    assert '<html lang="zh-CN">' in browser.get("/password?lang=zh").text


@pytest.mark.parametrize("path", ["/role", "/invitation", "/second-factor", "/sign-in-code"])
def test_no_form_of_another_site_is_looked_at(browser, path):
    answer = browser.post(path, data={"code": "1"}, headers={"origin": "http://elsewhere"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/role", "/second-factor"])
def test_a_stranger_is_led_to_the_sign_in(browser, path):
    assert browser.get(path).headers["location"] == "/sign-in"
    if path == "/second-factor":
        # a form that comes too late is told why
        assert browser.fill(path, code="1").headers["location"] == "/sign-in?over=1"


def test_no_address_carries_an_invitation(county, browser):
    accounts.make_account(county, OPERATOR, "new", "leader", None)
    token = invitations.invite(county, OPERATOR, "new")
    page = browser.get(f"/invitation?invitation={token}")
    assert token not in page.text, "nothing is read from an address"
    answer = browser.fill("/invitation", invitation=token, new=RIGHT, again=RIGHT)
    assert token not in str(answer.headers)
    assert answer.headers["cache-control"] == "no-store"


def test_what_breaks_says_an_id_and_no_trace(browser, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(accounts, "sign_in", broken)
    answer = browser.fill("/sign-in?lang=en", login="x", password="y")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
