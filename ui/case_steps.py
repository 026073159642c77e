"""The office's next step as a small form; what is refused keeps what was typed.

Every word goes to the asker's page unchanged, and each form says so.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import streamlit as st

from casework.adapter import allow, events_of
from casework.promise import review_ahead
from casework.reasons import REASONS, reason_key
from casework.written import APPROVERS, missing, written
from data.errors import ProjectError
from data.history import NewEvent
from data.record import add_event
from data.vocabulary import DELIVERY_WAYS, LINKED_STEPS

from . import load, parts, state
from .case_view import CaseView
from .guard import ACTED, Viewer

NUMBER = "case_step_number"
DONE = "case_step_done"
"""Session keys: which form this is; the sentence about the step that was just recorded."""
LONG = ("facts", "opinion", "reason", "said", "note", "remedy")


def flash(viewer: Viewer) -> bool:
    """Say once what was recorded a moment ago; whether something was."""
    event = st.session_state.pop(DONE, None)
    if event is not None:
        st.success(viewer.t("casepage.form.done", step=viewer.t(f"words.event.{event}")))
    return event is not None


def steps(viewer: Viewer, case: CaseView) -> None:
    """The steps this viewer may record now, one form at a time."""
    if not case.allowed:
        parts.empty(viewer, "casepage.form.nothing")
        return
    if viewer.scope.role == "supervisor":
        st.warning(viewer.t("casepage.form.objection"))
    event = st.selectbox(
        viewer.t("casepage.form.step"), case.allowed, index=None, key=f"case_step_{_number()}",
        format_func=lambda name: viewer.t(f"words.event.{name}"),
        placeholder=viewer.t("casepage.form.pick"),
    )  # fmt: skip
    if event is not None:
        _StepForm(viewer, case, event).draw()


def _number() -> int:
    return int(st.session_state.get(NUMBER, 0))


class _StepForm:
    """The form of one step of one case."""

    def __init__(self, viewer: Viewer, case: CaseView, event: str) -> None:
        self.viewer, self.case, self.event = viewer, case, event
        self.zone = ZoneInfo(viewer.county.zone)

    def key(self, name: str) -> str:
        return f"case_{self.event}_{name}_{self.case.history.case_id}_{_number()}"

    def say(self, key: str, /, **values: object) -> str:
        return self.viewer.t(f"casepage.form.{key}", **values)

    def draw(self) -> None:
        is_earlier = st.checkbox(self.say("earlier"), key=self.key("earlier"))
        with st.form(self.key("form"), enter_to_submit=False):
            st.caption(self.say("shown"))
            if self.event == "extended":
                st.caption(self.say("then_tell"))
            new = self.fields(is_earlier)
            if st.form_submit_button(self.say("button"), type="primary"):
                self.submit(new)

    def fields(self, is_earlier: bool) -> NewEvent:
        event, planned_on = self.event, None
        occurred_at = self.moment() if is_earlier else None
        to_body_id = self.body() if event == "transferred" else None
        days = self.days() if event == "extended" else None
        code = self.code()
        if event in LINKED_STEPS:
            planned_on = st.date_input(
                self.say("planned_on"), value=None, format="YYYY-MM-DD", key=self.key("planned_on")
            )
            st.checkbox(self.say("wished"), key=self.key("wished"))
        approval = self.approval() if event == "extended" else ""
        words = {p: self.words(p) for p in written(event, self.case.pack).parts if p != "approval"}
        if approval:
            words["approval"] = approval
        return NewEvent(event, occurred_at, to_body_id, days, code, words, planned_on)

    def code(self) -> str | None:
        """A word from the step's closed list, where it has one."""
        if self.event in LINKED_STEPS:
            return self.pick("how_far", LINKED_STEPS[self.event], "casepage.linked.{}")
        if self.event == "delivered":
            return self.pick("way", DELIVERY_WAYS, "casepage.way.{}")
        return self.reason() if self.event in REASONS else None

    def pick(self, name: str, codes: tuple[str, ...], word: str) -> str | None:
        return st.selectbox(
            self.say(name), codes, index=None, placeholder=self.say("pick"), key=self.key("code"),
            format_func=lambda code: self.viewer.t(word.format(code)),
        )  # fmt: skip

    def approval(self) -> str:
        """Which post approved an extension, and on which day; "" while the post is not chosen."""
        post = st.selectbox(
            self.say("approver"), APPROVERS, index=None, placeholder=self.say("pick"),
            key=self.key("approver"),
            format_func=lambda code: self.viewer.t(f"casepage.approver.{code}"),
        )  # fmt: skip
        day = st.date_input(
            self.say("approved_on"), value=self.viewer.today, max_value=self.viewer.latest_day,
            format="YYYY-MM-DD", key=self.key("approved_on"),
        )  # fmt: skip
        if post is None:
            return ""
        post = self.viewer.t(f"casepage.approver.{post}")
        return self.say("approval", post=post, day=self.viewer.day(day))

    def moment(self) -> dt.datetime:
        now = state.db().now().astimezone(self.zone)
        date, clock = st.columns(2)
        day = date.date_input(
            self.say("day"), value=now.date(), max_value=now.date(), format="YYYY-MM-DD",
            key=self.key("day"),
        )  # fmt: skip
        at = clock.time_input(
            self.say("time"), value=now.time().replace(second=0, microsecond=0),
            step=dt.timedelta(minutes=5), key=self.key("time"),
        )  # fmt: skip
        moment = dt.datetime.combine(day, at, self.zone).astimezone(dt.UTC)
        if now - moment > dt.timedelta(days=1):
            st.caption(self.say("long_ago"))
        return moment

    def body(self) -> str | None:
        bodies, names = load.bodies(self.viewer)["body_id"], load.body_names(self.viewer)
        return st.selectbox(
            self.say("to_body"), [b for b in bodies if b != self.case.history.body_id], index=None,
            format_func=lambda body: str(names[body]), placeholder=self.say("pick"),
            key=self.key("body"),
        )  # fmt: skip

    def days(self) -> int:
        rule = self.case.pack.rule(self.case.history.procedure, "answer")
        most = max(1, rule.extension_days if rule else 1)
        return int(
            st.number_input(
                self.say("days", most=most), min_value=1, max_value=most, value=most, step=1,
                key=self.key("days"),
            )
        )  # fmt: skip

    def reason(self) -> str | None:
        return st.selectbox(
            self.reason_label(), REASONS[self.event], index=None, placeholder=self.say("pick"),
            format_func=lambda code: self.viewer.t(reason_key(self.event, code)),
            key=self.key("code"),
        )  # fmt: skip

    def reason_label(self) -> str:
        """What the list of this step is called."""
        own = ("referred", "no_remedy")
        return self.say(f"{self.event}_reason" if self.event in own else "reason")

    def words(self, part: str) -> str:
        label = self.part(part)
        if part not in self.needed:
            label += self.say("optional")
        return st.text_area(
            label, value=self.prefilled(part), max_chars=4000, key=self.key(part),
            height=110 if part in LONG else 80, help=self.help(part),
        )  # fmt: skip

    def part(self, part: str) -> str:
        """A part's name on the form; a reason in words stands beside one chosen from the list."""
        if part == "reason" and self.event in REASONS:
            return self.say("reason_said")
        return self.viewer.t(f"public.part.{part}")

    def help(self, part: str) -> str | None:
        return self.say(f"help_{part}") if part in ("said", "remedy") else None

    def prefilled(self, part: str) -> str:
        """The way to a review with its last day, where it can be computed."""
        if self.event != "answered" or part != "remedy":
            return ""
        history = self.case.history
        try:
            ahead = review_ahead(
                self.case.pack, history.procedure, events_of(history), self.case.now,
                self.case.calendar, self.viewer.county.zone, history.limit_at,
            )  # fmt: skip
        except ProjectError:
            return ""
        if ahead is None:
            return self.say("remedy_plain")
        return self.say("remedy", days=ahead[0], day=self.viewer.day(ahead[1]))

    @property
    def needed(self) -> tuple[str, ...]:
        """The parts this step cannot do without; passing on after an objection needs its reason."""
        by_supervisor = self.viewer.scope.role == "supervisor" and self.event == "transferred"
        return ("reason",) if by_supervisor else written(self.event, self.case.pack).needed

    def code_label(self) -> str | None:
        """What the step's closed list is called; None where it has none."""
        if self.event in LINKED_STEPS:
            return self.say("how_far")
        if self.event == "delivered":
            return self.say("way")
        return self.reason_label() if self.event in REASONS else None

    def submit(self, new: NewEvent) -> None:
        """Record the step, or say beside the form what is missing or not allowed."""
        lacking = [self.part(p) for p in missing(new.event, new.words or {}, self.case.pack)]
        if "reason" in self.needed and "reason" not in written(new.event, self.case.pack).needed:
            lacking += [] if (new.words or {}).get("reason", "").strip() else [self.part("reason")]
        if new.code is None and (label := self.code_label()):
            lacking.insert(0, label)
        if new.event == "transferred" and new.to_body_id is None:
            lacking.insert(0, self.say("to_body"))
        if lacking:
            st.error(self.say("lacking", parts=self.say("and").join(lacking)))
            return
        if new.event in LINKED_STEPS and not st.session_state[self.key("wished")]:
            st.error(self.say("not_wished"))
            return
        judge = allow(self.case.pack, self.case.calendar, self.viewer.county.zone)
        try:
            add_event(state.db(), self.viewer.scope, self.case.history.case_id, new, judge)
        except ProjectError as err:
            st.error(err.text(self.viewer.language))
            return
        st.session_state[NUMBER] = _number() + 1
        st.session_state[DONE] = new.event
        st.session_state[ACTED] = True
        st.rerun()
