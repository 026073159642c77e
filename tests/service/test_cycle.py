"""The nightly run: each step once a day, one run at a time, and a failed step stops no other."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data import bulk, running, scores
from data.db import Db
from data.errors import ConfigError, NotAllowed, StoreFull
from data.running import RunGoesOn
from data.scope import Scope
from data.vocabulary import RUN_STEPS
from service import cycle
from service.nights import read_nights
from settings import ROOT, Settings
from tests.conftest import ADMINISTRATOR, SUPERVISOR
from tests.rules.conftest import cases, events
from tests.service import nightly
from tests.service.test_commands import run as run
from wording import t

OPERATOR = Scope.operator()
DAY = dt.date(2026, 3, 5)


@pytest.fixture
def county(db: Db, small_county) -> Db:
    small_county(db)
    opened = [
        pd.Timestamp("2026-01-12 02:00", tz="UTC") + pd.Timedelta(days=3 * n) for n in range(16)
    ]
    frame = cases(
        [
            {"grid_code": None, "opened_at": at, "known_at": at, "channel": "online",
             "needs_confirmation": False, "township_code": "990000001000", "body_id": "b01",
             "category": "unpaid_wages", "domain": "labour"}
            for at in opened
        ]
    )  # fmt: skip
    steps = {n: [("accepted", 2.0), *([("answered", 20.0)] if n < 5 else [])] for n in range(15)}
    made = events(frame, steps).sort_values(["occurred_at"], kind="stable").reset_index(drop=True)
    bulk.take_over(db, OPERATOR, frame, made, source_name="c.csv")
    return db


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Steps that only say that they were done."""
    did: list[str] = []

    def step(name: str):
        def work(of: cycle.Work) -> cycle.Done:
            did.append(name)
            return cycle.Done({"files": 1})

        return work

    monkeypatch.setattr(cycle, "STEPS", {name: step(name) for name in RUN_STEPS})
    return did


def test_a_night_does_every_step_and_a_second_one_of_the_day_nothing(county, here):
    night = cycle.run(county, OPERATOR, here)
    assert [one.step for one in night.steps] == list(RUN_STEPS)
    assert {one.outcome for one in night.steps} == {"done"}
    assert night.day == DAY
    assert sorted(path.name for path in (here.var / "reports").iterdir()) == [
        "daily-2026-03-04.docx", "daily-2026-03-04.json",
    ]  # fmt: skip
    facts = json.loads((here.var / "reports" / "daily-2026-03-04.json").read_text())
    assert facts["day"] == "2026-03-04"
    assert oct((here.var / "reports" / "daily-2026-03-04.json").stat().st_mode)[-3:] == "600"
    before = scores.read_flags(county, OPERATOR, county.now())
    assert len(before)
    again = cycle.run(county, OPERATOR, here)
    assert {one.outcome for one in again.steps} == {"before"}
    assert len(scores.read_flags(county, OPERATOR, county.now())) == len(before)


def test_a_step_named_alone_is_done_again_and_finds_what_is_left(county, here, quick, clock):
    cycle.run(county, OPERATOR, here)
    quick.clear()
    only = cycle.run(county, OPERATOR, here, only=["import"])
    assert quick == ["import"]
    assert [one.step for one in only.steps] == ["import"]
    clock.go(days=1)
    quick.clear()
    cycle.run(county, OPERATOR, here)
    assert quick == list(RUN_STEPS)


def test_scores_of_one_moment_are_written_once(county, here, clock):
    cycle.run(county, OPERATOR, here, only=["score"])
    flags = len(scores.read_flags(county, OPERATOR, county.now()))
    cycle.run(county, OPERATOR, here, only=["score"])
    assert len(scores.read_flags(county, OPERATOR, county.now())) == flags
    clock.go(hours=1)
    cycle.run(county, OPERATOR, here, only=["score"])
    assert len(scores.read_flags(county, OPERATOR, county.now())) > flags


