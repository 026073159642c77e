"""8 processes register 1,000 uploads each at once, and 50 processes are killed on the way.

Nothing may be lost or doubled, no case may be half; also says how many uploads a second there were.
The tests run the same in small (tests/intake/test_never_lost.py).

    python benchmarks/never_lost.py                          # SQLite, 8 x 1,000
    python benchmarks/never_lost.py --uploads 100
    python benchmarks/never_lost.py --database postgresql://… # an empty database of PostgreSQL
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from data.db import County, Db, make_engine, migrate, set_up  # noqa: E402
from data.keys import Keys  # noqa: E402
from data.places import save_offices  # noqa: E402
from data.scope import Scope  # noqa: E402
from tests.intake.uploader import Uploaders, acknowledged, halves, parts_by_case  # noqa: E402

COUNTY = County("real", "试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)
SHARED = 100


def county(url: str, keys: Path) -> Db:
    """An empty county of one township with its office and one bureau."""
    db = Db(make_engine(url), Keys.fresh())
    migrate(db.engine)
    db.keys.save(keys)
    set_up(db, COUNTY)
    bodies = pd.DataFrame(
        [
            ("b01", "人社局", "Labour Bureau", "department", None, None),
            ("t01", "东镇", "East Town office", "township_office", "990000001000", None),
        ],
        columns=["body_id", "name_zh", "name_en", "kind", "township_code", "reviewed_by"],
    ).astype("str")
    townships = pd.DataFrame(
        {
            "township_code": ["990000001000"], "name_zh": ["东镇"], "name_en": ["East Town"],
            "valid_from": pd.to_datetime(["2020-01-01"]).as_unit("ns"),
            "valid_to": pd.Series([pd.NaT], dtype="datetime64[ns]"),
        }
    )  # fmt: skip
    save_offices(db, Scope.operator(), bodies.where(bodies.notna()), townships)
    return db


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--database", default="")
    asked.add_argument("--processes", type=int, default=8)
    asked.add_argument("--uploads", type=int, default=1000)
    asked.add_argument("--kills", type=int, default=50)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = given.database or f"sqlite:///{folder / 'bench.db'}"
        db = county(url, folder / "keys.json")
        uploaders = Uploaders(url, folder / "keys.json")
        wrong = at_once(db, uploaders, folder, given.processes, given.uploads)
        wrong += killed(db, uploaders, folder, given.kills)
        uploaders.end()
        db.engine.dispose()
    return 1 if wrong else 0


def at_once(db: Db, uploaders: Uploaders, folder: Path, processes: int, uploads: int) -> int:
    """Many at once; the number of things that went wrong."""
    files = [folder / f"acks-{n}" for n in range(processes)]
    begun = time.perf_counter()
    for n, acks in enumerate(files):
        uploaders.start(worker=f"w{n}", uploads=uploads, batch=1, shared=SHARED, acks=acks)
    uploaders.wait()
    took = time.perf_counter() - begun
    told = [one for acks in files for one in acknowledged(acks)]
    sent = processes * (uploads + SHARED)
    expected = processes * uploads + SHARED
    stored, half = parts_by_case(db), halves(db)
    lost = len({one.case_id for one in told} - set(stored)) + sent - len(told)
    doubled = len(stored) - expected
    print(
        f"{db.engine.dialect.name}: {processes} processes, {sent:,} uploads of {expected:,} cases "
        f"in {took:.1f} s ({sent / took:.0f} a second): "
        f"{lost} lost, {doubled} doubled, {len(half)} half"
    )
    return lost + abs(doubled) + len(half)


def killed(db: Db, uploaders: Uploaders, folder: Path, kills: int) -> int:
    """Killed at random moments; the number of things that went wrong."""
    moments = random.Random(9)
    told = []
    for number in range(kills):
        acks = folder / f"killed-{number}"
        worker = uploaders.start(worker=f"k{number}", uploads=10_000, batch=3, shared=0, acks=acks)
        wanted, until = moments.choice((0, 1, 2, 5)), time.monotonic() + 60
        while len(acknowledged(acks)) < wanted * 3 and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(moments.uniform(0, 0.05))
        os.kill(worker, signal.SIGKILL)
        told += acknowledged(acks)
    uploaders.wait()
    stored, half = parts_by_case(db), halves(db)
    lost = len({one.case_id for one in told} - set(stored))
    print(
        f"{db.engine.dialect.name}: {kills} uploads killed, {len(told)} rows acknowledged before: "
        f"{lost} lost, {len(half)} half"
    )
    return lost + len(half)


if __name__ == "__main__":
    sys.exit(main())
