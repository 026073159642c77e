"""Tokens of machines: a closed list, shown once, ended alike; what they send is stored once."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from data import machines, receipts, record
from data.audit import first_broken, newest
from data.db import Db
from data.errors import NotAllowed, NotFound, RowProblem
from data.machines import Key, KeyUsed, Machine, machine_of, make_token, read_sent, send
from data.rows import NewCase
from data.schema import api_token, case_version
from data.scope import Scope
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, SUPERVISOR

EAST = "990000001000"


def new_case(db: Db, source_id: str | None = None, **values: object) -> NewCase:
    case = NewCase(
        township_code=EAST, grid_code=None, opened_at=db.now() - dt.timedelta(hours=1),
        domain="labour", category="unpaid_wages", kind="redress", channel="hotline",
        procedure="ordinary", body_id="b01", summary="工资三个月没有发。", source_id=source_id,
    )  # fmt: skip
    return dataclasses.replace(case, **values)  # type: ignore[arg-type]


def made(db: Db, body: str = "t01", kind: str = "api", days: int = 30) -> tuple[str, Machine]:
    _, token = make_token(db, ADMINISTRATOR, "热线平台", kind, body, "hotline", days)
    machine = machine_of(db, token, kind)
    assert machine is not None
    return token, machine


@pytest.fixture
def county(db: Db, small_county: Callable[[Db], Db]) -> Db:
    return small_county(db)


def count(db: Db) -> int:
    with db.read() as conn:
        return int(conn.scalar(sa.select(sa.func.count()).select_from(case_version)) or 0)


def test_the_lists_of_what_a_token_may_be_are_closed(county: Db) -> None:
    assert machines.KINDS == ("api", "open311")
    assert machines.CHANNELS == ("hotline", "online", "one_stop")
    for kind in ("police", "stability", "export", "list", "", "API"):
        with pytest.raises(NotAllowed):
            make_token(county, ADMINISTRATOR, "x", kind, "t01", "hotline", 30)
    for channel in ("on_behalf", "desk", "police", ""):
        with pytest.raises(NotAllowed):
            make_token(county, ADMINISTRATOR, "x", "api", "t01", channel, 30)
    for days in (0, -1, 367, 10_000):
        with pytest.raises(NotAllowed):
            make_token(county, ADMINISTRATOR, "x", "api", "t01", "hotline", days)
    for label, body in ((" ", "t01"), ("x", "police")):
        with pytest.raises(NotAllowed):
            make_token(county, ADMINISTRATOR, label, "api", body, "hotline", 30)
    for scope in (SUPERVISOR, DESK, LABOUR, Scope.public()):
        with pytest.raises(NotAllowed):
            make_token(county, scope, "x", "api", "t01", "hotline", 30)
        with pytest.raises(NotAllowed):
            machines.read_tokens(county, scope)


def test_a_token_is_seen_once_and_kept_as_a_hash(county: Db) -> None:
    line, token = make_token(county, ADMINISTRATOR, "热线 王小明 13912345678", "api", "t01",
                             "hotline", 30)  # fmt: skip
    assert "13912345678" not in line.label
    with county.read() as conn:
        rows = [tuple(map(str, row)) for row in conn.execute(sa.select(api_token))]
    assert token not in " ".join(rows[0])
    assert machines.read_tokens(county, ADMINISTRATOR) == [line]
    assert [e.action for e in newest(county, ADMINISTRATOR, 1)] == ["token_made"]


def test_unknown_ended_expired_and_other_doors_are_refused_alike(county: Db, clock) -> None:
    token, machine = made(county)
    assert machine_of(county, token, "open311") is None
    assert machine_of(county, token + "x", "api") is None
    assert machine_of(county, "", "api") is None
    clock.go(days=30)
    assert machine_of(county, token, "api") is None
    other, second = made(county)
    machines.end_token(county, ADMINISTRATOR, second.token_id)
    assert machine_of(county, other, "api") is None
    states = [line.state(county.now()) for line in machines.read_tokens(county, ADMINISTRATOR)]
    assert sorted(states) == ["ended", "expired"]
    for gone in (second.token_id, "nobody"):
        with pytest.raises(NotFound):
            machines.end_token(county, ADMINISTRATOR, gone)
    assert machine.scope.role == "machine"


def test_a_token_registers_for_its_own_desk_and_reads_its_own_cases_only(county: Db) -> None:
    _, east = made(county)
    _, west = made(county, "t02")
    _, other = made(county)
    with pytest.raises(NotAllowed):
        send(county, west.scope, [new_case(county, "1")], [1], [], [], None)
    assert count(county) == 0
    [row] = send(county, east.scope, [new_case(county, "1")], [1], [], [], None).rows
    assert read_sent(county, east.scope, row.case_id).desk == "t01"
    for stranger in (west, other):
        with pytest.raises(NotFound):
            read_sent(county, stranger.scope, row.case_id)
    desks = record.register(county, DESK, new_case(county, "2", channel="desk"))
    with pytest.raises(NotFound):
        read_sent(county, east.scope, desks.case_id)


def test_a_body_of_the_whole_county_reaches_every_township(county: Db) -> None:
    assert made(county, "b02")[1].scope.townships == {EAST, "990000002000"}
    assert made(county, "t02")[1].scope.townships == {"990000002000"}


def test_the_same_key_stores_once_and_issues_unopened_codes_again(county: Db, clock) -> None:
    _, machine = made(county)
    cases = [new_case(county, "1"), new_case(county, "2")]
    key = Key.of("k-1", b"body")
    wrong = [RowProblem(3, "kind", "intake.row.bad_grid")]
    first = send(county, machine.scope, cases, [1, 2], wrong, [], key)
    clock.go(minutes=1)
    opened = receipts.find(county, first.rows[0].slip.code)
    assert opened is not None
    record.confirm(county, opened.scope, opened)
    clock.go(minutes=1)
    again = send(county, machine.scope, cases, [1, 2], wrong, [], key)
    assert count(county) == 2
    assert again.is_replay
    assert [r.case_id for r in again.rows] == [r.case_id for r in first.rows]
    assert again.rows[0].slip is None
    assert again.rows[0].is_opened
    assert again.rows[1].slip is not None
    assert again.rows[1].slip.code != first.rows[1].slip.code
    assert receipts.find(county, first.rows[1].slip.code), "the lost reply's code stays good"
    assert again.problems == tuple(wrong)
    assert first_broken(county, ADMINISTRATOR) is None


def test_the_same_key_with_another_body_is_refused_for_thirty_days(county: Db, clock) -> None:
    _, machine = made(county, days=90)
    send(county, machine.scope, [new_case(county, "1")], [1], [], [], Key.of("k", b"a"))
    with pytest.raises(KeyUsed):
        send(county, machine.scope, [new_case(county, "2")], [1], [], [], Key.of("k", b"b"))
    with pytest.raises(KeyUsed):
        machines.known_key(county, machine.scope, Key.of("k", b"b"))
    assert count(county) == 1
    _, other = made(county, days=90)
    assert not machines.known_key(county, other.scope, Key.of("k", b"b")), "keys are a token's own"
    clock.go(days=31)
    send(county, machine.scope, [new_case(county, "2")], [1], [], [], Key.of("k", b"b"))
    assert count(county) == 2


def test_what_was_sent_at_once_with_one_key_is_stored_once(county: Db) -> None:
    _, machine = made(county)
    cases, key = [new_case(county, None) for _ in range(3)], Key.of("k", b"a")

    def one(_: int) -> tuple[str, ...]:
        found = send(county, machine.scope, cases, [1, 2, 3], [], [], key)
        return tuple(row.case_id for row in found.rows)

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(one, range(6)))
    assert len(answers) == 1
    assert count(county) == 3


def test_a_repeat_of_another_senders_number_gives_no_code_away(county: Db, clock) -> None:
    record.register(county, DESK, new_case(county, "1", channel="desk"))
    _, machine = made(county)
    clock.go(minutes=1)
    [row] = send(county, machine.scope, [new_case(county, "1")], [1], [], [], None).rows
    assert row.is_repeat
    assert row.slip is None
    assert not row.is_opened, "not even whether it was opened is told"
    with pytest.raises(NotFound):
        read_sent(county, machine.scope, row.case_id)


def test_no_code_is_kept_with_a_key(county: Db) -> None:
    _, machine = made(county)
    found = send(county, machine.scope, [new_case(county, "1")], [1], [], [], Key.of("k", b"a"))
    with county.read() as conn:
        kept = str(conn.execute(sa.text("SELECT answer FROM sent_before")).scalar())
    slip = found.rows[0].slip
    assert slip is not None
    assert slip.code not in kept
    assert slip.tag not in kept
