"""What an address names is chosen when the page opens; what cannot be chosen is passed over."""

from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest


def _page() -> None:
    import datetime as dt

    import streamlit as st

    from ui import address

    kinds, places = ("early", "late"), ("north", "south", "west")
    kind = address.one(
        st.segmented_control, "kind", kinds, name="kind", key="k", usual="early", required=True
    )
    year = address.one(
        st.selectbox, "year", (2026, 2025), name="year", key="y", usual=2026, is_always_said=True
    )
    body = address.one(st.selectbox, "body", ("a", "b"), name="body", key="b", usual=None)
    picked = address.several(st.multiselect, "places", places, name="places", key="p")
    first, last, usual = dt.date(2026, 1, 1), dt.date(2026, 3, 5), dt.date(2026, 3, 1)
    day = address.day(
        st.date_input, "day", name="day", key="d", usual=usual, first=first, last=last
    )
    is_on = address.flag(st.toggle, "marks", name="marks", key="m")
    address.tabs({"one": "First", "two": "Second"}, name="tab", key="t")
    st.text(repr([kind, year, body, picked, day.isoformat(), is_on]))


def opened(**named: str) -> AppTest:
    test = AppTest.from_function(_page)
    for name, value in named.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


def said(test: AppTest) -> dict[str, str]:
    """The address; AppTest gives what it set itself as lists."""
    whole = test.query_params.items()
    return {name: value if isinstance(value, str) else value[0] for name, value in whole}


NAMED = {
    "kind": "late", "year": "2025", "body": "b", "places": "west,north", "day": "2026-02-03",
    "marks": "1", "tab": "two",
}  # fmt: skip


def test_an_address_opens_what_it_names_and_keeps_it():
    test = opened(**NAMED)
    chosen = ["late", 2025, "b", ["west", "north"], "2026-02-03", True]
    assert test.text[0].value == repr(chosen)
    assert said(test) == NAMED


@pytest.mark.parametrize("named", [{}, dict.fromkeys(NAMED, "' or 1"), {"places": "east,,"}])
def test_what_cannot_be_chosen_is_the_usual_and_leaves_the_address(named):
    test = opened(**named)
    assert test.text[0].value == repr(["early", 2026, None, [], "2026-03-01", False])
    assert said(test) == {"year": "2026"}, "of the usual only what moves on is said"


def test_a_day_outside_is_moved_to_the_nearer_end():
    assert "'2026-01-01'" in opened(day="1999-12-31").text[0].value
    assert "'2026-03-05'" in opened(day="2099-01-01").text[0].value


def test_what_is_touched_speaks_before_the_address():
    test = opened(kind="late", places="west")
    test.segmented_control(key="k").select("early").run()
    test.multiselect(key="p").select("south").run()
    test.date_input(key="d").set_value(dt.date(2026, 2, 1)).run()
    assert test.text[0].value == repr(["early", 2026, None, ["west", "south"], "2026-02-01", False])
    assert said(test) == {"year": "2026", "places": "west,south", "day": "2026-02-01"}
