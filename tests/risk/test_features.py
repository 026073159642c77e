"""Features: the future moves nothing, the slow definition agrees, only the closed list enters."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.vocabulary import ASKER_EVENTS, OFFICE_EVENTS
from risk.features import PRIOR_COUNT, STEPS, WINDOWS, features
from risk.moments import DAY, STAGES
from risk.snapshots import CHECKPOINTS, NEVER, seconds, snapshots

BASE = pd.Timestamp("2024-01-01")
FAR = pd.Timestamp("2030-01-01")


@st.composite
def case_tables(draw: st.DrawFn) -> pd.DataFrame:
    """Up to 14 cases on a coarse grid of hours, so that moments coincide often."""
    count = draw(st.integers(2, 14))
    hours = st.integers(0, 24 * 60)
    rows = []
    for _ in range(count):
        opened = draw(hours)
        due = draw(st.one_of(st.none(), st.integers(1, 24 * 20)))
        closed = draw(st.one_of(st.none(), st.integers(0, 24 * 40)))
        rows.append(
            (
                BASE + pd.Timedelta(hours=opened),
                pd.NaT if due is None else BASE + pd.Timedelta(hours=opened + due),
                pd.NaT if closed is None else BASE + pd.Timedelta(hours=opened + closed),
                draw(st.sampled_from("xy")),
                draw(st.sampled_from("pq")),
            )
        )
    frame = pd.DataFrame(rows, columns=["opened_at", "due_at", "closed_at", "category", "body"])
    for name in ("opened_at", "due_at", "closed_at"):
        frame[name] = frame[name].astype("datetime64[us]")
    return frame


def changed_after(cases: pd.DataFrame, at: pd.Timestamp, case: int, shift: int) -> pd.DataFrame:
    """Everything at or after a moment is otherwise: closings move, later cases change wholly.

    The case that is asked about keeps its own opening and limit, which are known to it.
    """
    after = cases.copy()
    closes_later = after["closed_at"].isna() | (after["closed_at"] >= at)
    after.loc[closes_later, "closed_at"] = pd.NaT if shift % 2 else at + pd.Timedelta(days=shift)
    comes_later = (after["opened_at"] >= at) & (np.arange(len(after)) != case)
    after.loc[comes_later, "opened_at"] = at + pd.Timedelta(days=shift)
    after.loc[comes_later, "due_at"] = at + pd.Timedelta(days=2 * shift + 1)
    after.loc[comes_later, "closed_at"] = pd.NaT
    after.loc[comes_later, "body"] = "p"
    return after


@settings(max_examples=30, deadline=None)
@given(case_tables(), st.integers(0, 200), st.integers(0, 30))
def test_the_future_never_moves_a_feature(cases: pd.DataFrame, pick: int, shift: int) -> None:
    rows = snapshots(cases, FAR)
    if rows.empty:
        return
    row = rows.iloc[[pick % len(rows)]]
    at, case = row["at"].iloc[0], int(row["case"].iloc[0])
    before = features(cases, row)
    after = features(changed_after(cases, at, case, shift), row)
    pd.testing.assert_frame_equal(before, after)


def slow(cases: pd.DataFrame, case: int, at: int, stage: int) -> dict[str, float]:
    """Some features of one row by the obvious loops."""
    opened, due, closed = (seconds(cases[n]) for n in ("opened_at", "due_at", "closed_at"))
    span = np.where(due < NEVER, due - opened, 0)
    everybody = range(len(cases))
    mine = {
        "all": lambda i: True,
        "category": lambda i: cases["category"][i] == cases["category"][case],
        "body": lambda i: cases["body"][i] == cases["body"][case],
        "body_category": lambda i: (
            cases["body"][i] == cases["body"][case]
            and cases["category"][i] == cases["category"][case]
        ),
    }

    def checkpoint(i: int, k: int) -> int:
        return int(due[i]) if k == STAGES else int(opened[i] + int(span[i] * CHECKPOINTS[k]))

    def was_there(i: int, k: int) -> bool:
        return due[i] < NEVER and (k == 0 or closed[i] > checkpoint(i, k))

    def chain(hits: dict[str, int], seen: dict[str, int]) -> dict[str, float]:
        m = PRIOR_COUNT
        share = {"all": (hits["all"] + 1) / (seen["all"] + 2)}
        for level in ("category", "body"):
            share[level] = (hits[level] + m * share["all"]) / (seen[level] + m)
        odds = {level: math.log(p / (1 - p)) for level, p in share.items()}
        together = 1 / (1 + math.exp(odds["all"] - odds["category"] - odds["body"]))
        level = "body_category"
        share[level] = (hits[level] + m * together) / (seen[level] + m)
        return share

    result: dict[str, float] = {}
    for window, length in WINDOWS.items():
        since = -NEVER if length is None else at - length
        hits, seen = {}, {}
        for level, like in mine.items():
            known = [
                i
                for i in everybody
                if like(i) and was_there(i, stage) and since <= min(closed[i], due[i]) < at
            ]
            seen[level] = len(known)
            hits[level] = sum(bool(closed[i] > due[i]) for i in known)
        for level, share in chain(hits, seen).items():
            result[f"late_share_{level}_{window}"] = math.log(share / (1 - share))
        missed = dict.fromkeys(mine, 1.0)
        for k in range(stage, STAGES):
            for level, like in mine.items():
                left = [
                    i
                    for i in everybody
                    if like(i)
                    and was_there(i, k)
                    and since <= min(closed[i], checkpoint(i, k + 1)) < at
                ]
                seen[level] = len(left)
                hits[level] = sum(bool(closed[i] <= checkpoint(i, k + 1)) for i in left)
            for level, share in chain(hits, seen).items():
                missed[level] *= 1 - share
        if window in ("28d", "91d"):
            for level, share in missed.items():
                result[f"pace_{level}_{window}"] = math.log(share / (1 - share))
    for level in ("body", "body_category", "category"):
        like = mine[level]
        came = [i for i in everybody if like(i) and opened[i] < at]
        running = [i for i in came if closed[i] >= at]
        gone = [i for i in everybody if like(i) and closed[i] < at]
        overdue = [i for i in running if due[i] < at]
        usual = sum(max(0, min(closed[i], at) - max(opened[i], at - 91 * DAY)) for i in came) / (
            91 * DAY
        )
        result[f"{level}_open"] = math.log1p(len(running))
        result[f"{level}_overdue"] = math.log1p(len(overdue))
        result[f"{level}_open_to_usual"] = math.log((len(running) + 1) / (usual + 1))
        in_7 = sum(bool(opened[i] >= at - 7 * DAY) for i in came)
        out_7 = sum(bool(closed[i] >= at - 7 * DAY) for i in gone)
        out_28 = sum(bool(closed[i] >= at - 28 * DAY) for i in gone)
        result[f"{level}_flow_7d"] = math.log((in_7 + 1) / (out_7 + 1))
        result[f"{level}_backlog_days"] = math.log1p(len(running) / ((out_28 + 0.5) / 28))
        waits = [(at - opened[i]) / DAY for i in running]
        result[f"{level}_waiting_days"] = math.log1p(sum(waits) / len(waits)) if waits else math.nan
        result[f"{level}_silent_days"] = (
            math.log1p((at - max(closed[i] for i in gone)) / DAY) if gone else math.nan
        )
    return result


@settings(max_examples=20, deadline=None)
@given(case_tables())
def test_the_quick_way_equals_the_slow_definition(cases: pd.DataFrame) -> None:
    rows = snapshots(cases, FAR)
    if rows.empty:
        return
    quick = features(cases, rows)
    at = seconds(rows["at"])
    for number in range(0, len(rows), max(1, len(rows) // 5)):
        wanted = slow(cases, int(rows["case"][number]), int(at[number]), int(rows["stage"][number]))
        got = quick.iloc[number][list(wanted)]
        np.testing.assert_allclose(
            got.to_numpy("float64"), list(wanted.values()), rtol=2e-4, atol=2e-4
        )


def example() -> tuple[pd.DataFrame, pd.DataFrame]:
    base = pd.Timestamp("2024-01-01")
    day = pd.Timedelta(days=1)
    cases = pd.DataFrame(
        {
            "opened_at": [base, base + 10 * day],
            "due_at": [base + 60 * day, base + 70 * day],
            "closed_at": [pd.NaT, pd.NaT],
            "category": ["wages", "wages"],
            "body": ["b1", "b1"],
        }
    )
    cases[["opened_at", "due_at"]] = cases[["opened_at", "due_at"]].astype("datetime64[us]")
    cases["closed_at"] = cases["closed_at"].astype("datetime64[us]")
    rows = pd.DataFrame({"case": [0, 1], "at": [base + 30 * day, base + 30 * day]})
    rows["at"] = rows["at"].astype("datetime64[us]")
    return cases, rows


def test_the_offices_steps_count_with_the_days_since_the_latest() -> None:
    cases, rows = example()
    steps = pd.DataFrame(
        {
            "case": [0, 0, 0, 1],
            "event": ["accepted", "contacted", "contacted", "accepted"],
            "known_at": pd.to_datetime(
                ["2024-01-05", "2024-01-11", "2024-01-21", "2024-02-15"]
            ).astype("datetime64[us]"),
        }
    )
    made = features(cases, rows, steps)
    assert made["contacted_count"].tolist() == [2, 0]
    assert made["contacted_days_since"].tolist()[0] == pytest.approx(10)
    assert made["accepted_count"].tolist() == [1, 0], "a step of the future is not known yet"
    assert math.isnan(made["accepted_days_since"].tolist()[1])


def test_no_event_of_the_asker_is_a_step() -> None:
    assert set(STEPS) <= set(OFFICE_EVENTS)
    assert not set(STEPS) & set(ASKER_EVENTS)


def test_place_channel_text_and_the_askers_events_move_no_feature() -> None:
    cases, rows = example()
    steps = pd.DataFrame(
        {
            "case": [0],
            "event": ["accepted"],
            "known_at": pd.to_datetime(["2024-01-05"]).astype("datetime64[us]"),
        }
    )
    before = features(cases, rows, steps)
    dressed = cases.assign(
        grid_code=["330102001001001", "330102001001002"],
        township_code=["330102001", "330102002"],
        channel=["online", "letter"],
        text=["a", "b"],
    )
    asked = pd.DataFrame(
        {
            "case": [0, 1, 1],
            "event": ["not_solved", "rated", "confirmed"],
            "known_at": pd.to_datetime(["2024-01-06"] * 3).astype("datetime64[us]"),
        }
    )
    after = features(dressed, rows, pd.concat([steps, asked], ignore_index=True))
    pd.testing.assert_frame_equal(before, after)


def test_the_names_of_the_features_are_a_closed_list() -> None:
    cases, rows = example()
    words = ("grid", "township", "area", "channel", "text", "desk", "asker", "rated", "kind")
    names = list(
        features(
            cases.assign(procedure="ordinary"),
            rows,
            pd.DataFrame(
                {"case": [0], "event": ["accepted"], "known_at": rows["at"].iloc[:1].to_numpy()}
            ),
        )
    )
    assert len(names) == len(set(names))
    assert not [name for name in names if any(word in name for word in words)]


def test_a_holiday_before_the_limit_takes_its_working_time_away() -> None:
    cases, rows = example()
    plain = features(cases, rows)["work_left_days"]
    off = np.array(["2024-02-12", "2024-02-13"], dtype="datetime64[D]")
    fewer = features(cases, rows, days_off=off)["work_left_days"]
    assert (plain - fewer).tolist() == pytest.approx([2.0, 2.0])


def test_working_time_left_follows_the_weekdays_on_which_the_office_answers() -> None:
    opened = pd.date_range("2023-01-02", periods=364, freq="D").astype("datetime64[us]")
    answered = opened[opened.day_of_week < 5]
    cases = pd.DataFrame(
        {
            "opened_at": answered,
            "due_at": answered + pd.Timedelta(days=30),
            "closed_at": answered + pd.Timedelta(hours=12),
            "category": "c",
            "body": "b",
        }
    )
    friday = pd.DataFrame({"case": [len(cases) - 1], "at": [pd.Timestamp("2024-01-05")]})
    friday["at"] = friday["at"].astype("datetime64[us]")
    cases.loc[len(cases) - 1, "due_at"] = pd.Timestamp("2024-01-08")
    weekend = features(cases, friday)["work_left_days"].iloc[0]
    cases.loc[len(cases) - 1, "due_at"] = pd.Timestamp("2024-01-11")
    monday = friday.assign(at=pd.Timestamp("2024-01-08"))
    monday["at"] = monday["at"].astype("datetime64[us]")
    working = features(cases, monday)["work_left_days"].iloc[0]
    assert weekend < 0.6 * working
