"""Which areas are in force; load a new version, having seen what it changes."""

from data.errors import ProjectError
from ui import areas, guard, parts

viewer = guard.enter("administrator")
parts.head(viewer, "areas")
try:
    areas.offer(viewer)
except ProjectError as err:
    parts.failure(err)
areas.versions(viewer)
