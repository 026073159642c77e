"""What a supervisor sees of filing: whom to remind, figures of a span, corrections, excuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from data.filings import TAKEN_BACK
from data.vocabulary import EXCUSE_REASONS
from reports.filing import to_remind
from reports.filing_span import revised, silence, span_figures
from reports.rates import Rate
from service import filing as served

from . import kept, lists, load, parts, state
from .filing_filters import LOOK_BACK, Choice
from .guard import Viewer
from .listing import Column, Listing

REVISED, EXCUSED = "revised_", "excused_"
"""Of the two lists in the address, where the page has a desk and a day of its own."""


def has_filed(viewer: Viewer) -> bool:
    """Whether any desk filed anything in the days that are looked back at: before, a share of
    nothing would only frighten."""
    matrix = load.desk_days(viewer, viewer.today - dt.timedelta(days=LOOK_BACK), viewer.today)
    return bool(matrix["is_filed"].any())


def remind(viewer: Viewer) -> None:
    """The desks that have filed nothing for the newest asked day, in order, and a text to copy."""
    st.header(viewer.t("desks.remind.title"), anchor=False)
    matrix = load.desk_days(viewer, viewer.today - dt.timedelta(days=LOOK_BACK), viewer.today)
    if matrix.empty:
        parts.empty(viewer, "desks.nothing_asked", days=LOOK_BACK)
        return
    if not matrix["is_filed"].any():
        parts.empty(viewer, "desks.none_yet", days=LOOK_BACK)
    day = matrix["period"].max().date()
    words = viewer.day(day, weekday=True)
    if day != viewer.today:
        parts.note(viewer.t("desks.not_asked_today", day=words))
    deadline = f"{next(iter(served.asked(state.db(), day, day))):%H:%M}"
    parts.lines([viewer.t("desks.remind.state", day=words, deadline=deadline)])
    states = matrix.loc[matrix["period"] == pd.Timestamp(day), "state"].value_counts()
    parts.counts(viewer, "reports.filing.state", states.to_dict())
    desks = to_remind(matrix, day)
    if desks.empty:
        st.success(viewer.t("desks.remind.none", day=words))
        return
    names, runs = load.township_names(viewer), silence(matrix)
    listed, written = st.columns(2, gap="large")
    with listed:
        said = [_silent(viewer, names[code], runs.loc[code]) for code in desks["township_code"]]
        parts.lines(f"{number}. {text}" for number, text in enumerate(said, 1))
        parts.note(viewer.t("desks.remind.rule"))
    with written:
        parts.note(viewer.t("desks.remind.copy"))
        asked = viewer.t("desks.remind.separator").join(
            viewer.t("desks.remind.text_run", name=names[row.township_code], days=row.silent_days)
            if row.silent_days
            else names[row.township_code]
            for row in desks.itertuples()
        )
        text = viewer.t("desks.remind.text", day=viewer.day(day), deadline=deadline, names=asked)
        st.code(text, language=None, wrap_lines=True)


def _silent(viewer: Viewer, name: str, run: pd.Series) -> str:
    days = viewer.number(int(run["silent_days"]))
    if not run["silent_days"]:
        return viewer.t("desks.remind.today_only", name=name)
    if run["is_whole"]:
        return viewer.t("desks.remind.run_whole", name=name, days=days, back=LOOK_BACK)
    since = viewer.day(run["since"].date())
    return viewer.t("desks.remind.run", name=name, days=days, since=since)


def figures(viewer: Viewer, choice: Choice, matrix: pd.DataFrame, level: str) -> None:
    """Expected, completeness, timeliness, zero share (county only), contradictions, overtaken."""
    span = {"first": viewer.day(choice.first), "last": viewer.day(choice.last)}
    st.header(viewer.t("desks.figures.title", level=level, **span), anchor=False)
    of = span_figures(matrix)
    rates = {"completeness": of.figures.completeness, "timeliness": of.figures.timeliness}
    if not choice.desk:  # of one desk it would be a figure of how few people ask there
        rates["zero_share"] = of.figures.zero_share
    note = viewer.t(
        "desks.figures.expected_note", desks=viewer.number(of.desks),
        periods=viewer.number(of.periods), excused=viewer.number(of.figures.excused),
        not_due=viewer.number(of.figures.not_due),
    )  # fmt: skip
    shown = viewer.number(of.figures.expected or None)
    boxes = [parts.Figure(viewer.t("desks.figures.expected"), shown, note, "expected")]
    boxes += [_rate(viewer, name, rate) for name, rate in rates.items()]
    for name, rate in (("contradictions", of.contradictions), ("overtaken", of.overtaken)):
        counted = viewer.number(rate.numerator) if rate.denominator else viewer.number(None)
        beside = f"{viewer.t('desks.figures.of_zero')} {parts.rate_note(viewer, rate)}"
        why = beside if rate.denominator else viewer.t("desks.figures.no_zero")
        boxes.append(parts.Figure(viewer.t(f"desks.figures.{name}"), counted, why, name))
    parts.figures_row(boxes)
    if of.figures.expected:
        named = [
            viewer.t(
                "desks.figures.part",
                name=viewer.t(f"reports.filing.state.{name}"), count=viewer.number(count),
            )
            for name, count in of.due.items()
        ]  # fmt: skip
        added = viewer.t("desks.figures.plus").join(named)
        expected = viewer.number(of.figures.expected)
        parts.note(viewer.t("desks.figures.parts", expected=expected, parts=added))
    elif len(matrix):
        parts.empty(viewer, "desks.figures.none_due")


def _rate(viewer: Viewer, name: str, rate: Rate) -> parts.Figure:
    """Shown whatever its size: it is of desks, all of them named below, not of cases."""
    why = viewer.t("desks.figures.no_zero" if name == "zero_share" else "desks.figures.none_title")
    note = why if rate.share is None else parts.rate_note(viewer, rate)
    return parts.Figure(viewer.t(f"desks.figures.{name}"), viewer.percent(rate.share), note, name)


def corrections(viewer: Viewer, choice: Choice) -> None:
    """Every revision of the desk-days filed more than once: whose, when, from what to what, why."""
    found = revised(load.filing_revisions(viewer, choice.first, choice.last))
    if choice.desk:
        found = found[found["township_code"] == choice.desk]
    title = f"{viewer.t('desks.revised.title')} ({viewer.number(len(found))})"
    with st.expander(title, expanded=_is_cut(REVISED)):
        if found.empty:
            parts.note(viewer.t("desks.revised.none"))
            return
        lists.draw(viewer, _revised(viewer, found.reset_index(drop=True)))


def _is_cut(prefix: str) -> bool:
    """Whether the address speaks of a list, which lies folded else."""
    return any(name.startswith(prefix) for name in st.query_params)


def _revised(viewer: Viewer, found: pd.DataFrame) -> Listing:
    t, names = viewer.t, load.township_names(viewer)

    def column(name: str, values: pd.Series, **more: Any) -> Column:
        return Column(name, t(f"desks.revised.{name}"), values, **more)

    def kind(one: str) -> str:
        return t(f"desks.kind.{one}")

    columns = (
        column(
            "desk", found["township_code"], is_cut=True, word=lambda one: str(names.get(one, one))
        ),
        column("day", found["period"], kind="day"),
        column("number", found["number"], kind="number"),
        column("at", found["filed_at"], kind="moment"),
        column(
            "who", found["is_imported"].map({True: "imported", False: "clerk"}),
            word=lambda one: t(f"desks.revised.{one}"),
        ),
        column(
            "before", found["kind_before"].fillna("first"),
            word=lambda one: t("desks.revised.first") if one == "first" else kind(one),
        ),
        column("kind", found["kind"], is_cut=True, word=kind),
        column(
            "reason", found["reason"], is_cut=True, word=lambda one: t(f"words.filing_reason.{one}")
        ),
    )  # fmt: skip
    ids = found["township_code"] + found["period"].dt.strftime(":%Y-%m-%d:")
    return Listing("revised", ids + found["number"].astype("str"), columns, prefix=REVISED)


def excuses(viewer: Viewer, choice: Choice) -> None:
    """Excuse a desk's day by a reason from the list, take it back; what was recorded so far."""
    until = max(choice.last, viewer.today + dt.timedelta(days=LOOK_BACK))
    found = load.excuses(viewer, choice.first, until)
    if choice.desk:
        found = found[found["township_code"] == choice.desk]
    standing = found.drop_duplicates(["township_code", "period"], keep="last")
    standing = standing[standing["reason"] != TAKEN_BACK]
    title = f"{viewer.t('desks.excuse.title')} ({viewer.number(len(standing))})"
    with st.expander(title, expanded=_is_cut(EXCUSED)):
        st.caption(viewer.t("desks.excuse.how"))
        if viewer.is_earlier:
            parts.note(viewer.t("desks.excuse.earlier"))
        else:
            _excuse_one(viewer, choice)
            _take_back(viewer, standing)
        if found.empty:
            parts.note(viewer.t("desks.excuse.none"))
            return
        lists.draw(viewer, _excused(viewer, found.iloc[::-1].reset_index(drop=True)))


