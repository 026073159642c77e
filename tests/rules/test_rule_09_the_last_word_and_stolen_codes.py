"""DOMAIN.md §2.9: the one who asked has the last word; a stolen code can only help the asker."""

from __future__ import annotations

import pytest

from data import asker, receipts, record
from data.db import Db
from data.history import NewEvent
from data.reading import read_case, read_figures
from data.receipts import Slip, find
from data.schema import receipt
from public import voice
from reports.indicators import Window, service_figures
from service.figures import compute, county_figures
from service.rules import rules_of
from tests.conftest import REVIEWER, SUPERVISOR
from tests.public.conftest import Reader, words
from wording import t

from .conftest import ZONE, anything, office

WORD, STRANGE = "青山绿水", "陌生人的词"


def reissue(db: Db, slip: Slip) -> Slip:
    """Another code, made at the desk; the earlier one is marked as replaced."""
    with db.write() as conn:
        at = db.stamp(conn)
        again = receipts.issue(db, conn, slip.case_id, "t01", at, reissued=True)
        conn.execute(
            receipt.update()
            .where(receipt.c.code_hash.in_(db.keys.digests("receipt", slip.code)))
            .values(replaced_at=at)
        )
    return again


def events(db: Db, slip: Slip) -> list[str]:
    opened = find(db, slip.code)
    assert opened is not None
    return [e.event for e in read_case(db, opened.scope, slip.case_id).events]


@pytest.mark.parametrize("which", ["first", "replaced", "reissued"])
@pytest.mark.parametrize("event", ["not_solved", "not_told", "review_requested"])
def test_every_code_the_case_ever_had_opens_it_and_objects(
    county: Db, answered: Slip, reader: Reader, which: str, event: str
) -> None:
    code = answered.code
    if which != "first":
        again = reissue(county, answered)
        code = again.code if which == "reissued" else code
    assert answered.case_id in reader.open(code).text
    reply = reader.post("/s/say", code=code, event=event)
    assert reply.status_code == 200, words(reply)
    assert events(county, answered)[-1] == event


def test_a_case_called_not_solved_is_open_again_in_every_figure(
    county: Db, answered: Slip, reader: Reader
) -> None:
    before = county_figures(county, SUPERVISOR, county.now()).standing
    reader.post("/s/say", code=answered.code, event="not_solved")
    after = county_figures(county, SUPERVISOR, county.now()).standing
    assert (bool(before["is_open"].iloc[0]), bool(after["is_open"].iloc[0])) == (False, True)
    assert after["stage"].iloc[0] == "reopened"
    # the first answer and its lateness stay
    assert after["outcome"].iloc[0] == before["outcome"].iloc[0]


@pytest.mark.parametrize("typed", ["", "falsch", STRANGE])
def test_rating_needs_the_word_and_not_only_the_code(
    county: Db, answered: Slip, reader: Reader, typed: str
) -> None:
    reader.post("/s/word", code=answered.code, word=WORD, again=WORD)
    reply = reader.post("/s/rate", code=answered.code, rating="not", word=typed)
    assert reply.status_code == 400
    assert "rated" not in events(county, answered)
    assert reader.post("/s/rate", code=answered.code, rating="not", word=WORD).status_code == 200
    assert "rated" in events(county, answered)


def test_rating_without_any_word_set_is_refused(county: Db, answered: Slip, reader: Reader) -> None:
    reader.open(answered.code)
    assert reader.post("/s/rate", code=answered.code, rating="satisfied").status_code == 400
    assert "rated" not in events(county, answered)


