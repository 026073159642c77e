"""The second factor: needed by administrators, used once, sealed, reset by somebody else."""

from __future__ import annotations

import datetime as dt

import pyotp
import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from data import accounts, audit, invitations, second_factor
from data.accounts import CodeNeeded, MustWait
from data.db import Db
from data.errors import NotAllowed
from data.schema import account
from data.scope import Scope
from tests.access.test_who_enters import RIGHT, member, said, who
from tests.conftest import SUPERVISOR

OPERATOR = Scope.operator()


@pytest.fixture
def county(sqlite_db, small_county) -> Db:
    return small_county(sqlite_db)


def code_at(db: Db, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(db.now() + dt.timedelta(seconds=30 * steps))


def set_up(db: Db, login: str) -> str:
    """A second factor for an account that has none; returns the secret."""
    signed_in = who(db, accounts.sign_in(db, login, RIGHT))
    secret, address, note = second_factor.begin(db, signed_in.account_id, login)
    assert pyotp.parse_uri(address).secret == secret
    second_factor.confirm(db, signed_in.scope, note, code_at(db, secret))
    return secret


def ticket_of(db: Db, login: str) -> str:
    with pytest.raises(CodeNeeded) as needed:
        accounts.sign_in(db, login, RIGHT)
    return needed.value.ticket


def test_an_administrator_sees_nothing_before_the_second_factor_is_set(county):
    login = member(county, "admin-2", "administrator")
    signed_in = who(county, accounts.sign_in(county, login, RIGHT))
    assert signed_in.first == "second-factor"
    set_up(county, login)
    assert ticket_of(county, login)
    assert who(county, accounts.sign_in(county, member(county, "boss"), RIGHT)).first == ""


def test_a_code_opens_once_and_the_password_alone_does_not(county, clock):
    login = member(county, "boss")
    secret = set_up(county, login)
    code = code_at(county, secret)
    with pytest.raises(NotAllowed):  # the one that set it up is used up
        accounts.sign_in_with_code(county, ticket_of(county, login), code)
    clock.go(seconds=30)
    code = code_at(county, secret)
    token = accounts.sign_in_with_code(county, ticket_of(county, login), code)
    assert who(county, token).has_factor
    with pytest.raises(NotAllowed):
        accounts.sign_in_with_code(county, ticket_of(county, login), code)
    clock.go(seconds=30)
    late = code_at(county, secret, -1)
    with pytest.raises(NotAllowed):
        accounts.sign_in_with_code(county, ticket_of(county, login), late)


def test_a_phone_may_be_one_step_off_and_no_more(county, clock):
    login = member(county, "boss")
    secret = set_up(county, login)
    clock.go(minutes=10)
    for off in (-2, 2):
        with pytest.raises(NotAllowed):
            accounts.sign_in_with_code(
                county, ticket_of(county, login), code_at(county, secret, off)
            )
    assert accounts.sign_in_with_code(county, ticket_of(county, login), code_at(county, secret, 1))


def test_a_right_password_waits_five_minutes_for_its_code(county, clock):
    login = member(county, "boss")
    secret, ticket = set_up(county, login), ticket_of(county, login)
    clock.go(minutes=5, seconds=1)
    for bad in (ticket, ticket[:-4] + "AAAA", "1.", "", "9.x", "x.y"):
        with pytest.raises(NotAllowed) as refused:
            accounts.sign_in_with_code(county, bad, code_at(county, secret))
        assert refused.value.key == "access.error.ticket_over"


def test_guessing_codes_is_slowed_down_like_guessing_passwords(county):
    login = member(county, "boss")
    set_up(county, login)
    looked_at = 0
    while looked_at < 20:
        try:  # the right password before each code forgives nothing
            ticket = ticket_of(county, login)
            accounts.sign_in_with_code(county, ticket, f"{looked_at:06d}")
        except MustWait:
            break
        except NotAllowed:
            looked_at += 1
    assert looked_at <= 6


def test_setting_up_takes_a_code_and_dies_after_a_quarter_of_an_hour(county, clock):
    login = member(county, "boss")
    signed_in = who(county, accounts.sign_in(county, login, RIGHT))
    other = who(county, accounts.sign_in(county, member(county, "other"), RIGHT))
    secret, _, note = second_factor.begin(county, signed_in.account_id, login)
    with pytest.raises(NotAllowed):
        second_factor.confirm(county, signed_in.scope, note, "000000")
    with pytest.raises(NotAllowed):
        second_factor.confirm(county, other.scope, note, code_at(county, secret))
    clock.go(minutes=16)
    with pytest.raises(NotAllowed):
        second_factor.confirm(county, signed_in.scope, note, code_at(county, secret))


def test_the_secret_is_sealed_bound_to_its_account_and_in_no_log(county):
    login = member(county, "boss")
    secret = set_up(county, login)
    set_up(county, member(county, "other"))
    with county.read() as conn:
        whole = "\n".join(conn.connection.iterdump())
    assert secret not in whole
    assert secret.encode().hex().upper() not in whole.upper()
    assert not [one for one in audit.newest(county, OPERATOR, 100) if secret in str(one)]
    with county.write() as conn:  # sealed bytes of another account open nothing
        rows = conn.execute(sa.select(account.c.account_id, account.c.totp_sealed)).all()
        a, sealed_b = rows[0].account_id, rows[1].totp_sealed
        conn.execute(account.update().where(account.c.account_id == a).values(totp_sealed=sealed_b))
    with pytest.raises(InvalidTag):
        accounts.sign_in_with_code(county, ticket_of(county, login), "123456")


def test_only_another_administrator_or_the_server_resets_it(county, clock):
    login, admin = member(county, "boss"), member(county, "admin-2", "administrator")
    set_up(county, login)
    secret = set_up(county, admin)
    clock.go(seconds=30)
    token = accounts.sign_in_with_code(county, ticket_of(county, admin), code_at(county, secret))
    keeper = who(county, token)
    for scope, of in ((keeper.scope, admin), (SUPERVISOR, login), (keeper.scope, "nobody")):
        with pytest.raises(NotAllowed):
            second_factor.reset(county, scope, of)
    second_factor.reset(county, keeper.scope, login)
    assert accounts.sign_in(county, login, RIGHT), "the password alone, until it is set again"
    second_factor.reset(county, OPERATOR, admin)
    assert accounts.session_of(county, token) is None
    assert who(county, accounts.sign_in(county, admin, RIGHT)).first == "second-factor"
    assert len(said(county, "second_factor_reset")) == 2


def test_an_administrator_does_not_switch_it_off_others_do_with_a_code(county, clock):
    login, admin = member(county, "boss"), member(county, "admin-2", "administrator")
    for name, may in ((login, True), (admin, False)):
        secret = set_up(county, name)
        clock.go(seconds=60)
        token = accounts.sign_in_with_code(county, ticket_of(county, name), code_at(county, secret))
        signed_in = who(county, token)
        with pytest.raises(NotAllowed):
            second_factor.take_off(county, signed_in.scope, "000000")
        clock.go(seconds=60)
        if may:
            second_factor.take_off(county, signed_in.scope, code_at(county, secret))
            assert accounts.sign_in(county, name, RIGHT)
        else:
            with pytest.raises(NotAllowed, match="must have"):
                second_factor.take_off(county, signed_in.scope, code_at(county, secret))


def test_an_invitation_sets_a_password_and_never_goes_past_the_second_factor(county):
    login = member(county, "boss")
    set_up(county, login)
    token = invitations.invite(county, OPERATOR, login)
    with pytest.raises(CodeNeeded):
        invitations.redeem(county, token, "four unlikely words")
