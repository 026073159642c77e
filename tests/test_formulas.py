"""Every figure says how it is computed: one source, in both languages, beside the figure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from casework.pack import pack_ids, series
from reports import formulas
from reports.formulas import FORMULAS, meaning, page, told
from reports.monthly_files import ALL_INDICATORS
from tests.conftest import ROOT
from wording import LANGUAGES, catalogue, formats, t

WITHOUT = {
    "ui/account_sheet.py:_checked",
    "ui/appointments.py:on_case",
    "ui/areas.py:preview", "ui/areas.py:_changes",
    "ui/assignments.py:_clocks", "ui/case_view.py:clock_table",
    "ui/consultations.py:working",
    "ui/consultations.py:_preview",
    "ui/mappings.py:_listed", "ui/mappings.py:_preview",
    "ui/mappings.py:_outcome", "ui/nights.py:earlier", "ui/plan_on_case.py:_in_force",
    "ui/reception.py:listed", "ui/register_sheet.py:_show",
    "ui/register_sheet.py:_dictionary", "ui/register_sheet.py:problems",
    "ui/register_waiting.py:_as_it_is",
    "ui/rules_page.py:in_force", "ui/rules_page.py:would_move",
    "ui/suggestions.py:by_body",
    "ui/versions_on_case.py:show",
}  # fmt: skip
"""Lists: rows of the record, of a file or of settings. No share and no duration stands in them; a
case's clocks (`clock_table`) say below the list why each day is that day, from the rules pack."""
TWICE = {"ui/sweeps.py:show": 1}
"""How many of a function's boxes or tables hold a day or words only."""


def shown() -> Iterator[tuple[str, bool]]:
    """(file:function, whether it has help) of every box and table of figures on staff pages."""
    places = {"table": 9, "Figure": 3, "rate_figure": 3}
    for path in sorted([*(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]):
        for called, node in _calls(ast.parse(path.read_text("utf-8")), "page"):
            func = node.func
            if isinstance(func, ast.Attribute) and ast.unparse(func.value) == "parts":
                at = places.get(func.attr)
                if at is not None:
                    has = len(node.args) > at or "about" in {k.arg for k in node.keywords}
                    yield f"{path.relative_to(ROOT)}:{called}", has


def _calls(tree: ast.AST, called: str) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.iter_child_nodes(tree):
        inside = node.name if isinstance(node, ast.FunctionDef) else called
        if isinstance(node, ast.Call):
            yield inside, node
        yield from _calls(node, inside)


def test_every_box_and_every_table_of_figures_has_its_help() -> None:
    missing: dict[str, int] = {}
    for where, has in shown():
        missing[where] = missing.get(where, 0) + (not has)
    assert {w: n for w, n in missing.items() if n and w not in WITHOUT} == TWICE
    kept = {where for where in WITHOUT if (ROOT / where.split(":")[0]).exists()}
    assert sorted(kept - {w for w, n in missing.items() if n}) == []


FIGURES = {
    "ui/consultations.py:waited": "consultation_waited",
    "ui/likely_late.py:probability": "probability",
    "ui/sweeps.py:coverage": "sweep_coverage",
    "ui/sweeps.py:looked": "sweep_coverage",
    "ui/sweeps.py:kept": "sweep_kept",
}
"""Columns of lists that hold a figure, and which one it is."""
COUNTS = {
    "ui/areas.py:count", "ui/audit_log.py:id", "ui/filing_county.py:number", "ui/ledger.py:round",
    "ui/likely_late.py:days_left", "ui/roster.py:slots",
}  # fmt: skip
"""Of a file, a line or a case itself, as its head says: rows, numbers, places, days left."""


def in_lists() -> Iterator[tuple[str, bool]]:
    """(file:column, whether help stands at its head) of every number and share in a list."""
    for path in sorted((ROOT / "ui").glob("*.py")):
        for _, node in _calls(ast.parse(path.read_text("utf-8")), ""):
            named = node.args[0] if node.args else None
            if ast.unparse(node.func) not in ("column", "Column", "listing.Column"):
                continue
            if not (isinstance(named, ast.Constant) and isinstance(named.value, str)):
                continue
            said = {k.arg: ast.unparse(k.value) for k in node.keywords}
            is_rate = "rate_" in " ".join(ast.unparse(one) for one in node.args[1:])
            if is_rate or said.get("kind") in ("'number'", "'percent'"):
                yield f"{path.relative_to(ROOT)}:{named.value}", "help" in said


def about() -> set[str]:
    """Figures that are explained beside a list or a part of a page."""
    found = set()
    for path in [*(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]:
        for _, node in _calls(ast.parse(path.read_text("utf-8")), ""):
            if ast.unparse(node.func) == "parts.about":
                found |= {one.value for one in node.args if isinstance(one, ast.Constant)}
    return found


def test_every_figure_in_a_list_has_its_help() -> None:
    bare = {where for where, has_help in in_lists() if not has_help}
    assert bare == set(FIGURES) | COUNTS
    assert set(FIGURES.values()) <= about()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_says_everything_in_both_languages(language: str) -> None:
    for name in FORMULAS:
        said = told(name, language)
        assert all(said), name
        assert said.how != said.base, name
    of = {key.split(".")[2] for key in catalogue(language) if key.startswith("formulas.of.")}
    assert of == set(FORMULAS)


def test_a_figure_that_nobody_explained_breaks_the_page() -> None:
    with pytest.raises(LookupError):
        told("no_such_figure", "en")


def test_parts_of_reports_and_of_the_public_month_name_figures_that_exist() -> None:
    for parts in (
        formulas.IN_DAILY, formulas.IN_SUMMARY, formulas.IN_PUBLIC, formulas.IN_SHEET,
    ):  # fmt: skip
        assert {name for names in parts.values() for name in names} <= set(FORMULAS)
    said = {name for names in formulas.IN_PUBLIC.values() for name in names}
    assert set(ALL_INDICATORS) <= said, "a public figure without its formula beside it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_is_what_the_source_says_now(language: str) -> None:
    name = "formulas.md" if language == "en" else "formulas.zh.md"
    assert (ROOT / "docs" / name).read_text("utf-8") == page(language)


def test_a_file_that_leaves_explains_a_figure_in_the_same_words() -> None:
    of = told("on_time", "en")
    assert meaning("on_time", "en") == f"{of.how} {of.base}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clock_is_explained_on_a_case_in_the_words_of_the_rules_packs_page(language: str) -> None:
    """Case page, resident's page and docs/packs all say a pack's rule by the same two functions."""
    document = (ROOT / "docs" / "packs" / f"{language}.md").read_text("utf-8")
    for name in pack_ids():
        for rules in series(name).newest.rules.values():
            for rule in rules.values():
                assert t(f"casework.clock.{rule.clock}", language) in document, (name, rule.clock)
                assert formats.source(rule.source, language) in document, (name, rule.source)
