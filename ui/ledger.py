"""The ledger (台账) on screen: lists by state, body, clock and category, a page at a time.

No text, no place, no channel of the asker; and nothing here orders the cases by what their askers
did (DOMAIN.md §2.3, §2.4). What was chosen stands in the address, so that a list can be shared.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
import streamlit as st

from service.ledger import Ledger
from settings import ROOT

from . import load
from .guard import Viewer

SOON_DAYS = 3
"""Due within this many days: the report's list of what is pressing (DOMAIN.md §9)."""
PAGE = 50
LISTS = (
    "owed", "overdue", "very_late", "soon", "backlog", "not_solved", "undelivered", "untold",
    "objected", "in_review", "unconfirmed", "no_rule", "moved", "all",
)  # fmt: skip
"""What may be listed. A supervisor has no `undelivered` and no `all`: open cases only."""
SORTS = ("due_on", "case_id", "category", "stage", "body", "clock")
"""What a list may be ordered by. Not by round: that is what an asker did."""
ADDRESS = "ledger_address"
"""Session key: the choices of the list looked at last, to come back to it from a case."""


@dataclass(frozen=True)
class Choice:
    """Which list, cut how, in which order, which page. Empty = everything."""

    show: str = "owed"
    body: str = ""
    clock: str = ""
    category: str = ""
    sort: str = "due_on"
    down: str = ""
    find: str = ""
    page: str = "1"

    @classmethod
    def from_address(cls) -> Choice:
        """As the address says; what nobody can choose is left out by `Table`."""
        names = cls.__dataclass_fields__
        return cls(**{n: st.query_params[n] for n in names if n in st.query_params})

    def to_address(self) -> dict[str, str]:
        """The choices that differ from the usual ones."""
        usual = asdict(Choice())
        return {name: said for name, said in asdict(self).items() if said != usual[name]}


