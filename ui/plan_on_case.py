"""A backlog case's plan on staff pages: where it stands, every version, and a supervisor's form."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from casework.plans import MOST_STEPS, StepLine, due_span, posts_for
from data.errors import NotAllowed, NotFound, ProjectError
from data.history import CaseHistory
from data.planned import NewPlan, Plan, PlanStep
from data.vocabulary import PLAN_CHANGE_REASONS, PLAN_STEPS
from service import plans as served
from service.plans import CasePlan
from settings import ROOT

from . import load, parts, state
from .assignments import moment
from .guard import Viewer

ROWS = 5
"""Rows of steps the form offers at least."""


def on_case(viewer: Viewer, history: CaseHistory) -> None:
    """The plan on its case's page; nothing where the case is no backlog and never was planned."""
    found = served.of_case(state.db(), viewer.scope, history.case_id, moment(viewer))
    if found.since is None and not found.plans:
        return
    st.header(viewer.t("backlog.plan.title"), anchor=False)
    show(viewer, history.case_id, found)


def picked(viewer: Viewer, case_id: str) -> None:
    """The plan of a case picked from the list; says so where the case has left it meanwhile."""
    try:
        found = served.of_case(state.db(), viewer.scope, case_id, moment(viewer))
    except NotFound as err:
        parts.failure(err)
        return
    show(viewer, case_id, found)
    st.page_link(
        ROOT / "pages" / "case.py", label=viewer.t("backlog.page.to_case"),
        query_params={"case": case_id},
    )  # fmt: skip


def show(viewer: Viewer, case_id: str, found: CasePlan) -> None:
    """What is planned, what was, and for a supervisor the form."""
    t = viewer.t
    body = _body(viewer, found.body_id)
    if found.since is not None:
        key = "since_extended" if found.extended_days else "since"
        day, days = viewer.day(found.since), viewer.number(found.extended_days)
        parts.note(t(f"backlog.plan.{key}", day=day, body=body, days=days))
    else:
        parts.note(t(f"backlog.plan.{'was' if found.plans else 'not_now'}"))
    if found.now is None:
        if found.since is not None:
            st.info(t("backlog.plan.none"))
    else:
        _in_force(viewer, found, found.now)
    if found.since is not None and viewer.scope.role == "supervisor" and not viewer.is_earlier:
        key = "change" if found.now else "make"
        with st.expander(t(f"backlog.form.{key}"), expanded=found.now is None):
            _form(viewer, case_id, found)


def _in_force(viewer: Viewer, found: CasePlan, plan: Plan) -> None:
    t = viewer.t
    post = t(f"roster.post.{plan.post}")
    day, body = viewer.day(plan.due_on), _body(viewer, plan.body_id)
    said = [t("backlog.plan.now", body=body, post=post, day=day)]
    if found.since is not None:
        said.append(t("backlog.plan.stands", state=t(f"backlog.state.{found.stands.state}")))
    parts.lines(said)
    if found.since is not None and plan.body_id != found.body_id:
        st.warning(t("backlog.plan.other_body", body=_body(viewer, found.body_id)))
    heads = [t(f"backlog.plan.{name}") for name in ("step", "due", "taken")]
    rows = [
        (t(f"backlog.step.{line.step}"), viewer.day(line.due_on), _taken(viewer, line, found))
        for line in found.stands.steps
    ]
    parts.table(heads, rows, numbers_from=3)
    parts.note(t("backlog.plan.moves_nothing"))
    if len(found.plans) > 1:
        with st.expander(t("backlog.plan.earlier")):
            parts.lines([_version(viewer, one) for one in reversed(found.plans)])


def _taken(viewer: Viewer, line: StepLine, found: CasePlan) -> str:
    """When a planned step was taken, or that it is late or not due; of a case that has left the
    backlog that it was not taken."""
    if line.taken_on is None and found.since is None:
        return viewer.t("backlog.plan.not_taken")
    if line.taken_on is None:
        return viewer.t(f"backlog.plan.{'late' if line.is_late else 'not_yet'}")
    day = viewer.day(line.taken_on)
    return viewer.t("backlog.plan.taken_late", day=day) if line.is_late else day


