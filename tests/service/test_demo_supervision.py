"""The demo county shows one sweep, one campaign, one inspection and one evaluation, quickly."""

from __future__ import annotations

import pytest

from data import campaigns, evaluations, inspections
from data.db import County, set_up
from data.errors import NotAllowed
from data.places import save_offices
from data.scope import Scope
from service import sweeps
from service.body_sheet import body_sheet, sheet_file
from service.demo_supervision import make_supervision
from service.figures import county_figures
from service.indicators import year_of
from tests.conftest import BODIES, SUPERVISOR, TOWNSHIPS

from .busy_county import fill

FACTS = ("试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)


@pytest.fixture
def county(sqlite_db):
    set_up(sqlite_db, County("demo", *FACTS))
    save_offices(sqlite_db, Scope.operator(), BODIES, TOWNSHIPS)
    return fill(sqlite_db)


def test_each_is_there_and_stands_on_the_bodys_sheet(county):
    make_supervision(county, 7)
    now = county.now()
    (line,) = sweeps.county_lines(county, SUPERVISOR, now)
    assert 0 < line.coverage.numerator < line.coverage.denominator
    (of,) = campaigns.read(county, SUPERVISOR, now)
    assert {m.result for m in of.measures} == {"done", "partly", None}
    assert inspections.read(county, SUPERVISOR, 2026)
    assert evaluations.read(county, SUPERVISOR, 2026)
    figures = county_figures(county, SUPERVISOR, now)
    made, _ = year_of(county, SUPERVISOR, figures, line.body_id, 2026, now)
    sheet = body_sheet(county, SUPERVISOR, figures, made, now, "zh")
    assert sheet.sweeps == (line,)
    assert (sheet.measures.numerator, sheet.measures.denominator) == (1, 2)
    assert len(sheet.marks) == 12
    assert {one.body_id for one in sheet.beside} == {line.body_id}
    assert sheet_file(county, sheet, "docx", now, "zh").startswith(b"PK")


def test_no_other_county_is_given_made_up_work(sqlite_db, small_county):
    with pytest.raises(NotAllowed):
        make_supervision(small_county(sqlite_db), 7)
