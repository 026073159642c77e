"""Overview, filing, case and report on A4: what a reader needs, and nothing for a mouse."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pypdf
import pytest

from data import places
from data.db import Db, set_up
from data.record import register
from data.scope import Scope
from settings import Settings
from tests.conftest import BODIES, COUNTY, DESK, NOW, TOWNSHIPS, Clock
from tests.service.test_filing import case_of
from wording import t

from .conftest import Visit

pytestmark = pytest.mark.browser

MOST_PAGES = 6
A4 = (595, 842)


@pytest.fixture(scope="module")
def printed(folder: Path, shared_server: Callable[..., str]) -> Iterator[tuple[str, str]]:
    """The application over a demo county with one case; the case's number."""
    url = f"sqlite:///{folder}/zaojie.db"
    opened = Db.open(Settings(database=url, keys=folder / "keys.json"))
    db = replace(opened, now=Clock(NOW - dt.timedelta(minutes=5)))
    set_up(db, replace(COUNTY, kind="demo"))
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    case_id = register(db, DESK, case_of(db)).case_id
    yield shared_server(url), case_id
    db.engine.dispose()


@pytest.mark.parametrize("name", ["overview", "filing", "case", "report"])
def test_a_printed_page_says_what_it_is_and_has_no_button(
    name: str, printed: tuple[str, str], visit: Callable[..., Visit]
) -> None:
    base, case_id = printed
    seen = visit(base)
    seen.enter_as("supervisor")
    page = seen.open(f"/{name}?lang=zh" + (f"&case={case_id}" if name == "case" else ""))
    page.get_by_role("heading", level=1, name=t(f"ui.{name}.title", "zh")).wait_for()
    page.wait_for_selector('.stApp[data-test-script-state="notRunning"]')
    made = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert 1 <= len(made.pages) <= MOST_PAGES
    assert abs(float(made.pages[0].mediabox.width) - A4[0]) < 2
    assert abs(float(made.pages[0].mediabox.height) - A4[1]) < 2
    # radicals and other forms that fonts share with letters are read back as the letters
    text = normalize("NFKC", "".join(one.extract_text() for one in made.pages)).replace(" ", "")
    for wanted in (f"ui.{name}.title", "ui.head.as_of", "ui.head.scope", "ui.ribbon.demo"):
        assert normalize("NFKC", t(wanted, "zh")).replace(" ", "")[:10] in text, wanted
    for gone in ("ui.sidebar.sign_out", "ui.report.docx", "charts.png", "todo.title"):
        assert normalize("NFKC", t(gone, "zh")).replace(" ", "") not in text, gone
