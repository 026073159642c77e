"""What the map says of offices: read once, and never of a case that nobody confirmed."""

from __future__ import annotations

import datetime as dt

import pytest

from data.db import Db
from data.errors import NotAllowed
from data.record import register
from data.roster import NewLine, add
from data.rows import NewCase
from data.scope import Scope
from service import filing
from service.area_desks import of_offices, receptions
from service.figures import county_figures
from tests.conftest import DESK, SUPERVISOR, Clock

TODAY = dt.date(2026, 3, 5)
TOWN, OTHER = "990000001000", "990000002000"


@pytest.fixture
def county(sqlite_db: Db, small_county, clock: Clock) -> Db:  # type: ignore[no-untyped-def]
    """Past the deadline; a desk filed zero although it had registered a case an hour before."""
    db: Db = small_county(sqlite_db)
    case = NewCase(
        township_code=TOWN, grid_code=None, opened_at=db.now() - dt.timedelta(hours=1),
        domain="labour", category="unpaid_wages", kind="redress", channel="desk",
        procedure="ordinary", body_id="b01", summary="东郊工地三个月工资未发。",
    )  # fmt: skip
    register(db, DESK, case)
    clock.go(hours=1)
    filing.file(db, DESK, TOWN, TODAY, "zero", None)
    clock.go(hours=8)
    return db


def test_a_zero_against_the_register_is_told_once_its_case_is_confirmed(county: Db) -> None:
    """Until its code was used a case enters no map (DOMAIN.md §2.1); the page of filings has it."""
    found = county_figures(county, SUPERVISOR, county.now())
    assert (
        filing.span_matrix(county, SUPERVISOR, TODAY, TODAY, county.now())["state"]
        .eq("contradicted")
        .any()
    )
    own = of_offices(county, SUPERVISOR, "filing", county.now(), found, TODAY)
    assert own["state"].to_dict() == {TOWN: "in_time", OTHER: "missing"}
    found.table.cases["is_confirmed"] = True
    own = of_offices(county, SUPERVISOR, "filing", county.now(), found, TODAY)
    assert own["state"].to_dict() == {TOWN: "contradicted", OTHER: "missing"}


def test_receptions_stand_with_the_township_of_the_office_or_with_the_county(county: Db) -> None:
    lines = [
        NewLine(TODAY + dt.timedelta(days=n), "09:00", "11:30", post, body, "大厅", 6)
        for n, post, body in ((1, "township_head", "t01"), (2, "department_head", "b01"),
                              (3, "county_head", None), (40, "township_head", "t02"))
    ]  # fmt: skip
    add(county, SUPERVISOR, lines)
    ahead = receptions(county, SUPERVISOR, TODAY)
    assert {code: len(lines) for code, lines in ahead.items()} == {TOWN: 1, "": 2}
    found = county_figures(county, SUPERVISOR, county.now())
    own = of_offices(county, SUPERVISOR, "receptions", county.now(), found, TODAY)
    assert own["state"].to_dict() == {TOWN: "planned", OTHER: "none_planned"}


@pytest.mark.parametrize("layer", ["filing", "receptions", "longer_wait"])
def test_a_desk_does_not_read_what_is_of_all_offices(county: Db, layer: str) -> None:
    found = county_figures(county, Scope.operator(), county.now())
    with pytest.raises(NotAllowed):
        of_offices(county, DESK, layer, county.now(), found, TODAY)