class Table:
    """A viewer's ledger as one table to choose from."""

    def __init__(self, viewer: Viewer, ledger: Ledger) -> None:
        self.viewer = viewer
        stand, marks = ledger.standing, ledger.marks
        self.cases, self.stand = ledger.cases, stand
        today = pd.Timestamp(viewer.today).to_datetime64().astype("datetime64[D]")
        due = stand["next_due_on"].to_numpy().astype("datetime64[D]")
        self.runs = ~np.isnat(due)
        self.left = np.where(self.runs, (due - today).astype(np.int64), 0)
        # a case somebody never asked for is owed to nobody once its fifteen days are over
        counted = stand["is_counted"].to_numpy()
        owed = (stand["is_open"].to_numpy() | self.runs) & counted
        reached = owed if viewer.scope.role == "supervisor" else counted
        masks = {
            "owed": owed,
            "overdue": (stand["is_overdue"] | stand["is_review_overdue"]).to_numpy(),
            "very_late": (stand["is_very_late"] | stand["is_review_very_late"]).to_numpy(),
            "soon": self.runs & (self.left >= 0) & (self.left <= SOON_DAYS),
            "not_solved": stand["is_not_solved"].to_numpy(),
            "unconfirmed": ~ledger.cases["is_confirmed"].to_numpy(),
            "all": np.ones(len(stand), dtype=bool),
        }
        masks |= {n: marks[f"is_{n}"].to_numpy() for n in LISTS if f"is_{n}" in marks}
        names = [n for n in LISTS if viewer.scope.role != "supervisor" or n not in _CLERKS_ONLY]
        self.masks = {name: masks[name] & reached for name in names}

    def count(self, name: str) -> int:
        """How many cases a list has."""
        return int(self.masks[name].sum())

    @property
    def is_empty(self) -> bool:
        """Whether no list has a case."""
        return not any(mask.any() for mask in self.masks.values())

    def chosen(self, choice: Choice) -> np.ndarray:
        """The rows of a list in order, as positions."""
        keep = self.masks[choice.show if choice.show in self.masks else "owed"].copy()
        given = (("body", self.bodies), ("clock", self.clocks), ("category", self.categories))
        for name, values in given:
            if wanted := getattr(choice, name):
                keep &= (values == wanted).to_numpy(bool, na_value=False)
        if choice.find:
            keep &= self.cases["case_id"].str.contains(choice.find, regex=False).to_numpy(bool)
        rows = np.flatnonzero(keep)
        # the number breaks ties, so that pages do not overlap
        order = [self.cases["case_id"].to_numpy(object)[rows].astype("U14")]
        order.append(self._rank(choice.sort if choice.sort in SORTS else "due_on")[rows])
        found = np.lexsort(order)
        if choice.down:
            found = found[::-1]
        return rows[found]

    @property
    def bodies(self) -> pd.Series:
        """Who owes the next answer."""
        return self.stand["next_body_id"]

    @property
    def clocks(self) -> pd.Series:
        """The office's clock that ends next."""
        return self.stand["next_clock"].astype("str")

    @property
    def categories(self) -> pd.Series:
        """The category's id."""
        return self.cases["category"]

    def words(self, name: str, values: pd.Series) -> pd.Series:
        """Words of a column in the viewer's language; "" where there is none."""
        said = {v: self.word(name, str(v)) for v in values.dropna().unique()}
        return values.astype("object").map(said).fillna("").astype("str")

    def word(self, name: str, value: str) -> str:
        """One word of a column, by its id."""
        viewer = self.viewer
        if name == "category":
            known = load.categories(viewer)
            return known[value].names[viewer.language] if value in known else value
        if name == "body":
            return str(load.body_names(viewer).get(value, value))
        return viewer.t(
            {"stage": "words.stage.{}", "clock": "casework.clock.{}"}[name].format(value)
        )

    def _rank(self, name: str) -> np.ndarray:
        """Each row's place in an order by this column: by day, or by the words read."""
        if name == "due_on":
            due = self.stand["next_due_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
            return np.where(self.runs, due, np.iinfo(np.int64).max)
        if name == "case_id":
            return np.zeros(len(self.cases), dtype=np.int64)
        columns = {
            "category": self.categories, "stage": self.stand["stage"], "body": self.bodies,
            "clock": self.stand["next_clock"],
        }  # fmt: skip
        codes, ids = pd.factorize(columns[name])
        words = [self.word(name, str(value)) for value in ids]
        place = np.empty(len(words) + 1, dtype=np.int64)
        place[np.argsort(words, kind="stable")] = np.arange(len(words))
        place[-1] = len(words)  # code -1: none
        return place[codes]

    def page(self, rows: np.ndarray) -> pd.DataFrame:
        """Some rows as they are shown: case_id, days_left (negative = over; NaN = no clock runs),
        due_on, category, stage, clock, round, and for a supervisor the body."""
        cases, stand = self.cases.iloc[rows], self.stand.iloc[rows]
        columns = {
            "case_id": cases["case_id"],
            "days_left": np.where(self.runs, self.left, np.nan)[rows],
            "due_on": stand["next_due_on"],
            "category": self.words("category", cases["category"]),
            "stage": self.words("stage", stand["stage"]),
            "clock": self.words("clock", stand["next_clock"]),
            "round": stand["round"].astype(np.int64),
        }
        if self.viewer.scope.role == "supervisor":
            columns["body"] = self.words("body", stand["next_body_id"])
        return pd.DataFrame(columns).reset_index(drop=True)


_CLERKS_ONLY = ("undelivered", "all")


def choose(viewer: Viewer, table: Table) -> Choice:
    """The widgets above the list; what they say goes into the address."""
    said = Choice.from_address()
    first, find, page = st.columns([3, 3, 2])
    # a phone shows the list before the ways to cut it
    is_cut = any((said.body, said.clock, said.category, said.down)) or said.sort != "due_on"
    more = st.expander(viewer.t("casepage.list.more"), expanded=is_cut)
    *others, sort, down = more.columns(5 if viewer.scope.role == "supervisor" else 4)
    lists = list(table.masks)
    show = _select(
        first, viewer, "show", lists, said.show if said.show in lists else lists[0],
        lambda n: f"{viewer.t(f'casepage.list.is_{n}')} {viewer.number(table.count(n))}",
    )  # fmt: skip
    columns = {"category": table.categories, "clock": table.clocks, "body": table.bodies}
    given: dict[str, str] = {"show": show}
    for box, name in zip(others, columns, strict=False):
        ids = sorted({str(v) for v in columns[name].dropna().unique()} - {"nan", ""})
        ids.sort(key=lambda value, name=name: table.word(name, value))  # type: ignore[misc]
        given[name] = _select(
            box, viewer, name, ["", *ids], getattr(said, name),
            lambda v, n=name: table.word(n, v) if v else viewer.t("casepage.list.any"),
        )  # fmt: skip
    _start("find", said.find)
    given["find"] = find.text_input(
        viewer.t("casepage.list.find"), key="ledger_find", max_chars=14, on_change=_first_page
    ).strip().upper()  # fmt: skip
    sorts = [n for n in SORTS if n != "body" or viewer.scope.role == "supervisor"]
    given["sort"] = _select(
        sort, viewer, "sort", sorts, said.sort, lambda n: viewer.t(f"casepage.list.{n}")
    )
    _start("down", said.down == "1")
    is_down = down.checkbox(
        viewer.t("casepage.list.down"), key="ledger_down", on_change=_first_page
    )
    given["down"] = "1" if is_down else ""
    choice = Choice(**given)
    pages = max(1, -(-len(table.chosen(choice)) // PAGE))
    number = int(said.page) if said.page.isdecimal() else 1
    _start("page", number)
    now = int(st.session_state["ledger_page"])
    st.session_state["ledger_page"] = min(max(1, now), pages)
    number = page.number_input(
        viewer.t("casepage.list.page", pages=viewer.number(pages)), 1, pages, step=1,
        key="ledger_page",
    )  # fmt: skip
    choice = Choice(**given, page=str(int(number)))
    _keep(choice)
    return choice


def _start(name: str, value: object) -> None:
    """What a widget shows first: the address speaks until the widget was touched."""
    st.session_state.setdefault(f"ledger_{name}", value)


def _select(box, viewer, name, options, value, word) -> str:  # type: ignore[no-untyped-def]
    _start(name, value)
    if st.session_state[f"ledger_{name}"] not in options:
        st.session_state[f"ledger_{name}"] = options[0]
    said = box.selectbox(
        viewer.t(f"casepage.list.{'filter' if name == 'show' else name}"), options,
        key=f"ledger_{name}", format_func=word, on_change=_first_page,
    )  # fmt: skip
    return str(said)


def _first_page() -> None:
    st.session_state["ledger_page"] = 1


def _keep(choice: Choice) -> None:
    address = choice.to_address()
    st.session_state[ADDRESS] = address
    for name in Choice.__dataclass_fields__:
        if name in address:
            if st.query_params.get(name) != address[name]:
                st.query_params[name] = address[name]
        elif name in st.query_params:
            del st.query_params[name]


def link_back(viewer: Viewer) -> None:
    """From a case to the list it was picked from."""
    st.page_link(
        ROOT / "pages" / "worklist.py", label=viewer.t("casepage.back"),
        query_params=st.session_state.get(ADDRESS),
    )  # fmt: skip


def show(viewer: Viewer, table: Table, choice: Choice) -> str | None:
    """Draw one page of the list; the case that was picked, None while none is."""
    rows = table.chosen(choice)
    first = (int(choice.page) - 1) * PAGE
    shown = table.page(rows[first : first + PAGE])
    st.caption(
        viewer.t(
            "casepage.list.which", first=viewer.number(first + 1),
            last=viewer.number(first + len(shown)), total=viewer.number(len(rows)),
        )
    )  # fmt: skip
    # what a phone shows without scrolling sideways comes first: which case, how long still
    columns = ["case_id", "days_left", "due_on", "category", "stage", "clock", "round"]
    if "body" in shown:
        columns.insert(3, "body")
    heads = {name: viewer.t(f"casepage.list.{name}") for name in columns}
    config = {name: st.column_config.Column(head) for name, head in heads.items()}
    config["due_on"] = st.column_config.DateColumn(heads["due_on"], format="YYYY-MM-DD")
    config["days_left"] = st.column_config.NumberColumn(
        heads["days_left"], help=viewer.t("casepage.list.days_left_help"), width=80
    )
    config["case_id"] = st.column_config.Column(heads["case_id"], width=140)
    picked = st.dataframe(
        shown[columns], hide_index=True, column_config=config, on_select="rerun",
        selection_mode="single-row", height=min(560, 38 + 35 * len(shown)), key="worklist_table",
    )  # fmt: skip
    selected = picked.selection.rows
    return None if not selected else str(shown["case_id"].iloc[selected[0]])
