"""The status page and what the one who asked can say on it."""

from __future__ import annotations

import itertools
import re

import pytest

from data import openings, reading, receipts
from data.db import Db
from data.errors import NotFound
from data.receipts import Slip, find
from wording import t

from .conftest import ANSWER, LABOUR, Reader, hidden, office, words

WORD = "青山绿水"


def zh(key: str) -> str:
    return t(f"public.{key}", "zh")


def with_word(reader: Reader, slip: Slip) -> None:
    reply = reader.post("/s/word", code=slip.code, word=WORD, again=WORD)
    assert zh("done.word_set.title") in reply.text


def events(db: Db, slip: Slip) -> list[str]:
    opened = find(db, slip.code)
    assert opened is not None
    return [e.event for e in reading.read_case(db, opened.scope, slip.case_id).events]


def test_every_word_of_the_answer_is_shown_unchanged_and_escaped(
    reader: Reader, answered: Slip
) -> None:
    page = reader.open(answered.code)
    for said in ANSWER.values():
        assert said in words(page)
    assert "责令十日内付清。&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "工资三个月没有发。&lt;script&gt;alert(2)&lt;/script&gt;" in page.text
    assert "<script" not in page.text


def test_the_page_says_who_owes_the_answer_by_which_day_and_why(
    reader: Reader, county: Db, slip: Slip
) -> None:
    page = reader.open(slip.code)
    said = words(page)
    # registered on 5 March 2026; 15 days end on Friday 20 March
    assert "人社局" in said
    assert "2026年3月20日 星期五" in said
    assert "还有 15 日" in said
    assert "第1日至第15日" in said
    assert "<details>" in page.text
    assert slip.case_id in said


def test_waiting_is_told_honestly(reader: Reader, county: Db, slip: Slip, clock) -> None:  # type: ignore[no-untyped-def]
    clock.go(days=23)
    said = words(reader.open(slip.code))
    assert "已经 23 天没有新的办理记录" in said
    assert "已超过 8 日" in said
    assert zh("left.very_late") not in said
    clock.go(days=9)
    assert zh("left.very_late") in words(reader.open(slip.code))


