"""The administrator's page of areas: nothing loaded, a version loaded, and who may not see it."""

from __future__ import annotations

import datetime as dt

from data import places
from data.scope import Scope
from tests.pages.conftest import text_of
from tests.rules.conftest import layer
from tests.service.test_areas import split
from ui import areas
from wording import t


def test_without_a_layer_the_page_says_so(open_page) -> None:
    test = open_page("areas", "administrator")
    assert not test.exception
    assert t("areas.page.no_versions", "zh") in text_of(test)


def test_the_versions_are_listed(county, open_page) -> None:
    places.save_areas(county, Scope.operator(), layer(), dt.date(2020, 1, 1))
    said = text_of(open_page("areas", "administrator", language="en"))
    assert "in force" in said
    assert "11" in said


def test_a_checked_file_is_shown_with_its_changes_and_shares(
    county, open_page, monkeypatch
) -> None:
    places.save_areas(county, Scope.operator(), layer(), dt.date(2020, 1, 1))

    def offer(viewer) -> None:
        day = viewer.latest_day
        areas.preview(viewer, areas._checked(viewer, split(), "cgcs2000", day, {}))

    monkeypatch.setattr(areas, "offer", offer)
    said = text_of(open_page("areas", "administrator", language="en"))
    for words in ("split", "75.0\u00a0%", "new code", "is too fine", "approximate"):
        assert words in said


def test_a_file_that_is_refused_says_why(county, open_page, monkeypatch) -> None:
    from geo.findings import LayerRefused, found

    def check(*_: object) -> None:
        raise LayerRefused([found("swapped", system="wgs84")])

    monkeypatch.setattr(areas.areas, "check", check)

    class Upload:
        def getvalue(self) -> bytes:
            return b"x"

    monkeypatch.setattr(areas.st, "file_uploader", lambda *a, **k: Upload())
    monkeypatch.setattr(areas, "_system", lambda viewer: "wgs84")
    test = open_page("areas", "administrator")
    assert test.error[0].value == t("geo.layer.refused", "zh", count=1)
    assert t("geo.layer.swapped", "zh", system="wgs84") in text_of(test)
