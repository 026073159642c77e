"""The likely-late page: recorded scores as a list cut by capacity, one flag at a time, and what
was measured."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from data import scores
from data.vocabulary import CONFIRM_REASONS, DISMISS_REASONS
from risk.check import MOST_PUSHED
from risk.levels import DEFAULT_CAPACITY, LEVELS
from risk.serving import MODELS
from service import likely
from service.assignments import Stood
from service.flag_fates import fate_lines, flag_fates
from service.likely import Listed
from wording.palette import ACCENT, EDGE, SOFT

from . import address, assign, assignments, badges, lists, load, parts, state
from .guard import Viewer
from .listing import Column, Listing

_METRICS = (
    "brier_skill_vs_best_record", "log_score", "average_precision", "recall_at_capacity", "ece",
)  # fmt: skip
_SHARES = frozenset({"recall_at_capacity", "average_precision", "ece"})
_SIZE, _EDGE = 240, 34
NAME = "likely"
"""The list's name, for the session."""
WAITS = ("to_confirm", "to_assign", "assigned")
"""What a case on the list may wait for."""


def read(viewer: Viewer) -> Listed:
    """The open cases with their recorded scores, as of the viewer's moment; what was decided a
    minute ago is seen at once."""
    known = None if viewer.is_earlier else state.db().now()
    return likely.listed(state.db(), viewer.scope, load.ledger(viewer), viewer.as_of, known)


def assigned(viewer: Viewer) -> dict[str, Stood]:
    """The newest assignment of each case, by case."""
    rows = sorted(assignments.read(viewer), key=lambda row: row.one.at)
    return {row.one.case_id: row for row in rows if row.one.case_id is not None}


def served_sentence(viewer: Viewer, found: Listed) -> str:
    """What the scores are: of which model, since when, or why the record is shown instead."""
    assert found.model is not None
    card = found.model.card
    name = viewer.t(f"risk.forecast.{found.model.served}")
    if found.model.served in MODELS:
        why = viewer.t("forecast.served.model", name=name)
    elif card["is_few"]:
        numbers = {key: viewer.number(card[key]) for key in ("finished", "late")}
        why = viewer.t("forecast.served.few", name=name, **numbers)
    else:
        why = viewer.t("forecast.served.record", name=name)
    when = viewer.t(
        "forecast.served.when",
        scored=viewer.moment(found.as_of),
        learnt=viewer.moment(found.model.as_of),
        waiting=viewer.number(found.waiting),
    )
    return f"{why}{when}"


def capacity(viewer: Viewer) -> int:
    """How many cases a day can be pushed; it stands in the address."""
    return address.one(
        lambda label, options, key: st.slider(label, options[0], options[-1], key=key),
        viewer.t("forecast.page.capacity"), range(1, MOST_PUSHED + 1),
        name="capacity", key="likely_capacity", usual=DEFAULT_CAPACITY,
    )  # fmt: skip


def with_levels(viewer: Viewer, found: Listed, capacity: int) -> pd.DataFrame:
    """The list with `level`, the most urgent level first, then by chance of a late answer."""
    table = found.table.assign(level=likely.cut(found.table, viewer.as_of, capacity))
    rank = table["level"].map({level.id: place for place, level in enumerate(LEVELS)})
    # overdue answers are known already: what can still be pushed comes first
    rank = rank.where(table["level"] != "overdue", len(LEVELS))
    return table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)


