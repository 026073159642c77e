"""The backtest as a whole: the file contract, what is served, and tables of every kind."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.errors import DataError
from risk import backtest
from risk.case_table import clean
from risk.metrics import brier
from risk.record import log_losses
from risk.serving import BASELINES, MODELS
from tests.risk.tables import START, case_table, local
from wording import has


def by_body(rng: np.random.Generator, frame: pd.DataFrame) -> np.ndarray:
    """Lateness that swings with time and weekday, which the record cannot follow."""
    swing = np.sin(frame["day"] / 18 + frame["body"] * 2) * 2.4
    return 1 / (1 + np.exp(0.6 - swing - 1.2 * (frame["day"] % 7 > 5)))


@pytest.fixture(scope="module")
def won(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, pd.DataFrame, pd.DataFrame]:
    """(result, predictions, table) of a backtest through files."""
    home = tmp_path_factory.mktemp("won")
    table = case_table(2600, 450, by_body, seed=4, bodies=2, categories=2)
    table.to_csv(home / "cases.csv", index=False)
    steps: list[tuple[str, int, int]] = []
    backtest.run(
        home / "cases.csv",
        home / "result.json",
        capacity=5,
        predictions_path=home / "predictions.csv",
        progress=lambda *step: steps.append(step),
    )
    assert {step[0] for step in steps} >= {"risk.progress.read", "risk.progress.fold"}
    assert all(has(step[0], "zh") and has(step[0], "en") for step in steps)
    result = json.loads((home / "result.json").read_text("utf-8"))
    return result, pd.read_csv(home / "predictions.csv"), table


def test_the_result_file_keeps_the_contract(won: tuple) -> None:
    result = won[0]
    assert {
        "rows", "late", "late_share", "chosen", "served", "models", "by_checkpoint", "folds",
        "difference_to_best_baseline",
    } <= set(result)  # fmt: skip
    assert set(BASELINES) | {"served"} <= set(result["models"])
    for made in result["models"].values():
        assert set(made["interval95"]) == set(made) - {"interval95"}
    assert set(made) == {
        "average_precision", "brier", "log_score", "brier_skill_vs_best_record",
        "recall_at_capacity", "ece", "interval95",
    }  # fmt: skip
    assert sum(fold["is_test"] for fold in result["folds"]) >= 6
    assert sum(not fold["is_test"] for fold in result["folds"]) >= 3
    assert set(result["difference_to_best_baseline"]) >= {"metric", "value", "interval95"}
    assert list(result["by_checkpoint"]) == ["0", "0.25", "0.5", "0.75"]


def test_anybody_can_score_the_predictions_again(won: tuple) -> None:
    result, predictions, table = won
    assert len(predictions) == result["rows"]
    cases = table.set_index("case_id").loc[predictions["case_id"]]
    closed = pd.to_datetime(cases["closed_at"].replace("", None))
    late = (closed.isna() | (closed > pd.to_datetime(cases["due_at"]))).to_numpy()
    assert int(late.sum()) == result["late"]
    p = predictions["probability"].to_numpy()
    assert brier(late, p) == pytest.approx(result["models"]["served"]["brier"])
    assert log_losses(late, p).mean() == pytest.approx(result["models"]["served"]["log_score"])


def test_a_model_that_is_clearly_better_is_served(won: tuple) -> None:
    result = won[0]
    assert result["served"] == "model"
    assert result["chosen"] in MODELS
    assert result["difference_to_best_baseline"]["interval95"][0] > 0


def test_pure_chance_is_served_by_a_baseline_in_every_fold() -> None:
    table = case_table(1200, 400, lambda rng, frame: np.full(len(frame), 0.25), seed=1)
    result, _ = backtest.backtest(clean(table))
    assert result["served"] in BASELINES
    assert {fold["served"] for fold in result["folds"]} <= set(BASELINES)


def test_too_few_finished_cases_are_served_by_the_record() -> None:
    table = case_table(400, 700, by_body, seed=2)
    result, predictions = backtest.backtest(clean(table))
    assert result["served"] in BASELINES
    assert not set(MODELS) & set(result["models"]), "no model was fitted"
    assert predictions["probability"].between(0, 1).all()


def test_what_happens_after_a_moment_moves_no_forecast_made_before_it() -> None:
    table = case_table(900, 300, by_body, seed=3, bodies=2, categories=2)
    _, before = backtest.backtest(clean(table))
    cut = pd.to_datetime(before.loc[before["fold"] == 1, "at"]).quantile(0.6)
    changed = table.copy()
    closed = pd.to_datetime(changed["closed_at"].replace("", None))
    changed.loc[closed.isna() | (closed >= cut), "closed_at"] = ""
    later = pd.to_datetime(changed["opened_at"]) >= cut
    changed.loc[later, ["category", "body"]] = ["c0", "b0"]
    _, after = backtest.backtest(clean(changed, extract_end=local(pd.Series([300.0])).iloc[0]))
    asked = before[pd.to_datetime(before["at"]) < cut]
    same = after.merge(asked, on=["case_id", "checkpoint"], suffixes=("_after", "_before"))
    assert len(same) == len(asked) > 20
    np.testing.assert_allclose(same["probability_after"], same["probability_before"])


@pytest.mark.parametrize(
    ("options", "share"),
    [
        ({"bodies": 2, "categories": 1, "limits": (0.2, 0.4)}, 0.6),
        ({"bodies": 150, "categories": 9, "limits": (90.0, 200.0)}, 0.03),
        ({"bodies": 1, "categories": 1}, 1.0),
        ({"bodies": 1, "categories": 1}, 0.0),
    ],
)
def test_tables_of_every_kind_get_a_forecast(options: dict, share: float) -> None:
    table = case_table(450, 900, lambda rng, frame: np.full(len(frame), share), **options)
    result, predictions = backtest.backtest(clean(table))
    assert result["rows"] == len(predictions) > 0
    assert predictions["probability"].between(0, 1).all()
    json.dumps(result, allow_nan=False)


def test_names_that_appear_late_get_a_forecast() -> None:
    table = case_table(480, 300, by_body, seed=5)
    table.loc[400:, "body"] = "new body"
    table.loc[420:, "category"] = "new category"
    _, predictions = backtest.backtest(clean(table))
    assert predictions["probability"].between(0, 1).all()


def test_a_table_whose_last_quarter_has_no_passed_limit_gets_a_sentence() -> None:
    table = case_table(200, 100, by_body)
    table.loc[pd.to_datetime(table["opened_at"]) > START + pd.Timedelta(days=60), "due_at"] = ""
    with pytest.raises(DataError, match="cannot be backtested"):
        backtest.backtest(clean(table))


def test_a_table_without_limits_gets_a_sentence() -> None:
    table = case_table(50, 100, by_body).assign(due_at="")
    with pytest.raises(DataError, match="no case whose limit"):
        backtest.backtest(clean(table))


def test_cases_all_opened_at_one_moment_get_a_sentence_or_a_forecast() -> None:
    table = case_table(50, 100, by_body).assign(opened_at="2023-01-01")
    result, _ = backtest.backtest(clean(table))
    assert result["served"] in BASELINES


def test_a_capacity_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="whole number"):
        backtest.run(tmp_path / "none.csv", tmp_path / "out.json", capacity=0)


def test_a_result_that_cannot_be_written_is_told_before_it_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    case_table(300, 300, by_body).to_csv(path, index=False)
    with pytest.raises(DataError, match="not written"):
        backtest.run(path, tmp_path / "none" / "result.json")
