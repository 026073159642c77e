"""What is chosen on a page is kept in its address: a link that is handed on opens the same choice.

Streamlit can bind a widget to the address itself, but writes the words of the viewer's language
there; here stand ids, which are the same in every language. What an address names and cannot be
chosen is passed over without a word: the usual choice is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

T = TypeVar("T")
Draw = Callable[..., Any]
"""A widget: `st.selectbox`, or the same of a column."""


def keep(name: str, value: str, usual: str = "") -> None:
    """What was chosen stays in the address while it differs from the usual."""
    if value != usual:
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def one(
    draw: Draw, label: str, options: Iterable[T], *, name: str, key: str, usual: T,
    is_always_said: bool = False, **look: Any,
) -> T:  # fmt: skip
    """One of the options, as chosen; the address speaks until the widget was touched.

    Args:
        options: their `str` stands in the address. usual: shown where the address names none of
            them; it needs no word there. is_always_said: for a usual choice that moves on, so
            that a link opens the same one later. look: what else the widget takes.
    """
    among = {str(option): option for option in options}
    if key not in st.session_state or str(st.session_state[key]) not in among:
        st.session_state[key] = among.get(st.query_params.get(name, ""), usual)
    chosen = draw(label, list(among.values()), key=key, **look)
    # a control that asks for a choice never gives None; where none may be made, None is the usual
    shown: T = usual if chosen is None else chosen
    keep(name, _word(shown), "" if is_always_said else _word(usual))
    return shown


def several(
    draw: Draw, label: str, options: Iterable[str], *, name: str, key: str, **look: Any
) -> list[str]:
    """Any of the options, in the order they were picked; none is the usual."""
    known = list(options)
    if key not in st.session_state:
        said = st.query_params.get(name, "").split(",")
        st.session_state[key] = [option for option in said if option in known]
    picked: list[str] = draw(label, known, key=key, **look)
    keep(name, ",".join(picked))
    return picked


def day(
    draw: Draw, label: str, *, name: str, key: str, usual: dt.date, first: dt.date, last: dt.date,
    **look: Any,
) -> dt.date:  # fmt: skip
    """A day from `first` to `last`; one outside is moved to the nearer end."""
    asked = st.session_state.get(key) or day_of(name) or usual
    st.session_state[key] = min(max(asked, first), last)
    chosen = draw(label, min_value=first, max_value=last, key=key, format="YYYY-MM-DD", **look)
    shown = chosen if isinstance(chosen, dt.date) else usual
    keep(name, shown.isoformat(), usual.isoformat())
    return shown


def flag(draw: Draw, label: str, *, name: str, key: str, **look: Any) -> bool:
    """Yes or no; no is the usual."""
    st.session_state.setdefault(key, st.query_params.get(name) == "1")
    is_on = bool(draw(label, key=key, **look))
    keep(name, "1" if is_on else "")
    return is_on


def tabs(named: Mapping[str, str], *, name: str, key: str) -> dict[str, DeltaGenerator]:
    """The page's tabs by their id; the open one stands in the address, the first is the usual.

    Args:
        named: titles by id.
    """
    ids = list(named)
    if st.session_state.get(key) not in named.values():  # in another language by now
        asked = st.query_params.get(name, ids[0])
        st.session_state[key] = named[asked if asked in named else ids[0]]
    drawn = st.tabs(list(named.values()), key=key, on_change="rerun")
    opened = next((one for one, tab in zip(ids, drawn, strict=True) if tab.open), ids[0])
    keep(name, opened, ids[0])
    return dict(zip(ids, drawn, strict=True))


def day_of(name: str) -> dt.date | None:
    """A day the address names; None where it names none."""
    try:
        return dt.date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None


def _word(value: object) -> str:
    return "" if value is None else str(value)
