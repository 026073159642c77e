"""The frame of the staff pages: who is there, which pages they have, what stands on all of them.

Pages are given by absolute path: a folder `pages/` beside the main script would be served past
the sign-in (DESIGN.md §2), so this script has no such neighbour, and every page asks again.
"""

from __future__ import annotations

import streamlit as st

from data.errors import ProjectError
from settings import ROOT
from ui import behind, guard, parts, search, turns, undo
from ui.menu import PAGES, Entry
from wording import t


def _page(entry: Entry, role: str | None, language: str) -> st.Page:
    return st.Page(
        ROOT / "pages" / f"{entry.name}.py",
        title=t(f"ui.nav.{entry.name}", language),
        url_path=entry.name,
        visibility="visible" if role in entry.roles else "hidden",
    )


def main() -> None:
    """Build the menu, ask who is there, run the page."""
    guard.follow_account()
    st.set_page_config(page_title=t("ui.product", guard.chosen_language()), layout="wide")
    role, language = guard.role_here(), guard.chosen_language()
    sections: dict[str, list[st.Page]] = {}
    first: st.Page | None = None
    for entry in PAGES:
        page = _page(entry, role, language)
        sections.setdefault(t(f"ui.section.{entry.section}", language), []).append(page)
        if role in entry.first_for:
            first = page

    def start() -> None:
        """The bare address leads to the role's first page, which keeps an address of its own."""
        if first is not None:
            st.switch_page(first)

    sections[""] = [st.Page(start, url_path="start", default=True, visibility="hidden")]
    # the menu is built for a stranger too, all hidden: an address then leads to the refusal
    page = st.navigation(sections, position="sidebar" if role else "hidden", expanded=True)
    viewer = guard.enter()
    behind.seen(guard.session_token())
    parts.ribbon(viewer)
    search.box(viewer)
    parts.sidebar(viewer)
    # a place of its own, there on every run: what is said moves nothing else (shell.css keeps it in
    # sight for whoever pressed further down)
    with st.container(key="zj_said"):
        undo.here(viewer)
        parts.said()
    try:
        page.run()
    except ProjectError as err:
        parts.failure(err)


with turns.turn():
    main()
