"""Figures of the cases that can count are those of all, whatever was kept, appended or damaged."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data import column_files, steering
from data.db import Db, make_engine
from data.schema import case_event, case_version
from data.scope import Scope
from reports.facts_json import to_json
from service import daily, near
from service.demo import make_demo
from service.figures import CaseFigures, county_figures
from service.near import Near, narrowed, near_figures
from tests.casework.test_calendar_file import YEAR
from tests.conftest import Clock

SUPERVISOR = Scope(who="super", role="supervisor")
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """Two years of a made-up county, made once for these tests."""
    path = tmp_path_factory.mktemp("near") / "made.db"
    shutil.copy(sqlite_template, path)
    from data.keys import Keys

    keys = Keys.fresh()
    keys.save(path.parent / "keys.json")
    db = Db(make_engine(f"sqlite:///{path}"), keys, Clock())
    make_demo(db, grids=24, townships=3, cases_per_year=350, years=2)
    db.engine.dispose()
    return path


@pytest.fixture
def county(made: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Db:
    from data.keys import Keys

    monkeypatch.setattr(column_files, "LEAST_EVENTS", 1)
    monkeypatch.setattr(column_files, "LEAST_NEW", 1)
    monkeypatch.setattr(near, "LEAST_CASES", 1)
    shutil.copy(made, tmp_path / "county.db")
    engine = make_engine(f"sqlite:///{tmp_path / 'county.db'}")
    return Db(engine, Keys.load(made.parent / "keys.json"), clock, tmp_path / "var")


def agrees(db: Db) -> tuple[Near, CaseFigures]:
    """What counts since three months, against the whole county computed anew."""
    as_of = db.now()
    since = as_of.astimezone(ZONE).date() - dt.timedelta(days=92)
    whole = county_figures(db, SUPERVISOR, as_of)
    found, wanted = near_figures(db, SUPERVISOR, as_of, since), narrowed(whole, since, str(ZONE))
    assert found.first_known == wanted.first_known
    counted = whole.standing["is_counted"].sum()
    for one in (found, wanted):
        assert one.older + one.figures.standing["is_counted"].sum() == counted
    # every case that counts is there, and stands where it stands among all
    mine, theirs = (
        pd.concat([x.figures.cases.drop(columns="case_id"), x.figures.standing], axis=1)
        for x in (found, wanted)
    )
    keys = ["opened_at", "known_at", "township_code", "desk", "channel"]
    both = theirs.merge(mine, on=keys, how="left", suffixes=("", "_near"))
    for name in wanted.figures.standing:
        pd.testing.assert_series_equal(both[name], both[f"{name}_near"], check_names=False)
    return found, whole


def append(db: Db, random: np.random.Generator, count: int) -> None:
    """Events of any cases, the oldest too; some known to an older system long ago or not yet."""
    with db.write() as conn:
        at = db.stamp(conn)
        ids = conn.execute(sa.select(case_version.c.case_id).distinct()).scalars().all()
        names = ("answered", "not_solved", "withdrawal_asked", "disowned", "review_requested",
                 "contacted", "delivered", "extended", "declined")  # fmt: skip
        rows = [
            {
                "case_id": ids[random.integers(len(ids))], "event": str(random.choice(names)),
                "occurred_at": at + dt.timedelta(hours=int(random.integers(-500, 30))),
                "recorded_at": at, "actor": "office", "body_id": "b02", "days": 10,
                "source_recorded_at": random.choice(
                    [None, at - dt.timedelta(days=300), at + dt.timedelta(days=2)]
                ),
            }
            for _ in range(count)
        ]  # fmt: skip
        conn.execute(case_event.insert(), rows)


def test_a_report_of_the_cases_that_can_count_is_that_of_all(county: Db) -> None:
    today = county.now().astimezone(ZONE).date()
    for back in (760, 33, 0):
        day = today - dt.timedelta(days=back)
        as_of = daily.cut_off(county, day)
        now = county_figures(county, SUPERVISOR, as_of)
        everything = Near(now, 0, now.cases["known_at"].min())
        whole = daily.daily(county, SUPERVISOR, day, as_of, now=everything)
        for given in (now, None, None):
            few = daily.daily(county, SUPERVISOR, day, as_of, now=given)
            assert few == whole
            assert to_json(few) == to_json(whole)


def test_what_is_kept_leaves_most_cases_out_and_no_figure_wrong(county: Db, clock: Clock) -> None:
    random = np.random.default_rng(1)
    found, whole = agrees(county)
    assert len(found.figures.cases) == len(whole.cases)  # nothing kept yet
    found, whole = agrees(county)
    assert len(found.figures.cases) < 0.6 * len(whole.cases)
    for hours in (1, 30, 24 * 20, 24 * 70):
        clock.go(hours=hours)
        append(county, random, 25)
        found, whole = agrees(county)
        assert len(found.figures.cases) < 0.9 * len(whole.cases)
    clock.go(hours=-2)  # a page looks a little back
    found, whole = agrees(county)
    assert len(found.figures.cases) < 0.9 * len(whole.cases)
    clock.go(days=-30)  # somebody looks at an earlier day
    agrees(county)
    clock.go(days=30, hours=2)
    found, whole = agrees(county)
    assert len(found.figures.cases) < 0.9 * len(whole.cases)


def started(db: Db) -> Db:
    """The same record as the next process opens it."""
    return dataclasses.replace(db, engine=make_engine(str(db.engine.url)))


@pytest.mark.parametrize("how", ["whole", "flipped", "cut", "rules", "code"])
def test_the_next_process_takes_it_over_if_it_is_right(
    county: Db, clock: Clock, how: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    agrees(county)
    folder = column_files.folder_of(county)
    assert folder is not None
    path = folder / "settled.parquet"
    assert path.stat().st_mode & 0o777 == 0o600
    content = bytearray(path.read_bytes())
    if how == "flipped":
        content[len(content) // 3] ^= 0xFF
        path.write_bytes(content)
    elif how == "cut":
        path.write_bytes(content[:40])
    elif how == "rules":
        steering.save_file(county, Scope.operator(), "calendar_cn_2027.toml", YEAR)
    elif how == "code":
        monkeypatch.setattr(near, "_code", lambda: "another")
    clock.go(hours=3)
    new = started(county)
    found, whole = agrees(new)
    is_used = len(found.figures.cases) < len(whole.cases)
    assert is_used == (how == "whole")
    assert ("made anew" in caplog.text) == (how in {"flipped", "cut"})
    new.engine.dispose()


def test_another_record_under_the_same_address_takes_nothing_over(
    county: Db, sqlite_template: Path
) -> None:
    agrees(county)
    path = Path(str(county.engine.url.database))
    county.engine.dispose()
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy(sqlite_template, path)
    new = started(county)
    make_demo(new, grids=24, townships=3, cases_per_year=400, years=1, seed=9)
    found, whole = agrees(new)
    assert len(found.figures.cases) == len(whole.cases)
    new.engine.dispose()
