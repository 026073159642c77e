"""Which answers are owed, and which is due next?"""

from __future__ import annotations

import streamlit as st

from settings import ROOT
from ui import appointments, filing_desk, guard, ledger, load, parts
from ui.register_waiting import waiting_here

viewer = guard.enter("township_clerk", "department_clerk", "supervisor")
parts.head(viewer, "worklist")

if viewer.scope.role == "township_clerk":
    filing_desk.link(viewer)
if viewer.scope.role == "department_clerk":  # township clerks find theirs where they register
    waiting_here(viewer)
appointments.on_list(viewer)
table = ledger.Table(viewer, load.ledger(viewer))
if table.is_empty:
    parts.empty(viewer, "casepage.list.empty_none")
    st.stop()
if table.count("no_rule"):
    st.error(viewer.t("casepage.list.no_rule_said", count=viewer.number(table.count("no_rule"))))
choice = ledger.choose(viewer, table)
if not len(table.chosen(choice)):
    parts.empty(viewer, "casepage.list.empty_filter")
    st.stop()
st.caption(viewer.t("casepage.list.pick"))
case_id = ledger.show(viewer, table, choice)
if case_id is not None:
    st.switch_page(ROOT / "pages" / "case.py", query_params={"case": case_id})
