"""The published month for programs says in every format what the CSV says."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

import geopandas as gpd
import pyarrow.parquet as pq
import pytest
from shapely.geometry import box

from reports.monthly_files import COLUMNS, to_csv
from reports.monthly_package import to_datapackage, to_gpkg, to_parquet

from .monthly_county import publication


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return publication(7, 300, repeats=2)[0]


@pytest.fixture(scope="module")
def shapes(content: dict[str, Any]) -> gpd.GeoDataFrame:
    codes = [one["id"] for one in content["groups"]["township"]]
    squares = [box(113 + n, 27, 114 + n, 28) for n in range(len(codes))]
    return gpd.GeoDataFrame({"code": codes}, geometry=squares, crs=4490)


def test_parquet_holds_the_rows_of_the_csv_with_types_and_meanings(content):
    table = pq.read_table(io.BytesIO(to_parquet(content)))
    assert table.column_names == list(COLUMNS)
    lines = list(csv.DictReader(io.StringIO(to_csv(content).decode())))
    rows = table.to_pylist()
    assert len(rows) == len(lines) > 0
    for row, line in zip(rows, lines, strict=True):
        for name, value in row.items():
            said = "" if value is None else str(value).lower() if isinstance(value, bool) else value
            assert line[name].lstrip("'") == str(said).lstrip("'")
    assert table.schema.field("share").metadata[b"zh"]
    assert any(row["covered"] and row["numerator"] is None for row in rows)


def test_the_geopackage_has_each_townships_published_figures_and_nothing_covered(
    content, shapes, tmp_path
):
    made = to_gpkg(content, shapes)
    assert to_gpkg(content, shapes) == made  # the same content, the same bytes
    (tmp_path / "figures.gpkg").write_bytes(made)
    layer = gpd.read_file(tmp_path / "figures.gpkg").set_index("code")
    published = [line for line in content["figures"] if line["by"] == "township"]
    assert len(layer) == len(shapes)
    assert any(line["covered"] for line in published)
    for line in published:
        row = layer.loc[line["group"]]
        for part in ("numerator", "denominator", "share"):
            value = row[f"{line['indicator']}_{part}"]
            if line[part] is None:
                assert value != value or value is None
            else:
                assert value == line[part]
    assert layer["month"].eq(content["month"]).all()


def test_the_data_package_names_every_file_with_its_hash_and_the_tables_schema(content):
    files = {"figures.csv": to_csv(content), "figures.parquet": to_parquet(content)}
    package = json.loads(to_datapackage(content, files))
    assert [one["path"] for one in package["resources"]] == list(files)
    for one in package["resources"]:
        assert one["hash"] == f"sha256:{hashlib.sha256(files[one['path']]).hexdigest()}"
        assert one["bytes"] == len(files[one["path"]])
    fields = package["resources"][0]["schema"]["fields"]
    assert [field["name"] for field in fields] == list(COLUMNS)
    assert all("\n" in field["description"] for field in fields)  # Chinese and English
