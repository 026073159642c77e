"""Which version the tables of a database have, and the way up and back between versions."""

from __future__ import annotations

import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from .db import make_engine
from .errors import ConfigError
from .migrating import migrate, migrations


def newest() -> str:
    """The version this program works with."""
    return str(ScriptDirectory.from_config(migrations()).get_current_head())


def known() -> list[str]:
    """Every version this program knows, oldest first."""
    scripts = ScriptDirectory.from_config(migrations()).walk_revisions()
    return [str(script.revision) for script in scripts][::-1]


def version_of(engine: sa.Engine) -> str | None:
    """The version of a database's tables; None where there are none yet."""
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def lost_at(engine: sa.Engine, version: str) -> dict[str, int]:
    """Tables a database has and an earlier version does not, with their rows; also, as
    `table.column`, columns of tables that stay, with the rows that hold something there.

    Raises:
        ConfigError: a version this program does not know.
    """
    then, now = _shape_at(version), _shape(engine)
    found: dict[str, int] = {}
    with engine.connect() as conn:
        for table, columns in sorted(now.items()):
            if table not in then:
                found[table] = _count(conn, sa.table(table))
                continue
            for column in sorted(columns - then[table]):
                named = sa.table(table, sa.column(column))
                found[f"{table}.{column}"] = _count(conn, named, named.c[column].is_not(None))
    return found


def _count(conn: sa.Connection, table: sa.TableClause, *where: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(*where)
    return int(conn.execute(query).scalar_one())


def _shape(engine: sa.Engine) -> dict[str, set[str]]:
    look = sa.inspect(engine)
    return {
        name: {str(column["name"]) for column in look.get_columns(name)}
        for name in look.get_table_names()
    }


def _shape_at(version: str) -> dict[str, set[str]]:
    """Tables and columns of a version, from an empty database made for the purpose."""
    if version not in known():
        raise ConfigError(
            "running.error.no_version", version=version[:12], known=", ".join(known())
        )
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        migrate(engine, version)
        found = _shape(engine)
        engine.dispose()
    return found


def back(engine: sa.Engine, version: str) -> None:
    """Take the tables back to an earlier version, in one transaction; what is newer is lost.

    Raises:
        ConfigError: a version this program does not know, or a database of a later program.
    """
    if version not in known() or version_of(engine) not in known():
        raise ConfigError(
            "running.error.no_version", version=version[:12], known=", ".join(known())
        )
    config = migrations()
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, version)
