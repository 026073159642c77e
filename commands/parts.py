"""What every command shares: its database, its progress line, how it says what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec

import typer

from data.errors import DataError, ProjectError
from settings import Settings

P = ParamSpec("P")
Database = Annotated[
    str | None,
    typer.Option("--database", help="SQLAlchemy URL; else ZAOJIE_DATABASE, else var/zaojie.db"),
]
AsJson = Annotated[bool, typer.Option("--json", help="print what a program would read")]


def settings_of(database: str | None) -> Settings:
    """The settings in force, another database where one was named."""
    env = dict(os.environ)
    if database:
        env["ZAOJIE_DATABASE"] = database
    return Settings.from_env(env)


def open_database(database: str | None) -> Any:
    """The database of the settings, opened and brought up to date."""
    from data.db import Db

    return Db.open(settings_of(database))


def told(command: Callable[P, None]) -> Callable[P, None]:
    """Errors that people can mend become one sentence (and their rows) and exit code 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        from geo.findings import LayerRefused

        try:
            command(*args, **kwargs)
        except DataError as err:
            typer.echo(str(err), err=True)
            for problem in err.problems[:50]:
                place = f"row {problem.row}" if problem.row else problem.column
                typer.echo(f"- {place}: {problem.text('en')}", err=True)
            raise typer.Exit(1) from None
        except (ProjectError, LayerRefused, ValueError) as err:
            typer.echo(str(err), err=True)
            raise typer.Exit(1) from None

    return wrapped


class Progress:
    """A line that is written over on a terminal; every tenth elsewhere."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()
        self.last = ""

    def __call__(self, what: str, done: int, of: int) -> None:
        share = f" {done:,}/{of:,}" if of > 1 else ""
        if self.is_terminal:
            typer.echo(f"\r\033[K{what}{share}", nl=False, err=True)
        elif what != self.last:
            typer.echo(what, err=True)
        self.last = what

    def end(self) -> None:
        if self.is_terminal:
            typer.echo("\r\033[K", nl=False, err=True)
