"""The documents say what is there: settings, commands, rules, sections that the code cites."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer.main

import data.table_doc
import reports.dictionary
from cli import app
from data.schema import metadata
from data.vocabulary import ROLES
from settings import Settings
from wording import LANGUAGES, catalogue, t

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("examples/**/*.md")])
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
ROOMS = "api benchmarks casework data geo pages public reports risk service tests ui wording"


def headings(text: str, mark: str = "## ") -> list[str]:
    return [line.removeprefix(mark).strip() for line in text.splitlines() if line.startswith(mark)]


def test_every_setting_is_documented_with_its_variable_and_default() -> None:
    found = re.findall(
        r"^\| `(ZAOJIE_\w+)` \| `(\w+)` \| `?([^`|]*?)`? \|",
        (DOCS / "settings.md").read_text("utf-8"),
        re.MULTILINE,
    )
    shown = {False: "0", True: "1", "": "empty"}
    values = vars(Settings())
    assert found == [
        (f"ZAOJIE_{name.upper()}", name, shown.get(value, str(value)))
        if isinstance(value, bool | str)
        else (f"ZAOJIE_{name.upper()}", name, str(value))
        for name, value in values.items()
    ]


def test_every_command_is_documented_with_an_example_and_no_other_is() -> None:
    text = (DOCS / "commands.md").read_text("utf-8")
    assert sorted(headings(text)) == COMMANDS
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    for part in parts:
        assert f"\n    zaojie {part.split()[0]}" in part


def test_an_example_uses_options_that_exist() -> None:
    text = (DOCS / "commands.md").read_text("utf-8")
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        command = typer.main.get_command(app).commands[part.split()[0]]  # type: ignore[attr-defined]
        # a group's options are those of its own commands
        parts = [command, *getattr(command, "commands", {}).values()]
        known = {option for one in parts for param in one.params for option in param.opts}
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", part)) <= known, part.split()[0]


def test_the_fourteen_rules_and_what_it_cannot_do_stand_in_the_readme() -> None:
    domain = (DOCS / "DOMAIN.md").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    rules = domain.split("## 2.")[1].split("\n## 3.")[0]
    names = re.findall(r"^(\d+)\. \*\*(.+?)\*\*", rules, re.MULTILINE)
    assert [int(number) for number, _ in names] == list(range(1, 15))
    said = re.findall(r"^(\d+)\. \*\*(.+?)\*\*", readme, re.MULTILINE)
    assert [(n, name.rstrip(".")) for n, name in said] == [
        (n, name.rstrip(".")) for n, name in names
    ]
    cannot = rules.split("in the README: ")[1].strip()
    # a sentence of its own there: "It cannot … what these rules forbid"
    assert cannot.removeprefix("it ").replace("this page forbids", "these rules forbid") in readme


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dictionary_is_what_the_code_has_now(language: str) -> None:
    name = "dictionary.md" if language == "en" else "dictionary.zh.md"
    assert (DOCS / name).read_text("utf-8") == reports.dictionary.page(language), (
        f"zaojie fields dictionary --language {language} --out docs/{name}"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_is_described_and_says_what_an_empty_cell_means(language: str) -> None:
    described = data.table_doc.tables(language)
    assert {one.name for one in described} == set(metadata.tables)
    silent = [
        f"{one.name}.{column.name}"
        for one in described
        for column in one.columns
        if (t("dictionary.if_empty", language) in column.meaning)
        != (column.missing == t("dictionary.may", language))
    ]
    assert silent == []


def test_a_table_or_column_that_nobody_described_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = sa.MetaData()
    sa.Table("case_event", added, sa.Column("no_such_column", sa.Integer))
    monkeypatch.setattr(data.table_doc, "metadata", added)
    with pytest.raises(LookupError):
        data.table_doc.tables("en")
    sa.Table("no_such_table", added, sa.Column("id", sa.Integer))
    with pytest.raises(LookupError):
        data.table_doc.tables("en")


GUIDES = (*ROLES, "resident")


def guide(role: str, language: str) -> str:
    return (DOCS / "guide" / language / f"{role}.md").read_text("utf-8")


@pytest.mark.parametrize("role", GUIDES)
def test_a_guide_has_the_same_tasks_in_both_languages(role: str) -> None:
    tasks = {language: len(headings(guide(role, language))) for language in LANGUAGES}
    assert tasks["zh"] == tasks["en"] >= 4


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", GUIDES)
def test_what_a_guide_says_to_press_is_what_stands_on_the_button(role: str, language: str) -> None:
    said = {re.sub(r"\{[^}]*\}", "", text) for text in catalogue(language).values()}
    named = set(re.findall(r"\*\*(.+?)\*\*", guide(role, language))) - {"?"}
    assert named, "a guide that presses nothing"
    assert sorted(named - said) == []


def test_the_guides_travel_with_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    assert "docs.guide*" in project["packages"]["find"]["include"]
    assert "*/*.md" in project["package-data"]["docs.guide"]


def cited() -> Iterator[tuple[str, str]]:
    """(document, section) of every citation in code and documents, such as `DOMAIN.md §2.10`."""
    for path in (p for room in ROOMS.split() for p in (ROOT / room).rglob("*")):
        if path.suffix in {".py", ".toml", ".html", ".css", ".js"}:
            text = path.read_text("utf-8")
            yield from re.findall(r"\b([A-Z]+\.md) §(\d+(?:\.\d+)?)", text)


def test_every_section_that_the_code_cites_exists() -> None:
    citations = set(cited())
    assert len(citations) > 10
    for name, section in citations:
        text = (DOCS / name).read_text("utf-8")
        chapter, _, item = section.partition(".")
        body = re.search(rf"^## {chapter}\. .*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert body, f"{name} §{section}"
        assert not item or re.search(rf"^{item}\. ", body.group(), re.MULTILINE), (name, section)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_of_the_documents_lead_somewhere(page: Path) -> None:
    for link in linked(page):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def linked(page: Path) -> list[str]:
    """What a document links to or shows."""
    found = re.findall(r"\]\(([^)#\s]+)\)|<img src=\"([^\"]+)\"", page.read_text("utf-8"))
    return [link or picture for link, picture in found]


def test_every_picture_is_shown_somewhere_and_all_of_them_are_small() -> None:
    kept = {path.resolve() for path in (DOCS / "screenshots").rglob("*.png")}
    assert kept, "no pictures: make tour"
    shown = {(page.parent / link).resolve() for page in PAGES for link in linked(page)}
    assert sorted(kept - shown) == []
    assert sum(picture.stat().st_size for picture in kept) < 3_000_000


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_the_documents_name_exist(page: Path) -> None:
    named = rf"`((?:{'|'.join(ROOMS.split())}|docs|examples)/[\w/.-]*\.\w+)`"
    for name in re.findall(named, page.read_text("utf-8")):
        assert (ROOT / name).exists(), name


def test_the_licence_is_the_whole_agpl() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 19 November 2007" in text
    for section in range(18):
        assert re.search(rf"^  {section}\. \w", text, re.MULTILINE), section
    assert "END OF TERMS AND CONDITIONS" in text
