"""The search box: a page, an area, a body or a case number, each within the viewer's reach.

No text of a case is searched, ever (DOMAIN.md §2.13), nothing typed is kept anywhere, and a number
out of reach is answered as one that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from settings import ROOT
from wording import LANGUAGES, t

from . import area_panel, ledger, lists, load
from .guard import Viewer, still
from .menu import PAGES

FEWEST = 6
"""Letters of a case number from which it is looked for: fewer would list the record."""
MOST = 5
"""Results shown of each kind."""
_GOES = "search_goes"
"""Session key: the result that was chosen in the run before."""


@dataclass(frozen=True)
class Result:
    """Something found. kind: page, case, area or body. page: where it leads, with what in the
    address."""

    kind: str
    name: str
    page: str
    address: tuple[tuple[str, str], ...] = ()


def find(viewer: Viewer, text: str) -> list[Result]:
    """What is meant by a text, at most MOST of each kind; the same text finds the same."""
    said = text.strip().lower()
    if not said:
        return []
    found: list[Result] = []
    for search in (_cases, _pages, _bodies, _areas):
        found += search(viewer, said)[:MOST]
    return found


def _pages(viewer: Viewer, said: str) -> list[Result]:
    """By title, then by what the page is for, in either language."""
    by_title, by_purpose = [], []
    for entry in PAGES:
        if viewer.scope.role not in entry.roles:
            continue
        titles = [
            t(f"ui.{key}", language).lower()
            for language in LANGUAGES
            for key in (f"nav.{entry.name}", f"{entry.name}.title")
        ]
        result = Result("page", viewer.t(f"ui.nav.{entry.name}"), entry.name)
        if any(said in title for title in titles):
            by_title.append(result)
        elif any(said in t(f"ui.{entry.name}.purpose", one).lower() for one in LANGUAGES):
            by_purpose.append(result)
    return by_title + by_purpose


def _cases(viewer: Viewer, said: str) -> list[Result]:
    """By the whole number or its beginning, among the cases this viewer's list holds anyway."""
    if not _has(viewer, "worklist") or len(said.replace("-", "")) < FEWEST:
        return []
    ids = load.ledger(viewer).cases["case_id"]
    bare = ids.str.replace("-", "", regex=False).str.lower()
    hits = ids[bare.str.startswith(said.replace("-", "")).to_numpy(bool)]
    return [Result("case", str(one), "case", (("case", str(one)),)) for one in sorted(hits[:MOST])]


def _bodies(viewer: Viewer, said: str) -> list[Result]:
    """By name in either language or by id: a supervisor's list of it, a leader's year of it."""
    role = viewer.scope.role
    if role not in ("supervisor", "leader"):
        return []
    bodies = load.bodies(viewer)
    page = "worklist" if role == "supervisor" else "body_year"
    return [
        Result("body", str(getattr(row, viewer.name_column)), page, (("body", row.body_id),))
        for row in bodies.itertuples()
        if said in f"{row.name_zh}\n{row.name_en}".lower() or said == str(row.body_id).lower()
    ]


def _areas(viewer: Viewer, said: str) -> list[Result]:
    """By name in either language or by the beginning of the code: the map there."""
    if not _has(viewer, "map"):
        return []
    areas = load.areas(viewer)
    is_found = areas["code"].str.startswith(said) if said.isdigit() and len(said) >= FEWEST else (
        areas["name_zh"].str.lower().str.contains(said, regex=False)
        | areas["name_en"].str.lower().str.contains(said, regex=False)
    )  # fmt: skip
    hits = areas[is_found.fillna(False).to_numpy(bool)].sort_values("code")
    hits = hits.iloc[hits["code"].str.len().argsort(kind="stable")].head(MOST)
    return [
        Result("area", f"{getattr(row, viewer.name_column)} {row.code}", "map",
               (("area", row.code),))
        for row in hits.itertuples()
    ]  # fmt: skip


def _has(viewer: Viewer, page: str) -> bool:
    return any(entry.name == page and viewer.scope.role in entry.roles for entry in PAGES)


def box(viewer: Viewer) -> None:
    """The box above every page; only it is drawn again while somebody searches."""
    with st.container(key="search_box"):
        _box(viewer.scope.role)


@st.fragment
def _box(role: str) -> None:
    viewer = still(role)
    if (goes := st.session_state.pop(_GOES, None)) is not None:
        st.switch_page(ROOT / "pages" / f"{goes.page}.py", query_params=dict(goes.address))
    text = st.text_input(
        viewer.t("search.label"), key="search", max_chars=40,
        placeholder=viewer.t("search.example"),
    )  # fmt: skip
    if not text.strip():
        return
    found = find(viewer, text)
    if not found:
        st.caption(viewer.t("search.nothing"))
        st.caption(viewer.t(f"search.how_{role}"))
    for number, one in enumerate(found):
        label = viewer.t("search.result", kind=viewer.t(f"search.kind.{one.kind}"), name=one.name)
        st.button(label, key=f"search_{number}", type="tertiary", on_click=_leave, args=(one,))


def _leave(one: Result) -> None:
    """The box is empty again, and the page found begins afresh; the next run goes there."""
    st.session_state["search"] = ""
    st.session_state[_GOES] = one
    if one.page == "worklist":
        lists.forget(ledger.NAME)
    for key in {"map": [area_panel.AREA], "body_year": ["year_body"]}.get(one.page, []):
        st.session_state.pop(key, None)
