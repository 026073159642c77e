"""The page of the nightly run: what failed stands first, in words, with what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from data import outbox, running
from data.db import Db
from data.scope import Scope
from data.vocabulary import RUN_STEPS
from settings import Settings
from tests.pages.conftest import go_to, text_of
from ui import state
from wording import t

DAY = dt.date(2026, 3, 5)
OPERATOR = Scope.operator()


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    here = replace(Settings(), inbox=str(tmp_path / "inbox"), notice_webhook="https://x.example/n")
    (tmp_path / "inbox" / "ledger").mkdir(parents=True)
    (tmp_path / "inbox" / "ledger" / "one.csv").write_text("a\n")
    monkeypatch.setattr(state, "settings", lambda: here)


def night(db: Db, day: dt.date = DAY, failed: str | None = None, cut: str | None = None) -> None:
    of = running.begin(db, OPERATOR, day)
    for step in RUN_STEPS:
        running.note(db, OPERATOR, of, step, "begun")
        if step == cut:
            return
        if step == failed:
            running.note(db, OPERATOR, of, step, "failed", None, "running.inbox.no_mapping")
        else:
            counts = {"files": 3, "scored": 417}
            running.note(db, OPERATOR, of, step, "done", counts)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_failed_step_is_told_on_the_first_page_and_on_its_own(open_page, county, language):
    page = open_page("nights", "administrator", language)
    assert t("running.page.none", language) in [box.value for box in page.info]
    night(county, DAY - dt.timedelta(days=1))
    night(county, failed="import")
    page.run()
    assert not page.exception
    shown = text_of(page)
    assert t("running.step.import", language) in page.error[0].value
    assert t("running.inbox.no_mapping", language) in shown
    assert t("running.page.nights", language) in shown
    first = go_to(page, "accounts")
    assert t("running.step.import", language) in first.error[0].value


def test_figures_of_cases_are_not_the_administrators(open_page, county):
    night(county)
    shown = text_of(open_page("nights", "administrator"))
    assert "文件 3" in shown
    assert "417" not in shown
    assert not open_page("accounts", "administrator").error


def test_a_night_that_was_broken_off_is_said(open_page, county):
    night(county, cut="report")
    page = open_page("nights", "administrator")
    assert t("running.outcome.broken", "zh") in text_of(page)
    with running.lock(county, OPERATOR):
        page.run()
        assert t("running.outcome.begun", "zh") in text_of(page)
        assert not page.error


def test_a_night_that_was_missed_is_said(open_page, county, clock):
    night(county)
    clock.go(hours=40)
    page = open_page("accounts", "administrator")
    assert [box.value for box in page.warning] == [t("running.page.stale_note", "zh")]


def test_inbox_and_notices_stand_below(open_page, county):
    night(county)
    outbox.put(county, OPERATOR, DAY, "night", "webhook", {"overdue": 5})
    one = outbox.since(county, OPERATOR, DAY)[0]
    outbox.tried(county, OPERATOR, one.id, "unreachable")
    shown = text_of(open_page("nights", "administrator"))
    assert t("notices.outcome.unreachable", "zh") in shown
    assert t("notices.channel.webhook", "zh") in shown
    assert "x.example" not in shown
    assert t("running.page.inbox_waits", "zh", files="1", hours="0.0", aside="0") in shown
