"""What leaves as an event log is coarse, covered, and of the office's steps only."""

from __future__ import annotations

import csv
import io
from xml.etree.ElementTree import fromstring

import numpy as np
import pandas as pd
import pytest

from data.vocabulary import ASKER_EVENTS, OFFICE_EVENTS
from reports.event_log import COLUMNS, LEAST, STEPS, coarsen, to_csv, to_xes

ZONE = "Asia/Shanghai"
XES = "{http://www.xes-standard.org/}"


def record(seed: int, size: int = 600) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Random cases of a quarter over townships of very different size, and their steps."""
    rng = np.random.default_rng(seed)
    minutes = rng.integers(0, 91 * 24 * 60, size)
    opened = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(minutes, "min")
    weights = np.array([40, 25, 10, 5, 2, 1]) / 83
    cases = pd.DataFrame(
        {
            "opened_at": opened,
            "township_code": [f"99010100{n}" for n in rng.choice(6, size, p=weights)],
            "is_confirmed": rng.random(size) < 0.9,
        }
    )
    rows = [
        (case, event, opened[case] + pd.Timedelta(days=int(day)))
        for case in range(size)
        for day, event in zip(
            np.sort(rng.integers(0, 100, 6)),
            ["registered", *rng.choice([*OFFICE_EVENTS[1:-1], *ASKER_EVENTS], 5)],
            strict=True,
        )
    ]
    rows.append((0, "policy_changed", opened[0] + pd.Timedelta(days=100)))
    return cases, pd.DataFrame(rows, columns=["case", "event", "occurred_at"])


def test_every_step_of_the_office_but_erasing_may_stand_in_it_and_nothing_of_the_asker() -> None:
    assert set(STEPS) == set(OFFICE_EVENTS) - {"erased"}
    assert not set(STEPS) & set(ASKER_EVENTS)


@pytest.mark.parametrize("seed", range(12))
def test_a_place_stands_beside_ten_cases_of_a_week_and_what_is_hidden_is_ten_or_none(seed):
    cases, events = record(seed, size=[600, 90, 2_000][seed % 3])
    log = coarsen(cases, events, ZONE)
    whose = log.steps.drop_duplicates("case")
    per_week = whose.groupby(["opened_week", "township"]).size()
    assert (per_week >= LEAST).all()
    # and by subtracting from the week's whole
    for _, counts in per_week.groupby(level="opened_week"):
        assert counts.sum() >= LEAST
    taken = log.steps.groupby("step")["case"].nunique()
    assert (taken >= LEAST).all()


def test_it_holds_weeks_and_numbers_of_its_own_and_no_unconfirmed_case() -> None:
    cases, events = record(3)
    first, second = coarsen(cases, events, ZONE), coarsen(cases, events, ZONE)
    assert list(first.steps.columns) == list(COLUMNS)
    assert first.cases <= int(cases["is_confirmed"].sum())
    weeks = pd.to_datetime(pd.concat([first.steps["week"], first.steps["opened_week"]]))
    assert (weeks.dt.day_of_week == 0).all()
    assert set(first.steps["step"]) <= set(STEPS)
    # the same steps in another file, under other numbers
    of = ["opened_week", "township", "step", "week"]
    once, again = (log.steps.groupby(of).size() for log in (first, second))
    assert once.equals(again)
    assert not first.steps["case"].equals(second.steps["case"])


def test_the_week_is_the_countys_own() -> None:
    cases, events = record(5)
    late = pd.Timestamp("2026-01-04 16:30", tz="UTC")  # Monday 5 January, 00:30 in the county
    cases["opened_at"] = late
    events["occurred_at"] = late
    log = coarsen(cases, events, ZONE)
    assert set(log.steps["opened_week"]) == {"2026-01-05"} == set(log.steps["week"])


def test_a_quarter_of_few_cases_is_left_out_and_said() -> None:
    cases, events = record(1, size=8)
    log = coarsen(cases, events, ZONE)
    assert log.cases == 0
    assert log.left_out_weeks > 0
    assert to_csv(log).decode().strip() == ",".join(COLUMNS)


def test_both_formats_hold_the_same_and_what_is_said_is_escaped() -> None:
    cases, events = record(7)
    log = coarsen(cases, events, ZONE)
    lines = list(csv.DictReader(io.StringIO(to_csv(log).decode())))
    root = fromstring(to_xes(log, 'County "A" <b>', ["1 < 2"]))
    assert root.find(f"{XES}string[@key='concept:name']").get("value") == 'County "A" <b>'
    told = [
        (trace.find(f"{XES}string[@key='concept:name']").get("value"),
         event.find(f"{XES}string").get("value"), event.find(f"{XES}date").get("value")[:10])
        for trace in root.iter(f"{XES}trace") for event in trace.iter(f"{XES}event")
    ]  # fmt: skip
    assert told == [(line["case"], line["step"], line["week"]) for line in lines]
    assert len(told) > 500
