"""The role of the resident's process: the whole journey works with it, and nothing else does."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from typer.testing import CliRunner

from cli import app as cli
from data import appointments, audit, corrections, openings, reading, record, roster
from data.categories import load_categories
from data.db import CODES_SETTING, Db, make_engine, micro, migrate, utc_now
from data.errors import ConfigError, NotAllowed
from data.history import NewEvent
from data.keys import RESIDENTS_PURPOSES
from data.receipts import Slip, find, reissue
from data.roster import NewLine
from data.schema import metadata
from data.scope import Scope
from data.separation import (
    APPENDED,
    CHANGED,
    CLOSED,
    OF_A_CASE,
    PUBLIC,
    REMOVED,
    apply,
    as_script,
    statements,
    write_keys,
)  # fmt: skip
from public.alone import make_app
from public.routes import routes
from service import receptions
from settings import Settings
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, SUPERVISOR, Clock
from wording import t

from .apart import FINE, Apart, fill, hold, new_case
from .conftest import ANSWER, Reader, hidden, office, words

pytestmark = pytest.mark.postgres

WORD = "青山绿水"
TABLES = sorted(metadata.tables)
DENIED = "permission denied|row-level security|must be owner|must be superuser"


def zh(key: str) -> str:
    return t(f"public.{key}", "zh")


@pytest.fixture
def apart(
    postgres_db: Db, small_county: Callable[[Db], Db], clock: Clock, tmp_path: Path
) -> Iterator[Apart]:
    clock.at = utc_now() - dt.timedelta(days=12)
    db = small_county(postgres_db)
    name, password = f"zaojie_residents_{secrets.token_hex(4)}", secrets.token_hex(8)
    apply(db, Scope.operator(), name, password)
    keys = tmp_path / "residents.json"
    write_keys(db, Scope.operator(), keys)
    url = db.engine.url.set(username=name, password=password)
    shown = url.render_as_string(hide_password=False)
    served = make_app(Settings(database=shown, keys=keys))
    engine = make_engine(shown)
    yield Apart(db, Reader(served), name, engine)
    engine.dispose()
    served.state.db.engine.dispose()
    with db.engine.begin() as conn:
        conn.execute(sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :name"
        ), {"name": name})  # fmt: skip
        conn.execute(sa.text(f"DROP OWNED BY {name}"))
        conn.execute(sa.text(f"DROP ROLE {name}"))


@pytest.fixture
def slip(apart: Apart) -> Slip:
    return new_case(apart.owner)


@pytest.fixture
def answered(apart: Apart, slip: Slip, clock: Clock) -> Slip:
    """Accepted the next day, answered after ten, delivered; the clock then stands at the present:
    the database compares what the role writes with its own."""
    clock.go(days=1)
    office(apart.owner, slip.case_id, "accepted")
    clock.go(days=10)
    office(apart.owner, slip.case_id, "answered", words=ANSWER)
    office(apart.owner, slip.case_id, "delivered", code="post")
    clock.at = utc_now()
    return slip


def log(apart: Apart, slip: Slip) -> list[str]:
    query = "SELECT event FROM case_event WHERE case_id = :c ORDER BY id"
    return [event for (event,) in apart.rows(query, c=slip.case_id)]


def said(apart: Apart, slip: Slip, event: str, **also: str) -> None:
    reply = apart.residents.post("/s/say", code=slip.code, event=event, **also)
    assert reply.status_code == 200, words(reply)


# the whole journey -------------------------------------------------------------------------------


def test_an_asker_opens_confirms_sets_a_word_rates_and_disagrees(
    apart: Apart, answered: Slip
) -> None:
    page = apart.residents.open(answered.code)
    assert page.status_code == 200
    assert "责令十日内付清。" in words(page)
    versions = "SELECT grid_code FROM case_version WHERE case_id = :c ORDER BY id"
    assert apart.rows(versions, c=answered.case_id) == [(None,), (FINE,)]
    places = "SELECT 1 FROM case_text WHERE part = 'place'"
    assert apart.rows(places) == []
    set_word = apart.residents.post("/s/word", code=answered.code, word=WORD, again=WORD)
    assert zh("done.word_set.title") in set_word.text
    rated = apart.residents.post(
        "/s/rate", code=answered.code, rating="not", reason="rude", word=WORD
    )
    assert zh("done.rated.title") in rated.text
    said(apart, answered, "not_told", about="accepted")
    assert apart.residents.get("/s/roster").status_code == 200
    said(apart, answered, "not_solved")
    renewed = apart.residents.post(
        "/s/word", code=answered.code, word="新的口令", again="新的口令", renew="1"
    )
    assert zh("done.word_renewed.title") in renewed.text
    assert log(apart, answered)[-5:] == ["confirmed", "rated", "not_told", "not_solved", "rated"]


def test_a_review_goes_to_the_body_above(apart: Apart, answered: Slip) -> None:
    said(apart, answered, "review_requested")
    moved = "SELECT to_body_id FROM case_event WHERE event = 'review_requested'"
    assert apart.rows(moved) == [("rv",)]


def test_an_asker_withdraws_and_takes_it_back(apart: Apart, slip: Slip, clock: Clock) -> None:
    clock.at = utc_now()
    apart.residents.post("/s/word", code=slip.code, word=WORD, again=WORD)
    sent = {"code": slip.code, "word": WORD, "reason": "asked_twice", "send": "1"}
    assert apart.residents.post("/s/withdraw", **sent).status_code == 200
    said(apart, slip, "withdrawal_undone")
    assert log(apart, slip) == ["registered", "confirmed", "withdrawal_asked", "withdrawal_undone"]


def test_an_asker_disowns_and_takes_it_back(apart: Apart, slip: Slip) -> None:
    first = hidden(apart.residents.open(slip.code), "first")
    said(apart, slip, "disowned", first=first)
    said(apart, slip, "confirmed")
    assert log(apart, slip) == ["registered", "confirmed", "disowned", "confirmed"]


def test_an_asker_asks_for_corrections(apart: Apart, slip: Slip) -> None:
    sent = {"category": "late_certificate", "place": "990000002000"}
    known = load_categories().by_id
    sent["category"] = next(c for c in known if c != "unpaid_wages")
    for field, value in sent.items():
        reply = apart.residents.post("/s/correct", code=slip.code, field=field, **{field: value})
        assert reply.status_code == 200, words(reply)
    asked = "SELECT field, value FROM correction WHERE event = 'asked' ORDER BY id"
    assert apart.rows(asked) == list(sent.items())
    corrections.make(apart.owner, LABOUR, slip.case_id, "category", sent["category"], known)
    assert apart.residents.open(slip.code).status_code == 200


def test_a_place_is_confirmed_even_where_the_case_was_corrected_before(
    apart: Apart, slip: Slip
) -> None:
    with apart.owner.write() as conn:
        conn.execute(sa.text(
            "INSERT INTO correction (case_id, event, field, value, recorded_at) "
            "VALUES (:c, 'asked', 'place', '990000002000', 1)"
        ), {"c": slip.case_id})  # fmt: skip
    known = load_categories().by_id
    corrections.make(apart.owner, LABOUR, slip.case_id, "place", "990000002000", known)
    assert apart.residents.open(slip.code).status_code == 200
    assert log(apart, slip)[-1] == "confirmed"


def test_words_are_kept_for_a_case_that_came_without_a_key(apart: Apart, answered: Slip) -> None:
    with apart.owner.engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM case_text"))
        conn.execute(sa.text("DELETE FROM text_key"))
    apart.residents.post("/s/word", code=answered.code, word=WORD, again=WORD)
    sent = {"code": answered.code, "rating": "not", "reason": "rude", "word": WORD}
    assert apart.residents.post("/s/rate", **sent).status_code == 200
    assert len(apart.rows("SELECT 1 FROM text_key")) == 1


def test_the_open_pages_need_no_code(apart: Apart) -> None:
    for path in ("/s", "/s/about", "/s/figures", "/s/feed.atom", "/s/style.css"):
        assert apart.residents.get(path).status_code == 200, path
    assert apart.residents.open("2222-2222-2222-2222-2").status_code in (400, 404)


def test_the_page_says_the_same_as_with_all_rights(apart: Apart, answered: Slip) -> None:
    """Nothing that the asker may read is hidden by a policy; with every kind of row there is."""
    openings.open_texts(apart.owner, SUPERVISOR, answered.case_id, "检查答复")
    with apart.owner.engine.begin() as conn:
        at, case = micro(utc_now()), {"c": answered.case_id}
        for row in (
            f"flag VALUES ('f1', :c, {at}, 0.5, 'due_soon', 'm', '[]')",
            f"flag_event (flag_id, event, recorded_at, reason) VALUES "
            f"('f1', 'dismissed', {at}, 'answer_in_hand')",
            "assignment (assignment_id, origin, case_id, body_id, subject, step, due_on, "
            f"recorded_at) VALUES ('a1', 'case', :c, 'b01', 'this_case', 'tell', "
            f"'2027-01-05', {at})",
            f"assignment_event (assignment_id, event, recorded_at, body_id) VALUES "
            f"('a1', 'acknowledged', {at}, 'b01')",
            "backlog_plan (plan_id, case_id, body_id, post, due_on, recorded_at) VALUES "
            f"('p1', :c, 'b01', 'county_head', '2027-01-05', {at})",
            "backlog_step (plan_id, step, due_on) VALUES ('p1', 'answer', '2027-01-04')",
            "answer_review (review_id, case_id, answered_at, kind, body_id, handled, came_back, "
            f"recorded_at) VALUES ('r1', :c, {at}, 'first', 'b01', 'law_only', 'no_means', {at})",
        ):
            conn.execute(sa.text(f"INSERT INTO {row}"), case)
    reissue(apart.owner, DESK, answered.case_id)
    apart.residents.open(answered.code)
    everywhere = Reader(Starlette(routes=routes(lambda: apart.owner)))
    apart.owner.__dict__["now"] = utc_now
    for language in ("zh", "en"):
        with_role = apart.residents.open(answered.code, lang=language)
        assert words(with_role) == words(everywhere.open(answered.code, lang=language))
    assert "检查答复" in words(everywhere.open(answered.code))
    told = words(apart.residents.open(answered.code))
    for key in ("assignments.event.acknowledged", "roster.post.county_head", "backlog.step.answer",
                "backlog.came_back.no_means"):  # fmt: skip
        assert t(key, "zh") in told


# everything else ---------------------------------------------------------------------------------


def test_every_table_is_public_of_a_case_or_closed() -> None:
    """A new table stands in one of the lists before anybody can run this."""
    lists = [set(PUBLIC), set(OF_A_CASE), set(CLOSED)]
    assert set().union(*lists) == {*metadata.tables, "alembic_version"}
    assert sum(map(len, lists)) == len(metadata.tables) + 1
    assert {*APPENDED, *REMOVED} <= set(OF_A_CASE)
    assert set(CHANGED) - {"last_stamp"} <= set(OF_A_CASE)


@contextmanager
def refusal(states: set[str]) -> Iterator[None]:
    """Lets pass what the database refuses with one of these SQL states, and nothing else."""
    try:
        yield
    except DBAPIError as err:
        if getattr(err.orig, "sqlstate", "") not in states:
            raise


@pytest.fixture
def filled(apart: Apart, slip: Slip) -> tuple[Slip, Slip]:
    """Two cases, (one's own, somebody else's), and no table without a row."""
    other = new_case(apart.owner, "路灯不亮。")
    for one in (slip, other):
        openings.open_texts(apart.owner, LABOUR, one.case_id)
    apart.residents.post("/s/word", code=other.code, word=WORD, again=WORD)
    fill(apart.owner, other.case_id)
    return slip, other


def test_without_a_code_only_the_open_tables_can_be_read(
    apart: Apart, filled: tuple[Slip, Slip]
) -> None:
    with apart.engine.begin() as conn:  # a code held before leaves nothing on the connection
        hold(conn, apart.hash_of(filled[1]))
        assert conn.scalar(sa.text("SELECT count(*) FROM receipt")) == 1
    guessed = "0" * 64 + ",," + "'; --" + "," + filled[1].code + "," + filled[1].case_id
    for held in (None, "", guessed, "%", "{" + apart.hash_of(filled[1]) + "}"):
        for name in TABLES:
            if name not in PUBLIC:
                assert visible(apart, name, held) == 0, name


def visible(apart: Apart, name: str, held: str | None) -> int:
    """Rows of a table the role sees; with every column it was granted, and with all of them."""
    with apart.engine.connect() as conn:
        if held is not None:
            hold(conn, held)
        if name in OF_A_CASE:
            query = f"SELECT {', '.join(OF_A_CASE[name])} FROM {name}"
            return len(conn.execute(sa.text(query)).all())
        for column in metadata.tables[name].columns:
            for what in (column.name, "count(*)", "*"):
                with pytest.raises(DBAPIError, match="permission denied"):
                    conn.execute(sa.text(f"SELECT {what} FROM {name}"))
                conn.rollback()
    return 0


def test_with_a_code_only_its_own_case_can_be_read(apart: Apart, filled: tuple[Slip, Slip]) -> None:
    own, other = filled
    for name, columns in OF_A_CASE.items():
        with apart.holding(own) as conn:
            found = conn.execute(sa.text(f"SELECT {', '.join(columns)} FROM {name}")).all()
        shown = json.dumps([list(map(str, row)) for row in found])
        assert other.case_id not in shown, name
        by = {"audit": "target"}.get(name, "case_id")
        if by in metadata.tables[name].columns:
            assert {getattr(row, by) for row in found} <= {own.case_id}
    for name in CLOSED:
        visible(apart, name, apart.hash_of(own))
    closed = [(name, c.name) for name, columns in OF_A_CASE.items()
              for c in metadata.tables[name].columns if c.name not in columns]  # fmt: skip
    assert ("audit", "who") in closed
    assert ("flag", "probability") in closed
    for name, column in closed:
        with apart.holding(own) as conn, pytest.raises(DBAPIError, match="permission denied"):
            conn.execute(sa.text(f"SELECT {column} FROM {name}"))


def test_two_codes_at_once_still_open_one_case(apart: Apart, filled: tuple[Slip, Slip]) -> None:
    with apart.holding(None) as conn:
        hold(conn, ",".join(apart.hash_of(one) for one in filled))
        assert conn.scalar(sa.text("SELECT count(DISTINCT case_id) FROM case_version")) == 1


@pytest.mark.parametrize("which", ["none", "own", "other"])
def test_no_row_is_written_beside_the_lists(
    apart: Apart, filled: tuple[Slip, Slip], which: str
) -> None:
    """Every table: a copy of each row, whole and by the granted columns; every column changed;
    deleted; emptied. What is not refused touches nothing, and what it does is committed."""
    own, other = filled
    held = {"none": None, "own": own, "other": other}[which]
    before = apart.everything()
    rows = dict(before)
    tried = 0
    for name in TABLES:
        columns = [c.name for c in metadata.tables[name].columns]
        some = tuple(rows.get(name, [(1, utc_now())])[0])
        value = dict(zip(columns, some, strict=True))
        table = metadata.tables[name]
        attempts: list[sa.Executable] = [
            table.insert().values(**value),
            table.insert().values(
                **{k: v for k, v in value.items() if k != "id" or len(value) == 2}
            ),
            sa.text(f"DELETE FROM {name}"),
            sa.text(f"TRUNCATE {name}"),
            sa.text(f"TRUNCATE {name} CASCADE"),
            *(sa.text(f"UPDATE {name} SET {c} = {c}") for c in columns),
            *(sa.text(f"UPDATE {name} SET {c} = NULL") for c in columns),
        ]
        if name in APPENDED:
            attempts.append(table.insert().values(**{c: value[c] for c in APPENDED[name]}))
        for attempt in attempts:
            tried += 1
            with refusal({"42501", "P0001", "23502"}), apart.engine.begin() as conn:
                if held is not None:
                    hold(conn, apart.hash_of(held))
                done = conn.execute(attempt)
                assert done.rowcount == 0 or name == "last_stamp", (name, str(attempt))
    assert tried > 300
    assert apart.everything() == before


EVENT = {
    "case_id": None, "event": "not_told", "occurred_at": None, "recorded_at": None,
    "actor": "asker", "body_id": None, "to_body_id": None, "days": None, "code": None,
    "text_id": None, "planned_on": None,
}  # fmt: skip
HOUR = 3_600_000_000


def insert(conn: sa.Connection, table: str, row: dict[str, object]) -> None:
    names = ", ".join(row)
    gaps = ", ".join(f":{name}" for name in row)
    conn.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({gaps})"), row)


def event(slip: Slip, at: int, **changed: object) -> dict[str, object]:
    return EVENT | {"case_id": slip.case_id, "occurred_at": at, "recorded_at": at} | changed


def test_only_the_askers_own_events_of_now_are_appended(
    apart: Apart, filled: tuple[Slip, Slip]
) -> None:
    own, other = filled
    texts = dict(apart.rows("SELECT case_id, text_id FROM case_text WHERE part = 'summary'"))
    with apart.writing(own) as (conn, at):
        insert(conn, "case_event", event(own, at))  # as it should be
    wrong: list[dict[str, object]] = [
        {"case_id": other.case_id}, {"case_id": "AAAA-AAAA-AAAA"}, {"actor": "office"},
        {"actor": "system"}, {"event": "answered"}, {"event": "withdrawn"}, {"event": "registered"},
        {"event": "delivered"}, {"event": "extended", "days": 30}, {"days": 1}, {"body_id": "b01"},
        {"to_body_id": "rv"}, {"event": "review_requested"}, {"code": "satisfied"},
        {"code": "registered"}, {"event": "not_solved", "code": "accepted"},
        {"event": "review_requested", "to_body_id": "b02"}, {"event": "rated", "code": "rude"},
        {"planned_on": dt.date(2027, 1, 1)}, {"text_id": texts[own.case_id]},
        {"event": "rated", "text_id": texts[own.case_id]},
        {"event": "rated", "text_id": texts[other.case_id]}, {"id": 1},
        {"source_recorded_at": 1},
    ]  # fmt: skip
    for changed in wrong:
        with apart.writing(own) as (conn, at), pytest.raises(DBAPIError, match=DENIED):
            insert(conn, "case_event", event(own, at, **changed))
    for shift in (-240 * HOUR, -HOUR, -1, 1, HOUR):
        for both in (True, False):
            times = ("occurred_at", "recorded_at") if both else ("occurred_at",)
            with apart.writing(own) as (conn, at), pytest.raises(DBAPIError, match=DENIED):
                insert(conn, "case_event", event(own, at, **dict.fromkeys(times, at + shift)))


def test_nothing_is_recorded_without_the_writers_lock(
    apart: Apart, filled: tuple[Slip, Slip]
) -> None:
    """Else a row could wait in an open transaction and come to stand before later ones."""
    own = filled[0]
    with apart.writing(own) as (conn, at):
        conn.commit()
    with apart.holding(own) as conn, pytest.raises(DBAPIError, match="row-level security"):
        insert(conn, "case_event", event(own, at))
    with apart.holding(own) as conn:
        conn.execute(sa.text("SELECT at FROM last_stamp FOR UPDATE"))
        with pytest.raises(DBAPIError, match="row-level security"):
            insert(conn, "case_event", event(own, at))


@pytest.mark.parametrize("hours", [-24 * 365, -1, 1, 24 * 365])
def test_the_stamp_is_moved_neither_back_nor_ahead(apart: Apart, slip: Slip, hours: int) -> None:
    with apart.writing(slip) as (conn, at), pytest.raises(DBAPIError, match="forward with the"):
        conn.execute(sa.text("UPDATE last_stamp SET at = :at"), {"at": at + hours * HOUR})


def test_a_stamp_of_long_ago_is_none_of_now(apart: Apart, slip: Slip) -> None:
    """Nobody wrote for days: what the role records then is still of now."""
    with apart.holding(slip) as conn:
        conn.execute(sa.text("UPDATE last_stamp SET at = at"))
        at = conn.scalar(sa.text("SELECT at FROM last_stamp"))
        assert at < micro(utc_now()) - HOUR
        with pytest.raises(DBAPIError, match="row-level security"):
            insert(conn, "case_event", event(slip, int(at)))


def test_a_version_moves_nothing_but_the_place_kept_under_seal(apart: Apart, slip: Slip) -> None:
    columns = [c for c in APPENDED["case_version"] if c != "source_recorded_at"]

    def version(at: int, **changed: object) -> dict[str, object]:
        (row,) = apart.rows(
            f"SELECT id, {', '.join(columns)} FROM case_version WHERE case_id = :c", c=slip.case_id
        )
        newest = dict(zip(["id", *columns], row, strict=True))
        fitting = {"replaces": newest.pop("id"), "recorded_at": at, "grid_code": FINE}
        return newest | fitting | changed

    with apart.writing(slip) as (conn, at):
        insert(conn, "case_version", version(at))  # as it should be
        assert conn.execute(sa.text("DELETE FROM case_text")).rowcount == 1
    others = {"opened_at": 1, "township_code": "990000002000", "category": "x", "kind": "x",
              "channel": "online", "body_id": "b02", "desk": "t02", "limit_at": 1, "pack": "x",
              "needs_confirmation": False, "domain": "x", "procedure": "simple",
              "amount_band": "over_500k", "replaces": None, "grid_code": None,
              "recorded_at": 1, "case_id": "AAAA-AAAA-AAAA", "source_recorded_at": 1}  # fmt: skip
    assert {*columns, "source_recorded_at"} == set(others)
    for name, value in others.items():
        with apart.writing(slip) as (conn, at), pytest.raises(DBAPIError, match=DENIED):
            insert(conn, "case_version", version(at, **{name: value}))
    with apart.writing(slip) as (conn, _):  # without the version, the place stays where it is
        assert conn.execute(sa.text("DELETE FROM case_text")).rowcount == 0
    apart.residents.open(slip.code)
    with apart.writing(slip) as (conn, at):  # confirmed already
        (newest,) = apart.rows("SELECT max(id) FROM case_version")
        (row,) = apart.rows(
            f"SELECT {', '.join(columns)} FROM case_version WHERE id = :i", i=newest[0]
        )
        again = dict(zip(columns, row, strict=True)) | {"replaces": newest[0], "recorded_at": at}
        with pytest.raises(DBAPIError, match="row-level security"):
            insert(conn, "case_version", again)


def test_other_rows_of_ones_own_case_are_held_as_well(
    apart: Apart, filled: tuple[Slip, Slip]
) -> None:
    own, other = filled
    for table, row in {
        "correction": {"event": "made", "field": "category", "value": "x", "recorded_at": None},
        "asker_word": {"word_hash": "x", "set_at": 1},
        "case_text": {"text_id": "t", "part": "summary", "sealed": b"x"},
        "text_key": {"key_version": 1, "wrapped": b"x", "made_at": 1},
    }.items():
        for case_id in (own.case_id, other.case_id):
            with apart.writing(own) as (conn, at):
                made = {k: at if v is None else v for k, v in row.items()}
                with pytest.raises(DBAPIError, match=DENIED):
                    insert(conn, table, {"case_id": case_id, **made})
    big = {"case_id": own.case_id, "text_id": "t", "part": "words", "sealed": b"x" * 10_000}
    with apart.writing(own) as (conn, _), pytest.raises(DBAPIError, match=DENIED):
        insert(conn, "case_text", big)
    opened = "UPDATE receipt SET first_opened_at = :at"
    with apart.writing(other) as (conn, at):  # opened before: stays as it is
        assert conn.execute(sa.text(opened), {"at": at}).rowcount == 0
        changed = conn.execute(sa.text("UPDATE asker_word SET void_at = :at"), {"at": at})
        assert changed.rowcount == 1
    again = reissue(apart.owner, DESK, own.case_id)
    with apart.writing(again) as (conn, at):  # the code that is held, not the others of its case
        assert conn.scalar(sa.text("SELECT count(*) FROM receipt")) == 2
        assert conn.execute(sa.text(opened), {"at": at}).rowcount == 1


TRICKS = [
    "DROP TRIGGER case_event_append_only ON case_event",
    "DROP TRIGGER zaojie_residents_stamp ON last_stamp",
    "ALTER TABLE case_event DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "ALTER TABLE case_event DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE case_event OWNER TO {role}",
    "DROP POLICY zaojie_residents_select ON case_event",
    "CREATE POLICY mine ON case_event FOR SELECT TO {role} USING (true)",
    "ALTER POLICY zaojie_residents_select ON case_event USING (true)",
    "SET row_security = off; SELECT count(*) FROM case_event",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "ALTER ROLE {role} SUPERUSER",
    "ALTER ROLE {role} BYPASSRLS",
    "ALTER ROLE {role} CREATEROLE",
    "CREATE ROLE zaojie_more",
    "GRANT pg_read_all_data TO {role}",
    "GRANT {owner} TO {role}",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_user_mappings, pg_statistic",
    "SELECT * FROM pg_largeobject",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "COPY case_event TO 'zaojie_out'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY case_event FROM PROGRAM 'cat'",
    "COPY account TO STDOUT",
    "CREATE TABLE mine (a int)",
    "CREATE TEMPORARY TABLE receipt (a int)",
    "CREATE VIEW mine AS SELECT * FROM case_event",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION zaojie_open_case() RETURNS varchar LANGUAGE sql AS 'SELECT 1'",
    "ALTER FUNCTION zaojie_open_case() SET search_path = public",
    "ALTER FUNCTION zaojie_stamped(bigint) OWNER TO {role}",
    "DROP FUNCTION zaojie_open_case() CASCADE",
    "CREATE EXTENSION dblink",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION zaojie_append_only()",
    "CREATE TRIGGER mine BEFORE INSERT ON case_event EXECUTE FUNCTION zaojie_append_only()",
    "CREATE RULE mine AS ON INSERT TO case_event DO INSTEAD NOTHING",
    "CREATE INDEX mine ON case_event (case_id)",
    "ALTER TABLE case_event ADD COLUMN mine int",
    "COMMENT ON TABLE case_event IS 'x'",
    "DROP TABLE case_event",
    "DROP DATABASE postgres",
    "ALTER DATABASE {database} SET search_path = mine",
    "ALTER SYSTEM SET fsync = off",
    "SELECT setval('case_event_id_seq', 1)",
    "SELECT last_value FROM case_event_id_seq",
    "SELECT nextval('audit_id_seq')",
    "SELECT zaojie_append_only()",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{owner}'",
    "BEGIN; LOCK TABLE case_event IN ACCESS EXCLUSIVE MODE",
    "BEGIN; LOCK TABLE account IN ACCESS SHARE MODE",
    "SELECT * FROM pg_stat_replication, pg_hba_file_rules",
]


@pytest.fixture(scope="module")
def refused() -> set[str]:
    """SQL states that say no: by privilege, by owner, by policy; and what is switched off."""
    return {"42501", "0A000", "55000", "42809"}


def test_no_trick_of_sql_gets_further(
    apart: Apart, filled: tuple[Slip, Slip], refused: set[str]
) -> None:
    before = apart.everything()
    names = {"role": apart.role, "owner": str(apart.owner.engine.url.username),
             "database": str(apart.owner.engine.url.database)}  # fmt: skip
    alone = apart.engine.execution_options(isolation_level="AUTOCOMMIT")
    passed = []
    for trick in TRICKS:
        with refusal(refused), alone.connect() as conn:
            setting = f"SET {CODES_SETTING} = '{apart.hash_of(filled[0])}'"
            for part in (setting, *trick.format(**names).split("; ")):
                conn.exec_driver_sql(part)
            passed.append(trick)
    assert passed == []
    assert apart.everything() == before


def test_what_postgresql_tells_everybody_holds_no_value_of_a_row(
    apart: Apart, filled: tuple[Slip, Slip]
) -> None:
    with apart.owner.engine.begin() as conn:
        conn.exec_driver_sql("ANALYZE")
    with apart.holding(filled[0]) as conn, apart.holding(filled[1]) as beside:
        beside.execute(sa.text("SELECT * FROM case_event")).all()
        told = conn.execute(sa.text("SELECT tablename FROM pg_stats WHERE schemaname = 'public'"))
        assert set(told.scalars()) <= set(PUBLIC)
        running = conn.execute(sa.text("SELECT query FROM pg_stat_activity")).scalars().all()
        assert not any(apart.hash_of(one) in str(running) for one in filled)
        bodies = conn.execute(sa.text(
            "SELECT prosrc, proconfig FROM pg_proc WHERE proname LIKE 'zaojie%' AND prosecdef"
        )).all()  # fmt: skip
        assert len(bodies) == 6
        assert all(row.proconfig == ["search_path=pg_catalog, pg_temp"] for row in bodies)


def test_the_functions_tell_nothing_of_another_case(
    apart: Apart, filled: tuple[Slip, Slip]
) -> None:
    own, other = filled
    with apart.holding(own) as conn:
        conn.execute(sa.text("SET LOCAL search_path = pg_temp, public"))
        assert conn.scalar(sa.text("SELECT public.zaojie_open_case()")) == own.case_id
        assert conn.scalar(sa.text("SELECT zaojie_reviewer()")) == "rv"
        for code in (None, other.code, other.case_id, "0" * 64):
            hold(conn, code or "")
            assert conn.scalar(sa.text("SELECT zaojie_open_case()")) is None
            assert conn.scalar(sa.text("SELECT zaojie_reviewer()")) is None


# the rest of the house ---------------------------------------------------------------------------


def test_the_application_itself_is_not_held_by_the_policies(apart: Apart, answered: Slip) -> None:
    assert len(reading.read_worklist(apart.owner, LABOUR, apart.owner.now()).cases) == 1
    opened = find(apart.owner, answered.code)
    assert opened is not None
    record.confirm(apart.owner, opened.scope, opened)
    judge: Callable[..., None] = lambda history, step: None  # noqa: E731
    record.add_event(apart.owner, LABOUR, answered.case_id, NewEvent("notified"), judge)
    assert audit.first_broken(apart.owner, Scope.operator()) is None
    actions = [entry.action for entry in audit.newest(apart.owner, ADMINISTRATOR, 50)]
    assert "residents_role" in actions


def test_making_the_role_again_changes_nothing_and_takes_back_what_was_added(
    apart: Apart, slip: Slip
) -> None:
    with apart.owner.engine.begin() as conn:
        conn.exec_driver_sql(f"GRANT SELECT ON account TO {apart.role}")
        conn.exec_driver_sql(
            f"CREATE POLICY zaojie_residents_old ON case_event TO {apart.role} USING (true)"
        )
    apply(apart.owner, Scope.operator(), apart.role)
    assert visible(apart, "account", None) == 0
    assert visible(apart, "case_event", None) == 0
    assert apart.residents.open(slip.code).status_code == 200


@pytest.mark.parametrize("right", [
    "ALTER ROLE {role} BYPASSRLS", "GRANT pg_read_all_data TO {role}",
    "GRANT TEMPORARY ON DATABASE {database} TO {role}", "GRANT SELECT ON score TO PUBLIC",
    "GRANT CREATE ON SCHEMA public TO {role}",
])  # fmt: skip
def test_a_role_that_could_do_more_is_refused_as_a_whole(apart: Apart, right: str) -> None:
    database = apart.owner.engine.url.database
    with apart.owner.engine.begin() as conn:
        conn.exec_driver_sql(right.format(role=apart.role, database=database))
        conn.exec_driver_sql("DROP POLICY zaojie_residents_select ON case_event")
    with pytest.raises(ConfigError) as refused:
        apply(apart.owner, Scope.operator(), apart.role)
    assert refused.value.key == "separation.error.refused"
    left = "SELECT 1 FROM pg_policies WHERE tablename = 'case_event' AND cmd = 'SELECT'"
    assert apart.rows(left) == []


def test_the_owner_need_not_be_a_superuser(
    postgres_server: str, small_county: Callable[[Db], Db], tmp_path: Path
) -> None:
    """An owner that may make roles applies it; one that may not is told, and a superuser runs the
    printed script, whose functions then belong to the owner all the same."""
    tail = secrets.token_hex(4)
    owner, role, password = f"zaojie_owner_{tail}", f"zaojie_apart_{tail}", secrets.token_hex(8)
    admin = make_engine(postgres_server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"CREATE ROLE {owner} LOGIN PASSWORD '{password}'")
        conn.exec_driver_sql(f"CREATE DATABASE {owner} OWNER {owner}")
    url = sa.make_url(postgres_server).set(database=owner)
    engine = make_engine(
        url.set(username=owner, password=password).render_as_string(hide_password=False)
    )
    above = make_engine(url.render_as_string(hide_password=False))
    try:
        migrate(engine)
        db = Db(engine, Db.open_for_residents, utc_now)  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="permission denied to create role"):
            apply(db, Scope.operator(), role)
        script = as_script(statements(db, role, password), role)
        assert password not in script
        with above.connect().execution_options(no_parameters=True) as conn:
            conn.exec_driver_sql(script)
        owners = "SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc WHERE prosecdef " \
            "AND proname LIKE 'zaojie%'"  # fmt: skip
        with engine.connect() as conn:
            assert conn.execute(sa.text(owners)).scalars().all() == [owner]
        apply(db, Scope.operator(), role)  # exists now: its owner brings it up to date
    finally:
        engine.dispose()
        above.dispose()
        with admin.connect() as conn:
            conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {owner} WITH (FORCE)")
            conn.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
            conn.exec_driver_sql(f"DROP ROLE {owner}")
        admin.dispose()


def test_the_process_makes_no_tables_and_no_keys(apart: Apart, tmp_path: Path) -> None:
    url = apart.engine.url.render_as_string(hide_password=False)
    with pytest.raises(ConfigError) as missing:
        make_app(Settings(database=url, keys=tmp_path / "none.json"))
    assert missing.value.key == "data.error.keys_missing"
    assert not (tmp_path / "none.json").exists()
    with apart.owner.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(ConfigError) as old:
        make_app(Settings(database=url, keys=tmp_path / "residents.json"))
    assert old.value.key == "separation.error.not_current"


def test_the_residents_keys_are_a_part_in_a_file_of_their_own(apart: Apart, tmp_path: Path) -> None:
    path = tmp_path / "residents.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(path.read_text())) == set(RESIDENTS_PURPOSES)
    with pytest.raises(ConfigError) as there:
        write_keys(apart.owner, Scope.operator(), path)
    assert there.value.key == "separation.error.keys_file"
    for scope in (SUPERVISOR, ADMINISTRATOR):
        with pytest.raises(NotAllowed):
            write_keys(apart.owner, scope, tmp_path / "mine.json")
        with pytest.raises(NotAllowed):
            apply(apart.owner, scope)


def test_the_commands_print_and_refuse(
    apart: Apart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = apart.owner.engine.url.render_as_string(hide_password=False)
    keys = tmp_path / "keys.json"
    apart.owner.keys.save(keys)
    monkeypatch.setenv("ZAOJIE_KEYS", str(keys))
    monkeypatch.setenv("ZAOJIE_PW", "a-secret-word")

    def run(*words_: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["residents", *words_])
        return done.exit_code, done.output

    code, printed = run("role", "--database", url, "--name", "zaojie_x", "--password-env",
                        "ZAOJIE_PW")  # fmt: skip
    assert code == 0
    assert "CREATE ROLE zaojie_x LOGIN NOSUPERUSER" in printed
    assert "a-secret-word" not in printed
    assert "SCRAM-SHA-256$" in printed
    assert run("role", "--database", url, "--name", "Robert'); --")[0] == 1
    assert run("role", "--database", url, "--password-env", "ZAOJIE_NONE")[0] == 1
    code, said_ = run("role", "--database", f"sqlite:///{tmp_path}/x.db")
    assert code == 1
    assert "Only PostgreSQL" in said_
    assert run("role", "--database", url, "--name", apart.role, "--apply")[0] == 0
    out = tmp_path / "part.json"
    assert run("keys", "--database", url, "--out", str(out))[0] == 0
    assert os.path.exists(out)


# receptions --------------------------------------------------------------------------------------


def session(apart: Apart, days: int = 10, **changed: object) -> int:
    """A line of the roster so many days ahead of the present; its number."""
    day = (utc_now() + dt.timedelta(hours=8, days=days)).date()
    line = {"day": day, "starts": "09:00", "ends": "11:00", "post": "county_head",
            "body_id": None, "place": "接待大厅", "slots": 3}  # fmt: skip
    roster.add(apart.owner, SUPERVISOR, [NewLine(**(line | changed))])  # type: ignore[arg-type]
    (found,) = apart.rows("SELECT max(id) FROM roster")
    return int(found[0])


def test_an_asker_books_and_cancels_with_the_role(apart: Apart, slip: Slip, clock: Clock) -> None:
    line = session(apart)
    clock.at = utc_now()
    sent = {"code": slip.code}
    assert apart.residents.post("/s/word", word=WORD, again=WORD, **sent).status_code == 200
    for do in ({"do": "book", "line": str(line)}, {"do": "cancel", "word": WORD}, {"do": "undo"}):
        reply = apart.residents.post("/s/appointment", **sent, **do)
        assert reply.status_code == 200, words(reply)
    assert [row[0] for row in apart.rows("SELECT event FROM appointment ORDER BY id")] == [
        "booked", "cancelled", "booked",
    ]  # fmt: skip
    assert t("reception.asker.title", "zh") in words(apart.residents.open(slip.code))


def test_the_role_gives_a_place_once_without_seeing_who_has_the_others(
    apart: Apart, slip: Slip, clock: Clock
) -> None:
    line = session(apart)
    clock.at = utc_now()
    others = [new_case(apart.owner, "路灯不亮。") for _ in range(3)]
    for other in others[:2]:
        of = Scope(other.case_id, "resident")
        receptions.book(apart.owner, of, other.case_id, line)
    sent = {"code": slip.code, "do": "book", "line": str(line)}
    assert apart.residents.post("/s/appointment", **sent).status_code == 200
    assert apart.rows("SELECT count(DISTINCT slot) FROM appointment") == [(3,)]
    full = apart.residents.post("/s/appointment", code=others[2].code, do="book", line=str(line))
    assert t("reception.error.full", "zh") in words(full)
    with apart.holding(slip) as conn:
        assert conn.scalar(sa.text("SELECT count(*) FROM appointment")) == 1
        seen = conn.execute(sa.text("SELECT * FROM zaojie_taken_places()"))
        assert set(seen.keys()) == {"line_id", "slot"}


def test_only_a_place_that_may_be_booked_is_booked(apart: Apart, slip: Slip, clock: Clock) -> None:
    line, near, small = session(apart), session(apart, 2), session(apart, 11, slots=2)
    off, other = session(apart, 12), new_case(apart.owner, "路灯不亮。")
    roster.cancel(apart.owner, SUPERVISOR, off)
    clock.at = utc_now()
    taken = receptions.book(
        apart.owner, Scope(other.case_id, "resident"), other.case_id, line
    ).slot  # fmt: skip
    free = next(slot for slot in (1, 2, 3) if slot != taken)

    def row(at: int, **changed: object) -> dict[str, object]:
        usual = {"case_id": slip.case_id, "event": "booked", "roster_id": line, "slot": free}
        return usual | {"recorded_at": at} | changed

    with apart.writing(slip) as (conn, at):
        insert(conn, "appointment", row(at))  # as it should be
    wrong: list[dict[str, object]] = [
        {"case_id": other.case_id}, {"event": "cancelled"}, {"event": "x"}, {"slot": taken},
        {"slot": 0}, {"slot": 4}, {"roster_id": near}, {"roster_id": small}, {"roster_id": off},
        {"roster_id": 999}, {"id": 1},
    ]  # fmt: skip
    for changed in wrong:
        with apart.writing(slip) as (conn, at), pytest.raises(DBAPIError, match=DENIED):
            insert(conn, "appointment", row(at, **changed))
    for shift in (-HOUR, HOUR):
        with apart.writing(slip) as (conn, at), pytest.raises(DBAPIError, match=DENIED):
            insert(conn, "appointment", row(at + shift))
    with apart.writing(slip) as (conn, at):
        insert(conn, "appointment", row(at))
        for again in ({}, {"slot": 6 - free - taken}):  # one stands already
            with pytest.raises(DBAPIError, match=DENIED), conn.begin_nested():
                insert(conn, "appointment", row(at, **again))
    stands = appointments.stands(
        apart.owner, Scope(other.case_id, "resident"), other.case_id
    )  # fmt: skip
    assert stands is not None
    assert stands.state == "booked"
