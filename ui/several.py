"""Several rows of a list at once: assigned or reminded, after a question that says what will
happen, to how many, and which are left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

import streamlit as st

from service import several as served
from service.several import Plan

from . import load, parts, state, undo
from .guard import Viewer

REMINDED = {
    "overdue": "overdue_answers",
    "unasked": "overdue_answers",
    "very_late": "very_late_answers",
    "not_solved": "not_solved_answers",
    "untold": "untold_askers",
    "backlog": "backlog_cases",
}
"""What a body is reminded of, by the work list's own lists."""


def on_cases(
    viewer: Viewer, chosen: Sequence[str], bodies: Iterable[str] = (), show: str | None = None
) -> None:
    """What can be done with the cases chosen on a list.

    Args:
        bodies: who owes their answers. show: the part of the work list they were chosen on; None
            = another list, from which nobody is reminded.
    """
    with st.container(border=True, key="several"):
        count = viewer.number(len(chosen))
        st.markdown(f"**{viewer.t('several.chosen', count=count)}**")
        if not chosen:
            parts.note(viewer.t("several.none"))
            return
        if _assign(viewer, chosen):
            return
        if show in REMINDED:
            _remind(viewer, sorted(set(bodies)), REMINDED[show])
        elif show is not None:
            parts.note(viewer.t("several.remind_where"))


def _assign(viewer: Viewer, chosen: Sequence[str]) -> bool:
    """The cases' own bodies are asked; True while the question about it stands there."""
    db, scope, t = state.db(), viewer.scope, viewer.t
    left, right = st.columns(2)
    steps = served.steps_for(db, scope, chosen)
    step = left.selectbox(
        t("assignments.make.step"), ["", *steps], key="several_step",
        format_func=lambda s: t(f"assignments.step.{s}") if s else t("several.usual_step"),
    )  # fmt: skip
    due_on = right.date_input(
        t("several.due"), value=None, min_value=viewer.latest_day, format="YYYY-MM-DD",
        key="several_due",
    )  # fmt: skip
    plan = served.plan_cases(db, scope, chosen, step or None, due_on)
    _left_out(viewer, plan)
    if not plan.new:
        return False
    count = viewer.number(len(plan.new))
    bodies = viewer.number(len({new.body_id for new in plan.new}))
    question = t("several.assign_question", count=count, bodies=bodies)
    if undo.asked(viewer, "several_assign", t("several.assign", count=count), question):
        _carry_out(viewer, plan, "several.assigned", can_undo=False)
    return undo.is_asked("several_assign")


def _remind(viewer: Viewer, bodies: Sequence[str], subject: str) -> None:
    t = viewer.t
    plan = served.plan_notices(state.db(), viewer.scope, bodies, subject)
    named, names = t(f"assignments.subject.{subject}"), load.body_names(viewer)
    if not plan.new:
        parts.note(t("several.reminded_already", subject=named))
        return
    to = t("reports.separator").join(str(names.get(new.body_id, new.body_id)) for new in plan.new)
    parts.note(t("several.remind_what", subject=named, bodies=to))
    label = t("several.remind", count=viewer.number(len(plan.new)))
    if st.button(label, key="several_remind"):
        _carry_out(viewer, plan, "several.reminded", can_undo=True)


def _left_out(viewer: Viewer, plan: Plan) -> None:
    counts = Counter(why for _, why in plan.left_out)
    if counts:
        whys = (
            viewer.t(f"several.why.{why}", count=viewer.number(counts[why]))
            for why in served.WHY_NOT
            if counts[why]
        )
        st.info(viewer.t("several.left_out", whys=viewer.t("several.separator").join(whys)))


def _carry_out(viewer: Viewer, plan: Plan, key: str, can_undo: bool) -> None:
    db, scope = state.db(), viewer.scope
    bar = st.progress(0.0)

    def tell(done: int, of: int) -> None:
        text = viewer.t("several.going", done=viewer.number(done), of=viewer.number(of))
        bar.progress(done / of, text=text)

    done = served.carry_out(db, scope, plan, tell)
    said = viewer.t(key, count=viewer.number(len(done.made)))
    if done.refused:
        said += viewer.t("several.refused", count=viewer.number(len(done.refused)))
        said += done.refused[0][1].text(viewer.language)
    take_back = partial(_take_back, viewer, done.made) if can_undo and done.made else None
    undo.say(said, take_back)


def _take_back(viewer: Viewer, made: tuple[str, ...]) -> str:
    ended = served.take_back(state.db(), viewer.scope, made)
    return viewer.t("several.taken_back", count=viewer.number(ended), of=viewer.number(len(made)))
