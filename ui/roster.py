"""The reception roster for those who keep it: what is due, a month's lines, and the ways to enter,
change, cancel, load and print them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data import roster
from data.appointments import FEWEST_PLACES
from data.audit import write_export
from data.errors import DataError, RowProblem
from data.roster import Line, NewLine
from data.vocabulary import ROSTER_POSTS
from reports.daily_facts import County
from reports.files import MIME
from reports.roster import Names, roster_file, sitting, table
from service import roster as served
from service.roster_files import names_of
from settings import ROOT
from wording import formats

from . import address, lists, load, parts, state, undo
from .guard import Viewer
from .listing import Column, Listing

TYPES = ["xlsx", "xlsm", "xls", "csv", "tsv", "txt", "gz"]
MONTHS_AHEAD = 3
PRINTED = {"docx": "word", "pdf": "pdf"}
"""The kinds of file a month is printed from, and the name of each button."""


def status(viewer: Viewer) -> None:
    """Until when next month's roster must be public, and how many working days are bare."""
    due = served.due(state.db(), viewer.scope, viewer.latest_day)
    month, last = formats.month(due.month, viewer.language), viewer.day(due.until)
    st.markdown(viewer.t("roster.until", month=month, last=last))
    bare = viewer.number(len(due.bare))
    if due.is_late:
        st.error(viewer.t("roster.late", last=last, count=bare))
    elif due.bare:
        st.warning(viewer.t("roster.bare", month=month, count=bare))
    else:
        st.success(viewer.t("roster.whole", month=month))


def month(viewer: Viewer) -> dt.date:
    """The first day of the month that was chosen: this one or one of the next, the next first."""
    this = viewer.latest_day.replace(day=1)
    choices = [this]
    for _ in range(MONTHS_AHEAD):
        choices.append(served.month_after(choices[-1]))
    return address.one(
        st.selectbox, viewer.t("roster.page.month"), choices, name="month", key="roster_month",
        usual=choices[1], is_always_said=True,
        format_func=lambda day: formats.month(day, viewer.language),
    )  # fmt: skip


def listed(viewer: Viewer, chosen: dt.date) -> Line | None:
    """The lines of a month as a list; the one that is open, None = none."""
    lines = served.of_month(state.db(), viewer.scope, chosen)
    if not lines:
        parts.empty(viewer, "roster.none")
        return None
    parts.note(viewer.t("roster.page.pick"))
    picked = lists.opened(lists.draw(viewer, _listing(viewer, lines, chosen)))
    return next((line for line in lines if str(line.line_id) == picked), None)


def _listing(viewer: Viewer, lines: tuple[Line, ...], chosen: dt.date) -> Listing:
    t, bodies, names = viewer.t, load.body_names(viewer), _names(viewer)

    def column(name: str, values: list[Any], **more: Any) -> Column:
        return Column(name, t(f"roster.column.{name}"), pd.Series(values), **more)

    columns = (
        column("day", [pd.Timestamp(line.day) for line in lines], kind="day"),
        column("time", [f"{line.starts}–{line.ends}" for line in lines]),
        column(
            "post", [line.post for line in lines], is_cut=True,
            word=lambda one: t(f"roster.post.{one}"),
        ),
        column(
            "body", [line.body_id for line in lines], is_cut=True,
            word=lambda one: str(bodies.get(one, one)),
        ),
        column("place", [line.place for line in lines], is_found=True),
        column("slots", [line.slots for line in lines], kind="number"),
        column("sits", [sitting(line, names, viewer.language) for line in lines], is_found=True),
    )  # fmt: skip
    return Listing(
        "roster_lines", pd.Series([str(line.line_id) for line in lines]), columns,
        link=lambda one: lists.open_link(viewer, one, month=chosen.isoformat()),
    )  # fmt: skip


def printed(viewer: Viewer, chosen: dt.date) -> None:
    """The month as a file to print."""
    lines, names = served.of_month(state.db(), viewer.scope, chosen), _names(viewer)
    name = formats.month(chosen, viewer.language)
    file = viewer.t("roster.print.file", county=viewer.county_name, month=name)

    def made(kind: str) -> bytes:
        write_export(state.db(), viewer.scope, f"{file}.{kind}")
        facts = viewer.county
        county = County(facts.name_zh, facts.name_en, facts.zone, facts.is_demo)
        return roster_file(lines, chosen, county, names, viewer.language, viewer.latest, kind)

    for kind, button in PRINTED.items():
        st.download_button(
            viewer.t(f"roster.page.{button}"), partial(made, kind), f"{file}.{kind}", MIME[kind],
            key=f"roster_{button}", on_click="ignore",
        )  # fmt: skip
    parts.note(viewer.t("roster.page.exported"))
    parts.note(viewer.t("roster.page.few", least=viewer.number(FEWEST_PLACES)))


def late_notice(viewer: Viewer) -> None:
    """On the overview: that next month's roster should be public and is not whole."""
    due = served.due(state.db(), viewer.scope, viewer.latest_day)
    if due.is_late:
        bare = viewer.number(len(due.bare))
        st.error(viewer.t("roster.late", last=viewer.day(due.until), count=bare))
        if viewer.scope.role == "supervisor":
            st.page_link(ROOT / "pages" / "roster.py", label=viewer.t("roster.title"))


