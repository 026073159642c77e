"""A backup made while people write comes back whole, on another machine, with the same report."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from cli import app
from data import receipts, record, texts
from data.backup import postgres
from data.backup.sealing import Lock, Opener
from data.backup.snapshot import copy_sqlite
from data.column_files import folder_of
from data.db import Db, make_engine
from data.errors import ConfigError, ProjectError
from data.history import NewEvent
from data.reading import read_summary
from data.receipts import reissue
from data.rows import NewCase
from data.schema import audit, case_text, case_version, text_key
from data.scope import Scope
from reports.facts_json import to_json
from service.backup import back_up, back_up_keys, check, moment_of, newest, restore
from service.report import made as report_made
from settings import Settings
from tests.conftest import DESK, LABOUR, NOW, SUPERVISOR, Clock, named_database

OPERATOR = Scope.operator()
PLAIN = Lock(is_plain=True)
ANSWER = {
    "request": "请求支付三个月工资。", "facts": "查明拖欠属实。", "opinion": "责令十日内付清。",
    "basis": "保障农民工工资支付条例第三条。", "remedy": "三十日内可以申请复查。",
}  # fmt: skip
SUMMARY = "东郊工地三个月工资未发，多次催要没有结果。"


def anything(*_: object) -> None:
    """Whatever the step, it may be recorded."""


@pytest.fixture
def new_case() -> NewCase:
    return NewCase(
        township_code="990000001000", grid_code="990000001001001",
        opened_at=NOW - dt.timedelta(hours=1), domain="labour", category="unpaid_wages",
        kind="redress", channel="desk", procedure="ordinary", body_id="b01", summary=SUMMARY,
    )  # fmt: skip


@pytest.fixture
def county(db: Db, small_county: Callable[[Db], Db], new_case: NewCase, clock: Clock) -> Db:
    """A county with some days of work in it."""
    small_county(db)
    for day in range(2):
        clock.go(days=1)
        for _ in range(2):
            made = record.register(db, DESK, replace(new_case, opened_at=clock.at))
        words = {"note": "已电话联系单位。"}
        record.add_event(db, LABOUR, made.case_id, NewEvent("accepted"), anything)
        record.add_event(db, LABOUR, made.case_id, NewEvent("contacted", words=words), anything)
        if day % 2:
            record.add_event(db, LABOUR, made.case_id, NewEvent("answered", words=ANSWER), anything)
    clock.go(days=1)
    return db


@pytest.fixture
def identity(tmp_path: Path) -> tuple[Path, str]:
    """An age identity and its public key."""
    path = tmp_path / "identity.txt"
    subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True)
    said = subprocess.run(["age-keygen", "-y", path], check=True, capture_output=True, text=True)
    return path, said.stdout.strip()


@pytest.fixture
def elsewhere(db: Db, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The settings of a new machine with nothing on it, of the same kind of database."""
    folder = tmp_path / "new machine"
    settings = Settings(
        database=f"sqlite:///{folder}/zaojie.db", keys=folder / "keys.json", var=folder
    )
    if db.engine.dialect.name == "sqlite":
        yield settings
        return
    server = request.getfixturevalue("postgres_server")
    with named_database(server, f"zaojie_new_{secrets.token_hex(6)}") as url:
        yield replace(settings, database=url)


def report(db: Db, day: dt.date) -> bytes:
    return to_json(report_made(db, OPERATOR, "daily", day))


def saved_keys(db: Db, tmp_path: Path) -> Path:
    path = tmp_path / "safe" / "keys.json"
    db.keys.save(path)
    return path


