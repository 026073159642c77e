"""Staff pages, daily report and public month say the same figure: one function decides it."""

from __future__ import annotations

import pytest

from reports.indicators import case_cells, service_figures
from reports.monthly import COUNTY, month_of
from reports.rates import Rate

from .monthly_county import covered, record


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_month_has_the_same_figures_inside_and_in_public(seed: int) -> None:
    made = record(seed, 300)
    args = (made.cases, made.events, made.standing)
    inside = service_figures(*args, made.window, made.as_of, made.zone)
    two_before = service_figures(*args, month_of("2026-08"), made.as_of, made.zone)
    counts, _ = covered(made)
    public, days = counts.by[COUNTY].loc[COUNTY], counts.days[COUNTY].loc[COUNTY]

    def rate(some: str, among: str) -> Rate:
        return Rate(int(public[some]), int(public[among]))

    assert public["due"] > 100
    assert inside.answers.rate == rate("on_time", "due")
    five = inside.answers
    assert (five.late, five.late_open, five.ended_otherwise) == tuple(
        public[["late_answered", "late_open", "ended_otherwise"]]
    )
    assert inside.acceptance == rate("decided_in_time", "decision_due")
    assert inside.rated == rate("rated", "answered")
    assert inside.satisfaction == rate("pleased", "rated")
    assert inside.exits == rate("exits", "ended")
    assert inside.extended == rate("extended", "due")
    assert inside.receipts_used == rate("used", "opened")
    assert two_before.held == rate("held", "ripe")
    assert (inside.median_days, inside.p90_days) == tuple(days)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_split_adds_up(seed: int) -> None:
    made = record(seed, 200)
    cells = case_cells(
        made.cases, made.events, made.standing, made.window, made.as_of, made.zone
    ).sum()
    for whole, *parts in (
        ("due", "on_time", "late_answered", "late_open", "ended_otherwise"),
        ("due", "extended", "not_extended"), ("answered", "rated", "unrated"),
        ("rated", "pleased", "displeased"), ("ripe", "held", "not_held"),
        ("decision_due", "decided_in_time", "decided_late"), ("ended", "ended_answered", "exits"),
        ("exits", "declined", "referred", "no_remedy", "withdrawn"), ("opened", "used", "unused"),
    ):  # fmt: skip
        assert cells[whole] == cells[parts].sum(), whole


def test_what_is_not_due_yet_is_in_no_rate() -> None:
    made = record(4, 300)
    args = (made.cases, made.events)
    every = made.standing.assign(outcome="not_due")
    figures = service_figures(*args, every, made.window, made.as_of, made.zone)
    assert figures.answers.not_due == figures.answers.total > 0
    for rate in (figures.answers.rate, figures.rated, figures.held, figures.extended):
        assert rate.share is None
