"""Rules in force by database: a year is loaded, the open cases' last days follow and are listed."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from casework.adapter import events_of
from casework.clocks import clocks
from data import record, steering
from data.errors import ConfigError, NotAllowed
from data.history import NewEvent
from data.reading import read_case
from data.rows import NewCase
from data.scope import Scope
from service import rules_change
from service.figures import county_figures
from service.rules import county_rules, rules_of
from tests.casework.test_calendar_file import YEAR
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, LEADER, SUPERVISOR

ZONE = "Asia/Shanghai"
DECEMBER = dt.datetime(2026, 12, 7, 2, 0, tzinfo=dt.UTC)
ANSWER = dict.fromkeys(("request", "facts", "opinion", "basis", "remedy"), "已查明。")
OLD, NEW = dt.date(2027, 2, 5), dt.date(2027, 2, 12)
"""60 days from 7 December end on the first day of the loaded Spring Festival."""


def anything(history, event) -> None:
    """A grammar that allows everything."""


def asked(db, clock, *then: str) -> str:
    """A case of the labour bureau, accepted on 7 December; `then`: further steps at once."""
    clock.at = max(clock.at, DECEMBER)
    new = NewCase(
        township_code="990000001000", grid_code=None, opened_at=clock(), domain="labour",
        category="unpaid_wages", kind="redress", channel="hotline", procedure="ordinary",
        body_id="b01", summary="工资未发。",
    )  # fmt: skip
    case_id = record.register(db, DESK, new).case_id
    for event in ("accepted", *then):
        words = ANSWER if event == "answered" else None
        record.add_event(db, LABOUR, case_id, NewEvent(event, words=words), anything)
    return case_id


def answer_clock(db, case_id):
    history = read_case(db, LABOUR, case_id)
    pack, calendar = rules_of(db).for_case(history, ZONE)
    found = clocks(pack, history.procedure, events_of(history), db.now(), ZONE, calendar)
    return next(c for c in found if c.clock == "answer")


@pytest.fixture
def county(db, small_county):
    return small_county(db)


def load_year(db, scope: Scope = ADMINISTRATOR, text: str = YEAR) -> None:
    rules_change.apply(db, scope, rules_change.check(db, scope, text))


def test_until_a_year_is_loaded_its_dates_are_provisional(county, clock):
    case_id = asked(county, clock)
    assert answer_clock(county, case_id).provisional
    assert rules_change.provisional(county, ADMINISTRATOR) == {2027: 1}
    load_year(county)
    assert not answer_clock(county, case_id).provisional
    assert rules_change.provisional(county, SUPERVISOR) == {}


def test_what_would_move_is_listed_before_anything_is_applied(county, clock):
    case_id = asked(county, clock)
    asked(county, clock)
    new = rules_change.check(county, ADMINISTRATOR, YEAR)
    rows = rules_change.preview(county, SUPERVISOR, new)
    assert set(rows["case_id"]) >= {case_id}
    assert [(r.clock, r.old_on.date(), r.new_on.date()) for r in rows.itertuples()] == [
        ("answer", OLD, NEW)
    ] * 2
    counted = rules_change.preview(county, ADMINISTRATOR, new)
    assert "case_id" not in counted
    assert counted["count"].tolist() == [2]
    assert counted["body_id"].tolist() == ["b01"]
    assert answer_clock(county, case_id).due_on == OLD
    assert [f.name for f in steering.files_in_force(county, SUPERVISOR)] == ["categories.toml"]


def test_an_applied_year_moves_open_cases_and_the_supervisor_finds_them_listed(county, clock):
    case_id = asked(county, clock)
    version = county.version()
    clock.go(days=1)
    load_year(county)
    assert county.version() != version
    assert answer_clock(county, case_id).due_on == NEW
    clock.go(days=1)
    later = asked(county, clock)
    rows = rules_change.moved(county, SUPERVISOR, county.now())
    assert rows["case_id"].tolist() == [case_id]
    assert later not in set(rows["case_id"])
    assert rows["file"].tolist() == ["calendar_cn_2027.toml"]
    assert (rows["old_on"][0].date(), rows["new_on"][0].date()) == (OLD, NEW)
    early = county.now() - dt.timedelta(days=2)
    assert rules_change.moved(county, SUPERVISOR, early).empty


def test_a_correction_of_the_same_year_moves_again_and_both_moves_stay_listed(county, clock):
    asked(county, clock)
    for text in (YEAR, YEAR.replace("2027-02-11]", "2027-02-12]")):
        clock.go(hours=1)
        load_year(county, text=text)
    rows = rules_change.moved(county, SUPERVISOR, county.now())
    assert [(r.old_on.day, r.new_on.day) for r in rows.itertuples()] == [(12, 14), (5, 12)]
    assert len(steering.versions(county, SUPERVISOR)) == 3


def test_an_ended_clock_is_not_among_what_moves(county, clock):
    asked(county, clock, "answered")
    new = rules_change.check(county, ADMINISTRATOR, YEAR)
    assert rules_change.preview(county, SUPERVISOR, new).empty


def test_a_running_review_is_among_what_moves_and_is_the_reviewers(county, clock):
    case_id = asked(county, clock, "answered", "delivered")
    clock.at = dt.datetime(2027, 1, 6, 2, 0, tzinfo=dt.UTC)
    asker = Scope(who=case_id, role="resident")
    record.add_event(county, asker, case_id, NewEvent("review_requested"), anything)
    new = rules_change.check(county, ADMINISTRATOR, YEAR)
    moves = rules_change.preview(county, SUPERVISOR, new)
    found = moves[["clock", "body_id", "old_on", "new_on"]].to_dict("records")
    assert found == [
        {
            "clock": "review",
            "body_id": "rv",
            "old_on": pd.Timestamp(OLD),
            "new_on": pd.Timestamp(NEW),
        }
    ]


def test_a_year_learnt_after_the_answer_changes_no_outcome(county, clock):
    late = asked(county, clock)
    still_open = asked(county, clock)
    clock.at = dt.datetime(2027, 2, 6, 2, 0, tzinfo=dt.UTC)
    record.add_event(county, LABOUR, late, NewEvent("answered", words=ANSWER), anything)
    clock.go(hours=1)
    before = county_figures(county, SUPERVISOR, county.now()).standing
    load_year(county)
    after = county_figures(county, SUPERVISOR, county.now())
    assert before["outcome"].tolist() == ["late", "late_open"]
    assert after.standing["outcome"].tolist() == ["late", "not_due"]
    assert after.clocks["answer_due_on"].dt.date.tolist() == [OLD, NEW]
    assert (answer_clock(county, late).state, answer_clock(county, late).due_on) == ("late", OLD)
    assert answer_clock(county, still_open).state == "running"
    rows = rules_change.moved(county, SUPERVISOR, county.now())
    assert rows["case_id"].tolist() == [still_open]


def test_only_an_administrator_loads_and_only_a_supervisor_sees_case_numbers(county, clock):
    asked(county, clock)
    for scope in (SUPERVISOR, LEADER, LABOUR, DESK):
        with pytest.raises(NotAllowed):
            rules_change.check(county, scope, YEAR)
    new = rules_change.check(county, ADMINISTRATOR, YEAR)
    for scope in (LEADER, LABOUR, DESK):
        with pytest.raises(NotAllowed):
            rules_change.preview(county, scope, new)
    with pytest.raises(NotAllowed):
        rules_change.moved(county, ADMINISTRATOR, county.now())


@pytest.mark.parametrize(("text", "key"), [("x =", "unreadable"), ("x = 1", "neither")])
def test_a_file_that_is_nothing_of_ours_is_refused(county, text, key):
    with pytest.raises(ConfigError) as err:
        rules_change.check(county, ADMINISTRATOR, text)
    assert err.value.key == f"steering.{key}"


OWN = """
id = "own_county"
version = 1
tightens = "cn_xinfang_2022"
effective_from = 2026-12-20
[[rule]]
clock = "answer"
procedure = "ordinary"
limit = 45
"""


def test_a_county_s_own_rules_hold_for_cases_asked_from_their_first_day_on(county, clock):
    earlier = asked(county, clock)
    load_year(county, text=OWN)
    assert [f.name for f in steering.files_in_force(county, SUPERVISOR)][1:] == [
        "pack_own_county.toml"
    ]
    clock.at = dt.datetime(2026, 12, 20, 2, 0, tzinfo=dt.UTC)
    later = asked(county, clock)
    assert (answer_clock(county, earlier).limit, answer_clock(county, later).limit) == (60, 45)
    assert answer_clock(county, earlier).due_on == OLD
    assert rules_change.moved(county, SUPERVISOR, county.now()).empty
    due = county_figures(county, SUPERVISOR, county.now()).clocks["answer_due_on"].dt.date
    assert due.tolist() == [OLD, dt.date(2027, 2, 3)]
    assert county_rules(county)[0].rules["ordinary"]["answer"].limit == 45


def test_rules_that_govern_open_cases_move_them_on_their_first_day_and_they_are_listed(
    county, clock
):
    still_open, ended = asked(county, clock), asked(county, clock, "answered")
    text = OWN.replace("version = 1", 'version = 1\ngoverns = "open"')
    new = rules_change.check(county, ADMINISTRATOR, text)
    rows = rules_change.preview(county, SUPERVISOR, new)
    sooner = dt.date(2027, 1, 21)
    assert rows["case_id"].tolist() == [still_open]
    assert (rows["old_on"][0].date(), rows["new_on"][0].date()) == (OLD, sooner)
    load_year(county, text=text)
    assert answer_clock(county, still_open).due_on == OLD
    assert rules_change.moved(county, SUPERVISOR, county.now()).empty
    clock.at = dt.datetime(2026, 12, 21, 2, 0, tzinfo=dt.UTC)
    moved = answer_clock(county, still_open)
    assert (moved.promised_on, moved.due_on, moved.moved_from) == (OLD, sooner, OLD)
    assert answer_clock(county, ended).due_on == OLD
    listed = rules_change.moved(county, SUPERVISOR, county.now())
    assert listed["case_id"].tolist() == [still_open]
    assert listed["file"].tolist() == ["pack_own_county.toml"]


def test_a_further_version_ends_the_one_before(county, clock):
    clock.at = DECEMBER
    load_year(county, text=OWN)
    second = OWN.replace("version = 1", "version = 2").replace("= 45", "= 30")
    load_year(county, text=second.replace("2026-12-20", "2027-01-10"))
    limits = [
        rules_of(county).pack("cn_xinfang_2022", day).rules["ordinary"]["answer"].limit
        for day in (dt.date(2026, 12, 19), dt.date(2027, 1, 9), dt.date(2027, 1, 10))
    ]
    assert limits == [60, 45, 30]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("limit = 45", "limit = 61", "casework.pack.looser"),
        ("2026-12-20", "2026-12-07", "steering.pack.past"),
        ('"own_county"', '"us_311"', "steering.pack.id"),
        ('tightens = "cn_xinfang_2022"', 'tightens = "us_311"', None),
        ("version = 1", "version = 1\nwatch = true", "casework.pack.malformed"),
    ],
)
def test_own_rules_that_loosen_or_reach_back_are_refused(county, clock, old, new, key):
    clock.at = DECEMBER
    with pytest.raises(ConfigError) as err:
        rules_change.check(county, ADMINISTRATOR, OWN.replace(old, new))
    assert key is None or err.value.key == key
    assert err.value.text("zh")


def test_a_county_has_one_pack_of_its_own_and_no_version_is_changed_after_its_day(county, clock):
    clock.at = DECEMBER
    load_year(county, text=OWN)
    with pytest.raises(ConfigError) as err:
        rules_change.check(county, ADMINISTRATOR, OWN.replace("own_county", "another"))
    assert err.value.key == "steering.pack.second"
    clock.at = dt.datetime(2026, 12, 21, tzinfo=dt.UTC)
    late = OWN.replace("2026-12-20", "2027-02-01")
    with pytest.raises(ConfigError) as err:
        rules_change.check(county, ADMINISTRATOR, late)
    assert err.value.key == "steering.pack.number"


def test_another_database_has_rules_of_its_own(county, clock, tmp_path):
    before = rules_of(county)
    assert rules_of(county).calendars is before.calendars
    load_year(county)
    assert before.calendar("cn").is_known(dt.date(2027, 1, 1)) is False
    assert rules_of(county).calendar("cn").is_known(dt.date(2027, 1, 1))


def test_figures_follow_what_was_loaded(county, clock):
    asked(county, clock)
    before = county_figures(county, SUPERVISOR, county.now()).clocks["answer_due_on"]
    load_year(county)
    after = county_figures(county, SUPERVISOR, county.now()).clocks["answer_due_on"]
    assert (before[0].date(), after[0].date()) == (OLD, NEW)