def test_an_extension_shows_its_reason_and_the_day_first_promised(
    reader: Reader, county: Db, slip: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    clock.go(days=1)
    office(county, slip.case_id, "accepted")
    office(county, slip.case_id, "extended", days=30, code="complex", words={"reason": "等鉴定。"})
    said = words(reader.open(slip.code))
    # accepted on 6 March: 60 days end on 5 May, a holiday, so on the 6th; 90 days on 4 June
    assert "最初答应的日期：2026年5月6日" in said
    assert "2026年6月4日 星期四" in said
    assert "等鉴定。" in said
    assert t("casework.reason.extension.complex", "zh") in said


def test_the_asker_sees_who_opened_the_text_and_in_which_month(
    reader: Reader, county: Db, slip: Slip
) -> None:
    assert zh("opened.none") in words(reader.open(slip.code))
    for _ in range(2):
        openings.open_texts(county, LABOUR, slip.case_id)
    said = words(reader.open(slip.code))
    assert "2026年3月" in said
    assert "部门经办" in said
    assert "2 次" in said


def test_the_first_opening_confirms_the_case_and_is_said_once(
    reader: Reader, county: Db, slip: Slip
) -> None:
    assert "confirmed" not in events(county, slip)
    assert zh("first.title") in reader.open(slip.code).text
    assert events(county, slip).count("confirmed") == 1
    later = reader.open(slip.code)
    assert zh("first.title") not in later.text
    assert zh("first.opened") in later.text
    assert events(county, slip).count("confirmed") == 1


def test_not_solved_opens_the_case_again(reader: Reader, county: Db, answered: Slip) -> None:
    reply = reader.post("/s/say", code=answered.code, event="not_solved")
    assert reply.status_code == 200
    assert zh("done.not_solved.title") in reply.text
    assert answered.case_id in reply.text
    # answered on 16 March, objected the same day: the limit stays that of 60 days, 6 May
    assert "2026年5月6日" in words(reply)
    assert zh("stage.reopened") in reader.open(answered.code).text
    again = reader.post("/s/say", code=answered.code, event="not_solved")
    assert again.status_code == 400
    assert zh("error.not_now") in again.text
    assert events(county, answered).count("not_solved") == 1


def test_not_solved_has_no_meaning_before_an_answer(reader: Reader, slip: Slip) -> None:
    reader.open(slip.code)
    assert 'value="not_solved"' not in reader.open(slip.code).text
    reply = reader.post("/s/say", code=slip.code, event="not_solved")
    assert reply.status_code == 400


def test_review_is_open_until_its_last_day(
    reader: Reader, county: Db, answered: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    office(county, answered.case_id, "delivered")
    # delivered on 16 March: 30 days end on 15 April
    assert "2026年4月15日" in words(reader.open(answered.code))
    clock.go(days=31)
    assert 'value="review_requested"' not in reader.open(answered.code).text
    late = reader.post("/s/say", code=answered.code, event="review_requested")
    assert late.status_code == 400
    assert "review_requested" not in events(county, answered)


def test_review_starts_its_clock(reader: Reader, county: Db, answered: Slip) -> None:
    office(county, answered.case_id, "delivered")
    reply = reader.post("/s/say", code=answered.code, event="review_requested")
    assert zh("done.review_requested.title") in reply.text
    assert "2026年4月15日" in words(reply)


def test_an_office_step_cannot_be_sent_with_a_code(
    reader: Reader, county: Db, answered: Slip
) -> None:
    for event in ("answered", "declined", "withdrawn", "rated", "voice", "may", ""):
        assert reader.post("/s/say", code=answered.code, event=event).status_code == 400
    assert set(events(county, answered)) == {"registered", "accepted", "answered", "confirmed"}


def test_not_told_is_recorded_once_per_step_of_the_office(
    reader: Reader, county: Db, answered: Slip
) -> None:
    assert reader.post("/s/say", code=answered.code, event="not_told").status_code == 200
    assert reader.post("/s/say", code=answered.code, event="not_told").status_code == 400


def test_rating_needs_the_word(reader: Reader, county: Db, answered: Slip) -> None:
    bare = reader.post("/s/rate", code=answered.code, rating="not", word=WORD)
    assert bare.status_code == 400
    with_word(reader, answered)
    wrong = reader.post("/s/rate", code=answered.code, rating="not", reason="rude", word="错的口令")
    assert wrong.status_code == 400
    assert 'href="#rate-word"' in wrong.text
    assert 'value="not" checked' in wrong.text
    assert 'value="rude" checked' in wrong.text
    assert "rated" not in events(county, answered)
    right = reader.post("/s/rate", code=answered.code, rating="not", reason="rude", word=WORD)
    assert zh("done.rated.title") in right.text
    assert events(county, answered).count("rated") == 1
    # without a delivery on record the right to review has not begun to run out
    assert zh("done.rated.review_open") in words(right)


def test_a_rating_may_be_changed_for_seven_days_and_is_not_shown(
    reader: Reader, county: Db, answered: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    with_word(reader, answered)
    reader.post("/s/rate", code=answered.code, rating="not", word=WORD)
    page = reader.open(answered.code)
    assert "checked" not in page.text
    clock.go(days=6)
    assert reader.post("/s/rate", code=answered.code, rating="fairly", word=WORD).status_code == 200
    clock.go(days=2)
    assert reader.post("/s/rate", code=answered.code, rating="not", word=WORD).status_code == 400
    assert events(county, answered).count("rated") == 2


def test_a_rating_without_a_choice_keeps_what_was_ticked(reader: Reader, answered: Slip) -> None:
    with_word(reader, answered)
    reply = reader.post("/s/rate", code=answered.code, reason="rude", word=WORD)
    assert reply.status_code == 400
    assert 'href="#rating"' in reply.text
    assert 'value="rude" checked' in reply.text


def test_a_word_is_typed_twice_and_long_enough(reader: Reader, slip: Slip) -> None:
    differ = reader.post("/s/word", code=slip.code, word="青山绿水", again="青山绿树")
    assert zh("error.words_differ") in differ.text
    short = reader.post("/s/word", code=slip.code, word="短", again="短")
    assert t("data.error.word_short", "zh", least=4) in short.text
    assert 'id="word-wrong"' in short.text


def test_i_did_not_open_it_before_undoes_a_rating_and_sets_a_new_word(
    reader: Reader, county: Db, answered: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    with_word(reader, answered)
    reader.post("/s/rate", code=answered.code, rating="satisfied", word=WORD)
    clock.go(days=9)  # the stranger's rating could not be changed any more
    reply = reader.post("/s/word", code=answered.code, word="新的口令", again="新的口令", renew="1")
    assert zh("done.word_renewed.title") in reply.text
    old = reader.post("/s/rate", code=answered.code, rating="not", word=WORD)
    assert old.status_code == 400
    new = reader.post("/s/rate", code=answered.code, rating="not", word="新的口令")
    assert new.status_code == 200


def test_a_word_that_is_set_is_not_replaced_silently(reader: Reader, slip: Slip) -> None:
    with_word(reader, slip)
    reply = reader.post("/s/word", code=slip.code, word="另一个词", again="另一个词")
    assert t("data.error.word_set", "zh") in reply.text


def test_disowning_hides_the_text_from_everybody_at_once(
    reader: Reader, county: Db, slip: Slip
) -> None:
    first = hidden(reader.open(slip.code), "first")
    reply = reader.post("/s/say", code=slip.code, first=first, event="disowned")
    assert zh("done.disowned.title") in reply.text
    assert "工资三个月没有发" not in reader.open(slip.code).text
    summary, history = openings.open_texts(county, LABOUR, slip.case_id)
    assert summary is None
    assert all(event.words is None for event in history.events)


def test_any_code_restores_a_disowned_case_within_fifteen_days(
    reader: Reader, county: Db, slip: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    first = hidden(reader.open(slip.code), "first")
    reader.post("/s/say", code=slip.code, first=first, event="disowned")
    clock.go(days=14)
    with county.write() as conn:
        other = receipts.issue(county, conn, slip.case_id, "t01", clock(), reissued=True)
    assert 'value="confirmed"' in reader.open(other.code).text
    reply = reader.post("/s/say", code=other.code, event="confirmed")
    assert zh("done.undone.title") in reply.text
    assert "工资三个月没有发" in reader.open(slip.code).text
    assert zh("steps.undone") in reader.open(slip.code).text
    assert openings.open_texts(county, LABOUR, slip.case_id)[0] is not None


def test_a_disowned_case_is_not_restored_after_fifteen_days(
    reader: Reader, slip: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    first = hidden(reader.open(slip.code), "first")
    reader.post("/s/say", code=slip.code, first=first, event="disowned")
    clock.go(days=16)
    assert reader.post("/s/say", code=slip.code, event="confirmed").status_code == 400


@pytest.mark.parametrize("hours", [0, 2])
def test_only_the_page_of_the_first_opening_disowns(
    reader: Reader, county: Db, slip: Slip, clock, hours: int
) -> None:  # type: ignore[no-untyped-def]
    first = hidden(reader.open(slip.code), "first")
    assert hidden(reader.open(slip.code), "first") == ""
    clock.go(hours=hours)
    sent = first if hours else "0" * 32
    reply = reader.post("/s/say", code=slip.code, first=sent, event="disowned")
    assert reply.status_code == 400
    assert "disowned" not in events(county, slip)


def test_a_reissued_code_never_disowns_and_waits_to_rate(
    reader: Reader, county: Db, answered: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    with county.write() as conn:
        other = receipts.issue(county, conn, answered.case_id, "t01", clock(), reissued=True)
    page = reader.open(other.code)
    assert hidden(page, "first") == ""
    assert 'value="disowned"' not in page.text
    with_word(reader, answered)
    early = reader.post("/s/rate", code=other.code, rating="satisfied", word=WORD)
    assert early.status_code == 400
    assert zh("error.reissued_rating") in early.text
    assert reader.post("/s/say", code=other.code, event="not_solved").status_code == 200
    assert "东镇" in words(reader.open(answered.code))
    assert zh("first.not_me") in reader.open(answered.code).text
    clock.go(days=8)
    later = reader.post("/s/rate", code=other.code, rating="satisfied", word=WORD)
    assert later.status_code == 200


def test_a_code_reaches_no_other_case_of_the_record(county: Db, slip: Slip) -> None:
    opened = find(county, slip.code)
    assert opened is not None
    with pytest.raises(NotFound):
        reading.read_summary(county, opened.scope, "AAAA-AAAA-AAAA")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_headings_come_in_order_and_every_field_has_a_label(
    reader: Reader, answered: Slip, language: str
) -> None:

    pages = [
        reader.get("/s", params={"lang": language}),
        reader.get("/s/about", params={"lang": language}),
        reader.open(answered.code, lang=language),
        reader.open(answered.code, lang=language),
        reader.post("/s/say", code=answered.code, lang=language, event="not_told"),
        reader.open("ABC", lang=language),
    ]
    for page in pages:
        levels = [int(n) for n in re.findall(r"<h([1-6])", page.text)]
        assert levels.count(1) == 1
        steps = itertools.pairwise(levels)
        assert all(after - before <= 1 for before, after in steps)
        ids = re.findall(r' id="([^"]+)"', page.text)
        assert len(ids) == len(set(ids))
        for field in re.findall(r"<input [^>]*>", page.text):
            if 'type="hidden"' not in field:
                name = re.search(r' id="([^"]+)"', field)
                assert name
                assert f'<label for="{name.group(1)}">' in page.text
        for target in re.findall(r'href="#([^"]+)"', page.text):
            assert target in ids


def test_not_solved_takes_no_right_to_review_away(
    reader: Reader, county: Db, answered: Slip, clock
) -> None:  # type: ignore[no-untyped-def]
    office(county, answered.case_id, "delivered")
    clock.go(days=2)
    assert reader.post("/s/say", code=answered.code, event="not_solved").status_code == 200
    page = reader.open(answered.code)
    # delivered on 16 March: 30 days end on 15 April, objected to or not
    assert 'value="review_requested"' in page.text
    assert "2026年4月15日" in words(page)
    clock.go(days=1)
    done = reader.post("/s/say", code=answered.code, event="review_requested")
    assert done.status_code == 200
