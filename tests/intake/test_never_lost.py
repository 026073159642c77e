"""An upload is acknowledged when it is stored, wholly and once: many at once, killed, disk full.

Eight processes register 40 rows each here, and 10 processes are killed on PostgreSQL; 8 x 1,000
uploads and 50 kills on both are `benchmarks/never_lost.py`.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from data import turns
from data.db import Db
from data.errors import StoreBusy, StoreFull
from data.record import register_all
from tests.intake.uploader import (
    DESK,
    Acknowledged,
    Uploaders,
    acknowledged,
    case,
    halves,
    parts_by_case,
)

PROCESSES, UPLOADS, SHARED = 8, 40, 5
KILLS = {"sqlite": 50, "postgresql": 10}


@pytest.fixture
def county(db: Db, small_county: Callable[[Db], Db]) -> Db:
    return small_county(db)


@pytest.fixture
def uploaders(county: Db, tmp_path: Path) -> Iterator[Uploaders]:
    county.keys.save(tmp_path / "keys.json")
    url = county.engine.url.set(drivername=county.engine.dialect.name)
    program = Uploaders(url.render_as_string(hide_password=False), tmp_path / "keys.json")
    yield program
    program.end()


def cases_of(told: list[Acknowledged]) -> dict[str, set[str]]:
    """Case ids by the sender's number."""
    found: dict[str, set[str]] = {}
    for one in told:
        found.setdefault(one.source_id, set()).add(one.case_id)
    return found


def test_of_many_uploads_at_once_none_is_lost_and_none_doubled(
    county: Db, uploaders: Uploaders, tmp_path: Path
) -> None:
    files = [tmp_path / f"acks-{n}" for n in range(PROCESSES)]
    for n, acks in enumerate(files):
        uploaders.start(worker=f"w{n}", uploads=UPLOADS, batch=1, shared=SHARED, acks=acks)
    uploaders.wait()
    told = [one for acks in files for one in acknowledged(acks)]
    assert len(told) == PROCESSES * (UPLOADS + SHARED)
    by_number = cases_of(told)
    assert len(by_number) == PROCESSES * UPLOADS + SHARED
    # the number that all eight sent is one case, new to one of them and known to the others
    assert {len(ids) for ids in by_number.values()} == {1}
    assert sum(not one.is_repeat for one in told) == len(by_number)
    assert set(parts_by_case(county)) == {one.case_id for one in told}
    assert halves(county) == {}


def test_whatever_was_acknowledged_before_a_kill_is_there_and_nothing_half(
    county: Db, uploaders: Uploaders, tmp_path: Path
) -> None:
    moments = random.Random(9)
    told: list[Acknowledged] = []
    kills = KILLS[county.engine.dialect.name]
    for number in range(kills):
        acks = tmp_path / f"killed-{number}"
        worker = uploaders.start(worker=f"k{number}", uploads=10_000, batch=3, shared=0, acks=acks)
        until = time.monotonic() + 30
        # some die before their first upload is stored, some long after
        wanted = moments.choice((0, 1, 1, 2, 4))
        while len(acknowledged(acks)) < wanted * 3 and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(moments.uniform(0, 0.03))
        os.kill(worker, signal.SIGKILL)
        told += acknowledged(acks)
    uploaders.wait()
    assert len(told) > kills
    stored = parts_by_case(county)
    assert {one.case_id for one in told} <= set(stored)
    assert halves(county) == {}
    # what was stored without having been told is told now: sent again, it adds nothing
    again = register_all(county, DESK, [case(one.source_id) for one in told])
    assert [one.case_id for one in again] == [one.case_id for one in told]
    assert all(one.is_repeat for one in again)
    assert set(parts_by_case(county)) == set(stored)


def full_sqlite(county: Db) -> Callable[[], None]:
    """Leave the file a little room; what is returned takes the limit away."""
    with county.engine.connect() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit = [pages + 12]

    @sa.event.listens_for(county.engine, "connect")
    def _limited(connection: object, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limit[0]}")  # type: ignore[attr-defined]

    county.engine.dispose()

    def room() -> None:
        limit[0] = 1_000_000
        county.engine.dispose()

    return room


def full_postgres(county: Db) -> Callable[[], None]:
    """The server's own error of a full disk, at the eleventh event."""
    with county.engine.begin() as conn:
        conn.exec_driver_sql(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF (SELECT count(*) FROM case_event) >= 10 THEN RAISE EXCEPTION "
            "'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; "
            "END IF; RETURN NEW; END $$"
        )
        conn.exec_driver_sql(
            "CREATE TRIGGER no_room BEFORE INSERT ON case_event "
            "FOR EACH ROW EXECUTE FUNCTION no_room()"
        )

    def room() -> None:
        with county.engine.begin() as conn:
            conn.exec_driver_sql("DROP TRIGGER no_room ON case_event")

    return room


def test_a_full_disk_is_said_in_a_sentence_and_nothing_of_the_upload_is_acknowledged(
    county: Db,
) -> None:
    is_sqlite = county.engine.dialect.name == "sqlite"
    room = full_sqlite(county) if is_sqlite else full_postgres(county)
    told: list[str] = []

    def until_full() -> None:
        for number in range(500):
            done = register_all(county, DESK, [case(f"f{number}-{k}") for k in range(3)])
            told.extend(one.case_id for one in done)

    with pytest.raises(StoreFull) as said:
        until_full()
    assert told, "there was room for a few"
    assert "磁盘已满" in said.value.text("zh")
    assert "nothing of this was stored" in said.value.text("en")
    assert set(parts_by_case(county)) == set(told)
    assert halves(county) == {}
    room()
    again = register_all(county, DESK, [case(f"f{len(told) // 3}-{k}") for k in range(3)])
    assert [one.is_repeat for one in again] == [False, False, False]
    assert set(parts_by_case(county)) == {*told, *(one.case_id for one in again)}


def test_a_store_that_stays_locked_is_said_in_a_sentence(
    county: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    if county.engine.dialect.name != "sqlite":
        return  # PostgreSQL's writers wait for their turn without a limit

    @sa.event.listens_for(county.engine, "connect")
    def _impatient(connection: object, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")  # type: ignore[attr-defined]

    county.engine.dispose()
    monkeypatch.setattr(turns, "WAITS_SECONDS", 0.1)
    with (
        county.write(),
        pytest.raises(StoreBusy, match="nothing of this was stored"),
    ):
        register_all(county, DESK, [case("late")])
    assert parts_by_case(county) == {}


def test_an_error_that_is_no_full_disk_stays_what_it_is(county: Db) -> None:
    with pytest.raises(sa.exc.IntegrityError), county.write() as conn:
        conn.execute(sa.text("INSERT INTO body (body_id) VALUES ('b01')"))
