"""What is chosen on a staff page to see something else stands in its address (`ui.address`)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.conftest import ROOT

WIDGETS = {
    "checkbox", "date_input", "multiselect", "number_input", "pills", "radio", "segmented_control",
    "select_slider", "selectbox", "slider", "tabs", "text_input", "toggle",
}  # fmt: skip
FORMS = {
    "ui/accounts.py": "_body _give _role _take add change",
    "ui/areas.py": "_columns _system offer",
    "ui/assign.py": "_step_and_day about_a_subject",
    "ui/assignments.py": "_form _words",
    "ui/campaigns.py": "add begin one_of result",
    "ui/case_erase.py": "erasing",
    "ui/case_steps.py": "approval body days draw fields moment pick reason steps",
    "ui/case_view.py": "text_box",
    "ui/consultation_forms.py": "_body _fields comments decision",
    "ui/corrections_on_case.py": "draw grid",
    "ui/event_log.py": "_ask",
    "ui/filing_county.py": "_excuse_one _take_back",
    "ui/filing_form.py": "_reason",
    "ui/grants.py": "ask decide",
    "ui/held.py": "choose",
    "ui/inspection.py": "_form",
    "ui/likely_late.py": "_decision",
    "ui/machines.py": "make",
    "ui/mappings.py": "_draft _matched bring_in make",
    "ui/plan_on_case.py": "_form _steps",
    "ui/reception.py": "_fields record",
    "ui/register_form.py": "_area body category channel choice moment place text",
    "ui/register_lost.py": "lost",
    "ui/register_sheet.py": "_columns_of_file",
    "ui/register_waiting.py": "_dismiss _field",
    "ui/report.py": "issuing",
    "ui/roster.py": "line_fields turns",
    "ui/several.py": "_assign",
    "ui/suggestion_on_case.py": "_form",
    "ui/sweeps.py": "_form begin",
}
"""Fields of forms: what is chosen there is written by a button, and a link that filled it in for
somebody else would be wrong."""
KEPT = {
    "pages/case.py": "page",  # the case's number
    "ui/address.py": "tabs",
    "ui/likely_late.py": "capacity",
    "ui/lists.py": "_cols _page _per _select _text",
    "ui/parts.py": "sidebar",  # language and day
    "ui/windows.py": "_one_of _span",
}
"""Kept in the address by the function itself."""
GONE = {"ui/search.py": "_box"}
"""What was typed is gone on purpose: it may hold words of a case."""


def drawn() -> Iterator[str]:
    """file:function of every widget that is not drawn by `ui.address`."""
    for path in sorted([*(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]):
        for inside, called in _calls(ast.parse(path.read_text("utf-8")), "page"):
            of, _, name = called.rpartition(".")
            if name in WIDGETS and of != "address":
                yield f"{path.relative_to(ROOT)}:{inside}"


def _calls(tree: ast.AST, inside: str) -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(tree):
        here = node.name if isinstance(node, ast.FunctionDef) else inside
        if isinstance(node, ast.Call):
            yield here, ast.unparse(node.func)
        yield from _calls(node, here)


def test_a_choice_that_shows_something_else_stands_in_the_address() -> None:
    known = {
        f"{file}:{name}"
        for of in (FORMS, KEPT, GONE)
        for file, names in of.items()
        for name in names.split()
    }
    assert set(drawn()) == known
