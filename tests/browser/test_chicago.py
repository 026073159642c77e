"""The same pages on 74,401 real complaints of another country's city, in English."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.accounts import add_account, change_password, session_of, sign_in
from data.db import Db
from data.scope import Scope
from service.takeover import Sent, read_mapping, set_up_county, take_over_export
from settings import Settings
from tests.conftest import ROOT
from wording import t

pytestmark = pytest.mark.browser

CHICAGO = ROOT / "examples" / "chicago_311"
PASSWORD = "only-in-this-test"


@pytest.fixture(scope="module")
def chicago(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("chicago")
    url, keys = f"sqlite:///{folder}/chicago.db", folder / "keys.json"
    db = Db.open(Settings(database=url, keys=keys))
    set_up_county(db, CHICAGO / "county.toml")
    mapping = read_mapping(db, CHICAGO / "mapping.toml")
    export = Sent.of(CHICAGO / "sanitation_complaints_2011_2014.csv.gz")
    take_over_export(db, Scope.operator(), export, mapping)
    login, once = add_account(db, Scope.operator(), "supervisor", "supervisor", None)
    signed_in = session_of(db, sign_in(db, login, once))
    assert signed_in is not None
    change_password(db, signed_in, once, PASSWORD)
    db.engine.dispose()
    return url, keys


def test_the_pages_work_on_an_open_data_extract(chicago, server, visit):
    url, keys = chicago
    seen = visit(server(url, ZAOJIE_KEYS=str(keys)))
    page = seen.open("/sign-in?lang=en")
    assert page.locator("button[name=role]").count() == 0, "demo roles are for demo databases"
    page.fill("#login", "supervisor")
    page.fill("#password", PASSWORD)
    page.click("form button")
    page.wait_for_selector("h1")

    page = seen.open("/overview?lang=en")
    page.get_by_text("511 / 826").wait_for()  # answers due in December 2014, on time
    page = seen.open("/map?lang=en")
    page.frame_locator("iframe[title*=folium]").locator("canvas").first.wait_for()
    page.get_by_text("WASHINGTON HEIGHTS").first.wait_for()
    page = seen.open("/filing?lang=en")
    page.get_by_text("No filing is asked for").first.wait_for()
    page = seen.open("/report?lang=en")
    page.get_by_role("button", name=t("ui.report.docx", "en")).wait_for()
    page = seen.open("/worklist?lang=en")
    page.wait_for_selector("[data-testid=stDataFrame]")
    assert page.get_by_text(t("ui.ribbon.demo", "en")).count() == 0
    assert seen.foreign == []
