"""`zaojie residents …`: what the resident's process needs to be apart from the staff's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from .parts import Database, open_database, told

residents_app = typer.Typer(
    no_args_is_help=True, help="The resident's process apart: its database role, its keys."
)


@residents_app.command("role")
@told
def role(
    database: Database = None,
    name: Annotated[str, typer.Option(help="of the role")] = "zaojie_residents",
    password_env: Annotated[
        str | None, typer.Option(help="variable that holds its password; else it has none")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="execute it instead of printing")] = False,
) -> None:
    """Print the SQL of the role that reaches one case by its code, or execute it (PostgreSQL)."""
    from data.errors import ConfigError
    from data.scope import Scope
    from data.separation import apply as execute
    from data.separation import as_script, statements

    password = None if password_env is None else os.environ.get(password_env, "")
    if password == "":
        raise ConfigError("separation.error.no_password", name=password_env)
    db = open_database(database)
    try:
        if apply:
            execute(db, Scope.operator(), name, password)
            typer.echo(f"{name}: reads one case by its code, appends what its asker says, no more")
        else:
            typer.echo(as_script(statements(db, name, password), name), nl=False)
    finally:
        db.engine.dispose()


@residents_app.command("keys")
@told
def keys(
    out: Annotated[Path, typer.Option(help="a file that does not exist yet; made 0600")],
    database: Database = None,
) -> None:
    """Write the keys that the resident's process needs, and no others, to a file of its own."""
    from data.scope import Scope
    from data.separation import write_keys

    db = open_database(database)
    try:
        write_keys(db, Scope.operator(), out)
    finally:
        db.engine.dispose()
    typer.echo(f"{out}: hand it to the user of the resident's process, and keep no other copy")
