"""Which answers are owed, and which is due next?"""

from __future__ import annotations

import streamlit as st

from settings import ROOT
from ui import case_list, guard, load, parts

viewer = guard.enter("township_clerk", "department_clerk", "supervisor")
parts.head(viewer, "worklist")

table = case_list.rows(viewer, load.worklist(viewer))
counts = {name: len(case_list.chosen(viewer, table, name)) for name in case_list.filters(viewer)}
name = st.segmented_control(
    viewer.t("casepage.list.filter"), list(counts), key="worklist_filter", default="owed",
    format_func=lambda n: f"{viewer.t(f'casepage.list.is_{n}')} {viewer.number(counts[n])}",
)  # fmt: skip
listed = case_list.chosen(viewer, table, name or "owed")
if listed.empty:
    parts.empty(viewer, f"casepage.list.empty_{'none' if table.empty else 'filter'}")
else:
    st.caption(viewer.t("casepage.list.pick"))
    case_id = case_list.show(viewer, listed)
    if case_id is not None:
        st.switch_page(ROOT / "pages" / "case.py", query_params={"case": case_id})