def line_fields(viewer: Viewer, chosen: dt.date) -> NewLine:
    """The fields of one line: a day, times, a post of the list, a body of the list, a place."""
    t = viewer.t
    first = max(chosen, viewer.latest_day)
    left, right = st.columns(2)
    with left:
        day = st.date_input(t("roster.column.day"), first, key="roster_day", format="YYYY-MM-DD")
        starts = st.time_input(t("roster.column.starts"), dt.time(9), key="roster_starts")
        ends = st.time_input(t("roster.column.ends"), dt.time(11, 30), key="roster_ends")
        slots = st.number_input(
            t("roster.column.slots"), 1, roster.MOST_SLOTS, 10, key="roster_slots"
        )
    with right:
        post = st.selectbox(
            t("roster.column.post"), ROSTER_POSTS, key="roster_post",
            format_func=lambda one: t(f"roster.post.{one}"),
        )  # fmt: skip
        bodies = load.body_names(viewer)
        body = st.selectbox(
            t("roster.column.body"), ["", *bodies.index], key="roster_body",
            format_func=lambda one: str(bodies.get(one, t("roster.page.no_body"))),
        )  # fmt: skip
        place = st.text_input(
            t("roster.column.place"), key="roster_place", max_chars=roster.MOST_PLACE
        )
    sits = st.multiselect(
        t("roster.column.sits"), list(bodies.index), key="roster_sits",
        format_func=lambda one: str(bodies.get(one, one)), help=t("roster.page.sits_help"),
        placeholder=t("assignments.act.choose"),
    )  # fmt: skip
    return NewLine(
        day, f"{starts:%H:%M}", f"{ends:%H:%M}", post, body or None, place.strip(), int(slots),
        sits=tuple(sits),
    )  # fmt: skip


def enter(viewer: Viewer, new: NewLine) -> None:
    """The button that enters the line that was filled in."""
    if st.button(viewer.t("roster.page.save"), type="primary", key="roster_save"):
        _saved(viewer, lambda: roster.add(state.db(), viewer.scope, [new]))


def change(viewer: Viewer, line: Line | None, new: NewLine) -> None:
    """Put what was filled in in the place of the line that is open, or call it off: everybody
    sees it at once, so both ask first."""
    if line is None or line.day < viewer.latest_day:
        return
    t, db, scope = viewer.t, state.db(), viewer.scope
    named = " · ".join(table([line], _names(viewer), viewer.language).rows[0][:4])
    with st.container(border=True):
        st.markdown(f"**{t('roster.page.change')}**")
        parts.lines([named])
        parts.note(t("roster.page.moved"))
        question = t("roster.page.change_question", line=named)
        if undo.asked(
            viewer, f"roster_change_{line.line_id}", t("roster.page.do_change"), question
        ):
            _saved(viewer, lambda: roster.change(db, scope, line.line_id, new), "changed")
        question = t("roster.page.off_question", line=named)
        if undo.asked(viewer, f"roster_off_{line.line_id}", t("roster.page.do_off"), question):
            _saved(viewer, lambda: roster.cancel(db, scope, line.line_id), "off")


def turns(viewer: Viewer, chosen: dt.date, new: NewLine) -> None:
    """Fill a month with departments in turn, a week each."""
    t, names = viewer.t, load.body_names(viewer)
    with st.expander(t("roster.page.turns")):
        st.markdown(t("roster.page.turns_how"))
        picked = st.multiselect(
            t("roster.page.bodies"), list(names.index), key="roster_turns",
            format_func=lambda one: str(names.get(one, one)),
        )  # fmt: skip
        month = formats.month(chosen, viewer.language)
        if st.button(t("roster.page.fill", month=month), key="roster_fill", disabled=not picked):
            before = served.last_turn(state.db(), viewer.scope, chosen, new.post)
            made = served.weekly_turns(load.calendar(viewer), chosen, picked, new, before)
            ahead = [line for line in made if line.day >= viewer.latest_day]
            _saved(viewer, lambda: roster.add(state.db(), viewer.scope, ahead))


def sheet(viewer: Viewer) -> None:
    """Load a month from a spreadsheet: every error of every row at once, or all of it."""
    t = viewer.t
    with st.expander(t("roster.page.sheet")):
        posts = [t(f"roster.post.{post}") for post in ROSTER_POSTS]
        st.markdown(t("roster.page.sheet_how", posts=" · ".join(posts)))
        file = st.file_uploader(t("roster.page.upload"), type=TYPES, key="roster_file")
        if file is not None and st.button(t("roster.page.load"), key="roster_load"):
            _saved(
                viewer,
                lambda: served.load(state.db(), viewer.scope, file.getvalue(), file.name),
                rows=True,
            )


def _saved(
    viewer: Viewer, write: Callable[[], int | None], done: str = "saved", rows: bool = False
) -> None:
    """Write, and say what was done on the page as it is afterwards; or every problem."""
    try:
        count = write()
    except DataError as err:
        st.error(err.text(viewer.language))
        parts.lines(_problem(viewer, one, rows) for one in err.problems)
        return
    said = viewer.t(f"roster.page.{done}", **({"count": count} if done == "saved" else {}))
    parts.say_after_rerun(said)


def _problem(viewer: Viewer, one: RowProblem, with_row: bool) -> str:
    where = [viewer.t("roster.page.row", row=one.row)] if with_row and one.row else []
    if one.column:
        where.append(viewer.t(f"roster.column.{one.column}"))
    text = one.text(viewer.language)
    return f"{' · '.join(where)}: {text}" if where else text


def _names(viewer: Viewer) -> Names:
    return names_of(state.db(), viewer.scope)
