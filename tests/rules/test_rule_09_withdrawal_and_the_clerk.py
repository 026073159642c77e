"""DOMAIN.md §2.9: a withdrawal, and a clerk with every right who holds any code of the case."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from data import asker
from data.db import Db
from data.errors import NotAllowed
from data.publications import counted_beside
from data.reading import read_case, read_summary
from data.receipts import Opened, Slip, find
from data.scope import Scope
from data.vocabulary import WITHDRAWAL_REASONS
from service.figures import county_figures
from tests.conftest import DESK, LABOUR, SUPERVISOR
from tests.public.conftest import Reader, hidden, words
from wording import t

from .test_rule_09_the_last_word_and_stolen_codes import (
    STRANGE,
    WORD,
    events,
    reissue,
    stolen_and_rated,
)

REASON = WITHDRAWAL_REASONS[0]


def opened(db: Db, slip: Slip) -> Opened:
    found = find(db, slip.code)
    assert found is not None
    return found


def set_word(reader: Reader, code: str, word: str, **also: str) -> int:
    return reader.post("/s/word", code=code, word=word, again=word, **also).status_code


def withdraw(reader: Reader, code: str, word: str, reason: str = REASON) -> int:
    reply = reader.post("/s/withdraw", code=code, send="1", reason=reason, word=word)
    return reply.status_code


def undo(reader: Reader, code: str) -> int:
    return reader.post("/s/say", code=code, event="withdrawal_undone").status_code


def is_open(db: Db) -> bool:
    return bool(county_figures(db, SUPERVISOR, db.now()).standing["is_open"].iloc[0])


def test_withdrawing_needs_the_word_and_a_reason_from_the_list(
    county: Db, slip: Slip, reader: Reader
) -> None:
    assert withdraw(reader, slip.code, WORD) == 400, "no word is set yet"
    assert set_word(reader, slip.code, WORD) == 200
    assert withdraw(reader, slip.code, "falsch") == 400
    assert withdraw(reader, slip.code, WORD, reason="sie wollten es so") == 400
    bare = reader.post("/s/say", code=slip.code, event="withdrawal_asked")
    made = reader.post("/s/say", code=slip.code, event="withdrawn")
    assert (bare.status_code, made.status_code) == (400, 400)
    assert "withdrawal_asked" not in events(county, slip)
    assert withdraw(reader, slip.code, WORD) == 200
    assert events(county, slip)[-1] == "withdrawal_asked"
    assert asker.NEEDS_WORD == ("rated", "withdrawal_asked")


def test_the_page_before_it_says_what_it_means_and_that_nobody_may_ask_it(
    slip: Slip, reader: Reader
) -> None:
    set_word(reader, slip.code, WORD)
    page = words(reader.post("/s/withdraw", code=slip.code))
    assert t("public.withdraw.free", "zh") in page
    assert t("public.withdraw.effect", "zh", days=15) in page
    assert t("public.withdraw.undo", "zh", days=60) in page


def test_it_takes_effect_after_fifteen_days_and_is_never_solved(
    county: Db, slip: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    set_word(reader, slip.code, WORD)
    withdraw(reader, slip.code, WORD)
    # asked on 5 March at 10:00: in force on the 20th, undone until 4 May
    page = words(reader.open(slip.code))
    assert "2026年3月20日" in page
    assert "2026年5月4日" in page
    clock.go(days=14, hours=23)
    assert is_open(county)
    clock.go(hours=2)
    assert not is_open(county)
    standing = county_figures(county, SUPERVISOR, county.now()).standing.iloc[0]
    assert (standing["stage"], bool(standing["is_counted"])) == ("withdrawn", True)
    page = words(reader.open(slip.code))
    assert t("public.stage.withdrawn", "zh") in page
    assert t("public.withdrawn.button", "zh") in page


@pytest.mark.parametrize("which", ["first", "replaced", "reissued"])
def test_any_code_undoes_it_for_sixty_days_without_the_word(
    county: Db, slip: Slip, reader: Reader, clock, which: str
) -> None:  # type: ignore[no-untyped-def]
    set_word(reader, slip.code, STRANGE)
    assert withdraw(reader, slip.code, STRANGE) == 200
    clock.go(days=59)
    again = reissue(county, slip) if which != "first" else slip
    code = again.code if which == "reissued" else slip.code
    assert undo(reader, code) == 200
    assert events(county, slip)[-1] == "withdrawal_undone"
    assert is_open(county)
    # nothing was gained by it: the clock is where it would have been
    assert county_figures(county, SUPERVISOR, county.now()).standing["is_overdue"].iloc[0]


def test_after_sixty_days_it_stays_and_the_page_says_until_when(
    slip: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    set_word(reader, slip.code, WORD)
    withdraw(reader, slip.code, WORD)
    clock.go(days=60, minutes=1)
    assert undo(reader, slip.code) == 400
    page = reader.open(slip.code)
    assert 'value="withdrawal_undone"' not in page.text
    assert "2026年5月4日" in words(page)


def test_a_code_reissued_at_the_desk_withdraws_only_after_seven_days(
    county: Db, slip: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    set_word(reader, slip.code, WORD)
    again = reissue(county, slip)
    assert withdraw(reader, again.code, WORD) == 400
    page = reader.post("/s/withdraw", code=again.code)
    assert 'name="word"' not in page.text
    assert "2026年3月12日" in words(page)
    clock.go(days=7, minutes=1)
    assert withdraw(reader, again.code, WORD) == 200


def test_an_answer_given_meanwhile_ends_the_withdrawal(
    county: Db, slip: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    from .conftest import ANSWER, office

    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    set_word(reader, slip.code, WORD)
    withdraw(reader, slip.code, WORD)
    clock.go(days=3)
    office(county, slip.case_id, "answered", words=ANSWER)
    clock.go(days=20)
    assert t("public.stage.answered", "zh") in words(reader.open(slip.code))
    # the last word stays the asker's
    assert reader.post("/s/say", code=slip.code, event="not_solved").status_code == 200


def test_staff_see_that_it_was_withdrawn_and_cannot_do_it_themselves(
    county: Db, slip: Slip, reader: Reader
) -> None:
    from .conftest import office

    for event in ("withdrawal_asked", "withdrawn", "rated", "disowned", "withdrawal_undone"):
        for scope in (LABOUR, DESK, SUPERVISOR):
            with pytest.raises(NotAllowed):
                office(county, slip.case_id, event, scope)
    set_word(reader, slip.code, WORD)
    withdraw(reader, slip.code, WORD)
    assert read_case(county, LABOUR, slip.case_id).has("withdrawal_asked")


def test_a_clerk_with_any_code_who_opens_first_is_undone_at_the_askers_next_opening(
    county: Db, answered: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    """Rating, "not solved" answered again, withdrawing, taking the word: all in one go."""
    stolen_and_rated(reader, answered)
    # the asker's word is not lost, whatever the clerk set
    clock.go(days=3)
    page = reader.open(answered.code)
    assert t("public.first.opened", "zh") in page.text
    assert t("public.first.not_me", "zh") in page.text
    assert reader.post("/s/say", code=answered.code, event="not_solved").status_code == 200
    # the clerk withdraws what the asker reopened, with the clerk's own word
    clock.go(hours=1)
    assert withdraw(reader, answered.code, STRANGE) == 200
    clock.go(days=40)
    assert not is_open(county)
    # the asker's next opening: one form takes back the rating, the withdrawal and the word
    assert t("public.withdrawn.title", "zh") in reader.open(answered.code).text
    assert set_word(reader, answered.code, WORD, renew="1") == 200
    assert is_open(county)
    said = events(county, answered)
    assert said[-2:] == ["withdrawal_undone", "rated"]
    assert withdraw(reader, answered.code, STRANGE) == 400
    with pytest.raises(asker.WrongWord):
        asker.check_word(county, opened(county, answered).scope, answered.case_id, STRANGE)


def test_a_clerk_cannot_lock_the_asker_out_by_words_or_guesses(
    county: Db, answered: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    stolen_and_rated(reader, answered)
    for number in range(5):
        clock.go(minutes=1)
        assert set_word(reader, answered.code, f"{STRANGE}{number}", renew="1") == 200
    elsewhere = Reader(reader.app, address="198.51.100.4")
    assert answered.case_id in elsewhere.open(answered.code).text
    for event in ("not_solved", "not_told"):
        assert elsewhere.post("/s/say", code=answered.code, event=event).status_code == 200
    assert set_word(elsewhere, answered.code, WORD, renew="1") == 200
    assert reader.post("/s/rate", code=answered.code, rating="not", word=WORD).status_code == 200


def test_a_clerk_who_disowns_at_the_first_opening_is_undone_by_any_code_for_fifteen_days(
    county: Db, slip: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    first = hidden(reader.open(slip.code), "first")
    set_word(reader, slip.code, STRANGE)
    reply = reader.post("/s/say", code=slip.code, first=first, event="disowned")
    assert reply.status_code == 200
    clock.go(days=14, hours=23)
    page = reader.open(slip.code)
    assert 'value="confirmed"' in page.text
    # until then it stays in every denominator
    assert county_figures(county, SUPERVISOR, county.now()).standing["is_counted"].iloc[0]
    assert reader.post("/s/say", code=slip.code, event="confirmed").status_code == 200
    assert read_summary(county, opened(county, slip).scope, slip.case_id)
    assert set_word(reader, slip.code, WORD, renew="1") == 200


def test_a_withdrawal_page_and_a_rating_are_not_offered_while_somebody_disowns(
    slip: Slip, reader: Reader
) -> None:
    first = hidden(reader.open(slip.code), "first")
    set_word(reader, slip.code, WORD)
    reader.post("/s/say", code=slip.code, first=first, event="disowned")
    assert withdraw(reader, slip.code, WORD) == 400
    page = reader.open(slip.code).text
    paths = set(re.findall(r'action="[^"]*/s/(\w+)"', page))
    assert paths == {"case", "say"}, "nothing but the other language, and restoring it"


def test_i_did_not_open_it_before_is_counted_per_desk(
    county: Db, answered: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    since, day = county.now(), dt.timedelta(days=1)

    def said(scope: Scope = SUPERVISOR, days: int = 0) -> dict[str, int]:
        span = since + days * day, since + (days + 1) * day
        by, counts = counted_beside(county, scope, *span)["not_me"]
        assert by == "desk"
        return counts.to_dict()

    stolen_and_rated(reader, answered)
    assert said() == {}
    for number in range(3):
        clock.go(minutes=1)
        set_word(reader, answered.code, f"{WORD}{number}", renew="1")
    assert said() == {"t01": 1}
    assert said(days=1) == {}
    with pytest.raises(NotAllowed):
        said(LABOUR)
