"""Who enters: guesses, passwords, invitations, roles for a time, people who leave, demo roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from data import accounts, attempts, audit, invitations, passwords, sessions
from data.accounts import MustWait, SignInFailed
from data.attempts import FREE, LONGEST_WAIT_SECONDS
from data.db import Db
from data.errors import NotAllowed
from data.record import register
from data.schema import account, attempt, meta
from data.scope import Scope
from tests.conftest import ADMINISTRATOR, LABOUR, NOW, SUPERVISOR, Clock

OPERATOR = Scope.operator()
RIGHT = "three unlikely words"
HERE, THERE = "10.1.2.3", "192.0.2.77"


@pytest.fixture
def county(sqlite_db, small_county) -> Db:
    return small_county(sqlite_db)


def member(db: Db, login: str, role: str = "leader", body: str | None = None) -> str:
    """An account whose owner has set a password."""
    accounts.make_account(db, OPERATOR, login, role, body)
    invitations.redeem(db, invitations.invite(db, OPERATOR, login), RIGHT, HERE)
    return login


def who(db: Db, token: str | None) -> accounts.SignedIn:
    found = accounts.session_of(db, token)
    assert found is not None
    return found


def said(db: Db, action: str) -> list[audit.Entry]:
    return [one for one in audit.newest(db, OPERATOR, 2000) if one.action == action]


# guesses --------------------------------------------------------------------------------------


def guesses() -> Iterator[str]:
    yield from (f"guess number {n}" for n in range(1000))


def test_a_thousand_guesses_open_nothing_and_the_owner_gets_in_after_the_delay(county, clock):
    login, began = member(county, "boss"), clock()
    looked_at = 0
    for guess in guesses():
        while True:
            try:
                accounts.sign_in(county, login, guess, THERE)
                pytest.fail("a guess came in")
            except MustWait as wait:
                clock.go(seconds=wait.seconds)
            except SignInFailed:
                looked_at += 1
                break
    assert looked_at == 1000
    assert clock() - began > dt.timedelta(days=9), "what a thousand guesses cost"
    # from where the guesses came, and from a place never seen: after at most the longest delay
    for address, kind in ((THERE, "both"), ("198.51.100.1", "login")):
        with pytest.raises(MustWait) as wait:
            accounts.sign_in(county, login, RIGHT, address)
        assert wait.value.seconds <= LONGEST_WAIT_SECONDS[kind] + 1
        clock.go(seconds=wait.value.seconds)
        assert accounts.sign_in(county, login, RIGHT, address)
        accounts_fail(county, login, FREE["login"] + 20, clock)
    failed = said(county, "sign_in_failed")
    assert len(failed) < 30, "a thousand failures are some lines, not a thousand"
    assert max(int(one.reason) for one in failed) >= 512


def accounts_fail(db: Db, login: str, times: int, clock: Clock) -> None:
    for n in range(times):
        try:
            accounts.sign_in(db, login, f"again {n}", THERE)
        except MustWait as wait:
            clock.go(seconds=wait.seconds)
        except SignInFailed:
            pass


def test_where_the_owner_came_in_lately_strangers_elsewhere_hold_nothing_up(county, clock):
    login = member(county, "boss")
    assert accounts.sign_in(county, login, RIGHT, HERE)
    accounts_fail(county, login, 40, clock)
    assert accounts.sign_in(county, login, RIGHT, HERE)


def test_many_guesses_at_the_same_moment_gain_nothing(county):
    login = member(county, "boss")

    def guess(n: int) -> str:
        try:
            accounts.sign_in(county, login, f"guess {n}", THERE)
        except MustWait:
            return "waits"
        except SignInFailed:
            return "looked at"
        return "in"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(40)))
    assert found.count("looked at") == FREE["both"]
    assert "in" not in found


def test_the_memory_of_failures_is_the_databases_says_nothing_and_is_forgotten(county, clock):
    for n in range(FREE["both"]):
        with pytest.raises(SignInFailed):
            accounts.sign_in(county, "no-such-login", f"x{n}", THERE)
    with pytest.raises(MustWait):
        accounts.sign_in(Db(county.engine, county.keys, clock), "no-such-login", "x", THERE)
    with county.read() as conn:
        keys = conn.execute(sa.select(attempt.c.key)).scalars().all()
    assert all(len(key) == 64 and "no-such" not in key and THERE not in key for key in keys)
    clock.go(days=1, seconds=1)
    attempts.take(county, HERE, "another")
    with county.read() as conn:
        left = conn.execute(sa.select(attempt.c.key)).scalars().all()
    assert not set(left) & set(keys)


def test_a_login_that_is_not_there_is_refused_like_a_wrong_password(county, monkeypatch):
    checked = []
    real = passwords._hasher.verify.__func__
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, *a: checked.append(1) or real(self, *a)
    )
    member(county, "boss")
    texts = set()
    for login in ("boss", "nobody"):
        with pytest.raises(SignInFailed) as refused:
            accounts.sign_in(county, login, "wrong", THERE)
        texts.add(refused.value.text("en"))
    assert len(texts) == 1
    assert len(checked) == 2, "both pay for one hash"


# passwords ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    ["password123456", "woaini1314", "1234567890", "qwertyuiop", "zaojie123456", "aaaaaaaaaaaa",
     "abcabcabcabc", "boss1234567", "12345678901234", "testcounty2026", "P@ssw0rd!!",
     "ＷＯＡＩＮＩ1314"],
)  # fmt: skip
def test_what_everybody_tries_first_is_refused(bad):
    with pytest.raises(NotAllowed) as refused:
        passwords.check(bad, ("boss", "试县", "Test County", "TestCounty"))
    assert refused.value.key == "access.error.password_worst"


@pytest.mark.parametrize(
    "good", ["三個不相干的詞連在一起", "correct horse", "x" + "汉z9" * 16, "gue5s th1s"]
)
def test_any_other_password_of_the_length_will_do(good):
    passwords.check(good, ("boss", "试县", "Test County"))


def test_a_password_is_neither_short_nor_endless():
    for bad in ("short", "z" * 201):
        with pytest.raises(NotAllowed):
            passwords.check(bad, ())
    assert passwords.MAXIMUM_PASSWORD_LENGTH >= 64
    assert len(passwords.worst()) > 10_000


def test_a_new_password_ends_every_other_session(county):
    login = member(county, "boss")
    first = accounts.sign_in(county, login, RIGHT, HERE)
    second = accounts.sign_in(county, login, RIGHT, HERE)
    third = accounts.change_password(county, who(county, first), RIGHT, "four unlikely words", HERE)
    assert [accounts.session_of(county, t) for t in (first, second)] == [None, None]
    assert who(county, third).login == login
    assert len({first, second, third}) == 3, "every sign-in has a token of its own"


def test_a_one_time_password_dies_after_three_days(county, clock):
    made = accounts.first_administrator(county)
    assert accounts.first_administrator(county) is None
    assert who(county, accounts.sign_in(county, *made)).first == "password"
    clock.go(hours=73)
    with pytest.raises(SignInFailed):
        accounts.sign_in(county, *made)


# invitations ----------------------------------------------------------------------------------


def test_an_invitation_opens_once_ends_with_a_newer_one_and_after_72_hours(county, clock):
    accounts.make_account(county, ADMINISTRATOR, "new", "leader", None)
    first = invitations.invite(county, ADMINISTRATOR, "new")
    second = invitations.invite(county, ADMINISTRATOR, "new")
    with pytest.raises(SignInFailed):
        accounts.sign_in(county, "new", passwords.UNUSABLE)

    def refused(token: str) -> None:
        with pytest.raises(NotAllowed) as found:
            invitations.redeem(county, token, RIGHT)
        assert found.value.key == "access.error.invitation_over"

    refused(first)
    with pytest.raises(NotAllowed) as weak:
        invitations.redeem(county, second, "password123456")
    assert weak.value.key == "access.error.password_worst"
    assert who(county, invitations.redeem(county, second, RIGHT)).scope.role == "leader"
    refused(second)
    third = invitations.invite(county, ADMINISTRATOR, "new")
    clock.go(hours=72)
    refused(third)
    assert accounts.sign_in(county, "new", RIGHT), "the older password works until a link is used"


def test_no_invitation_and_no_password_stands_in_database_or_log(county):
    accounts.make_account(county, ADMINISTRATOR, "new", "leader", None)
    token = invitations.invite(county, ADMINISTRATOR, "new")
    invitations.redeem(county, token, RIGHT, HERE)
    with county.read() as conn:
        whole = "\n".join(conn.connection.iterdump())
    assert token not in whole
    assert RIGHT not in whole


# roles ----------------------------------------------------------------------------------------


def test_one_account_works_in_one_of_its_roles_and_changes_with_a_new_token(county):
    login = member(county, "clerk", "department_clerk", "b01")
    accounts.give_role(county, ADMINISTRATOR, login, "supervisor", None)
    token = accounts.sign_in(county, login, RIGHT, HERE)
    first = who(county, token)
    assert first.scope.bodies == {"b01"}
    assert [one.role for one in first.roles] == ["department_clerk", "supervisor"]
    other = accounts.choose_role(county, token, first.roles[1].role_id, HERE)
    assert other != token
    assert accounts.session_of(county, token) is None
    now = who(county, other)
    assert (now.scope.role, now.scope.bodies) == ("supervisor", frozenset())
    with pytest.raises(NotAllowed):
        accounts.choose_role(county, other, 999)


def test_a_role_begins_later_and_cover_ends_by_itself(county, clock):
    login = member(county, "clerk", "department_clerk", "b01")
    accounts.give_role(
        county, ADMINISTRATOR, login, "department_clerk", "b02",
        NOW + dt.timedelta(days=2), NOW + dt.timedelta(days=5),
    )  # fmt: skip

    def roles() -> list[str | None]:
        return [r.body_id for r in who(county, accounts.sign_in(county, login, RIGHT, HERE)).roles]

    assert roles() == ["b01"]
    clock.go(days=2)
    assert roles() == ["b01", "b02"]
    token = accounts.sign_in(county, login, RIGHT, HERE)
    cover = accounts.choose_role(county, token, who(county, token).roles[1].role_id)
    assert who(county, cover).scope.bodies == {"b02"}
    clock.go(days=2, hours=23, minutes=50)
    cover = accounts.choose_role(
        county, t := accounts.sign_in(county, login, RIGHT), who(county, t).roles[1].role_id
    )
    clock.go(minutes=10)
    assert accounts.session_of(county, cover) is None, "the session ends with its role"
    assert roles() == ["b01"]
    for end in (NOW, clock() + dt.timedelta(days=93)):
        with pytest.raises(NotAllowed):
            accounts.give_role(
                county, ADMINISTRATOR, login, "department_clerk", "b02", clock(), end
            )
    assert said(county, "cover_given")[0].reason == "department_clerk b02"


def test_nobody_gives_a_role_to_themselves_and_no_administrator_is_anything_else(county):
    admin = who(county, accounts.sign_in(county, *accounts.first_administrator(county)))
    boss = member(county, "boss", "supervisor")
    for login, role in (("admin", "supervisor"), (boss, "administrator")):
        for scope in (admin.scope, OPERATOR):
            with pytest.raises(NotAllowed):
                accounts.give_role(county, scope, login, role, None)
    with pytest.raises(NotAllowed):
        accounts.give_role(county, SUPERVISOR, boss, "leader", None)


def test_who_leaves_is_out_at_once_and_the_work_stays_with_the_body(county, clock):
    from service.handover import open_work
    from tests.data.conftest import new_case

    login = member(county, "clerk", "department_clerk", "b01")
    token = accounts.sign_in(county, login, RIGHT, HERE)
    make = new_case.__wrapped__()
    register(county, Scope("t", "township_clerk", frozenset({"990000001000"}),
                           frozenset({"t01"}), "t01"), make())  # fmt: skip
    link = invitations.invite(county, ADMINISTRATOR, login)
    assert accounts.end_account(county, ADMINISTRATOR, login) == ["b01"]
    assert open_work(county, ADMINISTRATOR, ["b01", "b02"]) == {"b01": 1, "b02": 0}
    with pytest.raises(NotAllowed):
        open_work(county, LABOUR, ["b01"])
    assert accounts.session_of(county, token) is None
    with pytest.raises(SignInFailed):
        accounts.sign_in(county, login, RIGHT, HERE)
    with pytest.raises(NotAllowed):
        invitations.redeem(county, link, RIGHT)
    with pytest.raises(NotAllowed, match="taken"):
        accounts.make_account(county, ADMINISTRATOR, login, "leader", None)


def test_the_last_administrator_stays(county):
    accounts.first_administrator(county)
    with pytest.raises(NotAllowed, match="last administrator"):
        accounts.end_account(county, OPERATOR, "admin")
    line = accounts.read_accounts(county, OPERATOR)[0]
    with pytest.raises(NotAllowed, match="last administrator"):
        accounts.end_role(county, OPERATOR, line.roles[0].role_id)


def test_a_session_idles_out_ends_on_sign_out_and_with_its_role(county, clock):
    login = member(county, "boss")
    token = accounts.sign_in(county, login, RIGHT, HERE)
    clock.go(minutes=29)
    assert accounts.session_of(county, token)
    clock.go(minutes=29)
    assert accounts.session_of(county, token)
    clock.go(minutes=31)
    assert accounts.session_of(county, token) is None
    token = accounts.sign_in(county, login, RIGHT, HERE)
    accounts.sign_out(county, token)
    assert accounts.session_of(county, token) is None
    token = accounts.sign_in(county, login, RIGHT, HERE)
    line = next(one for one in accounts.read_accounts(county, OPERATOR) if one.login == login)
    accounts.end_role(county, ADMINISTRATOR, line.roles[0].role_id)
    assert accounts.session_of(county, token) is None
    with pytest.raises(NotAllowed):
        accounts.sign_in(county, login, RIGHT, HERE)


def test_the_language_an_account_chose_is_kept(county):
    login = member(county, "boss")
    signed_in = who(county, accounts.sign_in(county, login, RIGHT))
    assert signed_in.language is None
    accounts.keep_language(county, signed_in, "en")
    accounts.keep_language(county, signed_in, "xx")
    assert who(county, accounts.sign_in(county, login, RIGHT)).language == "en"


# demo -----------------------------------------------------------------------------------------


def _call_it_a_demo(db: Db) -> None:
    with db.write() as conn:
        conn.execute(meta.update().where(meta.c.key == "kind").values(value="demo"))


def test_demo_roles_cannot_be_switched_on_where_real_accounts_worked(county):
    from tests.data.conftest import new_case

    clerk = who(
        county, accounts.sign_in(county, member(county, "c", "township_clerk", "t01"), RIGHT)
    )
    register(county, clerk.scope, new_case.__wrapped__()())
    with pytest.raises(NotAllowed):
        accounts.demo_sign_in(county, "supervisor", None)
    _call_it_a_demo(county)
    with pytest.raises(NotAllowed) as refused:
        accounts.demo_sign_in(county, "supervisor", None)
    assert refused.value.key == "data.error.demo_only"


def test_a_demo_session_opens_nothing_where_the_database_is_no_demo(county):
    _call_it_a_demo(county)
    token = accounts.demo_sign_in(county, "supervisor", None)
    assert accounts.session_of(county, token)
    with county.write() as conn:
        conn.execute(meta.update().where(meta.c.key == "kind").values(value="real"))
    assert accounts.session_of(county, token) is None
    with pytest.raises(NotAllowed):
        accounts.make_account(county, OPERATOR, "demo-supervisor-2", "supervisor", None)


# the log --------------------------------------------------------------------------------------


def test_the_log_says_from_which_network_and_older_entries_still_verify(county):
    audit.write_export(county, SUPERVISOR, "before there was a place")
    login = member(county, "boss")
    signed_in = accounts.session_of(county, accounts.sign_in(county, login, RIGHT, HERE), HERE)
    assert signed_in is not None
    audit.write_export(county, signed_in.scope, "after")
    newest = audit.newest(county, OPERATOR, 1)[0]
    assert newest.place == "10.1.2.0/24"
    assert audit.first_broken(county, OPERATOR) is None
    with county.write() as conn:
        conn.execute(sa.text("DROP TRIGGER audit_no_update"))
        conn.execute(sa.text(f"UPDATE audit SET place = NULL WHERE id = {newest.id}"))
    assert audit.first_broken(county, OPERATOR) == newest.id


@pytest.mark.parametrize(
    ("address", "place"),
    [("10.1.2.3", "10.1.2.0/24"), ("2001:db8:1:2::5", "2001:db8:1::/48"), ("testclient", None),
     ("", None)],
)  # fmt: skip
def test_a_place_is_a_network_and_no_machine(address, place):
    assert sessions.place_of(address) == place


def test_on_postgresql_people_enter_alike(postgres_db, small_county, clock):
    db = small_county(postgres_db)
    login = member(db, "boss")
    accounts_fail(db, login, 8, clock)
    clock.go(minutes=20)
    assert who(db, accounts.sign_in(db, login, RIGHT, THERE)).scope.role == "leader"
    accounts.end_account(db, ADMINISTRATOR, login)
    assert audit.first_broken(db, OPERATOR) is None
    with db.read() as conn:
        assert conn.scalar(sa.select(account.c.ended_at)) is not None


test_on_postgresql_people_enter_alike = pytest.mark.postgres(test_on_postgresql_people_enter_alike)
