"""A month of a made-up county through the whole way: what the office publishes, attacked."""

from __future__ import annotations

import json

import pytest

import service.publish
from data.db import Db
from data.scope import Scope
from reports.monthly import MonthCounts, months_before
from reports.monthly_content import content_of
from service.demo import make_demo
from service.publish import last_month_over, publish
from tests.reports.attacker import attackers


def test_nobody_gets_a_small_count_out_of_a_month_of_the_demo_county(
    sqlite_db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_demo(sqlite_db, grids=60, townships=4, cases_per_year=3000, years=1)
    counted: list[MonthCounts] = []

    def noted(*given):  # type: ignore[no-untyped-def]
        counted.append(given[4])
        return content_of(*given)

    monkeypatch.setattr(service.publish, "content_of", noted)
    month = last_month_over(sqlite_db)
    publish(sqlite_db, Scope.operator(), months_before(month, 1))
    content = json.loads(publish(sqlite_db, Scope.operator(), month).content)
    earlier, now = counted
    inside = {one["id"]: one["inside"] for one in content["groups"]["category"]}
    hidden = [row for row in content["figures"] if row["covered"]]
    assert hidden
    for attacker, counts in attackers(content, now, earlier, inside):
        known, small = attacker.small(counts)
        assert small == {}
        assert known > 100
