"""A small county on the evening of a nightly run, and what it is worth comparing afterwards.

`python -m tests.service.nightly FOLDER POINT…` runs a night in copies of FOLDER/start, killed
(SIGKILL) at each point and run again, and prints a line of JSON for each: what stood at the end.
A point is the n-th thing that a night makes last (`Marks`), 0 = not killed; one below 1, after a 0,
is a share of all that the undisturbed night made. With `POSTGRES=URL` in the environment the
databases are on that server, not SQLite files.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from data.db import Db, make_engine
from data.keys import Keys
from data.mapping_files import save_mapping
from data.migrating import migrate
from data.schema import metadata
from data.scope import Scope
from service import cycle
from service.figures import categories
from service.takeover import Sent, read_mapping, set_up_county, take_over_export
from settings import ROOT, Settings

LEDGER = ROOT / "examples" / "ledger_cn"
BEFORE = dt.datetime(2026, 11, 25, 2, 0, tzinfo=dt.UTC)
NIGHT = dt.datetime(2027, 6, 9, 18, 0, tzinfo=dt.UTC)  # 02:00 in Shanghai
DAY = dt.date(2027, 6, 10)
OPERATOR = Scope.operator()
OF_THE_RUN = {"run", "run_step", "last_stamp"}
BY_CHANCE = {
    "id", "case_id", "text_id", "flag_id", "replaces", "wrapped", "sealed", "previous", "hash",
    "target", "key_version", "code_hash", "tag", "notice_id", "run_id", "model_version",
    "data_hash", "card",
}  # fmt: skip
"""Columns whose values are drawn or numbered: they differ between two runs that did the same."""
TAKEN_UP_AGAIN = ("'taken_over', '0'", "'rows_refused'", "'rows_sent_again'")
"""What the log says more where a file was taken up twice: that it was, and added nothing."""


SERVER = os.environ.get("POSTGRES", "")


def name_of(folder: Path) -> str:
    """The database of a folder on a server."""
    told = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return f"night_{told}"


def url_of(folder: Path) -> str:
    """The database of a folder."""
    if not SERVER:
        return f"sqlite:///{folder}/z.db"
    return sa.make_url(SERVER).set(database=name_of(folder)).render_as_string(hide_password=False)


@contextmanager
def database(folder: Path, like: Path | None = None) -> Iterator[None]:
    """A database of the folder's own on the server, like another's; gone afterwards. SQLite: the
    folder has it."""
    if not SERVER:
        yield
        return
    _on_server(
        f"CREATE DATABASE {name_of(folder)} TEMPLATE {name_of(like) if like else 'template0'}"
    )
    try:
        yield
    finally:
        _on_server(f"DROP DATABASE {name_of(folder)} WITH (FORCE)")


def _on_server(words: str) -> None:
    admin = make_engine(SERVER)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(words))
    admin.dispose()  # a process that forks has no connection open


def settings_of(folder: Path) -> Settings:
    """The settings of a night in a folder."""
    return Settings(
        database=url_of(folder), keys=folder / "keys.json", var=folder / "var",
        inbox=str(folder / "inbox"),
    )  # fmt: skip


def opened(folder: Path, now: dt.datetime = NIGHT) -> Db:
    """The county of a folder, at a moment that stands still."""
    engine = make_engine(url_of(folder))
    return Db(engine, Keys.load_or_make(folder / "keys.json", may_make=True), lambda: now)


def fill(db: Db) -> None:
    """The made-up ledger, taken over half a year before, and the mappings of the inbox."""
    set_up_county(db, LEDGER / "county.toml")
    mapping = read_mapping(db, LEDGER / "mapping.toml")
    take_over_export(db, OPERATOR, Sent.of(LEDGER / "ledger.csv"), mapping)
    for name, file in (("ledger", "mapping.toml"), ("hotline", "hotline_mapping.toml")):
        text = (LEDGER / file).read_text("utf-8")
        save_mapping(db, OPERATOR, name, text, categories(db, OPERATOR))


def wait_in(inbox: Path) -> None:
    """One file that fits, a pair, and one that cannot be read."""
    for name in ("ledger", "hotline"):
        (inbox / name).mkdir(parents=True)
    shutil.copy(LEDGER / "ledger_mended.csv", inbox / "ledger" / "mended.csv")
    shutil.copy(LEDGER / "hotline_cases.csv", inbox / "hotline" / "week.csv")
    shutil.copy(LEDGER / "hotline_steps.csv", inbox / "hotline" / "week.steps.csv")
    (inbox / "ledger" / "broken.csv").write_text("no,such,columns\n1,2,3\n", "utf-8")
    for number, path in enumerate(sorted(inbox.glob("*/*"))):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def make(folder: Path) -> None:
    """FOLDER/start."""
    start = folder / "start"
    start.mkdir(parents=True)
    db = opened(start, BEFORE)
    migrate(db.engine)
    fill(db)
    db.engine.dispose()
    wait_in(start / "inbox")


def stands(folder: Path) -> dict[str, str]:
    """What a night leaves, by table and folder, without what is drawn or numbered."""
    db, found = opened(folder), {}
    with db.read() as conn:
        for table in metadata.sorted_tables:
            if table.name in OF_THE_RUN:
                continue
            kept = [column for column in table.columns if column.name not in BY_CHANCE]
            rows = sorted(repr(tuple(row)) for row in conn.execute(sa.select(*kept)))
            if table.name == "audit":
                rows = [row for row in rows if not any(some in row for some in TAKEN_UP_AGAIN)]
            said = "\n".join(rows).encode()
            found[table.name] = f"{len(rows)} {hashlib.sha256(said).hexdigest()[:12]}"
    for name in ("inbox", "var/reports"):
        home = folder / name
        found[name] = " ".join(
            str(path.relative_to(home)) for path in sorted(home.rglob("*")) if path.is_file()
        )
    db.engine.dispose()
    return found


class Marks:
    """Everything a night makes last: commits and moved files, counted; kills before the n-th."""

    def __init__(self, db: Db, at: int) -> None:
        self.seen, self.at = 0, at
        sa.event.listen(db.engine, "commit", lambda _: self.mark())
        for name in ("rename", "replace"):
            plain = getattr(Path, name)
            setattr(Path, name, self._marked(plain))

    def _marked(self, plain):
        def moved(path, to):
            self.mark()
            return plain(path, to)

        return moved

    def mark(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def night(folder: Path, kill_at: int) -> None:
    """A whole run in a process of its own that ends here; how much it made goes to `marks`."""
    db = opened(folder)
    marks = Marks(db, kill_at)
    done = cycle.run(db, OPERATOR, settings_of(folder), DAY)
    db.engine.dispose()
    (folder / "marks").write_text(str(marks.seen))
    (folder / "night").write_text(
        json.dumps({one.step: [one.outcome, dict(one.counts)] for one in done.steps})
    )


def _in_child(work, *given) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(*given)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def killed_and_run_again(folder: Path, point: int) -> dict[str, object]:
    """What stands after a run that was killed at a point (0 = not at all) and run again."""
    here = folder / f"killed-{point}"
    shutil.copytree(folder / "start", here, copy_function=shutil.copy2)
    with database(here, like=folder / "start"):
        status = _in_child(night, here, point)
        was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if point:
            assert _in_child(night, here, 0) == 0
        marks, steps = int((here / "marks").read_text()), json.loads((here / "night").read_text())
        found = {"point": point, "killed": was_killed, "marks": marks, "steps": steps,
                 "stands": stands(here)}  # fmt: skip
    shutil.rmtree(here)
    return found


def main(folder: Path, points: list[float]) -> None:
    """Make FOLDER/start and go through the points."""
    with database(folder / "start"):
        make(folder)
        marks = 0
        for one in points:
            found = killed_and_run_again(folder, round(one * marks) if one < 1 else round(one))
            marks = int(str(found["marks"])) if one == 0 else marks
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [float(word) for word in sys.argv[2:]])
