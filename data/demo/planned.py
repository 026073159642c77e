"""Putting made-up plans and looks back into a demo county, with moments of their own."""

from __future__ import annotations

from collections.abc import Sequence

from ..db import Db
from ..errors import NotAllowed
from ..planned import Plan, Review
from ..schema import answer_review, backlog_plan, backlog_step
from ..scope import Scope


def keep(db: Db, scope: Scope, plans: Sequence[Plan], reviews: Sequence[Review]) -> int:
    """Write them down in the order given, all or none; how many.

    Raises:
        NotAllowed: not the server's operator, or no demo county.
    """
    scope.need("operator")
    if not db.county().is_demo:
        raise NotAllowed("data.error.demo_only")
    heads = [
        {"plan_id": one.plan_id, "case_id": one.case_id, "body_id": one.body_id, "post": one.post,
         "due_on": one.due_on, "recorded_at": one.at, "replaces": one.replaces,
         "reason": one.reason}
        for one in plans
    ]  # fmt: skip
    steps = [
        {"plan_id": one.plan_id, "step": step.step, "due_on": step.due_on}
        for one in plans for step in one.steps
    ]  # fmt: skip
    looks = [
        {"review_id": one.review_id, "case_id": one.case_id, "answered_at": one.answered_at,
         "kind": one.kind, "body_id": one.body_id, "handled": one.handled,
         "came_back": one.came_back, "recorded_at": one.at, "replaces": one.replaces}
        for one in reviews
    ]  # fmt: skip
    with db.write() as conn:
        db.stamp(conn)
        for table, rows in ((backlog_plan, heads), (backlog_step, steps), (answer_review, looks)):
            if rows:
                conn.execute(table.insert(), rows)
    return len(heads) + len(looks)