def test_a_backup_made_while_people_write_comes_back_with_the_same_report(
    county: Db, new_case: NewCase, clock: Clock, tmp_path: Path, identity, elsewhere: Settings
) -> None:
    day = clock.at.date() - dt.timedelta(days=1)
    before, done = report(county, day), threading.Event()
    written: list[str] = []

    def write() -> None:
        while not done.is_set() and len(written) < 400:
            case = replace(new_case, opened_at=clock.at)
            written.append(record.register(county, DESK, case).case_id)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = back_up(county, OPERATOR, tmp_path / "backups", Lock((identity[1],)), tmp_path,
                       opener=Opener(identity[0]))  # fmt: skip
    finally:
        done.set()
        writer.join()
    assert written, "nobody wrote meanwhile"
    assert made.is_read_back
    assert made.path.read_bytes()[:3] == b"age"
    assert made.path.stat().st_mode & 0o077 == 0
    keys = saved_keys(county, tmp_path)
    found = restore(made.path, elsewhere, Opener(identity[0]), keys=keys)
    assert (found.report, found.broken, found.has_keys) == ("same", (), True)
    again = Db.open(elsewhere)
    try:
        assert report(again, day) == before
        with again.read() as conn:
            cases = set(conn.execute(sa.select(case_version.c.case_id)).scalars())
            assert conn.scalar(sa.select(sa.func.count()).where(audit.c.action == "restored")) == 1
            some = conn.execute(sa.select(case_text.c.case_id)).scalars().first()
        # as it was at one moment: of those written meanwhile the first so many
        assert [case in cases for case in written] == sorted(
            (case in cases for case in written), reverse=True
        )
        asker = Scope(who=str(some), role="resident")
        assert read_summary(again, asker, str(some)) == SUMMARY
        record.register(again, DESK, new_case)  # its numbers go on where they were
        with pytest.raises(ConfigError, match="holds something"):
            restore(made.path, elsewhere, Opener(identity[0]), keys=keys)
    finally:
        again.engine.dispose()


