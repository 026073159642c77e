"""The dictionary of fields: complete in both languages, and the documents are current."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from data.field_doc import Line, heads, lines, page
from data.fields import FIELDS, by_header
from wording import LANGUAGES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_documents_are_what_the_command_writes(language, tmp_path):
    written = (ROOT / "docs" / "fields" / f"{language}.md").read_text("utf-8")
    todo = f"run: zaojie fields doc --language {language} --out docs/fields/{language}.md"
    assert written == page(language), todo
    out = tmp_path / "fields.md"
    args = ["fields", "doc", "--language", language, "--out", str(out)]
    assert CliRunner().invoke(app, args).exit_code == 0
    assert out.read_text("utf-8") == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_says_type_unit_meaning_and_limits(language):
    found = lines(language)
    assert [line.name for line in found] == [field.name for field in FIELDS]
    assert len(heads(language)) == len(Line._fields)
    for line, field in zip(found, FIELDS, strict=True):
        for text in (line.header, line.other, line.type, line.needed, line.limits, line.meaning):
            assert text
        assert bool(line.unit) == bool(field.unit)
        for name in (line.header, line.other, line.name):
            assert by_header(name) is field


def test_a_language_we_do_not_have_is_refused():
    done = CliRunner().invoke(app, ["fields", "doc", "--language", "fr"])
    assert done.exit_code != 0
