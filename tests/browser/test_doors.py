"""No staff page opens without a sign-in: a fresh server, deep links into every page."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.accounts import add_account
from data.db import County, Db, set_up
from data.places import save_offices
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, ROOT, TOWNSHIPS
from wording import t

pytestmark = pytest.mark.browser

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
SIGN_IN = t("ui.guard.signed_out", "zh")
OTHER_ROLE = t("ui.guard.other_role", "zh")


def _county(folder: Path, kind: str) -> tuple[str, Db]:
    url = f"sqlite:///{folder}/zaojie.db"
    db = Db.open(Settings(database=url, keys=folder / "keys.json"))
    facts = ("试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)
    set_up(db, County(kind, *facts))
    save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    return url, db


def _is_only_the_sentence(page) -> bool:
    page.wait_for_selector(".zj-door")
    said = "".join(page.inner_text("[data-testid=stMain]").split())
    wanted = "".join((SIGN_IN + t("ui.guard.to_sign_in", "zh")).split())
    return said == wanted and page.locator("[data-testid=stSidebar] a").count() == 0


def test_no_page_opens_to_a_stranger_and_the_sentence_leads_to_the_sign_in(tmp_path, server, visit):
    """The first link is the first into a fresh server: its entry script has never run."""
    url, _ = _county(tmp_path, "demo")
    seen = visit(server(url))
    for name in ("case", *PAGES):
        assert _is_only_the_sentence(seen.open(f"/{name}")), name
        assert seen.foreign == []
    seen.page.click(".zj-door a")
    seen.page.wait_for_selector("input[name=password]")


def test_a_wrong_role_sees_no_page_by_its_address(tmp_path, server, visit):
    url, _ = _county(tmp_path, "demo")
    base = server(url)
    others = {"administrator": ["overview", "filing", "report"], "leader": ["accounts", "audit"]}
    for role, names in others.items():
        seen = visit(base)
        seen.enter_as(role)
        for name in names:
            page = seen.open(f"/{name}")
            page.wait_for_selector(".zj-door")
            assert OTHER_ROLE in page.inner_text("[data-testid=stMain]")
            assert page.locator("h1").count() == 0
        assert seen.foreign == []


def test_a_one_time_password_is_changed_before_any_page_is_seen(tmp_path, server, visit):
    url, db = _county(tmp_path, "real")
    login, password = add_account(db, Scope.operator(), "leader-1", "leader", None)
    seen = visit(server(url))
    page = seen.open("/sign-in")
    assert page.locator("button[name=role]").count() == 0, "demo roles are for demo databases"
    page.fill("#login", login)
    page.fill("#password", "not-this-one")
    page.click("form button")
    page.wait_for_selector(".problem")
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("form button")
    page.wait_for_url("**/password*")
    page = seen.open("/overview")
    page.wait_for_selector(".zj-door")
    assert t("ui.guard.must_change", "zh") in page.inner_text("[data-testid=stMain]")
    page.click(".zj-door a")
    page.fill("#old", password)
    page.fill("#new", "a-password-of-my-own")
    page.fill("#again", "a-password-of-my-own")
    page.click("form button")
    page.wait_for_selector("h1")
    page.wait_for_url("**/overview*")
    assert page.inner_text("h1") == t("ui.overview.title", "zh")
    cookie = next(c for c in seen.context.cookies() if c["name"] == "zaojie_session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    page.get_by_role("button", name=t("ui.sidebar.sign_out", "zh")).click()
    page.wait_for_selector(".zj-door")
    assert seen.foreign == []
