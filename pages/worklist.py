"""Which answers are owed, and which is due next?"""

from __future__ import annotations

import streamlit as st

from settings import ROOT
from ui import appointments, filing_desk, guard, ledger, lists, load, parts, several, todo
from ui.register_waiting import waiting_here

viewer = guard.enter("township_clerk", "department_clerk", "supervisor")
parts.head(viewer, "worklist")

if viewer.scope.role == "township_clerk":
    filing_desk.link(viewer)
if viewer.scope.role == "department_clerk":  # township clerks find theirs where they register
    waiting_here(viewer)
if viewer.scope.role != "supervisor":
    todo.show(viewer, todo.of_office(viewer))
appointments.on_list(viewer)
cases = load.ledger(viewer)
found = ledger.masks(viewer, cases)
if not any(mask.any() for mask in found.values()):
    parts.empty(viewer, "casepage.list.empty_none")
    st.stop()
if count := int(found["no_rule"].sum()):
    st.error(viewer.t("casepage.list.no_rule_said", count=viewer.number(count)))
can_choose = viewer.scope.role == "supervisor" and not viewer.is_earlier
shown = lists.draw(
    viewer, ledger.listing(viewer, cases, found), can_choose=can_choose,
    empty=lambda _: viewer.t("casepage.list.empty_filter"), how=viewer.t("casepage.list.pick"),
)  # fmt: skip
if shown.choice.several:
    bodies = cases.standing.set_index(cases.cases["case_id"])["next_body_id"]
    owing = bodies[list(shown.chosen)].dropna()
    several.on_cases(viewer, shown.chosen, owing, shown.choice.show)
if shown.picked is not None:
    st.switch_page(ROOT / "pages" / "case.py", query_params={"case": shown.picked})
