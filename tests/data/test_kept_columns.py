"""What is kept of the record's columns gives what reading the record anew gives, whatever was
appended meanwhile, by whom, and in whatever state the files are."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from numpy.random import Generator

from data import column_files, kept_columns
from data.db import Db, make_engine
from data.frames import CaseTable
from data.keys import Keys
from data.reading import case_table
from data.schema import case_event, case_version
from data.vocabulary import EVENTS
from tests.conftest import NOW, ROOT

from .slow_case_table import slow_case_table

DAY = dt.timedelta(days=1)


class Record:
    """Random rows of cases and events, written as the record writes them: numbered, stamped,
    never changed; some learnt late by an older system, some corrected."""

    def __init__(self, db: Db, seed: int) -> None:
        self.db, self.random = db, np.random.default_rng(seed)
        self.ids: list[str] = []

    def write(self, cases: int, events: int, corrections: int = 0) -> None:
        new = [f"c{self.random.integers(10**12):013d}" for _ in range(cases)]
        self.ids += new
        versions = [self._case(one) for one in new]
        versions += [self._case(self._some()) for _ in range(corrections)]
        with self.db.write() as conn:
            if versions:
                conn.execute(case_version.insert(), versions)
            if events:
                conn.execute(case_event.insert(), [self._event() for _ in range(events)])

    def _some(self) -> str:
        return self.ids[int(self.random.integers(len(self.ids)))]

    def _moment(self) -> dt.datetime:
        return NOW + dt.timedelta(hours=int(self.random.integers(-400, 30)))

    def _stamped(self) -> dict[str, object]:
        source = self._moment() if self.random.random() < 0.5 else None
        return {"recorded_at": NOW - DAY, "source_recorded_at": source}

    def _case(self, case_id: str) -> dict[str, object]:
        pick: Generator = self.random
        return self._stamped() | {
            "case_id": case_id, "opened_at": self._moment(), "township_code": "990000001000",
            "grid_code": pick.choice([None, "990000001001001"]), "domain": "labour",
            "category": pick.choice(["unpaid_wages", "heating"]), "kind": "redress",
            "channel": pick.choice(["desk", "online"]), "amount_band": None,
            "procedure": pick.choice(["ordinary", "simple"]), "pack": "cn_xinfang_2022",
            "body_id": pick.choice(["b01", "b02"]), "desk": "t01",
            "limit_at": self._moment() if pick.random() < 0.2 else None,
            "needs_confirmation": bool(pick.random() < 0.5),
        }  # fmt: skip

    def _event(self) -> dict[str, object]:
        pick = self.random
        return self._stamped() | {
            "case_id": self._some(), "event": str(pick.choice(EVENTS)),
            "occurred_at": self._moment(), "actor": pick.choice(["office", "asker"]),
            "body_id": pick.choice([None, "b01", "t01"]),
            "to_body_id": pick.choice([None, "b02"]),
            "days": int(pick.integers(1, 30)) if pick.random() < 0.3 else None,
            "code": pick.choice([None, "satisfied"]),
        }  # fmt: skip


def same(found: CaseTable, wanted: CaseTable) -> None:
    for one, other in zip(found, wanted, strict=True):
        pd.testing.assert_frame_equal(one, other)


def agrees(db: Db) -> None:
    """Every depth of reading, at several moments, against reading all anew."""
    of_a_body = case_version.c.body_id == "b01"
    for back, reached, with_ids in (
        (-2, None, False), (0, None, True), (3, of_a_body, True), (9, of_a_body, False),
        (12, None, True), (40, None, False),
    ):  # fmt: skip
        as_of = NOW - back * DAY
        wanted = slow_case_table(db, reached, as_of, with_ids=with_ids)
        same(case_table(db, reached, as_of, with_ids=with_ids), wanted)
        if reached is not None:
            same(case_table(db, reached, as_of, with_ids=with_ids, is_few=True), wanted)


def test_kept_columns_give_what_a_read_of_everything_gives(db: Db) -> None:
    agrees(db)  # nothing yet
    record = Record(db, 1)
    for cases, events, corrections in ((30, 250, 0), (4, 40, 3), (0, 7, 2), (1, 0, 0)):
        record.write(cases, events, corrections)
        agrees(db)


def test_many_new_events_are_sorted_in_as_few_are(
    sqlite_db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.columns.MOST_INSERTED", 5)
    record = Record(sqlite_db, 5)
    for _ in range(3):
        record.write(10, 40, 1)
        agrees(sqlite_db)


def test_only_what_was_appended_is_read(sqlite_db: Db) -> None:
    record = Record(sqlite_db, 1)
    record.write(20, 100)
    case_table(sqlite_db, None, NOW, with_ids=True)
    read: list[str] = []
    sa.event.listen(
        sqlite_db.engine, "connect", lambda conn, _: conn.set_trace_callback(read.append)
    )
    sqlite_db.engine.dispose()
    record.write(0, 1)
    case_table(sqlite_db, None, NOW, with_ids=True)
    bulk = [sql for sql in read if "case_event.days" in sql and "SELECT" in sql]
    assert len(bulk) == 1
    assert "case_event.id > 100" in bulk[0]


def test_an_answer_belongs_to_whoever_asked_for_it(sqlite_db: Db) -> None:
    Record(sqlite_db, 1).write(20, 100)
    first = case_table(sqlite_db, None, NOW, with_ids=True)
    first.cases["case_id"] = "mine"
    first.events.loc[:, "code"] = "mine"
    same(
        case_table(sqlite_db, None, NOW, with_ids=True),
        slow_case_table(sqlite_db, None, NOW, with_ids=True),
    )


def test_inside_one_state_nothing_newer_is_seen(sqlite_db: Db) -> None:
    record = Record(sqlite_db, 1)
    record.write(20, 100)
    other = Db(make_engine(str(sqlite_db.engine.url)), sqlite_db.keys, sqlite_db.now)
    with sqlite_db.one_state():
        before = slow_case_table(sqlite_db, None, NOW, with_ids=True)
        record.db = other
        record.write(3, 30, 2)
        assert sqlite_db.is_in_one_state
        same(case_table(sqlite_db, None, NOW, with_ids=True), before)
        _come_further(sqlite_db)
        same(case_table(sqlite_db, None, NOW, with_ids=True), before)
    agrees(sqlite_db)
    other.engine.dispose()


def _come_further(db: Db) -> None:
    """Another thread of the process reads what is newest."""
    import threading

    thread = threading.Thread(target=lambda: case_table(db, None, NOW, with_ids=True))
    thread.start()
    thread.join()


@pytest.fixture
def kept(sqlite_db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Db, Path]:
    """A record whose columns are kept on disk, however small."""
    monkeypatch.setattr(column_files, "LEAST_EVENTS", 1)
    monkeypatch.setattr(column_files, "LEAST_NEW", 50)
    db = dataclasses.replace(sqlite_db, var=tmp_path / "var")
    Record(db, 4).write(40, 300, 5)
    case_table(db, None, NOW, with_ids=True)
    folder = column_files.folder_of(db)
    assert folder is not None
    return db, folder


def started(db: Db) -> Db:
    """The same database as a process that has just started opens it."""
    return Db(make_engine(str(db.engine.url)), db.keys, db.now, db.var)


def rows_read(db: Db, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many rows of events a first read takes from the database; what it gives is right."""
    counted = []
    monkeypatch.setattr(
        kept_columns, "STEPS", kept_columns.STEPS.add_columns(sa.literal(1).label("extra"))
    )
    real = Db.frame

    def frame(self: Db, query: sa.Select) -> pd.DataFrame:
        found = real(self, query)
        if "extra" in found:
            counted.append(len(found))
            return found.drop(columns="extra")
        return found

    monkeypatch.setattr(Db, "frame", frame)
    found = case_table(db, None, NOW, with_ids=True)
    monkeypatch.undo()
    same(found, slow_case_table(db, None, NOW, with_ids=True))
    return sum(counted)


