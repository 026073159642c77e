"""Answers that did not hold: which they are, who looks back at them, what is learnt."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import sqlalchemy as sa

from data import answer_reviews, record
from data.db import Db
from data.errors import NotAllowed, NotFound, ProjectError
from data.history import ANSWER_PARTS, NewEvent
from data.rows import NewCase
from data.schema import answer_review
from data.scope import Scope
from reports.lessons import covered, lessons
from reports.monthly import COUNTY
from service import held
from tests.conftest import (
    ADMINISTRATOR,
    DESK,
    GRID_WORKER,
    HOUSING,
    LABOUR,
    LEADER,
    REVIEWER,
    SUPERVISOR,
    Clock,
)

WAY = ("promise_not_done", "promised_day_passed")


def anything(history: object, event: object) -> None:
    """A grammar that allows everything."""


@pytest.fixture
def county(sqlite_db: Db, small_county) -> Db:  # type: ignore[no-untyped-def]
    return small_county(sqlite_db)


def register(county: Db) -> str:
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=county.now(), domain="labour",
        category="unpaid_wages", kind="redress", channel="desk", procedure="ordinary",
        body_id="b01", summary="东郊工地三个月工资未发。",
    )  # fmt: skip
    return record.register(county, DESK, new).case_id


def say(county: Db, case_id: str, event: str, scope: Scope = LABOUR, **values: object) -> None:
    if event == "answered":
        values = {"words": dict.fromkeys(ANSWER_PARTS, "已办。"), **values}
    record.add_event(county, scope, case_id, NewEvent(event, **values), anything)  # type: ignore[arg-type]


def asker(case_id: str) -> Scope:
    return Scope(who=case_id, role="resident")


@pytest.fixture
def came_back(county: Db, clock: Clock) -> str:
    case_id = register(county)
    for event in ("accepted", "answered"):
        clock.go(days=1)
        say(county, case_id, event)
    clock.go(days=3)
    say(county, case_id, "not_solved", asker(case_id))
    clock.go(hours=1)
    return case_id


def rows(county: Db, scope: Scope = SUPERVISOR) -> tuple[held.Row, ...]:
    return held.listed(county, scope, county.now())


def look(county: Db, scope: Scope, *words: str, replaces: str | None = None) -> str:
    one = rows(county, SUPERVISOR)[0].answer
    chosen = words or WAY
    return answer_reviews.review(county, scope, one.case_id, one.answered_at, *chosen, replaces)


def test_an_answer_is_on_the_list_from_the_askers_word_on(county, clock):
    case_id = register(county)
    say(county, case_id, "answered")
    clock.go(days=20)
    assert rows(county) == ()
    say(county, case_id, "review_requested", asker(case_id))
    row = rows(county)[0]
    assert (row.answer.case_id, row.answer.by, row.answer.body_id) == (
        case_id, "review_requested", "b01",
    )  # fmt: skip
    assert (row.answer.back_at - row.answer.answered_at, row.waits_for) == (
        dt.timedelta(days=20), "first",
    )  # fmt: skip


def test_each_answer_of_a_case_is_looked_back_at_by_itself(county, came_back, clock):
    look(county, LABOUR)
    say(county, came_back, "answered")
    clock.go(days=2)
    for event in ("not_solved", "review_requested"):
        say(county, came_back, event, asker(came_back))
        clock.go(hours=1)
    found = rows(county)
    assert [row.answer.by for row in found] == ["not_solved", "not_solved"]
    assert [row.waits_for for row in found] == ["second", "first"]


def test_what_is_disowned_or_came_back_longer_ago_than_a_year_is_left_out(county, came_back, clock):
    say(county, came_back, "disowned", asker(came_back))
    assert rows(county) == ()
    say(county, came_back, "confirmed", asker(came_back))
    assert len(rows(county)) == 1
    clock.go(days=366)
    assert rows(county) == ()


def test_the_body_looks_first_then_the_supervisor(county, came_back):
    with pytest.raises(NotAllowed):
        look(county, SUPERVISOR)
    look(county, LABOUR)
    assert rows(county)[0].waits_for == "second"
    look(county, SUPERVISOR, "facts_not_checked", "facts_wrong")
    row = rows(county)[0]
    assert row.waits_for == "done"
    assert row.first is not None
    assert row.second is not None
    assert (row.first.handled, row.first.came_back, row.first.body_id) == (*WAY, "b01")
    assert (row.second.handled, row.second.kind, row.second.body_id) == (
        "facts_not_checked", "second", None,
    )  # fmt: skip


def test_a_correction_names_the_one_before_and_nothing_is_edited(county, came_back):
    made = look(county, LABOUR)
    for wrong in (None, "AAAA-AAAA-AAAA"):
        with pytest.raises(NotAllowed):
            look(county, LABOUR, "law_only", "not_explained", replaces=wrong)
    look(county, LABOUR, "law_only", "not_explained", replaces=made)
    row = rows(county)[0]
    assert row.first is not None
    assert (row.first.handled, row.first.replaces) == ("law_only", made)
    told = answer_reviews.for_asker(county, asker(came_back), came_back)
    assert [one.handled for one in told] == [WAY[0], "law_only"]
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), county.write() as conn:
        conn.execute(answer_review.delete())


def test_a_clerk_sees_the_answers_of_the_own_body_only(county, came_back):
    assert [row.answer.case_id for row in rows(county, LABOUR)] == [came_back]
    assert rows(county, HOUSING) == ()
    with pytest.raises(NotFound):
        look(county, HOUSING)
    look(county, LABOUR)
    assert len(answer_reviews.read(county, LABOUR, county.now())) == 1
    assert answer_reviews.read(county, HOUSING, county.now()) == ()
    for scope in (LEADER, ADMINISTRATOR, GRID_WORKER, Scope.operator(), asker(came_back)):
        for act in (lambda s: rows(county, s), lambda s: look(county, s),
                    lambda s: answer_reviews.read(county, s, county.now())):  # fmt: skip
            with pytest.raises(NotAllowed):
                act(scope)
    with pytest.raises(NotFound):
        answer_reviews.for_asker(county, asker("another"), came_back)


def test_the_body_that_answered_owes_the_first_look_also_under_review(county, clock):
    case_id = register(county)
    say(county, case_id, "answered")
    clock.go(days=5)
    say(county, case_id, "review_requested", asker(case_id))
    assert [row.answer.case_id for row in rows(county, LABOUR)] == [case_id]
    assert rows(county, REVIEWER) == ()
    look(county, LABOUR)


@pytest.mark.parametrize(
    "words", [("persistent_asker", "not_explained"), ("law_only", "never_content"), ("", "")]
)
def test_words_come_from_the_lists(county, came_back, words):
    with pytest.raises(ProjectError):
        look(county, LABOUR, *words)


def test_lessons_take_the_second_look_and_carry_no_case_and_no_body(county, came_back):
    look(county, LABOUR)
    since = county.now() - held.SPAN
    first = answer_reviews.read_figures(county, LEADER, since, county.now())
    assert first.to_dict("records") == [
        {"category": "unpaid_wages", "handled": WAY[0], "came_back": WAY[1], "is_second": False}
    ]
    look(county, SUPERVISOR, "facts_not_checked", "facts_wrong")
    found = answer_reviews.read_figures(county, LEADER, since, county.now())
    assert found["handled"].tolist() == ["facts_not_checked"]
    assert found["is_second"].tolist() == [True]
    for scope in (LABOUR, DESK, ADMINISTRATOR, GRID_WORKER):
        with pytest.raises(NotAllowed):
            answer_reviews.read_figures(county, scope, since, county.now())


def said(**counts: int) -> pd.DataFrame:
    """So many looks back per category, a third of them `law_only`."""
    made = [
        (category, "law_only" if n % 3 == 0 else "in_full", "not_explained", n % 2 == 0)
        for category, count in counts.items() for n in range(count)
    ]  # fmt: skip
    return pd.DataFrame(made, columns=["category", "handled", "came_back", "is_second"])


def test_a_category_stands_alone_from_ten_looks_on():
    found = lessons(said(wages=12, heating=9, property=10), ["heating", "wages"])
    assert found.told == (COUNTY, "wages", "property")
    assert found.fewer_count == 1
    of = found.of("handled", "wages")
    assert of.loc["law_only"].tolist() == [4, pytest.approx(4 / 12)]
    assert of["count"].sum() == 12
    assert of["share"].sum() == pytest.approx(1)
    assert found.of("came_back", COUNTY).loc["not_explained", "count"] == 31
    assert found.second["wages"] == 6


def test_of_no_look_there_is_no_lesson():
    found = lessons(said(), ["heating"])
    assert (found.told, found.fewer_count) == ((), 0)


def test_a_small_reason_leaves_with_no_category():
    table = pd.concat([said(wages=12, heating=12, property=12), said(few=2)])
    shown = covered(lessons(table, []))
    assert "few" not in shown["handled"]
    # one more is covered, else the few come out as the rest
    assert len(shown["handled"] - {COUNTY}) == 2
