"""The simple forecasts: formulas worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risk.record import PRIOR_WEIGHTS, OfficeRecord, base_rate, kaplan_meier, log_losses
from risk.snapshots import snapshots

BASE = pd.Timestamp("2024-01-01")
DAY = pd.Timedelta(days=1)


def cases(*rows: tuple[float, float, float | None, str, str]) -> pd.DataFrame:
    """Cases from (opened, due, closed in days, category, body)."""
    frame = pd.DataFrame(
        [
            (
                BASE + opened * DAY,
                BASE + due * DAY,
                pd.NaT if closed is None else BASE + closed * DAY,
                category,
                body,
            )
            for opened, due, closed, category, body in rows
        ],
        columns=["opened_at", "due_at", "closed_at", "category", "body"],
    )
    for name in ("opened_at", "due_at", "closed_at"):
        frame[name] = frame[name].astype("datetime64[us]")
    return frame


TABLE = cases(
    (0, 4, 10, "a", "p"),  # late, known on day 4
    (1, 5, 3, "a", "p"),  # on time, known on day 3, open at 25 % (day 2), not at 50 % (day 3)
    (2, 6, None, "a", "q"),  # late, known on day 6
    (3, 7, 4, "b", "p"),  # on time, known on day 4
    (20, 24, None, "a", "p"),  # asked on day 20
)


def test_the_offices_own_record_is_the_formula_of_the_contract() -> None:
    rows = snapshots(TABLE, pd.Timestamp("2024-12-31"))
    asked = int(np.flatnonzero((rows["case"] == 4) & (rows["stage"] == 0))[0])
    own = OfficeRecord(TABLE, rows, 365)
    overall = (2 + 1) / (4 + 2)
    category = (2 + 5 * overall) / (3 + 5)
    assert own.at(5, 15)[asked] == pytest.approx((1 + 15 * category) / (2 + 15))


def test_only_cases_that_were_open_at_this_checkpoint_count() -> None:
    rows = snapshots(TABLE, pd.Timestamp("2024-12-31"))
    asked = int(np.flatnonzero((rows["case"] == 4) & (rows["stage"] == 2))[0])
    own = OfficeRecord(TABLE, rows, 365)
    overall = (2 + 1) / (2 + 2)
    category = (2 + 2 * overall) / (2 + 2)
    assert own.at(2, 2)[asked] == pytest.approx((1 + 2 * category) / (1 + 2))


def test_outcomes_older_than_the_window_or_not_yet_known_do_not_count() -> None:
    table = cases(
        (0, 4, 10, "a", "p"),
        (110, 114, 112, "a", "p"),
        (111, 118, None, "a", "p"),
        (112, 130, None, "a", "p"),
    )
    rows = snapshots(table, pd.Timestamp("2024-12-31"))
    asked = int(np.flatnonzero((rows["case"] == 3) & (rows["stage"] == 0))[0])
    assert OfficeRecord(table, rows, 91).at(2, 2)[asked] == pytest.approx(0.5), "nothing is known"
    later = int(np.flatnonzero((rows["case"] == 3) & (rows["stage"] == 1))[0])
    # day 116.5: of those open at 25 % the first is too old, the third not yet decided
    assert OfficeRecord(table, rows, 91).at(2, 2)[later] < 0.5


def test_a_case_never_counts_in_its_own_record() -> None:
    table = cases((0, 4, 0, "a", "p"), (5, 9, 6, "a", "p"))
    rows = snapshots(table, pd.Timestamp("2024-12-31"))
    assert OfficeRecord(table, rows, 365).at(2, 2)[0] == pytest.approx(0.5)


def test_the_prior_weights_are_the_best_on_the_training_rows() -> None:
    rng = np.random.default_rng(3)
    table = cases(
        *[
            (i / 2, i / 2 + 4, i / 2 + (9 if rng.random() < 0.3 else 1.5), "a", f"b{i % 20}")
            for i in range(400)
        ]
    )
    rows = snapshots(table, pd.Timestamp("2025-12-31"))
    late, stage = rows["late"].to_numpy(), rows["stage"].to_numpy()
    train = np.arange(len(rows))
    own = OfficeRecord(table, rows, 365)
    fitted = own.fit(train, late)
    for number in np.unique(stage):
        mine = stage == number
        best = min(
            log_losses(late[mine], own.at(m1, m2)[mine]).mean()
            for m1 in PRIOR_WEIGHTS
            for m2 in PRIOR_WEIGHTS
        )
        assert log_losses(late[mine], fitted[mine]).mean() == pytest.approx(best)


def test_the_base_rate_is_the_late_share_of_training_rows_at_each_checkpoint() -> None:
    stage = np.array([0, 0, 0, 1, 1])
    late = np.array([True, False, False, True, True])
    share = base_rate(stage, late, np.array([0, 1, 3]))
    assert share == pytest.approx([2 / 4, 2 / 4, 2 / 4, 2 / 3, 2 / 3])


def test_kaplan_meier_counts_open_cases_as_long_as_they_were_seen() -> None:
    closed = [2.0] * 10 + [None] * 10
    table = cases(*[(0, 4, day, "a", "p") for day in closed], (10, 14, None, "a", "p"))
    asked = pd.DataFrame({"case": [20], "at": [BASE + 10 * DAY]})
    share = kaplan_meier(table, asked, BASE + 9 * DAY)
    # half closed on day 2, the other half still open: S(4) = 1/2, with two imagined cases
    assert share[0] == pytest.approx((0.5 * 20 + 1) / (20 + 2))


def test_kaplan_meier_agrees_with_lifelines() -> None:
    lifelines = pytest.importorskip("lifelines")
    rng = np.random.default_rng(7)
    opened = rng.uniform(0, 300, 300)
    duration = rng.exponential(8, 300)
    table = cases(*[(o, o + 6, o + d, "a", "p") for o, d in zip(opened, duration, strict=True)])
    start = BASE + 305 * DAY
    asked = pd.DataFrame({"case": [0], "at": table["opened_at"].iloc[:1]})
    seen = np.minimum(duration, 305 - opened)
    curve = lifelines.KaplanMeierFitter().fit(seen, duration < 305 - opened)
    wanted = float(curve.predict(6.0))
    at_risk = 300
    assert kaplan_meier(table, asked, start)[0] == pytest.approx(
        (wanted * at_risk + 1) / (at_risk + 2), abs=1e-3
    )


def test_a_category_too_small_for_a_curve_borrows_that_of_all() -> None:
    table = cases(
        *[(0, 4, 2.0, "a", "p")] * 30, (1, 5, None, "rare", "p"), (10, 14, None, "rare", "p")
    )
    asked = pd.DataFrame({"case": [31], "at": [BASE + 10 * DAY]})
    assert kaplan_meier(table, asked, BASE + 9 * DAY)[0] < 0.1
