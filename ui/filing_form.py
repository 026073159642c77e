"""One desk's day filed: two large buttons, a question before a zero against the register, a reason
where it is late or corrected."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from data.vocabulary import CORRECTION_REASONS, FILING_KINDS, FILING_REASONS
from service import filing as served

from . import parts, state
from .guard import Viewer


def day_form(viewer: Viewer, desk: Any, prefix: str) -> None:
    """What a day still needs: a filing, a late one with its reason, or a correction.

    Args:
        desk: a row of `filing_matrix`, the viewer's own desk. prefix: of the widgets' keys.
    """
    held = int(desk.cases_before + desk.cases_after)
    key = "desks.clerk.held" if held else "desks.clerk.held_none"
    parts.lines([viewer.t(key, count=viewer.number(held))])
    if desk.state == "excused":
        reason = viewer.t(f"words.filing_reason.{desk.reason}")
        st.info(viewer.t("desks.clerk.excused", reason=reason))
        return
    if desk.is_filed:
        last = viewer.moment(desk.latest_filed_at)
        said = viewer.t("desks.clerk.done", state=parts.desk_state(viewer, desk), moment=last)
        (st.warning if desk.state == "contradicted" else st.success)(said)
        _correct(viewer, desk, prefix, held)
        return
    _first(viewer, desk, prefix, held)


def _first(viewer: Viewer, desk: Any, prefix: str, held: int) -> None:
    day = desk.period.date()
    limit, now = served.limit_of(state.db(), day), state.db().now()
    is_late = limit is not None and now > limit
    st.markdown(deadline_text(viewer, day, limit, now))
    reason = None
    if is_late:
        reason = _reason(viewer, "desks.clerk.late_reason", FILING_REASONS, f"{prefix}_reason")
    if st.session_state.get(_asking(prefix)):
        _question(viewer, desk, prefix, held, reason)
        return
    parts.note(viewer.t("desks.clerk.says_past" if is_late else "desks.clerk.says"))
    for kind, column in zip(FILING_KINDS, st.columns(2), strict=True):
        label = f"desks.clerk.late_{kind}" if is_late else f"ui.filing.{kind}"
        fits = (kind == "zero") == (held == 0)
        if column.button(
            viewer.t(label), key=f"{prefix}_{kind}", width="stretch",
            type="primary" if fits else "secondary", disabled=is_late and reason is None,
        ):  # fmt: skip
            if kind == "zero" and held:
                st.session_state[_asking(prefix)] = True
                st.rerun()
            _file(viewer, desk, kind, reason)


def _question(viewer: Viewer, desk: Any, prefix: str, held: int, reason: str | None) -> None:
    """A zero against the register is asked about; the first answer is the one that agrees."""
    st.warning(viewer.t("desks.clerk.question", count=viewer.number(held)))
    instead, all_the_same, back = st.columns(3)
    if instead.button(
        viewer.t("ui.filing.report"), key=f"{prefix}_other", type="primary", width="stretch"
    ):
        del st.session_state[_asking(prefix)]
        _file(viewer, desk, "report", reason)
    if all_the_same.button(
        viewer.t("desks.clerk.zero_all_the_same"), key=f"{prefix}_yes", width="stretch"
    ):
        del st.session_state[_asking(prefix)]
        _file(viewer, desk, "zero", reason)
    if back.button(viewer.t("ui.filing.cancel"), key=f"{prefix}_cancel", width="stretch"):
        del st.session_state[_asking(prefix)]
        st.rerun()


def _correct(viewer: Viewer, desk: Any, prefix: str, held: int) -> None:
    other = "report" if desk.is_zero else "zero"
    with st.expander(viewer.t("desks.clerk.correct"), expanded=desk.state == "contradicted"):
        if other == "zero" and held:
            st.warning(viewer.t("desks.clerk.question", count=viewer.number(held)))
        reason = _reason(
            viewer, "desks.clerk.correct_reason", CORRECTION_REASONS, f"{prefix}_correct_reason"
        )
        if st.button(
            viewer.t(f"desks.clerk.correct_to_{other}"), key=f"{prefix}_correct", width="stretch",
            disabled=reason is None,
        ):  # fmt: skip
            _file(viewer, desk, other, reason)


def deadline_text(viewer: Viewer, day: dt.date, limit: dt.datetime | None, now: dt.datetime) -> str:
    """How long a day can still be filed in time, as of `now`; or that it can only be filed late."""
    if limit is None:
        return ""
    zone = ZoneInfo(viewer.county.zone)
    deadline = f"{limit.astimezone(zone):%H:%M}"
    if now > limit:
        key = "desks.clerk.over" if day == viewer.today else "desks.clerk.over_day"
        return viewer.t(key, day=viewer.day(day), deadline=deadline)
    minutes = int((limit - now).total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    left = viewer.t("desks.clerk.under_minute")
    if hours:
        left = viewer.t("desks.clerk.hours", hours=hours, minutes=rest)
    elif minutes:
        left = viewer.t("desks.clerk.minutes", minutes=minutes)
    here = f"{now.astimezone(zone):%H:%M}"
    return viewer.t("desks.clerk.left", deadline=deadline, left=left, now=here)


def _reason(viewer: Viewer, label: str, reasons: tuple[str, ...], key: str) -> str | None:
    reason: str | None = st.radio(
        viewer.t(label), reasons, index=None, key=key,
        format_func=lambda code: viewer.t(f"words.filing_reason.{code}"),
    )  # fmt: skip
    return reason


def _file(viewer: Viewer, desk: Any, kind: str, reason: str | None) -> None:
    day = desk.period.date()
    with parts.told(viewer):
        number = served.file(state.db(), viewer.scope, desk.township_code, day, kind, reason)
        parts.say_after_rerun(
            viewer.t(
                "desks.clerk.saved", day=viewer.day(day), kind=viewer.t(f"desks.kind.{kind}"),
                number=viewer.number(number),
            )
        )  # fmt: skip


def _asking(prefix: str) -> str:
    return f"{prefix}_zero_asked"
