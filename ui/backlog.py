"""The backlog page: how much there is and how old, what came of the plans, the list by plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data.audit import write_export
from data.vocabulary import PLAN_LEVELS
from reports import backlog as counted
from reports.backlog import AGES, PARTS, age_bands
from reports.charts import Chart, Series
from reports.covering import cover_list
from reports.figures_book import Cell, Sheet, book
from reports.indicators import backlog
from reports.monthly import COUNTY
from reports.monthly_page import HIDDEN
from reports.rates import Rate
from service import plans as served
from service.rules import rules_of
from wording import formats

from . import badges, chart, lists, load, parts, state
from .assignments import moment
from .chart import XLSX
from .guard import Viewer
from .lately import leaving
from .listing import Column, Listing

_COLUMNS = ("case_id", "age_days", "state", "due_on", "post", "next_step", "category",
            "extended_days")  # fmt: skip


@dataclass(frozen=True)
class County:
    """The county's backlog: ages (whole days) and bodies of the open cases, by one index; what
    came of the planned ones."""

    ages: pd.Series
    bodies: pd.Series
    planned: served.PlanFigures

    @property
    def is_empty(self) -> bool:
        """Whether there is no backlog and never was a plan."""
        return self.ages.empty and self.planned.parts.dropna().empty

    @property
    def open_planned(self) -> pd.Series:
        """Body of each planned case that is open."""
        return self.planned.labels.loc[(self.planned.parts == "open").to_numpy(bool), "body"]


def county(viewer: Viewer) -> County:
    """The county's figures, without a case's identity.

    Raises:
        NotAllowed: a role that does not see them.
    """
    db, now = state.db(), load.figures(viewer)
    zone, packs = viewer.county.zone, rules_of(db).packs
    found = backlog(now.cases, now.table.events, now.standing, viewer.as_of, zone, packs)
    is_old = found["is_backlog"]
    inside = {one.category_id: str(one.domain) for one in load.categories(viewer)}
    planned = served.figures(db, viewer.scope, moment(viewer), inside)
    owing = now.standing.loc[is_old, "owing_body_id"].astype("object")
    return County(found.loc[is_old, "age_days"], owing, planned)


def listed(viewer: Viewer) -> pd.DataFrame:
    """The backlog cases this viewer owes or supervises (`service.plans.listed`)."""
    return served.listed(state.db(), viewer.scope, load.ledger(viewer), moment(viewer))


def county_boxes(viewer: Viewer, found: County) -> None:
    """How many, how many without a plan, cleared ÷ assigned."""
    count, bare = len(found.ages), max(0, len(found.ages) - len(found.open_planned))
    t = viewer.t
    parts.figures_row(
        [
            parts.Figure(
                t("backlog.page.count"),
                viewer.number(count),
                _oldest(viewer, found.ages),
                "backlog",
            ),
            parts.Figure(t("backlog.page.no_plan"), viewer.number(bare), about="no_plan"),
            parts.rate_figure(viewer, t("backlog.page.cleared"), found.planned.rate, "cleared"),
        ]
    )


def own_boxes(viewer: Viewer, rows: pd.DataFrame) -> None:
    """The same of the cases a body owes; nothing is compared."""
    t, of = viewer.t, rows["state"].value_counts()
    oldest = _oldest(viewer, rows["age_days"])
    parts.figures_row(
        [
            parts.Figure(t("backlog.page.count"), viewer.number(len(rows)), oldest, "backlog"),
            parts.Figure(
                t("backlog.page.no_plan"), viewer.number(int(of.get("none", 0))), about="no_plan"
            ),
            parts.Figure(
                t("backlog.page.passed"),
                viewer.number(int(of.get("date_passed", 0))),
                about="plan_passed",
            ),
        ]
    )


def _oldest(viewer: Viewer, ages: pd.Series) -> str:
    return viewer.t("backlog.page.oldest", days=viewer.number(int(ages.max()))) if len(ages) else ""


def ages(viewer: Viewer, age_days: pd.Series) -> None:
    """How long the open ones have waited, in bands."""
    bands, t = age_bands(age_days), viewer.t
    if not bands.sum():
        return
    shown, whole = cover_list(bands)
    old = shown[["to_2_years", "over_2_years"]].sum(skipna=False)
    count = viewer.number(len(age_days))
    finding = t("charts.ages.covered", count=count)
    if whole is not None and not pd.isna(old):
        finding = t("charts.ages.some", count=count, old=viewer.number(int(old)))
    names = [t(f"backlog.age.{name}") for name in AGES]
    values = [None if pd.isna(one) else int(one) for one in shown]
    made = Chart(
        "bars", "backlog-ages", finding, t("charts.ages.what"), tuple(names),
        (Series(t("charts.ages.count"), tuple(values)),), t("charts.unit.age"),
        t("charts.unit.cases"),
    )  # fmt: skip
    heads = [t("charts.ages.band"), t("charts.ages.count")]
    rows = [[n, viewer.number(int(bands[a]))] for n, a in zip(names, AGES, strict=True)]
    cells = [[n, HIDDEN if v is None else v] for n, v in zip(names, values, strict=True)]
    chart.show(viewer, made, heads, rows, cells, about=("backlog_age",))


def cleared(viewer: Viewer, found: County) -> None:
    """Planned cases added up by the month of their first plan, and those of them cleared by now."""
    months = counted.by_month(
        found.planned.parts, found.planned.labels["since"], viewer.county.zone
    )
    rate, t = found.planned.rate, viewer.t
    if len(months) < 2 or rate.is_small:
        return
    key = "covered" if HIDDEN in leaving(rate) else "some"
    finding = t(
        f"charts.cleared.{key}", assigned=viewer.number(rate.denominator),
        cleared=viewer.number(rate.numerator), share=viewer.percent(rate.share),
    )  # fmt: skip
    names = [formats.month(month.to_timestamp().date(), viewer.language) for month in months.index]
    columns = ("assigned", "cleared")
    # added up, a count under three is covered, and so is a month's step that could be taken off
    kept = {one: counted.steps_to_leave(months[one]) for one in columns}
    made = Chart(
        "lines", "backlog-cleared", finding, t("charts.cleared.what"), tuple(names),
        tuple(
            Series(t(f"charts.cleared.{one}"), tuple(kept[one]))
            for one in columns
        ),
        t("charts.unit.month"), t("charts.unit.cases"),
    )  # fmt: skip
    heads = [t("charts.cleared.month"), *(t(f"charts.cleared.{one}") for one in columns)]
    rows = [
        [name, *(viewer.number(int(line[one])) for one in columns)]
        for name, (_, line) in zip(names, months.iterrows(), strict=True)
    ]
    cells: list[list[Cell]] = [
        [str(month), *(HIDDEN if kept[one][at] is None else kept[one][at] for one in columns)]
        for at, month in enumerate(months.index)
    ]
    chart.show(viewer, made, heads, rows, cells, about=("cleared",))


def by_level(viewer: Viewer, found: County) -> None:
    """What came of the planned cases, by level of the responsible post."""
    if found.planned.parts.dropna().empty:
        parts.note(viewer.t("backlog.page.none_planned"))
        return
    table = found.planned.by_level()
    names = {name: viewer.t(f"backlog.level.{name}") for name in table.index}
    parts.note(viewer.t("backlog.page.parts"))
    _parts_table(viewer, table, names, [])


def by_body(viewer: Viewer, found: County) -> None:
    """Backlog now and what came of the planned ones, by body in the fixed order of the bodies."""
    table = body_table(viewer, found)
    if table.empty:
        return
    names = load.body_names(viewer)
    _parts_table(
        viewer, table, {b: str(names.get(b, b)) for b in table.index}, ["backlog", "no_plan"]
    )


def body_table(viewer: Viewer, found: County) -> pd.DataFrame:
    """int64 on body id, in the order of the bodies: backlog, no_plan, assigned and the parts;
    bodies without any are left out."""
    order = list(load.bodies(viewer)["body_id"])
    table = found.planned.by_body(order)
    now = found.bodies.value_counts().reindex(table.index, fill_value=0)
    planned = found.open_planned.value_counts().reindex(table.index, fill_value=0)
    table.insert(0, "backlog", now.astype("int64"))
    table.insert(1, "no_plan", (now - planned).clip(lower=0).astype("int64"))
    return table[(table["backlog"] > 0) | (table["assigned"] > 0)]


def _parts_table(
    viewer: Viewer, table: pd.DataFrame, names: dict[str, str], more: list[str]
) -> None:
    columns = [*more, "assigned", *PARTS]
    heads = [viewer.t("backlog.page.group"), *(viewer.t(f"backlog.part.{n}") for n in columns)]
    heads.append(viewer.t("backlog.part.share"))
    rows = []
    for group, line in table.iterrows():
        rate = Rate(int(line["cleared"]), int(line["assigned"]))
        cells = [viewer.number(int(line[name])) for name in columns]
        rows.append([names[str(group)], *cells, parts.rate_text(viewer, rate)])
    stacks = len(rows) <= len(PLAN_LEVELS)  # blocks of thirty are no table
    parts.table(heads, rows, stacks=stacks, about=[*more, "plan_parts", "cleared"])


def listing(viewer: Viewer, rows: pd.DataFrame) -> Listing:
    """The backlog cases, the oldest first."""
    t, bodies, categories = viewer.t, load.body_names(viewer), category_names(viewer)
    rows = rows.reset_index(drop=True)
    ahead = zip(rows["next_step"], rows["next_on"], strict=True)
    made: dict[str, dict[str, Any]] = {
        "case_id": {"values": rows["case_id"], "is_found": True, "width": 140},
        "age_days": {"values": rows["age_days"], "kind": "number", "width": 90},
        "due_on": {"values": pd.Series(pd.to_datetime(rows["due_on"])), "kind": "day"},
        "state": {"values": rows["state"], "word": lambda s: badges.text(viewer, "plan", s),
                  "is_cut": True},
        "post": {"values": rows["post"], "word": lambda p: t(f"roster.post.{p}"), "is_cut": True},
        "next_step": {"values": pd.Series([_next(viewer, *one) for one in ahead], dtype="str"),
                      "is_sorted": False},
        "category": {"values": rows["category"], "word": lambda c: categories.get(c, c),
                     "is_cut": True},
        "body": {"values": rows["body_id"], "word": lambda b: str(bodies.get(b, b)),
                 "is_cut": True},
        "extended_days": {"values": rows["extended_days"], "kind": "number"},
    }  # fmt: skip
    names = list(_COLUMNS)
    if viewer.scope.role == "supervisor":
        names.insert(3, "body")
    columns = (Column(name, t(f"backlog.head.{name}"), **made[name]) for name in names)
    return Listing(
        "backlog", rows["case_id"], tuple(columns),
        link=lambda case_id: lists.open_link(viewer, case_id),
    )  # fmt: skip


def _next(viewer: Viewer, step: object, day: object) -> str:
    if not isinstance(step, str):
        return ""
    name = viewer.t(f"backlog.step.{step}")
    return viewer.t("backlog.plan.step_by", step=name, day=viewer.day(day))  # type: ignore[arg-type]


def category_names(viewer: Viewer) -> dict[str, str]:
    """Name of every category in the viewer's language, by id, in their order."""
    return {one.category_id: one.names[viewer.language] for one in load.categories(viewer)}


