"""The map as one HTML file, without a network: it paints, tells, asks nobody, runs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from reports.map_files import map_file
from tests.access.tricks import TRICKS
from tests.reports.test_map_files import EVIL, sheet

pytestmark = pytest.mark.browser

HARM = """() => window.pwned !== undefined || document.querySelector(
  '#pwned, img, iframe, a:not([class^=leaflet-control]), [src], textarea') !== null"""


def test_a_file_of_hostile_names_paints_asks_nobody_and_runs_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    path.write_bytes(map_file(sheet(names=[*TRICKS, EVIL, "last"]), "html"))
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    asked, said = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    shapes = page.locator("path.leaflet-interactive")
    assert shapes.count() == len(TRICKS) + 1  # the last has no boundary
    shown = []
    for place in range(shapes.count()):
        shapes.nth(place).dispatch_event("mouseover")
        shown.append(page.locator(".leaflet-tooltip").first.inner_text())
        shapes.nth(place).dispatch_event("mouseout")
    assert any("<script>window.pwned=2</script>" in text for text in shown)
    assert any("{{ cycler" in text for text in shown)
    assert not page.evaluate(HARM)
    assert asked == [path.as_uri()]
    assert said == []
    context.close()
