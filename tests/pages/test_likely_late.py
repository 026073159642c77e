"""The likely-late page: recorded scores, levels by capacity, a person's word with a reason."""

from __future__ import annotations

from html import escape

import pytest
import sqlalchemy as sa

from data import record, scores
from data.history import NewEvent
from data.rows import NewCase
from data.schema import score as score_table
from data.scope import Scope
from service.figures import worklist
from service.forecast import score
from service.likely import cut, daily_lines, listed
from tests.conftest import DESK, LABOUR, LEADER, NOW, SUPERVISOR
from tests.pages.conftest import text_of
from wording import t

OPERATOR = Scope.operator()
SECRET = "东郊工地三个月工资未发"


def anything(history, event) -> None:
    """A grammar that allows everything."""


@pytest.fixture
def scored(county, clock, tmp_path):
    """Six accepted cases, one of them unconfirmed, one past its limit; then a scoring."""
    ids = []
    for number in range(6):
        new = NewCase(
            township_code="990000001000", grid_code="990000001001001", opened_at=clock(),
            domain="labour", category="unpaid_wages", kind="redress",
            channel="desk" if number == 5 else "hotline", procedure="ordinary", body_id="b01",
            summary=SECRET,
        )  # fmt: skip
        ids.append(record.register(county, DESK, new).case_id)
        record.add_event(county, LABOUR, ids[-1], NewEvent("accepted"), anything)
        clock.go(days=70 if number == 0 else 5)
    score(county, OPERATOR, tmp_path / "models", capacity=2)
    return ids


def test_before_the_first_scoring_the_page_says_what_to_do(open_page):
    page = open_page("likely_late", "supervisor", "en")
    assert not page.exception
    assert t("forecast.page.not_scored", "en") in text_of(page)


def test_only_confirmed_cases_whose_clock_runs_are_scored_and_flagged(county, scored):
    found = listed(county, SUPERVISOR, worklist(county, SUPERVISOR, county.now()), county.now())
    assert set(found.table["case_id"]) == set(scored[:5])
    assert found.waiting == 1
    assert set(found.table.loc[found.table["flag_id"].notna(), "case_id"]) == set(scored[1:5])
    assert cut(found.table, county.now(), 2).value_counts().to_dict() == {
        "overdue": 1, "likely_late": 2, "on_course": 2,
    }  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_shows_levels_and_reasons_and_no_text_or_place(open_page, scored, language):
    page = open_page("likely_late", "supervisor", language)
    assert not page.exception
    table = page.dataframe[0].value
    assert len(table) == 5
    assert set(table["case_id"]) == set(scored[:5])
    shown = text_of(page) + table.to_csv()
    assert SECRET not in shown
    assert "990000001" not in shown
    few = {"name": t("risk.forecast.record_12_months", language), "finished": "1", "late": "1"}
    assert escape(t("forecast.served.few", language, **few).strip()) in shown


def test_the_page_reads_scores_and_makes_none(county, open_page, scored):
    def held():
        with county.read() as conn:
            return conn.execute(sa.select(score_table)).all()

    before = held()
    open_page("likely_late", "supervisor").slider(key="likely_capacity").set_value(3).run()
    assert held() == before


def test_a_supervisor_confirms_with_a_reason_and_the_flag_takes_no_more_place(
    county, scored, clock, tmp_path
):
    flags = scores.read_flags(county, SUPERVISOR, county.now())
    first = flags.iloc[0]
    scores.decide(county, SUPERVISOR, first["flag_id"], "confirmed", "no_step_yet")
    found = listed(county, SUPERVISOR, worklist(county, SUPERVISOR, county.now()), county.now())
    level = cut(found.table, county.now(), 2)
    assert level[found.table["case_id"] == first["case_id"]].tolist() == ["likely_late"]
    assert (level == "likely_late").sum() == 3
    clock.go(days=1)
    score(county, OPERATOR, tmp_path / "models", capacity=2)
    again = scores.read_flags(county, SUPERVISOR, county.now(), since=clock())
    assert first["case_id"] not in set(again["case_id"])
    assert len(again) == 3


def test_a_decision_moves_no_clock_and_no_place_in_the_work_list(county, scored):
    before = worklist(county, SUPERVISOR, county.now())
    for number, flag_id in enumerate(scores.read_flags(county, SUPERVISOR, county.now()).flag_id):
        word = ("confirmed", "limit_near") if number % 2 else ("dismissed", "extended")
        scores.decide(county, SUPERVISOR, flag_id, *word)
    after = worklist(county, SUPERVISOR, county.now())
    assert after.standing.equals(before.standing)
    assert after.clocks.equals(before.clocks)


def test_the_daily_report_counts_todays_flags_and_yesterdays_that_were_answered(
    county, scored, clock, tmp_path
):
    flags = scores.read_flags(county, LEADER, county.now())
    assert flags["case_id"].isna().all()
    today = clock().date()
    assert [vars(line) for line in daily_lines(county, LEADER, today, county.now())] == [
        {
            "body_id": "b01", "flags": 2, "yesterday": None, "answered_since": None,
            "reasons": (("body_load", 2), ("record", 2), ("time_used_no_contact", 2)),
        }
    ]  # fmt: skip
    likely = scores.read_flags(county, SUPERVISOR, county.now())
    case_id = likely.loc[likely["level"] == "likely_late", "case_id"].iloc[0]
    clock.go(days=1)
    words = dict.fromkeys(("request", "facts", "opinion", "basis", "remedy"), "已查明。")
    record.add_event(county, LABOUR, case_id, NewEvent("answered", words=words), anything)
    lines = daily_lines(county, LEADER, clock().date(), county.now())
    assert [vars(line) for line in lines] == [
        {
            "body_id": "b01",
            "flags": None,
            "yesterday": 2,
            "answered_since": 1,
            "reasons": (),
        }
    ]
    assert daily_lines(county, LEADER, NOW.date(), NOW) is None


def test_the_leaders_page_says_that_yesterday_had_no_forecast(open_page, scored):
    shown = text_of(open_page("overview", "leader"))
    assert t("ui.overview.yesterday_none", "zh") in shown
    assert t("ui.overview.likely_none", "zh") not in shown
