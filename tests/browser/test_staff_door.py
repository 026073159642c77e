"""An invited administrator's first way in, at 320 px: the link's fragment, the password, the second
factor, the accounts page; axe-core finds nothing serious on any page of the door."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import Page

from data import accounts, invitations
from data.scope import Scope
from tests.browser.axe import grave
from tests.browser.test_doors import _county
from wording import t

WORDS = "three unlikely words"


def looked_over(page: Page) -> None:
    """No sideways scrolling, nothing serious for axe-core."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    assert grave(page) == [], page.url


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_invited_administrator_comes_in_by_link_password_and_app(
    tmp_path, server, visit, language
):
    url, db = _county(tmp_path, "real")
    operator = Scope.operator()
    accounts.make_account(db, operator, "keeper", "administrator", None)
    token = invitations.invite(db, operator, "keeper")
    seen = visit(server(url), 320, 700)
    page = seen.open(f"/sign-in?lang={language}")
    looked_over(page)
    page = seen.open(f"/invitation?lang={language}#{token}")
    page.wait_for_function("document.getElementById('invitation').value !== ''")
    assert page.input_value("#invitation") == token
    assert token not in page.url, "it is taken out of the address"
    looked_over(page)
    page.fill("#new", WORDS)
    page.fill("#again", WORDS)
    page.click("main form button")
    page.wait_for_url("**/second-factor?*")
    looked_over(page)
    blocked = seen.context.new_page()
    blocked.goto(f"{seen.base}/accounts?lang={language}")
    blocked.get_by_text(t("access.door.needs_factor", language)).wait_for(timeout=60_000)
    assert blocked.locator("h1").count() == 0
    blocked.close()
    totp = pyotp.TOTP(page.inner_text("code").replace(" ", ""))
    page.fill("#code", totp.now())
    page.click("main form button")
    page.wait_for_selector("h1")
    page.get_by_text(t("ui.accounts.title", language)).first.wait_for()
    page = seen.open(f"/password?lang={language}")
    looked_over(page)
    page = seen.open(f"/role?lang={language}")
    looked_over(page)
    page = seen.open(f"/sign-in?lang={language}")
    page.get_by_role("button", name=t("ui.sidebar.sign_out", language)).click()
    page.fill("#login", "keeper")
    page.fill("#password", WORDS)
    page.click("main form button")
    page.wait_for_selector("#code")
    looked_over(page)
    assert seen.foreign == []
    db.engine.dispose()
