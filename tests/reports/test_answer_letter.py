"""The written answer as a document: its parts in order, the way on, nobody's name."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import docx
import pytest

from data.history import ANSWER_PARTS
from reports.answer_letter import Answer, file_name, letter, letter_file
from reports.daily_facts import County
from wording import t

COUNTY = County("试县", "Test County", "Asia/Shanghai", is_demo=False)
AT = dt.datetime(2026, 3, 5, 2, tzinfo=dt.UTC)
WORDS = {part: f"写明{part}。\n第二行。" for part in reversed(ANSWER_PARTS)}
ANSWER = Answer(
    "ABCD-EFGH-JKLM", "answered", AT, "人社局", WORDS, dt.date(2026, 3, 5), dt.date(2026, 4, 7)
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_parts_stand_in_the_laws_order_with_the_last_day_for_a_review(language):
    made = letter(ANSWER, COUNTY, language)
    titles = [section.title for section in made.sections if section.title]
    assert titles == [t(f"public.part.{part}", language) for part in ANSWER_PARTS]
    last = made.sections[-1].blocks[0]
    assert ("2026年4月7日" if language == "zh" else "7 April 2026") in last
    assert ANSWER.case_id in made.subtitle[0]
    assert made.addressee == t("casepage.letter.to", language)


def test_the_file_opens_in_word_and_keeps_every_line_of_the_office():
    file = docx.Document(io.BytesIO(letter_file(ANSWER, COUNTY, "zh", AT)))
    lines = [paragraph.text.strip() for paragraph in file.paragraphs]
    for part in ANSWER_PARTS:
        assert f"写明{part}。" in lines
    assert lines.count("第二行。") == len(ANSWER_PARTS)
    assert "人社局" in lines


def test_a_review_is_called_by_its_own_name():
    review = Answer(ANSWER.case_id, "reviewed", AT, "复查办", {"facts": "查明。"})
    assert letter(review, COUNTY, "zh").title == t("casepage.letter.reviewed_title", "zh")
    assert file_name(review, "zh").endswith(ANSWER.case_id)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_answer_to_a_suggestion_says_what_became_of_it_and_why(language):
    became = replace(ANSWER, became=("not_taken_up", "no_funds_now"))
    (section,) = [s for s in letter(became, COUNTY, language).sections
                  if s.title == t("suggestions.letter.title", language)]  # fmt: skip
    assert t("suggestions.outcome.not_taken_up", language) in section.blocks[0]
    assert t("suggestions.reason.no_funds_now", language) in section.blocks[0]
    taken = letter(replace(ANSWER, became=("taken_up", None)), COUNTY, language)
    said = t("suggestions.outcome.taken_up", language)
    assert t("suggestions.letter.line", language, outcome=said) in taken.sections[-2].blocks
