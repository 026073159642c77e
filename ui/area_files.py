"""The map's files: one button per format; every export is noted in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from reports.areas import LAYERS, snapshot_moments
from reports.map_files import FORMATS, MIME, PAIR_FORMATS
from service import map_file
from service.map_file import Part

from . import area_page, area_panel, kept, load, making, parts, state
from .guard import Viewer


def section(viewer: Viewer, layer: str, code: str) -> None:
    """The layer that is shown as a file of each format: of the chosen area, or of the view that
    was handed on."""
    part = _part(viewer, code)
    with st.expander(viewer.t("mapfile.page.title"), expanded=part.frame is not None):
        if layer in LAYERS and not _has_cases(viewer):
            parts.empty(viewer, "mapfile.page.no_week")
            return
        _buttons(viewer, FORMATS, f"{layer}", part, partial(_file, viewer, layer, part),
                 partial(map_file.file_name, layer))  # fmt: skip
    making.shown(viewer, "supervisor", "leader")


@kept.county
def _has_cases(viewer: Viewer) -> bool:
    """Whether there was a case at the end of the last whole week."""
    week_end = snapshot_moments(viewer.as_of, viewer.county.zone).week_end
    return not load.figures_at(viewer, week_end).table.cases.empty


def pair(viewer: Viewer, layer: str, weeks: int, code: str) -> None:
    """The comparison that is shown as a file of each format, of the chosen area."""
    part = _part(viewer, code)
    with st.expander(viewer.t("mapfile.page.title"), expanded=part.frame is not None):
        _buttons(viewer, PAIR_FORMATS, f"pair_{layer}_{weeks}", part,
                 partial(_pair, viewer, layer, weeks, part),
                 partial(map_file.pair_name, layer, weeks))  # fmt: skip
    making.shown(viewer, "supervisor", "leader")


def _part(viewer: Viewer, code: str) -> Part:
    if view := st.session_state.get(area_panel.VIEW):
        return Part(frame=view)
    return Part(None if code == area_page.places(viewer).index[0] else code)


def _buttons(
    viewer: Viewer, formats: tuple[str, ...], key: str, part: Part,
    made: Callable[[str], bytes], named: Callable[..., str],
) -> None:  # fmt: skip
    of = "view" if part.frame else "area"
    names = area_page.places(viewer)[viewer.name_column]
    area = str(names[part.area or names.index[0]])
    parts.note(viewer.t(f"mapfile.page.of_{of}", area=area))
    with st.container(horizontal=True, gap="small"):
        for kind in formats:
            making.offer(
                viewer, st, viewer.t(f"mapfile.page.{kind}"), partial(made, kind),
                named(kind, viewer.as_of, viewer.county.zone, part), MIME[kind],
                what=f"map_{kind}", key=f"map_file_{key}_{kind}",
            )  # fmt: skip
        if part.frame is not None:
            st.button(viewer.t("mapfile.page.back"), key="map_view_back", type="tertiary",
                      on_click=_back)  # fmt: skip
    parts.note(viewer.t("mapfile.page.how"))


def _back() -> None:
    st.session_state[area_panel.VIEW] = None


def _file(viewer: Viewer, layer: str, part: Part, kind: str) -> bytes:
    return map_file.write_export(
        state.db(), viewer.scope, layer, kind, viewer.as_of, viewer.language, part
    )


def _pair(viewer: Viewer, layer: str, weeks: int, part: Part, kind: str) -> bytes:
    return map_file.write_pair(
        state.db(), viewer.scope, layer, weeks, kind, viewer.as_of, viewer.language, part
    )
