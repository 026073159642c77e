"""Reading case texts across the county for some days: asked by one account, granted by another."""

from data.grants import read_grants
from ui import event_log, grants, guard, parts, state

viewer = guard.enter("supervisor", "administrator")
parts.head(viewer, "grants")
found = read_grants(state.db(), viewer.scope)
grants.ask(viewer)
grants.decide(viewer, found)
grants.listed(viewer, found)
event_log.section(viewer, found)
