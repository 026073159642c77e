"""The bulletin says what was published, all of it, and nothing else: in Word, HTML and JSON."""

from __future__ import annotations

import html
import io
import json
import re

import docx
import pytest

from reports import bulletin
from reports.monthly_content import Content
from reports.monthly_page import HIDDEN, sections
from tests.reports.monthly_county import publication
from wording import LANGUAGES, t

SHA = "a" * 64
SIZES = (40, 400)


@pytest.fixture(scope="module", params=SIZES)
def published(request: pytest.FixtureRequest) -> Content:
    """A small county in which nearly everything is covered, and a larger one."""
    return json.loads(json.dumps(publication(7, request.param, repeats=2)[0]))


def page_tables(published: Content, language: str) -> dict[str, dict[tuple[str, str], str]]:
    """Cells of the public page's tables by caption, row and column; covered rows left out."""
    return {
        table.caption: {
            (row[0], head): cell
            for row in table.rows
            for head, cell in zip(table.heads[1:], row[1:], strict=True)
        }
        for part in sections(published, language)
        if part.name in bulletin.PARTS
        for table in part.tables
        if table.rows
    }


def word_tables(made: bytes) -> list[dict[tuple[str, str], str]]:
    found = []
    for table in docx.Document(io.BytesIO(made)).tables:
        heads, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        found.append({
            (row[0], head): cell
            for row in rows
            for head, cell in zip(heads[1:], row[1:], strict=True)
        })  # fmt: skip
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_word_and_page_hold_the_same_cells(published: Content, language: str) -> None:
    made = bulletin.to_word(published, language, SHA)
    theirs = [cell for table in word_tables(made) for cell in table.items()]
    ours = [cell for table in page_tables(published, language).values() for cell in table.items()]
    assert sorted(theirs) == sorted(ours)
    assert {cell == HIDDEN for _, cell in ours} >= {True}
    said = "\n".join(p.text for p in docx.Document(io.BytesIO(made)).paragraphs)
    assert SHA in said
    for part in sections(published, language):
        for table in part.tables if part.name in bulletin.PARTS else ():
            for name in table.hidden:
                assert name in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_bulletin_stands_in_what_was_published(
    published: Content, language: str
) -> None:
    """No figure comes from elsewhere: each paragraph is one of the page's own texts."""
    parts = [part for part in sections(published, language) if part.name in bulletin.PARTS]
    known = {word for part in parts for word in (*part.words, *part.ends)}
    known |= {table.caption for part in parts for table in part.tables}
    findings = {part.chart.finding for part in parts if part.chart}
    for section in bulletin.document(published, language, SHA).sections[1:]:
        for block in section.blocks:
            if isinstance(block, str):
                is_covered = block.startswith(t("figures.covered_rows", language))
                assert is_covered or block in known or block[:-1] in findings, block


def test_json_repeats_the_published_rows_and_covers_the_same(published: Content) -> None:
    found = json.loads(bulletin.to_json(published, SHA))
    for name in (*bulletin.ROWS, "satisfaction", "equal_service"):
        assert found[name] == published[name]
    covered = [row for row in found["figures"] if row["covered"]]
    assert covered
    assert all(row["numerator"] is None and row["denominator"] is None for row in covered)
    for language in LANGUAGES:
        assert [part["name"] for part in found["sections"][language]] == list(bulletin.PARTS)
        cells = {
            table["caption"]: {
                (row[0], head): cell
                for row in table["rows"]
                for head, cell in zip(table["heads"][1:], row[1:], strict=True)
            }
            for part in found["sections"][language]
            for table in part["tables"]
            if table["rows"]
        }
        assert cells == page_tables(published, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_is_one_file_with_the_same_cells(published: Content, language: str) -> None:
    page = bulletin.to_html(published, language, SHA).decode()
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="', page)
    cells = [html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", page)]
    ours = [cell for table in page_tables(published, language).values() for cell in table.values()]
    assert sorted(cells) == sorted(ours)
