"""Pages that no journey passes, for the tour's pictures; walked by `tour.py` alone."""

from __future__ import annotations

import pytest

from wording import t

from .conftest import Walker
from .county import PASSWORD, MadeCounty
from .frame import Walk

pytestmark = pytest.mark.browser


def test_a_supervisor_looks_round(walker: Walker, county: MadeCounty) -> None:
    walk = walker("round")
    with walk.step("sign-in", "登录，看到总览", "Signs in, sees the overview"):
        walk.open("/sign-in")
        walk.sign_in(county.login("supervisor"), PASSWORD)
    with walk.step("map", "看地图", "Looks at the map"):
        walk.menu("map")
        _painted(walk)
    with walk.step("area", "点一个乡镇", "Presses a township"):
        box = walk.page.locator("iframe[title*=folium]").bounding_box()
        assert box is not None
        walk.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        walk.page.wait_for_url("**/map?*area=*")
        _painted(walk)
    with walk.step("worklist", "看全县的待办清单", "Looks at the county's work list"):
        walk.menu("worklist")
        walk.rows().wait_for()
    if not walk.is_phone:  # several rows are chosen in a table
        with walk.step(
            "several", "勾选几件，准备一起交办", "Chooses several cases to assign at once"
        ):
            walk.press(walk.page.get_by_text(walk.t("lists.several"), exact=True))
            walk.settled()
            for row in (52, 87, 122):
                walk.rows().click(position={"x": 14, "y": row})
                walk.settled()
            walk.press(walk.button(walk.t("several.assign", count=3)))
            walk.looks_at(walk.button(walk.t("undo.yes")))
    for name, zh, en in (
        ("indicators", "看办理指标", "Looks at the indicators"),
        ("filing", "看各乡镇的报送", "Looks at the townships' filings"),
        ("assignments", "看交办", "Looks at the assignments"),
        ("report", "看当天的工作日报", "Looks at the day's report"),
    ):
        with walk.step(name, zh, en):
            walk.menu(name)
    walk.done(most_presses=40)


def _painted(walk: Walk) -> None:
    """The map has been drawn."""
    walk.page.frame_locator("iframe[title*=folium]").locator("canvas").first.wait_for()
    frame = next(one for one in walk.page.frames if "streamlit_folium" in one.url)
    frame.wait_for_function("window.zaojieMap && zaojieMap.painted > 0")


def test_anybody_reads_the_published_figures(walker: Walker) -> None:
    walk = walker("public")
    with walk.step("figures", "打开公开的月度数字", "Opens the published month"):
        walk.open("/s/figures")
        walk.page.wait_for_selector("h1")
    with walk.step("roster", "看接访安排", "Looks at the reception roster"):
        walk.open("/s/roster")
        walk.page.wait_for_selector("h1")
    assert t("public.demo", walk.language) in walk.page.inner_text("body")
    walk.done(most_presses=2)
