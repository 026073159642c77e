"""The version of a database's tables: brought up, asked for, refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from settings import ROOT

from .errors import ConfigError
from .schema import meta

MOVED_AT = "moved_at"
"""Fact of a database whose record went to another one (`data.backup.moving`): when."""


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the tables to a revision (Alembic)."""
    config = migrations()
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, revision)


def refuse_moved(engine: sa.Engine) -> None:
    """Refuse (ConfigError) a database whose record was moved to another one."""
    with engine.connect() as conn:
        if not sa.inspect(conn).has_table(meta.name):
            return
        at = conn.scalar(sa.select(meta.c.value).where(meta.c.key == MOVED_AT))
    if at is not None:
        engine.dispose()
        raise ConfigError("backup.error.moved", at=at)


def known_revision(revision: str) -> bool:
    """Whether this version of the program knows a revision of the tables."""
    known = ScriptDirectory.from_config(migrations()).walk_revisions()
    return revision in {one.revision for one in known}


def is_at_head(engine: sa.Engine) -> bool:
    """Whether the tables are those of this version; changes nothing."""
    head = ScriptDirectory.from_config(migrations()).get_current_head()
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision() == head


def migrations() -> Config:
    """Where the numbered versions of the tables lie, as Alembic wants it."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "data" / "migrations"))
    return config
