"""DOMAIN.md §2.7: a backlog case's plan and the looks back at its answers reach its asker, every
version, every word; and how many ask or object orders nothing (§2.4)."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from data import answer_reviews, record
from data.db import Db
from data.history import NewEvent
from data.planned import NewPlan, PlanStep
from data.receipts import Slip
from data.scope import Scope
from data.vocabulary import (
    ANSWER_HANDLED,
    CAME_BACK_BECAUSE,
    PLAN_CHANGE_REASONS,
    PLAN_LEVELS,
    PLAN_STEPS,
)
from reports.backlog import PARTS, by_group
from reports.lessons import lessons
from service import plans
from tests.conftest import LABOUR, SUPERVISOR
from tests.public.conftest import Reader, words
from wording import catalogue, formats, t

from .conftest import ANSWER, anything, office


def planned(case_id: str, **changes: object) -> NewPlan:
    values: dict[str, object] = {
        "case_id": case_id, "body_id": "b01", "post": "deputy_county_head",
        "due_on": dt.date(2026, 7, 20),
        "steps": (PlanStep("contact", dt.date(2026, 6, 18)),
                  PlanStep("answer", dt.date(2026, 7, 16))),
    }  # fmt: skip
    return NewPlan(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_plan_and_every_change_of_it_stand_on_the_askers_page(
    county: Db, reader: Reader, slip: Slip, clock, language: str
) -> None:
    office(county, slip.case_id, "accepted")
    assert t("backlog.asker.title", language) not in words(reader.open(slip.code, lang=language))
    clock.go(days=100)
    page = words(reader.open(slip.code, lang=language))
    assert t("backlog.asker.owed", language) in page
    made = plans.make(county, SUPERVISOR, planned(slip.case_id))
    page = words(reader.open(slip.code, lang=language))
    assert t("backlog.asker.owed", language) not in page
    for text in (t("roster.post.deputy_county_head", language), t("backlog.step.contact", language),
                 formats.day(dt.date(2026, 7, 20), language),
                 formats.day(dt.date(2026, 6, 18), language)):  # fmt: skip
        assert text in page, text
    clock.go(days=10)
    changed = planned(
        slip.case_id, post="department_head", due_on=dt.date(2026, 9, 1), replaces=made,
        reason="date_not_kept", steps=(PlanStep("answer", dt.date(2026, 8, 28)),),
    )  # fmt: skip
    plans.make(county, SUPERVISOR, changed)
    page = words(reader.open(slip.code, lang=language))
    for text in (t("roster.post.department_head", language),
                 t("roster.post.deputy_county_head", language),
                 t("backlog.reason.date_not_kept", language),
                 formats.day(dt.date(2026, 7, 20), language),
                 formats.day(dt.date(2026, 9, 1), language)):  # fmt: skip
        assert text in page, text


def test_a_plan_stays_on_the_page_when_the_case_is_closed(
    county: Db, reader: Reader, slip: Slip, clock
) -> None:
    office(county, slip.case_id, "accepted")
    clock.go(days=100)
    plans.make(county, SUPERVISOR, planned(slip.case_id))
    clock.go(days=1)
    record.add_event(county, LABOUR, slip.case_id, NewEvent("answered", words=ANSWER), anything)
    page = words(reader.open(slip.code))
    assert t("backlog.asker.was", "zh") in page
    assert t("roster.post.deputy_county_head", "zh") in page
    # the contact that was planned is not said to be overdue for ever
    assert t("backlog.plan.not_taken", "zh") in page
    assert t("backlog.plan.late", "zh") not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_look_back_stands_on_the_askers_page(
    county: Db, reader: Reader, slip: Slip, clock, language: str
) -> None:
    office(county, slip.case_id, "accepted")
    record.add_event(county, LABOUR, slip.case_id, NewEvent("answered", words=ANSWER), anything)
    answered_at = county.now()
    clock.go(days=2)
    asker = Scope(who=slip.case_id, role="resident")
    record.add_event(county, asker, slip.case_id, NewEvent("not_solved"), anything)
    of = (county, LABOUR, slip.case_id, answered_at)
    first = answer_reviews.review(*of, "partly_done", "rest_left_open")
    clock.go(hours=1)
    answer_reviews.review(*of, "promise_not_done", "promised_day_passed", first)
    answer_reviews.review(
        county, SUPERVISOR, slip.case_id, answered_at, "facts_not_checked", "facts_wrong"
    )
    page = words(reader.open(slip.code, lang=language))
    for key in ("handled.partly_done", "came_back.rest_left_open", "handled.promise_not_done",
                "came_back.promised_day_passed", "handled.facts_not_checked",
                "came_back.facts_wrong"):  # fmt: skip
        assert t(f"backlog.{key}", language) in page, key


def test_every_word_of_the_lists_is_told_in_both_languages() -> None:
    lists = {
        "step": PLAN_STEPS, "level": PLAN_LEVELS, "reason": PLAN_CHANGE_REASONS,
        "handled": ANSWER_HANDLED, "came_back": CAME_BACK_BECAUSE,
    }  # fmt: skip
    for language in ("zh", "en"):
        known = catalogue(language)
        for name, values in lists.items():
            assert [w for w in values if f"backlog.{name}.{w}" not in known] == []


OF_WHO_ASKED = (
    "诉求人", "群众", "上访", "缠", "闹", "无理", "情绪", "不满", "期望", "反复",
    "complain", "unreasonable", "persist", "demand", "never", "behaviour", "attitude", "asker",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_word_of_a_look_back_is_about_who_asked(language: str) -> None:
    """The office's omission towards them may be named: "the asker was not told"."""
    said = {
        word: t(f"backlog.{name}.{word}", language).lower()
        for name, values in (("handled", ANSWER_HANDLED), ("came_back", CAME_BACK_BECAUSE))
        for word in values
        if word != "asker_not_told"
    }
    for word, text in said.items():
        assert [w for w in OF_WHO_ASKED if w in text or w in word] == [], word


