"""What each shipped pack says, its generated page, and its clocks on dates counted by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from casework.calendar import load_calendar
from casework.clocks import CaseEvent, Clock, allowed_next, clocks
from casework.pack import load, pack_ids, series
from casework.pack_doc import page
from cli import app
from data.errors import RuleError
from wording import LANGUAGES

ROOT = Path(__file__).parents[2]
ZONES = {
    "cn_hotline_12345": "Asia/Shanghai",
    "cn_labour_inspection": "Asia/Shanghai",
    "in_cpgrams_2024": "Asia/Kolkata",
    "uk_housing_ombudsman_2024": "Europe/London",
    "us_311": "America/Chicago",
}


def log(pack_id: str, *steps: str, as_of: str, limit_at: str | None = None) -> list[Clock]:
    """Clocks of steps written as `event local-time [days]`, in the pack's own zone."""
    pack, zone = load(pack_id), ZoneInfo(ZONES[pack_id])

    def at(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=zone)

    events = []
    for step in steps:
        name, when, *days = step.split()
        events.append(CaseEvent(name, at(when), None, int(days[0]) if days else None))
    limit = None if limit_at is None else at(limit_at)
    calendar = load_calendar(pack.calendar)
    return clocks(pack, "ordinary", events, at(as_of), ZONES[pack_id], calendar, limit)


def one(found: list[Clock], name: str, number: int = 1) -> Clock:
    return next(clock for clock in found if clock.clock == name and clock.round == number)


def due(found: list[Clock], name: str, number: int = 1) -> tuple[str | None, str]:
    clock = one(found, name, number)
    return (clock.due_on.isoformat() if clock.due_on else None), clock.state


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_packs_is_what_the_generator_writes(language: str) -> None:
    written = (ROOT / "docs" / "packs" / f"{language}.md").read_text("utf-8")
    assert written == page(language), f"run: zaojie packs doc --language {language} --out …"


def test_every_number_of_every_version_stands_on_the_page_with_its_source() -> None:
    text = page("en")
    for name in pack_ids():
        assert f"`{name}`" in text
        for pack in series(name).versions:
            assert pack.effective_from.isoformat() in text
            for rules in pack.rules.values():
                for rule in rules.values():
                    lines = [line for line in text.splitlines() if rule.source in line]
                    assert any(str(rule.limit or "given with the case") in line for line in lines)
                    assert any("[2nd]" in line for line in lines) or not rule.second_hand


NUMBERS = {
    "cn_hotline_12345": {"answer": (5, "working_days", 0)},
    "cn_labour_inspection": {"answer": (60, "working_days", 30)},
    "uk_housing_ombudsman_2024": {
        "acknowledge": (5, "working_days", 0),
        "answer": (10, "working_days", 10),
        "review_acknowledge": (5, "working_days", 0),
        "review": (20, "working_days", 20),
    },
    "in_cpgrams_2024": {"answer": (21, "calendar_days", 0)},
}
"""docs/PACKS.md, read again by a second person."""


@pytest.mark.parametrize("pack_id", sorted(NUMBERS))
def test_a_pack_has_the_numbers_of_its_source_and_no_other_clock(pack_id: str) -> None:
    for rules in load(pack_id).rules.values():
        found = {c: (r.limit, r.unit, r.extension_days) for c, r in rules.items()}
        assert found == NUMBERS[pack_id]


def test_what_was_read_at_second_hand_says_so() -> None:
    marked = {
        name
        for name in pack_ids()
        for rules in load(name).rules.values()
        for rule in rules.values()
        if rule.second_hand
    }
    assert marked == {"in_cpgrams_2024"}


def test_the_grammars_are_those_of_their_laws() -> None:
    assert "accepted" not in load("cn_hotline_12345").grammar
    assert "review_requested" not in load("cn_hotline_12345").grammar
    # "not our department" closes nothing in India
    assert "declined" not in load("in_cpgrams_2024").grammar
    # exactly two stages in England
    assert "reviewed" in load("uk_housing_ombudsman_2024").grammar
    assert "recheck_requested" not in load("uk_housing_ombudsman_2024").grammar


def test_a_hotline_call_on_friday_is_answered_by_the_next_friday() -> None:
    # Friday 2025-03-07; working days 10, 11, 12, 13, 14 March
    steps = ("registered 2025-03-07T16:00",)
    assert due(log("cn_hotline_12345", *steps, as_of="2025-03-14T23:00"), "answer") == (
        "2025-03-14",
        "running",
    )
    # passing it on on the last day moves nothing
    passed = (*steps, "transferred 2025-03-14T09:00")
    late = log("cn_hotline_12345", *passed, as_of="2025-03-15T00:00")
    assert due(late, "answer") == ("2025-03-14", "overdue")


