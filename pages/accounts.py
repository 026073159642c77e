"""Which staff accounts are there, in which roles; make, change, end."""

from data.accounts import read_accounts
from ui import account_sheet, accounts, guard, nights, parts, state, todo

viewer = guard.enter("administrator")
parts.head(viewer, "accounts")
nights.notice(viewer)
accounts.shown_once(viewer)
lines = read_accounts(state.db(), viewer.scope)
todo.show(viewer, todo.of_administrator(viewer, lines))
accounts.add(viewer)
account_sheet.many(viewer, accounts.own_address())
accounts.listed(viewer, lines)
accounts.change(viewer, lines)
