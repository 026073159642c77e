"""`zaojie backtest`: how well late answers of a case table could have been foreseen.

The contract of files and figures is DESIGN.md §7.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data.errors import DataError

from . import models, record
from .case_table import CaseList, read
from .features import features
from .levels import DEFAULT_CAPACITY
from .metrics import Outcomes, WeekSamples, brier, figures, log_score_gain
from .moments import DAY
from .serving import BASELINES, LEAST_FINISHED, LEAST_LATE, MODELS, Choice, Earlier
from .snapshots import CHECKPOINTS, Fold, fold_numbers, folds, seconds, snapshots

SEED = 20260101
Progress = Callable[[str, int, int], None]
"""Called with the catalogue key of a step (`risk.progress.<step>`), how many are done, of all."""


def run(
    cases_path: str | Path,
    out_path: str | Path,
    capacity: int | None = None,
    extract_end: str | None = None,
    predictions_path: str | Path | None = None,
    progress: Progress | None = None,
) -> dict[str, object]:
    """Reads a case table, backtests it and writes the result files.

    Args:
        cases_path: CSV or CSV.gz of DESIGN.md §7.
        out_path: where `result.json` is written.
        capacity: cases a day that can be pushed, >= 1; None = 10.
        extract_end: local ISO time after which the table knows nothing; None = from the table.
        predictions_path: where the served forecast of every test row is written, if wanted.
        progress: see `Progress`.

    Returns:
        What `result.json` holds.

    Raises:
        DataError: the table cannot be read or cannot be backtested, with what to do.
    """
    if capacity is not None and capacity < 1:
        raise DataError("risk.backtest.capacity", [], value=capacity)
    tell = progress or (lambda step, done, total: None)
    tell("risk.progress.read", 0, 1)
    table = read(cases_path, extract_end)
    result, predictions = backtest(
        table, capacity or DEFAULT_CAPACITY, tell, name=Path(cases_path).name
    )
    try:
        Path(out_path).write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
        if predictions_path is not None:
            predictions.to_csv(predictions_path, index=False)
    except OSError as err:
        raise DataError("risk.backtest.not_written", [], reason=str(err)) from err
    tell("risk.progress.write", 1, 1)
    return result


def backtest(
    table: CaseList,
    capacity: int = DEFAULT_CAPACITY,
    progress: Progress | None = None,
    name: str = "table",
    days_off: np.ndarray | None = None,
) -> tuple[dict[str, object], pd.DataFrame]:
    """The rolling backtest of a case table.

    Returns:
        (result, predictions): the content of `result.json`, and one row per test row with
        `case_id`, `checkpoint`, `at`, `probability`, `fold`.

    Raises:
        DataError: no test row, or test rows all late or all on time without anything to learn.
    """
    board = forecasts(table, progress, name, days_off)
    if progress is not None:
        progress("risk.progress.figures", 0, 1)
    return board.result(table, capacity), board.predictions(table)


def forecasts(
    table: CaseList,
    progress: Progress | None = None,
    name: str = "table",
    days_off: np.ndarray | None = None,
    steps: pd.DataFrame | None = None,
    parts: list[Fold] | None = None,
) -> Board:
    """Every forecast of every fold, each made from what was known at the fold's start.

    Args:
        steps: as `features.features` takes them. parts: folds, in order of time, those to be
            tested numbered from 1; None = `snapshots.folds`.

    Raises:
        DataError: as `backtest`.
    """
    tell = progress or (lambda step, done, total: None)
    board = Board.of(table, name, days_off, steps, parts)
    for done, part in enumerate(board.parts):
        tell("risk.progress.fold", done, len(board.parts))
        board.forecast(part)
    return board


@dataclass
class Board:
    """Everything computed once for all rows, and the forecasts as they are made."""

    cases: pd.DataFrame
    rows: pd.DataFrame
    x: pd.DataFrame
    parts: list[Fold]
    earlier: Earlier
    records: dict[str, record.OfficeRecord]
    quarters: models.Quarters
    choices: dict[int, Choice]
    served: np.ndarray

    @classmethod
    def of(
        cls,
        table: CaseList,
        name: str,
        days_off: np.ndarray | None,
        steps: pd.DataFrame | None,
        parts: list[Fold] | None,
    ) -> Board:
        cases = table.cases
        rows = snapshots(cases, table.extract_end)
        if not rows["is_scorable"].any():
            raise DataError("risk.backtest.no_limits", [], name=name)
        parts = folds(cases) if parts is None else parts
        rows["fold"] = fold_numbers(cases, parts)[rows["case"]]
        is_test = rows["is_scorable"] & (rows["fold"] >= 1)
        if not is_test.any():
            raise DataError(
                "risk.backtest.no_test_rows",
                [],
                name=name,
                start=f"{next(p.start for p in parts if p.number == 1):%Y-%m-%d}",
                end=f"{table.extract_end:%Y-%m-%d %H:%M}",
            )
        # rows in order of their moment: "the latest rows" are the last ones
        rows = rows.sort_values("at", kind="stable", ignore_index=True)
        case = rows["case"].to_numpy()
        opened = seconds(cases["opened_at"])[case]
        earlier = Earlier(
            late=rows["late"].to_numpy(),
            due=np.where(
                rows["is_scorable"], seconds(cases["due_at"])[case], np.iinfo("int64").max
            ),
            week=(opened // DAY + 3) // 7,
            fold=rows["fold"].to_numpy(),
        )
        return cls(
            cases=cases,
            rows=rows,
            x=features(cases, rows, steps, days_off),
            parts=parts,
            earlier=earlier,
            records={
                label: record.OfficeRecord(cases, rows, days)
                for label, days in record.RECORD_DAYS.items()
            },
            quarters=models.Quarters(cases, rows),
            choices={},
            served=np.full(len(rows), np.nan),
        )

    def forecast(self, part: Fold) -> None:
        """Makes every forecast of one fold from what was known at its start."""
        now = int(seconds(pd.Series([part.start]))[0])
        earlier, rows = self.earlier, self.rows
        mine = np.flatnonzero(rows["is_scorable"] & (rows["fold"] == part.number))
        train = np.flatnonzero(earlier.due <= now)
        late, stage = earlier.late, rows["stage"].to_numpy()
        self.choices[part.number] = choice = earlier.choose(now, SEED)
        if not len(mine):
            return
        earlier.add_baseline("base_rate", mine, record.base_rate(stage, late, train)[mine])
        for name, own in self.records.items():
            earlier.add_baseline(name, mine, own.fit(train, late)[mine])
        curve = record.kaplan_meier(self.cases, rows.iloc[mine], part.start)
        earlier.add_baseline("kaplan_meier", mine, curve)
        finished = train[stage[train] == 0]
        can_learn = len(finished) >= LEAST_FINISHED and late[finished].sum() >= LEAST_LATE
        newest = late[train[-models.MAX_TRAINING_ROWS :]]
        if can_learn and newest.any() and not newest.all():
            self._forecast_by_models(mine, train, now, choice.baseline)
        self.served[mine] = earlier.forecasts[self._served_name(part.number)][mine]

    def _forecast_by_models(
        self, mine: np.ndarray, train: np.ndarray, now: int, baseline: str
    ) -> None:
        earlier, stage = self.earlier, self.rows["stage"].to_numpy()
        x, late, asked = self.x, earlier.late, self.x.iloc[mine]
        direct, hazard, logistic = models.side_by_side(
            lambda: models.predict_direct(models.fit_direct(x, late, train, SEED), asked),
            lambda: models.predict_hazard(
                models.fit_hazard(x, self.quarters, now, SEED), asked, stage[mine]
            ),
            lambda: models.predict_logistic(
                models.fit_logistic(x, stage, late, train), asked, stage[mine]
            ),
        )
        raw = {
            "logistic": logistic,
            "direct": direct,
            "hazard": hazard,
            "direct_hazard_mean": models.average(direct, hazard),
        }
        for name, probability in raw.items():
            earlier.add_model(name, mine, probability, now)
        earlier.add_blend(mine, baseline)

    def _served_name(self, number: int) -> str:
        """The forecast a fold serves; the baseline where the chosen model could not be fitted."""
        choice = self.choices[number]
        mine = self.earlier.fold == number
        mine &= self.rows["is_scorable"].to_numpy()
        there = ~np.isnan(self.earlier.forecasts[choice.name][mine])
        return choice.name if there.all() else choice.baseline

    def test_rows(self) -> np.ndarray:
        """Row numbers of the test, sorted by case then checkpoint."""
        rows = self.rows
        test = np.flatnonzero(rows["is_scorable"] & (rows["fold"] >= 1))
        return test[np.lexsort((rows["stage"].to_numpy()[test], rows["case"].to_numpy()[test]))]

    def predictions(self, table: CaseList) -> pd.DataFrame:
        rows = self.rows.iloc[self.test_rows()]
        return pd.DataFrame(
            {
                "case_id": table.cases["case_id"].to_numpy()[rows["case"]],
                "checkpoint": np.array(CHECKPOINTS)[rows["stage"]],
                "at": rows["at"].dt.strftime("%Y-%m-%dT%H:%M:%S").to_numpy(),
                "probability": self.served[self.test_rows()],
                "fold": rows["fold"].to_numpy(),
            }
        )

    def result(self, table: CaseList, capacity: int) -> dict[str, object]:
        """The content of `result.json`."""
        test = self.test_rows()
        late = self.earlier.late[test]
        forecasts = self._complete(test)
        forecasts["served"] = self.served[test]
        best = min(BASELINES, key=lambda name: brier(late, forecasts[name]))
        day = seconds(self.rows["at"])[test] // DAY
        outcomes = Outcomes(late, day, self.earlier.week[test], capacity)
        samples = WeekSamples(outcomes.week, SEED)
        by_checkpoint: dict[str, object] = {}
        stage = self.rows["stage"].to_numpy()[test]
        for number, share in enumerate(CHECKPOINTS):
            mask = stage == number
            if not mask.any():
                continue
            part = outcomes.part(mask)
            by_checkpoint[f"{share:g}"] = {
                "rows": int(mask.sum()),
                "late": int(part.late.sum()),
                "late_share": float(part.late.mean()),
                "models": {
                    name: figures(part, p[mask], forecasts[best][mask], samples, mask)
                    for name, p in forecasts.items()
                },
            }
        gain, spread = log_score_gain(late, forecasts["served"], forecasts[best], samples)
        used = self._served_counts(test)
        main = max(used, key=lambda name: used[name])
        now = self.earlier.choose(int(seconds(pd.Series([table.extract_end]))[0]), SEED)
        return {
            "rows": len(test),
            "late": int(late.sum()),
            "late_share": float(late.mean()),
            "chosen": main,
            "served": "model" if main in MODELS else main,
            "models": {
                name: figures(outcomes, p, forecasts[best], samples)
                for name, p in forecasts.items()
            },
            "by_checkpoint": by_checkpoint,
            "folds": self._folds(),
            "difference_to_best_baseline": {
                "metric": "log_score",
                "baseline": best,
                "value": gain,
                "interval95": spread,
            },
            "best_record": best,
            "next_choice": asdict(now),
            "cases": int(np.unique(self.rows["case"].to_numpy()[test]).size),
            "capacity": capacity,
            "extract_end": table.extract_end.isoformat(),
            "left_out": table.left_out,
            "without_limit": int(table.cases["due_at"].isna().sum()),
            "seed": SEED,
        }

    def _complete(self, test: np.ndarray) -> dict[str, np.ndarray]:
        """Every forecast that was made, on all test rows: where a fold had too little to fit a
        model on, its baseline stands in, as it would in service."""
        earlier = self.earlier
        baseline = np.full(len(earlier.late), np.nan)
        for number, choice in self.choices.items():
            mine = earlier.fold == number
            baseline[mine] = earlier.forecasts[choice.baseline][mine]
        return {
            name: np.where(np.isnan(p[test]), baseline[test], p[test])
            for name, p in earlier.forecasts.items()
            if not np.isnan(p[test]).all()
        }

    def _served_counts(self, test: np.ndarray) -> dict[str, int]:
        counts: dict[str, int] = {}
        fold = self.earlier.fold[test]
        for number in np.unique(fold):
            name = self._served_name(int(number))
            counts[name] = counts.get(name, 0) + int((fold == number).sum())
        return counts

    def _folds(self) -> list[dict[str, object]]:
        result: list[dict[str, object]] = []
        scorable = self.rows["is_scorable"].to_numpy()
        for part in self.parts:
            mine = np.flatnonzero(scorable & (self.earlier.fold == part.number))
            choice = self.choices[part.number]
            result.append(
                {
                    "fold": part.number,
                    "is_test": part.number >= 1,
                    "start": part.start.isoformat(),
                    "end": part.end.isoformat(),
                    "rows": len(mine),
                    "late": int(self.earlier.late[mine].sum()),
                    "served": self._served_name(part.number) if len(mine) else None,
                    "best_baseline_so_far": choice.baseline,
                    "best_model_so_far": choice.model,
                    "gain_so_far": choice.gain,
                    "gain_interval95": choice.interval95,
                    "rows_judged": choice.rows,
                }
            )
        return result
