"""The database: opened once, written in immediate transactions, read in bulk as Arrow.

SQLite by default (WAL, `BEGIN IMMEDIATE`, `synchronous=FULL`), PostgreSQL by another URL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from settings import Settings

from .arrow import filled, series
from .errors import ConfigError, told_when_full
from .instant import EPOCH
from .keys import RESIDENTS_PURPOSES, Keys
from .migrating import is_at_head, migrate, refuse_moved
from .prepared import Change, Prepared
from .schema import case_version, last_stamp, meta
from .turns import in_turn
from .uncollected import uncollected

T = TypeVar("T")


def utc_now() -> dt.datetime:
    """The server's clock."""
    return dt.datetime.now(dt.UTC)


CODES_SETTING = "zaojie.codes"
_held: ContextVar[str] = ContextVar("held", default="")
"""The hashes of the code this request came with, joined by commas; empty = none."""


@contextmanager
def holding(hashes: Iterable[str]) -> Iterator[None]:
    """Name the receipt code that everything inside is read and written with, by its hashes.

    On PostgreSQL each transaction carries them as the setting `zaojie.codes`, and the rows that
    the role of the resident's process reaches follow from it (`data.separation`). Elsewhere, and
    for the role that owns the tables, they change nothing.
    """
    token = _held.set(",".join(hashes))
    try:
        yield
    finally:
        _held.reset(token)


@dataclass(frozen=True)
class _State:
    """One state of a record while a page reads it: its connection, and what was read so far."""

    engine: sa.Engine
    conn: sa.Connection
    kept: dict[object, Any] = field(default_factory=dict)


_state: ContextVar[_State | None] = ContextVar("state", default=None)

RECORDED = ("case_version", "case_event", "filing", "excused_day", "config_file")
"""Append-only tables whose newest entries make `Db.version`."""


@dataclass(frozen=True)
class County:
    """What this database is, as its administrator set it up."""

    kind: str
    """`demo` (made up: every page and document says so), `open_data` (an extract that its
    publisher has made public: its rows may be exported) or `real`."""
    name_zh: str
    name_en: str
    zone: str
    pack: str
    protection_level: str
    ends_on: str | None
    """Last day of an extract that ended (ISO date), the day its pages open on; else None."""
    demo_code: str | None = None
    """In a demo database: a receipt code that visitors may try; there is nobody behind it."""
    copied_at: str | None = None
    """In a copy for the server outside (`data.carry`): the moment up to which it is complete (ISO);
    else None."""

    @property
    def is_demo(self) -> bool:
        return self.kind == "demo"

    @property
    def complete_until(self) -> dt.datetime | None:
        """In a copy: the moment up to which the office's steps are in it."""
        return None if self.copied_at is None else dt.datetime.fromisoformat(self.copied_at)