def test_a_hotline_states_a_later_date_and_must_say_the_days() -> None:
    # 5 + 10 working days from Friday 2025-03-07: 28 March is the 15th
    steps = ("registered 2025-03-07T16:00", "extended 2025-03-13T10:00 10")
    found = log("cn_hotline_12345", *steps, as_of="2025-03-20T10:00")
    assert due(found, "answer") == ("2025-03-28", "running")
    with pytest.raises(RuleError) as refusal:
        log("cn_hotline_12345", steps[0], "extended 2025-03-13T10:00", as_of="2025-03-20T10:00")
    assert refusal.value.rule == "extension_without_days"


def test_a_hotline_case_called_not_solved_goes_back_to_the_body() -> None:
    # called back and not solved on Monday 2025-03-17: ten working days end on 31 March
    found = log(
        "cn_hotline_12345", "registered 2025-03-07T16:00", "answered 2025-03-14T10:00",
        "not_solved 2025-03-17T10:00", as_of="2025-03-18T10:00",
    )  # fmt: skip
    assert due(found, "answer", 1) == ("2025-03-14", "met")
    assert due(found, "answer", 2) == ("2025-03-31", "running")


def test_labour_inspection_counts_sixty_working_days_from_opening_the_case() -> None:
    # opened Monday 2025-09-01. Working days: September 21 after the 1st and the make-up Sunday
    # 28th = 22; October 17 and the make-up Saturday 11th = 18 (free 1-8): 40; November 20 = 60
    steps = ("registered 2025-08-25T10:00", "accepted 2025-09-01T10:00")
    found = log("cn_labour_inspection", *steps, as_of="2025-09-02T10:00")
    assert due(found, "answer") == ("2025-11-28", "running")
    # + 30 working days: December has 23 (to the 31st), January 2026: free 1-3, the make-up Sunday
    # 4th is the 24th, then 5, 6, 7, 8, 9 = 29 and Monday 12 = 30
    extended = log("cn_labour_inspection", *steps, "extended 2025-11-28T10:00",
                   as_of="2025-12-01T10:00")  # fmt: skip
    assert due(extended, "answer") == ("2026-01-12", "running")


UK = (
    "registered 2026-03-20T10:00", "acknowledged 2026-03-27T10:00",
)  # fmt: skip


def test_a_landlords_answer_is_counted_from_the_acknowledgement() -> None:
    # asked Friday 2026-03-20: 23, 24, 25, 26, 27 March to acknowledge
    found = log("uk_housing_ombudsman_2024", *UK, as_of="2026-03-30T10:00")
    assert due(found, "acknowledge") == ("2026-03-27", "met")
    # acknowledged Friday 27 March; summer time begins on the 29th, Good Friday is 3 April, Easter
    # Monday the 6th: 30, 31, 1, 2 | 7, 8, 9, 10 | 13, 14 April
    assert due(found, "answer") == ("2026-04-14", "running")
    assert one(found, "answer").provisional is False
    # + 10 working days: 15, 16, 17, 20, 21, 22, 23, 24, 27, 28 April
    more = log("uk_housing_ombudsman_2024", *UK, "extended 2026-04-14T23:30",
               as_of="2026-04-15T10:00")  # fmt: skip
    assert due(more, "answer") == ("2026-04-28", "running")


def test_a_complaint_nobody_acknowledged_owes_no_answer_yet_but_is_late_at_once() -> None:
    found = log("uk_housing_ombudsman_2024", UK[0], as_of="2026-03-28T00:30")
    assert due(found, "acknowledge") == ("2026-03-27", "overdue")
    assert due(found, "answer") == (None, "not_started")


def test_stage_two_has_its_own_acknowledgement_and_twenty_working_days() -> None:
    steps = (
        *UK, "answered 2026-04-10T10:00", "review_requested 2026-04-17T18:00",
        "acknowledged 2026-04-24T10:00",
    )  # fmt: skip
    found = log("uk_housing_ombudsman_2024", *steps, as_of="2026-04-25T10:00")
    assert due(found, "review_acknowledge") == ("2026-04-24", "met")
    # from Friday 24 April; 4 May is free: 27, 28, 29, 30, 1 | 5, 6, 7, 8 | 11-15 | 18-22 = 19 |
    # 25 May is free, 26 May is the 20th
    assert due(found, "review") == ("2026-05-26", "running")
    # the first acknowledgement keeps its own clock
    assert due(found, "acknowledge") == ("2026-03-27", "met")


