"""Pages run through the shell, on a real small SQLite database, in a role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from data import accounts
from data.db import County, Db, set_up
from data.places import save_offices
from data.scope import Scope
from tests.conftest import BODIES, ROOT, TOWNSHIPS
from ui import guard, kept, lists, state

Open = Callable[..., AppTest]
OFFICES = {"township_clerk": "t01", "grid_worker": "t01", "department_clerk": "b01"}


# an AppTest reads the metadata of all installed packages when it is new, 0.2 s; they stay the same
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def _build(db: Db) -> None:
    facts = ("试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)
    set_up(db, County("demo", *facts))
    save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)


@pytest.fixture
def county(
    sqlite_db: Db, made_once: Callable[..., Db], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Db]:
    """A demo county of two townships without a case, as the pages' database."""
    made_once(sqlite_db, "pages", _build)
    monkeypatch.setattr(state, "db", lambda: sqlite_db)
    # on a busy machine the first counting of a process may take longer than a page waits for
    monkeypatch.setattr(kept, "AT_ONCE", 60)
    kept.clear()
    yield sqlite_db
    kept.clear()


@pytest.fixture
def short_lists_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of a row or two has the ways to cut it that a long one has."""
    monkeypatch.setattr(lists, "FEW", -1)


@pytest.fixture
def open_page(county: Db, monkeypatch: pytest.MonkeyPatch) -> Open:
    """`open_page("filing", "supervisor", language="en")`: the page as that role sees it."""

    def open_(name: str | None, role: str | None, language: str = "zh") -> AppTest:
        token = accounts.demo_sign_in(county, role, OFFICES.get(role)) if role else None
        return open_with(name, token, language)

    def open_with(name: str | None, token: str | None, language: str = "zh") -> AppTest:
        # AppTest has no request, so no cookie: the one function that reads it is replaced
        monkeypatch.setattr(guard, "session_token", lambda: token)
        test = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=120)
        test.query_params["lang"] = language
        if name is None:
            return test.run()
        # as a link leads to it: the role's first page is not drawn before (it takes the longest)
        go_to(test, name)
        assert test._finished_page_script_hash == test._page_hash, f"there is no page {name}"
        return test

    open_.with_token = open_with  # type: ignore[attr-defined]
    return open_


def go_to(test: AppTest, name: str) -> AppTest:
    """The page of that file, in the same session."""
    return test.switch_page(str(ROOT / "pages" / f"{name}.py")).run()


def text_of(test: AppTest) -> str:
    """Everything the page wrote outside the sidebar, as one text."""
    return "\n".join(str(element.value) for element in test.main if hasattr(element, "value"))
