"""A new version of the layer: looked at, put in force, and the history carried to it."""

from __future__ import annotations

import datetime as dt
import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from typer.testing import CliRunner

from cli import app
from data import bulk
from data.db import Db
from data.errors import ConfigError, NotAllowed
from data.places import layer_version, layer_versions, read_areas, read_changes
from data.scope import Scope
from geo.findings import LayerRefused
from reports.areas import Snapshot, area_figures, snapshot_moments
from service import areas
from service.figures import county_figures
from service.placing import place_of
from tests.conftest import ADMINISTRATOR, DESK, SUPERVISOR
from tests.rules.conftest import GRIDS, TOWNS, cases, events, layer, set_county

OPERATOR = Scope.operator()
A, B, C = GRIDS[:3]
NEW = f"{A[:12]}901"
ZONE = "Asia/Shanghai"


@pytest.fixture
def county(sqlite_db: Db) -> Db:
    """The layer's codes are the code system's; its grids are squares in two rows."""
    return set_county(sqlite_db)


def split(west_share: float = 0.25) -> bytes:
    """The grids as a file: the first is split, the second lives on under another code."""
    grids = layer()
    grids = grids[grids["level"] == "grid"][["code", "name_zh", "geometry"]].reset_index(drop=True)
    west, south, east, north = grids.geometry[0].bounds
    cut = west + (east - west) * west_share
    parts = [box(west, south, cut, north), box(cut, south, east, north)]
    rest = grids.iloc[1:].copy()
    rest.loc[rest["code"] == B, "code"] = f"{A[:12]}902"
    both = gpd.GeoDataFrame(
        {"code": [A, NEW], "name_zh": [A, NEW]}, geometry=parts, crs=grids.crs
    )  # fmt: skip
    return pd.concat([both, rest]).to_json(drop_id=True).encode()


def tomorrow(county: Db) -> dt.date:
    return county.now().date() + dt.timedelta(days=1)


def test_a_look_changes_nothing_and_says_everything(county: Db) -> None:
    before = layer_version(county, OPERATOR)
    new = areas.check(county, ADMINISTRATOR, split(), "cgcs2000", tomorrow(county))
    assert layer_version(county, OPERATOR) == before
    assert new.levels == {"county": 1, "township": 2, "village": 2, "grid": 7}
    assert new.walk is not None
    told = {
        (r.from_code, r.to_code, r.kind, round(r.share, 2)) for r in new.walk.changes.itertuples()
    }
    assert told == {
        (A, A, "split", 0.25), (A, NEW, "split", 0.75), (B, f"{A[:12]}902", "renamed", 1.0),
    }  # fmt: skip
    assert new.protection_level == "township"
    assert new.without_figures == ("village", "grid")
    assert new.flaws == ()


def test_it_is_in_force_from_its_day_on_and_the_one_before_until_then(county: Db) -> None:
    day = tomorrow(county)
    old = read_areas(county, OPERATOR, county.now().date())
    areas.apply(county, ADMINISTRATOR, areas.check(county, ADMINISTRATOR, split(), "wgs84", day))
    assert (
        read_areas(county, OPERATOR, day - dt.timedelta(days=1))["code"].tolist()
        == old["code"].tolist()
    )
    assert NEW in set(read_areas(county, OPERATOR, day)["code"])
    assert len(read_changes(county, OPERATOR, day)) == 3
    assert read_changes(county, OPERATOR, day - dt.timedelta(days=1)).empty
    versions = layer_versions(county, OPERATOR)
    assert versions["valid_to"].tolist()[0] == day - dt.timedelta(days=1)
    assert versions["areas_count"].tolist() == [11, 12]


def test_a_point_is_found_in_the_version_of_the_day(county: Db, clock) -> None:
    spot = ("120.09", "29.05", "wgs84")
    assert place_of(county, DESK, *spot).code == A
    day = tomorrow(county)
    areas.apply(county, ADMINISTRATOR, areas.check(county, ADMINISTRATOR, split(), "wgs84", day))
    assert place_of(county, DESK, *spot).code == A
    clock.at += dt.timedelta(days=1)
    assert place_of(county, DESK, *spot).code == NEW


