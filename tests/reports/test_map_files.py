"""A map as a file: the same cells in every format, nothing exact, nothing that runs."""

import contextlib
import csv
import io
import re
import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import fromstring

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from PIL import Image

from reports.area_bands import BANDS, band_ends
from reports.area_classes import COLOURS
from reports.map_files import FORMATS, map_file, pair_file
from reports.map_picture import round_km
from reports.map_sheet import COLUMNS, area_cells, covered, map_sheet
from tests.access.tricks import TRICKS

TOWNS = [f"t{n:02}" for n in range(len(TRICKS))]
EVIL = "{{ cycler.__init__.__globals__.os.environ.update(PWNED='1') }}{% raw %}"


def layer(names):
    shapes = [
        shapely.box(118 + 0.05 * x, 29 + 0.05 * y, 118.05 + 0.05 * x, 29.05 + 0.05 * y)
        for x, y in ((n % 5, n // 5) for n in range(len(names)))
    ]
    codes = ["c", *(f"t{n:02}" for n in range(len(names)))]
    table = pd.DataFrame(
        {
            "code": codes,
            "level": ["county", *["township"] * len(names)],
            "parent_code": [None, *["c"] * len(names)],
            "name_zh": ["county", *names],
            "name_en": ["county", *names],
        }
    ).astype({"parent_code": "str"})
    shapes = [shapely.union_all(shapes), *shapes]
    shapes[-1] = None  # one has no boundary
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4490")


def figures(areas, values, bases):
    """As `area_figures` gives them; a base below ten shows the county's figure."""
    codes = list(areas["code"][1:])
    few = [base < 10 for base in bases]
    whole = sum(bases)
    return pd.DataFrame(
        {
            "level": ["county", *["township"] * len(codes)],
            "shown_code": ["c", *("c" if f else c for c, f in zip(codes, few, strict=True))],
            "value": [0.25, *(0.25 if f else v for v, f in zip(values, few, strict=True))],
            "amount": np.nan,
            "base": pd.array(
                [whole, *(whole if f else b for b, f in zip(bases, few, strict=True))],
                dtype="Int64",
            ),
            "state": "shown",
            "is_band": False,
        },
        index=pd.Index(["c", *codes], name="code"),
    )


def sheet(names=TRICKS, bases=None, values=None, language="zh", is_demo=True):
    areas = layer(names)
    count = len(names)
    bases = bases or [(n * 7) % 60 for n in range(count)]
    values = values or [n / count for n in range(count)]
    found = figures(areas, values, bases)
    cells = area_cells(found, "overdue_share", areas, "township", language)
    classes = covered(found, "overdue_share", "township")[1]
    return map_sheet(
        "overdue_share", cells, classes, areas, language, place=TRICKS[1], as_of="2026-03-05",
        is_demo=is_demo,
    )  # fmt: skip


class Table(HTMLParser):
    """The cells of a page's table, as a reader sees them."""

    def __init__(self):
        super().__init__()
        self.rows, self.tags, self.inside = [], [], False

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "td"

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def read(kind, content, folder):
    """The cells of a file, row by row."""
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        return [row[: len(COLUMNS)] for row in rows[1:]]
    if kind == "xlsx":
        page = openpyxl.load_workbook(io.BytesIO(content)).active
        rows = [[cell or "" for cell in row] for row in page.iter_rows(values_only=True)]
        head = next(n for n, row in enumerate(rows) if row[-1])
        return rows[head + 1 :]
    if kind == "gpkg":
        path = Path(folder) / "map.gpkg"
        path.write_bytes(content)
        table = pyogrio.read_dataframe(path, layer="areas")
        return table[list(COLUMNS)].fillna("").to_numpy(dtype=object).tolist()
    page = Table()
    page.feed(content.decode())
    return [row for row in page.rows if row]


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "png"])
def test_every_format_holds_the_same_cells(kind, tmp_path):
    made = sheet()
    expected = made.cells[list(COLUMNS)].to_numpy(dtype=object).tolist()
    assert read(kind, map_file(made, kind), tmp_path) == expected


def test_the_picture_is_drawn_from_the_same_classes():
    """The share of the land in each colour is that of the areas in each class."""
    made = sheet(names=[f"town {n}" for n in range(20)])
    picture = np.asarray(Image.open(io.BytesIO(map_file(made, "png"))).convert("RGB"))
    assert picture.shape[1] > 1800
    for digit in set(made.cells["digit"]):
        rgb = [int(COLOURS[digit][at : at + 2], 16) for at in (1, 3, 5)]
        assert (np.abs(picture.astype(int) - rgb).sum(axis=2) < 6).any(), digit


