"""Which open cases will be answered late, and is it worth a push today?"""

import streamlit as st

from risk.check import MOST_PUSHED
from risk.levels import DEFAULT_CAPACITY
from ui import guard, likely_late, load, parts

viewer = guard.enter("supervisor")
parts.head(viewer, "likely_late")
found = likely_late.read(viewer)
if found.model is None or found.as_of is None:
    parts.empty(viewer, "forecast.page.not_scored")
    st.stop()

parts.note(likely_late.served_sentence(viewer, found))
slider, body = st.columns([3, 2], gap="large")
capacity = slider.slider(
    viewer.t("forecast.page.capacity"), 1, MOST_PUSHED, DEFAULT_CAPACITY, key="likely_capacity"
)
names = load.body_names(viewer)
owing = sorted(found.table["body_id"].dropna().unique())
chosen = body.selectbox(
    viewer.t("forecast.page.body"), owing, index=None, key="likely_body",
    format_func=lambda body_id: str(names.get(body_id, body_id)),
    placeholder=viewer.t("forecast.page.every_body"),
)  # fmt: skip

table = likely_late.with_levels(viewer, found, capacity)
likely_late.figures(viewer, found, table, capacity)
shown = table if chosen is None else table[table["body_id"] == chosen].reset_index(drop=True)
if shown.empty:
    parts.empty(viewer, "forecast.page.none")
else:
    made = likely_late.assigned(viewer)
    picked = likely_late.choose(viewer, shown, made)
    if picked is None:
        parts.note(viewer.t("forecast.page.pick"))
    else:
        case = shown.iloc[picked]
        likely_late.one_case(viewer, case, made.get(case["case_id"]))
with st.expander(viewer.t("forecast.page.how_good"), key="likely_how_good"):
    likely_late.account(viewer, found)
    likely_late.fates(viewer)
