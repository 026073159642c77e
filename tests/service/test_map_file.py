"""A layer of the map leaves the office: covered, in the log, by page or command alike."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil

import geopandas as gpd
import openpyxl
import pytest
import shapely
import sqlalchemy as sa
from PIL import Image
from typer.testing import CliRunner

import cli
from data.db import Db, make_engine
from data.errors import NotAllowed, NotFound
from data.keys import Keys
from data.places import read_areas
from data.schema import audit
from data.scope import Scope
from reports.area_wide import SPAN_LAYERS
from reports.map_files import FORMATS, PAIR_FORMATS
from service.demo import make_demo
from service.map_file import (
    FILE_LAYERS,
    Part,
    file_name,
    pair_name,
    pair_of,
    sheet_of,
    write_export,
    write_pair,
)
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, LEADER, SUPERVISOR, Clock

OPERATOR = Scope.operator()


@pytest.fixture(scope="module")
def county(tmp_path_factory, sqlite_template):
    """A made-up county of twelve townships with two thousand cases a year."""
    path = tmp_path_factory.mktemp("map_file") / "zaojie.db"
    shutil.copy(sqlite_template, path)
    db = Db(make_engine(f"sqlite:///{path}"), Keys.fresh(), Clock())
    make_demo(db, grids=60, townships=12, cases_per_year=2000, years=1)
    yield db
    db.engine.dispose()


def exported(db):
    with db.read() as conn:
        rows = conn.execute(sa.select(audit.c.target).where(audit.c.action == "exported"))
        return [row.target for row in rows]


@pytest.mark.parametrize("layer", FILE_LAYERS)
def test_every_layer_is_a_sheet_with_a_row_per_area(county, layer):
    made = sheet_of(county, SUPERVISOR, layer, county.now(), "zh")
    assert len(made.cells) >= 12
    assert made.mark == "演示"
    assert made.shapes.notna().all()
    assert set(made.cells["digit"]) == {line.digit for line in made.legend}
    assert (made.cells["figure"] != "").all()


def test_every_export_stands_in_the_log_and_one_that_failed_does_not(county):
    before = exported(county)
    for kind in FORMATS:
        assert write_export(county, LEADER, "overdue_share", kind, county.now(), "en")
    names = [file_name("overdue_share", k, county.now(), county.county().zone) for k in FORMATS]
    assert exported(county) == [*before, *names]
    with pytest.raises(ValueError, match="no such layer"):
        write_export(county, LEADER, "nowhere", "csv", county.now(), "en")
    with pytest.raises(ValueError, match="no such format"):
        write_export(county, LEADER, "open", "shp", county.now(), "en")
    assert exported(county) == [*before, *names]


@pytest.mark.parametrize("scope", [ADMINISTRATOR, DESK, LABOUR, Scope.public()])
def test_who_does_not_see_the_countys_figures_gets_no_file(county, scope):
    for layer in FILE_LAYERS:
        with pytest.raises(NotAllowed):
            write_export(county, scope, layer, "gpkg", county.now(), "zh")


@pytest.mark.parametrize("layer", ["open", "overdue_share", "slow_late_share"])
def test_two_days_of_one_week_give_the_same_cells(county, layer):
    """What is of places moves once a week: nothing is had by subtracting days."""
    monday = county.now() - dt.timedelta(days=3)
    one, other = (sheet_of(county, LEADER, layer, at, "zh") for at in (monday, county.now()))
    assert one.cells.equals(other.cells)
    assert one.as_of == other.as_of


@pytest.mark.parametrize("layer", ["overdue_share", "filing", "slow_late_share"])
def test_a_part_has_the_rows_of_the_whole_and_says_of_what(county, layer):
    areas = read_areas(county, SUPERVISOR, county.now().date()).set_index("code")
    whole = sheet_of(county, SUPERVISOR, layer, county.now(), "zh")
    rows = set(whole.cells.itertuples(index=False, name=None))
    town = areas.index[areas["level"] == "township"][3]
    grid = areas.index[(areas["level"] == "grid") & areas.index.str.startswith(town[:9])][0]
    for code in (town, grid):
        made = sheet_of(county, SUPERVISOR, layer, county.now(), "zh", Part(code))
        assert 0 < len(made.cells) < len(whole.cells)
        assert set(made.cells.itertuples(index=False, name=None)) <= rows
        assert str(areas["name_zh"][code]) in made.place
        area = areas.geometry[code].buffer(1e-9)
        assert made.shapes.within(area).all()


def test_a_view_keeps_what_it_touches(county):
    whole = sheet_of(county, SUPERVISOR, "overdue_share", county.now(), "en")
    west, south, east, north = whole.shapes.total_bounds
    view = (west, south, (west + east) / 2, (south + north) / 2)
    made = sheet_of(county, SUPERVISOR, "overdue_share", county.now(), "en", Part(frame=view))
    assert 0 < len(made.cells) < len(whole.cells)
    assert made.frame == view
    assert made.shapes.intersects(shapely.box(*view)).all()


def test_a_code_of_no_area_is_said(county):
    with pytest.raises(NotFound) as found:
        sheet_of(county, SUPERVISOR, "open", county.now(), "zh", Part("1234"))
    assert found.value.key == "mapfile.error.no_area"


@pytest.mark.parametrize("layer", SPAN_LAYERS)
def test_two_spans_leave_side_by_side_and_are_noted(county, layer):
    earlier, later = pair_of(county, LEADER, layer, 13, county.now(), "zh")
    before = exported(county)
    made = {kind: write_pair(county, LEADER, layer, 13, kind, county.now(), "zh")
            for kind in PAIR_FORMATS}  # fmt: skip
    assert exported(county)[len(before) :] == [
        pair_name(layer, 13, kind, county.now(), "Asia/Shanghai") for kind in PAIR_FORMATS
    ]
    rows = list(csv.DictReader(io.StringIO(made["csv"].decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == later.cells["code"].tolist()
    assert [row["earlier_figure"] for row in rows] == earlier.cells["figure"].tolist()
    assert [row["later_base"] for row in rows] == later.cells["base"].tolist()
    book = openpyxl.load_workbook(io.BytesIO(made["xlsx"])).active
    table = [[cell or "" for cell in row] for row in book.iter_rows(values_only=True)]
    assert [row[3] for row in table[-len(rows) :]] == earlier.cells["figure"].tolist()
    assert earlier.as_of != later.as_of
    assert Image.open(io.BytesIO(made["png"])).size[0] > 2000


def test_a_comparison_that_is_none_is_said(county):
    with pytest.raises(ValueError, match="late_share, median_wait, 13 and 52 weeks"):
        pair_of(county, LEADER, "open", 13, county.now(), "zh")
    with pytest.raises(NotAllowed):
        pair_of(county, DESK, "late_share", 13, county.now(), "zh")


def test_a_county_without_boundaries_or_without_a_case_says_what_to_do(sqlite_db, small_county):
    db = small_county(sqlite_db)
    with pytest.raises(NotFound) as found:
        sheet_of(db, SUPERVISOR, "open", db.now(), "zh")
    assert found.value.key in ("mapfile.error.no_cases", "mapfile.error.no_layer")


def test_the_command_writes_what_the_page_hands_out(county, tmp_path):
    url, env = str(county.engine.url), {"ZAOJIE_KEYS": str(tmp_path / "keys.json")}
    county.keys.save(tmp_path / "keys.json")
    for kind in ("csv", "gpkg"):
        out = tmp_path / f"map.{kind}"
        given = ["map", "--layer", "filing", "--format", kind, "--out", str(out), "--database", url]
        done = CliRunner().invoke(cli.app, given, env=env)
        assert done.exit_code == 0, done.output
    rows = list(csv.reader(io.StringIO((tmp_path / "map.csv").read_text("utf-8-sig"))))
    table = gpd.read_file(tmp_path / "map.gpkg", layer="areas")
    assert [row[1] for row in rows[1:]] == table["name"].tolist()
    wrong = ["map", "--layer", "x", "--out", str(tmp_path / "x.png"), "--database", url]
    refused = CliRunner().invoke(cli.app, wrong, env=env)
    assert refused.exit_code == 1
    assert "overdue_share" in refused.output
    assert not (tmp_path / "x.png").exists()
