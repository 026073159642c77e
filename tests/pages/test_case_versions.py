"""The history of a row, on the case page of the desk that owns it."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from data.categories import load_categories
from data.corrections import ask, make
from data.errors import NotAllowed, NotFound
from data.receipts import find
from data.record import confirm, register
from data.rows import NewCase
from data.versions import versions
from tests.conftest import DESK, NOW
from tests.pages.conftest import text_of
from wording import t

CASE = NewCase(
    township_code="990000001000", grid_code=None, opened_at=NOW, domain="labour",
    category="unpaid_wages", kind="redress", channel="desk", procedure="ordinary", body_id="t01",
    summary="某工地拖欠三个月工资。",
)  # fmt: skip


@pytest.fixture
def corrected(county, clock):
    """A case whose category its asker had corrected a day later; its number."""
    made = register(county, DESK, CASE)
    opened = find(county, made.slip.code)
    confirm(county, opened.scope, opened)
    known = load_categories().by_id
    clock.go(days=1)
    ask(county, opened.scope, made.case_id, "category", "pension", known)
    make(county, DESK, made.case_id, "category", "pension", known)
    return made.case_id


def test_each_version_says_what_it_changed_and_when(county, corrected):
    first, second = versions(county, DESK, corrected)
    assert first.changes == ()
    assert [(c.column, c.before, c.after) for c in second.changes] == [
        ("category", "unpaid_wages", "pension")
    ]
    assert second.recorded_at - first.recorded_at >= dt.timedelta(days=1)


def test_nobody_but_the_desk_that_owns_it_reads_the_history(county, corrected):
    west = dataclasses.replace(DESK, who="west", bodies=frozenset({"t02"}), desk="t02")
    with pytest.raises(NotFound):
        versions(county, west, corrected)
    for role in ("grid_worker", "supervisor", "leader", "administrator"):
        with pytest.raises(NotAllowed):
            versions(county, dataclasses.replace(DESK, role=role), corrected)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_case_page_shows_it(open_page, county, corrected, language):
    test = open_page("case", "township_clerk", language)
    test.text_input(key="case_number").set_value(corrected).run()
    assert not test.exception
    assert t("versions.title", language, count=2) in [box.label for box in test.expander]
    names = load_categories().by_id
    for category in ("unpaid_wages", "pension"):
        assert names[category].names[language] in text_of(test)
