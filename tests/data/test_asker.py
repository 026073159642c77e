"""The asker's word: set once, renewed by whoever did not open the page before."""

from __future__ import annotations

import pytest

from data import asker, receipts
from data.errors import NotAllowed, RuleError
from data.history import NewEvent
from data.record import add_event, confirm, register
from tests.conftest import DESK


def anything(history, event) -> None:
    """A grammar that allows everything."""


@pytest.fixture
def opened(county, new_case):
    made = register(county, DESK, new_case())
    found = receipts.find(county, made.slip.code)
    confirm(county, found.scope, found)
    return receipts.find(county, made.slip.code)


def events(county, opened) -> list[tuple[str, str | None]]:
    from data.reading import read_case

    return [(e.event, e.code) for e in read_case(county, opened.scope, opened.case_id).events]


def test_a_word_is_set_once_and_checked(county, opened):
    asker.set_word(county, opened, "青山绿水", anything)
    asker.check_word(county, opened.scope, opened.case_id, "青山绿水")
    with pytest.raises(asker.WrongWord):
        asker.check_word(county, opened.scope, opened.case_id, "别的口令")
    with pytest.raises(NotAllowed):
        asker.set_word(county, opened, "另一口令", anything)


def test_who_did_not_open_it_before_sets_a_new_word_and_takes_back_what_was_done(county, opened):
    asker.set_word(county, opened, "偷来的口令", anything)
    add_event(county, opened.scope, opened.case_id, NewEvent("rated", code="satisfied"), anything)
    add_event(county, opened.scope, opened.case_id, NewEvent("withdrawal_asked"), anything)
    asker.set_word(county, opened, "我自己的口令", anything, not_opened_before=True)
    assert events(county, opened)[-2:] == [("withdrawal_undone", None), ("rated", None)]
    asker.check_word(county, opened.scope, opened.case_id, "我自己的口令")
    with pytest.raises(asker.WrongWord):
        asker.check_word(county, opened.scope, opened.case_id, "偷来的口令")


def test_what_can_no_longer_be_undone_is_left_and_the_word_is_new_anyway(county, opened):
    asker.set_word(county, opened, "偷来的口令", anything)
    add_event(county, opened.scope, opened.case_id, NewEvent("withdrawal_asked"), anything)

    def too_late(history, event) -> None:
        raise RuleError("right_lapsed", number=1, day="-")

    asker.set_word(county, opened, "我自己的口令", too_late, not_opened_before=True)
    assert events(county, opened)[-1][0] == "withdrawal_asked"
    asker.check_word(county, opened.scope, opened.case_id, "我自己的口令")
