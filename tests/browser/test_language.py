"""A browser that speaks English: what Streamlit itself says is Chinese in a Chinese session, goes
back to English with the session, under a path of a proxy too; nobody's own words are touched."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from data import places
from data.db import Db, set_up
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, COUNTY, TOWNSHIPS
from wording import t

pytestmark = pytest.mark.browser

UPLOADER = '[data-testid="stFileUploader"]'
BASE = "/early"


@pytest.fixture
def county(tmp_path: Path) -> str:
    """A demo county without a case."""
    url, keys = f"sqlite:///{tmp_path}/zaojie.db", tmp_path / "keys.json"
    db = Db.open(Settings(database=url, keys=keys, var=tmp_path))
    set_up(db, dataclasses.replace(COUNTY, kind="demo"))
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    db.engine.dispose()
    return url


def test_streamlit_speaks_the_language_of_the_session(
    county: str, server: Callable[..., str], visit: Callable[..., object], tmp_path: Path
) -> None:
    base = server(county, ZAOJIE_BASE_PATH=BASE)
    seen = visit(base + BASE, locale="en-US")
    errors: list[str] = []
    page: Page = seen.page  # type: ignore[attr-defined]
    page.on("pageerror", lambda err: errors.append(str(err)))
    seen.enter_as("administrator")  # type: ignore[attr-defined]

    page.goto(f"{base}{BASE}/areas?lang=zh")
    page.get_by_text(t("streamlit.uploader.upload", "zh"), exact=True).wait_for()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_label(t("streamlit.date.choose", "zh")).first.click()
    page.locator('[data-testid="stDateInputCalendar"]').get_by_text("一", exact=True).wait_for()
    page.keyboard.press("Escape")
    own = tmp_path / "Upload.pdf"
    own.write_bytes(b"x")
    page.locator(f"{UPLOADER} input").first.set_input_files(own)
    refused = t("streamlit.uploader.type", "zh", kind="application/pdf")
    page.get_by_text(refused).first.wait_for(state="attached")
    assert page.locator(UPLOADER).get_by_text("Upload.pdf", exact=True).count() == 1

    page.get_by_text("English", exact=True).first.click()
    page.get_by_text(t("ui.areas.title", "en"), exact=True).first.wait_for()
    page.wait_for_function("document.documentElement.lang === 'en-GB'")
    side = f"[aria-label='{t('streamlit.frame.close_side', 'en')}']"
    page.locator(side).wait_for(state="attached")
    page.get_by_text("中文", exact=True).first.click()
    zh = f"[aria-label='{t('streamlit.frame.close_side', 'zh')}']"
    page.locator(zh).wait_for(state="attached")

    page.goto(f"{base}{BASE}/no-such-page?lang=zh")
    page.get_by_role("heading", name=t("streamlit.dialog.not_found", "zh")).wait_for()
    assert errors == []


def test_a_page_that_a_press_leads_to_speaks_the_same_language(
    county: str, server: Callable[..., str], visit: Callable[..., object]
) -> None:
    """Streamlit forgets what the widget was set to when a press leads to another page."""
    seen = visit(server(county))
    page: Page = seen.enter_as("administrator", "en")  # type: ignore[attr-defined]
    page.locator(".st-key-todo_roster button").click()
    page.get_by_role("heading", level=1, name=t("ui.roster.title", "en")).wait_for()
    assert "lang=en" in page.url