def figures(viewer: Viewer, found: Listed, table: pd.DataFrame, capacity: int) -> None:
    """How many cases are on each level, and what a push of so many a day would have found."""
    assert found.model is not None
    counts = table["level"].value_counts()
    boxes = [
        parts.Figure(
            f"{level.mark} {viewer.t(f'risk.level.{level.id}')}",
            viewer.number(int(counts.get(level.id, 0))),
            about="level",
        )
        for level in LEVELS
    ]
    check = found.model.card["check"]
    if check is None:
        parts.figures_row(boxes)
        parts.note(viewer.t("forecast.capacity.none"))
        return
    measured = check["by_capacity"][capacity - 1]
    boxes += [
        parts.Figure(
            viewer.t(f"forecast.capacity.{name}"),
            viewer.percent(measured[name], 0),
            _interval(viewer, measured[f"{name}_interval95"], is_share=True),
            about=name,
        )
        for name in ("recall", "precision")
    ]
    days = viewer.number(measured["warning_days"])
    about = "warning_days"
    boxes.append(parts.Figure(viewer.t("forecast.capacity.warning_days"), days, about=about))
    parts.figures_row(boxes)
    parts.note(viewer.t("forecast.capacity.note", capacity=viewer.number(capacity)))


def listing(viewer: Viewer, table: pd.DataFrame, made: dict[str, Stood]) -> Listing:
    """The open cases as lists by what is to be done, without text and place."""
    t = viewer.t
    categories, bodies = load.categories(viewer), load.body_names(viewer)
    marks = {level.id: level.mark for level in LEVELS}

    def category(name: str) -> str:
        return categories[name].names[viewer.language] if name in categories else name

    def column(name: str, values: pd.Series, **more: Any) -> Column:
        return Column(name, t(f"forecast.list.{name}"), values, **more)

    def decided(row: Any) -> str:
        if row.case_id in made:
            return badges.text(viewer, "assignment", made[row.case_id].now.state)
        if isinstance(row.decision, str):
            return badges.text(viewer, "flag", row.decision)
        return badges.text(viewer, "flag", "proposed") if isinstance(row.flag_id, str) else ""

    waits = np.array([_waits_for(row, made) for row in table.itertuples()], dtype=object)
    masks = {"all": np.ones(len(table), dtype=bool)}
    masks |= {name: waits == name for name in WAITS}

    def named(name: str) -> str:
        return f"{t(f'forecast.list.is_{name}')} {viewer.number(int(masks[name].sum()))}"

    ids = table["case_id"]
    columns = (
        column("case_id", ids, is_found=True),
        column(
            "level", table["level"], is_cut=True, is_sorted=False,
            word=lambda level: f"{marks[level]} {t(f'risk.level.{level}')}",
        ),
        column("probability", table["probability"], kind="percent"),
        column("due_on", table["due_on"], kind="day"),
        column("days_left", table["days_left"].astype("float64"), kind="number"),
        column("flag", pd.Series([decided(row) for row in table.itertuples()])),
        column("body", table["body_id"], word=lambda b: str(bodies.get(b, b)), is_cut=True),
        column("category", table["category"], word=category, is_cut=True),
    )  # fmt: skip
    return Listing(
        NAME, ids, columns, masks, named, link=lambda case_id: lists.open_link(viewer, case_id)
    )


def all_waiting(table: pd.DataFrame, made: dict[str, Stood]) -> Counter[str]:
    """How many listed cases wait for what."""
    return Counter(_waits_for(row, made) for row in table.itertuples())


def _waits_for(row: Any, made: dict[str, Stood]) -> str:
    """What a listed case waits for: a person's word on its flag, an assignment, its answer; "" =
    nothing here."""
    is_asked = row.case_id in made and made[row.case_id].now.state not in ("verified", "ended")
    if is_asked:
        return "assigned"
    if row.decision == "confirmed":
        return "to_assign"
    is_open = isinstance(row.flag_id, str) and not isinstance(row.decision, str)
    return "to_confirm" if is_open else ""


def show_opened(
    viewer: Viewer, table: pd.DataFrame, made: dict[str, Stood], case_id: str | None
) -> None:
    """The case that lies open beneath the list, where it is one of the listed."""
    found = table.index[table["case_id"] == case_id]
    if len(found):
        one_case(viewer, table.loc[found[0]], made.get(str(case_id)))


