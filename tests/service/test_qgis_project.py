"""The QGIS project of the public figures names the file beside it, its layer and its columns."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest
from shapely.geometry import box

from geo.crs import STORED
from reports.monthly_package import to_gpkg
from tests.conftest import ROOT
from tests.reports.monthly_county import TOWNS, publication
from wording import LANGUAGES

FOLDER = ROOT / "examples" / "published_figures"
FILES = {"zh": "figures.qgs", "en": "figures.en.qgs"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    shapes = gpd.GeoDataFrame(
        {"code": TOWNS}, geometry=[box(n, 30, n + 1, 31) for n in range(len(TOWNS))], crs=STORED
    )
    (folder / "figures.gpkg").write_bytes(to_gpkg(publication(7, 300, repeats=2)[0], shapes))
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_what_the_script_writes_and_names_only_what_is_in_the_file(
    made: Path, language: str
) -> None:
    kept = (FOLDER / FILES[language]).read_bytes()
    assert kept == runpy.run_path(str(FOLDER / "make_project.py"))["project"](language)
    found = ET.fromstring(kept)
    sources = [found.findtext(".//datasource"), found.find(".//layer-tree-layer").get("source")]
    file, layer = sources[0].split("|layername=")
    assert sources == [f"{file}|layername={layer}"] * 2
    info = pyogrio.read_info(made / file, layer=layer)
    said = [rule.get("filter") for rule in found.iter("rule")]
    said.append(found.find(".//text-style").get("fieldName"))
    named = {column for one in said for column in re.findall(r'"(\w+)"', one)}
    assert "on_time_share" in named
    assert named <= set(info["fields"])
    assert {rule.get("symbol") for rule in found.iter("rule")} == {
        symbol.get("name") for symbol in found.iter("symbol")
    }


def test_every_published_township_has_one_shade_and_a_covered_one_has_none(made: Path) -> None:
    shades = runpy.run_path(str(FOLDER / "make_project.py"))["SHADES"]
    assert [low for low, _, _ in shades[1:]] == [high for _, high, _ in shades[:-1]]
    assert (shades[0][0], shades[-1][1]) == (0, 1)
    towns = gpd.read_file(made / "figures.gpkg")
    assert towns.loc[towns["on_time_covered"], "on_time_share"].isna().all()
    assert towns["on_time_share"].between(0, 1).any()
