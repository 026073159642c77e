"""The map in a real browser: a click goes one level down, a rerun moves nothing, the address leads
back to what was seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page

from data.assigned import NewAssignment
from data.db import Db
from data.scope import Scope
from service import assignments
from service.demo import make_demo
from settings import Settings
from wording import t

pytestmark = pytest.mark.browser

VIEW = "() => [map.getZoom(), map.getCenter().lat, map.getCenter().lng, zaojieMap.selected]"


@pytest.fixture(scope="module")
def served(folder: Path, shared_server: Callable[..., str]) -> str:
    url, keys = f"sqlite:///{folder}/demo.db", folder / "keys.json"
    db = Db.open(Settings(database=url, keys=keys))
    make_demo(db, grids=24, townships=2, cases_per_year=300, years=1)
    leader, body = Scope("lead", "leader"), "b01"
    for subject in ("overdue_answers", "very_late_answers"):
        found = assignments.subject_choices(db, subject, body)
        new = NewAssignment("instruction", body, subject, found.steps[0], found.usual_day)
        made = assignments.assign(db, leader, new)
    clerk = Scope("clerk", "department_clerk", bodies=frozenset({body}), desk=body)
    assignments.follow_up(db, clerk, made, "answered", "done")
    db.engine.dispose()
    return shared_server(url)


def frame_of(page: Page) -> Frame:
    page.frame_locator("iframe[title*=folium]").locator("canvas").first.wait_for()
    frame = next(one for one in page.frames if "streamlit_folium" in one.url)
    frame.wait_for_function("window.zaojieMap && zaojieMap.painted > 0")
    return frame


def test_a_view_survives_reruns_and_is_handed_on_by_its_address(served: str, visit) -> None:
    seen = visit(served)
    page = seen.enter_as("leader")
    page.wait_for_url("**/overview*")
    page.get_by_alt_text(t("reports.daily.overview.map", "zh")).first.wait_for()
    page.get_by_text(t("ui.overview.yesterday", "zh"), exact=True).first.wait_for()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    assert page.locator(".st-key-todo button").count() == 2, "what waits for a leader"
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    assert height <= 900, "the leaders' page is one screen at 1440 x 900"
    page = seen.open("/map")
    frame = frame_of(page)
    assert frame.evaluate(VIEW)[3] == "990101", "the whole county"
    box = page.locator("iframe[title*=folium]").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(*middle)
    page.wait_for_url("**/map?*area=*")
    township = frame.evaluate(VIEW)[3]
    assert len(township) == 9
    page.mouse.click(*middle)
    page.wait_for_url(lambda url: f"area={township}" in url and not url.endswith(township))
    view = frame.evaluate(VIEW)
    village = view[3]
    assert village.startswith(township), "one level deeper"

    for layer in ("median_wait", "filing"):
        painted = frame.evaluate("zaojieMap.painted")
        page.get_by_text(t(f"map.short.{layer}", "zh"), exact=True).first.click()
        frame.wait_for_function("before => zaojieMap.painted > before", arg=painted)
        page.wait_for_url(f"**layer={layer}*")
        assert frame.evaluate(VIEW) == view, "centre, zoom and selection survive a rerun"

    page = seen.open(page.url.removeprefix(served))
    frame = frame_of(page)
    frame.wait_for_function("code => zaojieMap.selected === code", arg=village)
    page.get_by_text(t("map.legend.note_offices", "zh")).wait_for()

    page.locator("[data-testid=stBaseButton-tertiary]").first.click()
    page.wait_for_url(lambda url: "area=" not in url)
    assert page.locator("[data-testid=stDataFrame]").count() == 0, "no list of cases on the map"
    assert seen.foreign == []


def test_chance_is_a_layer_of_the_one_map_and_a_view_is_exported(served: str, visit) -> None:
    seen = visit(served)
    page = seen.enter_as("leader")
    page.wait_for_url("**/overview*")
    page = seen.open("/map")
    frame = frame_of(page)
    frame.evaluate("map.setZoom(map.getZoom() + 1, { animate: false })")
    view = frame.evaluate(VIEW)
    painted = frame.evaluate("zaojieMap.painted")
    page.get_by_text(t("map.short.chance", "zh"), exact=True).first.click()
    page.get_by_text(t("map.layer.slow_late_share", "zh"), exact=True).first.wait_for(
        timeout=60_000
    )
    page.get_by_text(t("hotspots.reason.few_areas", "zh")).wait_for(timeout=60_000)
    frame.wait_for_function("before => zaojieMap.painted > before", arg=painted)
    assert frame.evaluate(VIEW) == view, "the same map, not another one"
    assert page.locator("iframe[title*=folium]").count() == 1

    page.get_by_text(t("hotspots.show.smooth", "zh"), exact=True).click()
    page.wait_for_url("**layer=chance*show=smooth*")
    page.get_by_text(t("map.layer.smooth_late_share", "zh"), exact=True).first.wait_for()

    frame.get_by_role("button", name=t("map.take", "zh")).click()
    page.get_by_text(t("mapfile.page.of_view", "zh")).wait_for()
    with page.expect_download(timeout=60_000) as found:
        page.get_by_role("button", name=t("mapfile.page.csv", "zh")).click()
    assert found.value.suggested_filename.startswith("map-smooth_late_share-view-")
    assert seen.foreign == []


def test_two_spans_pan_and_choose_together(served: str, visit) -> None:
    seen = visit(served)
    page = seen.enter_as("leader")
    page.wait_for_url("**/overview*")
    page = seen.open("/map?compare=before")
    for side in (0, 1):
        page.frame_locator("iframe[title*=folium]").nth(side).locator("canvas").first.wait_for()
    one, other = [found for found in page.frames if "streamlit_folium" in found.url]
    for frame in (one, other):
        frame.wait_for_function("window.zaojieMap && zaojieMap.painted > 0")
    one.evaluate("map.setView([map.getCenter().lat + 0.01, map.getCenter().lng], 11.5)")
    other.wait_for_function("map.getZoom() === 11.5")
    assert other.evaluate(VIEW)[:3] == pytest.approx(one.evaluate(VIEW)[:3])
    box = page.locator("iframe[title*=folium]").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**area=*")
    one.wait_for_function("zaojieMap.selected && zaojieMap.selected.length === 9")
    assert other.evaluate(VIEW)[3] == one.evaluate(VIEW)[3]
