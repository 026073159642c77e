"""`zaojie texts end`: destroy the keys of cases whose texts have come to their end."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from .parts import AsJson, Database, open_database, told

texts_app = typer.Typer(no_args_is_help=True, help="Case texts: their end.")


@texts_app.callback()
def _texts() -> None:
    """Case texts: their end."""


@texts_app.command("end")
@told
def end(
    database: Database = None,
    dry_run: Annotated[bool, typer.Option(help="only say how many are due")] = False,
    as_json: AsJson = False,
) -> None:
    """End the texts that are due: 90 days after the last remedy, 15 after a case was disowned."""
    from data.scope import Scope
    from service import retention

    db = open_database(database)
    found = retention.due(db, Scope.operator(), db.now())
    done = 0 if dry_run else retention.end_texts(db, Scope.operator(), found)
    counts = {
        name: value if isinstance(value, int) else len(value)
        for name, value in asdict(found).items()
    }
    if as_json:
        typer.echo(json.dumps({**counts, "destroyed": done}))
        return
    typer.echo(
        f"due: {counts['ended']} after their last remedy, {counts['disowned']} disowned; "
        f"keys destroyed: {done}"
    )
    if found.undelivered:
        typer.echo(
            f"kept: {found.undelivered} answered long ago, but never delivered to their asker; "
            "the right to review has not begun to run out"
        )
    if found.broken:
        typer.echo(f"kept: {found.broken} whose steps break their rules pack; see the case pages")
