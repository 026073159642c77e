"""Beside the days each body had a case: whether it said in time that it is not theirs."""

import datetime as dt

import pytest

from casework.hops import Hop
from data.db import County
from data.scope import Scope
from ui.case_told import _objection
from ui.guard import Viewer

COUNTY = County("demo", "试县", "Test County", "Asia/Shanghai", "cn_xinfang_2022", "township", None)
NOW = dt.datetime(2026, 3, 10, 2, tzinfo=dt.UTC)
LAST = dt.date(2026, 3, 12)


@pytest.mark.parametrize(
    ("until", "objected", "is_open", "says"),
    [
        (None, False, True, "—"),
        (None, True, False, "said it is not theirs"),
        (LAST, True, False, "said in time"),
        (LAST, False, True, "may object until"),
        (LAST, False, False, "none made"),
        (dt.date(2026, 3, 9), False, True, "none made"),
    ],
)
def test_a_turn_says_whether_its_body_objected(
    until: dt.date | None, objected: bool, is_open: bool, says: str
) -> None:
    viewer = Viewer(Scope(who="super", role="supervisor"), "super", "en", COUNTY, NOW, NOW)
    start = dt.date(2026, 3, 5)
    turn = Hop("b01", start, dt.date(2026, 3, 10), 5, is_open, until, objected)
    assert says in _objection(viewer, turn)
