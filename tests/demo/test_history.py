"""The made-up history is complete, believable and the same for the same seed."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from data import frames
from data.categories import load_categories
from data.demo import DemoHistory, make_history
from data.demo.process import CATEGORIES
from data.vocabulary import (
    AMOUNT_BANDS,
    CONFIRMED_CHANNELS,
    CORRECTION_REASONS,
    FILING_KINDS,
    FILING_REASONS,
)

from .made import END, ZONE, areas, due_of, history, is_working


def first(made: DemoHistory, event: str) -> pd.Series:
    """The first moment of an event per case."""
    events = made.events[made.events["event"] == event]
    return events.groupby("case")["occurred_at"].min()


def local(at: pd.Series) -> pd.Series:
    return at.dt.tz_convert(ZONE).dt.tz_localize(None)


def test_the_same_seed_gives_the_same_history() -> None:
    one, two = (history(seed=5, years=0.5, cases_per_year=1500) for _ in range(2))
    for field in dataclasses.fields(DemoHistory):
        pd.testing.assert_frame_equal(getattr(one, field.name), getattr(two, field.name))


def test_another_seed_gives_another_history() -> None:
    one, two = (history(seed=seed, years=0.5, cases_per_year=1500) for seed in (5, 6))
    assert not one.cases["opened_at"].equals(two.cases["opened_at"])


def test_nothing_is_known_after_the_end(made: DemoHistory) -> None:
    assert made.cases["known_at"].max() <= END
    assert made.events["known_at"].max() <= END
    assert made.events["occurred_at"].max() <= END
    assert made.filings["filed_at"].max() <= END
    assert made.excused["recorded_at"].max() <= END
    assert made.truth["at"].max() <= END


def test_the_last_days_are_there(made: DemoHistory) -> None:
    day_before = END - dt.timedelta(days=1)
    assert (made.cases["known_at"] > day_before).sum() > 5
    assert (made.events["known_at"] > day_before).sum() > 50
    assert made.filings["period"].max() == pd.Timestamp("2026-03-18")


def test_the_frames_have_their_declared_shapes(made: DemoHistory) -> None:
    frames.check(frames.Bodies, made.bodies)
    frames.check(frames.Townships, made.townships)
    frames.check(frames.Filings, made.filings.drop(columns="revision"))
    assert (made.bodies["kind"] == "department").sum() == 12
    assert (made.bodies["kind"] == "township_office").sum() == 5
    assert made.bodies["name_zh"].is_unique
    assert made.bodies["name_en"].is_unique
    assert made.cases["opened_at"].dtype == made.events["known_at"].dtype == frames.UTC
    assert set(made.filings["kind"]) == set(FILING_KINDS)
    assert set(made.filings["reason"].dropna()) <= {*FILING_REASONS, *CORRECTION_REASONS}
    assert set(made.cases["amount_band"].dropna()) == set(AMOUNT_BANDS)


def test_every_code_names_something_that_exists(made: DemoHistory) -> None:
    layer = areas()
    assert set(made.cases["grid_code"].dropna()) <= set(layer["code"])
    assert (
        made.cases["grid_code"].dropna().str[:9]
        == made.cases["township_code"][made.cases["grid_code"].notna()]
    ).all()
    bodies = set(made.bodies["body_id"])
    assert set(made.cases["body_id"]) | set(made.cases["desk"]) <= bodies
    assert set(made.events["body_id"].dropna()) | set(made.events["to_body_id"].dropna()) <= bodies
    assert made.events.loc[made.events["actor"] != "office", "body_id"].isna().all()
    assert set(made.events["case"]) == set(made.cases.index)


def test_the_categories_are_those_of_the_categories_file(made: DemoHistory) -> None:
    known = load_categories()
    assert set(made.cases["category"]) == set(CATEGORIES)
    for name, category in CATEGORIES.items():
        assert category.domain == known[name].domain, name
        assert category.places != known[name].is_place_protected, name
        assert (category.simple > 0.5) == (known[name].procedure == "simple"), name
    family = made.cases["category"] == "family"
    assert made.cases.loc[family, "grid_code"].isna().all()
    assert made.cases.loc[~family, "grid_code"].notna().all()


def test_only_the_askers_own_channels_need_no_confirmation(made: DemoHistory) -> None:
    own = made.cases["channel"].isin(CONFIRMED_CHANNELS)
    assert (made.cases["needs_confirmation"] == ~own).all()


def test_some_receipts_are_never_used_and_desks_differ(made: DemoHistory) -> None:
    used = made.cases.index.isin(made.events.loc[made.events["event"] == "confirmed", "case"])
    typed_in = made.cases["needs_confirmation"]
    shares = pd.Series(used)[typed_in].groupby(made.cases["desk"]).mean()
    assert 0.4 < used[typed_in].mean() < 0.85
    assert shares.max() - shares.min() > 0.05


def test_a_disowned_case_is_erased_after_fifteen_days_and_nothing_follows(
    made: DemoHistory,
) -> None:
    events = made.events
    disowned = first(made, "disowned")
    assert len(disowned) >= 5
    later = events[events["case"].isin(disowned.index)]
    after = later[later["occurred_at"] > later["case"].map(disowned)]
    assert set(after["event"].astype(str)) == {"erased"}
    waiting = disowned.index.difference(first(made, "erased").index)
    assert (disowned[waiting] > pd.Timestamp(END) - pd.Timedelta(days=17)).all()
    erased = made.cases.index.isin(first(made, "erased").index)
    assert made.cases.loc[erased, "summary"].isna().all()


def test_lateness_is_believable_and_differs_between_bodies(made: DemoHistory) -> None:
    start = made.truth[made.truth["checkpoint"] == 0].set_index("case")
    past = start[start["due_on"] < pd.Timestamp(END.date())]
    answered = local(first(made, "answered")).reindex(past.index)
    late = ~(answered < past["due_on"] + pd.Timedelta(days=1))
    assert 0.07 < late.mean() < 0.25
    body = made.events[made.events["event"] == "accepted"].groupby("case")["body_id"].first()
    by_body = late.groupby(body.reindex(late.index)).agg(["mean", "size"])
    many = by_body.loc[by_body["size"] > 200, "mean"]
    assert many.max() > 2 * many.min()


def test_a_believable_number_of_cases_is_open_at_the_end(made: DemoHistory) -> None:
    turning = ["registered", "accepted", "answered", "declined", "referred", "no_remedy",
               "withdrawn", "not_solved", "erased"]  # fmt: skip
    latest = made.events[made.events["event"].isin(turning)].groupby("case")["event"].last()
    is_open = latest.isin(["registered", "accepted", "not_solved"])
    assert 0.12 < is_open.sum() / 7000 < 0.22  # of a year's cases


def test_offices_record_in_office_hours(made: DemoHistory) -> None:
    office = made.events[
        (made.events["actor"] == "office") & (made.events["event"] != "registered")
    ]
    at = local(office["known_at"])
    hour = at.dt.hour + at.dt.minute / 60
    assert is_working(at.to_numpy().astype("datetime64[D]")).all()
    assert hour.between(8.5, 18).all()
    assert (office["known_at"] >= office["occurred_at"]).all()


def test_the_end_of_a_clock_is_known_within_a_day(made: DemoHistory) -> None:
    ends = made.events[made.events["event"].isin(["accepted", "answered", "transferred"])]
    assert ((ends["known_at"] - ends["occurred_at"]) < pd.Timedelta(days=1)).all()
    others = made.events[made.events["event"] == "contacted"]
    assert ((others["known_at"] - others["occurred_at"]) > pd.Timedelta(days=1)).any()


def test_what_is_known_of_a_case_never_goes_back(made: DemoHistory) -> None:
    same_case = made.events["case"].diff() == 0
    assert (made.events["known_at"].diff()[same_case] >= pd.Timedelta(0)).all()
    assert (made.events["occurred_at"].diff()[same_case] >= pd.Timedelta(0)).all()


def test_the_peaks_of_the_year_are_in_the_arrivals(made: DemoHistory) -> None:
    month = local(made.cases["opened_at"]).dt.month
    heating = month[made.cases["category"] == "heating"]
    assert heating.isin([11, 12, 1]).mean() > 0.5
    consumer = month[made.cases["category"] == "consumer"]
    assert consumer.isin([11, 12, 1]).mean() < 0.4


def test_a_township_that_opens_later_has_no_cases_before(made: DemoHistory) -> None:
    later = made.townships.iloc[-1]
    assert later["valid_from"] > made.townships["valid_from"].min()
    its_own = made.cases["township_code"] == later["township_code"]
    assert its_own.any()
    assert local(made.cases.loc[its_own, "opened_at"]).min() >= later["valid_from"]
    filed = made.filings["township_code"] == later["township_code"]
    assert made.filings.loc[filed, "period"].min() >= later["valid_from"]


def test_sizes_are_those_asked_for() -> None:
    made = make_history(
        areas(40, 4), end=END, seed=3, due_of=due_of, is_working=is_working, years=1.5,
        cases_per_year=1000,
    )  # fmt: skip
    assert 1480 <= len(made.cases) <= 1500  # a few of the last days are not registered yet
    assert len(made.townships) == 4


def test_one_township_and_one_grid_are_enough() -> None:
    made = make_history(
        areas(1, 1), end=END, seed=3, due_of=due_of, is_working=is_working, years=0.2,
        cases_per_year=50,
    )  # fmt: skip
    assert made.cases["grid_code"].dropna().nunique() == 1


def test_an_end_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        make_history(
            areas(), end=END.replace(tzinfo=None), seed=1, due_of=due_of, is_working=is_working
        )


def test_areas_without_grids_are_refused() -> None:
    only_towns = areas()[lambda a: a["level"] != "grid"]
    with pytest.raises(ValueError, match="no grid"):
        make_history(only_towns, end=END, seed=1, due_of=due_of, is_working=is_working)


def test_a_grid_in_no_township_is_refused() -> None:
    stray = areas().assign(parent_code=lambda a: np.where(a["level"] == "grid", "x", a["code"]))
    with pytest.raises(ValueError, match="lies in no township"):
        make_history(stray, end=END, seed=1, due_of=due_of, is_working=is_working)


def test_no_case_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one case"):
        make_history(
            areas(), end=END, seed=1, due_of=due_of, is_working=is_working, cases_per_year=0
        )