def test_the_restore_test_passes_leaves_nothing_and_sees_a_damaged_backup(
    county: Db, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = back_up(county, OPERATOR, tmp_path / "b", PLAIN, tmp_path)
    settings = Settings(
        database=county.engine.url.render_as_string(hide_password=False),
        keys=saved_keys(county, tmp_path), var=tmp_path / "var",
    )  # fmt: skip
    found = check(tmp_path / "b", settings, Opener())
    assert found.is_whole
    assert found.report == "same"
    assert list((tmp_path / "var").iterdir()) == []
    with county.read() as conn:
        assert conn.scalar(sa.select(sa.func.count()).where(audit.c.action == "restored")) == 0
        if county.engine.dialect.name == "postgresql":
            left = conn.exec_driver_sql("SELECT count(*) FROM pg_database WHERE datname LIKE "
                                        "'zaojie_check_%%'")  # fmt: skip
            assert left.scalar() == 0
    content = bytearray(made.path.read_bytes())
    for what in ("cut", "changed"):
        broken = content[: len(content) // 2] if what == "cut" else content.copy()
        broken[len(broken) // 3] ^= 255
        made.path.write_bytes(broken)
        with pytest.raises(ConfigError):
            check(tmp_path / "b", settings, Opener())
    assert list((tmp_path / "var").iterdir()) == []


def test_a_table_that_was_changed_in_a_backup_is_named(
    sqlite_db: Db, small_county: Callable[[Db], Db], new_case: NewCase, tmp_path: Path
) -> None:
    from data.backup import container

    small_county(sqlite_db)
    record.register(sqlite_db, DESK, new_case)
    made = back_up(sqlite_db, OPERATOR, tmp_path / "b", PLAIN, tmp_path)
    (tmp_path / "open").mkdir()
    manifest, payload = container.unpack(made.path, Opener(), tmp_path / "open")
    with closing(sqlite3.connect(payload)) as conn:
        conn.execute("UPDATE body SET name_zh = name_zh || '甲'")
        conn.commit()
    forged = replace(manifest, sha256=container.sha256_of(payload))
    container.write(tmp_path / "forged.backup", forged, payload, PLAIN)
    settings = Settings(f"sqlite:///{tmp_path}/n.db", saved_keys(sqlite_db, tmp_path), var=tmp_path)
    with pytest.raises(ConfigError, match="not the same: body"):
        restore(tmp_path / "forged.backup", settings, Opener())
    assert not (tmp_path / "n.db").exists()


def test_what_was_destroyed_is_in_no_copy_whatever_the_source_still_holds(tmp_path: Path) -> None:
    source, secret = tmp_path / "source.db", b"destroyed-key-" * 40
    with closing(sqlite3.connect(source)) as conn:
        conn.execute("PRAGMA secure_delete=OFF")
        conn.execute("CREATE TABLE held (id INTEGER PRIMARY KEY, sealed BLOB)")
        conn.executemany("INSERT INTO held VALUES (?, ?)", [(n, secret) for n in range(20)])
        conn.commit()
        conn.execute("DELETE FROM held WHERE id > 3")
        conn.execute("UPDATE held SET sealed = NULL")
        conn.commit()
    assert secret in source.read_bytes()
    copy_sqlite(source, tmp_path / "copy.db")
    assert secret not in (tmp_path / "copy.db").read_bytes()


def test_texts_that_were_due_since_end_before_anything_is_served(
    sqlite_db: Db, small_county: Callable[[Db], Db], new_case: NewCase, clock: Clock, tmp_path: Path
) -> None:
    clock.at = dt.datetime(2023, 3, 6, 2, tzinfo=dt.UTC)
    small_county(sqlite_db)
    case = record.register(sqlite_db, DESK, replace(new_case, opened_at=clock.at)).case_id
    for step in (NewEvent("accepted"), NewEvent("answered", words=ANSWER), NewEvent("delivered")):
        clock.go(hours=1)
        record.add_event(sqlite_db, LABOUR, case, step, anything)
    made = back_up(sqlite_db, OPERATOR, tmp_path / "b", PLAIN, tmp_path)
    settings = Settings(f"sqlite:///{tmp_path}/n.db", saved_keys(sqlite_db, tmp_path), var=tmp_path)
    # what an earlier record at this very address left beside it
    before = Db(make_engine(settings.database), sqlite_db.keys, var=settings.var)
    stale = folder_of(before)
    before.engine.dispose()
    assert stale is not None
    stale.mkdir(parents=True)
    (stale / "newest.json").write_text("{}")
    found = restore(made.path, settings, Opener())
    assert found.ended == 1
    assert not stale.exists()
    again = Db.open(settings)
    with again.read() as conn:
        assert conn.execute(sa.select(text_key.c.wrapped)).scalar() is None
        assert conn.execute(sa.select(case_text.c.text_id)).all() == []
    again.engine.dispose()


def test_without_the_keys_it_says_what_is_lost_and_the_rest_goes_on(
    county: Db, new_case: NewCase, clock: Clock, tmp_path: Path, elsewhere: Settings
) -> None:
    day = clock.at.date() - dt.timedelta(days=1)
    before = report(county, day)
    slip = record.register(county, DESK, new_case).slip
    assert slip is not None
    made = back_up(county, OPERATOR, tmp_path / "b", PLAIN, tmp_path)
    with pytest.raises(ConfigError, match="no key file"):
        restore(made.path, elsewhere, Opener())
    other = tmp_path / "other.json"
    type(county.keys).fresh().save(other)
    with pytest.raises(ConfigError, match="does not hold the keys"):
        restore(made.path, elsewhere, Opener(), keys=other)
    env = {"ZAOJIE_DATABASE": elsewhere.database, "ZAOJIE_KEYS": str(elsewhere.keys),
           "ZAOJIE_VAR": str(elsewhere.var)}  # fmt: skip
    said = CliRunner().invoke(app, ["restore", str(made.path), "--keys-lost"], env=env)
    assert said.exit_code == 0, said.output
    assert "nobody can read the texts" in said.output
    assert "made again, is the same to the digit" in said.output
    again = Db.open(elsewhere)
    try:
        assert report(again, day) == before
        with again.read() as conn:
            ids = conn.execute(sa.select(case_version.c.case_id)).scalars().all()
            assert texts.opened(again, conn, ids[0], texts.PARTS) == {}
        assert receipts.find(again, slip.code) is None
        record.add_event(
            again, LABOUR, ids[0], NewEvent("contacted", words={"note": "重新联系。"}), anything
        )
        with again.read() as conn:
            told = texts.opened(again, conn, ids[0], texts.PARTS)
        assert [json.loads(said) for said in told.values()] == [{"note": "重新联系。"}]
        assert receipts.find(again, reissue(again, DESK, ids[0]).code)
    finally:
        again.engine.dispose()


def test_old_backups_go_and_none_is_kept_for_more_than_ninety_days(
    sqlite_db: Db, small_county: Callable[[Db], Db], clock: Clock, tmp_path: Path
) -> None:
    small_county(sqlite_db)
    folder, made = tmp_path / "b", []
    for _ in range(3):
        made.append(back_up(sqlite_db, OPERATOR, folder, PLAIN, tmp_path).path)
        clock.go(days=20)
    strange = folder / "zaojie-mine.backup"
    strange.write_text("not ours")
    last = back_up(sqlite_db, OPERATOR, folder, PLAIN, tmp_path, keep_days=30)
    assert last.let_go == (made[0], made[1])
    assert sorted(folder.iterdir()) == sorted([made[2], last.path, strange])
    assert last.manifest.kept_until == last.manifest.made_at.date() + dt.timedelta(days=30)
    assert newest(folder) == last.path
    assert moment_of(last.path) == last.manifest.made_at.replace(microsecond=0)
    with pytest.raises(ConfigError, match="1 to 90 days"):
        back_up(sqlite_db, OPERATOR, folder, PLAIN, tmp_path, keep_days=91)


def test_keys_and_data_never_lie_in_one_folder_and_neither_is_left_open_by_mistake(
    sqlite_db: Db, small_county: Callable[[Db], Db], tmp_path: Path, identity
) -> None:
    small_county(sqlite_db)
    lock, keys = Lock((identity[1],)), saved_keys(sqlite_db, tmp_path)
    back_up(sqlite_db, OPERATOR, tmp_path / "data", lock, tmp_path)
    sealed = back_up_keys(sqlite_db, OPERATOR, keys, tmp_path / "keys", lock)
    assert sealed.read_bytes()[:3] == b"age"
    with pytest.raises(ConfigError, match="other kind"):
        back_up_keys(sqlite_db, OPERATOR, keys, tmp_path / "data", lock)
    with pytest.raises(ConfigError, match="other kind"):
        back_up(sqlite_db, OPERATOR, tmp_path / "keys", lock, tmp_path)
    with pytest.raises(ConfigError, match="for whom"):
        Lock()
    with pytest.raises(ConfigError, match="several ways"):
        Lock((identity[1],), is_plain=True)
    settings = Settings(f"sqlite:///{tmp_path}/n.db", tmp_path / "new" / "keys.json", var=tmp_path)
    opener = Opener(identity[0])
    found = restore(newest(tmp_path / "data"), settings, opener, keys=sealed)
    assert found.has_keys
    assert settings.keys.read_text("utf-8") == keys.read_text("utf-8")


def test_a_passphrase_seals_and_opens_and_a_wrong_one_says_so(
    sqlite_db: Db, small_county: Callable[[Db], Db], tmp_path: Path, monkeypatch
) -> None:
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    small_county(sqlite_db)
    word, other = tmp_path / "word", tmp_path / "other"
    word.write_text("a long sentence that nobody else has\n")
    other.write_text("another\n")
    made = back_up(
        sqlite_db, OPERATOR, tmp_path / "b", Lock(passphrase_file=word), tmp_path,
        opener=Opener(passphrase_file=word),
    )  # fmt: skip
    assert made.is_read_back
    settings = Settings(
        str(sqlite_db.engine.url), saved_keys(sqlite_db, tmp_path), var=tmp_path / "var"
    )
    assert check(made.path, settings, Opener(passphrase_file=word)).is_whole
    with pytest.raises(ConfigError, match="does not open"):
        check(made.path, settings, Opener(passphrase_file=other))
    subprocess.run(["gpgconf", "--kill", "all"], env={"GNUPGHOME": str(home)}, check=False,
                   executable=shutil.which("gpgconf"))  # fmt: skip


def test_a_backup_sealed_for_another_key_is_not_opened(
    sqlite_db: Db, small_county: Callable[[Db], Db], tmp_path: Path, identity
) -> None:
    small_county(sqlite_db)
    made = back_up(sqlite_db, OPERATOR, tmp_path / "b", Lock((identity[1],)), tmp_path)
    assert not made.is_read_back
    settings = Settings(f"sqlite:///{tmp_path}/n.db", saved_keys(sqlite_db, tmp_path), var=tmp_path)
    with pytest.raises(ConfigError, match="--identity"):
        restore(made.path, settings, Opener())
    other = tmp_path / "other.txt"
    subprocess.run(["age-keygen", "-o", other], check=True, capture_output=True)
    with pytest.raises(ConfigError, match="does not open"):
        restore(made.path, settings, Opener(other))
    cut = made.path.read_bytes()[:-100]
    made.path.write_bytes(cut)
    with pytest.raises(ConfigError, match="does not open"):
        restore(made.path, settings, Opener(identity[0]))
    with pytest.raises(ConfigError, match="did not seal"):
        back_up(sqlite_db, OPERATOR, tmp_path / "c", Lock(("age1nobody",)), tmp_path)
    assert list((tmp_path / "c").iterdir()) == []
    assert not (tmp_path / "n.db").exists()


def test_a_program_of_postgresql_that_is_missing_is_one_sentence(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(postgres, "_PLACES", str(tmp_path))
    with pytest.raises(ConfigError, match="PostgreSQL 99 or newer"):
        postgres.program("pg_dump", 99)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="Install postgresql-client-15"):
        postgres.program("pg_dump", 15)


def test_only_the_operator_makes_a_backup(sqlite_db: Db, tmp_path: Path) -> None:
    with pytest.raises(ProjectError):
        back_up(sqlite_db, SUPERVISOR, tmp_path / "b", PLAIN, tmp_path)


def test_the_commands_say_what_they_did(
    sqlite_db: Db, small_county: Callable[[Db], Db], new_case: NewCase, tmp_path: Path
) -> None:
    small_county(sqlite_db)
    record.register(sqlite_db, DESK, new_case)
    sqlite_db.keys.save(tmp_path / "keys.json")
    env = {"ZAOJIE_DATABASE": str(sqlite_db.engine.url), "ZAOJIE_VAR": str(tmp_path),
           "ZAOJIE_KEYS": str(tmp_path / "keys.json")}  # fmt: skip

    def run(*words: str, code: int = 0) -> str:
        found = CliRunner().invoke(app, list(words), env=env)
        assert found.exit_code == code, found.output
        return found.output

    folder = str(tmp_path / "b")
    assert "not said for whom" in run("backup", "--out", folder, code=1)
    said = json.loads(run("backup", "--out", folder, "--plain-i-know", "--json"))
    assert said["read_back"]
    assert "keys; keep them apart" in run(
        "backup", "keys", "--out", str(tmp_path / "k"), "--plain-i-know"
    )
    assert "the restore test passed" in run("restore", folder, "--check")
    told = json.loads(run("restore", folder, "--check", "--json"))
    assert told["backup_id"] == said["backup_id"]
    assert "holds something" in run("restore", said["file"], code=1)
    (tmp_path / "keys.json").unlink()
    assert "texts and slips were not" in run("restore", folder, "--check")
    # a county whose keys are lost can still be backed up, and goes on from there
    rescued = json.loads(run("backup", "--out", folder, "--plain-i-know", "--json"))
    new = f"sqlite:///{tmp_path}/new.db"
    assert "keys are lost" in run("restore", rescued["file"], "--keys-lost", "--database", new)


@pytest.mark.postgres
def test_a_backup_of_sqlite_goes_into_postgresql_and_not_the_other_way(
    sqlite_db: Db, postgres_db: Db, small_county: Callable[[Db], Db], new_case: NewCase,
    postgres_server: str, clock: Clock, tmp_path: Path,
) -> None:  # fmt: skip
    small_county(sqlite_db)
    record.register(sqlite_db, DESK, new_case)
    clock.go(days=2)
    made = back_up(sqlite_db, OPERATOR, tmp_path / "b", PLAIN, tmp_path)
    keys = saved_keys(sqlite_db, tmp_path)
    with named_database(postgres_server, f"zaojie_cross_{secrets.token_hex(6)}") as url:
        found = restore(made.path, Settings(url, keys, var=tmp_path), Opener())
        assert (found.report, found.broken) == ("same", ())
    other = back_up(postgres_db, OPERATOR, tmp_path / "c", PLAIN, tmp_path)
    postgres_db.keys.save(tmp_path / "pg.json")
    with pytest.raises(ConfigError, match="restored to PostgreSQL only"):
        restore(other.path, Settings(f"sqlite:///{tmp_path}/n.db", tmp_path / "pg.json",
                                     var=tmp_path), Opener())  # fmt: skip
