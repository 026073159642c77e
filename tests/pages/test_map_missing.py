"""What the map says where something is missing: each sentence tells what to do."""

from __future__ import annotations

import datetime as dt
from html import escape

import pytest

from data.db import Db
from data.places import save_areas
from data.scope import Scope
from reports.map_files import FORMATS
from tests.pages.conftest import text_of
from tests.rules.conftest import layer
from tests.service.busy_county import fill
from ui import areas
from wording import LANGUAGES, t

OPERATOR = Scope.operator()
SINCE = dt.date(2020, 1, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_boundary_loaded(county: Db, open_page, language) -> None:  # type: ignore[no-untyped-def]
    fill(county, 40)
    test = open_page("map", "leader", language)
    assert not test.exception
    assert [one.value for one in test.info] == [t("ui.map.no_layer", language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_case_at_all(county: Db, open_page, language) -> None:  # type: ignore[no-untyped-def]
    save_areas(county, OPERATOR, layer(), SINCE)
    test = open_page("map", "leader", language)
    assert not test.exception
    assert [one.value for one in test.info] == [t("ui.map.empty", language)]


def test_an_area_without_a_shape(county: Db, open_page) -> None:  # type: ignore[no-untyped-def]
    found = layer()
    found.loc[len(found) - 1, "geometry"] = None
    save_areas(county, OPERATOR, found, SINCE)
    fill(county, 200)
    test = open_page("map", "leader", "en")
    assert not test.exception
    assert escape(t("map.page.without_shape", "en", count=1)) in text_of(test)


def test_an_empty_window(county: Db, open_page) -> None:  # type: ignore[no-untyped-def]
    """The first case was asked in September 2024: before that there is nothing to compare with,
    and at the end of the week before there was no case."""
    save_areas(county, OPERATOR, layer(), SINCE)
    fill(county, 60)
    test = open_page("map", "leader", "en")
    test.session_state["as_of"] = dt.date(2024, 9, 20)
    test.segmented_control(key="map_compare").set_value("year").run()
    assert not test.exception
    assert escape(t("map.state.none", "en")) in text_of(test)
    test.session_state["as_of"] = dt.date(2024, 9, 5)
    test.segmented_control(key="map_compare").set_value("none").run()
    assert not test.exception
    assert t("mapfile.page.no_week", "en") in [one.value for one in test.info]
    keys = {button.key for button in test.get("download_button")}
    assert not keys & {f"map_file_overdue_share_{kind}" for kind in FORMATS}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wrong", ["out_of_range", "elsewhere"])
def test_a_layer_in_the_wrong_system(  # type: ignore[no-untyped-def]
    county: Db, open_page, monkeypatch, language, wrong
) -> None:
    """Metres stated to be degrees, and metres of another zone: refused, nothing is loaded."""
    save_areas(county, OPERATOR, layer(), SINCE)
    metres = layer().to_crs(4549).set_crs(None, allow_override=True)

    class Upload:
        def getvalue(self) -> bytes:
            return str(metres.to_json()).encode()

    system = {"out_of_range": "cgcs2000", "elsewhere": "EPSG:4545"}[wrong]
    monkeypatch.setattr(areas.st, "file_uploader", lambda *a, **k: Upload())
    monkeypatch.setattr(areas, "_system", lambda viewer: system)
    test = open_page("areas", "administrator", language)
    assert not test.exception
    assert test.error[0].value == t("geo.layer.refused", language, count=1)
    assert escape(t(f"geo.layer.{wrong}", language, system=system)) in text_of(test)
    assert not [one for one in test.button if one.key == "areas_apply"]
