"""What a published consultation and a quarter of suggestions may show: attacked by subtraction."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.demo.suggested import ODDS
from data.vocabulary import SUGGESTION_OUTCOMES
from reports import suggestions
from reports.consultation_print import document
from reports.consultations import (
    COLUMNS,
    comments_of,
    dictionary,
    rows,
    shown_counts,
    to_atom,
    to_csv,
    to_json,
    to_metadata,
)
from reports.daily_facts import County
from reports.document import Table
from reports.suggestions import LEAST, content_of, folded, quarter_before, quarter_of
from wording import t

THEMES = ("access", "safety", "timing", "other")
HIGHEST = 10
"""As far as the attacker below looks."""


def fits(known: dict[str, int | None], total: int | None) -> list[tuple[int, ...]]:
    """Every list of counts that a reader may take for true, knowing the rule: covered are ≥ 1."""
    ranges = [range(1, HIGHEST) if known[theme] is None else (known[theme],) for theme in known]
    return [
        found for found in itertools.product(*ranges)  # type: ignore[arg-type]
        if total is None or sum(found) == total
    ]  # fmt: skip


counts = st.lists(st.integers(0, 6), min_size=1, max_size=4).map(
    lambda numbers: dict(zip(THEMES, numbers, strict=False))
)


@given(counts)
def test_nobody_gets_a_small_count_back_from_one_version(given_: dict[str, int]) -> None:
    shown, total = shown_counts(given_, ())
    worlds = fits(shown, total)
    for at, count in enumerate(given_.values()):
        if 0 < count < 3:
            assert len({world[at] for world in worlds}) >= 2


@given(counts, counts)
def test_two_versions_never_tell_a_small_count_nor_a_small_difference(
    first: dict[str, int], second: dict[str, int]
) -> None:
    second = {theme: second.get(theme, 0) for theme in first}
    shown, total = shown_counts(first, ())
    is_shown = total is not None or any(shown.values())
    again, new_total = shown_counts(second, [(first, is_shown)])
    if first == second:
        assert (again, new_total) == (shown, total)
    before, after = fits(shown, total), fits(again, new_total)
    for at, theme in enumerate(first):
        if 0 < second[theme] < 3:
            assert len({world[at] for world in after}) >= 2
        if 0 < abs(second[theme] - first[theme]) < 3:
            olds, news = ({world[at] for world in worlds} for worlds in (before, after))
            assert len({new - old for new in news for old in olds}) >= 2
    if total is not None and new_total is not None and first != second:
        assert abs(new_total - total) not in (1, 2)


def test_what_was_typed_wrongly_and_put_right_is_shown_again() -> None:
    right, wrong = {"access": 12, "safety": 9}, {"access": 13, "safety": 9}
    assert shown_counts(right, ()) == (right, 21)
    hidden, total = shown_counts(wrong, [(right, True)])
    assert hidden == {"access": None, "safety": None}
    assert total is None
    assert shown_counts(right, [(right, True), (wrong, False)]) == (right, 21)
    much = {"access": 20, "safety": 9}
    assert shown_counts(much, [(right, True), (wrong, False)]) == (much, 29)


def test_none_and_not_entered_differ() -> None:
    assert shown_counts({"access": 0, "safety": 0}, ()) == ({"access": 0, "safety": 0}, 0)
    said = comments_of({"access": 0, "safety": 4}, {"safety": "已研究。"}, ())
    assert said["themes"][0] == {"theme": "access", "count": 0, "reply": None}
    assert said["total"] == 4


def content(**more: Any) -> dict[str, Any]:
    made = {
        "consultation_id": "AAAA-BBBB-CCCC", "number": 2, "replaces": 1, "demo": False,
        "published_at": "2026-05-01T01:00:00+00:00", "kind": "school", "title": "=合并<小学>",
        "matter": "定合并时间。", "papers_place": "大厅", "ask_desk": "窗口",
        "starts_on": "2026-03-05", "ends_on": "2026-04-05", "short_reason": None,
        "body": {"id": "b01", "zh": "人社局", "en": "Labour Bureau"}, "township": None,
        "comments": comments_of({"access": 7, "safety": 1, "timing": 5, "other": 0},
                                {"access": "甲", "safety": "乙", "timing": "丙"}, ()),
        "decision": {"outcome": "changed", "decided_on": "2026-04-20", "changes": "多一站。"},
    }  # fmt: skip
    return made | more


def test_csv_and_json_say_the_same_and_cells_run_nothing() -> None:
    read = list(csv.DictReader(io.StringIO(to_csv([content()]).decode())))
    assert list(read[0]) == list(COLUMNS)
    assert [row["theme"] for row in read] == ["access", "safety", "timing"]
    assert [row["comments"] for row in read] == ["7", "", ""]
    assert [row["covered"] for row in read] == ["false", "true", "true"]
    assert read[0]["title"] == "'=合并<小学>"
    whole = json.loads(to_json([content()], True))
    assert whole["versions"] == [content()]
    assert set(whole["dictionary"]) == set(COLUMNS) == set(dictionary())
    assert "demo_note" in whole
    described = json.loads(to_metadata("consultations.csv", {"zh": "县", "en": "c"}, False))
    assert [one["name"] for one in described["tableSchema"]["columns"]] == list(COLUMNS)


def test_a_notice_without_comments_is_one_row_and_no_comments_are_zero() -> None:
    bare = rows([content(comments=None, decision=None)])
    assert [(row["theme"], row["comments"], row["outcome"]) for row in bare] == [(None, None, None)]
    none = rows([content(comments=comments_of({"access": 0}, {}, ()))])
    assert [(row["theme"], row["comments"]) for row in none] == [(None, 0)]


def test_the_feed_is_well_formed_whatever_a_title_holds() -> None:
    made = to_atom("试县", [(content(), "ab")], lambda number, n: f"/s/c/{number}/{n}", "en")
    feed = ElementTree.fromstring(made)
    space = "{http://www.w3.org/2005/Atom}"
    titles = [one.findtext(f"{space}title") for one in feed.findall(f"{space}entry")]
    assert titles == ["=合并<小学> · decision"]
    assert ElementTree.fromstring(to_atom("试县", [], str, "zh")).tag == f"{space}feed"  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_printed_notice_covers_as_the_page_does_and_marks_demo_data(language: str) -> None:
    said = content(published_at="2026-05-01T01:00:00+00:00", short_reason="urgent",
                   ends_on="2026-03-20")  # fmt: skip
    made = document(said, County("试县", "Test County", "Asia/Shanghai", True), language)
    text = repr(made)
    assert made.mark
    assert said["title"] in made.subtitle
    assert t("consultations.short.urgent", language) in text
    (table,) = [b for s in made.sections for b in s.blocks if isinstance(b, Table)]
    mark = t("consultations.public.mark", language)
    assert [row[-1] for row in table.rows] == ["7", mark, mark, "13"]
    assert t("consultations.outcome.changed", language) in text
    assert "多一站。" in text


# suggestions ----------------------------------------------------------------------------------

OUTCOMES = (*SUGGESTION_OUTCOMES, "unsaid")


def table(lines: dict[str, Iterable[int]]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(
        {name: list(cells) for name, cells in lines.items()}, orient="index", columns=OUTCOMES
    ).astype("int64")


def test_small_domains_stand_together_and_the_smallest_other_joins_where_it_must() -> None:
    counts_ = table({
        "labour": [20, 3, 4, 5, 0, 0], "rural": [2, 1, 0, 1, 0, 0], "other": [3, 0, 2, 0, 0, 0],
        "daily_life": [9, 4, 3, 3, 3, 0],
    })  # fmt: skip
    made, together = folded(counts_)
    assert together == ("rural", "other", "daily_life")
    assert list(made.index) == ["labour", suggestions.TOGETHER]
    assert made.loc[suggestions.TOGETHER].tolist() == [14, 5, 5, 4, 3, 0]
    counts_.loc["other", "taken_up"] = 8
    made, together = folded(counts_)
    assert together == ("rural", "other") or together == ("rural",)
    assert (made.sum(axis=1) >= LEAST).all()


def test_a_quarter_with_few_has_no_figures_at_all() -> None:
    made = content_of(quarter_of("2026-Q1"), table({"labour": [5, 4, 0, 0, 0, 0]}),
                      {"zh": "县", "en": "c"}, False)  # fmt: skip
    assert made["too_few"]
    assert made["lines"] == []
    assert made["total"] is None
    assert suggestions.rows(made) == []


@pytest.mark.parametrize("seed", range(25))
def test_no_small_cell_of_a_quarter_is_the_only_one_possible(seed: int) -> None:
    """Shown figures as equations; a covered small cell must be able to be another number."""
    rng = np.random.default_rng(seed)
    odds = [*(0.93 * share for share in ODDS), 0.07]
    odds = [share / sum(odds) for share in odds]
    lines = {
        name: rng.multinomial(int(rng.integers(0, 40)), odds)
        for name in ("labour", "rural", "daily_life", "other")
    }
    counts_ = table(lines)
    made = content_of(quarter_of("2026-Q1"), counts_, {"zh": "县", "en": "c"}, False)
    if made["too_few"]:
        return
    true, _ = folded(counts_)
    shown = pd.DataFrame(
        [[one["counts"][o] for o in OUTCOMES] for one in made["lines"]], index=true.index,
        columns=OUTCOMES,
    )  # fmt: skip
    equations = _equations(shown, made)
    unknown = [(r, c) for r in true.index for c in OUTCOMES if pd.isna(shown.loc[r, c])]
    for cell in unknown:
        if 0 < true.loc[cell] < 3:
            assert _may_move(equations, unknown, unknown.index(cell)), (seed, cell)


def _equations(shown: pd.DataFrame, made: dict[str, Any]) -> list[list[tuple[str, str]]]:
    """The covered cells of each line and column of which the total is shown."""
    found = []
    for name, one in zip(shown.index, made["lines"], strict=True):
        if one["total"] is not None:
            found.append([(name, c) for c in OUTCOMES if pd.isna(shown.loc[name, c])])
    for c in OUTCOMES:
        if made["totals"][c] is not None:
            found.append([(r, c) for r in shown.index if pd.isna(shown.loc[r, c])])
    return [one for one in found if one]


def _may_move(
    equations: list[list[tuple[str, str]]], unknown: list[tuple[str, str]], at: int
) -> bool:
    """Whether a cell is free in the shown equations (its column is no pivot of its own)."""
    matrix = np.array(
        [[1.0 if cell in one else 0.0 for cell in unknown] for one in equations]
    ).reshape(len(equations), len(unknown))
    unit = np.zeros(len(unknown))
    unit[at] = 1.0
    rank = np.linalg.matrix_rank(matrix) if len(equations) else 0
    return np.linalg.matrix_rank(np.vstack([matrix, unit])) > rank


def test_quarters_are_disjoint_and_named_by_their_days() -> None:
    assert quarter_of("2026-Q4").last == dt.date(2026, 12, 31)
    assert quarter_before(dt.date(2026, 3, 5)).name == "2025-Q4"
    assert quarter_before(dt.date(2026, 4, 1)).name == "2026-Q1"
    span = quarter_of("2024-Q1")
    assert (span.first, span.last) == (dt.date(2024, 1, 1), dt.date(2024, 3, 31))
    for bad in ("2026-Q5", "2026Q1", "x", "2026-01", "２０２６-Q1"):
        with pytest.raises(ValueError, match=bad[:2]):
            quarter_of(bad)