def test_a_process_that_starts_reads_what_was_appended_only(
    kept: tuple[Db, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    db, _ = kept
    Record(db, 9).write(2, 12)
    new = started(db)
    assert rows_read(new, monkeypatch) == 12
    agrees(new)
    new.engine.dispose()


def test_the_files_are_their_owners_alone_and_hold_no_text(kept: tuple[Db, Path]) -> None:
    _, folder = kept
    assert folder.stat().st_mode & 0o777 == 0o700
    files = sorted(folder.iterdir())
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600] * 3
    columns = {name for path in files[:0] + files if path.suffix == ".parquet"
               for name in pq.read_schema(path).names}  # fmt: skip
    assert columns == {
        "id", "case", "case_id", "opened_at", "known_at", "township_code", "grid_code", "domain",
        "category", "kind", "channel", "procedure", "pack", "body_id", "desk", "limit_at",
        "needs_confirmation", "event", "occurred_at", "actor", "to_body_id", "days", "code",
    }  # fmt: skip


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "gone", "pointer", "version"])
def test_damaged_files_are_said_and_made_anew(
    kept: tuple[Db, Path], how: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    db, folder = kept
    pointer = folder / "newest.json"
    told = json.loads(pointer.read_text())
    events = folder / told["events"][0]
    content = bytearray(events.read_bytes())
    if how == "cut":
        events.write_bytes(content[: len(content) // 2])
    elif how == "flipped":
        content[60] ^= 0xFF
        events.write_bytes(content)
    elif how == "empty":
        events.write_bytes(b"")
    elif how == "gone":
        events.unlink()
    elif how == "pointer":
        pointer.write_text("{")
    else:
        pointer.write_text(json.dumps(told | {"format": 0}))
    new = started(db)
    assert rows_read(new, monkeypatch) == 300
    assert how == "gone" or "made anew" in caplog.text
    monkeypatch.setattr(column_files, "LEAST_EVENTS", 1)
    monkeypatch.setattr(column_files, "LEAST_NEW", 50)
    again = started(db)
    case_table(again, None, NOW, with_ids=True)
    last = started(db)
    assert rows_read(last, monkeypatch) == 0
    for one in (new, again, last):
        one.engine.dispose()


def test_another_record_under_the_same_address_is_read_anew(
    kept: tuple[Db, Path], sqlite_template: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A copy that was put back, or a new database: also one that has grown as long again."""
    db, _ = kept
    address = str(db.engine.url)
    path = Path(str(db.engine.url.database))
    db.engine.dispose()
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    path.write_bytes(sqlite_template.read_bytes())
    put_back = Db(make_engine(address), Keys.fresh(), db.now, db.var)
    Record(put_back, 77).write(60, 400)
    agrees(put_back)
    assert "not the one" in caplog.text
    caplog.clear()
    agrees(db)  # the process that had the old one in memory
    put_back.engine.dispose()


def test_a_record_put_back_shorter_is_read_anew(
    kept: tuple[Db, Path], sqlite_template: Path
) -> None:
    db, _ = kept
    path = Path(str(db.engine.url.database))
    db.engine.dispose()
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    path.write_bytes(sqlite_template.read_bytes())
    agrees(db)
    Record(db, 78).write(5, 10)
    agrees(db)


def test_a_folder_that_cannot_be_written_stops_nobody(
    sqlite_db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(column_files, "LEAST_EVENTS", 1)
    monkeypatch.setattr(column_files, "LEAST_NEW", 1)
    (tmp_path / "var").write_text("a file where the folder should be")
    db = dataclasses.replace(sqlite_db, var=tmp_path / "var")
    Record(db, 4).write(5, 20)
    agrees(db)
    assert "not kept" in caplog.text


def test_a_small_record_is_kept_in_memory_only(sqlite_db: Db, tmp_path: Path) -> None:
    db = dataclasses.replace(sqlite_db, var=tmp_path / "var")
    Record(db, 4).write(5, 20)
    agrees(db)
    assert not (tmp_path / "var").exists()


def test_processes_share_the_files_and_each_sees_everything(kept: tuple[Db, Path]) -> None:
    """Two processes append, read and write the files in turns and at once; both end with all."""
    db, folder = kept
    db.keys.save(folder.parent / "keys.json")
    code = f"""
import sys, datetime as dt
from pathlib import Path
from data import column_files
column_files.LEAST_EVENTS, column_files.LEAST_NEW = 1, 20
from data.db import Db, make_engine
from data.keys import Keys
from tests.data.test_kept_columns import Record, NOW, case_table, slow_case_table, same
keys = Keys.load(Path({str(folder.parent / "keys.json")!r}))
for seed in range(5):
    db = Db(make_engine({str(db.engine.url)!r}), keys, var=Path({str(db.var)!r}))
    Record(db, int(sys.argv[1]) * 100 + seed).write(5, 30)
    case_table(db, None, NOW, with_ids=True)
    db.engine.dispose()
"""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(n)], cwd=ROOT, env=env) for n in (1, 2)
    ]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    agrees(db)
    new = started(db)
    agrees(new)
    new.engine.dispose()
    assert len([path for path in folder.iterdir() if path.suffix == ".parquet"]) >= 2
