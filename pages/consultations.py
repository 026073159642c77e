"""Consultations: what does a body decide next, until when are comments taken, what came of them?"""

from ui import consultations, guard, parts

viewer = guard.enter("township_clerk", "department_clerk", "supervisor", "leader")
parts.head(viewer, "consultations")
consultations.as_now(viewer)
if viewer.scope.role == "leader":
    consultations.published_list(viewer)
else:
    one = consultations.worked_on(viewer)
    if one is not None:
        consultations.working(viewer, one)
    if viewer.scope.role == "supervisor":
        if one is not None and not viewer.is_earlier:
            consultations.publishing(viewer, one)
    else:
        consultations.forms(viewer, one)
consultations.files(viewer)
