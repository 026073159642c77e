"""A desk's filing by the rules of its day: deadlines, reasons, imports, excuses, spans."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from data import filings
from data.db import County, Db, set_up
from data.errors import NotAllowed
from data.places import save_offices
from data.record import register
from data.rows import NewCase
from data.scope import Scope
from reports.filing_span import span_figures
from service import filing
from tests.conftest import BODIES, DESK, SUPERVISOR, TOWNSHIPS, Clock

TODAY = dt.date(2026, 3, 5)
EVENING = dt.datetime(2026, 3, 5, 10, 0, tzinfo=dt.UTC)
"""18:00 in Shanghai, an hour past the deadline."""
TOWN, OTHER = "990000001000", "990000002000"


def _made(db: Db) -> Db:
    facts = ("试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)
    set_up(db, County("demo", *facts))
    save_offices(db, Scope.operator(), BODIES, TOWNSHIPS)
    return db


@pytest.fixture
def county(sqlite_db: Db) -> Db:
    """A county of two townships without a case."""
    return _made(sqlite_db)


@pytest.fixture
def on_each(db: Db) -> Db:
    """The same on both kinds of database."""
    return _made(db)


def case_of(db: Db, hours: float = 1) -> NewCase:
    """A case of the first desk, opened some hours ago."""
    return NewCase(
        township_code=TOWN, grid_code=None, opened_at=db.now() - dt.timedelta(hours=hours),
        domain="labour", category="unpaid_wages", kind="redress", channel="desk",
        procedure="ordinary", body_id="b01", summary="东郊工地三个月工资未发。",
    )  # fmt: skip


def state(db: Db, scope: Scope = SUPERVISOR, town: str = TOWN) -> str:
    table = filing.span_matrix(db, scope, TODAY, TODAY, db.now())
    return str(table.loc[table["township_code"] == town, "state"].item())


def test_in_time_no_reason_late_with_one_of_the_list(county: Db, clock: Clock) -> None:
    with pytest.raises(NotAllowed, match="takes no reason"):
        filing.file(county, DESK, TOWN, TODAY, "zero", "power_cut")
    clock.at = EVENING
    for reason in (None, "filed_by_mistake"):
        with pytest.raises(NotAllowed, match="filed as late"):
            filing.file(county, DESK, TOWN, TODAY, "zero", reason)
    assert filing.file(county, DESK, TOWN, TODAY, "zero", "power_cut") == 1
    assert state(county) == "late"


def test_the_deadline_itself_is_in_time(county: Db, clock: Clock) -> None:
    clock.at = EVENING - dt.timedelta(hours=1)
    assert filing.file(county, DESK, TOWN, TODAY, "report") == 1
    clock.go(minutes=1)
    assert state(county) == "filed"


def test_the_same_again_adds_nothing_and_the_other_kind_needs_a_reason(
    county: Db, clock: Clock
) -> None:
    assert filing.file(county, DESK, TOWN, TODAY, "zero") == 1
    clock.at = EVENING
    assert filing.file(county, DESK, TOWN, TODAY, "zero") == 1
    with pytest.raises(NotAllowed, match="correction takes a reason"):
        filing.file(county, DESK, TOWN, TODAY, "report", "power_cut")
    assert filing.file(county, DESK, TOWN, TODAY, "report", "case_added") == 2
    kept = filings.read_revisions(county, SUPERVISOR, TODAY, TODAY, county.now())
    assert kept["kind"].to_list() == ["zero", "report"]
    assert not kept["is_imported"].any()
    assert state(county) == "filed", "the first filing came in time"


def test_a_day_for_which_none_is_asked_cannot_be_filed(county: Db) -> None:
    sunday, before = dt.date(2026, 3, 1), dt.date(2019, 3, 5)
    for day in (sunday, before):
        with pytest.raises(NotAllowed, match="No filing is asked"):
            filing.file(county, DESK, TOWN, day, "zero", "power_cut")


def test_a_clerk_sees_the_own_desk_only_and_what_contradicts_it(on_each: Db, clock: Clock) -> None:
    register(on_each, DESK, case_of(on_each))
    clock.go(minutes=1)
    filing.file(on_each, DESK, TOWN, TODAY, "zero")
    clock.go(minutes=1)
    mine = filing.span_matrix(on_each, DESK, TODAY, TODAY, on_each.now())
    assert mine["township_code"].to_list() == [TOWN]
    assert mine["state"].to_list() == ["contradicted"]
    assert state(on_each) == "contradicted"
    clock.go(minutes=1)
    register(on_each, DESK, case_of(on_each, 3))
    clock.go(minutes=1)
    mine = filing.span_matrix(on_each, DESK, TODAY, TODAY, on_each.now())
    assert mine[["cases_before", "cases_after"]].to_numpy().tolist() == [[1, 1]]
    theirs = replace(DESK, who="2", desk="t02", bodies=frozenset({"t02"}),
                     townships=frozenset({OTHER}))  # fmt: skip
    other = filing.span_matrix(on_each, theirs, TODAY, TODAY, on_each.now())
    assert other["cases_before"].to_list() == [0]


def test_a_sheet_taken_in_counts_as_a_report_at_that_moment(county: Db, clock: Clock) -> None:
    assert not filing.file_by_sheet(county, replace(DESK, role="grid_worker"))
    assert state(county) == "open", "a grid worker is not the desk"
    assert filing.file_by_sheet(county, DESK)
    clock.go(minutes=5)
    assert filing.file_by_sheet(county, DESK)  # a second sheet counts once
    kept = filings.read_revisions(county, SUPERVISOR, TODAY, TODAY, county.now())
    assert kept["kind"].to_list() == ["report"]
    assert state(county) == "filed"


def test_a_sheet_after_the_deadline_is_late_and_one_on_sunday_files_nothing(
    county: Db, clock: Clock
) -> None:
    clock.at = EVENING
    filing.file_by_sheet(county, DESK)
    clock.go(minutes=1)
    assert state(county) == "late"
    clock.at = dt.datetime(2026, 3, 8, 2, 0, tzinfo=dt.UTC)
    assert not filing.file_by_sheet(county, DESK)
    sunday = dt.date(2026, 3, 8)
    assert filings.read_revisions(county, SUPERVISOR, sunday, sunday, county.now()).empty


def test_an_excuse_leaves_both_sides_until_it_is_taken_back(on_each: Db, clock: Clock) -> None:
    clock.at = EVENING
    expected = []
    for reason in ("training", None, "power_cut"):
        filing.excuse(on_each, SUPERVISOR, TOWN, TODAY, reason)
        clock.go(minutes=1)
        table = filing.span_matrix(on_each, SUPERVISOR, TODAY, TODAY, on_each.now())
        expected.append((span_figures(table).figures.expected, span_figures(table).figures.excused))
    assert expected == [(1, 1), (2, 0), (1, 1)]
    with pytest.raises(NotAllowed):
        filing.excuse(on_each, SUPERVISOR, TOWN, TODAY, "late_by_oversight")
    with pytest.raises(NotAllowed, match="No filing is asked"):
        filing.excuse(on_each, SUPERVISOR, TOWN, dt.date(2026, 3, 8), "training")
    with pytest.raises(NotAllowed):
        filing.excuse(on_each, DESK, TOWN, TODAY, "training")
    said = filings.read_excuses(on_each, SUPERVISOR, TODAY, TODAY, on_each.now())
    assert said["reason"].to_list() == ["training", filings.TAKEN_BACK, "power_cut"]


def test_what_was_known_then_stays_what_was_known_then(county: Db, clock: Clock) -> None:
    clock.at = EVENING
    filing.excuse(county, SUPERVISOR, TOWN, TODAY, "training")
    clock.go(minutes=1)
    then = county.now()
    clock.go(minutes=1)
    filing.excuse(county, SUPERVISOR, TOWN, TODAY, None)
    clock.go(minutes=1)
    states = [
        filing.span_matrix(county, SUPERVISOR, TODAY, TODAY, at)["state"].iloc[0]
        for at in (then, county.now())
    ]
    assert states == ["excused", "missing"]


def test_each_day_is_asked_by_the_rules_in_force_on_it(
    county: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = filing.rules_of(county)

    class Rules:
        """Filing is asked from 3 March on, from 4 March until 16:00."""

        def pack(self, name: str, day: dt.date) -> object:
            deadline = dt.time(16) if day >= dt.date(2026, 3, 4) else dt.time(17)
            asks = day >= dt.date(2026, 3, 3)
            return replace(found.pack(name, day), daily_filing=asks, filing_deadline=deadline)

        calendar = staticmethod(found.calendar)

    monkeypatch.setattr(filing, "rules_of", lambda db: Rules())
    asked = filing.asked(county, dt.date(2026, 3, 1), TODAY)
    told = {time: [f"{day:%m-%d}" for day in days] for time, days in asked.items()}
    assert told == {dt.time(17): ["03-03"], dt.time(16): ["03-04", "03-05"]}
    table = filing.span_matrix(county, SUPERVISOR, dt.date(2026, 3, 1), TODAY, county.now())
    assert len(table) == 6
    assert table["period"].is_monotonic_increasing is False
    pd.testing.assert_frame_equal(
        table, table.sort_values(["township_code", "period"], ignore_index=True)
    )
