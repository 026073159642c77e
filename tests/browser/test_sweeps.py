"""In a real browser: a body begins a sweep and notes a finding, its asker reads it, the supervisor
sees coverage and no case, and marks an item of the yearly inspection."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from data import places, record
from data.db import Db, set_up
from data.history import NewEvent
from data.receipts import Slip
from data.rows import NewCase
from data.scope import Scope
from settings import Settings
from tests.browser.hands import settled, unfold
from tests.browser.test_backlog import anything, as_asker, choose, pick_first
from tests.conftest import BODIES, COUNTY, DESK, LABOUR, TOWNSHIPS
from wording import t

pytestmark = pytest.mark.browser


@pytest.fixture
def county(tmp_path: Path) -> tuple[str, Path, Slip]:
    """A demo county with one accepted case of the labour bureau."""
    url, keys = f"sqlite:///{tmp_path}/zaojie.db", tmp_path / "keys.json"
    db = Db.open(Settings(database=url, keys=keys, var=tmp_path))
    set_up(db, dataclasses.replace(COUNTY, kind="demo"))
    places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    new = NewCase(
        "990000001000", None, db.now(), "labour", "unpaid_wages", "redress", "desk", "ordinary",
        "b01", "东郊工地三个月工资没有发放。",
    )  # fmt: skip
    slip = record.register(db, DESK, new).slip
    assert slip is not None
    record.add_event(db, LABOUR, slip.case_id, NewEvent("accepted"), anything)
    db.engine.dispose()
    return url, keys, slip


def test_a_sweep_reaches_the_asker_and_the_supervisor_sees_no_case(county, server, visit):
    url, keys, slip = county
    base = server(url, ZAOJIE_KEYS=str(keys))
    clerk = visit(base)
    clerk.enter_as("department_clerk")
    page = clerk.open("/sweeps")
    page.get_by_text(t("sweeps.empty", "zh")).wait_for()
    unfold(page, t("sweeps.form.begin", "zh"))
    page.get_by_role("button", name=t("sweeps.form.do_begin", "zh"), exact=True).click()
    page.get_by_text(t("sweeps.form.begun", "zh", count=1)).wait_for()
    pick_first(page)
    box = page.locator(".st-key-sweep_finding [data-testid=stSelectbox]")
    box.wait_for()
    choose(box, t("sweeps.finding.tell_asker", "zh"))
    page.get_by_role("button", name=t("sweeps.form.save", "zh")).click()
    page.get_by_text(t("sweeps.form.saved", "zh")).wait_for()

    shown = as_asker(visit, base, slip)
    assert t("sweeps.finding.tell_asker", "zh") in shown
    assert t("assignments.step.tell", "zh") in shown

    supervisor = visit(base)
    supervisor.enter_as("supervisor")
    page = supervisor.open("/sweeps?kind=open&cols=coverage.found")
    page.locator(".st-key-zjwide_county_sweeps [data-testid=stDataFrame]").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    blocks = page.locator(".st-key-zjnarrow_county_sweeps")
    blocks.get_by_text(t("sweeps.small", "zh")).wait_for()
    assert t("sweeps.head.coverage", "zh") in blocks.inner_text()
    assert t("sweeps.head.until", "zh") not in blocks.inner_text(), "as the link says"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    assert slip.case_id not in page.inner_text("body")
    page = supervisor.open("/supervision")
    page.get_by_text(t("supervision.tab.inspection", "zh"), exact=True).click()
    unfold(page, t("supervision.inspection.add", "zh"))
    page.get_by_role("button", name=t("supervision.inspection.save", "zh")).click()
    page.get_by_text(t("supervision.inspection.saved", "zh")).wait_for()
    settled(page)
    assert clerk.foreign == []
    assert supervisor.foreign == []