@pytest.mark.parametrize("many", ["b01", "b02", "b03"])
def test_twice_the_backlog_of_a_body_moves_no_line_and_no_share(many: str) -> None:
    parts = {"b01": (2, 1, 0, 0, 7), "b02": (9, 0, 1, 0, 0), "b03": (5, 2, 0, 1, 4)}

    def table(times: dict[str, int]) -> pd.DataFrame:
        rows = [
            (body, part)
            for body, counts in parts.items()
            for part, count in zip(PARTS, counts, strict=True)
            for _ in range(count * times.get(body, 1))
        ]
        frame = pd.DataFrame(rows, columns=["body", "part"])
        return by_group(frame["part"], frame["body"], ["b03", "b01", "b02"])

    once, twice = table({}), table({many: 2})
    assert list(twice.index) == list(once.index) == ["b03", "b01", "b02"]
    shares = [(t["cleared"] / t["assigned"]).round(9).tolist() for t in (once, twice)]
    assert shares[0] == shares[1]
    assert list(twice.columns) == list(once.columns)
    assert not {"rank", "target", "order", "colour"} & set(twice.columns)


def test_lessons_know_no_body_and_keep_the_order_of_the_categories() -> None:
    def said(times: int) -> pd.DataFrame:
        rows = [("wages", "law_only", "not_explained", True)] * 12 * times
        rows += [("heating", "in_full", "no_means", False)] * 11
        return pd.DataFrame(rows, columns=["category", "handled", "came_back", "is_second"])

    once, thrice = (lessons(said(times), ["heating", "wages"]) for times in (1, 3))
    assert once.told == thrice.told
    pd.testing.assert_series_equal(
        once.of("handled", "wages")["share"], thrice.of("handled", "wages")["share"]
    )
