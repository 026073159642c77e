"""The data dictionary stands in one place and in its document."""

from __future__ import annotations

from pathlib import Path

from reports.monthly_files import dictionary_page

DOCUMENT = Path(__file__).parents[2] / "docs" / "public-figures.md"


def test_the_document_holds_the_dictionary_of_the_files() -> None:
    assert DOCUMENT.read_text("utf-8").endswith("\n\n" + dictionary_page())
