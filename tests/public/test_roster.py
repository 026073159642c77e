"""The reception roster on the open pages: without script or code, small, and late where it is."""

from __future__ import annotations

import datetime as dt

import pytest

from data import roster
from data.db import Db
from data.roster import NewLine
from data.scope import Scope
from service import roster as served
from service.rules import county_rules
from wording import formats, t

from .conftest import Reader, words

SUPERVISOR = Scope(who="sup", role="supervisor")
LINE = NewLine(dt.date(2026, 4, 2), "09:00", "11:30", "department_head", None, "接待大厅<b>", 10)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_full_roster_is_open_to_everybody_and_small(
    reader: Reader, county: Db, clock, language: str
) -> None:  # type: ignore[no-untyped-def]
    empty = words(reader.get("/s/roster", params={"lang": language}))
    month = formats.month(dt.date(2026, 4, 1), language)
    last = formats.day(dt.date(2026, 3, 28), language)
    assert t("roster.until", language, month=month, last=last) in empty
    assert t("roster.bare", language, month=month, count=21) in empty
    _, calendar = county_rules(county)
    for post in ("department_head", "county_leader", "duty_officer"):
        line = NewLine(**({**vars(LINE)} | {"post": post}))
        roster.add(
            county, SUPERVISOR, served.weekly_turns(calendar, LINE.day, ["b01", "b02"], line)
        )
    reply = reader.get("/s/roster", params={"lang": language})
    page = words(reply)
    assert len(reply.content) < 20_000
    assert "<script" not in reply.text
    assert "接待大厅&lt;b&gt;" in reply.text
    assert t("roster.whole", language, month=month) in page
    assert t("roster.how", language) in page
    assert page.count(t("roster.post.department_head", language)) == 21


def test_after_the_28th_it_says_that_it_is_late(reader: Reader, county: Db, clock) -> None:  # type: ignore[no-untyped-def]
    clock.go(days=24)
    last = formats.day(dt.date(2026, 3, 28), "zh")
    assert t("roster.late", "zh", last=last, count=21) in words(reader.get("/s/roster"))
    roster.add(county, SUPERVISOR, [LINE])
    assert t("roster.late", "zh", last=last, count=20) in words(reader.get("/s/roster"))


@pytest.mark.parametrize("name", ["roster.csv", "roster.csv-metadata.json", "roster.json"])
def test_its_files_are_open_too(reader: Reader, county: Db, name: str) -> None:
    roster.add(county, SUPERVISOR, [LINE])
    reply = reader.get(f"/s/{name}")
    assert reply.status_code == 200
    assert f"/s/{name}" in reader.get("/s/roster").text
