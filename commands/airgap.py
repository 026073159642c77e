"""`zaojie residents copy | back | take-in`: the residents' server where no line leads in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .parts import AsJson, Database, open_database, settings_of, told


@told
def copy(
    out: Annotated[Path, typer.Option(help="the copy: a file that does not exist yet; made 0600")],
    keys_out: Annotated[Path, typer.Option(help="its keys: likewise, on another medium")],
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Inside: write what the resident's pages need to a file that is carried out."""
    from data.carry import copy_out
    from data.scope import Scope

    made = copy_out(open_database(database), Scope.operator(), out, keys_out)
    if as_json:
        facts = {"copy_id": made.copy_id, "as_of": made.as_of.isoformat(), "cases": made.cases}
        typer.echo(json.dumps(facts))
        return
    typer.echo(f"{out}: copy {made.copy_id}, {made.cases:,} cases with a receipt")
    typer.echo(f"complete up to {made.as_of:%Y-%m-%d %H:%M:%S} UTC; its keys are in {keys_out}")


@told
def back(
    copy: Annotated[Path, typer.Option("--from", help="the copy as the server outside has it")],
    out: Annotated[Path, typer.Option(help="the answers: a file that does not exist yet")],
    keys: Annotated[
        Path | None, typer.Option(help="the copy's keys; else ZAOJIE_KEYS, else var/keys.json")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Outside: write what was said since the copy was made to a sealed file that is carried in."""
    from data.answers import gather, open_copy, write

    db = open_copy(copy, keys or settings_of(None).keys)
    said = gather(db)
    write(said, db.keys, out)
    counts = {name: len(getattr(said, name)) for name in ("events", "words", "corrections")}
    if as_json:
        typer.echo(json.dumps({"copy_id": said.copy_id, "until": said.until.isoformat()} | counts))
        return
    typer.echo(f"{out}: {', '.join(f'{count:,} {name}' for name, count in counts.items())}")
    typer.echo(f"said outside until {said.until:%Y-%m-%d %H:%M:%S} UTC; nothing was changed here")


@told
def take_in(
    answers: Annotated[Path, typer.Argument(help="the file that was carried in")],
    database: Database = None,
    language: Annotated[str, typer.Option(help="of the list, zh or en")] = "en",
    as_json: AsJson = False,
) -> None:
    """Inside: append what was said outside, each word with the moment it was said there."""
    from data.scope import Scope
    from service.carry import lines, take_in

    db = open_database(database)
    found = take_in(db, Scope.operator(), answers)
    listed = lines(db, found, language)
    if as_json:
        facts = {"copy_id": found.copy_id, "added": found.added, "known": found.known}
        typer.echo(json.dumps(facts | {"lines": listed}, ensure_ascii=False))
        return
    typer.echo(f"copy {found.copy_id}: {found.added:,} added, {found.known:,} were here already")
    for line in listed:
        typer.echo(f"- {line}")


def add_to(app: typer.Typer) -> None:
    """Add the three commands to `zaojie residents`."""
    app.command("copy")(copy)
    app.command("back")(back)
    app.command("take-in")(take_in)
