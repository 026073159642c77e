"""Processes that upload cases and say what was acknowledged; some of them are killed on the way.

Started once as a program, it has everything imported and forks a process per upload: a process
that is killed at a random moment must not cost the seconds in which Python starts.

    python -m tests.intake.uploader DATABASE KEYS

It reads lines of JSON: worker, uploads, batch, shared, acks. A worker registers through
`data.record.register_all`, the function of every door, and appends to `acks` one line
"source_id case_id is_repeat" per row when the call has returned, never before. For each line it
answers with the worker's process number; the line "wait" with "done" once no worker lives.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, NamedTuple

import sqlalchemy as sa

from data.db import Db, make_engine
from data.errors import StoreBusy
from data.keys import Keys
from data.record import Registered, register_all
from data.rows import NewCase
from data.schema import audit, case_event, case_text, case_version, receipt, source_ref, text_key
from data.scope import Scope

ROOT = Path(__file__).resolve().parents[2]
DESK = Scope(
    who="clerk-east", role="township_clerk", townships=frozenset({"990000001000"}),
    bodies=frozenset({"t01"}), desk="t01",
)  # fmt: skip


def case(source_id: str) -> NewCase:
    """A right row with a sender's own number."""
    return NewCase(
        township_code="990000001000", grid_code="990000001001001",
        opened_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1), domain="labour",
        category="unpaid_wages", kind="redress", channel="desk", procedure="ordinary",
        body_id="b01", summary="东郊工地三个月工资未发。", source_id=source_id,
    )  # fmt: skip


def upload(db: Db, worker: str, uploads: int, batch: int, shared: int, acks: Path) -> None:
    """Register `uploads` batches of rows of its own, then rows that every worker sends as well."""
    sends = [[f"{worker}-{n}-{k}" for k in range(batch)] for n in range(uploads)]
    sends += [[f"shared-{n}"] for n in range(shared)]
    with acks.open("a") as out:
        for numbers in sends:
            done = until_stored(db, [case(number) for number in numbers])
            for number, one in zip(numbers, done, strict=True):
                out.write(f"{number} {one.case_id} {int(one.is_repeat)}\n")
            out.flush()


def until_stored(db: Db, rows: list[NewCase]) -> list[Registered]:
    """Sent again while the store says that it is busy, as the sentence asks its reader to do."""
    while True:
        try:
            return register_all(db, DESK, rows)
        except StoreBusy:
            print("busy; sent again", file=sys.stderr, flush=True)


class Acknowledged(NamedTuple):
    """A line of a worker: what it sent, which case it was told, whether it was known before."""

    source_id: str
    case_id: str
    is_repeat: bool


def acknowledged(path: Path) -> list[Acknowledged]:
    """What a worker was told; a last line that a kill cut short was not told to anybody."""
    text = path.read_text("utf-8") if path.exists() else ""
    lines = text[: text.rfind("\n") + 1].splitlines()
    return [Acknowledged(a, b, c == "1") for a, b, c in (line.split() for line in lines)]


class Uploaders:
    """The program of this file, talked to from outside."""

    def __init__(self, url: str, keys: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.intake.uploader", url, str(keys)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, **said: object) -> int:
        """A new worker; its process number."""
        return int(self._ask(json.dumps({k: str(v) for k, v in said.items()})))

    def wait(self) -> None:
        """Until no worker lives."""
        self._ask("wait")

    def end(self) -> None:
        """No more workers."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=60)

    def _ask(self, line: str) -> str:
        given, said = self.process.stdin, self.process.stdout
        assert given is not None
        assert said is not None
        given.write(line + "\n")
        given.flush()
        return said.readline().strip()


def parts_by_case(db: Db) -> dict[str, dict[str, int]]:
    """How many of each part every case has, by case id: a whole case has one of each."""
    tables = {
        "version": case_version, "key": text_key, "receipt": receipt, "number": source_ref,
    }  # fmt: skip
    found: dict[str, dict[str, int]] = {}
    with db.read() as conn:
        for name, table in tables.items():
            for row in conn.execute(sa.select(table.c.case_id)):
                _count(found, row[0], name)
        for row in conn.execute(sa.select(case_event.c.case_id, case_event.c.event)):
            _count(found, row[0], row[1])
        for row in conn.execute(sa.select(case_text.c.case_id, case_text.c.part)):
            _count(found, row[0], row[1])
        logged = sa.select(audit.c.target).where(audit.c.action == "case_registered")
        for row in conn.execute(logged):
            _count(found, row[0], "logged")
    return found


def _count(found: dict[str, dict[str, int]], case_id: str, name: str) -> None:
    parts = found.setdefault(case_id, {})
    parts[name] = parts.get(name, 0) + 1


WHOLE = {
    "version": 1, "key": 1, "receipt": 1, "number": 1, "registered": 1, "summary": 1, "place": 1,
    "logged": 1,
}  # fmt: skip
"""A case has its version, text key, receipt, sender's number, event, texts and entry in the log."""


def halves(db: Db) -> dict[str, dict[str, int]]:
    """Cases that lack a part, or have one twice; a further slip of a repeat is none too many."""
    found = parts_by_case(db)
    return {
        case_id: parts
        for case_id, parts in found.items()
        if {**parts, "receipt": min(parts.get("receipt", 0), 1)} != WHOLE
    }


def _serve(url: str, keys: Path, lines: IO[str]) -> None:
    make_engine(url).dispose()  # the driver is imported once, before any fork
    for line in lines:
        if line.strip() == "wait":
            while True:
                try:
                    os.wait()
                except ChildProcessError:
                    break
            print("done", flush=True)
            continue
        said = json.loads(line)
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        # the child opens the database itself: no connection is shared
        db = Db(make_engine(url), Keys.load(keys))
        upload(db, said["worker"], int(said["uploads"]), int(said["batch"]), int(said["shared"]),
               Path(said["acks"]))  # fmt: skip
        os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]), sys.stdin)
