"""Files of areas from outside: three formats read alike; hostile ones refused in one sentence."""

import io
import json
import sqlite3
import struct
import zipfile

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo import crs, layer_files
from geo.codes import CN
from geo.findings import LayerRefused
from geo.layers import load_layer

FRAME = gpd.GeoDataFrame(
    {
        "code": ["990102", "990102001", "990102002"],
        "name_zh": ["试县", "甲镇", "乙镇"],
    },
    geometry=[box(120, 30, 120.02, 30.02), box(120, 30, 120.01, 30.02),
              box(120.01, 30, 120.02, 30.02)],
    crs=4490,
)  # fmt: skip


def geojson(frame=FRAME):
    return frame.to_json(drop_id=True).encode()


def gpkg(tmp_path, frame=FRAME, **options):
    frame.to_file(tmp_path / "layer.gpkg", driver="GPKG", **options)
    return (tmp_path / "layer.gpkg").read_bytes()


def zipped(tmp_path, frame=FRAME, leave_out=(), folder="", **options):
    frame.to_file(tmp_path / "layer.shp", **options)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for path in sorted(tmp_path.glob("layer.*")):
            if path.suffix not in leave_out and path.suffix in (".shp", ".shx", ".dbf", ".cpg"):
                pack.write(path, folder + path.name)
    return out.getvalue()


def key(content, system="cgcs2000", present=None):
    with pytest.raises(LayerRefused) as refused:
        load_layer(content, system, codes=CN, present=present)
    findings = refused.value.findings
    for language in ("zh", "en"):
        assert refused.value.text(language)
    assert len({found.key for found in findings}) == 1
    return findings[0].key.removeprefix("geo.layer.")


def test_the_three_formats_give_the_same_layer(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    layers = [
        load_layer(content, "cgcs2000", codes=CN).areas
        for content in (geojson(), gpkg(tmp_path / "a"), zipped(tmp_path / "b", folder="图层/"))
    ]
    for layer in layers[1:]:
        assert layer.drop(columns="geometry").equals(layers[0].drop(columns="geometry"))
        assert shapely.equals(layer.geometry.to_numpy(), layers[0].geometry.to_numpy()).all()


def test_a_dbf_in_gbk_without_a_word_about_it_is_read_right(tmp_path):
    content = zipped(tmp_path, leave_out=(".cpg",), encoding="GB18030")
    assert load_layer(content, "cgcs2000", codes=CN).areas["name_zh"].tolist() == [
        "试县", "甲镇", "乙镇",
    ]  # fmt: skip


def test_heights_are_left_out(tmp_path):
    high = FRAME.set_geometry(shapely.force_3d(FRAME.geometry.to_numpy(), 12.0))
    assert not load_layer(gpkg(tmp_path, high), "cgcs2000", codes=CN).areas.has_z.any()
    assert not load_layer(geojson(high), "cgcs2000", codes=CN).areas.has_z.any()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty_file"), (b"  \n", "empty_file"), (b"hello", "unreadable"),
        (b"<OGRVRTDataSource></OGRVRTDataSource>", "unreadable"), (b"PK\x03\x04rest", "unreadable"),
        (b"[" * 100_000, "unreadable"), (b'{"type": "Topology"}', "unreadable"),
        (b'{"features": []}', "no_areas"), (b'{"features": [1]}', "bad_shape"),
        (b'{"features": [{"properties": {"code": "1"}, "geometry": {"type": "Circle"}}]}',
         "bad_shape"),
        (b'{"features": [{"properties": {"code": "1"}, "geometry": null}]}', "no_shapes"),
        (b"SQLite format 3\0" + b"\0" * 200, "not_geopackage"),
    ],
)  # fmt: skip
def test_what_is_no_layer_is_refused_in_a_sentence(content, expected):
    assert key(content) == expected


def test_a_file_that_asks_gdal_to_open_another_is_read_as_json_only(tmp_path):
    secret = tmp_path / "secret.geojson"
    secret.write_bytes(geojson())
    asking = f'{{"x": "<OGRVRTDataSource><SrcDataSource>{secret}</SrcDataSource>"}}'
    assert key(asking.encode()) == "unreadable"


def test_an_ordinary_database_named_as_a_geopackage_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "x.db") as made:
        made.execute("CREATE TABLE t (a)")
    made.close()
    assert key((tmp_path / "x.db").read_bytes()) == "not_geopackage"


def test_a_geopackage_of_several_layers_names_them(tmp_path):
    gpkg(tmp_path, layer="one")
    content = gpkg(tmp_path, layer="two")
    with pytest.raises(LayerRefused, match=r"2 layers \(one, two\)"):
        load_layer(content, "cgcs2000", codes=CN)