def test_nothing_exact_and_no_count_below_ten_is_in_a_file():
    made = sheet(bases=[3, 11, 12, 57, 9, *[40] * (len(TRICKS) - 5)])
    bands = {
        "" if end is None else f"{start}～{end}" for start in BANDS for end in [band_ends(start)]
    }
    assert set(made.cells["base"]) <= bands | {"1,000以上"}
    assert made.cells["of"].iloc[0] == "county"
    assert not re.search(r"(?<![\d.])[1-9](?![\d.,%～])", " ".join(made.cells["figure"]))


def test_two_files_never_tell_one_case_from_none():
    """Every class and band is that of several bases and of several counts of late answers, so a
    difference of two cells or two files has more than one answer as well."""
    pairs = [(n, late) for n in range(10, 130) for late in range(n + 1)]
    table = pd.DataFrame(
        {
            "level": "township",
            "shown_code": [str(n) for n in range(len(pairs))],
            "value": [late / n for n, late in pairs],
            "amount": np.nan,
            "base": pd.array([n for n, _ in pairs], dtype="Int64"),
            "state": "shown",
            "is_band": False,
        },
        index=pd.Index([str(n) for n in range(len(pairs))], name="code"),
    )
    kept, classes = covered(table, "overdue_share", "township")
    told = pd.DataFrame(pairs, columns=["n", "late"], index=table.index)
    several = told.groupby([kept["base"], classes.digits]).nunique()
    assert len(several) > 10
    assert several.min().min() >= 2
    # an area whose number of cases is known from elsewhere tells no count of late ones either,
    # but for those of fewer cases than a class has room for
    known = told[told["n"] >= 20].groupby(["n", classes.digits[told["n"] >= 20]])["late"].nunique()
    assert known.min() >= 2


def test_no_name_runs_in_a_spreadsheet():
    for content in (map_file(sheet(), "csv").decode("utf-8-sig"),):
        for row in csv.reader(io.StringIO(content)):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    page = openpyxl.load_workbook(io.BytesIO(map_file(sheet(), "xlsx"))).active
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)


def test_the_geopackage_holds_texts_only_and_a_style_that_names_no_stranger(tmp_path):
    path = tmp_path / "map.gpkg"
    path.write_bytes(map_file(sheet(), "gpkg"))
    areas = pyogrio.read_dataframe(path, layer="areas")
    for column in areas.columns.drop("geometry"):
        assert not areas[column].fillna("").str.match(r"[=+\-@\t\r]").any(), column
    assert areas["mark"].unique().tolist() == ["演示"]
    assert areas.geometry.isna().sum() == 1
    style = pyogrio.read_dataframe(path, layer="layer_styles").iloc[0]
    assert (style["f_table_name"], style["f_geometry_column"]) == ("areas", "geom")
    assert bool(style["useAsDefault"])
    # the columns QGIS asks for: it takes no style where one is missing (seen in 3.22)
    with contextlib.closing(sqlite3.connect(path)) as file:
        columns = [row[1] for row in file.execute("PRAGMA table_info(layer_styles)")]
    assert columns == [
        "id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column",
        "styleName", "styleQML", "styleSLD", "useAsDefault", "description", "owner", "ui",
        "update_time",
    ]  # fmt: skip
    assert pd.notna(style["update_time"])
    qml = fromstring(style["styleQML"].split("\n", 1)[1])
    categories = {one.get("value"): one.get("label") for one in qml.iter("category")}
    assert set(categories) == set(areas["digit"])
    assert not any(trick in style["styleQML"] for trick in TRICKS)
    assert sorted(pyogrio.list_layers(path)[:, 0]) == ["areas", "layer_styles"]


def test_the_page_asks_nobody_and_no_name_becomes_a_tag_or_a_template(monkeypatch):
    monkeypatch.delenv("PWNED", raising=False)
    made = sheet(names=[*TRICKS, EVIL, "last"])
    content = map_file(made, "html").decode()
    import os

    assert "PWNED" not in os.environ
    assert "49" not in {row[1] for row in read("html", content.encode(), "")}
    page = Table()
    page.feed(re.sub(r"<script>.*?</script>", "", content, flags=re.DOTALL))
    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "style", "body", "p", "h1", "svg", "defs", "pattern", "rect",
        "circle", "path", "ul", "li", "span", "div", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    for _, given_ in page.tags:
        assert not {"src", "href", "srcset"} & set(given_)
        assert not any(name.startswith("on") for name in given_)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a
                  and a["http-equiv"] == "Content-Security-Policy")  # fmt: skip
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy


def test_a_demo_says_so_in_every_format_and_real_data_in_none():
    for kind, mark in (("csv", "演示"), ("html", "演示")):
        assert mark in map_file(sheet(), kind).decode("utf-8-sig")
        assert mark not in map_file(sheet(is_demo=False), kind).decode("utf-8-sig")
    page = openpyxl.load_workbook(io.BytesIO(map_file(sheet(), "xlsx"))).active
    assert page["A1"].value == "演示"
    assert map_file(sheet(), "png") != map_file(sheet(is_demo=False), "png")


