"""Many rows of one request: what 1,000 rows of a machine cost (goal: under 1 s of CPU to store
them, without the cleaning of texts).

Usage: python -m benchmarks.rows [rows]   (default 1,000; smoke: 100)

Made-up rows in English and Chinese go the way of `POST /api/v1/cases`: checked, cleaned of persons,
registered, all receipts made. Then the same rows once more, as a sender does whose reply was lost.
The turn is the time in which no other writer of the file may write.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from benchmarks.intake import AREAS, made_up
from data import db as data_db
from data import machines, record
from data.db import Db
from data.redact import redact
from data.rows import check_rows
from data.scope import Scope
from service.machines import known, take
from service.sheet import take_sheet
from service.takeover import set_up_county
from settings import ROOT, Settings

_turns: list[float] = []


@contextmanager
def timed_turn(engine: sa.Engine) -> Iterator[None]:
    """The turn, with the seconds it is held noted."""
    with _real_turn(engine):
        began = time.perf_counter()
        try:
            yield
        finally:
            _turns.append(time.perf_counter() - began)


_real_turn = data_db.in_turn


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Prints CPU, wall and turn of what stands inside."""
    _turns.clear()
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    turns = f"turn {sum(_turns):6.2f} s in {len(_turns)}"
    print(f"  {what:34s} CPU {cpu:6.2f} s  wall {wall:6.2f} s  {turns}")


def sent(rows: int) -> list[dict[str, str]]:
    """What a hotline's machine sends, by names of fields."""
    frame = made_up(rows)
    return [
        {"source_id": number, "opened_at": opened, "summary": summary, "township": AREAS[at % 4],
         "category": "unpaid_wages", "kind": "redress", "channel": "one_stop", "body": body}
        for at, (number, opened, summary, body) in enumerate(
            zip(frame["工单编号"], frame["受理时间"], frame["诉求内容"], frame["承办单位"],
                strict=True)
        )
    ]  # fmt: skip


def main(rows: int) -> None:
    """Prints what each step costs."""
    data_db.in_turn = timed_turn
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        clock = dt.datetime(2026, 11, 25, 8, 0, tzinfo=dt.UTC)
        opened = Db.open(Settings(database=f"sqlite:///{folder}/b.db", keys=folder / "keys.json"))
        db = Db(opened.engine, opened.keys, lambda: clock)
        set_up_county(db, ROOT / "examples" / "ledger_cn" / "county.toml")
        with db.read() as conn:
            desk = conn.execute(sa.text("SELECT min(body_id) FROM body")).scalar_one()
        _, token = machines.make_token(db, Scope.operator(), "bench", "api", desk, "one_stop", 9)
        machine = machines.machine_of(db, token, "api")
        assert machine is not None
        table = sent(rows)
        frame = pd.DataFrame(table, index=range(1, rows + 1))
        print(f"{rows:,} rows")
        with measured("cleaning their texts once"):
            for row in table:
                redact(row["summary"])
        lists = known(db, machine.scope)
        with measured("checking (cleans once)"):
            checked = check_rows(frame, lists, clock, db.county().zone, is_file=True)
        assert not checked.problems, checked.problems[:3]
        with measured("register_all (cleans once)"):
            record.register_all(db, machine.scope, checked.good)
        clock += dt.timedelta(minutes=1)
        with measured("register_all, every row a repeat"):
            again = record.register_all(db, machine.scope, checked.good)
        assert all(one.is_repeat and one.slip for one in again)
        other = [{**row, "source_id": f"N{row['source_id']}"} for row in table]
        key = machines.Key.of("bench", b"bench")
        with measured("a machine's request, whole"):
            take(db, machine, other, key, "zh", is_file=True)
        clock += dt.timedelta(minutes=1)
        with measured("its replay by Idempotency-Key"):
            replay = take(db, machine, other, key, "zh", is_file=True)
        assert replay.is_replay
        assert all(row.slip for row in replay.rows)
        in_sheet(db, desk, [{**row, "source_id": f"S{row['source_id']}"} for row in table])
        db.engine.dispose()


def in_sheet(db: Db, desk: str, table: list[dict[str, str]]) -> None:
    """Prints what a clerk's spreadsheet of the rows costs, step by step."""
    with db.read() as conn:
        reach = conn.execute(sa.text("SELECT township_code FROM township")).scalars().all()
    clerk = Scope(who="c", role="township_clerk", townships=frozenset(reach), desk=desk)
    data = pd.DataFrame(table).assign(channel="one_stop").to_csv(index=False).encode()
    marks: dict[str, float] = {}
    with measured("a clerk's spreadsheet, whole"):
        began = time.perf_counter()

        def progress(step: str, done: int, of: int) -> None:
            marks[step] = time.perf_counter() - began

        done = take_sheet(
            db, clerk, data, "rows.csv", known(db, clerk), "zh", "http://127.0.0.1/s", progress
        )
    assert done.stored == len(table), done.problems[:3]
    at, whole = 0.0, max(marks.values())
    for step, when in marks.items():
        print(f"    {step:10s} {when - at:6.2f} s  until {when / whole:4.0%}")
        at = when


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="?", default="1,000")
    main(int(parser.parse_args().rows.replace(",", "")))
