"""Undo where nothing has left the house, a clear question where it has (docs/undo.md).

The record is added to, never edited: an undo is a further entry that the record knows anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from data.errors import ProjectError

from .guard import ACTED, Viewer, role_here

_SAID = "undo_said"
"""Session key: (what was done, how it is taken back or None) of the run before."""


def say(text: str, take_back: Callable[[], str] | None = None) -> NoReturn:
    """Say on the page as it is afterwards what was done, with a button that takes it back.

    Args:
        take_back: does so, and returns what is said then; None = it cannot be taken back.
    """
    st.session_state[_SAID] = (text, take_back)
    st.session_state[ACTED] = True
    st.rerun()


def here(viewer: Viewer) -> None:
    """What the run before did, once, above the page."""
    text, take_back = st.session_state.pop(_SAID, ("", None))
    if not text:
        return
    st.success(text)
    if take_back is not None:
        st.button(viewer.t("undo.button"), key="undo", on_click=_undo, args=(viewer, take_back))


def _undo(viewer: Viewer, take_back: Callable[[], str]) -> None:
    # runs before the shell asks who is there
    if role_here() != viewer.scope.role:
        return
    try:
        text = take_back()
    except ProjectError as err:
        text = err.text(viewer.language)
    st.session_state[_SAID] = (text, None)


def is_asked(key: str) -> bool:
    """Whether the question of that button stands there."""
    return bool(st.session_state.get(f"{key}_asks"))


def asked(viewer: Viewer, key: str, label: str, question: str, *, is_off: bool = False) -> bool:
    """A button that asks before it does anything; True in the run in which it was answered yes.

    Args:
        question: what will happen, and who will see it.
    """
    waits = f"{key}_asks"
    if not is_asked(key):
        if st.button(label, key=key, disabled=is_off):
            st.session_state[waits] = True
            st.rerun()
        return False
    with st.container(border=True):
        st.warning(question)
        with st.container(horizontal=True, gap="small"):
            is_yes = st.button(viewer.t("undo.yes"), key=f"{key}_yes", type="primary")
            is_no = st.button(viewer.t("undo.no"), key=f"{key}_no")
    if is_yes or is_no:
        del st.session_state[waits]
    if is_no:
        st.rerun()
    return is_yes
