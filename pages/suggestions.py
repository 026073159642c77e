"""Suggestions: of which is it not said what became of them, and what became of the others?"""

from ui import consultations, guard, parts, suggestions

viewer = guard.enter("township_clerk", "department_clerk", "supervisor", "leader")
parts.head(viewer, "suggestions")
consultations.as_now(viewer)
if viewer.scope.sees_county_figures:
    suggestions.by_body(viewer)
    suggestions.quarter(viewer)
else:
    suggestions.waiting(viewer)
suggestions.files(viewer)
