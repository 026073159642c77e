"""The published month as a data package: Parquet, a GeoPackage of the townships, and the
description of all its files (Frictionless, `datapackage.json`).

Made from the frozen content and nothing else: what is covered on the page is covered here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from wording import LANGUAGES, t

from .monthly_content import Content
from .monthly_files import COLUMNS, dictionary, flat_rows

LAYER = "townships"
"""Name of the GeoPackage's layer."""
_MADE_AT = "OGR_CURRENT_DATE"
"""GDAL's setting: the moment that it writes into a GeoPackage instead of now."""
ARROW = {
    "string": pa.string(), "integer": pa.int64(), "decimal": pa.float64(), "boolean": pa.bool_(),
}  # fmt: skip
FRICTIONLESS = {
    "string": "string", "integer": "integer", "decimal": "number", "boolean": "boolean",
}  # fmt: skip
"""Types of `monthly_files.COLUMNS` in Arrow and in a Frictionless table schema."""
MEDIA = {
    ".csv": "text/csv", ".json": "application/json", ".html": "text/html", ".css": "text/css",
    ".parquet": "application/vnd.apache.parquet", ".gpkg": "application/geopackage+sqlite3",
    ".atom": "application/atom+xml",
}  # fmt: skip


def to_parquet(content: Content) -> bytes:
    """figures.parquet: the rows of figures.csv with their types; null = missing or covered.

    The meaning of every column stands in the schema, under `zh` and `en`.
    """
    meant = dictionary()["columns"]
    fields = [
        pa.field(name, ARROW[kind], metadata={lang: meant[name][lang] for lang in LANGUAGES})
        for name, kind in COLUMNS.items()
    ]
    notes = {"covered": t("figures.mark", "en"), "month": content["month"]}
    if content["demo"]:
        notes["demo"] = t("figures.demo", "en")
    table = pa.Table.from_pylist(flat_rows(content), pa.schema(fields, metadata=notes))
    into = io.BytesIO()
    pq.write_table(table, into, compression="zstd")
    return into.getvalue()


def to_gpkg(content: Content, shapes: gpd.GeoDataFrame) -> bytes:
    """figures.gpkg: a layer of the townships with each of their published figures.

    Args:
        shapes: `code` and geometry of the townships, WGS 84 or CGCS2000; a township without a
            shape stands in no row.

    Returns:
        Per township code, name_zh, name_en, month, demo; per indicator `<indicator>_numerator`,
        `_denominator`, `_share` (null = nothing due or covered) and `_covered`. The same content
        gives the same bytes: its own moment stands in the file, not that of making it.
    """
    rows: dict[str, dict[str, Any]] = {
        one["id"]: {"code": one["id"], "name_zh": one["zh"], "name_en": one["en"],
                    "month": content["month"], "demo": content["demo"]}
        for one in content["groups"].get("township", [])
    }  # fmt: skip
    for line in content["figures"]:
        if line["by"] == "township" and line["group"] in rows:
            for part in ("numerator", "denominator", "share", "covered"):
                rows[line["group"]][f"{line['indicator']}_{part}"] = line[part]
    table = pd.DataFrame(list(rows.values()))
    for name in table.columns:
        if name.endswith(("_numerator", "_denominator")):
            table[name] = table[name].astype("Int64")
    areas = shapes[["code", "geometry"]].merge(table, on="code").sort_values("code")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.gpkg"
        moment = dt.datetime.fromisoformat(content["known_at"]).astimezone(dt.UTC)
        pyogrio.set_gdal_config_options({_MADE_AT: f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"})
        try:
            pyogrio.write_dataframe(
                gpd.GeoDataFrame(areas, crs=shapes.crs), path, layer=LAYER, driver="GPKG",
                geometry_type="MultiPolygon", promote_to_multi=True,
            )  # fmt: skip
        finally:
            pyogrio.set_gdal_config_options({_MADE_AT: None})
        return path.read_bytes()


def to_datapackage(content: Content, files: Mapping[str, bytes]) -> bytes:
    """datapackage.json: every file with its size and SHA-256; tables with their schema.

    Args:
        files: by name what lies beside it.
    """
    county, meant = content["county"], dictionary()["columns"]
    fields = [
        {"name": name, "type": FRICTIONLESS[kind],
         "description": "\n".join(meant[name][lang] for lang in LANGUAGES),
         "constraints": {"required": name in {"month", "by", "group", "indicator", "covered"}}}
        for name, kind in COLUMNS.items()
    ]  # fmt: skip
    schema = {"fields": fields, "missingValues": [""],
              "primaryKey": ["month", "by", "group", "indicator"]}  # fmt: skip
    resources = []
    for name, data in files.items():
        suffix = Path(name).suffix
        resource: dict[str, Any] = {
            "name": name.lower().replace(".", "-"), "path": name, "format": suffix[1:],
            "mediatype": MEDIA[suffix], "bytes": len(data),
            "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        }  # fmt: skip
        if name == "figures.csv":
            resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema}
        resources.append(resource)
    demo = [t("figures.demo", lang) for lang in LANGUAGES] if content["demo"] else []
    whole = {
        "profile": "data-package",
        "name": f"figures-{content['month']}",
        "title": " · ".join(county[f"name_{lang}"] for lang in LANGUAGES) + f" {content['month']}",
        "description": "\n".join([*(t("figures.mark", lang) for lang in LANGUAGES), *demo]),
        "created": content["known_at"],
        "resources": resources,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()
