"""Issued is frozen: numbered, hashed, logged; made again as known then, the same to the byte."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from dataclasses import replace

import docx
import pypdf
import pytest

from data import accounts, audit, corrections, filings, issues, receipts, record, roster, steering
from data.assigned import NewAssignment
from data.categories import load_categories
from data.db import Db
from data.errors import NotAllowed, NotFound
from data.history import ANSWER_PARTS, NewEvent
from data.roster import NewLine
from data.rows import NewCase
from data.scope import Scope
from reports.daily_facts import DailyReport
from reports.facts_json import from_json, to_json
from reports.summary_facts import Summary, span_of
from service import assignments, daily, report
from service.annex import annex
from tests.casework.test_calendar_file import YEAR
from tests.conftest import ADMINISTRATOR, DESK, LABOUR, LEADER, SUPERVISOR, Clock
from tests.service.busy_county import fill
from wording import t

TODAY = dt.date(2026, 3, 5)
YESTERDAY = dt.date(2026, 3, 4)
TOWN = "990000001000"
FORMATS = ("docx", "pdf", "html", "json")


@pytest.fixture
def county(sqlite_db: Db, small_county) -> Db:  # type: ignore[no-untyped-def]
    """A year and a half of cases, and two registered a day ago."""
    return fill(small_county(sqlite_db), 200)


def register(db: Db) -> receipts.Slip:
    new = NewCase(
        township_code=TOWN, grid_code=None, opened_at=db.now() - dt.timedelta(hours=1),
        domain="labour", category="unpaid_wages", kind="redress", channel="desk",
        procedure="ordinary", body_id="b01", summary="东郊工地三个月工资未发。",
    )  # fmt: skip
    return record.register(db, DESK, new).slip


def anything(history: object, event: object) -> None:
    """The grammar is tested in its room."""


def test_numbers_follow_each_other_within_a_year_and_nothing_is_issued_twice(
    county: Db, clock: Clock
) -> None:
    clock.at = dt.datetime(2026, 1, 2, 2, tzinfo=dt.UTC)
    last_year = report.issue(county, SUPERVISOR, "daily", dt.date(2025, 12, 31))
    first = report.issue(county, SUPERVISOR, "daily", dt.date(2026, 1, 1))
    clock.go(days=1)
    second = report.issue(county, SUPERVISOR, "daily", dt.date(2026, 1, 2), ("late_first",))
    assert [one.number for one in (last_year, first, second)] == [1, 1, 2]
    with pytest.raises(NotAllowed, match=r"No\. 2"):
        report.issue(county, SUPERVISOR, "daily", dt.date(2026, 1, 2))
    assert [one.last.day for one in issues.read_all(county, LEADER)] == [2, 1, 31]
    entries = audit.newest(county, ADMINISTRATOR, 3)
    assert (entries[0].action, entries[0].reason) == ("report_issued", second.sha256)
    assert "2026-01-02 #2" in str(entries[0].target)


def test_who_may_issue_what_and_when(county: Db) -> None:
    for scope in (LEADER, DESK, ADMINISTRATOR, LABOUR):
        with pytest.raises(NotAllowed):
            report.issue(county, scope, "daily", TODAY)
    with pytest.raises(NotAllowed):
        report.issue(county, SUPERVISOR, "daily", TODAY + dt.timedelta(days=1))
    with pytest.raises(NotAllowed):
        report.issue(county, SUPERVISOR, "week", TODAY)
    with pytest.raises(NotAllowed):
        report.issue(county, SUPERVISOR, "daily", TODAY, ("张三的事请抓紧",))
    with pytest.raises(NotFound):
        report.compare(county, SUPERVISOR, "daily", TODAY)
    with pytest.raises(NotAllowed):
        issues.read_all(county, DESK)
    assert issues.read_all(county, SUPERVISOR) == []


def test_an_empty_county_has_nothing_to_issue(sqlite_db: Db, small_county) -> None:  # type: ignore[no-untyped-def]
    db = small_county(sqlite_db)
    with pytest.raises(NotAllowed, match="no figures"):
        report.issue(db, SUPERVISOR, "daily", TODAY)
    made = report.made(db, SUPERVISOR, "daily", TODAY)
    assert not made.has_cases
    words = "\n".join(_texts(report.file(db, SUPERVISOR, made, "docx", "zh")))
    assert t("reports.daily.overview.open_none", "zh") in words
    assert t("reports.daily.likely.none", "zh") in words
    assert t("report.since.none", "zh") in words


def test_later_events_corrections_and_files_move_no_byte_of_an_issued_report(
    county: Db, clock: Clock
) -> None:
    slip = register(county)
    clock.go(hours=8)  # 18:00 in Shanghai: the desks' deadline is over
    issued = [
        report.issue(county, SUPERVISOR, "daily", YESTERDAY),
        report.issue(county, SUPERVISOR, "daily", TODAY, ("late_first", "file_daily")),
        report.issue(county, SUPERVISOR, "week", dt.date(2026, 2, 25)),
        report.issue(county, SUPERVISOR, "month", dt.date(2026, 2, 25)),
    ]
    before = [report.file(county, SUPERVISOR, *_of(county, one)) for one in issued]
    clock.go(hours=15)
    register(county)
    back = county.now() - dt.timedelta(hours=20)
    record.add_event(county, LABOUR, slip.case_id, NewEvent("accepted", back), anything)
    answer = NewEvent("answered", back, words=dict.fromkeys(ANSWER_PARTS, "已查明。"))
    record.add_event(county, LABOUR, slip.case_id, answer, anything)
    opened = receipts.find(county, slip.code)
    kinds = load_categories().by_id
    corrections.ask(county, opened.scope, slip.case_id, "category", "pension", kinds)
    corrections.make(county, LABOUR, slip.case_id, "category", "pension", kinds)
    filings.file_day(county, DESK, TOWN, TODAY, "zero", "late_by_oversight")
    wanted = NewAssignment(
        "notice", "b01", "overdue_answers", "report", TODAY + dt.timedelta(days=4)
    )
    assignments.assign(county, SUPERVISOR, wanted)
    steering.save_file(county, ADMINISTRATOR, "calendar_cn_2027.toml", YEAR)
    line = NewLine(dt.date(2026, 3, 6), "09:00", "11:00", "county_head", None, "大厅", 8)
    roster.add(county, SUPERVISOR, [line])
    clock.go(days=40)
    for one, bytes_then in zip(issued, before, strict=True):
        found = report.compare(county, SUPERVISOR, one.kind, one.last)
        assert found.differences == ()
        now = report.file(county, SUPERVISOR, *_of(county, one))
        assert now == bytes_then
        assert hashlib.sha256(now).hexdigest() == one.sha256
    # the record did move: what the same day says as known today is another thing
    moved = daily.daily(county, SUPERVISOR, TODAY, county.now())
    assert to_json(moved) != before[1]


def _of(county: Db, one: issues.Issue) -> tuple[object, str, str, issues.Issue]:
    issue, facts = report.issued(county, SUPERVISOR, one.kind, one.last)  # type: ignore[misc]
    return facts, "json", "zh", issue


def test_a_content_that_is_not_what_the_record_gives_is_named_figure_by_figure(county: Db) -> None:
    made = report.made(county, SUPERVISOR, "daily", YESTERDAY)
    assert isinstance(made, DailyReport)
    better = replace(made, new=replace(made.new, today=made.new.today + 5))
    issues.save(county, SUPERVISOR, "daily", YESTERDAY, YESTERDAY, to_json(better))
    found = report.compare(county, LEADER, "daily", YESTERDAY)
    assert found.differences == (("new.today", str(made.new.today + 5), str(made.new.today)),)


def test_the_next_report_says_what_changed_since_the_issued_one(county: Db, clock: Clock) -> None:
    evening = report.made(county, SUPERVISOR, "daily", TODAY)
    assert isinstance(evening, DailyReport)
    assert evening.since is not None
    assert (evening.since.kind, evening.since.day) == ("evening", YESTERDAY)
    issued = report.issue(county, SUPERVISOR, "daily", TODAY)
    clock.go(days=1)
    register(county)
    clock.go(minutes=1)
    after = report.made(county, SUPERVISOR, "daily", TODAY + dt.timedelta(days=1))
    assert isinstance(after, DailyReport)
    since = after.since
    assert since is not None
    assert (since.kind, since.number, since.new) == ("issued", issued.number, 1)
    change = {line.name: (line.before, line.now) for line in since.changes}
    assert change["open"] == (evening.open_now.today, after.open_now.today)
    assert change["open"][1] == change["open"][0] + 1
    said = "\n".join(_texts(report.file(county, SUPERVISOR, after, "docx", "zh")))
    assert "上一期：2026年第 1 期" in said
    assert "多 1" in said


def test_earlier_evenings_are_what_their_own_reports_said(county: Db) -> None:
    made = report.made(county, SUPERVISOR, "daily", YESTERDAY)
    assert isinstance(made, DailyReport)
    assert len(made.levels) == 8
    for day, open_then, overdue_then in made.levels[:-1:3]:
        then = report.made(county, SUPERVISOR, "daily", day)
        assert isinstance(then, DailyReport)
        assert (then.open_now.today, then.overdue.numerator) == (open_then, overdue_then)


@pytest.mark.parametrize("kind", ["daily", "week", "half_month", "month"])
def test_facts_come_back_from_their_file(county: Db, kind: str) -> None:
    made = report.made(county, SUPERVISOR, kind, dt.date(2026, 2, 12))
    content = to_json(made)
    again = from_json(content, DailyReport if kind == "daily" else Summary)
    assert to_json(again) == content
    assert "case_id" not in content.decode()


def test_a_draft_says_so_in_every_format_and_an_issue_its_number_and_hash(county: Db) -> None:
    made = report.made(county, SUPERVISOR, "daily", TODAY)
    word = report.file(county, SUPERVISOR, made, "docx", "zh")
    header = docx.Document(io.BytesIO(word)).sections[0].header
    assert 'string="草稿"' in header._element.xml
    assert "草稿，尚未签发" in "\n".join(_texts(word))
    assert "草稿" in report.file(county, SUPERVISOR, made, "html", "zh").decode()
    assert "草稿" in _pdf_text(report.file(county, SUPERVISOR, made, "pdf", "zh"))
    login, _ = accounts.add_account(county, Scope.operator(), "super-1", "supervisor", None)
    one = report.issue(county, SUPERVISOR, "daily", TODAY, (), made)
    del login
    for format in ("docx", "pdf", "html"):
        content = report.file(county, SUPERVISOR, made, format, "zh", one)
        read = {
            "docx": lambda c: "\n".join(_texts(c)), "pdf": _pdf_text, "html": bytes.decode,
        }[format](content)  # fmt: skip
        flat = read.replace("\n", "").replace(" ", "")
        assert "2026年第1期" in flat
        assert one.sha256 in flat
        assert "督办员签发（账号super）" in flat
        assert "草稿" not in flat


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pdf_embeds_the_projects_own_fonts_and_no_other(county: Db, language: str) -> None:
    made = report.made(county, SUPERVISOR, "daily", TODAY)
    content = report.file(county, SUPERVISOR, made, "pdf", language)
    assert content == report.file(county, SUPERVISOR, made, "pdf", language)
    names = set()
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"].get_object()
            program = descriptor["/FontFile3"].get_object().get_data()
            assert len(program) > 2_000
            names.add(str(descriptor["/FontName"]).split("+")[-1])
    assert {name.partition("-")[0] for name in names} == {"NotoSerifCJKsc", "NotoSansCJKsc"}


def test_a_part_that_fails_is_said_in_its_place_in_every_format(
    county: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise NotFound("data.error.no_such_case")

    monkeypatch.setattr(daily, "daily_lines", fails)
    monkeypatch.setattr(daily.filings, "read_filings", fails)
    made = report.made(county, SUPERVISOR, "daily", TODAY)
    assert isinstance(made, DailyReport)
    assert made.failed == ("filing", "likely")
    assert made.open_now.today > 0
    sentence = t("report.part_failed", "zh")
    assert (
        "\n".join(_texts(report.file(county, SUPERVISOR, made, "docx", "zh"))).count(sentence) == 2
    )
    assert report.file(county, SUPERVISOR, made, "html", "zh").decode().count(sentence) == 2
    assert json.loads(report.file(county, SUPERVISOR, made, "json", "zh"))["failed"] == [
        "filing", "likely",
    ]  # fmt: skip
    flat = _pdf_text(report.file(county, SUPERVISOR, made, "pdf", "zh")).replace("\n", "")
    assert flat.count(sentence) == 2


def test_case_numbers_stand_in_the_owing_bodys_copy_alone(county: Db) -> None:
    made = report.made(county, SUPERVISOR, "daily", TODAY)
    assert isinstance(made, DailyReport)
    numbers = _numbers(county, made, "b01")
    others = _numbers(county, made, "b02")
    assert numbers
    assert not set(numbers) & set(others)
    section = annex(county, SUPERVISOR, made, "b01", "zh")
    copy = _word_all(report.file(county, SUPERVISOR, made, "docx", "zh", None, section))
    plain = _word_all(report.file(county, SUPERVISOR, made, "docx", "zh"))
    assert all(number in copy for number in numbers)
    assert not any(number in copy for number in others)
    assert not any(number in plain for number in (*numbers, *others))
    with pytest.raises(NotAllowed):
        annex(county, LEADER, made, "b01", "zh")
    line = next(one for one in made.priority if one.body_id == "b01")
    assert len(numbers) >= line.very_late + line.overdue


def _numbers(county: Db, made: DailyReport, body: str) -> list[str]:
    section = annex(county, SUPERVISOR, made, body, "zh")
    return [row[0] for block in section.blocks if hasattr(block, "rows") for row in block.rows]


def test_spans_are_weeks_halves_and_months() -> None:
    day = dt.date
    assert span_of("week", day(2026, 3, 5)) == (day(2026, 3, 2), day(2026, 3, 8))
    assert span_of("half_month", day(2026, 2, 15)) == (day(2026, 2, 1), day(2026, 2, 15))
    assert span_of("half_month", day(2026, 2, 16)) == (day(2026, 2, 16), day(2026, 2, 28))
    assert span_of("month", day(2028, 2, 29)) == (day(2028, 2, 1), day(2028, 2, 29))


def _texts(word: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(word)).paragraphs]


def _word_all(word: bytes) -> str:
    tables = docx.Document(io.BytesIO(word)).tables
    cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    return "\n".join([*_texts(word), *cells])


def _pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