def test_a_curved_shape_is_drawn_by_short_lines(tmp_path):
    content = gpkg(tmp_path)
    path = tmp_path / "curved.gpkg"
    path.write_bytes(content)
    # CURVEPOLYGON(CIRCULARSTRING(…)) as the file's own blob: its head, then ISO WKB
    circle = [(120, 30), (120.01, 30.01), (120.02, 30), (120.01, 29.99), (120, 30)]
    points = b"".join(struct.pack("<2d", *corner) for corner in circle)
    wkb = struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, 5) + points
    blob = b"GP\0\x01" + struct.pack("<i", 4490) + wkb
    with sqlite3.connect(path) as made:
        made.execute("DROP TRIGGER IF EXISTS rtree_layer_geom_update1")
        for (name,) in made.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).fetchall():
            made.execute(f'DROP TRIGGER "{name}"')
        made.execute("UPDATE layer SET geom = ? WHERE code = '990102'", (blob,))
    made.close()
    read = layer_files.read_layer_file(path)
    assert set(read.geom_type) <= {"Polygon", "MultiPolygon"}
    assert shapely.get_num_coordinates(read.geometry[0]) > 20


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_shapefile_without_a_part_says_which(tmp_path, part):
    content = zipped(tmp_path, leave_out=(part,))
    assert key(content) == ("not_one_shapefile" if part == ".shp" else "parts_missing")


def test_two_shapefiles_nested_zips_and_locked_ones_are_refused(tmp_path):
    inner = zipped(tmp_path)
    for names, expected in (
        (["a.shp", "b.shp"], "not_one_shapefile"), (["a.zip"], "not_one_shapefile"),
    ):  # fmt: skip
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as pack:
            for name in names:
                pack.writestr(name, inner)
        assert key(out.getvalue()) == expected
    locked = bytearray(inner)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = locked.find(sign)
        locked[at + offset] |= 1
    assert key(bytes(locked)) == "locked_zip"


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for part in (".shp", ".shx", ".dbf"):
            pack.writestr(f"a{part}", b"\0" * 3_000_000)
    monkeypatch.setattr(layer_files, "UNPACKED_MOST_MB", 1)
    assert key(out.getvalue()) == "bomb"


def test_a_zip_that_lies_about_its_sizes_is_a_bomb_all_the_same(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for part in (".shp", ".shx", ".dbf"):
            pack.writestr(f"a{part}", b"\0" * 3_000_000)
    monkeypatch.setattr(layer_files, "UNPACKED_MOST_MB", 1)
    lying = out.getvalue().replace((3_000_000).to_bytes(4, "little"), (30).to_bytes(4, "little"))
    assert key(lying) in {"bomb", "unreadable"}


def test_too_much_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(layer_files, "FILE_MOST_MB", 0)
    assert key(geojson()) == "too_big"
    monkeypatch.undo()
    monkeypatch.setattr(layer_files, "AREAS_MOST", 2)
    assert key(geojson()) == "too_many"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Point(120, 30), "not_areas"),
        (LineString([(120, 30), (121, 30)]), "not_areas"),
        (Polygon([(120, 30), (float("inf"), 30), (120, 31)]), "bad_shape"),
    ],
)
def test_shapes_that_are_no_areas_are_refused(shape, expected):
    frame = FRAME.set_geometry([shape, *FRAME.geometry[1:]], crs=4490)
    assert key(geojson(frame)) in {expected, "not_finite", "unreadable"}


def test_the_wrong_system_and_swapped_numbers_are_recognised():
    metres = FRAME.to_crs(4549)
    assert key(geojson(metres)) == "out_of_range"
    turned = FRAME.set_geometry(
        shapely.transform(FRAME.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    )
    assert key(geojson(turned)) == "swapped"
    present = load_layer(geojson(), "cgcs2000", codes=CN).areas
    assert key(geojson(FRAME.translate(xoff=-3).to_frame("geometry").join(
        FRAME.drop(columns="geometry"))), present=present) == "elsewhere"  # fmt: skip
    west = FRAME.set_geometry(FRAME.geometry.translate(xoff=-40))
    here = load_layer(geojson(west), "cgcs2000", codes=CN).areas
    back = west.set_geometry(shapely.transform(west.geometry.to_numpy(), lambda xy: xy[:, ::-1]))
    assert key(geojson(back), present=here) == "swapped"


def test_a_file_of_one_level_takes_the_others_from_the_present_layer():
    present = load_layer(geojson(), "cgcs2000", codes=CN).areas
    towns = FRAME[1:].assign(name_zh=["甲镇", "丙镇"])
    loaded = load_layer(geojson(towns), "cgcs2000", codes=CN, present=present)
    assert loaded.areas["code"].tolist() == ["990102", "990102001", "990102002"]
    assert loaded.areas["name_zh"].tolist() == ["试县", "甲镇", "丙镇"]
    assert [found.key for found in loaded.findings] == ["geo.layer.level_kept"]
    lost = FRAME[1:].assign(code=["990102001", "990103001"])
    assert key(geojson(lost), present=present) in {"unknown_parent", "one_root"}


def test_a_point_in_gcj02_shapes_is_where_it_was(tmp_path):
    lon, lat = crs.wgs84_to_gcj02([120.0, 120.01, 120.01], [30.0, 30.0, 30.02])
    shape = MultiPolygon([Polygon(zip(lon, lat, strict=True))])
    frame = gpd.GeoDataFrame({"code": ["990102"], "name_zh": ["试县"]}, geometry=[shape])
    west = load_layer(geojson(frame), "gcj02", codes=CN).areas.total_bounds[0]
    assert west == pytest.approx(120.0, abs=1e-7)
    assert json.loads(geojson(frame))["features"]
