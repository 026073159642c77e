"""The panel of one area: the way to it, its figures with their base, what stands behind them."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from reports.area_classes import UNKNOWN
from reports.area_desks import receipts_used
from reports.area_detail import Behind, behind
from reports.area_words import class_text
from reports.areas import LAYERS
from reports.rates import Rate
from reports.roster import who
from service.roster_files import names_of
from wording.formats import day as day_text
from wording.formats import month as month_text

from . import address, area_page, kept, load, parts, state
from .guard import Viewer
from .map import Click

AREA, CLICK, MOVES, VIEW = "map_area", "map_click", "map_moves", "map_view"
"""In the session: the chosen area's code, the last click that was followed, how often an area was
chosen elsewhere than on the map, and the view that was handed on."""
RECEPTIONS_SHOWN = 3


def selected(viewer: Viewer) -> tuple[str, int]:
    """The chosen area, from the session, else from the address; the county where there is none."""
    codes = area_page.places(viewer).index
    county = str(codes[0])
    if AREA not in st.session_state:
        st.session_state[AREA] = st.query_params.get("area", county)
        st.session_state[MOVES] = 1
    code = st.session_state[AREA]
    if code not in codes:
        code = st.session_state[AREA] = county
    address.keep("area", code, county)
    return code, st.session_state[MOVES]


def follow(click: Click | None, viewer: Viewer) -> str:
    """The chosen area after the map had its say: a click is followed once."""
    if click is not None and st.session_state.get(CLICK, 0) < click.number:
        st.session_state[CLICK] = click.number
        st.session_state[AREA] = click.code
        st.session_state[VIEW] = click.view
    return selected(viewer)[0]


def _go(code: str) -> None:
    st.session_state[AREA] = code
    st.session_state[MOVES] += 1
    st.session_state[VIEW] = None


def breadcrumb(viewer: Viewer, code: str) -> None:
    """The way from the county to the area; each step but the last leads back there."""
    areas = area_page.places(viewer)
    path, at = [], code
    while isinstance(at, str):
        path.append(at)
        at = areas["parent_code"][at]
    with st.container(horizontal=True, gap="small"):
        for step in reversed(path):
            name = str(areas[viewer.name_column][step])
            st.button(
                name, key=f"map_to_{step}", type="tertiary", disabled=step == code, on_click=_go,
                args=(step,),
            )  # fmt: skip


def panel(viewer: Viewer, code: str) -> None:
    """The area's figures of every kind with what they rest on, and what stands behind them."""
    areas = area_page.places(viewer)
    names = areas[viewer.name_column]
    breadcrumb(viewer, code)
    boxes, enclosing, is_approximate = [], set(), False
    for layer in LAYERS:
        found = area_page.figures(viewer, layer)
        cut = area_page.classes(found, layer)
        row = next(found.loc[[code]].itertuples())
        base = area_page.base_text(viewer, row)
        value = area_page.value_text(viewer, layer, row, cut.digits[code], cut)
        note = viewer.t("ui.map.base", base=base) if row.state == "shown" else ""
        if isinstance(row.shown_code, str) and row.shown_code != code:
            enclosing.add(str(row.shown_code))
            note += viewer.t("map.page.of", area=names[row.shown_code])
        is_approximate |= bool(row.is_approximate)
        boxes.append(parts.Figure(viewer.t(f"map.layer.{layer}"), value, note, f"area_{layer}"))
    parts.figures_row(boxes)
    if enclosing:
        parts.note(viewer.t("map.page.enclosing"))
    if is_approximate:
        parts.note(viewer.t("areas.map.approximate"))
    _desk(viewer, code, str(areas["level"][code]))
    _behind(viewer, code, names)


