"""Which open cases will be answered late, and is it worth a push today?"""

import streamlit as st

from ui import guard, likely_late, lists, parts, several

viewer = guard.enter("supervisor")
parts.head(viewer, "likely_late")
found = likely_late.read(viewer)
if found.model is None or found.as_of is None:
    parts.empty(viewer, "forecast.page.not_scored")
    st.stop()

parts.note(likely_late.served_sentence(viewer, found))
capacity = likely_late.capacity(viewer)
table = likely_late.with_levels(viewer, found, capacity)
likely_late.figures(viewer, found, table, capacity)
if table.empty:
    parts.empty(viewer, "forecast.page.none")
else:
    made = likely_late.assigned(viewer)
    shown = lists.draw(
        viewer,
        likely_late.listing(viewer, table, made),
        can_choose=not viewer.is_earlier,
        how=viewer.t("forecast.page.pick"),
    )
    parts.about("probability", "level")
    if shown.choice.several:
        several.on_cases(viewer, shown.chosen)
    else:
        likely_late.show_opened(viewer, table, made, lists.opened(shown))
with st.expander(viewer.t("forecast.page.how_good"), key="likely_how_good"):
    likely_late.account(viewer, found)
    likely_late.fates(viewer)
