"""The nights of ten large counties (300,000 cases each), by one worker and by two.

    python benchmarks/many_counties.py --folder var/bench                         # 10, 6 GB
    python benchmarks/many_counties.py --folder var/bench --counties 2 --share 0.05   # smoke

Two different counties are made where they are not there yet (seeds 7 and 8, two minutes each; the
ten are copies of them, each a database of its own) and given the night of two evenings ago, in
which the model is learnt (once a month) and last month published; then each is an extract that
ended yesterday, so that two runs see the same moment. What is measured is the night after it:
`zaojie cycle --counties FILE --workers N`, on copies made beforehand. Printed: wall and processor
time in all, by county and by step, the largest memory of each county's process and its bound,
seconds per 100,000 cases, the ratio of two workers to one, and whether totals, reports, counts of
all steps and every score are the same.

With two workers it needs the cluster part (requirements-cluster.lock).
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from benchmarks.large_county import (  # noqa: E402
    CASES_A_YEAR,
    SEED,
    YEARS,
    copied,
    settings_in,
    settings_of,
)  # fmt: skip
from commands.counties import MOST_MEMORY  # noqa: E402
from data import running  # noqa: E402
from data.db import Db  # noqa: E402
from data.schema import meta, score  # noqa: E402
from data.scope import Scope  # noqa: E402
from service import cycle  # noqa: E402
from settings import Settings  # noqa: E402

OPERATOR = Scope.operator()


def made(folder: Path, share: float, seed: int) -> Path:
    """The folder of one county, its models learnt and its columns kept; made where missing."""
    large = settings_of(folder, share, seed=seed).var
    own = folder / "nights" / large.name
    if not (own / "ready").exists():
        shutil.rmtree(own, ignore_errors=True)
        at = ["--folder", folder, "--share", share, "--seed", seed]
        _run(ROOT / "benchmarks" / "large_county.py", *at)
        copied(large, own)
        _run(__file__, *at, "--first-night")
        (own / "ready").touch()
    return own


def _run(*words: object) -> None:
    subprocess.run([sys.executable, *(str(word) for word in words)], check=True, cwd=ROOT)


def first_night(settings: Settings) -> None:
    """The night in which the model is learnt; afterwards the extract ends a day later."""
    db = Db.open(settings)
    today = db.now().astimezone(dt.UTC).date()
    _ends(db, today - dt.timedelta(days=2))
    night = cycle.run(db, OPERATOR, settings)
    steps = ", ".join(f"{one.step} {one.processor:.1f}" for one in night.steps)
    print(f"first night, s of the processor: {steps}; failed: {night.failed}")
    _ends(db, today - dt.timedelta(days=1))
    db.engine.dispose()


def _ends(db: Db, day: dt.date) -> None:
    with db.write() as conn:
        conn.execute(meta.delete().where(meta.c.key == "ends_on"))
        conn.execute(meta.insert().values(key="ends_on", value=day.isoformat()))


def left_by(settings: Settings) -> str:
    """A hash over what the night left: reports, counts of its steps, every score."""
    said = hashlib.sha256()
    for file in sorted((settings.var / "reports").glob("*.json")):
        facts = json.loads(file.read_bytes())
        facts.pop("made_at", None)
        said.update(json.dumps(facts, sort_keys=True).encode())
    db = Db.open(settings)
    day = cycle.usual_day(db)
    for line in running.steps(db, OPERATOR, day, day):
        if line.event == "done":
            said.update(repr((line.step, sorted(line.counts.items()))).encode())
    query = sa.select(score.c.case_id, score.c.probability).order_by(score.c.case_id, score.c.id)
    with db.read() as conn:
        said.update(repr(conn.execute(query).all()).encode())
    db.engine.dispose()
    return said.hexdigest()


def nights(counties: list[Path], workers: int, folder: Path) -> tuple[float, list[str]]:
    """One run of the command on copies: its seconds on the wall, and the hashes of what it left."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        own = [copied(one, Path(scratch) / f"{at}-{one.name}") for at, one in enumerate(counties)]
        listed = Path(scratch) / "counties.toml"
        listed.write_text(
            "".join(
                f'[[county]]\nname = "{one.var.name}"\ndatabase = "{one.database}"\n'
                f'keys = "{one.keys}"\nvar = "{one.var}"\n'
                for one in own
            ),
            "utf-8",
        )
        out = Path(scratch) / "totals"
        command = [sys.executable, "-m", "cli", "cycle", "--counties", str(listed),
                   "--workers", str(workers), "--out", str(out)]  # fmt: skip
        load = os.getloadavg()[0]
        started, used = time.perf_counter(), _children()
        subprocess.run(command, cwd=ROOT, check=True)
        wall, processor = time.perf_counter() - started, _children() - used
        print(f"{workers} worker(s): {wall:.1f} s on the wall, {processor:.1f} s of the processor, "
              f"load average {load:.1f} before and {os.getloadavg()[0]:.1f} after")  # fmt: skip
        totals = hashlib.sha256((out / "counties.json").read_bytes()).hexdigest()
        return wall, [totals, *(left_by(one) for one in own)]


def _children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main() -> None:
    """Make what is missing, measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--counties", type=int, default=10)
    parser.add_argument("--different", type=int, default=2, help="of them; the others are copies")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--first-night", action="store_true", help="of one county, by itself")
    given = parser.parse_args()
    folder = given.folder.resolve()
    if given.first_night:
        name = settings_of(folder, given.share, seed=given.seed).var.name
        first_night(settings_in(folder / "nights" / name))
        return
    different = [made(folder, given.share, SEED + at) for at in range(given.different)]
    counties = [different[at % len(different)] for at in range(given.counties)]
    cases = round(CASES_A_YEAR * YEARS * given.share) * len(counties)
    print(f"{len(counties)} counties, about {cases:,} cases; a worker's bound: {MOST_MEMORY}")
    found = {workers: nights(counties, workers, folder) for workers in given.workers}
    for workers, (wall, _) in found.items():
        print(f"{workers} worker(s): {wall / cases * 100_000:.2f} s per 100,000 cases")
    walls = {workers: wall for workers, (wall, _) in found.items()}
    if {1, 2} <= set(walls):
        print(f"two workers take {walls[2] / walls[1]:.2f} of the time of one")
    print(f"all the same: {len({tuple(left) for _, left in found.values()}) == 1}")


if __name__ == "__main__":
    main()
