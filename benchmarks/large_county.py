"""The large county of DESIGN.md §6, made up: 3,000 grids, 30 townships, 100,000 cases a year, three
years. Made once into a folder and used again by the benchmarks that need one.

    python benchmarks/large_county.py --folder var/bench                # some minutes, 1.5 GB
    python benchmarks/large_county.py --folder var/bench --share 0.1    # a tenth of it
    python benchmarks/large_county.py --folder var/bench --database postgresql://…
    python benchmarks/large_county.py --folder var/bench --seed 8       # another one of that size
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from data import column_files  # noqa: E402
from data.db import Db  # noqa: E402
from data.schema import case_event, case_version, meta  # noqa: E402
from service.demo import make_demo  # noqa: E402
from settings import Settings  # noqa: E402

GRIDS, TOWNSHIPS, CASES_A_YEAR, YEARS = 3_000, 30, 100_000, 3
SEED = 7


def settings_of(
    folder: Path, share: float = 1, database: str | None = None, seed: int = SEED
) -> Settings:
    """Where the large county lies; `database` = a PostgreSQL URL instead of a file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"large-{round(CASES_A_YEAR * share)}" + (f"-{seed}" if seed != SEED else "")
    own = folder / name
    own.mkdir(exist_ok=True)
    url = database or f"sqlite:///{own / 'county.db'}"
    return Settings(database=url, keys=own / "keys.json", var=own)


def large_county(
    folder: Path,
    share: float = 1,
    database: str | None = None,
    seed: int = SEED,
    until: dt.datetime | None = None,
) -> Db:
    """The county, made where it is not there yet; `share`: of its usual size; until: its last
    moment, None = now."""
    db = Db.open(settings_of(folder, share, database, seed))
    with db.read() as conn:
        if conn.execute(sa.select(meta.c.key).where(meta.c.key == "kind")).first():
            return db
    started = time.perf_counter()
    make_demo(
        replace(db, now=lambda: until) if until else db, grids=max(60, round(GRIDS * share)),
        townships=max(4, round(TOWNSHIPS * share)), cases_per_year=round(CASES_A_YEAR * share),
        years=YEARS, seed=seed,
    )  # fmt: skip
    print(f"made in {time.perf_counter() - started:.0f} s")
    return db


def settings_in(folder: Path) -> Settings:
    """Of a county that lies in a folder."""
    return Settings(f"sqlite:///{folder / 'county.db'}", folder / "keys.json", var=folder)


def copied(county: Path, to: Path) -> Settings:
    """A county under another address, with what is kept beside it."""
    shutil.copytree(county, to)
    settings = settings_in(to)
    db = Db.open(settings)
    kept = column_files.folder_of(db)
    for was in (to / "columns").glob("*"):  # one database's, or none of a small record
        was.rename(kept or was)
    db.engine.dispose()
    return settings


def main() -> None:
    """Make it and say how large it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--database")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    db = large_county(given.folder, given.share, given.database, given.seed)
    with db.read() as conn:
        for table in (case_version, case_event):
            count = conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            print(f"{table.name}: {count:,}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"largest in memory: {peak:.1f} GB")
    db.engine.dispose()


if __name__ == "__main__":
    main()
