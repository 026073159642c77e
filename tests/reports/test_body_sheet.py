"""The assessment sheet of a body: every part said or said to be empty, no sum, no rank."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import docx
import pytest

from reports.body_sheet import BodySheet, marked, sheet_document
from reports.body_year import BodyYear, YearCell
from reports.daily_facts import County
from reports.evaluations import beside
from reports.files import document_file
from reports.leaving import leaving
from reports.rates import Rate
from reports.sweeps import SweepLine
from wording import t

AS_OF = dt.datetime(2026, 3, 5, 2, 0, tzinfo=dt.UTC)
COUNTY = County("试县", "Test County", "Asia/Shanghai", True)
DAY = dt.date(2026, 2, 3)
YEAR = BodyYear(
    "b01", 2026, ("2026-01",),
    {
        "due": (YearCell(False, 40), YearCell(False, 40)),
        "on_time": (YearCell(True), YearCell(False, 31, 40)),
        "exits": (YearCell(True), YearCell(True)),
        "corrections": (YearCell(False, 3), YearCell(False, 3)),
    },
)  # fmt: skip
EMPTY = BodySheet(
    "人社局", BodyYear("b01", 2026, (), {}), (), Rate(0, 0), Rate(0, 0), (), ()
)  # fmt: skip
FULL = BodySheet(
    "人社局", YEAR, (SweepLine("b01", "open", DAY, DAY, Rate(12, 20), Rate(0, 0)),), Rate(9, 12),
    Rate(1, 2),
    marked({"told": "告知", "filed": "报送"}, {"told": ("partly", DAY, "office_head")},
           {"told": "第三十四条", "filed": "x"}, "zh"),
    (beside("b01", "on_time", "university", "phone_survey", 0.8, 100, Rate(31, 40)),
     beside("b01", "ease", "university", "phone_survey", 0.9, 8, None)),
)  # fmt: skip


def text_of(sheet: BodySheet, language: str = "zh") -> str:
    made = sheet_document(sheet, COUNTY, AS_OF, language)
    file = docx.Document(io.BytesIO(document_file(made, "docx", {}, AS_OF)))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in file.paragraphs), *cells])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_year_says_so_part_by_part(language: str) -> None:
    text = text_of(EMPTY, language)
    for key in ("none_months", "none_duties", "none_inspection", "none_evaluation", "no_score"):
        assert t(f"supervision.sheet.{key}", language) in text, key


def test_a_sheet_holds_lateness_exits_corrections_duties_marks_and_what_others_measured() -> None:
    text = text_of(FULL)
    for said in (
        "人社局 2026 年度考核表", "77.5%", "31 / 40", "·", "60%", "78%", "75.0%", "9 / 12",
        t("supervision.sheet.small", "zh"), t("supervision.mark.partly", "zh"), "第三十四条",
        t("supervision.why.within_chance", "zh"), t("supervision.why.covered", "zh"), "80.0%",
        t("supervision.sheet.demo", "zh"),
    ):  # fmt: skip
        assert said in text, said
    assert "90.0%" not in text  # of eight answers only
    assert "报送" not in text  # not inspected


def test_what_the_year_covers_comes_out_of_no_other_part_of_the_sheet() -> None:
    assert "78%" in text_of(FULL)
    hidden = YEAR.rows | {"on_time": (YearCell(True), YearCell(True))}
    text = text_of(replace(FULL, year=replace(YEAR, rows=hidden)))
    assert "78%" not in text
    assert "31 / 40" not in text
    assert t("supervision.why.within_chance", "zh") not in text
    assert t("supervision.why.own_not_said", "zh") in text


@pytest.mark.parametrize(
    ("some", "among", "share"),
    [(31, 40, 0.78), (9, 9, None), (1, 40, None), (38, 40, None), (0, 40, 0.0), (40, 40, 1.0),
     (3, 10, 0.3)],
)  # fmt: skip
def test_a_share_leaves_in_whole_percents_of_ten_and_without_parts_of_one_or_two(
    some: int, among: int, share: float | None
) -> None:
    assert leaving(Rate(some, among)) == share
    assert leaving(None) is None


def test_a_sheet_is_a_pdf_as_well() -> None:
    made = sheet_document(FULL, COUNTY, AS_OF, "zh")
    assert document_file(made, "pdf", {}, AS_OF).startswith(b"%PDF")
