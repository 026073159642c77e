"""Databases for tests: real SQLite files and a real PostgreSQL, migrated once and copied.

`db` runs a test on both. A server of one's own may be named by ZAOJIE_TEST_POSTGRES (a URL whose
user may create databases); otherwise a private one is started from the system's PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from hypothesis import settings

from data import asker, passwords, places, steering
from data.db import County, Db, make_engine, migrate, set_up
from data.keys import Keys
from data.scope import Scope

IN_MEMORY_BYTES = 4_000_000_000
NOW = dt.datetime(2026, 3, 5, 2, 0, tzinfo=dt.UTC)  # Thursday, 10:00 in Shanghai
ROOT = Path(__file__).parents[1]

# A busy machine is slow, not wrong. CI looks at the same examples every time, so that what it says
# is of the change; a run by hand looks at others.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail when a test is skipped (CI)")


LONGEST = ("browser/journeys", "browser", "service", "risk", "pages", "reports")
"""Folders whose modules take the longest; the others follow."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules first, so that at the end no process waits for the other's long one
    (`--dist loadscope --no-loadscope-reorder`); inside a folder the order stays."""

    def place(item: pytest.Item) -> int:
        folder = item.path.parent.relative_to(ROOT / "tests").as_posix()
        return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)

    items.sort(key=place)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if session.config.getoption("--no-skips") and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{len(skipped)} test(s) skipped, and --no-skips was given", red=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What journeys took, printed and never asserted (`tests/browser/journeys/`)."""
    for report in terminalreporter.getreports(""):
        for name, lines in getattr(report, "user_properties", []):
            if name == "journey" and report.when == "teardown":
                for line in lines:
                    terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def own_hashers() -> tuple[PasswordHasher, PasswordHasher]:
    """The hashers that the product keeps passwords and words with."""
    return OWN_HASHERS


OWN_HASHERS = passwords._hasher, asker._hasher


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Argon2id with small costs: a test is of who enters, not of how long a hash takes."""
    small = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", small)
        patch.setattr(passwords, "_nobody", small.hash("nobody"))
        patch.setattr(asker, "_hasher", small)
        yield


class Clock:
    """The server's clock in tests: stands still until moved."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.at = now

    def __call__(self) -> dt.datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += dt.timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


