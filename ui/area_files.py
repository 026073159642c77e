"""The map's files: one button per format; every export is noted in the audit log."""

from __future__ import annotations

from functools import partial

import streamlit as st

from reports.map_files import FORMATS, MIME
from service import map_file

from . import parts, state
from .guard import Viewer


def section(viewer: Viewer, layer: str) -> None:
    """The layer that is shown, as a file of each format; nothing for a layer that has none."""
    if layer not in map_file.FILE_LAYERS:
        return
    with st.expander(viewer.t("mapfile.page.title")):
        with st.container(horizontal=True, gap="small"):
            for kind in FORMATS:
                name = map_file.file_name(layer, kind, viewer.as_of, viewer.county.zone)
                st.download_button(
                    viewer.t(f"mapfile.page.{kind}"), partial(_file, viewer, layer, kind), name,
                    MIME[kind], key=f"map_file_{layer}_{kind}", on_click="ignore",
                )  # fmt: skip
        parts.note(viewer.t("mapfile.page.how"))


def _file(viewer: Viewer, layer: str, kind: str) -> bytes:
    return map_file.write_export(
        state.db(), viewer.scope, layer, kind, viewer.as_of, viewer.language
    )
