"""What is to be done now, at the top of a role's first page: a line each with its number and the
way to the list it counts; no line where nothing waits."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.accounts import AccountLine
from reports.daily_facts import DailyReport
from service import roster as served_roster
from settings import ROOT

from . import assignments, ledger, likely_late, lists, load, state
from .guard import Viewer


@dataclass(frozen=True)
class Line:
    """One kind of work: its name (`todo.line.<name>`), how many, where it is done."""

    name: str
    count: int
    page: str
    address: tuple[tuple[str, str], ...] = ()


def of_county(viewer: Viewer, report: DailyReport) -> list[Line]:
    """A supervisor's and a leader's."""
    if viewer.scope.role == "leader":
        return _asked(viewer, ("late", "to_verify", "waiting"))
    found = likely_late.read(viewer)
    waits = likely_late.all_waiting(found.table, likely_late.assigned(viewer))
    lines = [
        Line(name, waits[name], "likely_late", (("show", name),))
        for name in ("to_confirm", "to_assign")
    ]
    unasked = ledger.masks(viewer, load.ledger(viewer))[ledger.UNASKED]
    lines.append(Line("unasked", int(unasked.sum()), "worklist", (("show", ledger.UNASKED),)))
    lines += _asked(viewer, ("late", "to_verify"))
    lines.append(Line("desks", len(report.reminders or ()), "filing"))
    return lines


def of_office(viewer: Viewer) -> list[Line]:
    """A clerk's, beside the work list itself: what the office was asked for."""
    return _asked(viewer, ("to_acknowledge", "to_answer", "late", "returned"))


def of_administrator(viewer: Viewer, accounts: list[AccountLine]) -> list[Line]:
    """What needs care: accounts without a second factor, invitations not used, a bare roster."""
    used = [line for line in accounts if line.state != "invited"]
    return [
        Line("no_factor", sum(not line.has_factor for line in used), "accounts",
             (("factor", "no_factor"),)),
        Line("invited", len(accounts) - len(used), "accounts", (("state", "invited"),)),
        Line("roster", len(served_roster.due(state.db(), viewer.scope, viewer.latest_day).bare),
             "roster"),
    ]  # fmt: skip


def _asked(viewer: Viewer, names: tuple[str, ...]) -> list[Line]:
    rows = assignments.read(viewer)
    return [
        Line(f"asked_{name}", assignments.count(rows, name), "assignments", (("show", name),))
        for name in names
    ]


def show(viewer: Viewer, lines: list[Line]) -> None:
    """The lines that have something, or that there is nothing; none on an earlier day, which
    cannot be acted on."""
    if viewer.is_earlier:
        return
    waiting = [line for line in lines if line.count]
    # in one row: a leader's page is one screen, with lines and without
    with st.container(border=True, key="todo", horizontal=True, gap="small",
                      vertical_alignment="center"):  # fmt: skip
        st.markdown(f"**{viewer.t('todo.title' if waiting else 'todo.none')}**", width="content")
        for line in waiting:
            label = viewer.t(f"todo.line.{line.name}", count=viewer.number(line.count))
            if st.button(label, key=f"todo_{line.name}", on_click=_begin, args=(line,)):
                page = ROOT / "pages" / f"{line.page}.py"
                st.switch_page(page, query_params=dict(line.address))


def _begin(line: Line) -> None:
    """The list begins afresh, also where it stands on this very page."""
    names = {
        "worklist": ledger.NAME, "assignments": assignments.NAME, "likely_late": likely_late.NAME,
        "accounts": "accounts",
    }  # fmt: skip
    if line.page in names:
        lists.forget(names[line.page])
