"""How many grants two accounts made in a month stands in what is published of it."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd

from data import accounts, bulk, grants
from data.scope import Scope
from service.publish import publish
from service.publish_files import write_files
from tests.access.test_who_enters import RIGHT, member, who
from tests.rules.conftest import cases, events
from wording import t

OPERATOR = Scope.operator()


def test_the_grants_of_a_month_stand_in_its_page_and_its_json(
    sqlite_db, small_county, clock, tmp_path
):
    db = small_county(sqlite_db)
    opened = pd.Timestamp("2026-01-10 02:00", tz="UTC")
    row = {"grid_code": None, "township_code": "990000001000", "opened_at": opened,
           "known_at": opened}  # fmt: skip
    frame = cases([row])
    bulk.take_over(db, OPERATOR, frame, events(frame, {0: [("accepted", 1.0)]}), source_name="x")
    keeper = member(db, "a1", "administrator")
    asker = who(db, accounts.sign_in(db, member(db, "s1", "supervisor"), RIGHT)).scope
    wanted = grants.ask(db, asker, "s1", "quality_check")
    grants.grant(db, who(db, accounts.sign_in(db, keeper, RIGHT)).scope, wanted, 2)
    clock.at = dt.datetime(2026, 4, 3, 2, 0, tzinfo=dt.UTC)
    found = publish(db, OPERATOR, "2026-03")
    assert json.loads(found.content)["text_grants"] == 1
    write_files(db, found, tmp_path)
    for name, language in (("index.html", "zh"), ("index.en.html", "en")):
        assert t("access.grants_made", language, count="1") in (tmp_path / name).read_text("utf-8")
