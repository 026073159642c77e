"""The administrator's page of the nightly run, and its notice on the page that comes first."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import streamlit as st

from data import outbox
from data.running import MACHINE_COUNTS
from service.inbox import waiting
from service.nights import Nights, NightSeen, StepSeen, read_nights
from service.notices import channels_of

from . import parts, state
from .guard import Viewer


def notice(viewer: Viewer) -> None:
    """A sentence where the newest night failed or one was missed; nothing where all is well."""
    seen = read_nights(state.db(), viewer.scope, days=2)
    if seen.is_stale(state.db().now()):
        st.warning(viewer.t("running.page.stale_note"))
    elif seen.nights and seen.nights[0].failed:
        st.error(f"{_failed(viewer, seen.nights[0])} {viewer.t('running.page.failed_see')}")


def _failed(viewer: Viewer, night: NightSeen) -> str:
    steps = viewer.t("running.page.between").join(
        viewer.t(f"running.step.{step}") for step in night.failed
    )
    return viewer.t("running.page.failed_note", steps=steps, day=viewer.day(night.day))


def state_now(viewer: Viewer, seen: Nights) -> None:
    """Whether a run goes on, and how the newest night ended."""
    if seen.goes_on:
        st.info(viewer.t("running.page.goes_on", since=viewer.moment(seen.last)))
    if seen.is_stale(state.db().now()):
        st.warning(viewer.t("running.page.stale", since=viewer.moment(seen.last)))
    if seen.nights[0].failed:
        st.error(_failed(viewer, seen.nights[0]))
    elif seen.nights[0].is_whole:
        st.success(viewer.t("running.page.all_well", day=viewer.day(seen.nights[0].day)))


def newest(viewer: Viewer, night: NightSeen) -> None:
    """Every step of the newest night, with what to do about it."""
    heads = ["step", "outcome", "began", "took", "counts"]
    if night.failed:
        heads.append("todo")
    parts.table(
        [viewer.t(f"running.page.{head}") for head in heads],
        [
            (
                viewer.t(f"running.step.{one.step}"), viewer.t(f"running.outcome.{one.outcome}"),
                viewer.moment(one.began), _took(viewer, one), _counts(viewer, one),
                _todo(viewer, one),
            )[: len(heads)]
            for one in night.steps
        ],
        numbers_from=len(heads),
        stacks=True,
        about=("seconds",),
    )  # fmt: skip


def _took(viewer: Viewer, one: StepSeen) -> str:
    if one.seconds is None:
        return "—"
    return viewer.t("running.page.seconds", count=viewer.number(one.seconds, 1))


def _counts(viewer: Viewer, one: StepSeen) -> str:
    said = [
        viewer.t(f"running.count.{name}", count=viewer.number(one.counts[name]))
        for name in MACHINE_COUNTS
        if one.counts.get(name)
    ]
    return viewer.t("running.page.between").join(said) or "—"


def _todo(viewer: Viewer, one: StepSeen) -> str:
    if one.outcome not in ("failed", "broken"):
        return "—"
    if one.problem is not None and one.problem.startswith("running.inbox."):
        return viewer.t(one.problem)
    said = viewer.t(f"running.todo.{one.step}")
    if one.problem is None:
        return said
    return f"{said} {viewer.t('running.page.problem', problem=one.problem)}"


def earlier(viewer: Viewer, seen: Nights) -> None:
    """The nights before, one line each."""
    if len(seen.nights) < 2:
        return
    st.header(viewer.t("running.page.nights"), anchor=False)
    parts.table(
        [viewer.t(f"running.page.{head}") for head in ("day", "outcome")],
        [
            (
                viewer.day(night.day),
                _failed(viewer, night) if night.failed
                else viewer.t("running.page.all_well", day=viewer.day(night.day)),
            )
            for night in seen.nights[1:]
        ],
        numbers_from=2,
        stacks=True,
    )  # fmt: skip


def around(viewer: Viewer) -> None:
    """The inbox, and what was told outside."""
    settings = state.settings()
    st.header(viewer.t("running.page.inbox"), anchor=False)
    if settings.inbox:
        lies = waiting(Path(settings.inbox))
        hours = viewer.number(lies.oldest_seconds / 3600, 1)
        files, aside = viewer.number(lies.files), viewer.number(lies.aside)
        parts.note(viewer.t("running.page.inbox_waits", files=files, hours=hours, aside=aside))
    else:
        parts.note(viewer.t("running.page.inbox_none"))
    st.header(viewer.t("running.page.notices"), anchor=False)
    ways = [viewer.t(f"notices.channel.{channel.name}") for channel in channels_of(settings)]
    if not ways:
        parts.note(viewer.t("running.page.notices_none"))
        return
    named = viewer.t("running.page.between").join(ways)
    parts.note(viewer.t("running.page.notices_on", channels=named))
    since = viewer.latest_day - dt.timedelta(days=7)
    said = [
        viewer.t(
            "running.page.notices_line",
            day=viewer.day(one.day),
            kind=viewer.t(f"notices.kind.{one.kind}"),
            channel=viewer.t(f"notices.channel.{one.channel}"),
            outcome=viewer.t(f"notices.outcome.{_outcome(one)}"),
        )
        for one in reversed(outbox.since(state.db(), viewer.scope, since))
    ]
    if said:
        parts.lines(said)


def _outcome(one: outbox.Notice) -> str:
    if one.is_sent:
        return "sent"
    return one.outcomes[-1][1] if one.outcomes else "waiting"