def opened_copy(path: Path, clock: Clock) -> Db:
    """A SQLite file with fresh keys. Nothing waits for the disk: no test takes the power away (as
    PostgreSQL's -F below)."""
    engine = make_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def _unwaiting(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA synchronous=OFF")

    return Db(engine, Keys.fresh(), clock)


@pytest.fixture
def sqlite_db(tmp_path: Path, sqlite_template: Path, clock: Clock) -> Iterator[Db]:
    path = tmp_path / "zaojie.db"
    shutil.copy(sqlite_template, path)
    db = opened_copy(path, clock)
    yield db
    db.engine.dispose()


@pytest.fixture(scope="session")
def made_once(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Callable[[Db, str, Callable[[Db], None]], Db]:
    """`made_once(db, name, build)`: build, or copy what an earlier `build` of that name made.

    Copied is into a SQLite file that is still the empty template, with the clock at `NOW`, so that
    the copy is what building would have made; everything else is built. `build` seals nothing: a
    copy has keys of its own.
    """
    folder, empty = tmp_path_factory.mktemp("made"), sqlite_template.read_bytes()

    def make(db: Db, name: str, build: Callable[[Db], None]) -> Db:
        path, kept = db.engine.url.database, folder / f"{name}.db"
        db.engine.dispose()  # the last connection takes the write-ahead log with it
        if (
            db.engine.dialect.name != "sqlite" or path is None or db.now() != NOW
            or Path(f"{path}-wal").exists() or Path(path).read_bytes() != empty
        ):  # fmt: skip
            build(db)
        elif kept.exists():
            shutil.copy(kept, path)
        else:
            build(db)
            db.engine.dispose()
            shutil.copy(path, kept)
        return db

    return make


def _binaries() -> Path | None:
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((p for p in candidates if (p / "initdb").exists()), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _in_memory() -> Path | None:
    """The system's memory disk where it has room: a database is 300 files, which take 0.02 s there
    and on some disks 0.4 s."""
    disk = Path("/dev/shm")
    return disk if disk.is_dir() and shutil.disk_usage(disk).free > IN_MEMORY_BYTES else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server on which databases may be created."""
    if url := os.environ.get("ZAOJIE_TEST_POSTGRES"):
        yield url
        return
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # not in pytest's own folders: those of many runs at once clean up after each other
    home = Path(tempfile.mkdtemp(prefix="zaojie-postgres-", dir=_in_memory()))
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(home, "postgres")
    port, data = free_port(), home / "data"

    def run(*command: str) -> None:
        done = subprocess.run([*as_user, *command], capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stdout + done.stderr

    run(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "zaojie", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync")  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -F"
    ctl = str(binaries / "pg_ctl")
    run(ctl, "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start")
    yield f"postgresql://zaojie@127.0.0.1:{port}/postgres"
    run(ctl, "-D", str(data), "-m", "immediate", "stop")
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    admin = make_engine(postgres_server)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("DROP DATABASE IF EXISTS zaojie_template"))
        conn.execute(sa.text("CREATE DATABASE zaojie_template"))
    admin.dispose()
    engine = make_engine(_named(postgres_server, "zaojie_template"))
    migrate(engine)
    engine.dispose()
    return postgres_server


def _named(server: str, name: str) -> str:
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def named_database(server: str, name: str) -> Iterator[str]:
    """URL of a new database without tables on a server; gone afterwards."""
    admin = make_engine(server)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    yield _named(server, name)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres_db(postgres_template: str, clock: Clock) -> Iterator[Db]:
    name = f"zaojie_{secrets.token_hex(6)}"
    admin = make_engine(postgres_template)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE zaojie_template"))
    engine = make_engine(_named(postgres_template, name))
    yield Db(engine, Keys.fresh(), clock)
    engine.dispose()
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest) -> Db:
    """An empty, migrated database of each kind."""
    return request.getfixturevalue(f"{request.param.replace('postgresql', 'postgres')}_db")


COUNTY = County("real", "试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)
BODIES = pd.DataFrame(
    [
        ("b01", "人社局", "Labour Bureau", "department", None, "rv"),
        ("b02", "住建局", "Housing Bureau", "department", None, "rv"),
        ("rv", "复查办", "Review Office", "review_office", None, None),
        ("t01", "东镇", "East Town office", "township_office", "990000001000", "rv"),
        ("t02", "西镇", "West Town office", "township_office", "990000002000", "rv"),
    ],
    columns=["body_id", "name_zh", "name_en", "kind", "township_code", "reviewed_by"],
)
TOWNSHIPS = pd.DataFrame(
    {
        "township_code": ["990000001000", "990000002000"],
        "name_zh": ["东镇", "西镇"],
        "name_en": ["East Town", "West Town"],
        "valid_from": pd.to_datetime(["2020-01-01", "2020-01-01"]).as_unit("ns"),
        "valid_to": pd.Series([pd.NaT, pd.NaT], dtype="datetime64[ns]"),
    }
)

DESK = Scope(
    who="clerk-east", role="township_clerk", townships=frozenset({"990000001000"}),
    bodies=frozenset({"t01"}), desk="t01",
)  # fmt: skip
LABOUR = Scope(who="clerk-labour", role="department_clerk", bodies=frozenset({"b01"}), desk="b01")
HOUSING = Scope(who="clerk-housing", role="department_clerk", bodies=frozenset({"b02"}), desk="b02")
REVIEWER = Scope(who="clerk-review", role="department_clerk", bodies=frozenset({"rv"}), desk="rv")
SUPERVISOR = Scope(who="super", role="supervisor")
LEADER = Scope(who="leader", role="leader")
ADMINISTRATOR = Scope(who="admin", role="administrator")
GRID_WORKER = Scope(
    who="grid", role="grid_worker", townships=frozenset({"990000001000"}), desk="t01"
)


@pytest.fixture
def small_county(made_once: Callable[..., Db]) -> Callable[[Db], Db]:
    """Set a database up as a county of two townships and two departments (no layer)."""

    def build(db: Db) -> None:
        set_up(db, COUNTY)
        places.save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
        categories = (ROOT / "data" / "config" / "categories_cn.toml").read_text("utf-8")
        steering.save_file(db, Scope.operator(), "categories.toml", categories)

    return lambda db: made_once(db, "small", build)
