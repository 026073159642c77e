"""The map page's section on chance, and its files: made when asked, and noted."""

from __future__ import annotations

import datetime as dt
from html import escape

import pytest
import sqlalchemy as sa

from data.db import Db
from data.places import save_areas
from data.schema import audit
from data.scope import Scope
from reports.map_files import FORMATS
from service.map_file import FILE_LAYERS
from tests.pages.conftest import text_of
from tests.rules.conftest import layer
from tests.service.busy_county import fill
from ui import area_files
from wording import t


@pytest.fixture
def mapped(county: Db) -> Db:
    """Two townships with boundaries and a year and a half of cases."""
    save_areas(county, Scope.operator(), layer(), dt.date(2020, 1, 1))
    return fill(county)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_chance_is_judged_when_asked_and_too_few_areas_say_so(mapped, open_page, language) -> None:  # type: ignore[no-untyped-def]
    test = open_page("map", "leader", language)
    assert not test.exception
    assert escape(t("hotspots.page.how", language)) not in text_of(test)
    test.toggle(key="map_chance").set_value(True).run()
    assert not test.exception
    shown = text_of(test)
    assert t("hotspots.reason.few_areas", language) in shown
    assert escape(t("hotspots.page.how", language)) in shown
    test.segmented_control(key="map_chance_measure").set_value("days_waited").run()
    assert not test.exception


def test_the_layer_shown_has_a_button_per_format(mapped, open_page) -> None:  # type: ignore[no-untyped-def]
    test = open_page("map", "supervisor")
    keys = {button.key for button in test.get("download_button")}
    assert keys >= {f"map_file_overdue_share_{kind}" for kind in FORMATS}


def test_what_a_button_hands_out_is_noted_with_who_took_it(mapped, open_page) -> None:  # type: ignore[no-untyped-def]
    from ui import guard

    open_page("map", "leader")
    viewer = guard.Viewer(
        scope=Scope("someone", "leader"), login="x", language="zh", county=mapped.county(),
        as_of=mapped.now(), latest=mapped.now(),
    )  # fmt: skip
    assert area_files._file(viewer, "open", "csv").startswith("\ufeff".encode())
    with mapped.read() as conn:
        row = conn.execute(
            sa.select(audit.c.who, audit.c.target).where(audit.c.action == "exported")
        ).one()
    assert (row.who, row.target) == ("someone", "map-open-2026-03-05.csv")


def test_every_layer_of_the_page_has_its_files() -> None:
    from ui.area_page import CHOICES

    assert set(CHOICES) <= set(FILE_LAYERS)
