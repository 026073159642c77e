"""The record as the forecast's table: what may enter, and that nothing else moves a score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casework.calendar import load_calendar
from casework.clock_table import clock_table
from casework.pack import packs
from casework.standing import standing
from data.frames import CaseTable
from data.vocabulary import ASKER_EVENTS, CHANNELS
from risk.forecaster import Forecaster, fit, score
from risk.live import LiveTable, contact_comparison, live_table, local, recent
from risk.serving import Choice
from tests.demo.made import END, ZONE, history

NOW = local(pd.Series([pd.Timestamp(END)]), ZONE).iloc[0]
MEMBERSHIP = ("confirmed", "disowned", "withdrawn")
"""They decide whether an answer is owed at all, and so which cases are there (DOMAIN.md §8)."""


@pytest.fixture(scope="module")
def record() -> CaseTable:
    made = history(seed=4, years=1, cases_per_year=2500, townships=3)
    cases = made.cases.drop(columns=["summary", "amount_band"])
    cases["case_id"] = pd.Series([f"c{n:05d}" for n in cases.index], index=cases.index, dtype="str")
    cases["pack"] = "cn_xinfang_2022"
    events = made.events.drop(columns="words")
    used = set(events.loc[events["event"] == "confirmed", "case"])
    cases["is_confirmed"] = ~cases.pop("needs_confirmation") | cases.index.isin(used)
    return CaseTable(cases, events)


def table(record: CaseTable) -> LiveTable:
    rules = packs(record.cases["pack"].unique())
    named = {pack.newest.calendar for pack in rules.values()}
    calendars = {name: load_calendar(name) for name in named}
    asked = (record.cases, record.events, rules, calendars, END, ZONE)
    return live_table(*record, standing(*asked), clock_table(*asked), ZONE)


@pytest.fixture(scope="module")
def live(record: CaseTable) -> LiveTable:
    return table(record)


@pytest.fixture(scope="module")
def learnt(live: LiveTable) -> Forecaster:
    choice = Choice("direct_hazard_mean", "record_12_months", "direct_hazard_mean")
    return fit(live.cases, NOW, choice, 1, live.steps)


def scores(learnt: Forecaster, live: LiveTable) -> pd.Series:
    found, _ = score(learnt, live.cases, NOW, live.steps)
    ids = live.cases["case_id"].to_numpy()[found["case"]]
    return pd.Series(found["probability"].to_numpy(), index=ids).sort_index()


def test_place_channel_and_every_word_of_the_asker_move_no_score(
    record: CaseTable, live: LiveTable, learnt: Forecaster
) -> None:
    rng = np.random.default_rng(3)
    cases, events = record
    cases = cases.assign(
        township_code=rng.permutation(cases["township_code"]),
        grid_code=pd.NA,
        channel=rng.choice(CHANNELS, len(cases)),
        desk="t99",
        kind="suggestion",
        domain="other",
    )
    said = events["event"].isin([e for e in ASKER_EVENTS if e not in MEMBERSHIP])
    changed = table(CaseTable(cases, events[~said].reset_index(drop=True)))
    assert said.sum() > 100
    before = scores(learnt, live)
    assert len(before) > 50
    pd.testing.assert_series_equal(scores(learnt, changed), before)
    choice = learnt.choice
    again = fit(changed.cases, NOW, choice, 1, changed.steps)
    pd.testing.assert_series_equal(scores(again, changed), before)


def test_unconfirmed_cases_are_in_no_row_and_move_no_score(
    record: CaseTable, live: LiveTable, learnt: Forecaster
) -> None:
    cases, events = record
    unconfirmed = ~cases["is_confirmed"].to_numpy()
    assert unconfirmed.sum() > 100
    number = np.cumsum(~unconfirmed) - 1
    mine = ~unconfirmed[events["case"]]
    left = events[mine].assign(case=number[events["case"][mine]]).reset_index(drop=True)
    kept = cases[~unconfirmed].reset_index(drop=True).rename_axis("case")
    fewer = table(CaseTable(kept, left))
    assert fewer.left_out["unconfirmed"] == 0
    pd.testing.assert_frame_equal(fewer.cases, live.cases)
    pd.testing.assert_series_equal(scores(learnt, fewer), scores(learnt, live))


def test_a_case_that_ended_otherwise_before_its_limit_is_load_without_a_label(
    record: CaseTable, live: LiveTable
) -> None:
    ended = record.events.loc[record.events["event"].isin(["referred", "withdrawn"]), "case"]
    ids = set(record.cases["case_id"].iloc[ended.unique()])
    part = live.cases[live.cases["case_id"].isin(ids)]
    censored = part[part["due_at"].isna()]
    assert len(censored) > 5
    assert censored["closed_at"].notna().all()


def test_steps_are_the_offices_and_belong_to_rows_of_the_table(live: LiveTable) -> None:
    assert not set(live.steps["event"]) & set(ASKER_EVENTS)
    assert live.steps["case"].between(0, len(live.cases) - 1).all()
    accepted = live.steps[live.steps["event"] == "accepted"].groupby("case")["known_at"].min()
    assert (accepted >= live.cases["opened_at"].loc[accepted.index]).all()


def test_the_recent_part_keeps_steps_with_their_cases(live: LiveTable) -> None:
    part = recent(live, NOW + pd.Timedelta(days=400))
    assert 0 < len(part.cases) < len(live.cases)

    def by_id(one: LiveTable) -> pd.DataFrame:
        ids = one.cases["case_id"].to_numpy()[one.steps["case"]]
        return one.steps.assign(case=ids)

    whole = by_id(live)
    wanted = whole[whole["case"].isin(part.cases["case_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(by_id(part), wanted)


def test_contact_is_compared_only_for_cases_without_one(
    live: LiveTable, learnt: Forecaster
) -> None:
    rows, _ = score(learnt, live.cases, NOW, live.steps)
    beside = contact_comparison(live, rows, NOW)
    contacted = set(live.steps.loc[live.steps["event"] == "contacted", "case"])
    assert any(beside)
    for case, more in zip(rows["case"], beside, strict=True):
        if more is not None:
            assert case not in contacted
            assert min(more["with_count"], more["without_count"]) >= 10
