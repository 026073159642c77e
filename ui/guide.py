"""The role's own guide inside the product: the Markdown of docs/guide, without its pictures.

A closed intranet has no other place for it. The files travel with the program (pyproject.toml).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import streamlit as st

from settings import ROOT

from .guard import Viewer

HOME = ROOT / "docs" / "guide"
_PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\s*$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?://)[^)]*\)")


class Task(NamedTuple):
    """One task of a guide: its heading, and what to do (Markdown)."""

    title: str
    text: str


def read(role: str, language: str) -> tuple[str, list[Task]]:
    """What stands before the first task, and the tasks in order.

    Pictures are left out, and links to other documents are plain words: they lead nowhere here.
    """
    text = (HOME / language / f"{role}.md").read_text("utf-8")
    text = _LINK.sub(r"\1", _PICTURE.sub("", text))
    first, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    before = first.split("\n", 1)[1].strip()
    tasks = [Task(*(one.strip() for one in part.split("\n", 1))) for part in parts]
    return before, tasks


def show(viewer: Viewer) -> None:
    """The viewer's guide, in the viewer's language; a task opens by its heading."""
    before, tasks = read(viewer.scope.role, viewer.language)
    st.markdown(before)
    for task in tasks:
        with st.expander(task.title):
            st.markdown(task.text)