@dataclass(frozen=True)
class Db:
    """One open database with its keys; `now` is the server's clock (tests bring their own)."""

    engine: sa.Engine
    keys: Keys
    now: Callable[[], dt.datetime] = field(default=utc_now)
    var: Path | None = None
    """Folder of what is kept beside the database (`data.column_files`); None = nothing is."""

    @classmethod
    def open(cls, settings: Settings) -> Db:
        """Open (and bring up to date) the database of the settings.

        Raises:
            ConfigError: an address that cannot be opened, cases without their keys, or a record
                that was moved to another database.
        """
        engine = make_engine(settings.database)
        try:
            refuse_moved(engine)
            migrate(engine)
            with engine.connect() as conn:
                has_cases = bool(conn.scalar(sa.select(sa.exists(sa.select(case_version.c.id)))))
        except sa.exc.OperationalError as err:
            shown = engine.url.render_as_string(hide_password=True)
            raise ConfigError("data.error.database_unreachable", url=shown) from err
        keys = Keys.load_or_make(settings.keys, may_make=not has_cases)
        return cls(engine, keys, var=settings.var)

    @classmethod
    def open_for_residents(cls, settings: Settings) -> Db:
        """Open for the resident's process: makes and changes nothing, so a role that owns no
        table will do; needs the keys of `RESIDENTS_PURPOSES` only.

        Raises:
            ConfigError: an address that cannot be opened, a database of another version, or keys
                that are missing.
        """
        engine = make_engine(settings.database)
        try:
            is_current = is_at_head(engine)
        except sa.exc.DBAPIError as err:
            shown = engine.url.render_as_string(hide_password=True)
            raise ConfigError("data.error.database_unreachable", url=shown) from err
        engine.dispose()  # a pooled connection would outlive a refusal
        if not is_current:
            raise ConfigError("separation.error.not_current")
        return cls(engine, Keys.load(settings.keys, RESIDENTS_PURPOSES))

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for reading; sees one state of the record."""
        state = _state.get()
        if state is not None and state.engine is self.engine:
            yield state.conn
            return
        with self._reading() as conn:
            yield conn

    @contextmanager
    def _reading(self, **options: Any) -> Iterator[sa.Connection]:
        with self.engine.connect() as plain:
            conn = plain.execution_options(zaojie_read=True, **options)
            self._name_code(conn)
            yield conn

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Everything read inside is read by one connection and shows one state of the record.

        For what reads a case piece by piece; nothing may be written inside.
        """
        state = _state.get()
        if state is not None and state.engine is self.engine:
            yield
            return
        # PostgreSQL's own way shows each statement what is newest when it begins
        is_sqlite = self.engine.dialect.name == "sqlite"
        options = {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._reading(**options) as conn:
            token = _state.set(_State(self.engine, conn))
            try:
                yield
            finally:
                _state.reset(token)

    @property
    def is_in_one_state(self) -> bool:
        """Whether whoever asks reads inside `one_state`."""
        state = _state.get()
        return state is not None and state.engine is self.engine

    def kept(self, conn: sa.Connection, key: Hashable, read: Callable[[], T]) -> T:
        """What `read` finds; read once for a whole `one_state` on this connection."""
        state = _state.get()
        if state is None or state.conn is not conn:
            return read()
        if key not in state.kept:
            state.kept[key] = read()
        return cast(T, state.kept[key])

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A write transaction: all of it or nothing (StoreFull: no room); the writer's own lock."""
        with told_when_full(), in_turn(self.engine), self.engine.begin() as conn:
            self._name_code(conn)
            if self.engine.dialect.name == "postgresql":
                # the row lock makes recorded_at never decrease across application processes
                conn.execute(sa.select(last_stamp.c.at).with_for_update())
            yield conn

    def _name_code(self, conn: sa.Connection) -> None:
        held = _held.get()
        if held and self.engine.dialect.name == "postgresql":
            # true: for this transaction only, so that a pooled connection never keeps a code
            conn.exec_driver_sql(f"SELECT set_config('{CODES_SETTING}', %s, true)", (held,))

    def stamp(self, conn: sa.Connection) -> dt.datetime:
        """This transaction's `recorded_at`: the server's time, never before an earlier stamp."""
        at = max(self.now(), _STAMP.rows(conn)[0]["at"])
        _STAMPED.run(conn, {"moment": at})
        return at

    def version(self) -> tuple[object, ...]:
        """A value that changes with what pages show: the key of every cached read.

        First the newest `recorded_at` (microseconds, 0 = nothing yet). Who looked at what is not
        part of it: a sign-in or a download must not have everybody's figures computed again.
        """
        newest = [f"SELECT max(recorded_at) AS at FROM {name}" for name in RECORDED]  # noqa: S608
        counts = [f"(SELECT max(id) FROM {name})" for name in RECORDED]  # noqa: S608
        counts += [f"(SELECT count(*) FROM {name})" for name in ("body", "area")]  # noqa: S608
        query = f"SELECT (SELECT max(at) FROM ({' UNION ALL '.join(newest)}) AS n), "  # noqa: S608
        with self.read() as conn:
            row = conn.execute(sa.text(query + ", ".join(counts))).one()
        return (row[0] or 0, *row[1:])

    def frame(self, query: sa.Select[Any]) -> pd.DataFrame:
        """A bulk read, through Arrow; from PostgreSQL by ADBC.

        Columns come in the types of the query: `Instant` as datetime64[us, UTC], texts as `str`
        with NA for missing, whole numbers as Int64 where missing ones are possible, `Float` as
        float64.
        """
        columns = list(query.selected_columns)
        bare = query.with_only_columns(*[filled(column) for column in columns])
        sql = str(bare.compile(self.engine, compile_kwargs={"literal_binds": True}))
        if self.engine.dialect.name == "sqlite":
            arrays = self._sqlite_arrays(sql, len(columns))
        else:
            arrays = self._postgres_arrays(sql)
        return pd.DataFrame(
            {str(c.key): series(c, array) for c, array in zip(columns, arrays, strict=True)}
        )

    def _sqlite_arrays(self, sql: str, width: int) -> list[pa.Array]:
        """The columns of a result, read by the engine's own connection.

        Never by ADBC: its driver brings a second SQLite into the process, which at closing takes
        itself for the last user of the file and deletes the WAL; what was written to it is lost.
        """
        pieces: list[list[pa.Array]] = [[] for _ in range(width)]
        with self.read() as conn, uncollected():
            if not conn.in_transaction():
                conn.begin()  # the driver's own cursor does not; a state begins with its first read
            cursor = conn.connection.cursor()
            cursor.execute(sql)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                for column, values in zip(pieces, zip(*rows, strict=True), strict=True):
                    column.append(pa.array(values))
            cursor.close()
        return [pa.concat_arrays(column) if column else pa.array([]) for column in pieces]

    def _postgres_arrays(self, sql: str) -> list[pa.Array]:
        """The columns of a result, fetched as Arrow."""
        adbc = import_module("adbc_driver_postgresql.dbapi")
        target = self.engine.url.set(drivername="postgresql")
        plain = sql.replace("%%", "%")  # psycopg's compiler doubles them; ADBC takes text as it is
        address = target.render_as_string(hide_password=False)
        with adbc.connect(address) as conn, conn.cursor() as cursor:
            cursor.execute(plain)
            table = cursor.fetch_arrow_table()
        return [table.column(i).combine_chunks() for i in range(table.num_columns)]

    def county(self) -> County:
        """What this database is.

        Raises:
            ConfigError: when it was never set up.
        """
        with self.read() as conn:
            facts = self.kept(
                conn, "county", lambda: {row["key"]: row["value"] for row in _META.rows(conn)}
            )
        if "kind" not in facts:
            raise ConfigError("data.error.not_set_up")
        return County(
            kind=facts["kind"],
            name_zh=facts["name_zh"],
            name_en=facts["name_en"],
            zone=facts["zone"],
            pack=facts["pack"],
            protection_level=facts["protection_level"],
            ends_on=facts.get("ends_on"),
            demo_code=facts.get("demo_code"),
            copied_at=facts.get("copied_at"),
        )


_ROWS_AT_ONCE = 50_000
"""Rows of a bulk read that are Python's own values at a time; the others are columns already."""
_META = Prepared(sa.select(meta))
_STAMP = Prepared(sa.select(last_stamp.c.at))
_STAMPED = Change(last_stamp.update().values(at=sa.bindparam("moment", type_=last_stamp.c.at.type)))


def make_engine(url: str) -> sa.Engine:
    """The engine for a URL, with the durable settings of each database.

    Raises:
        ConfigError: for an address that is not a SQLite or PostgreSQL one.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as err:
        raise ConfigError("data.error.database_url") from err
    if parsed.get_backend_name() == "postgresql":
        driven = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(driven, pool_pre_ping=True, hide_parameters=True)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ConfigError("data.error.database_url")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": 30}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _durable(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None  # BEGIN is ours, see below
        # secure_delete: destroyed keys are overwritten, however SQLite was built
        wanted = "journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "secure_delete=ON"
        for pragma in wanted:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _immediate(conn: sa.Connection) -> None:
        # a deferred BEGIN that reads and then writes loses to "database is locked"
        is_reading = conn.get_execution_options().get("zaojie_read", False)
        conn.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")

    return engine


def set_up(db: Db, county: County) -> None:
    """Say what an empty database is. Done once; a database keeps its kind for good.

    Raises:
        ConfigError: when it already is something.
    """
    with db.write() as conn:
        if conn.execute(sa.select(meta.c.key).where(meta.c.key == "kind")).first():
            raise ConfigError("data.error.already_set_up")
        facts = {key: value for key, value in vars(county).items() if value is not None}
        conn.execute(meta.insert(), [{"key": k, "value": v} for k, v in facts.items()])


def micro(at: dt.datetime) -> int:
    """An instant as the database keeps it: microseconds since 1970 UTC."""
    return (at - EPOCH) // dt.timedelta(microseconds=1)