def test_a_failed_step_is_noted_stops_no_other_and_is_done_by_the_next_run(
    county, here, quick, monkeypatch
):
    def fails(of: cycle.Work) -> cycle.Done:
        raise ValueError("secret words of a case")

    steps = dict(cycle.STEPS)
    monkeypatch.setattr(cycle, "STEPS", steps | {"report": fails})
    night = cycle.run(county, OPERATOR, here)
    assert night.failed == ("report",)
    assert quick == [name for name in RUN_STEPS if name != "report"]
    seen = read_nights(county, ADMINISTRATOR)
    assert seen.nights[0].failed == ("report",)
    failed = next(one for one in seen.nights[0].steps if one.step == "report")
    assert failed.problem == "ValueError"
    monkeypatch.setattr(cycle, "STEPS", steps)
    quick.clear()
    assert cycle.run(county, OPERATOR, here).failed == ()
    assert quick == ["report"]
    assert read_nights(county, ADMINISTRATOR).nights[0].is_whole


def test_a_step_that_was_broken_off_begins_again_as_of_its_first_moment(county, here, clock):
    at = clock()
    of = running.begin(county, OPERATOR, DAY)
    running.note(county, OPERATOR, of, "score", "begun")
    clock.go(hours=7)
    cycle.run(county, OPERATOR, here, only=["score"])
    assert scores.counted(county, OPERATOR, at) is not None
    assert scores.counted(county, OPERATOR, clock()) is None


def test_one_run_at_a_time_and_a_second_says_since_when(county, here, quick):
    with running.lock(county, OPERATOR):
        of = running.begin(county, OPERATOR, DAY)
        assert running.goes_on(county, ADMINISTRATOR)
        with pytest.raises(RunGoesOn, match=str(of.process)):
            cycle.run(county, OPERATOR, here)
    assert quick == []
    assert not running.goes_on(county, ADMINISTRATOR)
    cycle.run(county, OPERATOR, here)
    assert quick == list(RUN_STEPS)


