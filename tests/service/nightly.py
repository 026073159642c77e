"""A small county on the evening of a nightly run, and what it is worth comparing afterwards.

`python -m tests.service.nightly FOLDER POINT…` runs a night in copies of FOLDER/start, killed
(SIGKILL) at each point and run again, and prints a line of JSON for each: what stood at the end.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import signal
import sys
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


def settings_of(folder: Path) -> Settings:
    """The settings of a night in a folder."""
    return Settings(
        database=f"sqlite:///{folder}/z.db", keys=folder / "keys.json", var=folder / "var",
        inbox=str(folder / "inbox"),
    )  # fmt: skip


def opened(folder: Path, now: dt.datetime = NIGHT) -> Db:
    """The county of a folder, at a moment that stands still."""
    engine = make_engine(f"sqlite:///{folder}/z.db")
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
    status = _in_child(night, here, point)
    was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if point:
        assert _in_child(night, here, 0) == 0
    marks, steps = int((here / "marks").read_text()), json.loads((here / "night").read_text())
    found = {"point": point, "killed": was_killed, "marks": marks, "steps": steps,
             "stands": stands(here)}  # fmt: skip
    shutil.rmtree(here)
    return found


if __name__ == "__main__":
    where, points = Path(sys.argv[1]), [int(word) for word in sys.argv[2:]]
    if not (where / "start").exists():
        make(where)
    for one in points:
        print(json.dumps(killed_and_run_again(where, one)), flush=True)
