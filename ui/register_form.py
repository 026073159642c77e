"""The form for one case: each field with what is wrong beside it; nothing typed is lost.

Widgets carry the form's number in their keys: the next case begins with an empty form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from html import escape
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from data.categories import Category
from data.errors import RowProblem
from data.fields import BY_NAME, FIELDS, POINT, YES, by_header
from data.record import register
from data.rows import check_rows
from service.recent_waits import read_ahead

from . import load, state
from .guard import Viewer
from .register_known import known, places, recent, slip_facts

MOST_SUGGESTED = 5
NUMBER = "register_number"
PROBLEMS = "register_problems"
DONE = "register_done"
"""Session keys: which form this is, what was wrong with it, the slips that were just made."""


def one_case(viewer: Viewer) -> None:
    """Draw the form; store the case when it is right."""
    read_ahead(state.db())
    link, words = f"phone?lang={viewer.language}", escape(viewer.t("phone.link"))
    st.html(f'<p><a class="zj-way" href="{link}" target="_self">{words}</a></p>')
    problems: list[RowProblem] = st.session_state.get(PROBLEMS, [])
    if problems:
        st.error(viewer.t("register.form.wrong", count=len(problems)))
    form = _Form(viewer, problems)
    values = form.draw()
    if st.button(viewer.t("register.form.button"), type="primary", key=form.key("submit")):
        _submit(viewer, values)
        st.rerun()


def next_case() -> None:
    """Forget the slip and begin an empty form."""
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    for key in (PROBLEMS, DONE):
        st.session_state.pop(key, None)


def _submit(viewer: Viewer, values: dict[str, str]) -> None:
    language = viewer.language
    frame = pd.DataFrame([{f.header(language): values.get(f.name, "") for f in FIELDS}], index=[1])
    checked = check_rows(
        frame.astype("str"), known(viewer), state.db().now(), viewer.county.zone,
        is_file=False, language=language,
    )  # fmt: skip
    st.session_state[PROBLEMS] = checked.problems
    if checked.problems:
        return
    case = checked.good[0]
    done = register(state.db(), viewer.scope, case)
    facts = None if done.slip is None else slip_facts(viewer, done.slip)
    st.session_state[DONE] = (facts, checked.notes, done.is_repeat)


class _Form:
    """The fields of one form and the problems that stand beside them."""

    def __init__(self, viewer: Viewer, problems: list[RowProblem]) -> None:
        self.viewer, self.number = viewer, st.session_state.get(NUMBER, 0)
        self.problems: dict[str, list[RowProblem]] = {}
        for problem in problems:
            found = by_header(problem.column)
            self.problems.setdefault(found.name if found else "", []).append(problem)
        self.values: dict[str, str] = {}

    def key(self, name: str) -> str:
        return f"register_{name}_{self.number}"

    def draw(self) -> dict[str, str]:
        """Every field; returns what stands in them, as texts by field name."""
        category = self.category()
        left, right = st.columns(2)
        with left:
            self.choice("kind")
            self.channel()
        with right:
            self.place(category)
            self.moment()
        self.body(category)
        self.text_area()
        with st.expander(self.say("more"), expanded=bool(self.problems.keys() & {"source_id"})):
            self.choice("procedure", category.procedure if category else None)
            self.choice("amount_band", may_be_empty=True)
            self.text("source_id")
        self.point(category)
        for problem in self.problems.get("", []):
            st.error(problem.text(self.viewer.language))
        return self.values

    def say(self, key: str, /, **values: object) -> str:
        return self.viewer.t(f"register.form.{key}", **values)

    def label(self, name: str) -> str:
        return BY_NAME[name].header(self.viewer.language)

    def help(self, name: str) -> str:
        return BY_NAME[name].meaning(self.viewer.language)

    def beside(self, name: str) -> None:
        """What is wrong with a field, under it."""
        for problem in self.problems.get(name, []):
            st.error(problem.text(self.viewer.language))

    def keep(self, name: str, value: str | None) -> None:
        self.values[name] = value or ""
        self.beside(name)

    def choice(self, name: str, usual: str | None = None, *, may_be_empty: bool = False) -> None:
        field, language = BY_NAME[name], self.viewer.language
        first = 0 if not may_be_empty and usual is None else None
        if usual in field.choices:
            first = field.choices.index(str(usual))
        chosen = st.selectbox(
            self.label(name), field.choices, index=first, help=self.help(name),
            format_func=lambda value: field.choice(value, language),
            placeholder=self.say("none"), key=self.key(f"{name}_{usual}" if usual else name),
        )  # fmt: skip
        self.keep(name, chosen)

    def category(self) -> Category | None:
        categories, language = load.categories(self.viewer), self.viewer.language
        few = st.text_input(
            self.viewer.t("phone.find"), max_chars=40, key=self.key("find"),
            help=self.viewer.t("phone.find_said"),
        )  # fmt: skip
        like = [c.category_id for c in categories.like(few)] if few else []
        if few and not like:
            st.caption(self.viewer.t("phone.none"))
        elif like:
            found = ", ".join(categories[one].names[language] for one in like[:MOST_SUGGESTED])
            st.caption(self.viewer.t("phone.first_in_list", found=found))
        others = [c.category_id for c in categories if c.category_id not in like]
        chosen = st.selectbox(
            self.label("category"), [*like, *others], index=None,
            format_func=lambda value: _category_line(categories[value], language),
            help=self.help("category"), placeholder=self.say("pick"), key=self.key("category"),
        )  # fmt: skip
        self.keep("category", chosen)
        if chosen is None:
            return None
        category = categories[chosen]
        st.caption(self.say("service", service=category.service[language]))
        return category

    def channel(self) -> None:
        """How the request came in; on somebody's behalf only with a yes to the question."""
        field, language = BY_NAME["channel"], self.viewer.language
        usual = "on_behalf" if self.viewer.scope.role == "grid_worker" else "desk"
        chosen = st.selectbox(
            self.label("channel"), field.choices, index=field.choices.index(usual),
            format_func=lambda value: field.choice(value, language), key=self.key("channel"),
        )  # fmt: skip
        self.keep("channel", chosen)
        if chosen != "on_behalf":
            return
        asked = BY_NAME["asked"]
        said = st.radio(
            self.say("asked"), asked.choices, index=None, horizontal=True, key=self.key("asked"),
            format_func=lambda value: asked.choice(value, language),
        )  # fmt: skip
        self.keep("asked", said)
        if said != YES:
            return
        ways = BY_NAME["asked_how"]
        how = st.radio(
            self.say("asked_how"), ways.choices, index=None, horizontal=True,
            key=self.key("asked_how"), format_func=lambda value: ways.choice(value, language),
        )  # fmt: skip
        self.keep("asked_how", how)

    def place(self, category: Category | None) -> None:
        """Township, then village, then grid; a family matter has no place below the township."""
        own, found = sorted(self.viewer.scope.townships), places(self.viewer)
        names = load.township_names(self.viewer)
        township = st.selectbox(
            self.label("township"), own, format_func=lambda code: str(names.get(code, code)),
            key=self.key("township"), disabled=len(own) == 1,
        )  # fmt: skip
        self.keep("township", township)
        if category is not None and category.is_place_protected:
            st.caption(self.say("no_place"))
            return
        village = self._area("village", found.villages.get(township or "", []), found.names)
        grid = self._area("grid", found.grids.get(village, []), found.names) if village else None
        self.keep("grid", grid)

    def _area(self, name: str, codes: list[str], names: Mapping[str, str]) -> str | None:
        if not codes:
            return None
        return st.selectbox(
            self.say(name), codes, index=None, format_func=names.__getitem__,
            placeholder=self.say("unknown_place"), key=self.key(f"{name}_{codes[0]}"),
        )  # fmt: skip

    def point(self, category: Category | None) -> None:
        """A point instead of a grid: it names its system, finds the grid and is forgotten."""
        if category is not None and category.is_place_protected:
            return
        names = (*POINT, "coordinate_system")
        head = self.viewer.t("placing.form.head")
        with st.expander(head, expanded=bool(self.problems.keys() & set(names))):
            st.caption(self.viewer.t("placing.form.said"))
            for name, column in zip(POINT, st.columns(2), strict=True):
                with column:
                    self.text(name)
            self.choice("coordinate_system", may_be_empty=True)

    def moment(self) -> None:
        now = state.db().now().astimezone(ZoneInfo(self.viewer.county.zone))
        date, clock = st.columns(2)
        day = date.date_input(
            self.label("opened_at"), value=now.date(), max_value=now.date(),
            format="YYYY-MM-DD", help=self.help("opened_at"), key=self.key("day"),
        )  # fmt: skip
        at = clock.time_input(
            self.say("time"), value=now.time().replace(second=0, microsecond=0),
            step=dt.timedelta(minutes=5), key=self.key("time"),
        )  # fmt: skip
        self.keep("opened_at", f"{day} {at:%H:%M}" if day and at else "")

    def body(self, category: Category | None) -> None:
        """Who owes the answer: proposed is the body to which such cases usually go."""
        bodies, names = list(load.bodies(self.viewer)["body_id"]), load.body_names(self.viewer)
        usual = self.usual_body(category)
        chosen = st.selectbox(
            self.label("body"), bodies, index=bodies.index(usual) if usual in bodies else None,
            format_func=lambda code: str(names.get(code, code)), help=self.help("body"),
            placeholder=self.say("pick"), key=self.key(f"body_{usual}"),
        )  # fmt: skip
        self.keep("body", chosen)

    def usual_body(self, category: Category | None) -> str | None:
        if category is None:
            return None
        usual = recent(self.viewer, category.category_id).usual_body_id
        bodies = load.bodies(self.viewer).set_index("body_id")
        # a matter that township offices settle goes to this one, not to the busiest
        if usual in bodies.index and bodies.at[usual, "kind"] == "township_office":
            return self.viewer.scope.desk
        return usual

    def text_area(self) -> None:
        said = st.text_area(
            self.label("summary"), help=self.help("summary"), height=140,
            max_chars=BY_NAME["summary"].most, key=self.key("summary"),
        )  # fmt: skip
        st.caption(self.say("no_persons"))
        self.keep("summary", said)

    def text(self, name: str) -> None:
        said = st.text_input(
            self.label(name),
            max_chars=BY_NAME[name].most or 40,
            help=self.help(name),
            key=self.key(name),
        )
        self.keep(name, said)


def _category_line(category: Category, language: str) -> str:
    domain = BY_NAME["domain"].choice(category.domain, language)
    return f"{domain} · {category.names[language]}"
