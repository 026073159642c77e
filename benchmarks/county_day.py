"""One day of a large county, ten times as busy as usual: in, scored, flags proposed, reported.

Goal: 5,000 new cases and 20,000 events with three years of record behind them, in under 30 s on 2
cores. The record is that of `benchmarks/large_county.py` (300,000 cases, 2,000,000 events), copied
for the run; the columns kept beside it (`data.column_files`) are those of the evening before, as
the nightly run leaves them. The model is in force already: it is learnt once a month.

    python benchmarks/county_day.py --folder var/bench
    python benchmarks/county_day.py --folder var/bench --share 0.05   # smoke

In: 5,000 cases of a hotline's export with their texts (four in ten with somebody in them, cleaned
away), receipts and three steps each, in one transaction; and 5,000 steps one by one, each judged by
the rules of its case in a transaction of its own, as a desk's form sends it: in an office one every
six seconds from many hands, here without a pause. Files and machines are taken in bulk. Then one
process does what the night does: scores every open case, proposes flags, makes the day's report
from the record, draws map and charts, writes the Word file.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.intake import PERSONS, PLAIN  # noqa: E402
from benchmarks.large_county import copied as copied_county  # noqa: E402
from benchmarks.large_county import large_county, settings_of  # noqa: E402
from casework.adapter import allow  # noqa: E402
from data import bulk, record, scores  # noqa: E402
from data.db import Db  # noqa: E402
from data.errors import RuleError  # noqa: E402
from data.history import NewEvent  # noqa: E402
from data.reading import read_worklist  # noqa: E402
from data.scope import Scope  # noqa: E402
from risk import registry  # noqa: E402
from service import daily, forecast, report  # noqa: E402
from service.figures import compute  # noqa: E402
from service.rules import rules_of  # noqa: E402
from settings import Settings  # noqa: E402

OPERATOR = Scope.operator()
SUPERVISOR = Scope(who="bench", role="supervisor")
CASES, STEPS_ONE_BY_ONE = 5_000, 5_000


class Shares:
    """Seconds of each step, on the wall and of the processor, and its share of the whole."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float, float]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.steps.append((name, time.perf_counter() - wall, time.process_time() - processor))

    def told(self) -> None:
        wall = sum(step[1] for step in self.steps)
        processor = sum(step[2] for step in self.steps)
        for name, seconds, used in self.steps:
            print(f"{name:44s} {seconds:6.2f} s {used:6.2f} s processor {used / processor:6.1%}")
        print(f"{'in all (goal: 30 s)':44s} {wall:6.2f} s {processor:6.2f} s processor")


def new_cases(found: pd.DataFrame, count: int, now: dt.datetime) -> tuple[pd.DataFrame, ...]:
    """Cases as those of the last weeks, asked in the last hours, with texts; and two steps each."""
    random = np.random.default_rng(3)
    some = found.tail(20_000).sample(count, random_state=3, replace=True).reset_index(drop=True)
    moments = pd.Timestamp(now) - pd.to_timedelta(random.integers(60, 30_000, count), unit="s")
    at = pd.Series(moments).dt.as_unit("us")
    texts = [
        (PERSONS if n % 10 < 4 else PLAIN)[n % 4].format(
            n=n + 1000, d=n % 28 + 2, name="王建国", phone=f"13{n:09d}",
            id=f"330102199001{n % 28 + 1:02d}{n % 9999:04d}",
        )
        for n in range(count)
    ]  # fmt: skip
    columns = ["township_code", "grid_code", "domain", "category", "kind", "channel", "procedure",
               "body_id", "desk", "limit_at"]  # fmt: skip
    cases = some[columns].assign(
        opened_at=at, known_at=at, amount_band=None, needs_confirmation=False,
        summary=pd.Series(texts, dtype="str"),
    )  # fmt: skip
    parts = [
        pd.DataFrame(
            {
                "case": cases.index, "event": event, "actor": "office", "body_id": cases["desk"],
                "occurred_at": at + pd.Timedelta(seconds=after),
                "known_at": at + pd.Timedelta(seconds=after),
                "to_body_id": cases["body_id"] if event == "transferred" else None,
                "days": pd.array([pd.NA] * count, dtype="Int16"), "code": None,
            }
        )
        for event, after in (("registered", 0), ("transferred", 20), ("notified", 40))
    ]  # fmt: skip
    return cases, pd.concat(parts, ignore_index=True)


