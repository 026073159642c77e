"""`zaojie map`: a layer of the map as a picture, a GeoPackage, a table or a page."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .parts import Database, open_database, told


class Format(StrEnum):
    """What the map can be written as."""

    PNG = "png"
    GPKG = "gpkg"
    XLSX = "xlsx"
    CSV = "csv"
    HTML = "html"


class Language(StrEnum):
    """In which language."""

    ZH = "zh"
    EN = "en"


@told
def map_(
    layer: Annotated[str, typer.Option(help="such as overdue_share; a wrong one lists them all")],
    out: Annotated[Path, typer.Option(help="file to write")],
    kind: Annotated[Format, typer.Option("--format")] = Format.PNG,
    area: Annotated[str | None, typer.Option(help="code of an area; only what lies in it")] = None,
    date: Annotated[str | None, typer.Option(help="as at the end of this day")] = None,
    language: Language = Language.ZH,
    database: Database = None,
) -> None:
    """A layer of the map as a file: classes and bands only, as of the last whole week."""
    from zoneinfo import ZoneInfo

    from data.errors import ConfigError
    from data.scope import Scope
    from service.forecast import moment
    from service.map_file import Part, write_export

    db = open_database(database)
    as_of = moment(db)
    if date is not None:
        try:
            day = dt.date.fromisoformat(date)
        except ValueError:
            raise ConfigError("areas.bad_day", day=date) from None
        end = dt.datetime.combine(day, dt.time.max, ZoneInfo(db.county().zone))
        as_of = min(as_of, end.astimezone(dt.UTC))
    made = write_export(db, Scope.operator(), layer, kind.value, as_of, language.value, Part(area))
    out.write_bytes(made)
    typer.echo(f"{layer} written to {out} ({len(made):,} bytes)")
