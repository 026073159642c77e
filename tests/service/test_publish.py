"""A month of public figures: published once, the same to the byte ever after, on both stores."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from data import audit, bulk, publications
from data.db import Db
from data.errors import NotAllowed
from data.schema import publication
from data.scope import Scope
from service.publish import last_month_over, publish
from service.publish_files import write_files
from tests.conftest import ADMINISTRATOR, DESK, LEADER, SUPERVISOR
from tests.rules.conftest import cases, events

OPERATOR = Scope.operator()
"""The clock of the tests stands on 5 March 2026; February is over."""


@pytest.fixture
def county(db: Db, small_county) -> Db:
    small_county(db)
    rows, which = [], {}
    for number in range(60):
        opened = pd.Timestamp("2025-12-01 02:00", tz="UTC") + pd.Timedelta(hours=11 * number)
        steps = [("confirmed", 0.5), ("accepted", 1.0)]
        steps += [("answered", 20.0 + number)] if number < 48 else []
        which[number] = steps
        rows.append(
            {
                "grid_code": None,
                "township_code": "990000001000" if number % 3 else "990000002000",
                "opened_at": opened,
                "known_at": opened,
            }
        )
    frame = cases(rows)
    bulk.take_over(db, OPERATOR, frame, events(frame, which), source_name="county.csv")
    return db


def test_a_published_month_stays_to_the_byte_whatever_is_written_down_later(county, clock):
    first = publish(county, OPERATOR, "2026-02")
    assert json.loads(first.content)["figures"]
    late = cases([{"grid_code": None, "township_code": "990000001000",
                   "opened_at": pd.Timestamp("2025-12-20 02:00", tz="UTC"),
                   "known_at": pd.Timestamp("2025-12-20 02:00", tz="UTC")}])  # fmt: skip
    bulk.take_over(county, OPERATOR, late, events(late, {0: [("accepted", 1.0)]}), source_name="x")
    clock.go(days=40)
    again = publish(county, OPERATOR, "2026-02")
    assert (again.content, again.sha256) == (first.content, first.sha256)
    assert publications.read(county, Scope.public(), "2026-02") == first
    assert publications.months(county, Scope.public()) == ["2026-02"]


def test_the_store_keeps_it_from_being_changed_and_notes_who_published(county):
    publish(county, SUPERVISOR, "2026-02")
    entry = audit.newest(county, OPERATOR, 1)[0]
    assert (entry.action, entry.target) == ("published", "2026-02")
    with pytest.raises(sa.exc.DBAPIError), county.write() as conn:
        conn.execute(publication.update().values(content="{}"))
    with pytest.raises(sa.exc.DBAPIError), county.write() as conn:
        conn.execute(publication.delete())


def test_only_a_supervisor_or_the_operator_publishes(county):
    for scope in (DESK, LEADER, ADMINISTRATOR, Scope.public()):
        with pytest.raises(NotAllowed):
            publish(county, scope, "2026-02")
        with pytest.raises(NotAllowed):
            publications.save(county, scope, "2026-02", "{}")


REFUSED = {
    "2026-03": "cannot be published before 2026-04-02",
    "2027-01": "cannot be published before",
    "2026-13": "written like 2026-10",
    "2026-2": "written like 2026-10",
    "../etc": "written like 2026-10",
    "2020-01": "No case had been recorded",
}


def test_a_month_that_cannot_be_published_is_one_sentence(county):
    for month, said in REFUSED.items():
        with pytest.raises(NotAllowed, match=said):
            publish(county, OPERATOR, month)
    assert publications.months(county, Scope.public()) == []


def test_a_month_ends_one_day_later(county, clock):
    assert last_month_over(county) == "2026-02"
    clock.at = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)  # 18:00 of 1 March in the county
    assert last_month_over(county) == "2026-01"
    clock.at = dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC)  # midnight, 2 March
    assert last_month_over(county) == "2026-02"


def test_the_trend_repeats_earlier_publications_unchanged(county):
    january = json.loads(publish(county, OPERATOR, "2026-01").content)
    february = json.loads(publish(county, OPERATOR, "2026-02").content)
    assert [line for line in february["trend"] if line["month"] == "2026-01"] == january["trend"]
    assert february["satisfaction"]["month"] == "2026-01"


def test_the_files_are_whole_and_name_each_other(county, tmp_path: Path):
    found = publish(county, OPERATOR, "2026-02")
    names = write_files(county, found, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(names)
    first = {name: (tmp_path / "out" / name).read_bytes() for name in names}
    assert write_files(county, publish(county, OPERATOR, "2026-02"), tmp_path / "out") == names
    assert {name: (tmp_path / "out" / name).read_bytes() for name in names} == first
    described = json.loads(first["figures.csv-metadata.json"])
    rows = list(csv.reader(first["figures.csv"].decode().splitlines()))
    assert described["url"] == "figures.csv"
    assert [one["name"] for one in described["tableSchema"]["columns"]] == rows[0]
    assert {len(row) for row in rows} == {len(rows[0])}
    assert json.loads(first["figures.json"])["dictionary"]["columns"].keys() == set(rows[0])
    package = json.loads(first["datapackage.json"])
    assert {one["path"] for one in package["resources"]} == set(names) - {"datapackage.json"}
    assert {"consultations.csv", "consultations.json", "suggestions.csv"} <= set(names)
    assert "figures.gpkg" not in names  # this county has no layer of areas
    for page in ("index.html", "index.en.html"):
        text = first[page].decode()
        assert "<script" not in text
        assert found.sha256 in text
        assert text.count("<table") == text.count("<caption>")
