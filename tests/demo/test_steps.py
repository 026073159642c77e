"""The steps of every case obey the default pack, and the desks' filings have all their kinds."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from casework.history import CaseEvent, read
from casework.pack import load
from casework.reasons import REASONS
from data.demo import DemoHistory
from data.vocabulary import ASKER_EVENTS, RATINGS

from .made import END, ZONE, is_working


def test_every_case_obeys_the_grammar_of_the_default_pack(made: DemoHistory) -> None:
    pack = load("cn_xinfang_2022")
    zone = ZoneInfo(ZONE)
    procedures = made.cases["procedure"]
    rare = made.events.loc[
        made.events["event"].isin(["recheck_requested", "withdrawal_undone", "objected", "erased"]),
        "case",
    ]
    chosen = set(made.cases.index[::7]) | set(rare)
    events = made.events[made.events["case"].isin(chosen)]
    for case, steps in events.groupby("case"):
        days = [None if pd.isna(d) else int(d) for d in steps["days"]]
        said = [
            CaseEvent(name, at.to_pydatetime(), known.to_pydatetime(), extension)
            for name, at, known, extension in zip(
                steps["event"], steps["occurred_at"], steps["known_at"], days, strict=True
            )
        ]
        history = read(pack, procedures[case], said, END, zone)
        assert len(history.events) == len(said)


def test_every_step_of_the_default_pack_but_the_rarest_occurs(made: DemoHistory) -> None:
    never = {
        "acknowledged", "paused", "resumed", "policy_changed", "hearing_opened", "hearing_closed",
        "not_told",
    }  # fmt: skip
    counts = made.events["event"].value_counts()
    assert set(counts.index[counts == 0]) == never


def test_an_extension_is_granted_before_the_limit_and_once(made: DemoHistory) -> None:
    extended = made.events[made.events["event"] == "extended"].set_index("case")
    assert extended.index.is_unique
    assert len(extended) > 100
    start = made.truth[made.truth["checkpoint"] == 0].set_index("case")
    due = start["due_on"].reindex(extended.index).dropna()
    granted = extended["known_at"].dt.tz_convert(ZONE).dt.tz_localize(None).reindex(due.index)
    assert (granted < due + pd.Timedelta(days=1)).all()
    assert extended["days"].between(1, 30).all()


def test_codes_come_from_the_closed_lists(made: DemoHistory) -> None:
    coded = made.events.dropna(subset="code")
    found = coded.groupby("event", observed=True)["code"].agg(set)
    assert set(found.index) == {*REASONS, "rated"}
    assert found["rated"] == set(RATINGS)
    for event, reasons in REASONS.items():
        assert found[event] <= set(reasons), event


def test_the_asker_does_only_what_is_the_askers(made: DemoHistory) -> None:
    mine = made.events[made.events["event"].isin(ASKER_EVENTS)]
    assert set(mine["actor"]) == {"asker", "system"}
    assert set(mine.loc[mine["actor"] == "system", "event"]) == {"withdrawn"}


def test_most_decisions_and_hand_overs_are_in_time_and_some_are_not(made: DemoHistory) -> None:
    events = made.events[made.events["event"].isin(["registered", "transferred", "accepted"])]
    at = events.pivot_table("occurred_at", "case", "event", "min", observed=True)
    ordinary = made.cases["procedure"] == "ordinary"
    start = at["transferred"].fillna(at["registered"])
    days = ((at["accepted"] - start).dt.total_seconds() / 86400)[ordinary].dropna()
    assert 0.005 < (days > 18).mean() < 0.06
    forward = ((at["transferred"] - at["registered"]).dt.total_seconds() / 86400).dropna()
    assert 0.005 < (forward > 18).mean() < 0.06


def test_answers_called_not_solved_are_answered_again(made: DemoHistory) -> None:
    objected = made.events[made.events["event"] == "not_solved"].groupby("case").size()
    answers = made.events[made.events["event"] == "answered"].groupby("case").size()
    answered = answers.reindex(objected.index)
    assert ((answered == objected) | (answered == objected + 1)).all()
    assert (answered == objected + 1).mean() > 0.7
    assert 0.03 < len(objected) / len(answers) < 0.15


def test_hurried_answers_hold_less(made: DemoHistory) -> None:
    answers = made.events[made.events["event"] == "answered"].groupby("case")["occurred_at"].min()
    start = made.truth[made.truth["checkpoint"] == 0].set_index("case")["due_on"]
    at = answers.dt.tz_convert(ZONE).dt.tz_localize(None).reindex(start.index)
    left = (start - at).dt.days
    objected = pd.Series(
        start.index.isin(made.events.loc[made.events["event"] == "not_solved", "case"]),
        index=start.index,
    )
    assert objected[left.between(0, 12)].mean() > 1.5 * objected[left > 25].mean()


@pytest.fixture(scope="module")
def pairs(made: DemoHistory) -> pd.DataFrame:
    """One row per (township, period) filed: the first and the latest filing."""
    return made.filings.groupby(["township_code", "period"]).agg(
        first_at=("filed_at", "min"), latest=("kind", "last"), latest_at=("filed_at", "max"),
        count=("kind", "size"), revision=("revision", "max"), reason=("reason", "first"),
    )  # fmt: skip


def test_filings_are_for_working_days_once_or_with_a_revision(pairs: pd.DataFrame) -> None:
    days = pairs.index.get_level_values("period").to_numpy().astype("datetime64[D]")
    assert is_working(days).all()
    assert (pairs["count"] == pairs["revision"]).all()
    assert set(pairs["count"]) == {1, 2}


def test_filings_are_on_time_late_and_missing(made: DemoHistory, pairs: pd.DataFrame) -> None:
    first = pairs["first_at"].dt.tz_convert(ZONE).dt.tz_localize(None)
    deadline = pairs.index.get_level_values("period") + pd.Timedelta(hours=17)
    late = first > deadline
    assert 0.02 < late.mean() < 0.15
    assert (pairs.loc[late, "reason"].notna()).all()
    expected = 0
    for town in made.townships.itertuples():
        days = pd.date_range(town.valid_from, pd.Timestamp(END.date()), freq="D")
        expected += is_working(days.to_numpy().astype("datetime64[D]")).sum()
    missing = expected - len(made.excused) - len(pairs)
    assert 0.005 < missing / expected < 0.08
    assert len(made.excused) > 5


def test_a_zero_filing_is_true_but_for_a_few_contradictions(
    made: DemoHistory, pairs: pd.DataFrame
) -> None:
    cases = made.cases[["opened_at", "known_at", "township_code"]].copy()
    cases["period"] = cases["opened_at"].dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()
    filed = cases.merge(pairs.reset_index(), on=["township_code", "period"], validate="m:1")
    zero = filed[(filed["latest"] == "zero") & (filed["known_at"] < filed["latest_at"])]
    contradicted = zero.groupby(["township_code", "period"]).ngroups
    assert 1 <= contradicted < 0.03 * len(pairs)
    assert (pairs["latest"] == "zero").any()
