"""How do bodies serve: notices answered, duties inspected, measured from outside, by standard?"""

from __future__ import annotations

from ui import guard, inspection, parts, supervision

viewer = guard.enter("supervisor", "leader")
parts.head(viewer, "supervision")
parts.note(viewer.t("supervision.rule"))
year, tab = supervision.choose(viewer)
shown = {
    "notices": supervision.notices,
    "inspection": inspection.show,
    "evaluation": inspection.evaluations,
    "demonstration": supervision.demonstration,
}
shown[tab](viewer, year)