def _desk(viewer: Viewer, code: str, level: str) -> None:
    """What is of the office of an area at the protection level: filing, receipts, receptions."""
    if level != viewer.county.protection_level:
        return
    said = []
    for layer in ("longer_wait", "filing"):
        found = area_page.figures(viewer, layer)
        cut = area_page.classes(found, layer)
        if cut.digits[code] != UNKNOWN:
            words = class_text(cut, cut.digits[code], layer, viewer.language)
            said.append(f"{viewer.t(f'map.layer.{layer}')}: {words}")
    bodies = load.bodies(viewer)
    desks = sorted(bodies.loc[bodies["township_code"] == code, "body_id"])
    if desks and viewer.county.kind != "open_data":
        rate = _receipts(viewer, tuple(desks))
        share, note = parts.rate_text(viewer, rate), parts.rate_note(viewer, rate)
        said.append(viewer.t("map.page.receipts", share=share, note=note))
    lines = area_page.receptions(viewer).get(code, [])
    known = names_of(state.db(), viewer.scope)
    for line in lines[:RECEPTIONS_SHOWN]:
        day = day_text(line.day, viewer.language, weekday=True)
        post = who(line, known, viewer.language)
        said.append(
            viewer.t("map.page.reception", day=day, starts=line.starts, who=post, place=line.place)
        )
    if len(lines) > RECEPTIONS_SHOWN:
        left = viewer.number(len(lines) - RECEPTIONS_SHOWN)
        said.append(viewer.t("map.page.receptions_more", count=left))
    parts.lines(said)
    parts.about("area_longer_wait", "area_filing", "area_used", "area_receptions")


@kept.county
def _receipts(viewer: Viewer, desks: tuple[str, ...]) -> Rate:
    now = load.figures(viewer)
    return receipts_used(
        now.table.cases,
        now.table.events,
        now.standing,
        list(desks),
        viewer.today,
        viewer.county.zone,
    )


@kept.county
def _found(viewer: Viewer, code: str) -> Behind:
    figures, county = load.figures(viewer), viewer.county
    return behind(
        figures.table.cases, figures.standing, load.areas(viewer), county.zone,
        county.protection_level, code, viewer.today, area_page.changes(viewer),
    )  # fmt: skip


def _behind(viewer: Viewer, code: str, names: pd.Series) -> None:
    found = _found(viewer, code)
    area = str(names[found.code])
    st.html(f'<div class="zj-line"><b>{escape(viewer.t("map.page.months", area=area))}</b></div>')
    st.html(_month_bars(viewer, found))
    parts.about("area_late_share")
    if found.overdue is None:
        parts.note(viewer.t("map.page.few_open"))
        return
    known = load.body_names(viewer)
    kinds = load.categories(viewer)
    for title, rows in (
        ("bodies", [(str(known.get(one, one)), count) for one, count in found.bodies]),
        ("categories", [(kinds[one].names[viewer.language] if one in kinds else one, count)
                        for one, count in found.categories]),
    ):  # fmt: skip
        if rows:
            parts.note(viewer.t(f"map.page.{title}", area=area))
            told = [[name, viewer.number(count)] for name, count in rows if count is not None]
            if told:
                heads = [viewer.t(f"map.page.head.{title}"), viewer.t("map.page.overdue")]
                parts.table(heads, told, about=("overdue",))
            if hidden := len(rows) - len(told):
                parts.note(viewer.t("map.page.covered", count=viewer.number(hidden)))


def _month_bars(viewer: Viewer, found: Behind) -> str:
    """Twelve months as bars from 0 to 100 %, each with its figures in words; hatched where few."""
    bars = []
    for first, rate in found.months:
        share = None if rate.is_small else rate.share
        month = month_text(first, viewer.language)
        said = escape(viewer.t("map.page.month", month=month, text=_month_text(viewer, rate)))
        kind = "" if share is not None else " few"
        bars.append(
            f'<li title="{said}"><span class="zj-sr">{said}</span>'
            f'<i class="zj-bar{kind}" style="height:{100 if share is None else share * 100:.0f}%">'
            f"</i><b>{first.month}</b></li>"
        )
    newest = found.months[-1][1]
    last = escape(viewer.t("map.page.last_month", text=_month_text(viewer, newest)))
    return f'<ol class="zj-months">{"".join(bars)}</ol><div class="zj-note">{last}</div>'


def _month_text(viewer: Viewer, rate: Rate) -> str:
    if rate.share is None or rate.is_small:
        return parts.rate_text(viewer, rate)
    return f"{parts.rate_text(viewer, rate)} ({parts.rate_note(viewer, rate)})"
