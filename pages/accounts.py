"""Which staff accounts are there, in which roles; make, change, end."""

import streamlit as st

from data.accounts import read_accounts
from data.errors import ProjectError
from ui import accounts, guard, parts, state

viewer = guard.enter("administrator")
parts.head(viewer, "accounts")
accounts.shown_once(viewer)
lines = read_accounts(state.db(), viewer.scope)
try:
    accounts.add(viewer)
    accounts.listed(viewer, lines)
    accounts.change(viewer, lines)
except ProjectError as err:
    st.error(err.text(viewer.language))