def _version(viewer: Viewer, one: Plan) -> str:
    t = viewer.t
    steps = t("reports.separator").join(
        t("backlog.plan.step_by", step=t(f"backlog.step.{s.step}"), day=viewer.day(s.due_on))
        for s in one.steps
    )
    values = {
        "at": viewer.moment(one.at), "post": t(f"roster.post.{one.post}"),
        "day": viewer.day(one.due_on), "steps": steps,
    }  # fmt: skip
    if one.reason is None:
        return t("backlog.plan.version", **values)
    return t("backlog.plan.changed", **values, reason=t(f"backlog.reason.{one.reason}"))


def _body(viewer: Viewer, body_id: str) -> str:
    return str(load.body_names(viewer).get(body_id, body_id))


def _form(viewer: Viewer, case_id: str, found: CasePlan) -> None:
    """Post, day and steps from lists; what is refused keeps what was typed."""
    t, now = viewer.t, found.now
    kind = load.bodies(viewer).set_index("body_id")["kind"].get(found.body_id, "")
    posts, tag = posts_for(str(kind)), f"{len(found.plans)}_{case_id}"
    first, last = due_span(viewer.latest_day)
    with st.form(f"plan_form_{tag}", enter_to_submit=False):
        parts.note(t("backlog.form.shown"))
        post_at, due_at = st.columns(2, vertical_alignment="bottom")
        post = post_at.selectbox(
            t("backlog.form.post"), posts, key=f"plan_post_{tag}",
            index=posts.index(now.post) if now and now.post in posts else None,
            format_func=lambda p: t(f"roster.post.{p}"), placeholder=t("backlog.form.choose"),
        )  # fmt: skip
        due_on = due_at.date_input(
            t("backlog.form.due"), value=now.due_on if now and now.due_on >= first else None,
            min_value=first, max_value=last, format="YYYY-MM-DD", key=f"plan_due_{tag}",
        )  # fmt: skip
        rows = _steps(viewer, now, tag, last)
        reason = None
        if now is not None:
            reason = st.selectbox(
                t("backlog.form.reason"), PLAN_CHANGE_REASONS, index=None,
                key=f"plan_reason_{tag}", placeholder=t("backlog.form.choose"),
                format_func=lambda r: t(f"backlog.reason.{r}"),
            )  # fmt: skip
        if st.form_submit_button(t("backlog.form.save"), type="primary"):
            try:
                if post is None:
                    raise NotAllowed("backlog.error.no_post")
                if due_on is None:
                    raise NotAllowed("backlog.error.no_due")
                replaces = now.plan_id if now else None
                new = NewPlan(case_id, found.body_id, post, due_on, _filled(rows), replaces, reason)
                served.make(state.db(), viewer.scope, new)
            except ProjectError as err:
                parts.failure(err)
                return
            parts.say_after_rerun(t("backlog.form.made"))


Row = tuple[str | None, dt.date | None]


def _steps(viewer: Viewer, now: Plan | None, tag: str, last: dt.date) -> list[Row]:
    """A row per step, those of the plan in force filled in; an empty row is no step."""
    there = list(now.steps) if now else []
    rows: list[Row] = []
    for number in range(min(MOST_STEPS, max(ROWS, len(there) + 2))):
        before = there[number] if number < len(there) else None
        step_at, day_at = st.columns(2)
        step = step_at.selectbox(
            viewer.t("backlog.form.step", number=number + 1), PLAN_STEPS,
            index=PLAN_STEPS.index(before.step) if before else None,
            format_func=lambda s: viewer.t(f"backlog.step.{s}"), key=f"plan_step_{number}_{tag}",
            placeholder=viewer.t("backlog.form.choose"),
        )  # fmt: skip
        day = day_at.date_input(
            viewer.t("backlog.form.day"), value=before.due_on if before else None,
            min_value=min(before.due_on, viewer.latest_day) if before else viewer.latest_day,
            max_value=last, format="YYYY-MM-DD", key=f"plan_day_{number}_{tag}",
        )  # fmt: skip
        rows.append((step, day))
    return rows


def _filled(rows: list[Row]) -> tuple[PlanStep, ...]:
    """The rows that hold a step.

    Raises:
        NotAllowed: one with a step or a day alone.
    """
    found = []
    for number, (step, day) in enumerate(rows, 1):
        if (step is None) != (day is None):
            raise NotAllowed("backlog.error.half_step", number=number)
        if step is not None and day is not None:
            found.append(PlanStep(step, day))
    return tuple(sorted(found, key=lambda one: one.due_on))
