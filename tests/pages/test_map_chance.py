"""The map page's layers of chance, its marks and its files: made when asked, and noted."""

from __future__ import annotations

import datetime as dt
from html import escape

import pytest
import sqlalchemy as sa

from data.db import Db
from data.places import save_areas
from data.schema import audit
from data.scope import Scope
from reports.map_files import FORMATS, PAIR_FORMATS
from service.map_file import FILE_LAYERS, Part
from tests.pages.conftest import text_of
from tests.rules.conftest import layer
from tests.service.busy_county import fill
from ui import area_chance, area_files, area_page, area_spans
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
    test.segmented_control(key="map_layer").set_value("chance").run()
    assert not test.exception
    shown = text_of(test)
    assert t("hotspots.reason.few_areas", language) in shown
    assert escape(t("hotspots.page.how", language)) in shown
    assert escape(t("map.layer.slow_late_share", language)) in shown
    test.segmented_control(key="map_measure").set_value("days_waited").run()
    test.segmented_control(key="map_show").set_value("smooth").run()
    assert not test.exception
    assert escape(t("map.layer.smooth_days_waited", language)) in text_of(test)
    assert {one: test.query_params[one] for one in ("layer", "measure", "show")} == {
        "layer": "chance", "measure": "days_waited", "show": "smooth",
    }  # fmt: skip


def test_the_marks_of_offices_stand_in_the_address(mapped, open_page) -> None:  # type: ignore[no-untyped-def]
    test = open_page("map", "leader")
    assert "marks" not in test.query_params
    test.toggle(key="map_marks").set_value(True).run()
    assert test.query_params["marks"] == "1"
    assert t("map.page.offices_where", "zh") in text_of(test)
    test.toggle(key="map_marks").set_value(False).run()
    assert "marks" not in test.query_params


@pytest.mark.parametrize("weeks", ["before", "year"])
def test_two_spans_have_a_button_per_format(mapped, open_page, weeks) -> None:  # type: ignore[no-untyped-def]
    test = open_page("map", "leader")
    test.segmented_control(key="map_compare").set_value(weeks).run()
    assert not test.exception
    apart = area_spans.APART[weeks]
    keys = {button.key for button in test.get("download_button")}
    assert keys == {f"map_file_pair_late_share_{apart}_{kind}" for kind in PAIR_FORMATS}


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
    part = Part(area="990000001000")
    assert area_files._file(viewer, "open", part, "csv").startswith("\ufeff".encode())
    with mapped.read() as conn:
        row = conn.execute(
            sa.select(audit.c.who, audit.c.target).where(audit.c.action == "exported")
        ).one()
    assert (row.who, row.target) == ("someone", "map-open-990000001000-2026-03-05.csv")


def test_every_layer_of_the_page_has_its_files() -> None:
    drawn = set(area_page.CHOICES) - {area_page.CHANCE} | set(area_chance.LAYERS)
    assert drawn == set(FILE_LAYERS)
