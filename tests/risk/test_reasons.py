"""Reasons are the facts that raised the score, with the case's own numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risk.case_table import clean
from risk.features import STEPS, features
from risk.forecaster import Forecaster, fit, score
from risk.reasons import GROUPS, MOST_REASONS, compare_by_step, reasons
from risk.serving import Choice
from tests.risk.tables import START, case_table
from wording import has

AS_OF = START + pd.Timedelta(days=300)


def one_slow_body(rng: np.random.Generator, frame: pd.DataFrame) -> np.ndarray:
    return np.where(frame["body"] == 0, 0.9, 0.05)


@pytest.fixture(scope="module")
def scored() -> tuple[Forecaster, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    cases = clean(case_table(2000, 320, one_slow_body, seed=6, bodies=3, categories=1)).cases
    choice = Choice("direct", "record_12_months", "direct")
    forecaster = fit(cases, AS_OF, choice, seed=1)
    return (forecaster, cases, *score(forecaster, cases, AS_OF))


def test_a_slow_bodys_cases_are_told_its_record_and_a_quick_ones_are_not(scored: tuple) -> None:
    forecaster, cases, scores, x = scored
    told = reasons(forecaster, x, scores["stage"].to_numpy())
    slow = (cases["body"].iloc[scores["case"]] == "b0").to_numpy() & ~scores["is_overdue"]
    records = [[reason for reason in why if reason.fact in ("record", "pace")] for why in told]
    assert all(records[i] for i in np.flatnonzero(slow))
    assert not any(records[i] for i in np.flatnonzero(~slow & (scores["probability"] < 0.05)))
    assert max(len(why) for why in told) <= MOST_REASONS


def test_a_reason_speaks_both_languages_with_the_rows_numbers(scored: tuple) -> None:
    forecaster, _, scores, x = scored
    stage = scores["stage"].to_numpy()
    for why in reasons(forecaster, x, stage)[:50]:
        assert [r.move for r in why] == sorted((r.move for r in why), reverse=True)
        for reason in why:
            assert reason.text("zh") != reason.text("en")
            assert "nan" not in reason.text("en")


def test_every_feature_belongs_to_a_fact_and_every_fact_has_words(scored: tuple) -> None:
    _, cases, scores, _ = scored
    steps = pd.DataFrame(
        {"case": [0], "event": ["accepted"], "known_at": cases["opened_at"].iloc[:1].to_numpy()}
    )
    x = features(cases.assign(procedure="simple"), scores, steps)
    homeless = [n for n in x if not any(n.startswith(g) for g in GROUPS.values())]
    assert homeless == []
    keys = [*(set(GROUPS) - {"steps"}), "steps", "no_steps", "time_used_no_contact"]
    assert all(has(f"risk.reason.{key}", language) for key in keys for language in ("zh", "en"))


def test_a_silent_case_is_told_so_when_steps_are_known() -> None:
    cases = clean(case_table(1500, 320, one_slow_body, seed=7, bodies=2)).cases
    rng = np.random.default_rng(1)
    prompt = cases.index[cases["closed_at"] <= cases["due_at"]]
    prompt = prompt[rng.random(len(prompt)) < 0.95]
    steps = pd.DataFrame({"case": prompt, "event": "contacted"})
    steps["known_at"] = cases["opened_at"].iloc[prompt].to_numpy() + np.timedelta64(60, "m")
    choice = Choice("direct", "record_12_months", "direct")
    forecaster = fit(cases, AS_OF, choice, seed=1, steps=steps)
    scores, x = score(forecaster, cases, AS_OF, steps)
    told = reasons(forecaster, x, scores["stage"].to_numpy())
    silent = np.flatnonzero((x["contacted_count"] == 0) & (scores["probability"] > 0.5))
    keys = {reason.key for i in silent for reason in told[i]}
    assert "risk.reason.no_steps" in keys
    assert len(STEPS) == len(set(STEPS))


def test_a_comparison_of_fewer_than_ten_cases_is_missing() -> None:
    cases = pd.DataFrame({"category": ["a"] * 30})
    rows = pd.DataFrame({"case": range(30), "stage": 0})
    taken = np.arange(30) < 25
    late = np.arange(30) < 5
    made = compare_by_step(cases, rows, taken, late).iloc[0]
    assert made["with_late_share"] == pytest.approx(5 / 25)
    assert made["without_count"] == 5
    assert np.isnan(made["without_late_share"])
