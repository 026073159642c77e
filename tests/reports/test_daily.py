"""The daily report's facts: same record, same bytes; and its words say what the facts say."""

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.daily import daily_report
from reports.daily_facts import AssignmentLine, Compared, LikelyLate
from reports.daily_words import compared_text, daily_document, rate_text
from reports.document import Table
from reports.facts_json import from_json, to_json
from reports.rates import Rate
from tests.reports import county
from wording import catalogue


def make(**changes):
    record = dataclasses.replace(county.record(), **changes)
    return daily_report(county.COUNTY, county.DAY, county.AS_OF, record, county.FILES)


def all_text(report, language="zh"):
    document = daily_document(report, language)
    parts = [document.title, *document.subtitle, document.header, *document.notes]
    for section in document.sections:
        parts.append(section.title)
        for block in section.blocks:
            if isinstance(block, Table):
                parts += [block.title, *block.headers, *(c for row in block.rows for c in row)]
            else:
                parts.append(block if isinstance(block, str) else block.caption + block.note)
    return "\n".join(parts)


def test_the_overview_counts_what_the_record_holds():
    report = make()
    assert report.open_now.today == 16
    assert report.open_now.yesterday == 13
    assert (report.new.today, report.new.yesterday) == (1, 1)
    assert report.answered.today == 1
    assert report.overdue == Rate(3, 16)
    assert {line.domain: line.open for line in report.by_domain if line.open} == {
        "construction": 1,
        "labour": 15,
    }


def test_parts_of_the_overview_add_up():
    report = make()
    assert sum(line.new for line in report.by_domain) == report.new.today
    assert sum(line.answered for line in report.by_domain) == report.answered.today
    assert sum(line.open for line in report.by_domain) == report.open_now.today
    assert sum(line.overdue.denominator for line in report.by_township) == report.open_now.today


def test_priority_is_by_body_and_the_worst_comes_first():
    report = make()
    assert [(p.body_id, p.overdue, p.due_soon) for p in report.priority] == [
        ("b01", 3, 0),
        ("b02", 0, 2),
    ]
    assert report.due_next == (("b02", 1),)


def test_on_a_friday_tomorrow_reaches_to_monday():
    record = county.record()
    friday = dt.datetime(2026, 3, 6, 10, 30, tzinfo=dt.UTC)
    report = daily_report(county.COUNTY, dt.date(2026, 3, 6), friday, record, ())
    assert report.next_working_day == dt.date(2026, 3, 9)
    assert "2026年3月9日" in all_text(report)


def test_an_unconfirmed_case_is_open_but_on_no_map():
    record = county.record()
    cases = record.cases.copy()
    cases.loc[14, "is_confirmed"] = False
    report = make(cases=cases)
    assert report.open_now.today == 16
    assert [line.township_code for line in report.by_township] == [county.TOWNS[0], county.TOWNS[2]]


def test_a_township_with_few_cases_gives_no_share_away_in_the_file():
    lines = json.loads(to_json(make()))["by_township"]
    assert [line["overdue"] for line in lines] == [
        {"numerator": 3, "denominator": 14, "share": 0.214286},
        {"denominator_below": 10},
        {"denominator_below": 10},
    ]


def test_the_record_before_its_first_day_is_unknown_not_zero():
    record = county.record()
    cases = record.cases.copy()
    first = county.local("2026-03-03 08:00")
    cases["known_at"] = cases["known_at"].clip(lower=first)
    report = make(cases=cases)
    assert report.new.yesterday is not None
    assert report.new.mean_7_days is None
    assert report.new.same_weekday is None


def test_the_same_record_gives_the_same_bytes_in_any_order_of_bodies():
    record = county.record()
    turned = record.bodies.iloc[::-1].reset_index(drop=True)
    assert to_json(make()) == to_json(make(bodies=turned))
    assert to_json(make()) == to_json(make())


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(17)), st.permutations(range(2)))
def test_order_of_rows_moves_no_byte(case_order, filing_order):
    record = county.record()
    cases = record.cases.iloc[list(case_order)]
    standing = record.standing.loc[cases.index]
    filings = record.filings.iloc[list(filing_order)].reset_index(drop=True)
    assert to_json(make(cases=cases, standing=standing, filings=filings)) == to_json(make())


def test_the_file_has_no_moment_of_making_and_no_case():
    facts = json.loads(to_json(make()))
    assert "made_at" not in facts
    assert facts["as_of"] == "2026-03-04T10:30:00+00:00"
    assert "case_id" not in to_json(make()).decode()


def test_an_empty_record_is_said_not_shown_as_success():
    record = county.record()
    report = make(
        cases=county.cases([]),
        events=county.events([]),
        standing=county.standing([]),
        filings=county.filings([]),
        open_before={},
    )
    assert report.overdue.share is None
    assert report.on_time.share is None
    text = all_text(report)
    assert "目前没有在办事项" in text
    assert "昨日无数据可比" in text
    assert "按期办结率 —" in text
    assert "需提醒 3 个单位" in text
    assert len(record.cases) == 17


