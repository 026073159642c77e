"""The administrator's account page: the list, a new account, changes, somebody who leaves."""

from __future__ import annotations

import datetime as dt
from functools import partial
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from data import second_factor
from data.accounts import (
    BODY_ROLES,
    AccountLine,
    RoleLine,
    end_account,
    end_role,
    give_role,
    make_account,
    read_accounts,
)
from data.invitations import invite
from data.vocabulary import ROLES
from service.handover import FEW, open_work

from . import badges, lists, load, parts, state, undo
from .guard import Viewer
from .listing import Column, Listing

SHOWN_ONCE = "invitation_shown"
"""Session key: (text to say, token) of an invitation that was made in the run before."""


def shown_once(viewer: Viewer) -> None:
    """An invitation that was just made: said now and never again."""
    made = st.session_state.pop(SHOWN_ONCE, None)
    if made is None:
        return
    said, token = made
    st.success(said)
    st.code(f"{own_address()}/invitation?lang={viewer.language}#{token}", language=None)
    st.caption(viewer.t("access.accounts.token"))
    st.code(token, language=None)


def own_address() -> str:
    """This server as the administrator's browser reached it."""
    return "/".join(str(st.context.url or "").split("/")[:3])


def add(viewer: Viewer) -> None:
    """Make an account and the invitation that opens it."""
    st.header(viewer.t("ui.accounts.add"), anchor=False)
    who, what, where, go = st.columns([2, 2, 3, 1], vertical_alignment="bottom")
    login = who.text_input(viewer.t("ui.accounts.login"), key="new_login", max_chars=60)
    with what:
        role = _role(viewer, "new_role")
    with where:
        body = _body(viewer, role, "new_body")
    if go.button(viewer.t("ui.accounts.add_button"), key="add", type="primary", width="stretch"):
        with parts.told(viewer):
            made = make_account(state.db(), viewer.scope, login, role, body)
            _show(viewer, "access.accounts.made", made)


def _role(viewer: Viewer, key: str) -> str:
    return st.selectbox(
        viewer.t("ui.accounts.role"),
        ROLES,
        key=key,
        format_func=lambda code: viewer.t(f"words.role.{code}"),
    )


def _body(viewer: Viewer, role: str, key: str) -> str | None:
    names = load.body_names(viewer)
    return st.selectbox(
        viewer.t("ui.accounts.body"),
        list(names.index) if role in BODY_ROLES else [None],
        key=f"{key}_{role in BODY_ROLES}",
        format_func=lambda code: names.get(code, viewer.t("ui.accounts.county_role")),
    )


def _show(viewer: Viewer, key: str, login: str) -> None:
    token = invite(state.db(), viewer.scope, login)
    st.session_state[SHOWN_ONCE] = (viewer.t(key, login=login), token)
    st.rerun()


def change(viewer: Viewer, lines: list[AccountLine]) -> None:
    """Roles, cover, a new invitation, a lost second factor, somebody who leaves."""
    st.header(viewer.t("access.accounts.change"), anchor=False)
    by_login = {line.login: line for line in lines}
    login = st.selectbox(viewer.t("access.accounts.which"), list(by_login), key="account")
    line = by_login[login]
    with parts.told(viewer):
        _give(viewer, line)
    if line.roles:
        with parts.told(viewer):
            _take(viewer, line)
    with parts.told(viewer):
        _again(viewer, line)
    with parts.told(viewer):
        _leave(viewer, login)


def _again(viewer: Viewer, line: AccountLine) -> None:
    if st.button(viewer.t("access.accounts.invite_button"), key="invite"):
        _show(viewer, "access.accounts.invited", line.login)
    question = viewer.t("access.accounts.reset_question", login=line.login)
    if line.has_factor and undo.asked(
        viewer, f"reset_{line.login}", viewer.t("access.accounts.reset_button"), question
    ):
        second_factor.reset(state.db(), viewer.scope, line.login)
        parts.say_after_rerun(viewer.t("access.accounts.reset", login=line.login))


