"""Campaigns: categories and bodies, the three lists, results by the own body, the same figures."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from data import campaigns
from data.campaigns import NewMeasure
from data.errors import NotAllowed, NotFound
from data.schema import audit, campaign, campaign_measure
from reports.office_lines import Filters
from service import campaigns as served
from service import indicators
from service.figures import county_figures
from tests.conftest import DESK, HOUSING, LABOUR, LEADER, SUPERVISOR

from .busy_county import fill

TODAY = dt.date(2026, 3, 5)
FIRST, LAST = dt.date(2025, 12, 1), dt.date(2026, 3, 31)
WAGES = frozenset({"unpaid_wages"})
MEASURE = NewMeasure("b01", "unpaid_wages", "on_time", "training", "department_head", LAST)


@pytest.fixture
def county(sqlite_db, small_county):
    return small_county(sqlite_db)


def begun(county, **changed) -> str:
    given = {"begins_on": FIRST, "ends_on": LAST, "chosen": WAGES, "bodies": frozenset({"b01"})}
    return served.begin(county, SUPERVISOR, **(given | changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"chosen": frozenset()}, {"bodies": frozenset()}, {"bodies": frozenset({"nobody"})},
        {"chosen": frozenset({"no such category"})}, {"ends_on": FIRST + dt.timedelta(days=26)},
        {"ends_on": FIRST + dt.timedelta(days=366)}, {"ends_on": FIRST - dt.timedelta(days=1)},
    ],
)  # fmt: skip
def test_what_is_no_campaign_is_not_opened(county, changed):
    with pytest.raises(NotAllowed):
        begun(county, **changed)
    assert campaigns.read(county, SUPERVISOR, county.now()) == ()


def test_a_campaign_knows_no_case_and_no_place():
    columns = {c.name for table in (campaign, campaign_measure) for c in table.columns}
    assert not {name for name in columns if "case" in name or "township" in name or "grid" in name}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"body_id": "b02"}, NotAllowed), ({"category": "housing_handover"}, NotAllowed),
        ({"figure": "rated"}, NotAllowed), ({"measure": "visits"}, NotAllowed),
        ({"post": "somebody"}, NotAllowed), ({"due_on": LAST + dt.timedelta(days=1)}, NotAllowed),
    ],
)  # fmt: skip
def test_a_row_outside_the_campaign_or_the_lists_is_refused(county, changed, error):
    made = begun(county)
    with pytest.raises(error):
        served.add_measure(county, SUPERVISOR, made, dataclasses.replace(MEASURE, **changed))
    with pytest.raises(NotFound):
        served.add_measure(county, SUPERVISOR, "ABCD-EFGH-JKMN", MEASURE)
    (one,) = campaigns.read(county, SUPERVISOR, county.now())
    assert one.measures == ()


def test_the_own_body_says_the_result_and_reads_its_own_rows_only(county, clock):
    made = begun(county, bodies=frozenset({"b01", "b02"}))
    mine = served.add_measure(county, SUPERVISOR, made, MEASURE)
    other = dataclasses.replace(MEASURE, body_id="b02")
    served.add_measure(county, SUPERVISOR, made, other)
    for scope in (SUPERVISOR, LEADER):
        with pytest.raises(NotAllowed):
            served.say_result(county, scope, mine, "done")
    with pytest.raises(NotFound):
        served.say_result(county, HOUSING, mine, "done")
    with pytest.raises(NotAllowed):
        served.say_result(county, LABOUR, mine, "splendid")
    served.say_result(county, LABOUR, mine, "partly")
    clock.go(days=1)
    served.say_result(county, LABOUR, mine, "done")
    (seen,) = campaigns.read(county, LABOUR, county.now())
    assert [(m.result, m.done_on) for m in seen.measures] == [
        ("done", TODAY + dt.timedelta(days=1))
    ]
    assert campaigns.read(county, DESK, county.now()) == ()
    (whole,) = campaigns.read(county, LEADER, county.now())
    assert {served.state(m, LAST) for m in whole.measures} == {"done", "running"}
    assert {served.state(m, LAST + dt.timedelta(days=1)) for m in whole.measures} == {
        "done", "past",
    }  # fmt: skip
    with county.read() as conn:
        log = conn.execute(sa.select(audit.c.action)).scalars().all()
    for action, count in (("campaign_opened", 1), ("campaign_measure", 2), ("campaign_result", 2)):
        assert log.count(action) == count


def test_figures_before_and_within_are_the_indicators_of_those_days(county):
    fill(county)
    made = begun(county)
    served.add_measure(county, SUPERVISOR, made, MEASURE)
    (of,) = campaigns.read(county, SUPERVISOR, county.now())
    before, within = served.windows(of, TODAY)
    assert within is not None
    assert (before.last, within.first) == (FIRST - dt.timedelta(days=1), FIRST)
    assert before.last - before.first == LAST - FIRST
    assert within.last == TODAY - dt.timedelta(days=1)
    now = county_figures(county, SUPERVISOR, county.now())
    (one,) = served.compared(county, SUPERVISOR, now, of, county.now(), TODAY)
    narrowed = Filters(bodies=frozenset({"b01"}), categories=WAGES)
    for window, line in ((before, one.before), (within, one.within)):
        lines = indicators.of_window(county, SUPERVISOR, now, window, county.now(), narrowed).lines
        assert line == next(x for x in lines if x.name == "on_time")
        assert line.rate.denominator > 10
    later = dataclasses.replace(of, begins_on=TODAY, ends_on=TODAY + dt.timedelta(days=60))
    (ahead,) = served.compared(county, SUPERVISOR, now, later, county.now(), TODAY)
    assert ahead.within is None