def test_no_forecast_is_said_in_its_place_and_a_forecast_takes_it():
    assert "尚无预测" in all_text(make())
    record = county.record()
    flagged = daily_report(
        county.COUNTY, county.DAY, county.AS_OF, record, (), (LikelyLate("b01", 4, 3, 2),)
    )
    text = all_text(flagged)
    assert "尚无预测" not in text
    assert "今日提示" in text
    assert "没有登记生效文件" in text


def test_todays_flags_stand_with_their_most_frequent_reasons_in_every_language():
    why = (("no_steps", 4), ("record", 2), ("body_load", 1))
    lines = (
        LikelyLate("b01", 4, 3, 2, why),
        LikelyLate("b02", 1, 0, 0),
        LikelyLate("b03", 0, 2, 1),
    )
    report = daily_report(county.COUNTY, county.DAY, county.AS_OF, county.record(), (), lines)
    table = next(
        block
        for block in daily_document(report, "zh").sections[2].blocks
        if isinstance(block, Table) and "原因" in block.title
    )
    assert [row[1] for row in table.rows] == [
        "尚无任何办理步骤的记录 4 件；该单位近 12 个月此类事项逾期情况 2 件；"
        "该单位在办和逾期数量 1 件",
        "未记录原因",
    ]
    assert "no step of the office recorded yet: 4" in all_text(report, "en")
    content = to_json(report)
    assert json.loads(content)["likely_late"][0]["reasons"][0] == ["no_steps", 4]
    assert from_json(content, type(report)).likely_late == lines


@pytest.mark.parametrize(
    ("line", "missing", "figures"),
    [
        (LikelyLate("b01", None, 3, 2), "今日没有预测", ("—", "3", "2")),
        (LikelyLate("b01", 4, None, None), "昨日没有预测", ("4", "—", "—")),
    ],
)
def test_a_day_that_was_not_scored_has_no_figure_and_says_so(line, missing, figures):
    report = daily_report(county.COUNTY, county.DAY, county.AS_OF, county.record(), (), (line,))
    said, table, *_ = daily_document(report, "zh").sections[2].blocks
    assert missing in said
    assert table.rows[0][1:] == figures
    assert from_json(to_json(report), type(report)).likely_late == (line,)


def test_a_report_issued_before_reasons_were_counted_is_still_read():
    lines = (LikelyLate("b01", 4, 3, 2),)
    report = daily_report(county.COUNTY, county.DAY, county.AS_OF, county.record(), (), lines)
    facts = json.loads(to_json(report))
    del facts["likely_late"][0]["reasons"]
    assert from_json(json.dumps(facts), type(report)).likely_late == lines


def test_every_kind_of_reason_has_its_words():
    def kinds(parent):
        return {key.removeprefix(parent) for key in catalogue("zh") if key.startswith(parent)}

    assert kinds("reports.daily.likely.reason.") == kinds("risk.reason.")


def test_assignments_stand_in_the_part_on_handling_by_body_and_in_sum():
    assert "当日没有交办" in all_text(make())
    lines = (AssignmentLine("b01", 3, 2, 2, 1, 1, 4, 1), AssignmentLine("b02", 1, 0, 0, 0, 0, 1, 1))
    record = county.record()
    report = daily_report(
        county.COUNTY, county.DAY, county.AS_OF, record, (), assignments=lines
    )  # fmt: skip
    text = all_text(report)
    assert "当日交办 4 件，签收 2 件，反馈 2 件，退回 1 件，销号 1 件" in text
    assert "等待反馈 5 件，其中超时 2 件" in text
    table = next(
        block
        for section in daily_document(report, "en").sections
        for block in section.blocks
        if isinstance(block, Table) and block.title == "Assignments by body"
    )
    assert table.rows[0][1:] == ("3", "2", "2", "1", "1", "4", "1")
    assert json.loads(to_json(report))["assignments"][1]["late"] == 1


def test_where_no_filing_is_asked_there_is_no_rate():
    assert make(filing_deadline=None).filing is None
    assert "当日不要求报送" in all_text(make(filing_deadline=None))


@pytest.mark.parametrize(
    ("today", "yesterday", "zh", "en"),
    [
        (5, 2, "比昨日多 3 件", "3 more than yesterday"),
        (2, 5, "比昨日少 3 件", "3 fewer than yesterday"),
        (5, 5, "与昨日持平", "the same as yesterday"),
        (5, None, "昨日无数据可比", "no figure for yesterday"),
    ],
)
def test_changes_are_said_in_plain_words(today, yesterday, zh, en):
    count = Compared(today, yesterday, None, None)
    assert compared_text(count, "zh") == zh
    assert compared_text(count, "en") == en


def test_a_rate_is_said_with_its_counts_or_not_at_all():
    assert rate_text(Rate(12, 14), "zh") == "85.7%（12/14）"
    assert rate_text(Rate(3, 7), "zh") == "n<10"
    assert rate_text(Rate(0, 0), "en") == "—"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_languages_have_six_parts_and_the_demo_mark(language):
    document = daily_document(make(), language)
    assert len(document.sections) == 6
    assert document.mark
    assert document.sections[0].title[0] in "一1"
