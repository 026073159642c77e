"""The made-up texts are recent, complete and hold no person."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from data.demo import DemoHistory, make_history
from data.demo.history import TEXT_DAYS
from data.history import ANSWER_PARTS
from data.redact import redact

from .made import END, areas, due_of, is_working


@pytest.fixture(scope="module", params=["zh", "en"])
def texts(request: pytest.FixtureRequest) -> set[str]:
    made = make_history(
        areas(20, 2), end=END, seed=9, due_of=due_of, is_working=is_working, years=1,
        cases_per_year=4000, language=request.param,
    )  # fmt: skip
    found = set(made.cases["summary"].dropna())
    for words in made.events["words"].dropna():
        found |= set(json.loads(words).values())
    return found


def test_no_text_holds_anything_the_redactor_knows(texts: set[str]) -> None:
    assert len(texts) > 200
    for text in texts:
        assert redact(text).text == text


def test_no_text_holds_a_number_longer_than_a_day_count_or_an_article(texts: set[str]) -> None:
    for text in texts:
        assert all(len(number) <= 3 for number in re.findall(r"\d+", text)), text


def test_no_placeholder_is_left_in_a_text(texts: set[str]) -> None:
    assert not [text for text in texts if "{" in text or "}" in text or text != text.strip()]


def test_only_recent_cases_have_texts(made: DemoHistory) -> None:
    has_text = made.cases["summary"].notna()
    oldest = made.cases.loc[has_text, "opened_at"].min()
    assert oldest >= pd.Timestamp(END) - pd.Timedelta(days=TEXT_DAYS)
    recent = made.cases["opened_at"] >= oldest
    assert has_text[recent].mean() > 0.99
    speaking = set(made.events.loc[made.events["words"].notna(), "case"])
    assert speaking <= set(made.cases.index[has_text])


def test_an_answer_has_its_five_parts_and_a_reason_stands_beside_its_step(
    made: DemoHistory,
) -> None:
    recent = made.events[made.events["case"].isin(made.cases.index[made.cases["summary"].notna()])]
    parts = recent.dropna(subset="words").set_index("event")["words"].map(json.loads)
    assert all(tuple(said) == ANSWER_PARTS for said in parts["answered"])
    for event in ("extended", "transferred", "objected", "declined", "referred", "no_remedy"):
        assert all(list(said) == ["reason"] for said in parts[event]), event
    must = recent["event"].isin(["answered", "extended", "declined"])
    assert recent.loc[must, "words"].notna().all()
