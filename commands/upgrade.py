"""`zaojie upgrade`: bring the tables of a database to this version, or back to an earlier one."""

from __future__ import annotations

from typing import Annotated

import typer

from .parts import Database, settings_of, told


@told
def upgrade(
    check: Annotated[bool, typer.Option(help="only say from which version to which")] = False,
    to: Annotated[
        str | None, typer.Option(help="an earlier version to go back to, like 0005")
    ] = None,
    lose_newer: Annotated[
        bool, typer.Option(help="go back although what only newer versions hold is lost")
    ] = False,
    database: Database = None,
) -> None:
    """Bring the tables up to date, or back; every other command brings them up as well."""
    from data import tables
    from data.db import make_engine
    from data.migrating import migrate

    engine = make_engine(settings_of(database).database)
    try:
        now, goal = tables.version_of(engine), to or tables.newest()
        typer.echo(f"tables: {now or 'none'}; wanted: {goal}")
        if now == goal or check:
            return
        if to is None or now is None or _place(to) > _place(now):
            migrate(engine, goal)
            typer.echo(f"tables: {tables.version_of(engine)}")
            return
        lost = {name: rows for name, rows in tables.lost_at(engine, goal).items() if rows}
        for name, rows in lost.items():
            typer.echo(f"{'lost' if lose_newer else 'would be lost'}: {name}, {rows:,} rows")
        if lost and not lose_newer:
            raise ValueError(
                "Nothing was changed. Back the database up, then go back with --lose-newer."
            )
        tables.back(engine, goal)
        typer.echo(f"tables: {tables.version_of(engine)}; now put the older program in its place")
    finally:
        engine.dispose()


def _place(version: str) -> int:
    from data import tables
    from data.errors import ConfigError

    known = tables.known()
    if version not in known:
        named = ", ".join(known)
        raise ConfigError("running.error.no_version", version=version[:12], known=named)
    return known.index(version)
