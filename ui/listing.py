"""What a list is made of: its columns, its named parts, what somebody chose of it.

Raw values filter and order; words are made for the rows shown alone, so that a city's list is no
slower than a desk's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .guard import Viewer

KINDS = ("text", "number", "percent", "day", "moment")
CHOSEN = ("show", "find", "sort", "down", "page", "per", "cols", "several")
"""What can be chosen of every list, by its name in the address."""


@dataclass(frozen=True)
class Column:
    """One column of a list.

    name: its id, in the address too. head: what stands above it. values: one per row, raw, on
    0..n-1; missing allowed. word: the text of a raw value; None = as it is. kind: one of KINDS;
    percent = a share 0-1, moment = aware instants. is_cut: a box filters by its values.
    is_sorted: the list may be ordered by it. is_found: the search looks in it; where
    no column says so, it looks in all texts.
    """

    name: str
    head: str
    values: pd.Series
    word: Callable[[str], str] | None = None
    kind: str = "text"
    is_cut: bool = False
    is_sorted: bool = True
    is_found: bool = False
    help: str | None = None
    width: int | None = None

    def said(self, value: Any) -> str:
        """A raw value in words; "" where there is none."""
        if value is None or value != value:
            return ""
        return str(value) if self.word is None else self.word(str(value))

    def words(self, rows: np.ndarray | None = None) -> pd.Series:
        """The texts of some rows, or of all."""
        of = self.values if rows is None else self.values.iloc[rows]
        known = {value: self.said(value) for value in of.dropna().unique()}
        return pd.Series([known.get(value, "") for value in of], dtype="str")

    def rank(self) -> np.ndarray:
        """Each row's place in an order by this column: by size, or by the words read; what is
        missing comes last."""
        codes, found = pd.factorize(self.values)
        if self.kind == "text":
            order = np.argsort([self.said(value) for value in found], kind="stable")
        else:
            order = np.argsort(found.to_numpy() if hasattr(found, "to_numpy") else found)
        place = np.empty(len(found) + 1, dtype=np.int64)
        place[order] = np.arange(len(found))
        place[-1] = len(found)  # code -1: none
        return np.asarray(place[codes])

    def cell(self, viewer: Viewer, value: Any) -> str:
        """One value as a phone's block writes it."""
        if self.kind == "number":
            return viewer.number(value)
        if self.kind == "percent":
            return viewer.percent(value, 0)
        if self.kind == "day":
            return viewer.day(value)
        if self.kind == "moment":
            return viewer.moment(value)
        return self.said(value) or "—"


@dataclass(frozen=True)
class Listing:
    """What is listed.

    name: of the list, for the session. ids: one text per row, on 0..n-1, no two alike; they break
    ties. columns: the first one stands for the row and cannot be left out. masks: lists by name,
    rows as bool; the first is preset unless `preset` says another; none = one list.
    mask_word: a list's name in words. sort: the column it is ordered by at first; "" = as the rows
    come. link: where a row leads, for a phone; None = nowhere, and none can be picked. prefix:
    what its names in the address begin with, where another list or choice of the page has the
    same ones.
    """

    name: str
    ids: pd.Series
    columns: tuple[Column, ...]
    masks: Mapping[str, np.ndarray] = field(default_factory=dict)
    mask_word: Callable[[str], str] = str
    preset: str = ""
    sort: str = ""
    link: Callable[[str], str] | None = None
    prefix: str = ""

    def said(self, what: str) -> str:
        """How a choice of this list is called in the address."""
        return f"{self.prefix}{what}"

    @property
    def first_mask(self) -> str:
        """The list shown while nobody chose another."""
        return self.preset or next(iter(self.masks), "")

    def column(self, name: str) -> Column | None:
        """A column by its name; None = there is none."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Choice:
    """Which list, cut how, in which order, which page, which columns. Empty = the usual."""

    show: str = ""
    find: str = ""
    sort: str = ""
    down: str = ""
    page: str = "1"
    per: str = ""
    cols: str = ""
    several: str = ""
    cuts: tuple[tuple[str, str], ...] = ()

    def to_address(self, listing: Listing) -> dict[str, str]:
        """What differs from the usual, by its name in the address."""
        usual = {"show": listing.first_mask, "sort": listing.sort, "page": "1"}
        said = {name: str(getattr(self, name)) for name in CHOSEN} | dict(self.cuts)
        return {name: value for name, value in said.items() if value != usual.get(name, "")}


def rows_of(listing: Listing, choice: Choice) -> np.ndarray:
    """The rows of a list in order, as positions."""
    keep = np.ones(len(listing.ids), dtype=bool)
    if listing.masks:
        first = listing.masks[listing.first_mask]
        keep = listing.masks.get(choice.show, first).copy()
    for name, wanted in choice.cuts:
        column = listing.column(name)
        if wanted and column is not None and column.is_cut:
            values = column.values.astype("object")
            keep &= (values == wanted).to_numpy(bool, na_value=False)
    if choice.find:
        keep &= _found(listing, choice.find)
    rows = np.flatnonzero(keep)
    by = listing.column(choice.sort or listing.sort)
    if by is not None and by.is_sorted:
        # the id breaks ties, so that pages do not overlap
        order = [listing.ids.to_numpy(object)[rows].astype("U")]
        if by.values is not listing.ids:
            order.append(by.rank()[rows])
        rows = rows[np.lexsort(order)]
    return rows[::-1] if choice.down else rows


def _found(listing: Listing, text: str) -> np.ndarray:
    found = np.zeros(len(listing.ids), dtype=bool)
    columns = [column for column in listing.columns if column.is_found]
    for column in columns or [column for column in listing.columns if column.kind == "text"]:
        texts = column.values if column.word is None else column.words()
        texts = texts.astype("object").fillna("").astype("str")
        found |= texts.str.contains(text, case=False, regex=False).to_numpy(bool)
    return found
