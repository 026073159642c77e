"""The page of the layer of areas: a file to load, what it would change, the versions there are."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from data.places import layer_versions
from geo.crs import SYSTEMS
from geo.findings import LayerRefused
from reports.area_changes import change_rows, flaw_text, level_name
from service import areas
from service.areas import NewLayer

from . import lists, parts, state
from .guard import Viewer
from .listing import Column, Listing

NUMBER = "areas_upload"
"""Session key: counts the uploads, so that the field is empty after one was applied."""
TYPES = ["gpkg", "geojson", "json", "zip"]
MOST_SHOWN = 100
OTHER = "other"


def offer(viewer: Viewer) -> None:
    """A file, its system and first day; what it would change; the button to put it in force."""
    st.header(viewer.t("areas.page.load"), anchor=False)
    st.markdown(viewer.t("areas.page.how"))
    number = st.session_state.get(NUMBER, 0)
    upload = st.file_uploader(viewer.t("areas.page.upload"), type=TYPES, key=f"areas_file_{number}")
    left, right = st.columns(2)
    with left:
        system = _system(viewer)
    with right:
        day = st.date_input(
            viewer.t("areas.page.valid_from"), value=viewer.latest_day, format="YYYY-MM-DD",
            min_value=viewer.latest_day, key="areas_day",
        )  # fmt: skip
    columns = _columns(viewer)
    if upload is None or system is None or not isinstance(day, dt.date):
        return
    try:
        new = _checked(viewer, upload.getvalue(), system, day, columns)
    except LayerRefused as err:
        head, *reasons = err.text(viewer.language).split("\n")
        st.error(head)
        parts.lines(reasons[:MOST_SHOWN])  # words of a stranger's file: never as markup
        _more(viewer, len(reasons))
        return
    preview(viewer, new)
    if st.button(viewer.t("areas.page.apply"), type="primary", key="areas_apply"):
        areas.apply(state.db(), viewer.scope, new)
        st.session_state[NUMBER] = number + 1
        parts.say_after_rerun(viewer.t("areas.page.applied", day=viewer.day(new.valid_from)))


def _system(viewer: Viewer) -> str | None:
    """The stated system: there is no usual one, because none may be assumed."""
    names = {system: viewer.t(f"placing.system.{system}") for system in SYSTEMS}
    names[OTHER] = viewer.t("areas.page.other_system")
    chosen = st.selectbox(
        viewer.t("areas.page.system"), list(names), index=None, key="areas_system",
        format_func=names.__getitem__, placeholder=viewer.t("register.form.pick"),
    )  # fmt: skip
    if chosen != OTHER:
        return chosen
    number = st.text_input(viewer.t("areas.page.epsg"), max_chars=6, key="areas_epsg").strip()
    return f"EPSG:{number}" if number.isdigit() else None


def _columns(viewer: Viewer) -> dict[str, str]:
    """What the file calls our columns, where it calls them otherwise."""
    with st.expander(viewer.t("areas.page.columns")):
        code = st.text_input(viewer.t("areas.page.column_code"), "code", 60, key="areas_code")
        name = st.text_input(viewer.t("areas.page.column_name"), "name_zh", 60, key="areas_called")
    given = {"code": code.strip(), "name_zh": name.strip()}
    return {ours: theirs for ours, theirs in given.items() if theirs and theirs != ours}


def _checked(
    viewer: Viewer, content: bytes, system: str, day: dt.date, columns: dict[str, str]
) -> NewLayer:
    """Kept while nothing changes: every click runs the page again."""
    key = (hash(content), system, day, tuple(sorted(columns.items())), state.db().version())
    kept = st.session_state.get("areas_checked")
    if kept is None or kept[0] != key:
        with st.spinner(viewer.t("areas.page.working")):
            new = areas.check(state.db(), viewer.scope, content, system, day, columns)
        st.session_state["areas_checked"] = kept = (key, new)
    found: NewLayer = kept[1]
    return found


def preview(viewer: Viewer, new: NewLayer) -> None:
    """Levels, changes with their shares, findings, gaps and overlaps."""
    language = viewer.language
    parts.figures_row(
        parts.Figure(level_name(level, language), viewer.number(count))
        for level, count in new.levels.items()
    )
    protection = level_name(new.protection_level, language)
    parts.note(viewer.t("areas.page.protection", level=protection))
    for level in new.without_figures:
        st.info(viewer.t("areas.page.without", level=level_name(level, language)))
    _changes(viewer, new)
    texts = [one.text(language) for one in new.findings]
    _listed(viewer, "findings", texts)
    _listed(viewer, "flaws", [flaw_text(flaw, language) for flaw in new.flaws])


def _changes(viewer: Viewer, new: NewLayer) -> None:
    st.header(viewer.t("areas.page.changes"), anchor=False)
    rows = change_rows(new.walk, viewer.language)
    if not rows:
        parts.note(viewer.t(f"areas.page.{'first' if new.walk is None else 'no_changes'}"))
        return
    heads = [viewer.t(f"areas.page.{name}") for name in ("kind", "old", "new", "share")]
    parts.table(heads, rows[:MOST_SHOWN], numbers_from=3, stacks=True)
    _more(viewer, len(rows))
    if new.has_split:
        parts.note(viewer.t("areas.page.approximate"))


def _listed(viewer: Viewer, name: str, texts: list[str]) -> None:
    st.header(viewer.t(f"areas.page.{name}"), anchor=False)
    if not texts:
        parts.note(viewer.t("areas.page.none"))
        return
    parts.lines(texts[:MOST_SHOWN])
    _more(viewer, len(texts))


def _more(viewer: Viewer, count: int) -> None:
    if count > MOST_SHOWN:
        parts.note(viewer.t("areas.page.more", count=viewer.number(count - MOST_SHOWN)))


def versions(viewer: Viewer) -> None:
    """Every version of the layer, the newest first."""
    st.header(viewer.t("areas.page.versions"), anchor=False)
    found = layer_versions(state.db(), viewer.scope)
    if found.empty:
        parts.empty(viewer, "areas.page.no_versions")
        return
    found = found.iloc[::-1].reset_index(drop=True)
    since, until = (pd.to_datetime(found[name]) for name in ("valid_from", "valid_to"))
    columns = (
        Column("from", viewer.t("areas.page.from"), since, kind="day"),
        Column("to", viewer.t("areas.page.to"), until, kind="day"),
        Column(
            "state", viewer.t("areas.page.state"), until.isna().map({True: "open", False: "over"}),
            is_cut=True, word=lambda one: viewer.t(f"areas.page.{one}"),
        ),
        Column("count", viewer.t("areas.page.count"), found["areas_count"], kind="number"),
    )  # fmt: skip
    lists.draw(viewer, Listing("area_versions", found["valid_from"].astype("str"), columns))
