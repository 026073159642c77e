"""Which rules and holidays are in force; load a further year; whose last days move."""

from ui import guard, parts, rules_page

viewer = guard.enter("administrator", "supervisor")
parts.head(viewer, "rules")
rules_page.years(viewer)
if viewer.scope.role == "administrator":
    rules_page.offer(viewer)
else:
    rules_page.moved(viewer)
rules_page.in_force(viewer)
