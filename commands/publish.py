"""`zaojie publish`: the public figures of a month, frozen, and their files in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .parts import AsJson, Database, open_database, told


@told
def publish(
    month: Annotated[str, typer.Option(help="a month that is over, YYYY-MM")],
    out: Annotated[Path, typer.Option(help="folder to write to; made if need be")],
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Publish a month's covered figures (once; then they stand) and write them as files."""
    from data.scope import Scope
    from service.publish import publish as freeze
    from service.publish_files import write_files

    db = open_database(database)
    found = freeze(db, Scope.operator(), month)
    try:
        written = write_files(db, found, out)
    except OSError as err:
        raise ValueError(
            f"{month} is published, but its files could not be written to {out}: {err.strerror}. "
            "Name another folder and publish it again."
        ) from None
    if as_json:
        typer.echo(json.dumps({"month": found.month, "sha256": found.sha256,
                               "recorded_at": found.recorded_at.isoformat(),
                               "files": written}))  # fmt: skip
        return
    typer.echo(f"{found.month} stands as published on {found.recorded_at:%Y-%m-%d %H:%M} UTC")
    typer.echo(f"sha256 {found.sha256}")
    typer.echo(f"{out}: {', '.join(written)}")
