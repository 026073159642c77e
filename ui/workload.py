"""Workload on screen: answers due per body and week; the county's weeks to come."""

from __future__ import annotations

import pandas as pd

from reports.charts import Chart, Series
from reports.covering import SMALLEST_SHOWN, cover_list
from reports.figures_book import Cell
from reports.monthly_page import HIDDEN
from reports.workload import AHEAD, BEFORE, BodyLoad, Workload
from risk.arrivals import NEEDED, Arrivals
from service import indicators as served
from wording import formats

from . import chart, kept, load, parts, state
from .guard import Viewer


@kept.county
def found(viewer: Viewer) -> tuple[Workload, Arrivals]:
    """Both at the viewer's moment."""
    of = (state.db(), viewer.scope, load.figures(viewer), viewer.as_of)
    return served.load_of(*of), served.arrivals_of(*of)


def bodies(viewer: Viewer, made: Workload) -> None:
    """Answers due per body and week, and what the body answers in a week."""
    if not made.bodies:
        parts.note(viewer.t("workload.none"))
        return
    names = load.body_names(viewer)
    heads = [viewer.t("workload.body"), viewer.t("workload.overdue")]
    heads += [formats.short_day(day, viewer.language) for day in made.weeks]
    heads += [viewer.t(f"workload.{name}") for name in ("undecided", "pace", "weeks", "says")]
    parts.table(
        heads,
        [
            [
                str(names.get(one.body_id, one.body_id)), viewer.number(one.overdue),
                *(viewer.number(count) for count in one.due), viewer.number(one.undecided),
                _pace(viewer, one), viewer.number(one.weeks_needed, 1), _says(viewer, one),
            ]
            for one in made.bodies
        ],
        words_from=len(heads) - 1,
        stacks=True,
        about=("overdue", "due_week", "undecided", "pace", "weeks"),
    )  # fmt: skip
    parts.note(viewer.t("workload.how", ahead=AHEAD, before=BEFORE))
    if made.known_weeks < BEFORE:
        parts.note(viewer.t("workload.young", known=made.known_weeks, before=BEFORE))


def _pace(viewer: Viewer, one: BodyLoad) -> str:
    if one.median is None:
        return viewer.number(None)
    return viewer.t(
        "workload.pace_of", median=viewer.number(one.median), low=viewer.number(one.low),
        high=viewer.number(one.high),
    )  # fmt: skip


def _says(viewer: Viewer, one: BodyLoad) -> str:
    if one.median is None:
        return viewer.t("workload.unknown")
    if one.is_few:
        return viewer.t("workload.few")
    if one.is_more_than_answered:
        return viewer.t("workload.more")
    return viewer.t("workload.within")


def due(viewer: Viewer, made: Workload) -> None:
    """Answers due in the county in each of the weeks to come: the sum of the table's rows."""
    counts = pd.Series([sum(one.due[at] for one in made.bodies) for at in range(len(made.weeks))])
    if not made.bodies:
        return
    t, (shown, whole) = viewer.t, cover_list(counts.astype("int64"))
    values = [None if pd.isna(one) else int(one) for one in shown]
    finding = t("charts.due.none", weeks=len(values))
    if whole is None:
        finding = t("charts.due.few", weeks=len(values))
    elif whole:
        finding = t(
            "charts.due.more", weeks=len(values), total=viewer.number(whole),
            mean=viewer.number(whole / len(values)),
        )  # fmt: skip
    drawn = Chart(
        "bars", "due", finding, t("charts.due.what"),
        tuple(formats.short_day(day, viewer.language) for day in made.weeks),
        (Series(t("charts.due.count"), tuple(values)),),
        t("charts.unit.week"), t("charts.unit.cases"),
    )  # fmt: skip
    rows = [
        [viewer.day(day), viewer.number(int(n))] for day, n in zip(made.weeks, counts, strict=True)
    ]
    days = [day.isoformat() for day in made.weeks]
    cells = [[day, HIDDEN if n is None else n] for day, n in zip(days, values, strict=True)]
    heads = [t("charts.due.week"), t("charts.due.count")]
    chart.show(viewer, drawn, heads, rows, cells, about=("due_week",))


def arrivals(viewer: Viewer, made: Arrivals) -> None:
    """The county's weeks to come, what was served and how it did; or why nothing is said."""
    if made.why is not None:
        parts.note(viewer.t(f"workload.why_{made.why}", known=made.known_weeks, needed=NEEDED))
        return
    t = viewer.t
    past = [None if 0 < count < SMALLEST_SHOWN else count for _, count in made.past]
    gap, newest = (None,) * (len(past) - 1), past[-1]
    days = (*(day for day, _ in made.past), *made.weeks)
    drawn = Chart(
        "lines", "arrivals",
        t("workload.finding", weeks=len(made.weeks), total=viewer.number(sum(made.middle))),
        t("workload.what"), tuple(formats.short_day(day, viewer.language) for day in days),
        (
            Series(t("workload.past"), (*past, *(None,) * len(made.weeks))),
            Series(
                t("workload.middle"), (*gap, newest, *made.middle), (*gap, newest, *made.low),
                (*gap, newest, *made.high),
            ),
        ),
        t("charts.unit.week"), t("charts.unit.cases"),
    )  # fmt: skip
    ahead = list(zip(made.weeks, made.middle, made.low, made.high, strict=True))
    heads = [t(f"workload.{name}") for name in ("week_of", "middle", "range")]
    rows = [
        [viewer.day(day), viewer.number(mid), f"{viewer.number(lo)}–{viewer.number(hi)}"]
        for day, mid, lo, hi in ahead
    ]
    cells: list[list[Cell]] = [
        [day.isoformat(), round(mid), f"{lo:.0f}–{hi:.0f}"] for day, mid, lo, hi in ahead
    ]
    chart.show(viewer, drawn, heads, rows, cells, about=("arrivals",))
    parts.lines([served_sentence(viewer, made)])
    parts.note(viewer.t("workload.county_only"))


def served_sentence(viewer: Viewer, made: Arrivals) -> str:
    """Which forecast is shown, and what the backtest says of it."""
    if made.difference is None or made.loss_model is None or made.loss_naive is None:
        return viewer.t("workload.served_untested", origins=made.origins)
    low, high = made.difference
    return viewer.t(
        f"workload.served_{made.served}", model=viewer.number(made.loss_model, 2),
        naive=viewer.number(made.loss_naive, 2), low=_signed(viewer, low),
        high=_signed(viewer, high), origins=made.origins,
    )  # fmt: skip


def _signed(viewer: Viewer, value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + viewer.number(abs(value), 2)
