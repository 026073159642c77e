"""Which systems may send cases, for which desk, until when?"""

from data.machines import read_tokens
from ui import guard, machines, parts, state

viewer = guard.enter("administrator")
parts.head(viewer, "machines")
machines.shown_once(viewer)
machines.make(viewer)
machines.listed(viewer, read_tokens(state.db(), viewer.scope))