HOLDER = """
import sys
from data.db import Db
from data.running import begin, lock
from data.scope import Scope
from settings import Settings
import datetime as dt
db = Db.open(Settings.from_env())
with lock(db, Scope.operator()):
    begin(db, Scope.operator(), dt.date(2026, 3, 5))
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(county: Db, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    url = county.engine.url.render_as_string(hide_password=False)
    env = dict(os.environ, ZAOJIE_DATABASE=url, ZAOJIE_KEYS=str(tmp_path / "other.json"))
    (tmp_path / "other.json").write_text(
        json.dumps({p: {"1": "00" * 32} for p in ("receipt", "text", "word", "source")})
    )
    (tmp_path / "other.json").chmod(0o600)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=ROOT, env=env,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_holder_that_was_killed_leaves_no_lock(county, here, quick, holder):
    with pytest.raises(RunGoesOn, match=str(holder.pid)):
        cycle.run(county, OPERATOR, here)
    holder.kill()
    holder.wait()
    for _ in range(100):  # PostgreSQL notices the closed connection by itself
        if not running.goes_on(county, OPERATOR):
            break
    cycle.run(county, OPERATOR, here)
    assert quick == list(RUN_STEPS)


@pytest.mark.postgres
def test_a_run_whose_connection_broke_goes_no_step_further(
    postgres_db, small_county, here, quick, monkeypatch
):
    county = small_county(postgres_db)

    def breaks(of: cycle.Work) -> cycle.Done:
        with county.engine.connect() as conn:
            conn.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        return cycle.Done()

    monkeypatch.setattr(cycle, "STEPS", dict(cycle.STEPS) | {"score": breaks})
    with pytest.raises(RunGoesOn, match="broke"):
        cycle.run(county, OPERATOR, here)
    assert quick == ["import"]


def test_a_full_disk_fails_the_step_and_is_said(county, here, quick, monkeypatch):
    def full(*given: object, **more: object) -> None:
        raise StoreFull("data.error.disk_full")

    plain = running.note
    monkeypatch.setattr(
        running, "note", lambda *a, **k: full() if a[4] == "done" else plain(*a, **k)
    )
    night = cycle.run(county, OPERATOR, here)
    assert night.failed == RUN_STEPS
    assert {one.problem for one in night.steps} == {"data.error.disk_full"}


def test_a_lock_that_cannot_be_opened_is_said(sqlite_db, small_county, here, quick, tmp_path):
    (tmp_path / "zaojie.db.cycle").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match=r"zaojie\.db\.cycle"):
        cycle.run(small_county(sqlite_db), OPERATOR, here)
    assert quick == []


def test_only_the_operator_runs_and_no_day_to_come(county, here, quick):
    with pytest.raises(NotAllowed):
        cycle.run(county, SUPERVISOR, here)
    with pytest.raises(NotAllowed, match="yet to come"):
        cycle.run(county, OPERATOR, here, DAY + dt.timedelta(days=1))
    with pytest.raises(NotAllowed, match="There is no step"):
        cycle.run(county, OPERATOR, here, only=["everything"])
    assert quick == []
    assert running.runs(county, OPERATOR, 5) == []


def test_what_is_noted_is_numbers_and_words_of_lists(county):
    of = running.begin(county, OPERATOR, DAY)
    for step, event, counts in (
        ("spy", "done", {}), ("score", "paused", {}), ("score", "done", {"who": "张三"}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            running.note(county, OPERATOR, of, step, event, counts)


def test_the_run_is_for_the_day_after_an_extract_that_ended(county, here, quick, monkeypatch):
    ended = replace(county.county(), ends_on="2014-12-30")
    monkeypatch.setattr(Db, "county", lambda self: ended)
    assert cycle.run(county, OPERATOR, here).day == dt.date(2014, 12, 31)


# the command ---------------------------------------------------------------------------------

DEMO = ("demo", "--grids", "40", "--townships", "3", "--cases-per-year", "200", "--years", "1",
        "--no-score")  # fmt: skip


def test_the_command_says_what_was_done_and_its_exit_codes(run, tmp_path, quick, monkeypatch):
    run(*DEMO)
    out = json.loads(run("cycle", "--json").splitlines()[-1])
    assert [step["outcome"] for step in out["steps"]] == ["done"] * 7
    assert "done before" in run("cycle")
    steps = dict(cycle.STEPS)

    def fails(of: cycle.Work) -> cycle.Done:
        return cycle.Done({}, "running.inbox.unreadable")

    monkeypatch.setattr(cycle, "STEPS", steps | {"import": fails})
    assert t("running.inbox.unreadable", "en") in run("cycle", "--only", "import", code=3)
    assert "like 2026-03-05" in run("cycle", "--date", "yesterday", code=1)
    held = Db.open(
        Settings(database=f"sqlite:///{tmp_path}/zaojie.db", keys=tmp_path / "keys.json")
    )
    with running.lock(held, OPERATOR):
        assert "nothing was begun" in run("cycle", code=4)
    held.engine.dispose()


# killed and run again ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("sqlite", ("0.13", "0.4", "0.65", "0.9")),
        pytest.param("postgres", ("0.1", "0.3", "0.7"), marks=pytest.mark.postgres),
    ],
    ids=["sqlite", "postgres"],
)
def test_a_run_killed_anywhere_and_run_again_leaves_what_an_undisturbed_one_leaves(
    kind: str, points: tuple[str, ...], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """SIGKILL before the n-th commit or move of a file, and the lock is free for the next run;
    `python -m tests.service.nightly` takes any points; on SQLite all of them were tried by hand."""
    server = request.getfixturevalue("postgres_server") if kind == "postgres" else ""
    words = [sys.executable, "-m", "tests.service.nightly", str(tmp_path / "k")]
    done = subprocess.run(
        [*words, "0", *points], capture_output=True, text=True, cwd=ROOT, check=False,
        env={**os.environ, "POSTGRES": server},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    undisturbed, *killed = [json.loads(line) for line in done.stdout.splitlines()]
    counts = {step: found[1] for step, found in undisturbed["steps"].items()}
    assert counts["import"] | {"removed": 0} == {
        "files": 2, "rows": 7, "added": 6, "repeated": 0, "rows_aside": 1, "files_aside": 1,
        "refused": 0, "removed": 0,
    }  # fmt: skip
    assert counts["texts"]["ended"] > 0
    assert counts["publish"] == {"months": 1}
    assert counts["score"]["scored"] > 0
    assert len({found["point"] for found in killed} - {0}) == len(points)
    for found in killed:
        assert found["killed"], found["point"]
        assert found["stands"] == undisturbed["stands"], found["point"]
        assert nightly.DAY.isoformat() in found["stands"]["inbox"]
