"""How near the forecast comes to the demo county's own true probability, the ceiling.

Usage: python -m benchmarks.ceiling [database URL] [truth file] [--full]

Both as `zaojie demo` makes them (default: var/demo.db, var/demo_truth.parquet; where they are not
there, a small county is made up). Without --full the last months are tested, as `zaojie score`
does; with it the whole backtest runs. The model knows the record only; the truth knows the line of
work, absences and paces that nobody sees, so the whole way cannot be gone.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from data.db import Db
from data.reading import read_for_scoring
from data.scope import Scope
from risk.backtest import forecasts
from risk.case_table import CaseList
from risk.check import short_parts
from risk.live import recent
from risk.metrics import WeekSamples, interval
from risk.snapshots import CHECKPOINTS
from service.demo import make_demo
from service.forecast import local_moment, moment, read_table
from settings import Settings


def main(words: list[str]) -> None:
    """Prints the Brier score of record, model and truth, and the share of the way."""
    is_full = "--full" in words
    named = [word for word in words if not word.startswith("--")]
    settings = Settings.from_env()
    url = named[0] if named else "sqlite:///var/demo.db"
    truth_path = Path(named[1]) if len(named) > 1 else settings.var / "demo_truth.parquet"
    if named or (truth_path.is_file() and Path("var/demo.db").is_file()):
        tell(Db.open(dataclasses.replace(settings, database=url)), truth_path, is_full)
        return
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        small = Settings(database=f"sqlite:///{at}/demo.db", keys=at / "keys.json", var=at)
        db = Db.open(small)
        make_demo(db, grids=60, townships=5, cases_per_year=3000, truth_path=at / "truth.parquet")
        tell(db, at / "truth.parquet", is_full)
        db.engine.dispose()


def tell(db: Db, truth_path: Path, is_full: bool) -> None:
    """Tests the forecasts and holds them against the truth."""
    scope, as_of = Scope.operator(), moment(db)
    now = local_moment(db, as_of)
    live, days_off = read_table(db, scope, as_of)
    # rows of the record come in order of registration, as the truth counts them
    ids = pd.Index(read_for_scoring(db, scope, as_of).cases["case_id"])
    live = live if is_full else recent(live, now)
    table = CaseList(live.cases, now, live.left_out)
    parts = None if is_full else short_parts(table)
    board = forecasts(table, None, "demo", days_off, live.steps, parts)
    test = board.test_rows()
    rows = board.rows.iloc[test]
    result = board.result(table, 10)
    model = "served" if is_full else str(result["next_choice"]["name"])  # type: ignore[index]
    record = str(result["best_record"])
    frame = pd.DataFrame(
        {
            "case": ids.get_indexer(live.cases["case_id"].to_numpy()[rows["case"]]),
            "checkpoint": np.array(CHECKPOINTS)[rows["stage"]],
            "late": rows["late"].to_numpy(),
            "week": board.earlier.week[test],
            "model": (board.served if is_full else board.earlier.forecasts[model])[test],
            "record": board.earlier.forecasts[record][test],
        }
    )
    truth = pd.read_parquet(truth_path)[["case", "checkpoint", "probability"]]
    frame = frame.merge(truth, on=["case", "checkpoint"], validate="1:1")
    late = frame["late"].to_numpy("float64")
    squares = {
        name: (frame[name].to_numpy() - late) ** 2 for name in ("record", "model", "probability")
    }
    samples = WeekSamples(frame["week"].to_numpy(), 1)
    sums = {name: samples.sums(value) for name, value in squares.items()}
    reach = sums["record"] - sums["probability"]
    print(f"{len(frame):,} of {len(test):,} test rows have a truth; {late.mean():.1%} late")
    labels = (("record", record), ("model", model), ("probability", "the truth"))
    for name, label in labels:
        skill = 1 - squares[name].sum() / squares["record"].sum()
        low, high = interval(1 - sums[name] / sums["record"]) or [np.nan, np.nan]
        print(
            f"{label:>20}  Brier {squares[name].mean():.4f}  "
            f"skill against the record {skill:+.3f} [{low:+.3f}, {high:+.3f}]"
        )
    way = (squares["record"] - squares["model"]).sum() / (
        squares["record"] - squares["probability"]
    ).sum()
    low, high = interval((sums["record"] - sums["model"]) / reach) or [np.nan, np.nan]
    print(f"share of the way from the record to the truth: {way:.0%} [{low:.0%}, {high:.0%}]")


if __name__ == "__main__":
    main(sys.argv[1:])