def test_cases_of_the_split_grid_count_in_its_parts_and_say_so(county: Db, clock) -> None:
    rows = [{"grid_code": A} for _ in range(40)] + [{"grid_code": C} for _ in range(12)]
    rows += [{"grid_code": g, "township_code": TOWNS[1]} for g in GRIDS[3:] for _ in range(12)]
    frame = cases(rows)
    told = events(frame, {n: [("confirmed", 1.0)] for n in range(len(frame))})
    bulk.take_over(county, OPERATOR, frame, told, source_name="a.csv")
    day = tomorrow(county)
    areas.apply(county, ADMINISTRATOR, areas.check(county, ADMINISTRATOR, split(), "wgs84", day))
    clock.at += dt.timedelta(days=8)
    moments = snapshot_moments(county.now(), ZONE)
    shots = []
    for moment in moments:
        found = county_figures(county, SUPERVISOR, moment)
        shots.append(Snapshot(found.cases, found.standing, moment))
    now = county.now().date()
    layer_now, changes = read_areas(county, SUPERVISOR, now), read_changes(county, SUPERVISOR, now)
    figures = area_figures(*shots, layer_now, ZONE, "township", "open", changes)
    # 10, 30 and 12, said in bands below the township: the least of each
    assert figures.loc[[A, NEW, C], "value"].tolist() == [10.0, 20.0, 10.0]
    assert figures.loc[[A, NEW, C], "is_approximate"].tolist() == [True, True, False]
    assert figures.loc[TOWNS[0], "value"] == 52
    assert figures.loc["990000", "value"] == len(rows)


@pytest.mark.parametrize("days", [0, -3000])
def test_a_version_begins_after_the_one_before_and_not_in_the_past(county: Db, days: int) -> None:
    day = county.now().date() + dt.timedelta(days=days - 1)
    with pytest.raises(ConfigError, match="nothing was stored"):
        areas.check(county, ADMINISTRATOR, split(), "wgs84", day)
    assert len(layer_versions(county, OPERATOR)) == 1


def test_two_that_load_at_once_are_not_both_taken(county: Db) -> None:
    new = areas.check(county, ADMINISTRATOR, split(), "wgs84", tomorrow(county))
    areas.apply(county, ADMINISTRATOR, new)
    with pytest.raises(ConfigError, match="in force"):
        areas.apply(county, ADMINISTRATOR, new)
    assert len(layer_versions(county, OPERATOR)) == 2


@pytest.mark.parametrize("scope", [DESK, SUPERVISOR])
def test_only_the_administrator_loads_a_layer(county: Db, scope: Scope) -> None:
    with pytest.raises(NotAllowed):
        areas.check(county, scope, split(), "wgs84", tomorrow(county))


def test_a_file_without_the_protection_level_or_of_unknown_parents_is_refused(county: Db) -> None:
    strange = json.loads(split())
    for feature in strange["features"]:
        code = feature["properties"]["code"]
        feature["properties"]["code"] = f"88{code[2:]}"
    with pytest.raises(LayerRefused):
        areas.check(county, ADMINISTRATOR, json.dumps(strange).encode(), "wgs84", tomorrow(county))


def test_the_commands_preview_apply_and_list(county: Db, tmp_path, clock) -> None:
    file = tmp_path / "grids.geojson"
    file.write_bytes(split())
    county.keys.save(tmp_path / "keys.json")
    env = {"ZAOJIE_DATABASE": str(county.engine.url), "ZAOJIE_KEYS": str(tmp_path / "keys.json")}

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["areas", *words], env=env)
        assert result.exit_code == code, result.output
        return result.output

    day = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()
    load = ("load", str(file), "--system", "cgcs2000", "--valid-from", day)
    said = run(*load)
    assert "25.0\u00a0%" in said
    assert "nothing was stored" in said
    assert json.loads(run(*load, "--json"))["levels"]["grid"] == 7
    assert len(json.loads(run("list", "--json"))) == 1
    assert f"in force from {day}" in run(*load, "--apply")
    assert [v["areas"] for v in json.loads(run("list", "--json"))] == [11, 12]
    assert "is no day" in run(*load[:-1], "next week", code=1)
    assert "Unknown coordinate system" in run("load", str(file), "--system", "xian80",
                                              "--valid-from", "2999-01-01", code=1)  # fmt: skip