def test_a_reissued_code_rates_only_after_seven_days(
    county: Db, answered: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    reader.post("/s/word", code=answered.code, word=WORD, again=WORD)
    again = reissue(county, answered)
    reply = reader.post("/s/rate", code=again.code, rating="satisfied", word=WORD)
    assert reply.status_code == 400
    assert t("public.error.reissued_rating", "zh") in words(reply)
    clock.go(days=7, hours=1)
    reply = reader.post("/s/rate", code=again.code, rating="satisfied", word=WORD)
    assert reply.status_code == 200


def test_a_reissued_code_cannot_take_the_word_away(
    county: Db, answered: Slip, reader: Reader
) -> None:
    reader.post("/s/word", code=answered.code, word=WORD, again=WORD)
    again = reissue(county, answered)
    reply = reader.post("/s/word", code=again.code, word=STRANGE, again=STRANGE, renew="1")
    assert reply.status_code == 400
    opened = find(county, answered.code)
    assert opened is not None
    asker.check_word(county, opened.scope, answered.case_id, WORD)


def stolen_and_rated(reader: Reader, slip: Slip) -> None:
    """A clerk who copied the slip opens it first, sets a word and is satisfied."""
    reader.open(slip.code)
    assert reader.post("/s/word", code=slip.code, word=STRANGE, again=STRANGE).status_code == 200
    reply = reader.post("/s/rate", code=slip.code, rating="satisfied", word=STRANGE)
    assert reply.status_code == 200


def test_a_stranger_who_opens_first_cannot_lock_the_asker_out(
    county: Db, answered: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    stolen_and_rated(reader, answered)
    clock.go(days=2)
    page = reader.open(answered.code)
    assert t("public.first.opened", "zh") in page.text  # says when it was opened first
    reply = reader.post("/s/word", code=answered.code, word=WORD, again=WORD, renew="1")
    assert reply.status_code == 200
    refused = reader.post("/s/rate", code=answered.code, rating="satisfied", word=STRANGE)
    assert refused.status_code == 400
    assert reader.post("/s/rate", code=answered.code, rating="not", word=WORD).status_code == 200


def ratings(db: Db) -> tuple[int, int]:
    """(rated, satisfied) as the county's figures have them."""
    now = db.now()
    found = compute(rules_of(db), read_figures(db, SUPERVISOR, now), now, ZONE)
    window = Window(now.date().replace(month=1, day=1), now.date().replace(month=12, day=31))
    figures = service_figures(*found.table, found.standing, window, now, ZONE)
    return figures.rated.numerator, figures.satisfaction.numerator


def test_i_did_not_open_it_before_undoes_the_strangers_rating_in_every_figure(
    county: Db, answered: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    stolen_and_rated(reader, answered)
    then = county.now()
    assert ratings(county) == (1, 1)
    clock.go(hours=3)
    reader.post("/s/word", code=answered.code, word=WORD, again=WORD, renew="1")
    assert ratings(county) == (0, 0)
    clock.go(minutes=1)
    reader.post("/s/rate", code=answered.code, rating="not", word=WORD)
    assert ratings(county) == (1, 0)
    # what was known then stays what was known then
    known = read_figures(county, SUPERVISOR, then).events
    assert (known["event"] == "rated").sum() == 1


def test_i_did_not_open_it_before_undoes_a_withdrawal(county: Db, slip: Slip, clock) -> None:
    opened = find(county, slip.code)
    assert opened is not None
    record.confirm(county, opened.scope, opened)
    asker.set_word(county, opened, STRANGE, anything)
    clock.go(hours=1)
    asked = NewEvent("withdrawal_asked")
    record.add_event(county, opened.scope, slip.case_id, asked, anything)
    clock.go(hours=1)
    asker.set_word(county, opened, WORD, anything, not_opened_before=True)
    assert events(county, slip)[-1] == "withdrawal_undone"


def test_the_page_shows_when_and_where_another_code_was_issued(
    county: Db, answered: Slip, reader: Reader
) -> None:
    reader.open(answered.code)
    reissue(county, answered)
    page = words(reader.open(answered.code))
    assert "东镇" in page
    opened = find(county, answered.code)
    assert opened is not None
    assert len(asker.standing(county, opened.scope, answered.case_id).reissues) == 1


def test_after_the_recheck_no_clock_runs_and_not_solved_stays_said(
    county: Db, answered: Slip, reader: Reader, clock
) -> None:  # type: ignore[no-untyped-def]
    say = reader.post
    say("/s/say", code=answered.code, event="not_solved")
    clock.go(days=3)
    office(county, answered.case_id, "answered", words=dict.fromkeys(
        ("request", "facts", "opinion", "basis", "remedy"), "再次答复。"))  # fmt: skip
    clock.go(days=1)
    for asked, done in (("review_requested", "reviewed"), ("recheck_requested", "rechecked")):
        assert say("/s/say", code=answered.code, event=asked).status_code == 200
        clock.go(days=2)
        # both went to the office that reviews, and nobody stands above that one here
        record.add_event(
            county, REVIEWER, answered.case_id,
            NewEvent(done, words={"facts": "查。", "opinion": "维持。", "basis": "条例。"}),
            voice.allow_for(county, read_case(county, REVIEWER, answered.case_id), ZONE),
        )  # fmt: skip
        clock.go(days=1)
    found = county_figures(county, SUPERVISOR, county.now())
    running = found.clocks.filter(like="state").iloc[0].isin(["running", "overdue", "paused"])
    assert not running.any()
    assert found.standing["next_clock"].isna().all()