def test_the_office_is_offered_the_acknowledgement_only_while_one_is_owed() -> None:
    pack, england = load("uk_housing_ombudsman_2024"), load_calendar("england")

    def offered(*names: str) -> tuple[str, ...]:
        start = dt.datetime(2026, 3, 20, 10, tzinfo=dt.UTC)
        events = [CaseEvent(n, start + d * dt.timedelta(days=1)) for d, n in enumerate(names)]
        now = events[-1].at + dt.timedelta(hours=1)
        return allowed_next(pack, "ordinary", events, now, "Europe/London", england)

    assert offered("registered")[0] == "acknowledged"
    assert "answered" not in offered("registered")
    assert "acknowledged" not in offered("registered", "acknowledged")
    asked = ("registered", "acknowledged", "answered", "review_requested")
    assert offered(*asked)[0] == "acknowledged"
    assert "acknowledged" not in offered(*asked, "acknowledged")
    assert "reviewed" in offered(*asked, "acknowledged")


def test_a_day_ends_at_local_midnight_on_both_sides_of_summer_time() -> None:
    # the limit is 27 March 2026 (winter time) and 10 working days later 14 April (summer time)
    for last, answered, state in (
        ("2026-04-14", "2026-04-14T23:59", "met"),
        ("2026-04-14", "2026-04-15T00:01", "late"),
    ):
        found = log("uk_housing_ombudsman_2024", *UK, f"answered {answered}",
                    as_of="2026-04-16T10:00")  # fmt: skip
        assert due(found, "answer") == (last, state)
    # clocks go back on Sunday 25 October 2026: Friday 23 October + 5 working days = 30 October
    autumn = log("uk_housing_ombudsman_2024", "registered 2026-10-23T23:30",
                 as_of="2026-10-30T23:59")  # fmt: skip
    assert due(autumn, "acknowledge") == ("2026-10-30", "running")


def test_a_grievance_in_india_has_21_days_and_a_stated_later_date() -> None:
    # 2025-01-31 + 21 = 21 February; an interim reply that states 10 more: 3 March
    steps = ("registered 2025-01-31T23:30",)
    found = log("in_cpgrams_2024", *steps, as_of="2025-02-21T23:59")
    assert due(found, "answer") == ("2025-02-21", "running")
    more = log("in_cpgrams_2024", *steps, "extended 2025-02-20T10:00 10", as_of="2025-02-22T10:00")
    assert due(more, "answer") == ("2025-03-03", "running")
    with pytest.raises(RuleError) as refusal:
        log("in_cpgrams_2024", *steps, "declined 2025-02-01T10:00", as_of="2025-02-02T10:00")
    assert refusal.value.rule == "not_in_pack"


def test_an_appeal_in_india_is_a_step_without_a_clock() -> None:
    steps = (
        "registered 2025-01-31T10:00", "answered 2025-02-10T10:00", "rated 2025-02-11T10:00",
        "review_requested 2025-02-11T10:05",
    )  # fmt: skip
    found = log("in_cpgrams_2024", *steps, as_of="2026-02-11T10:00")
    assert [(c.clock, c.state) for c in found] == [("answer", "met")]


def test_a_311_limit_is_an_instant_in_chicago_across_summer_time() -> None:
    # given as 2026-03-09 09:00 local; clocks went forward on 8 March: 14:00 UTC, not 15:00
    found = log("us_311", "registered 2026-03-06T16:00", as_of="2026-03-09T08:59",
                limit_at="2026-03-09T09:00")  # fmt: skip
    answer = one(found, "answer")
    assert answer.state == "running"
    assert answer.due_at is not None
    assert answer.due_at.astimezone(dt.UTC) == dt.datetime(2026, 3, 9, 14, tzinfo=dt.UTC)
    after = log("us_311", "registered 2026-03-06T16:00", as_of="2026-03-09T09:01",
                limit_at="2026-03-09T09:00")  # fmt: skip
    assert one(after, "answer").state == "overdue"


def test_the_command_lists_writes_and_checks_packs(tmp_path: Path) -> None:
    run = CliRunner()
    listed = run.invoke(app, ["packs", "list"])
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.output.splitlines()] == list(pack_ids())
    out = tmp_path / "en.md"
    assert run.invoke(app, ["packs", "doc", "--language", "en", "--out", str(out)]).exit_code == 0
    assert out.read_text("utf-8") == page("en")
    own = tmp_path / "county.toml"
    text = 'id = "county"\nversion = 1\ntightens = "cn_hotline_12345"\n'
    text += 'effective_from = 2027-01-01\n[[rule]]\nclock = "answer"\nprocedure = "both"\n'
    own.write_text(text + "limit = 3\n", "utf-8")
    checked = run.invoke(app, ["packs", "check", str(own)])
    assert checked.exit_code == 0, checked.output
    assert "3 working_days" in checked.output
    own.write_text(text + "limit = 8\n", "utf-8")
    refused = run.invoke(app, ["packs", "check", str(own)])
    assert refused.exit_code == 1
    assert "looser" in refused.output
    assert run.invoke(app, ["packs", "check", str(tmp_path / "none.toml")]).exit_code == 1
