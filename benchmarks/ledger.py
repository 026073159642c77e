"""How long a page of the ledger takes, against computing the whole work list anew; same run.

A made-up record is taken over into a database of its own (`data.bulk.take_over`) and read as the
supervisor reads it: cold, again, after one new step, and cut, ordered and shown as a page.

    python benchmarks/ledger.py                    # 200,000 cases with 8 steps each
    python benchmarks/ledger.py --cases 20000      # a smaller run
    python benchmarks/ledger.py --folder var/bench # keep the database and use it again

Limit asked for (DESIGN.md §6): a page of 200,000 cases in under 1 s.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from data import bulk, record, steering  # noqa: E402
from data.db import County, Db, set_up  # noqa: E402
from data.history import NewEvent  # noqa: E402
from data.places import save_offices  # noqa: E402
from data.scope import Scope  # noqa: E402
from service import ledger as served  # noqa: E402
from settings import Settings  # noqa: E402
from ui.guard import Viewer  # noqa: E402
from ui.ledger import PAGE, Choice, Table  # noqa: E402

NOW = dt.datetime(2026, 3, 5, 2, 0, tzinfo=dt.UTC)
COUNTY = County("demo", "试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)
SUPERVISOR = Scope(who="super", role="supervisor")
STEPS = (
    "registered", "transferred", "accepted", "notified", "contacted", "answered", "delivered",
    "confirmed",
)  # fmt: skip
BODIES = 40


def made_up(size: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cases of three years and eight steps each; a tenth is not answered yet."""
    random = np.random.default_rng(1)
    opened = pd.Timestamp(NOW) - pd.to_timedelta(random.integers(1, 1000, size) * 86_400, unit="s")
    opened = pd.Series(opened).dt.as_unit("us")
    cases = pd.DataFrame(
        {
            "opened_at": opened, "known_at": opened,
            "township_code": "990000001000", "grid_code": None, "domain": "labour",
            "category": random.choice(["unpaid_wages", "pension_claims", "heating"], size),
            "kind": "redress", "channel": "hotline", "amount_band": None, "procedure": "ordinary",
            "body_id": [f"b{n:02d}" for n in random.integers(0, BODIES, size)], "desk": "t01",
            "limit_at": pd.Series(pd.NaT, index=range(size), dtype="datetime64[us, UTC]"),
            "needs_confirmation": False,
        }
    )  # fmt: skip
    day = np.array([0, 2, 5, 6, 20, 45, 47, 48]) + 0.01
    answered = random.random(size) > 0.1
    case = np.repeat(np.arange(size), len(STEPS))
    event = np.tile(STEPS, size)
    event = np.where(
        np.repeat(~answered, len(STEPS)) & np.isin(event, STEPS[5:]), "contacted", event
    )
    after = pd.to_timedelta(np.tile(day, size) * 86_400, unit="s")
    at = (opened.iloc[case].reset_index(drop=True) + after).dt.as_unit("us")
    events = pd.DataFrame(
        {
            "case": case, "event": event, "occurred_at": at, "known_at": at,
            "actor": np.where(event == "confirmed", "asker", "office"), "body_id": "t01",
            "to_body_id": np.where(event == "transferred", cases["body_id"].to_numpy()[case], None),
            "days": pd.array([pd.NA] * len(case), dtype="Int16"), "code": None,
        }
    )  # fmt: skip
    return cases, events[events["occurred_at"] < pd.Timestamp(NOW)]


def filled(folder: Path, size: int) -> Db:
    """The database of this size, made where it is not there yet."""
    path = folder / f"ledger-{size}.db"
    is_there = path.exists()
    settings = Settings(database=f"sqlite:///{path}", keys=folder / f"ledger-{size}.json")
    db = Db.open(settings)
    if is_there:
        return db
    set_up(db, COUNTY)
    ids = [f"b{n:02d}" for n in range(BODIES)]
    bodies = pd.DataFrame(
        {"body_id": [*ids, "t01"], "name_zh": [*ids, "东镇"], "name_en": [*ids, "East"],
         "kind": ["department"] * BODIES + ["township_office"],
         "township_code": [None] * BODIES + ["990000001000"], "reviewed_by": None}
    )  # fmt: skip
    townships = pd.DataFrame(
        {"township_code": ["990000001000"], "name_zh": ["东镇"], "name_en": ["East Town"],
         "valid_from": pd.to_datetime(["2020-01-01"]), "valid_to": pd.to_datetime([None])}
    )  # fmt: skip
    save_offices(db, Scope.operator(), bodies, townships)
    categories = (ROOT / "data" / "config" / "categories_cn.toml").read_text("utf-8")
    steering.save_file(db, Scope.operator(), "categories.toml", categories)
    started = time.perf_counter()
    bulk.take_over(db, Scope.operator(), *made_up(size), source_name="benchmark")
    print(f"taken over in {time.perf_counter() - started:.0f} s")
    return db


def timed(what: str, work: Callable[[], object], baseline: float | None = None) -> float:
    """Do it, say how long it took and what share of the baseline that is."""
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    share = "" if baseline is None else f"   1/{baseline / seconds:,.0f} of computing anew"
    print(f"{what:34s} {seconds:8.3f} s{share}")
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        db = filled(folder, given.cases)
        now = max(db.now(), NOW)
        whole = timed("computed anew", lambda: served.from_scratch(db, SUPERVISOR, now))
        timed("kept: first read of a day", lambda: served.ledger(db, SUPERVISOR, now), whole)
        timed("kept: read again", lambda: served.ledger(db, SUPERVISOR, now), whole)
        found = served.ledger(db, SUPERVISOR, now)
        is_open = found.standing["is_open"].to_numpy()
        case_id, body = found.cases["case_id"][is_open].iloc[0], found.standing["next_body_id"]
        owner = str(body[is_open].iloc[0])
        clerk = Scope("clerk", "department_clerk", bodies=frozenset({owner}), desk=owner)
        record.add_event(db, clerk, str(case_id), NewEvent("contacted"), lambda *_: None)
        later = db.now()
        timed("kept: after one new step", lambda: served.ledger(db, SUPERVISOR, later), whole)
        viewer = Viewer(SUPERVISOR, "super", "zh", COUNTY, later, later)

        def page() -> None:
            table = Table(viewer, served.ledger(db, SUPERVISOR, later))
            for name in table.masks:
                table.count(name)
            rows = table.chosen(Choice(show="owed"))
            table.stand.iloc[rows[:PAGE]]

        timed("a page: read, counted, ordered", page, whole)
        db.engine.dispose()


if __name__ == "__main__":
    main()
