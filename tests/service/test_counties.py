"""Many counties' nights: one after the other or on a cluster, the same to the bit; one that is
broken stops only itself; a worker that is killed costs time."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import Client

from data import places, running
from data.db import Db, set_up
from data.errors import ConfigError
from data.scope import Scope
from reports.counties import above, to_json
from service import counties
from service.counties import CountyNight, Hosted
from tests.conftest import BODIES, COUNTY, ROOT, TOWNSHIPS
from tests.service.busy_county import fill

OPERATOR = Scope.operator()
NAMES = ("甲县", "乙县")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two extracts that ended on one day, and a third county whose keys are lost."""
    folder = tmp_path_factory.mktemp("counties")
    for at, name in enumerate((*NAMES, "丙县")):
        hosted = of(folder, name)
        hosted.var.mkdir()
        db = Db.open(hosted.settings())
        set_up(db, replace(COUNTY, kind="open_data", name_zh=name, ends_on="2026-03-04"))
        places.save_offices(db, OPERATOR, BODIES, TOWNSHIPS)
        fill(db, count=30 + 10 * at, seed=at)
        db.engine.dispose()
    of(folder, "丙县").keys.unlink()
    return folder


def of(folder: Path, name: str) -> Hosted:
    own = folder / name
    return Hosted(name, f"sqlite:///{own / 'county.db'}", "", own / "keys.json", own)


def copied(made: Path, to: Path) -> list[Hosted]:
    shutil.copytree(made, to)
    return [of(to, name) for name in (*NAMES, "丙县")]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A scheduler and two workers, started as a host starts them: by their own commands."""
    folder = tmp_path_factory.mktemp("dask")
    file = str(folder / "scheduler.json")
    here = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", file)
    commands = (
        ("scheduler", *here, "--port", "0"),
        ("worker", *here, "--nworkers", "2", "--nthreads", "1", "--memory-limit", "2GiB",
         "--local-directory", str(folder)),
    )  # fmt: skip
    with (folder / "log").open("wb") as log:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", *words], cwd=ROOT, stdout=log, stderr=log
            )
            for words in commands
        ]
        try:
            with Client(scheduler_file=file, timeout=120) as client:
                client.wait_for_workers(2, timeout=120)
                yield client
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(30)


@pytest.fixture(scope="module")
def one_by_one(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list]:
    folder = tmp_path_factory.mktemp("serial") / "s"
    return folder, counties.serial(copied(made, folder), None)


def written(folder: Path) -> dict[str, bytes]:
    """What a night leaves beside and in the record, without its own moments."""
    found = {}
    for name in NAMES:
        for file in sorted((folder / name / "reports").glob("*.json")):
            facts = json.loads(file.read_bytes())
            facts.pop("made_at", None)
            found[f"{name}/{file.name}"] = json.dumps(facts, sort_keys=True).encode()
        db = Db.open(of(folder, name).settings())
        day = counties.cycle.usual_day(db)
        for line in running.steps(db, OPERATOR, day, day):
            if line.event == "done":
                found[f"{name}/{line.step}"] = repr(sorted(line.counts.items())).encode()
        db.engine.dispose()
    return found


def test_one_countys_lost_keys_stop_only_that_county_and_name_it(one_by_one) -> None:
    _, nights = one_by_one
    assert [one.totals.problem for one in nights[:2]] == [None, None]
    assert nights[2].totals.problem is not None
    assert nights[2].totals.figures == {}
    found = above([one.totals for one in nights])
    assert list(found.problems) == ["丙县"]
    assert found.totals["open"] == sum(one.totals.figures["open"] for one in nights[:2])


def test_a_cluster_gives_the_same_to_the_bit_and_nothing_but_totals(
    made: Path, tmp_path: Path, client: Client, one_by_one
) -> None:
    folder, nights = one_by_one
    told: list[CountyNight] = []
    found = counties.on_cluster(client, copied(made, tmp_path / "c"), None, told.append)
    assert [one.totals for one in found] == [one.totals for one in nights]
    assert len(told) == 3
    assert written(tmp_path / "c") == written(folder)
    assert len(written(folder)) > 10
    assert to_json(above([one.totals for one in found])) == to_json(
        above([one.totals for one in nights])
    )


def test_a_worker_killed_in_the_middle_costs_nothing_but_time(
    made: Path, tmp_path: Path, client: Client, one_by_one
) -> None:
    folder, nights = one_by_one
    listed = copied(made, tmp_path / "k")
    pids = set(client.run(os.getpid).values())
    killed = threading.Event()

    def kill() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            busy = [w for w, tasks in client.processing().items() if tasks]
            if busy:
                os.kill(client.run(os.getpid, workers=busy[:1])[busy[0]], signal.SIGKILL)
                killed.set()
                return
            time.sleep(0.01)

    thread = threading.Thread(target=kill)
    thread.start()
    found = counties.on_cluster(client, listed, None)
    thread.join()
    assert killed.is_set()
    assert set(client.run(os.getpid).values()) != pids
    assert [one.totals for one in found] == [one.totals for one in nights]
    assert written(tmp_path / "k") == written(folder)


RIGHT = '[[county]]\nname = "甲"\ndatabase = "sqlite:///a.db"\nkeys = "a.json"\nvar = "a"\n'


def test_a_list_is_read_and_a_password_comes_from_the_environment_where_it_is_used(tmp_path):
    file = tmp_path / "counties.toml"
    file.write_text(RIGHT + RIGHT.replace("甲", "乙").replace(
        'database = "sqlite:///a.db"', 'database_env = "COUNTY_B"'), "utf-8")  # fmt: skip
    first, second = counties.read_list(file)
    assert first.settings().keys == tmp_path / "a.json"
    assert second.settings({"COUNTY_B": "sqlite:///b.db"}).database == "sqlite:///b.db"
    with pytest.raises(ConfigError) as told:
        second.settings({})
    assert "COUNTY_B" in str(told.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[[county", "file"),
        ("", "none"),
        ("county = 3", "none"),
        ("county = [3]", "entry"),
        (RIGHT + 'police = "x"\n', "field"),
        (RIGHT.replace('keys = "a.json"\n', ""), "missing"),
        (RIGHT + 'database_env = "B"\n', "database"),
        (RIGHT.replace("sqlite:///a.db", "postgresql://me:secret@db/a"), "password"),
        (RIGHT.replace("sqlite:///a.db", "no address"), "url"),
        (RIGHT + RIGHT, "twice"),
    ],
)
def test_a_wrong_list_is_one_sentence(tmp_path: Path, text: str, key: str) -> None:
    file = tmp_path / "counties.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as told:
        counties.read_list(file)
    assert told.value.key == f"counties.error.{key}"
    assert "secret" not in str(told.value)
