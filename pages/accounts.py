"""Which staff accounts are there; make a new one."""

import streamlit as st

from data.accounts import BODY_ROLES, add_account, read_accounts
from data.errors import ProjectError
from data.vocabulary import ROLES
from ui import guard, load, parts, state

viewer = guard.enter("administrator")
parts.head(viewer, "accounts")
names = load.body_names(viewer)
made = st.session_state.pop("made_account", None)
if made:
    st.success(viewer.t("ui.accounts.made", login=made[0]))
    st.code(made[1], language=None)

st.subheader(viewer.t("ui.accounts.add"), anchor=False)
who, what, where, go = st.columns([2, 2, 3, 1], vertical_alignment="bottom")
login = who.text_input(viewer.t("ui.accounts.login"), key="new_login", max_chars=60)
role = what.selectbox(
    viewer.t("ui.accounts.role"),
    ROLES,
    key="new_role",
    format_func=lambda code: viewer.t(f"words.role.{code}"),
)
body = where.selectbox(
    viewer.t("ui.accounts.body"),
    list(names.index) if role in BODY_ROLES else [None],
    key=f"new_body_{role in BODY_ROLES}",
    format_func=lambda code: names.get(code, viewer.t("ui.accounts.county_role")),
)
if go.button(viewer.t("ui.accounts.add_button"), key="add", type="primary", width="stretch"):
    try:
        st.session_state["made_account"] = add_account(state.db(), viewer.scope, login, role, body)
    except ProjectError as err:
        st.error(err.text(viewer.language))
    else:
        st.rerun()

lines = read_accounts(state.db(), viewer.scope)
st.subheader(viewer.t("ui.accounts.list", count=viewer.number(len(lines))), anchor=False)
if not lines:
    parts.empty(viewer, "ui.accounts.empty")
    st.stop()
parts.table(
    [viewer.t(f"ui.accounts.{head}") for head in ("login", "role", "body", "made_at", "state")],
    [
        [
            line.login,
            viewer.t(f"words.role.{line.role}"),
            names.get(line.body_id, viewer.t("ui.accounts.county_role")),
            viewer.moment(line.made_at),
            viewer.t("ui.accounts.must_change" if line.must_change else "ui.accounts.in_use"),
        ]
        for line in lines
    ],
    numbers_from=5,
)
