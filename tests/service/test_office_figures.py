"""The office's own figures from the record: settled windows, months as in public, a body's year."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from data import publications
from data.db import Db
from data.errors import NotAllowed
from data.scope import Scope
from reports.indicators import Window, case_cells, service_figures
from reports.monthly import month_of
from reports.office_lines import Filters, trend
from reports.rates import Rate
from reports.waiting import seven_one_seven
from service import indicators
from service.figures import CaseFigures, compute, county_figures, known_by
from service.publish import publish
from service.rules import rules_of
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, LEADER, SUPERVISOR

from .busy_county import fill

ZONE = "Asia/Shanghai"
WINDOWS = (
    month_of("2025-06"), Window(dt.date(2025, 10, 6), dt.date(2025, 10, 12)),
    Window(dt.date(2025, 7, 1), dt.date(2025, 12, 31)), month_of("2026-02"), month_of("2026-04"),
)  # fmt: skip


@pytest.fixture
def county(sqlite_db: Db, small_county) -> Db:  # type: ignore[no-untyped-def]
    return fill(small_county(sqlite_db))


@pytest.fixture
def now(county: Db) -> CaseFigures:
    return county_figures(county, SUPERVISOR, county.now())


def test_what_is_left_out_of_a_windows_reading_counts_in_none_of_its_figures(
    county: Db, now: CaseFigures
) -> None:
    for window in WINDOWS:
        moment = min(window.known_at(ZONE), county.now())
        whole = compute(rules_of(county), known_by(now.table, moment), moment, ZONE)
        some, known = indicators.as_known(county, now, window, county.now())
        assert known == moment
        assert len(some.cases) < len(whole.cases) or window.first.year == 2025
        for say in (service_figures, seven_one_seven):
            of_all, of_some = (
                say(one.cases, one.table.events, one.standing, window, moment, ZONE)
                for one in (whole, some)
            )
            assert of_some == of_all, window


def test_the_trend_is_what_each_month_says_of_itself(county: Db, now: CaseFigures) -> None:
    rows = trend(
        now.cases, now.table.events, now.standing, "on_time", 12, county.now(), ZONE
    )  # fmt: skip
    assert list(rows["month"])[-1] == "2026-02"
    assert len(rows) == 12
    for row in rows.itertuples():
        found = indicators.of_window(
            county, SUPERVISOR, now, month_of(row.month), county.now(), Filters()
        )
        rate = found.figures.answers.rate
        assert (row.numerator, row.denominator) == (rate.numerator, rate.denominator), row.month


def test_a_published_months_workbook_is_the_published_one(county: Db, now: CaseFigures) -> None:
    before, _ = indicators.month_rows(county, SUPERVISOR, now, "2026-01", county.now())
    content = json.loads(publish(county, Scope.operator(), "2026-01").content)
    after, _ = indicators.month_rows(county, SUPERVISOR, now, "2026-01", county.now())
    assert publications.months(county, SUPERVISOR) == ["2026-01"]
    assert after == [*content["figures"], *content["days"]]

    def shown(rows: list[dict]) -> dict[tuple, tuple]:
        return {
            (r["by"], r["group"], r["indicator"]): (
                r.get("numerator"), r.get("denominator"), r.get("days"), r["covered"],
            )
            for r in rows
        }  # fmt: skip

    assert shown(before) == shown(after)
    assert {row["by"] for row in after} >= {"county", "body", "category", "desk"}


def test_the_month_inside_has_the_published_countys_figures(county: Db, now: CaseFigures) -> None:
    content = json.loads(publish(county, Scope.operator(), "2026-01").content)
    public = {r["indicator"]: r for r in content["figures"] if r["by"] == "county"}
    found = indicators.of_window(
        county, SUPERVISOR, now, month_of("2026-01"), county.now(), Filters()
    )
    lines = {line.name: line for line in found.lines}
    compared = 0
    for name in ("on_time", "late_answered", "decided_in_time", "with_body", "extended", "exits"):
        rate, row = lines[name].rate, public[name]
        if row["covered"]:
            continue
        assert rate is not None
        assert (rate.numerator, rate.denominator) == (row["numerator"], row["denominator"]), name
        compared += 1
    assert compared >= 4


def test_a_bodys_year_is_of_its_settled_months_and_adds_up(county: Db, now: CaseFigures) -> None:
    made, held = indicators.year_of(county, SUPERVISOR, now, "b01", 2025, county.now())
    assert made.months == tuple(f"2025-{number:02d}" for number in range(1, 13))
    assert held.denominator > 100
    rows = made.rows
    assert set(map(len, rows.values())) == {13}
    five = [rows[n][-1] for n in ("on_time", "late_answered", "late_open", "ended_otherwise")]
    if not any(cell.covered for cell in five):
        assert sum(cell.numerator for cell in five) == rows["due"][-1].numerator
    this_year, _ = indicators.year_of(county, SUPERVISOR, now, "b01", 2026, county.now())
    assert this_year.months == ("2026-01", "2026-02")


def test_a_bodys_months_are_those_of_the_windows(
    county: Db, now: CaseFigures, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything(by: dict, inside: dict, splits: tuple) -> dict:
        return {where: {one.name: frozenset(table.index) for one in splits}
                for where, table in by.items()}  # fmt: skip

    monkeypatch.setattr("reports.body_year.cover", everything)
    made, held = indicators.year_of(county, SUPERVISOR, now, "b01", 2025, county.now())
    args = (now.cases, now.table.events, now.standing)
    each = [
        service_figures(*args, month_of(month), county.now(), ZONE).held for month in made.months
    ]
    assert held == Rate(sum(r.numerator for r in each), sum(r.denominator for r in each))
    seen = 0
    for at, month in enumerate(made.months):
        window = month_of(month)
        cells = case_cells(*args, window, county.now(), ZONE)
        mine = cells[(now.standing["owing_body_id"] == "b01").to_numpy()].sum()
        for name in ("due", "on_time", "late_open", "exits", "decided_in_time", "extended"):
            cell = made.rows[name][at]
            assert not cell.covered
            assert cell.numerator == mine[name], (month, name)
            seen += cell.numerator
    assert seen > 500


def test_who_does_not_see_the_countys_figures_gets_none_of_these(
    county: Db, now: CaseFigures
) -> None:
    at = county.now()
    for scope in (DESK, LABOUR, ADMINISTRATOR, Scope.public()):
        for ask in (
            lambda s: indicators.of_window(county, s, now, WINDOWS[0], at, Filters()),
            lambda s: indicators.year_of(county, s, now, "b01", 2025, at),
            lambda s: indicators.month_rows(county, s, now, "2026-01", at),
            lambda s: indicators.load_of(county, s, now, at),
            lambda s: indicators.arrivals_of(county, s, now, at),
        ):
            with pytest.raises(NotAllowed):
                ask(scope)
    assert indicators.load_of(county, LEADER, now, at).bodies


def test_cases_nobody_confirmed_move_no_forecast_of_arrivals(sqlite_db: Db, small_county) -> None:  # type: ignore[no-untyped-def]
    county = fill(small_county(sqlite_db))
    now = county_figures(county, SUPERVISOR, county.now())
    made = indicators.arrivals_of(county, SUPERVISOR, now, county.now())
    keep = now.cases["is_confirmed"].astype(bool).to_numpy()
    assert not keep.all()
    table = indicators.only(now.table, keep)
    rest = (part[keep].reset_index(drop=True).rename_axis("case") for part in now[1:])
    confirmed = CaseFigures(table, *rest)
    assert indicators.arrivals_of(county, SUPERVISOR, confirmed, county.now()) == made