def _give(viewer: Viewer, line: AccountLine) -> None:
    what, where, since, until = st.columns([2, 3, 2, 2], vertical_alignment="bottom")
    with what:
        role = _role(viewer, "given_role")
    with where:
        body = _body(viewer, role, "given_body")
    starts = since.date_input(
        viewer.t("access.accounts.starts"), key="role_starts", value=viewer.latest_day,
        min_value=viewer.latest_day, format="YYYY-MM-DD",
    )  # fmt: skip
    ends = until.date_input(
        viewer.t("access.accounts.ends"), key="role_ends", value=None,
        min_value=viewer.latest_day, format="YYYY-MM-DD",
        help=viewer.t("access.accounts.ends_help"),
    )  # fmt: skip
    if st.button(viewer.t("access.accounts.give"), key="give"):
        zone = ZoneInfo(viewer.county.zone)
        give_role(
            state.db(), viewer.scope, line.login, role, body,
            dt.datetime.combine(starts, dt.time(), zone),
            None if ends is None
            else dt.datetime.combine(ends + dt.timedelta(days=1), dt.time(), zone),
        )  # fmt: skip
        given = viewer.t("access.accounts.given", login=line.login)
        undo.say(given, partial(_take_back, viewer, line.login, role, body))


def _take_back(viewer: Viewer, login: str, role: str, body: str | None) -> str:
    """End the role that was just given; what is said then."""
    lines = read_accounts(state.db(), viewer.scope)
    held = next((line.roles for line in lines if line.login == login), ())
    for one in held:
        if (one.role, one.body_id) == (role, body):
            end_role(state.db(), viewer.scope, one.role_id)
    return viewer.t("access.accounts.taken")


def _take(viewer: Viewer, line: AccountLine) -> None:
    taken = st.selectbox(
        viewer.t("access.accounts.take"),
        line.roles,
        key="taken_role",
        format_func=lambda one: role_text(viewer, one),
    )
    label = viewer.t("access.accounts.take_button")
    named = role_text(viewer, taken)
    question = viewer.t("access.accounts.take_question", role=named)
    if undo.asked(viewer, f"take_{taken.role_id}", label, question):
        end_role(state.db(), viewer.scope, taken.role_id)
        parts.say_after_rerun(viewer.t("access.accounts.taken"))


def _leave(viewer: Viewer, login: str) -> None:
    st.markdown(f"**{viewer.t('access.accounts.end')}**")
    st.caption(viewer.t("access.accounts.end_note"))
    question = viewer.t("access.accounts.end_question", login=login)
    if undo.asked(viewer, f"end_{login}", viewer.t("access.accounts.end_button"), question):
        names = load.body_names(viewer)
        bodies = end_account(state.db(), viewer.scope, login)
        said = [viewer.t("access.accounts.ended", login=login)]
        for body, count in open_work(state.db(), viewer.scope, bodies).items():
            shown = viewer.number(count) if count >= FEW else viewer.t("access.accounts.open_few")
            said.append(
                viewer.t("access.accounts.open_work", body=names.get(body, body), count=shown)
            )
        parts.say_after_rerun(" ".join(said))


def listed(viewer: Viewer, lines: list[AccountLine]) -> None:
    """Every account in use with its roles."""
    t = viewer.t
    st.header(t("ui.accounts.list", count=viewer.number(len(lines))), anchor=False)
    roles = [" · ".join(role_text(viewer, one) for one in line.roles) for line in lines]
    factors = ["has_factor" if line.has_factor else "no_factor" for line in lines]
    logins = pd.Series([line.login for line in lines])
    columns = (
        Column("login", t("ui.accounts.login"), logins, is_found=True),
        Column("roles", t("access.accounts.roles"), pd.Series(roles), is_found=True),
        Column(
            "state", t("ui.accounts.state"), pd.Series([line.state for line in lines]),
            word=lambda state: badges.text(viewer, "account", state), is_cut=True,
        ),
        Column(
            "factor", t("access.accounts.factor"), pd.Series(factors),
            word=lambda factor: t(f"access.accounts.{factor}"), is_cut=True,
        ),
        Column(
            "made_at", t("ui.accounts.made_at"), pd.Series([line.made_at for line in lines]),
            kind="moment",
        ),
    )  # fmt: skip
    lists.draw(viewer, Listing("accounts", logins, columns))


def role_text(viewer: Viewer, one: RoleLine) -> str:
    """A role with its body, and from or until when where that is not always."""
    names, words = load.body_names(viewer), viewer.t(f"words.role.{one.role}")
    body = names.get(one.body_id, one.body_id) if one.body_id else None
    said = [viewer.t("access.accounts.role_line", role=words, body=body) if body else words]
    if one.starts_at > state.db().now():
        said.append(viewer.t("access.accounts.role_from", day=viewer.moment(one.starts_at)))
    if one.ends_at is not None:
        said.append(viewer.t("access.accounts.role_until", day=viewer.moment(one.ends_at)))
    return " ".join(said)
