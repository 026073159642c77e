"""Where somebody goes who wants to accuse an office or an official; nothing of it is kept here."""

from __future__ import annotations

import streamlit as st

from wording import has

from .guard import Viewer


def accusations(viewer: Viewer) -> None:
    """A short note with the independent channels, those of the county's jurisdiction."""
    country = viewer.county.pack.split("_")[0]
    prefix = country if has(f"public.accuse.{country}1", viewer.language) else "other"
    with st.expander(viewer.t("register.accuse.title")):
        st.markdown(viewer.t("register.accuse.said"))
        number = 1
        while has(key := f"public.accuse.{prefix}{number}", viewer.language):
            st.markdown(f"- {viewer.t(key)}")
            number += 1