def steps_of_desks(db: Db, open_cases: pd.DataFrame, count: int) -> int:
    """Steps one by one, each judged by the rules of its case; how many were recorded."""
    rules, zone, done = rules_of(db), db.county().zone, 0
    day = db.now().astimezone(ZoneInfo(zone)).date()
    pack = rules.pack(db.county().pack, day)
    judge = allow(pack, rules.calendar(pack.calendar), zone)
    for case_id, body in zip(open_cases["case_id"], open_cases["body"], strict=True):
        clerk = Scope("clerk", "department_clerk", bodies=frozenset({body}), desk=body)
        try:
            record.add_event(db, clerk, case_id, NewEvent("contacted"), judge)
        except RuleError:
            continue  # not accepted yet
        done += 1
        if done == count:
            break
    return done


def copied(folder: Path, share: float, scratch: Path) -> Settings:
    """The county with what was kept of it the evening before, and its model."""
    db = large_county(folder, share)
    read_worklist(db, SUPERVISOR, db.now())  # writes the kept columns, where they are not there yet
    model, oldest = scores.in_force(db, OPERATOR), db.now() - dt.timedelta(forecast.SERVES_DAYS - 1)
    if model is None or model.as_of < oldest or model.code_version != registry.code_version():
        # else it would be learnt anew inside what is measured
        started = time.perf_counter()
        forecast.score(db, OPERATOR, forecast.models_folder(settings_of(folder, share).var))
        print(f"learnt beforehand in {time.perf_counter() - started:.0f} s")
    db.engine.dispose()
    return copied_county(settings_of(folder, share).var, scratch / "county")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--share", type=float, default=1)
    given = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        measure(copied(given.folder, given.share, Path(scratch)), given.share)


def measure(settings: Settings, share: float) -> None:
    before = Db.open(settings)
    zone, now = before.county().zone, before.now()
    table = read_worklist(before, SUPERVISOR, now)
    found = compute(rules_of(before), table, now, zone)
    stand = found.standing
    is_ours = (stand["is_open"] & (stand["stage"] == "accepted")).to_numpy()
    ours = pd.DataFrame(
        {"case_id": table.cases["case_id"], "body": stand["owing_body_id"]}
    )[is_ours].sample(frac=1, random_state=1)  # fmt: skip
    cases, events = new_cases(table.cases, round(CASES * share), now)
    wanted = round(STEPS_ONE_BY_ONE * share)
    before.engine.dispose()

    db, shares = Db.open(settings), Shares()
    with shares.step("in: cases with texts, receipts and steps"):
        bulk.take_over(db, OPERATOR, cases, events, source_name="day", with_receipts=True)
    with shares.step("in: steps one by one, each judged"):
        done = steps_of_desks(db, ours, wanted)
    folder = forecast.models_folder(settings.var)
    as_of = forecast.moment(db)
    with shares.step("read, clocks (kept columns and what is new)"):
        live, days_off = forecast.read_table(db, OPERATOR, as_of)
    with shares.step("scored, flags proposed"):
        reread = forecast.read_table
        forecast.read_table = lambda *_: (live, days_off)  # read a line above
        run = forecast.score(db, OPERATOR, folder)
        forecast.read_table = reread
    today = as_of.astimezone(ZoneInfo(zone)).date()
    with shares.step("the day's report made from the record"):
        made = daily.daily(db, SUPERVISOR, today, db.now())
    with shares.step("map, charts and Word"):
        word = report.file(db, SUPERVISOR, made, "docx", "zh", None)
    print(
        f"{len(cases):,} cases and {len(events) + done:,} events in; {run.scored:,} open cases "
        f"scored, {run.flags} flags, learnt anew: {run.trained}; Word of {len(word) >> 10} KB; "
        f"a step by itself {shares.steps[1][2] / max(done, 1) * 1000:.2f} ms of the processor"
    )
    shares.told()
    db.engine.dispose()


if __name__ == "__main__":
    main()