def one_case(viewer: Viewer, case: pd.Series, made: Stood | None) -> None:
    """One case: why it is flagged, the supervisor's word on it, and what was assigned."""
    st.html(f'<span class="zj-number">{escape(str(case["case_id"]))}</span>')
    if not isinstance(case["flag_id"], str):
        parts.note(viewer.t("forecast.flag.none"))
    else:
        parts.lines(likely.in_words(case["reasons"], viewer.language))
    if isinstance(case["decision"], str):
        kind = "confirm" if case["decision"] == "confirmed" else "dismiss"
        done = viewer.t(f"words.flag_event.{case['decision']}")
        why = viewer.t(f"words.{kind}_reason.{case['decision_reason']}")
        parts.note(viewer.t("forecast.flag.decided", decision=done, reason=why))
    if made is not None:
        with st.container(border=True):
            assignments.show(viewer, made)
    if viewer.is_earlier:
        return
    is_closed = made is None or made.now.state in ("verified", "ended")
    if case["decision"] == "confirmed" and is_closed:
        assign.on_flag(viewer, str(case["decided_flag_id"]), str(case["case_id"]))
    if not isinstance(case["flag_id"], str):
        return
    if case["decision"] == "confirmed":
        with st.expander(viewer.t("forecast.flag.another_word")):
            _words(viewer, case)
    else:
        _words(viewer, case)


def _words(viewer: Viewer, case: pd.Series) -> None:
    _decision(viewer, case, "confirmed", "confirm", CONFIRM_REASONS)
    _decision(viewer, case, "dismissed", "dismiss", DISMISS_REASONS)
    parts.note(viewer.t("forecast.flag.what_it_does"))


def _decision(
    viewer: Viewer, case: pd.Series, decision: str, kind: str, reasons: tuple[str, ...]
) -> None:
    """A reason from the list and its button; nothing is preset."""
    flag_id = str(case["flag_id"])
    reason_at, button_at = st.columns([4, 1], vertical_alignment="bottom")
    reason = reason_at.selectbox(
        viewer.t(f"forecast.flag.{kind}_reason"), reasons, index=None,
        key=f"likely_{kind}_{flag_id}",
        format_func=lambda code: viewer.t(f"words.{kind}_reason.{code}"),
        placeholder=viewer.t("forecast.flag.choose"),
    )  # fmt: skip
    if button_at.button(
        viewer.t(f"forecast.flag.{kind}"), key=f"likely_{kind}_button_{flag_id}", width="stretch",
        disabled=reason is None,
    ) and reason is not None:  # fmt: skip
        scores.decide(state.db(), viewer.scope, flag_id, decision, reason)
        lists.keep_open(str(case["case_id"]))
        parts.say_after_rerun(viewer.t(f"forecast.flag.{decision}"))


def account(viewer: Viewer, found: Listed) -> None:
    """What was measured: models beside records with intervals, and the reliability diagram."""
    assert found.model is not None
    card = found.model.card
    check = card["check"]
    model = {"version": found.model.model_version, "code": found.model.code_version}
    if check is None:
        parts.note(viewer.t("forecast.account.none"))
        parts.note(viewer.t("forecast.account.model", **model))
        return
    parts.note(
        viewer.t(
            f"forecast.account.{check['kind']}",
            first=viewer.day(dt.date.fromisoformat(check["first"])),
            last=viewer.day(dt.date.fromisoformat(check["last"])),
            folds=viewer.number(check["folds"]), rows=viewer.number(check["rows"]),
            late=viewer.number(check["late"]),
        )
    )  # fmt: skip
    heads = [viewer.t("forecast.account.name")]
    heads += [viewer.t(f"forecast.account.{name}") for name in _METRICS]
    parts.table(
        heads,
        [
            [viewer.t(f"risk.forecast.{name}"), *(_metric(viewer, of, m) for m in _METRICS)]
            for name, of in check["models"].items()
        ],
        about=_METRICS,
    )
    best = viewer.t(f"risk.forecast.{check['best_record']}")
    parts.note(viewer.t("forecast.account.read_so", best=best))
    judged = viewer.t(f"risk.forecast.{check['judged']}")
    caption = viewer.t("forecast.account.reliability", judged=judged)
    # as an image: the HTML element drops drawings
    st.image(_diagram(viewer, check["reliability"]), caption=caption, alt=caption)
    parts.note(_bins_in_words(viewer, check["reliability"]))
    parts.note(viewer.t("forecast.account.model", **model))


