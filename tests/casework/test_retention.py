"""When texts die, counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.calendar import load_calendar
from casework.clocks import CaseEvent
from casework.pack import load
from casework.retention import texts_end_on

PACK = load("cn_xinfang_2022")
CALENDAR = load_calendar("cn")
ZONE = "Asia/Shanghai"
DAY0 = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)  # Monday
LATER = dt.datetime(2028, 1, 1, tzinfo=dt.UTC)


def after(days: int) -> dt.datetime:
    return DAY0 + dt.timedelta(days=days)


def end(*steps: tuple[str, int], as_of: dt.datetime = LATER, pack=PACK) -> dt.date | None:
    events = [CaseEvent(name, after(day)) for name, day in steps]
    return texts_end_on(pack, "ordinary", events, as_of, ZONE, CALENDAR)


ANSWERED = (("registered", 0), ("accepted", 1), ("answered", 10))


@pytest.mark.parametrize(
    "steps",
    [
        (("registered", 0),),
        (("registered", 0), ("accepted", 1)),
        (*ANSWERED, ("not_solved", 12)),
        (*ANSWERED, ("delivered", 11), ("review_requested", 12)),
        (("registered", 0), ("withdrawal_asked", 3), ("withdrawal_undone", 20)),
    ],
)
def test_while_something_is_owed_texts_have_no_end(steps):
    assert end(*steps) is None


def test_an_answer_that_was_never_delivered_keeps_its_text():
    assert end(*ANSWERED) is None
    assert end(*ANSWERED, ("delivered", 11), ("review_requested", 12), ("reviewed", 20)) is None


def test_ninety_days_after_the_later_of_review_window_and_holding():
    # answered 12 March + 60 = 11 May; window from 13 March + 30 = 12 April (moved to the 13th)
    assert end(*ANSWERED, ("delivered", 11)) == dt.date(2026, 5, 11) + dt.timedelta(90)
    # delivered late, 1 June + 30 = 1 July is later than 11 May
    assert end(*ANSWERED, ("delivered", 91)) == dt.date(2026, 7, 1) + dt.timedelta(90)


def test_the_window_must_be_over():
    delivered = (*ANSWERED, ("delivered", 11))
    assert end(*delivered, as_of=after(30)) is None
    assert end(*delivered, as_of=after(60)) == dt.date(2026, 8, 9)


def test_a_recheck_is_the_last_remedy():
    steps = (
        *ANSWERED, ("delivered", 11), ("review_requested", 12), ("reviewed", 20),
        ("delivered", 21), ("recheck_requested", 22), ("rechecked", 40),
    )  # fmt: skip
    assert end(*steps) == (after(40) + dt.timedelta(60 + 90)).date()


@pytest.mark.parametrize("way", ["declined", "referred"])
def test_another_way_out_is_given_the_same_time(way):
    steps = (("registered", 0), ("declined", 5))
    if way == "referred":
        steps = (("registered", 0), ("accepted", 1), ("referred", 5))
    assert end(*steps) == (after(5) + dt.timedelta(60 + 90)).date()


def test_a_withdrawal_can_be_undone_first():
    steps = (("registered", 0), ("withdrawal_asked", 3))
    assert end(*steps, as_of=after(10)) is None
    # takes effect on day 18; 60 days on it has held, and the 60 to undo it are over on day 63
    assert end(*steps) == (after(18) + dt.timedelta(60 + 90)).date()


def test_a_city_without_review_ends_sixty_and_ninety_days_after_its_answer():
    steps = (("registered", 0), ("answered", 10))
    assert end(*steps, pack=load("us_311")) == (after(10) + dt.timedelta(150)).date()
