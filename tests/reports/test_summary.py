"""Summaries: spans add up, small counts are covered alike everywhere, one problem a month."""

import dataclasses
import datetime as dt
import json

import pandas as pd
import pytest

from reports.facts_json import to_json
from reports.files import document_file
from reports.problem import Problem, followed, problem_of
from reports.rates import Rate
from reports.summary import summary_of
from reports.summary_facts import KINDS, ShownRate, shown_rate, span_of
from reports.summary_words import summary_document
from tests.reports import county

LATE = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)


def made(kind, record=None, **more):
    first, last = span_of(kind, county.DAY)
    given = record or county.record()
    return summary_of(county.COUNTY, kind, first, last, LATE, given, county.FILES, **more)


def due(late, on_time, body="b01", category="wages"):
    """Answers due in March: late ones that were decided late, and those on time."""
    rows = [
        {
            "owing_body_id": body, "stage": "answered", "is_open": False,
            "outcome": "late" if n < late else "on_time", "answer_due_on": "2026-03-10",
            "first_answered_at": "2026-03-04 09:00", "ended_at": "2026-03-04 09:00",
            "acceptance_state": "late" if n < late else "met",
        }
        for n in range(late + on_time)
    ]  # fmt: skip
    asked = [{"opened": "2026-01-05 09:00", "body_id": body, "category": category} for _ in rows]
    return asked, rows


def record_of(*groups):
    asked = [case for cases, _ in groups for case in cases]
    stands = [row for _, rows in groups for row in rows]
    made = [(n, "registered", "2026-01-05 09:00", None) for n in range(len(asked))]
    made += [(n, "contacted", "2026-02-05 09:00", None) for n in range(len(asked))]
    return dataclasses.replace(
        county.record(), cases=county.cases(asked), events=county.events(made),
        standing=county.standing(stands),
    )  # fmt: skip


def test_the_problem_is_the_combination_with_most_and_needs_ten():
    named = made("month", record_of(due(23, 20), due(12, 9, "b02", "heating"))).problem
    assert named == Problem("wages", "late_decision", "b01", 20, 0.55)
    assert made("month", record_of(due(9, 20), due(9, 9, "b02"))).problem is None
    assert made("week", record_of(due(23, 20))).problem is None
    assert "没有哪一种" in text(made("month", record_of(due(9, 20))))


def test_what_was_done_about_the_one_before_is_said():
    before = Problem("wages", "late_decision", "b01", 30, 0.7)
    found = made("month", record_of(due(23, 20)), problem_before=before)
    assert found.followed.now_at_least == 20
    assert "没有向该单位交办" in text(found)
    assert "没有对照" in text(made("month", record_of(due(23, 20))))
    few = pd.DataFrame(
        {"category": [], "body_id": [], "is_bad": pd.Series(dtype=bool), "cause": []}
    )
    assert followed(few, before, 0, 0).now_at_least == 0
    assert problem_of(few) is None


def test_a_rate_of_one_or_two_is_covered_on_either_side():
    assert shown_rate(Rate(0, 0)) == ShownRate("none", None, None, None)
    assert shown_rate(Rate(3, 9)).state == "few"
    assert shown_rate(Rate(2, 30)).state == shown_rate(Rate(29, 30)).state == "covered"
    assert shown_rate(Rate(30, 30)).share == 1
    assert shown_rate(Rate(3, 30)).numerator == 3


def test_covered_cells_are_the_same_in_file_page_and_word():
    found = made("month", record_of(due(2, 40), due(12, 30, "b02"), due(5, 20, "b03")))
    cells = {line.body_id: (line.on_time, line.late) for line in found.by_body}
    assert cells["b01"][1] is None
    assert sum(late is None for _, late in cells.values()) >= 2, "else the total gives it away"
    facts = json.loads(to_json(found))
    assert {line["body_id"]: (line["on_time"], line["late"]) for line in facts["by_body"]} == cells
    table = next(
        block
        for section in summary_document(found, "en").sections
        for block in section.blocks
        if hasattr(block, "rows") and block.title == "Answers due by body (cases)"
    )
    assert [row[3] == "*" for row in table.rows] == [late is None for _, late in cells.values()]
    html = document_file(summary_document(found, "en"), "html", {}, found.as_of).decode()
    assert html.count("<td>*</td>") >= 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_shorter_span_has_no_count_of_a_body(kind):
    found = made(kind, record_of(due(12, 30), due(3, 4, "b02")))
    counts = {(line.due, line.late) for line in found.by_body}
    if kind == "month":
        assert (42, 12) in counts
    else:
        assert counts <= {(None, None)}
    few = [line for line in found.by_body if line.body_id == "b02"]
    assert all(line.is_few and line.share is None for line in few)


def test_nobodys_place_moves_because_more_people_ask():
    order = [line.body_id for line in made("month", record_of(due(4, 9), due(4, 9, "b02"))).by_body]
    more = [line.body_id for line in made("month", record_of(due(4, 9), due(8, 18, "b02"))).by_body]
    assert order == more == ["b01", "b02"]


def text(found, language="zh"):
    said = []
    for section in summary_document(found, language).sections:
        said += [block for block in section.blocks if isinstance(block, str)]
    return "\n".join(said)
