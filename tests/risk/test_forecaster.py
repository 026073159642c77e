"""The forecast in daily use, and the models kept as files."""

from __future__ import annotations

import hashlib
import json
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io

from data.errors import ConfigError, NotFound
from risk import registry
from risk.case_table import clean
from risk.features import features
from risk.forecaster import Forecaster, fit, open_rows, predict, score
from risk.record import OfficeRecord
from risk.serving import Choice
from tests.risk.tables import START, case_table

AS_OF = START + pd.Timedelta(days=300)


def swinging(rng: np.random.Generator, frame: pd.DataFrame) -> np.ndarray:
    return 1 / (1 + np.exp(0.5 - 2 * np.sin(frame["day"] / 20)))


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    return clean(case_table(1800, 400, swinging, seed=8)).cases


@pytest.fixture(scope="module")
def forecaster(cases: pd.DataFrame) -> Forecaster:
    choice = Choice("direct_hazard_mean", "record_12_months", "direct_hazard_mean")
    return fit(cases, AS_OF, choice, seed=1)


def test_only_open_cases_with_a_limit_are_asked(cases: pd.DataFrame) -> None:
    rows = open_rows(cases, AS_OF)
    part = cases.iloc[rows["case"]]
    assert (part["opened_at"] <= AS_OF).all()
    assert (part["closed_at"].isna() | (part["closed_at"] > AS_OF)).all()
    assert (rows["is_overdue"].to_numpy() == (part["due_at"] < AS_OF).to_numpy()).all()


def test_what_comes_after_today_moves_no_score(cases: pd.DataFrame, forecaster: Forecaster) -> None:
    changed = cases.copy()
    changed.loc[~(changed["closed_at"] <= AS_OF), "closed_at"] = pd.NaT
    changed.loc[changed["opened_at"] > AS_OF, ["body", "category"]] = "elsewhere"
    before, _ = score(forecaster, cases, AS_OF)
    after, _ = score(forecaster, changed, AS_OF)
    pd.testing.assert_frame_equal(before, after)
    again = fit(changed, AS_OF, forecaster.choice, seed=1)
    pd.testing.assert_frame_equal(score(again, changed, AS_OF)[0], before)


def test_a_case_past_its_limit_is_late_for_certain(
    cases: pd.DataFrame, forecaster: Forecaster
) -> None:
    scores, x = score(forecaster, cases, AS_OF)
    assert (scores.loc[scores["is_overdue"], "probability"] == 1).all()
    assert scores["probability"].between(0, 1).all()
    assert x.index.equals(scores.index)


def test_a_chosen_record_is_served_as_the_record(cases: pd.DataFrame) -> None:
    served = fit(cases, AS_OF, Choice("record_12_months", "record_12_months"), seed=1)
    scores, x = score(served, cases, AS_OF)
    own = OfficeRecord(cases, scores, 365)
    weights = np.array(served.weights)[scores["stage"]]
    wanted = own.at(weights[:, 0], weights[:, 1])
    running = ~scores["is_overdue"].to_numpy()
    np.testing.assert_allclose(scores["probability"][running], wanted[running])
    assert x.shape[1] == 0


@pytest.mark.parametrize("name", ["kaplan_meier", "base_rate", "record_13_weeks"])
def test_every_baseline_can_be_served(cases: pd.DataFrame, name: str) -> None:
    scores, _ = score(fit(cases, AS_OF, Choice(name, name), seed=1), cases, AS_OF)
    assert scores["probability"].between(0, 1).all()
    assert len(scores) > 0


def test_below_500_finished_cases_a_chosen_model_gives_way_to_the_record(
    cases: pd.DataFrame,
) -> None:
    early = START + pd.Timedelta(days=60)
    choice = Choice("direct", "record_12_months", "direct")
    assert fit(cases, early, choice, seed=1).choice.name == "record_12_months"


def test_a_saved_model_gives_the_same_scores(
    tmp_path: Path, cases: pd.DataFrame, forecaster: Forecaster
) -> None:
    card = {"data_hash": registry.data_hash(cases), "code_version": "0.1.0", "seed": 1}
    version = registry.save(tmp_path, forecaster, card)
    loaded, read = registry.load(tmp_path, version)
    rows = open_rows(cases, AS_OF)
    x = features(cases, rows)
    stage = rows["stage"].to_numpy()
    np.testing.assert_array_equal(predict(loaded, x, stage), predict(forecaster, x, stage))
    assert loaded.choice == forecaster.choice
    assert loaded.typical == forecaster.typical
    assert read["data_hash"] == card["data_hash"]


def test_the_code_version_names_the_package_and_this_rooms_code() -> None:
    version = registry.code_version()
    assert version.startswith(metadata.version("zaojie") + "+")
    assert version == registry.code_version()


def test_a_changed_or_unknown_model_file_is_refused(tmp_path: Path, forecaster: Forecaster) -> None:
    version = registry.save(tmp_path, forecaster, {})
    path = tmp_path / f"{version}.skops"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ConfigError, match="changed"):
        registry.load(tmp_path, version)
    with pytest.raises(NotFound):
        registry.load(tmp_path, "../" + version)


def test_a_file_with_untrusted_types_is_refused(tmp_path: Path, forecaster: Forecaster) -> None:
    version = registry.save(tmp_path, forecaster, {})
    content = skops.io.dumps({"members": {"x": Path("a")}, "more": pytest.approx})
    (tmp_path / f"{version}.skops").write_bytes(content)
    card = json.loads((tmp_path / f"{version}.json").read_text("utf-8"))
    card["sha256"] = hashlib.sha256(content).hexdigest()
    (tmp_path / f"{version}.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(ConfigError, match="untrusted"):
        registry.load(tmp_path, version)


def test_the_data_hash_changes_with_one_value(cases: pd.DataFrame) -> None:
    changed = cases.copy()
    changed.loc[5, "body"] = "other"
    assert registry.data_hash(changed) != registry.data_hash(cases)
    assert registry.data_hash(cases.copy()) == registry.data_hash(cases)
