"""Equal service on screen: the questions in plain words, funnel, curves, and what is too few."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import streamlit as st

from data.vocabulary import CHANNELS
from reports.equal_service import Against, Comparison, compare
from reports.indicators import Window
from reports.monthly_charts import funnel
from reports.office_charts import waiting_chart
from reports.office_lines import Filters
from reports.rates import FEWEST
from reports.waiting import quantile_days, survival

from . import indicators, load, parts
from .guard import Viewer

COMPARED = ("township", "channel", "category")
FEWEST_DRAWN = 3
"""A funnel of fewer groups says nothing that the table does not."""


def strata(viewer: Viewer, window: Window) -> pd.DataFrame:
    """The cases due in a window, one row each (`reports.monthly.strata_of`)."""
    return indicators.figures(viewer, window, Filters()).strata


def choose(viewer: Viewer) -> str:
    """What is compared; kept in the address."""
    kept = st.query_params.get("by", COMPARED[0])
    st.session_state.setdefault("equal_by", kept if kept in COMPARED else COMPARED[0])
    by = st.segmented_control(
        viewer.t("indicators.equal.by"), COMPARED, key="equal_by", required=True,
        format_func=lambda name: viewer.t(f"indicators.equal.{name}"),
    ) or COMPARED[0]  # fmt: skip
    if st.query_params.get("by") != by:
        st.query_params["by"] = by
    return by


def names(viewer: Viewer, by: str) -> dict[str, str]:
    """Names of the groups in their fixed order, by id."""
    if by == "township":
        return {str(one): str(name) for one, name in load.township_names(viewer).items()}
    if by == "channel":
        return {one: viewer.t(f"words.channel.{one}") for one in CHANNELS}
    return indicators.names(viewer, by)


def compared(rows: pd.DataFrame, by: str, known: dict[str, str]) -> tuple[Comparison, list[str]]:
    """The comparison of all groups with ten answers due or more, and the ids of those with fewer.

    Groups with fewer are part of what is expected and stand in no row.
    """
    due = rows.groupby(by, observed=True)["due"].sum() if len(rows) else pd.Series(dtype="int64")
    order = [*known, *sorted(set(due.index) - set(known))]
    few = [one for one in order if 0 < due.get(one, 0) < FEWEST]
    return compare(rows, by, [one for one in order if due.get(one, 0) >= FEWEST]), few


def questions(viewer: Viewer, found: Comparison, few: list[str], known: dict[str, str]) -> None:
    """What the office is asked, sentence by sentence; or that there is nothing, and why."""
    said = [line for row in found.rows for line in _asked(viewer, row, known)]
    if not found.rows:
        parts.note(viewer.t("indicators.equal.nothing"))
    else:
        parts.lines(said or [viewer.t("indicators.equal.none", count=len(found.rows))])
    comma = viewer.t("indicators.equal.comma")
    if few:
        called = comma.join(known.get(one, one) for one in few)
        parts.note(viewer.t("indicators.equal.few", names=called))
    zero = [name for one, name in known.items() if one not in {r.group for r in found.rows}
            and one not in few]  # fmt: skip
    if zero and found.rows:
        parts.note(viewer.t("indicators.equal.zero", names=comma.join(zero)))


def _asked(viewer: Viewer, row: Against, known: dict[str, str]) -> list[str]:
    name, said = known.get(row.group, row.group), []
    if row.is_question:
        more = "more" if row.ratio > 1 else "less"
        said.append(
            viewer.t(
                f"indicators.equal.late_{more}", name=name,
                expected=viewer.number(row.expected, 1), late=viewer.number(row.late),
                ratio=viewer.number(row.ratio, 2), low=viewer.number(row.low, 2),
                high=viewer.number(row.high, 2),
            )
        )  # fmt: skip
    if row.is_time_question:
        days, rest = row.days, row.rest_days
        way = "other"
        if days is not None and rest is not None and round(days) != round(rest):
            way = "slower" if days > rest else "quicker"
        said.append(
            viewer.t(
                f"indicators.equal.time_{way}", name=name, days=viewer.number(days),
                rest=viewer.number(rest),
            )
        )  # fmt: skip
    return said


def funnel_of(viewer: Viewer, found: Comparison, known: dict[str, str]) -> None:
    """The funnel plot of at least three groups."""
    if len(found.rows) < FEWEST_DRAWN:
        return
    rows = [asdict(row) | {"question": row.is_question} for row in found.rows]
    count = sum(row.is_question for row in found.rows)
    which = "some" if count else "none"
    finding = viewer.t(f"indicators.equal.funnel_{which}", count=count, shown=len(rows))
    what = viewer.t("indicators.equal.funnel_what")
    indicators.chart(funnel(rows, found.dispersion, known, finding, what, viewer.language))
    if found.dispersion > 1:
        times = viewer.number(found.dispersion, 1)
        parts.note(viewer.t("indicators.equal.dispersion", times=times))


def curves(
    viewer: Viewer, rows: pd.DataFrame, by: str, found: Comparison, known: dict[str, str]
) -> None:
    """One group's waiting times against all others', the group asked about first."""
    groups = [row.group for row in found.rows]
    asked = [row.group for row in found.rows if row.is_time_question or row.is_question]
    group = st.selectbox(
        viewer.t("indicators.equal.curve_of"), groups, key=f"equal_curve_{by}",
        index=groups.index(asked[0]) if asked else 0, format_func=lambda one: known.get(one, one),
    )  # fmt: skip
    waits = rows[rows["days"] >= 0]
    inside = waits[by] == group
    sides = [waits[inside], waits[~inside]]
    if min(len(side) for side in sides) < FEWEST:
        parts.note(viewer.t("indicators.equal.curve_none"))
        return
    name = known.get(group, group)
    half = [quantile_days(side["days"], side["is_ended"], 0.5) for side in sides]
    key = "curve_open" if None in half else "curve"
    finding = viewer.t(
        f"indicators.equal.{key}", name=name, days=viewer.number(half[0]),
        rest=viewer.number(half[1]),
    )  # fmt: skip
    named = zip((name, viewer.t("indicators.equal.rest")), sides, strict=True)
    made = waiting_chart(
        [(called, *survival(side["days"], side["is_ended"])) for called, side in named],
        finding, viewer.t("indicators.equal.curve_what"), viewer.language,
    )  # fmt: skip
    if made is not None:
        indicators.chart(made)


def table(viewer: Viewer, found: Comparison, known: dict[str, str]) -> None:
    """Every comparison in numbers, in the fixed order of the groups."""
    heads = [viewer.t("indicators.equal.group")]
    columns = ("due", "late", "expected", "ratio", "days", "question")
    heads += [viewer.t(f"figures.column.{name}") for name in columns]
    lines = []
    for row in found.rows:
        interval = f"{viewer.number(row.low, 2)}–{viewer.number(row.high, 2)}"
        asked = {(False, False): "none", (True, False): "late", (False, True): "time"}
        word = asked.get((row.is_question, row.is_time_question), "both")
        days = viewer.t(
            "figures.days_elsewhere", days=viewer.number(row.days),
            rest=viewer.number(row.rest_days),
        )  # fmt: skip
        lines.append([
            known.get(row.group, row.group), viewer.number(row.due), viewer.number(row.late),
            viewer.number(row.expected, 1), f"{viewer.number(row.ratio, 2)} [{interval}]", days,
            viewer.t(f"figures.question.{word}"),
        ])  # fmt: skip
    about = ("due", "late_against_expected", "time_against_rest", "question")
    parts.table(heads, lines, stacks=True, about=about)
