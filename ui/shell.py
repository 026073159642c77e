"""The frame of the staff pages: who is there, which pages they have, what stands on all of them.

Pages are given by absolute path: a folder `pages/` beside the main script would be served past
the sign-in (DESIGN.md §2), so this script has no such neighbour, and every page asks again.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.errors import ProjectError
from settings import ROOT
from ui import guard, parts
from wording import t


@dataclass(frozen=True)
class Entry:
    """One page: its file `pages/<name>.py`, its address, who has it, under which heading.

    name: also the address, and the key of its title (`ui.nav.<name>`).
    roles: who may open it; first_for: whose first page it is.
    """

    name: str
    section: str
    roles: tuple[str, ...]
    first_for: tuple[str, ...] = ()


PAGES = (
    Entry("overview", "service", ("supervisor", "leader"), ("supervisor", "leader")),
    Entry(
        "worklist",
        "service",
        ("township_clerk", "department_clerk", "supervisor"),
        ("township_clerk", "department_clerk"),
    ),
    Entry("register", "service", ("grid_worker", "township_clerk"), ("grid_worker",)),
    Entry("case", "service", ("township_clerk", "department_clerk", "supervisor")),
    Entry("likely_late", "service", ("supervisor",)),
    Entry(
        "assignments",
        "service",
        ("supervisor", "leader", "township_clerk", "department_clerk"),
    ),
    Entry("map", "service", ("supervisor", "leader")),
    Entry("filing", "reports", ("township_clerk", "supervisor")),
    Entry("report", "reports", ("supervisor", "leader")),
    Entry("accounts", "administration", ("administrator",), ("administrator",)),
    Entry("rules", "administration", ("administrator", "supervisor")),
    Entry("audit", "administration", ("administrator",)),
)
"""Every staff page; order is the menu's. A page stands here or it does not exist."""


def _page(entry: Entry, role: str | None, language: str) -> st.Page:
    return st.Page(
        ROOT / "pages" / f"{entry.name}.py",
        title=t(f"ui.nav.{entry.name}", language),
        url_path=entry.name,
        visibility="visible" if role in entry.roles else "hidden",
    )


def main() -> None:
    """Build the menu, ask who is there, run the page."""
    st.set_page_config(page_title=t("ui.product", guard.chosen_language()), layout="wide")
    parts.style()
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
    page = st.navigation(sections, position="sidebar" if role else "hidden")
    viewer = guard.enter()
    parts.ribbon(viewer)
    parts.sidebar(viewer)
    try:
        page.run()
    except ProjectError as err:
        parts.failure(err)


main()
