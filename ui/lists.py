"""One list for every page that has one: cut, ordered, a page at a time, its columns chosen, rows
picked. What was chosen stands in the address, so that a list can be shared and stays on reload.

A wide screen shows a table to pick from; a phone shows each row as a block that leads on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from data.list_views import ListView, keep_view, view_of
from wording import formats

from . import address, state
from .guard import Viewer
from .listing import CHOSEN, Choice, Column, Listing, rows_of

PAGE = 50
"""Rows of one page, as usual."""
SIZES = (25, 100, 200)
"""Other rows of one page that can be chosen."""
FEW = 5
"""A list of so many rows at most is read, not searched: the ways to cut it are left out."""
_Mode = Literal["none", "single-row", "multi-row"]


@dataclass(frozen=True)
class Shown:
    """A list as it was drawn. rows: every row of it in order, as positions. picked: the id of the
    row picked to be opened. chosen: ids of the rows chosen to do something with."""

    choice: Choice
    rows: np.ndarray
    picked: str | None = None
    chosen: tuple[str, ...] = ()


def last_choice(name: str) -> dict[str, str]:
    """The choices of the list of that name looked at last in this session, to come back to it."""
    return dict(st.session_state.get(f"{name}_address", {}))


def forget(name: str) -> None:
    """Before leading to a list on purpose: what its widgets said no longer counts."""
    for key in [k for k in st.session_state if str(k).startswith(f"{name}_")]:
        del st.session_state[key]


def draw(
    viewer: Viewer, listing: Listing, *, can_choose: bool = False,
    empty: Callable[[Choice], str] | None = None, how: str = "",
) -> Shown:  # fmt: skip
    """The list with its ways to cut it.

    Args:
        can_choose: several rows may be chosen to do something with.
        empty: what is said where nothing is on the list; None = the usual sentence.
        how: what picking a row does, said where rows are not ticked instead.
    """
    choice = _choose(viewer, listing, can_choose)
    rows = rows_of(listing, choice)
    if not len(rows):
        st.info(viewer.t("lists.empty") if empty is None else empty(choice))
        return Shown(choice, rows)
    size = int(choice.per or PAGE)
    first = (int(choice.page) - 1) * size
    here = rows[first : first + size]
    st.caption(
        viewer.t(
            "lists.which", first=viewer.number(first + 1), last=viewer.number(first + len(here)),
            total=viewer.number(len(rows)),
        )
        + (viewer.t("lists.choose_how") if choice.several else f" {how}")
    )  # fmt: skip
    columns = _columns(listing, choice.cols)
    if choice.several:
        selected = _table(viewer, listing, columns, here, "multi-row")
        ids = tuple(str(listing.ids.iloc[here[at]]) for at in selected)
        return Shown(choice, rows, None, ids)
    with st.container(key=f"zjnarrow_{listing.name}"):
        _blocks(viewer, listing, columns, here)
    with st.container(key=f"zjwide_{listing.name}"):
        mode: _Mode = "none" if listing.link is None else "single-row"
        selected = _table(viewer, listing, columns, here, mode)
    picked = str(listing.ids.iloc[here[selected[0]]]) if selected else None
    return Shown(choice, rows, picked)


def _columns(listing: Listing, cols: str) -> list[Column]:
    """The columns chosen, in the order they were chosen; the first always leads."""
    found = [listing.column(name) for name in cols.split(".")] if cols else list(listing.columns)
    head = listing.columns[0]
    return [head, *(c for c in found if c is not None and c is not head)]


def _table(
    viewer: Viewer, listing: Listing, columns: list[Column], here: np.ndarray, mode: _Mode
) -> list[int]:
    """The rows as a table; places of those picked."""
    kinds = st.column_config
    config: dict[str, Any] = {}
    cells: dict[str, Any] = {}
    for column in columns:
        values = column.values.iloc[here].reset_index(drop=True)
        config[column.name] = kinds.Column(column.head, help=column.help, width=column.width)
        if column.kind == "percent":
            values = values.astype("float64") * 100
            config[column.name] = kinds.NumberColumn(column.head, format="%.0f%%")
        elif column.kind == "day":
            form = formats.column_format(viewer.language)
            config[column.name] = kinds.DateColumn(column.head, format=form)
        elif column.kind == "moment":
            values = values.map(viewer.moment)
        elif column.kind == "text":
            values = column.words(here)
        cells[column.name] = values
    # other rows are another table: a place chosen in one says nothing in the next
    ids = "".join(map(str, listing.ids.iloc[here]))
    mark = hashlib.sha256(f"{mode}{ids}".encode()).hexdigest()[:12]
    look: dict[str, Any] = {
        "hide_index": True, "column_config": config, "height": min(560, 38 + 35 * len(here)),
        "placeholder": "—", "key": f"{listing.name}_table_{mark}",
    }  # fmt: skip
    if mode == "none":
        st.dataframe(pd.DataFrame(cells), **look)
        return []
    event = st.dataframe(pd.DataFrame(cells), on_select="rerun", selection_mode=mode, **look)
    return [at for at in selected(event) if at < len(here)]


def selected(event: Any) -> list[int]:
    """Places of the rows picked in a table."""
    return list(event.selection.rows)


def _blocks(viewer: Viewer, listing: Listing, columns: list[Column], here: np.ndarray) -> None:
    """The rows below each other, each leading on; what a phone shows instead of the table."""
    lead, *others = columns
    drawn = []
    for row in here:
        head = escape(lead.cell(viewer, lead.values.iloc[row]))
        if listing.link is None:
            head = f"<b>{head}</b>"
        else:
            where = escape(listing.link(str(listing.ids.iloc[row])), quote=True)
            head = f'<a href="{where}" target="_self">{head}</a>'
        facts = "".join(
            f"<div><span>{escape(column.head)}</span> "
            f"{escape(column.cell(viewer, column.values.iloc[row]))}</div>"
            for column in others
        )
        drawn.append(f"<li>{head}{facts}</li>")
    st.html(f'<ul class="zj-blocks">{"".join(drawn)}</ul>')


def _choose(viewer: Viewer, listing: Listing, can_choose: bool) -> Choice:
    """The widgets above a list; what they say goes into the address."""
    name, t = listing.name, viewer.t

    def said(what: str, usual: str = "") -> str:
        return _asked(listing, what, usual)

    liked = _liked(viewer, name)
    cuts = [column for column in listing.columns if column.is_cut]
    is_cut = any(said(key) for key in ("sort", "down", "cols", *(c.name for c in cuts)))
    is_read = len(listing.ids) <= FEW and not (is_cut or said("find") or liked.columns)
    wide = [3] * bool(listing.masks) + [3, 2]
    boxes = iter(st.columns(wide) if listing.masks or not is_read else ())
    given: dict[str, str] = {}
    if listing.masks:
        given["show"] = _select(
            next(boxes), name, "show", t("lists.show"), list(listing.masks),
            said("show", listing.first_mask), listing.mask_word,
        )  # fmt: skip
    if is_read:
        several = _several(viewer, listing, can_choose)
        return _kept(listing, Choice(given.get("show", ""), several=several))
    find, page = boxes
    given["find"] = _text(find, name, t("lists.find"), said("find"))
    sorts = [column for column in listing.columns if column.is_sorted]
    # a phone shows the list before the ways to cut it
    more = st.expander(t("lists.more"), expanded=is_cut)
    places = iter(more.columns(len(cuts) + 1) if cuts else [more])
    cut_by = tuple((column.name, _cut(next(places), viewer, listing, column)) for column in cuts)
    order = next(places)
    names = [*([] if listing.sort else [""]), *(column.name for column in sorts)]
    heads = {column.name: column.head for column in listing.columns} | {"": t("lists.as_it_comes")}
    given["sort"] = _select(
        order, name, "sort", t("lists.sort"), names, said("sort", listing.sort),
        lambda value: heads[value],
    )  # fmt: skip
    left, middle, right = more.columns([4, 1, 1], vertical_alignment="bottom")
    given["cols"] = _cols(left, viewer, listing, liked)
    given["per"] = _per(middle, viewer, listing, liked)
    _remember(viewer, name, given)
    given["down"] = _tick(right, name, "down", t("lists.down"), said("down"))
    given["several"] = _several(viewer, listing, can_choose)
    choice = Choice(**given, cuts=cut_by)
    pages = max(1, -(-len(rows_of(listing, choice)) // int(choice.per or PAGE)))
    number = _page(page, viewer, listing, pages)
    return _kept(listing, Choice(**given, cuts=cut_by, page=str(number)))


def _asked(listing: Listing, what: str, usual: str = "") -> str:
    """What the address says of a list."""
    return str(st.query_params.get(listing.said(what), usual))


def _start(key: str, value: object) -> None:
    """What a widget shows first: the address speaks until the widget was touched."""
    st.session_state.setdefault(key, value)


def _select(
    box: Any, name: str, what: str, label: str, options: Sequence[str], value: str,
    word: Callable[[str], str],
) -> str:  # fmt: skip
    key = f"{name}_{what}"
    _start(key, value)
    said = st.session_state[key]
    # said anew each time: a browser keeps the words of its choice, and a number in them moves on
    st.session_state[key] = said if said in options else options[0]
    return str(
        box.selectbox(
            label, options, key=key, format_func=word, on_change=_first_page, args=(name,)
        )
    )


def _cut(box: Any, viewer: Viewer, listing: Listing, column: Column) -> str:
    ids = sorted({str(v) for v in column.values.dropna().unique()} - {"nan", ""}, key=column.said)
    return _select(
        box, listing.name, column.name, column.head, ["", *ids], _asked(listing, column.name),
        lambda value: column.said(value) if value else viewer.t("lists.any"),
    )  # fmt: skip


def _text(box: Any, name: str, label: str, value: str) -> str:
    _start(f"{name}_find", value)
    said = box.text_input(
        label, key=f"{name}_find", max_chars=40, on_change=_first_page, args=(name,)
    )
    return str(said).strip()


def _tick(box: Any, name: str, what: str, label: str, value: str, is_toggle: bool = False) -> str:
    _start(f"{name}_{what}", value == "1")
    draw_it = box.toggle if is_toggle else box.checkbox
    is_on = draw_it(label, key=f"{name}_{what}", on_change=_first_page, args=(name,))
    return "1" if is_on else ""


def _liked(viewer: Viewer, name: str) -> ListView:
    """How the account likes this list, read once in a session."""
    key = f"{name}_liked"
    if key not in st.session_state:
        st.session_state[key] = view_of(state.db(), viewer.scope, name)
    liked: ListView = st.session_state[key]
    return liked


def _remember(viewer: Viewer, name: str, given: dict[str, str]) -> None:
    """Columns and rows somebody set by hand stay with the account; those of a link that was handed
    to them do not."""
    if not st.session_state.pop(f"{name}_touched", False):
        return
    columns = tuple(given["cols"].split(".")) if given["cols"] else ()
    liked = ListView(columns, int(given["per"]) if given["per"] else None)
    if liked != st.session_state[f"{name}_liked"]:
        keep_view(state.db(), viewer.scope, name, liked)
        st.session_state[f"{name}_liked"] = liked


def _touched(name: str) -> None:
    st.session_state[f"{name}_touched"] = True


def _cols(box: Any, viewer: Viewer, listing: Listing, liked: ListView) -> str:
    """Which columns, in which order; "" = all as they come. They stay with the account."""
    heads = {column.name: column.head for column in listing.columns[1:]}
    last = last_choice(listing.name).get("cols", ".".join(liked.columns))
    chosen = _asked(listing, "cols", last).split(".")
    _start(f"{listing.name}_cols", [name for name in chosen if name in heads] or list(heads))
    found = box.multiselect(
        viewer.t("lists.columns"), list(heads), key=f"{listing.name}_cols",
        format_func=lambda name: heads[name], placeholder=viewer.t("lists.columns_none"),
        on_change=_touched, args=(listing.name,),
    )  # fmt: skip
    return "" if list(found) in ([], list(heads)) else ".".join(found)


def _per(box: Any, viewer: Viewer, listing: Listing, liked: ListView) -> str:
    """How many rows a page has; "" = the usual. They stay with the account."""
    name, usual = listing.name, liked.page_rows or PAGE
    key = f"{name}_per"
    asked = _asked(listing, "per", last_choice(name).get("per", str(usual)))
    _start(key, int(asked) if asked.isdecimal() else usual)
    sizes = sorted({PAGE, *SIZES})
    if st.session_state[key] not in sizes:
        st.session_state[key] = PAGE
    found = box.selectbox(
        viewer.t("lists.per"), sizes, key=key, format_func=viewer.number, on_change=_sized,
        args=(name,),
    )  # fmt: skip
    return "" if found == PAGE else str(found)


def _sized(name: str) -> None:
    _first_page(name)
    _touched(name)


def _page(box: Any, viewer: Viewer, listing: Listing, pages: int) -> int:
    asked = _asked(listing, "page", "1")
    key = f"{listing.name}_page"
    _start(key, int(asked) if asked.isdecimal() else 1)
    st.session_state[key] = min(max(1, int(st.session_state[key])), pages)
    label = viewer.t("lists.page", pages=viewer.number(pages))
    return int(box.number_input(label, 1, pages, step=1, key=key))


def _first_page(name: str) -> None:
    st.session_state[f"{name}_page"] = 1


def _several(viewer: Viewer, listing: Listing, can_choose: bool) -> str:
    if not can_choose:
        return ""
    label, asked = viewer.t("lists.several"), _asked(listing, "several")
    return _tick(st, listing.name, "several", label, asked, is_toggle=True)


def _kept(listing: Listing, choice: Choice) -> Choice:
    """The choice, which is in the address from now on."""
    said = choice.to_address(listing)
    st.session_state[f"{listing.name}_address"] = said
    cuts = (column.name for column in listing.columns if column.is_cut)
    for name in (*CHOSEN, *cuts):
        address.keep(listing.said(name), said.get(name, ""))
    return choice


OPEN = "open"
"""The row that lies open beneath its list, in the address."""


def opened(shown: Shown | None) -> str | None:
    """The row picked now, else the one the address names; it stays in the address."""
    if shown is not None and shown.picked is not None:
        keep_open(shown.picked)
    return st.query_params.get(OPEN)


def keep_open(row_id: str) -> None:
    """This row lies open until another is picked; "" = none any more."""
    address.keep(OPEN, row_id)


def open_link(viewer: Viewer, row_id: str, **chosen: str) -> str:
    """The address of this page with a row open, and what else was chosen beside the list."""
    return "?" + urlencode({"lang": viewer.language, OPEN: row_id, **chosen})