def fates(viewer: Viewer) -> None:
    """What became of the flags: acted and not acted ones apart."""
    found = flag_fates(state.db(), viewer.scope, assignments.moment(viewer), load.ledger(viewer))
    st.header(viewer.t("assignments.fate.title"), anchor=False)
    if found.empty:
        parts.note(viewer.t("assignments.fate.none"))
        return
    names = ("fate", "cases", "due", "late", "in_time")
    parts.table(
        [viewer.t(f"assignments.fate.{name}") for name in names],
        [
            (
                viewer.t(f"assignments.fate.{line.fate}"),
                viewer.number(line.cases),
                viewer.number(line.late.denominator),
                parts.rate_text(viewer, line.late),
                parts.rate_text(viewer, line.in_time),
            )
            for line in fate_lines(found)
        ],
        about=("flag_late", "flag_in_time"),
    )
    flags, cases = viewer.number(len(found)), viewer.number(int(found["is_last"].sum()))
    parts.note(viewer.t("assignments.fate.said", flags=flags, cases=cases))


def _metric(viewer: Viewer, figures: dict[str, Any], name: str) -> str:
    is_share = name in _SHARES
    value, spread = figures[name], figures["interval95"][name]
    shown = viewer.percent(value, 1) if is_share else viewer.number(value, 3)
    return f"{shown} {_interval(viewer, spread, is_share)}".strip()


def _interval(viewer: Viewer, spread: list[float] | None, is_share: bool) -> str:
    if spread is None:
        return ""
    low, high = (viewer.percent(x, 0) if is_share else viewer.number(x, 3) for x in spread)
    return viewer.t("forecast.interval", low=low, high=high)


def _diagram(viewer: Viewer, bins: list[dict[str, Any]]) -> str:
    """Chance said against share that came late, with intervals, as a small drawing (SVG)."""

    def x(share: float) -> float:
        return _EDGE + share * _SIZE

    def y(share: float) -> float:
        return _EDGE / 2 + (1 - share) * _SIZE

    drawn = [
        f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="{EDGE}" stroke-dasharray="4 3"/>',
        f'<path d="M{x(0)} {y(1)}V{y(0)}H{x(1)}" stroke="{SOFT}" fill="none"/>',
    ]
    for one in bins:
        at, low_high = x(one["probability"]), one["interval95"]
        if low_high is not None:
            drawn.append(f'<path d="M{at} {y(low_high[0])}V{y(low_high[1])}" stroke="{ACCENT}"/>')
        drawn.append(f'<circle cx="{at}" cy="{y(one["late_share"])}" r="4" fill="{ACCENT}"/>')
    for share in (0, 0.5, 1):
        label = escape(viewer.percent(share, 0))
        drawn.append(
            f'<text x="{x(share)}" y="{y(0) + 14}" text-anchor="middle">{label}</text>'
            f'<text x="{x(0) - 4}" y="{y(share) + 4}" text-anchor="end">{label}</text>'
        )
    width, height = _SIZE + 2 * _EDGE, _SIZE + _EDGE + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="11" fill="{SOFT}">{"".join(drawn)}</svg>'
    )


def _bins_in_words(viewer: Viewer, bins: list[dict[str, Any]]) -> str:
    """The diagram for those who do not see it."""
    return viewer.t("several.separator").join(
        viewer.t(
            "forecast.account.bin",
            said=viewer.percent(one["probability"], 0),
            came=viewer.percent(one["late_share"], 0),
            count=viewer.number(one["count"]),
        )
        for one in bins
    )