def _excused(viewer: Viewer, found: pd.DataFrame) -> Listing:
    t, names = viewer.t, load.township_names(viewer)

    def column(name: str, values: pd.Series, **more: Any) -> Column:
        return Column(name, t(f"desks.excuse.{name}"), values, **more)

    def what(reason: str) -> str:
        back = reason == TAKEN_BACK
        return t("desks.excuse.withdrawn" if back else f"words.filing_reason.{reason}")

    columns = (
        column(
            "desk", found["township_code"], is_cut=True, word=lambda one: str(names.get(one, one))
        ),
        column("day", pd.to_datetime(found["period"]), kind="day"),
        column("what", found["reason"], is_cut=True, word=what),
        column("at", found["recorded_at"], kind="moment"),
    )  # fmt: skip
    at = pd.Series(range(len(found))).astype("str")
    return Listing("excused", found["township_code"] + ":" + at, columns, prefix=EXCUSED)


def _excuse_one(viewer: Viewer, choice: Choice) -> None:
    names = load.township_names(viewer)
    desk_at, day_at, why_at, save_at = st.columns([2, 1, 2, 1], vertical_alignment="bottom")
    codes = [choice.desk] if choice.desk else list(names.index)
    desk = desk_at.selectbox(
        viewer.t("desks.excuse.desk"), codes, index=None, key="excuse_desk",
        format_func=lambda code: names[code], placeholder="—",
    )  # fmt: skip
    latest = viewer.today + dt.timedelta(days=LOOK_BACK)
    day = day_at.date_input(
        viewer.t("desks.excuse.day"), value=viewer.today, min_value=parts.FIRST_DAY,
        max_value=latest, key="excuse_day", format="YYYY-MM-DD",
    )  # fmt: skip
    reason = why_at.selectbox(
        viewer.t("desks.excuse.reason"), EXCUSE_REASONS, index=None, key="excuse_reason",
        format_func=lambda code: viewer.t(f"words.filing_reason.{code}"), placeholder="—",
    )  # fmt: skip
    pressed = save_at.button(
        viewer.t("desks.excuse.save"), key="excuse_save", disabled=desk is None or reason is None
    )
    if pressed and desk is not None:
        with parts.told(viewer):
            served.excuse(state.db(), viewer.scope, desk, day, reason)
            kept.renew(state.db())
            said = viewer.t("desks.excuse.saved", name=names[desk], day=viewer.day(day))
            parts.say_after_rerun(said)


def _take_back(viewer: Viewer, standing: pd.DataFrame) -> None:
    if standing.empty:
        return
    names = load.township_names(viewer)
    cells = [(r.township_code, r.period) for r in standing.iloc[::-1].itertuples()]
    which_at, save_at = st.columns([5, 1], vertical_alignment="bottom")
    which = which_at.selectbox(
        viewer.t("desks.excuse.which"), cells, index=None, key="excuse_which", placeholder="—",
        format_func=lambda cell: f"{names.get(cell[0], cell[0])} · {viewer.day(cell[1])}",
    )  # fmt: skip
    pressed = save_at.button(
        viewer.t("desks.excuse.take_back"), key="excuse_back", disabled=which is None
    )
    if pressed and which is not None:
        with parts.told(viewer):
            day = pd.Timestamp(which[1]).date()
            served.excuse(state.db(), viewer.scope, which[0], day, None)
            kept.renew(state.db())
            name = names.get(which[0], which[0])
            parts.say_after_rerun(
                viewer.t("desks.excuse.taken_back", name=name, day=viewer.day(day))
            )
