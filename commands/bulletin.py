"""`zaojie bulletin`: the monthly bulletin of a published month, as a file."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .parts import AsJson, Database, open_database, told


class Kind(StrEnum):
    """What the bulletin can be written as."""

    DOCX = "docx"
    HTML = "html"
    JSON = "json"


class Language(StrEnum):
    """In which language; the JSON holds both."""

    ZH = "zh"
    EN = "en"


@told
def bulletin(
    month: Annotated[str, typer.Option(help="a month that was published, YYYY-MM")],
    out: Annotated[Path, typer.Option(help="file to write")],
    kind: Annotated[Kind, typer.Option("--format")] = Kind.DOCX,
    language: Language = Language.ZH,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Write the bulletin of a published month: the figures of the public page, and no other."""
    from data.scope import Scope
    from service.bulletin import bulletin as make

    db = open_database(database)
    _, made = make(db, Scope.operator(), month, kind.value, language.value)
    try:
        out.write_bytes(made)
    except OSError as err:
        raise ValueError(
            f"The bulletin could not be written to {out}: {err.strerror}. Name another file."
        ) from None
    if as_json:
        typer.echo(json.dumps({"month": month, "file": str(out), "bytes": len(made)}))
        return
    typer.echo(f"{out}: the bulletin of {month}, {len(made):,} bytes")