def download(viewer: Viewer, found: County) -> None:
    """The figures as a workbook, covered; the download is noted."""
    name = f"backlog-{viewer.today}.xlsx"
    st.download_button(
        viewer.t("backlog.page.xlsx"), partial(_file, viewer, found, name), name, XLSX,
        key="backlog_xlsx", on_click="ignore",
    )  # fmt: skip
    parts.note(viewer.t("backlog.page.file_how"))


def _file(viewer: Viewer, found: County, name: str) -> bytes:
    write_export(state.db(), viewer.scope, name)
    return figures_book(viewer, found)


def figures_book(viewer: Viewer, found: County) -> bytes:
    """What came of the plans by level and by body, and the open backlog by age; covered."""
    bodies, levels = body_table(viewer, found), found.planned.by_level()
    bare = pd.Series({"none": int(bodies["no_plan"].sum())})
    tables = {
        "level": counted.to_leave(levels, bare),
        "body": counted.to_leave(bodies, bodies["no_plan"]),
    }
    ages_now = {"age": age_bands(found.ages).to_frame("backlog")}
    shown = counted.covered(tables, counted.SPLIT)
    shown |= {"age": counted.covered(ages_now, counted.AGE_SPLIT)["age"]}
    names = {
        "level": {n: viewer.t(f"backlog.level.{n}") for n in tables["level"].index},
        "body": {b: str(n) for b, n in load.body_names(viewer).items()},
        "age": {name: viewer.t(f"backlog.age.{name}") for name in AGES},
    }
    is_whole = {
        "cleared": bool(shown[COUNTY]["cleared"]),
        "backlog": bool(counted.covered(ages_now, counted.AGE_SPLIT)[COUNTY]["backlog"]),
    }
    return book(
        [
            _sheet(viewer, by, table, shown[by][split], is_whole[split], names[by])
            for by, table, split in (
                *((by, table, "cleared") for by, table in tables.items()),
                ("age", ages_now["age"], "backlog"),
            )
        ]
    )


def _sheet(
    viewer: Viewer,
    by: str,
    table: pd.DataFrame,
    shown: frozenset[str],
    is_whole: bool,
    names: dict[str, str],
) -> Sheet:
    """A table with the county's row; a covered row has marks alone. is_whole: that one is shown."""
    notes = [
        f"{viewer.county_name} · {viewer.day(viewer.today)}", viewer.t("backlog.page.file_how"),
    ]  # fmt: skip
    if viewer.county.is_demo:
        notes.insert(0, viewer.t("figures.demo"))
    columns = list(table.columns)
    heads = [viewer.t("backlog.page.group"), *(viewer.t(f"backlog.part.{n}") for n in columns)]

    def row(name: str, line: pd.Series, is_shown: bool) -> list[Cell]:
        return [name, *(int(line[c]) if is_shown else HIDDEN for c in columns)]

    rows = [row(names.get(str(g), str(g)), line, str(g) in shown) for g, line in table.iterrows()]
    rows.append(row(viewer.county_name, table.sum(), is_whole))
    return Sheet(viewer.t(f"backlog.page.by_{by}"), notes, heads, rows)
