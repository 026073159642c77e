"""Files of areas: GeoPackage, GeoJSON, zipped Shapefile; read, or refused in a sentence.

A file is what its first bytes say, never what its name says. GeoJSON is read as JSON, so that no
driver of GDAL which follows addresses inside a file is ever asked; the other two go to GDAL by
their own kind only, from a folder that is gone afterwards.
"""

from __future__ import annotations

import io
import json
import tempfile
import warnings
import zipfile
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pyogrio
import pyogrio.errors
import shapely

from .findings import LayerRefused, found

FILE_MOST_MB = 200
UNPACKED_MOST_MB = 1_000
"""A zip that unpacks to more is a bomb or a mistake."""
AREAS_MOST = 50_000
_MB = 1024 * 1024
_PARTS = (".shp", ".shx", ".dbf")
_BESIDE = (".cpg", ".prj")
_AREAL = frozenset({"Polygon", "MultiPolygon"})


def read_layer_file(source: bytes | Path) -> gpd.GeoDataFrame:
    """The rows of a file of areas, as they stand in it; a system it names itself is not used.

    Raises:
        LayerRefused: it cannot be read, holds no areas, or too much; one sentence, nothing stored.
    """
    if isinstance(source, Path):
        if not source.is_file():
            raise LayerRefused([found("no_file", file=source.name)])
        if source.suffix.lower() == ".shp":
            return _checked(_shapefile_beside(source))
        if source.stat().st_size > FILE_MOST_MB * _MB:
            raise LayerRefused([found("too_big", limit=FILE_MOST_MB)])
        source = source.read_bytes()
    if len(source) > FILE_MOST_MB * _MB:
        raise LayerRefused([found("too_big", limit=FILE_MOST_MB)])
    if not source.strip():
        raise LayerRefused([found("empty_file")])
    if source.startswith(b"SQLite format 3\0"):
        return _checked(_geopackage(source))
    if source.startswith(b"PK"):
        return _checked(_zipped(source))
    return _checked(_geojson(source))


def _refuse(name: str, **values: object) -> LayerRefused:
    return LayerRefused([found(name, **values)])


def _geojson(content: bytes) -> gpd.GeoDataFrame:
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise _refuse("unreadable") from None
    if not isinstance(told, dict) or not isinstance(told.get("features"), list):
        raise _refuse("unreadable")
    features = told["features"]
    if len(features) > AREAS_MOST:
        raise _refuse("too_many", limit=AREAS_MOST)
    rows, shapes = [], []
    for at, feature in enumerate(features, 1):
        try:
            rows.append(dict(feature["properties"] or {}))
            shape = feature.get("geometry")
            # GEOS reads GeoJSON without recursion into anything else
            shapes.append(None if shape is None else shapely.from_geojson(json.dumps(shape)))
        except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.GEOSException):
            raise _refuse("bad_shape", row=at) from None
    frame = gpd.pd.DataFrame(rows)
    frame = frame.drop(columns=[c for c in frame if c == "geometry"])
    return gpd.GeoDataFrame(frame, geometry=shapes)


def _geopackage(content: bytes) -> gpd.GeoDataFrame:
    # the application id of a GeoPackage: any other SQLite file goes to no driver
    if content[68:72] not in (b"GPKG", b"GP10", b"GP11", b"GP12"):
        raise _refuse("not_geopackage")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        path.write_bytes(content)
        return _by_gdal(path)


def _by_gdal(path: Path, **options: str) -> gpd.GeoDataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # heights, measures and the like: dropped below
            layers = pyogrio.list_layers(path)
            areal = [str(name) for name, kind in layers if kind is not None]
            if len(areal) != 1:
                names = ", ".join(areal[:5])
                raise _refuse("several_layers", count=len(areal), names=names)
            count = pyogrio.read_info(path, layer=areal[0], **options)["features"]
            if count > AREAS_MOST:
                raise _refuse("too_many", limit=AREAS_MOST)
            frame = pyogrio.read_dataframe(path, layer=areal[0], **options)
    except LayerRefused:
        raise
    except shapely.errors.GEOSException:
        raise _refuse("unknown_shapes") from None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.
            FieldError, ValueError, OSError, RuntimeError):  # fmt: skip
        raise _refuse("unreadable") from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise _refuse("no_shapes")
    return frame


def _zipped(content: bytes) -> gpd.GeoDataFrame:
    try:
        pack = zipfile.ZipFile(io.BytesIO(content))
        entries = [entry for entry in pack.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError):
        raise _refuse("unreadable") from None
    with pack:
        if any(entry.flag_bits & 1 for entry in entries):
            raise _refuse("locked_zip")
        if sum(entry.file_size for entry in entries) > UNPACKED_MOST_MB * _MB:
            raise _refuse("bomb", limit=UNPACKED_MOST_MB)
        by_part: dict[str, dict[str, zipfile.ZipInfo]] = {}
        for entry in entries:
            path = PurePosixPath(entry.filename.replace("\\", "/"))
            if path.suffix.lower() in (*_PARTS, *_BESIDE) and "__MACOSX" not in path.parts:
                by_part.setdefault(str(path.with_suffix("")).lower(), {})[path.suffix.lower()] = (
                    entry
                )
        shapes = [parts for parts in by_part.values() if ".shp" in parts]
        if len(shapes) != 1:
            raise _refuse("not_one_shapefile", count=len(shapes))
        missing = [part for part in _PARTS if part not in shapes[0]]
        if missing:
            raise _refuse("parts_missing", parts=", ".join(missing))
        return _unpacked(pack, shapes[0])


def _unpacked(pack: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> gpd.GeoDataFrame:
    with tempfile.TemporaryDirectory() as folder:
        left = UNPACKED_MOST_MB * _MB
        for part, entry in parts.items():
            # the size in the directory is only what the packer says
            try:
                with pack.open(entry) as packed:
                    data = packed.read(left + 1)
            except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError):
                raise _refuse("unreadable") from None
            left -= len(data)
            if left < 0:
                raise _refuse("bomb", limit=UNPACKED_MOST_MB)
            (Path(folder) / f"layer{part}").write_bytes(data)
        return _shapefile(Path(folder) / "layer.shp")


def _shapefile_beside(path: Path) -> gpd.GeoDataFrame:
    missing = [part for part in _PARTS if not path.with_suffix(part).is_file()]
    if missing:
        raise _refuse("parts_missing", parts=", ".join(missing))
    return _shapefile(path)


def _shapefile(path: Path) -> gpd.GeoDataFrame:
    if path.read_bytes()[:4] != b"\x00\x00\x27\x0a":
        raise _refuse("unreadable")
    options = {}
    if not path.with_suffix(".cpg").exists():
        # Chinese programs write GBK and say so nowhere
        try:
            path.with_suffix(".dbf").read_bytes().decode("utf-8")
            options["encoding"] = "UTF-8"
        except UnicodeDecodeError:
            options["encoding"] = "GB18030"
    return _by_gdal(path, **options)


def _checked(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Areas only, flat, with plain numbers."""
    if not len(frame):
        raise _refuse("no_areas")
    shapes = frame.geometry.to_numpy()
    there = ~shapely.is_missing(shapes)
    if not there.any():
        raise _refuse("no_shapes")
    flat = shapely.force_2d(shapes)
    kinds = {shape.geom_type for shape in flat[there] if not shape.is_empty}
    if kinds - _AREAL:
        raise _refuse("not_areas", kinds=", ".join(sorted(kinds - _AREAL)))
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        raise _refuse("not_finite")
    return frame.set_geometry(gpd.GeoSeries(flat, index=frame.index), crs=None)