def test_an_area_without_a_boundary_is_listed_and_said():
    made = sheet()
    assert len(made.cells) == len(TRICKS)
    assert any("1 个区域没有边界" in note for note in made.notes)


def test_a_picture_of_a_view_shows_no_more_than_the_view():
    """The grid of towns is 5 wide; of a view of the left column no other colour is in it."""
    areas = layer([f"town {n}" for n in range(20)])
    values = [0.9 if n % 5 else 0.05 for n in range(20)]
    found = figures(areas, values, [40] * 20)
    cells = area_cells(found, "overdue_share", areas, "township", "zh")
    classes = covered(found, "overdue_share", "township")[1]
    made = map_sheet(
        "overdue_share", cells, classes, areas, "zh", place="p", as_of="a", is_demo=True,
        frame=(118.001, 29.0, 118.049, 29.2),
    )  # fmt: skip
    assert made.cells["name"].tolist() == ["town 0", "town 5", "town 10", "town 15"]
    picture = np.asarray(Image.open(io.BytesIO(map_file(made, "png"))).convert("RGB")).astype(int)
    dark = [int(COLOURS["7"][at : at + 2], 16) for at in (1, 3, 5)]
    assert not (np.abs(picture - dark).sum(axis=2) < 6).any()


@pytest.mark.parametrize(
    "frame", [(-1e9, -1e9, 1e9, 1e9), (-20.0, 3.0, -10.0, 5.0), (117.99, 28.9, 118.0, 28.95)]
)
def test_a_view_of_the_world_or_of_nothing_still_makes_every_file(frame):
    names = [f"town {n}" for n in range(20)]
    areas = layer(names)
    found = figures(areas, [0.3] * 20, [40] * 20)
    cells = area_cells(found, "overdue_share", areas, "township", "zh")
    classes = covered(found, "overdue_share", "township")[1]
    made = map_sheet("overdue_share", cells, classes, areas, "zh", place="p", as_of="a",
                     is_demo=True, frame=frame)  # fmt: skip
    assert len(made.cells) in (0, 19)  # all that have a shape, or none
    assert all(map_file(made, kind) for kind in FORMATS)


def test_finer_areas_lie_on_the_wider_ones_they_are_of():
    areas = layer(["t one", "t two", "t three"])
    small = gpd.GeoDataFrame(
        {"code": ["v"], "level": ["village"], "parent_code": ["t00"], "name_zh": ["v"],
         "name_en": ["v"]}, geometry=[shapely.box(118, 29, 118.05, 29.049)], crs=4490,
    )  # fmt: skip
    areas = pd.concat([areas, small], ignore_index=True)
    found = figures(areas, [0.05, 0.05, 0.05, 0.9], [40] * 4)
    found.loc["v", ["level", "is_band", "base"]] = ["village", True, 20]
    cells = area_cells(found, "overdue_share", areas, "township", "zh")
    assert cells["code"].tolist() == ["t00", "t01", "t02", "v"]
    classes = covered(found, "overdue_share", "township")[1]
    made = map_sheet("overdue_share", cells, classes, areas, "zh", place="p", as_of="a",
                     is_demo=True, of="t00")  # fmt: skip
    assert made.cells["code"].tolist() == ["t00", "v"]
    picture = np.asarray(Image.open(io.BytesIO(map_file(made, "png"))).convert("RGB")).astype(int)
    inks = {
        digit: (np.abs(picture - [int(COLOURS[digit][at : at + 2], 16) for at in (1, 3, 5)])
                .sum(axis=2) < 6).sum() for digit in ("3", "7")
    }  # fmt: skip
    assert inks["7"] > 20 * inks["3"]


def test_two_sheets_of_different_areas_are_no_pair():
    with pytest.raises(ValueError, match="different areas"):
        pair_file(sheet(), sheet(names=["one", "two"]), "csv")
    with pytest.raises(ValueError, match="png, xlsx, csv"):
        pair_file(sheet(), sheet(), "gpkg")


def test_a_layer_of_which_nothing_has_a_shape_still_makes_every_file():
    made = sheet(names=["one"])
    assert made.shapes.isna().all()
    assert all(map_file(made, kind) for kind in FORMATS)


@pytest.mark.parametrize(("about", "km"), [(4.9, 2), (5, 5), (0.13, 0.1), (1, 1), (27, 20)])
def test_a_scale_bar_has_a_round_length(about, km):
    assert round_km(about) == pytest.approx(km)


def test_an_unknown_format_names_those_there_are():
    with pytest.raises(ValueError, match="png, gpkg, xlsx, csv, html"):
        map_file(sheet(), "shp")
