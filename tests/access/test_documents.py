"""What strangers typed stays text in every file that leaves: Word, PDF, workbooks, CSV, JSON."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import docx
import openpyxl
import pandas as pd
import pytest

from data.categories import load_categories
from data.errors import RowProblem
from data.history import ANSWER_PARTS
from data.rows import Known
from data.workbooks import annotated
from reports.answer_letter import Answer, letter_file
from reports.csv_cells import text_cell
from reports.daily_facts import County
from tests.access.tricks import NAMES, TRICKS
from tests.conftest import BODIES, TOWNSHIPS

AT = dt.datetime(2026, 3, 5, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize("trick", [*TRICKS, "词\x0b中\x0c有\x07控制符"])
def test_a_trick_in_an_answer_stays_text_in_its_word_file(trick: str) -> None:
    county = County(NAMES[0], NAMES[1], "Asia/Shanghai", is_demo=False)
    words = dict.fromkeys(ANSWER_PARTS, trick)
    answer = Answer("ABCD-EFGH-JKLM", "answered", AT, NAMES[2], words, None, None)
    made = letter_file(answer, county, "zh", AT)
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(made)).paragraphs)
    kept = "".join(c if c.isprintable() else " " for c in trick).split()
    text = text.replace("\x0b", " ")
    assert all(part in text for part in kept)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        outside = [n for n in parts.namelist() if b'TargetMode="External"' in parts.read(n)]
        assert outside == []


def test_a_trick_in_a_refused_row_stays_text_in_the_workbook_that_comes_back() -> None:
    cells = [trick for trick in TRICKS if "\x00" not in trick]
    frame = pd.DataFrame({"summary": cells}, index=range(2, 2 + len(cells)))
    problems = [RowProblem(row, "summary", "intake.row.bad_body") for row in frame.index]
    known = Known(load_categories(), BODIES, TOWNSHIPS)
    book = openpyxl.load_workbook(io.BytesIO(annotated(frame, problems, known, "zh")))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert len(found) > len(cells)
    assert not [cell.value for cell in found if cell.data_type == "f" or cell.hyperlink]


@pytest.mark.parametrize("trick", ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1"])
def test_a_name_that_looks_like_a_formula_is_no_formula_in_a_csv_file(trick: str) -> None:
    line = io.StringIO()
    csv.writer(line).writerow([text_cell(trick)])
    read = next(csv.reader(io.StringIO(line.getvalue())))[0]
    assert read[0] not in "=+-@\t\r"
    assert read.endswith(trick.strip())
