"""Every button that does something has its row in docs/undo.md: how it is undone, or what asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.conftest import ROOT

ROWS = {
    "assign a case": {"ui/assign.py:_about_case", "ui/several.py:_assign"},
    "acknowledge, answer": {"ui/assignments.py:_button", "ui/assignments.py:_form"},
    "notice (督办函)": {"ui/assign.py:about_a_subject", "ui/several.py:_remind"},
    "instruction (批示)": {"ui/assign.py:about_a_subject"},
    "confirm or dismiss": {"ui/likely_late.py:_decision"},
    "answer, decline": {"ui/case_steps.py:draw"},
    "case registered": {
        "ui/register_form.py:one_case", "ui/register_sheet.py:spreadsheet",
        "ui/register_waiting.py:draw",
    },
    "row set aside": {"ui/register_waiting.py:_dismiss"},
    "receipt issued again": {"ui/register_lost.py:lost", "ui/slip_on_case.py:slip"},
    "correction asked": {"ui/corrections_on_case.py:draw"},
    "finding of a sweep": {
        "ui/sweeps.py:_form", "ui/plan_on_case.py:_form", "ui/held.py:_form",
        "ui/reception.py:record",
    },
    "sweep or campaign": {
        "ui/sweeps.py:begin", "ui/campaigns.py:begin", "ui/campaigns.py:add",
        "ui/campaigns.py:result",
    },
    "day's filing": {
        "ui/filing_county.py:_excuse_one", "ui/filing_county.py:_take_back",
        "ui/filing_form.py:_correct", "ui/filing_form.py:_first", "ui/filing_form.py:_question",
    },
    "line of the roster entered": {
        "ui/roster.py:enter", "ui/roster.py:sheet", "ui/roster.py:turns",
    },
    "line of the roster changed": {"ui/roster.py:change"},
    "notice, comments": {
        "ui/consultation_forms.py:new", "ui/consultation_forms.py:change",
        "ui/consultation_forms.py:comments", "ui/consultation_forms.py:decision",
        "ui/suggestion_on_case.py:_form",
    },
    "consultation or suggestion published": {
        "ui/consultations.py:publishing", "ui/suggestions.py:quarter",
    },
    "account made": {
        "ui/accounts.py:add", "ui/accounts.py:_again", "ui/account_sheet.py:_checked",
    },
    "account ended": {"ui/accounts.py:_leave"},
    "role given": {"ui/accounts.py:_give"},
    "role taken": {"ui/accounts.py:_take"},
    "second factor": {"ui/accounts.py:_again"},
    "reading texts across the county, or the event log: asked": {
        "ui/grants.py:ask", "ui/event_log.py:_ask",
    },
    "reading texts across the county, or the event log: granted": {"ui/grants.py:decide"},
    "reading texts across the county, or the event log: ended": {"ui/grants.py:decide"},
    "machine's token made": {"ui/machines.py:make"},
    "machine's token ended": {"ui/machines.py:_one"},
    "calendar, rules": {"ui/rules_page.py:offer", "ui/areas.py:offer", "ui/mappings.py:make"},
    "export of another": {"ui/mappings.py:bring_in"},
    "inspection noted": {"ui/inspection.py:_form", "ui/inspection.py:_import"},
    "text opened": {
        "ui/assignments.py:_words", "ui/case_told.py:letter", "ui/case_view.py:text_box",
        "ui/reception.py:listed", "ui/making.py:offer",
    },
    "text of a case erased": {"ui/case_erase.py:erasing"},
    "daily report issued": {"ui/report.py:issuing"},
    "columns, rows a page": set(),  # widgets of ui/lists.py, no button
}  # fmt: skip
"""How a row of docs/undo.md begins -> the functions that draw its buttons."""
CHANGES_NOTHING = {
    "ui/account_sheet.py:_handed_over": "clears the sheet that was handed over from the screen",
    "ui/anchors.py:show": "compares the log with a line that was kept outside",
    "ui/area_files.py:_buttons": "turns back the map's view",
    "ui/area_panel.py:breadcrumb": "leads to an area",
    "ui/making.py:shown": "clears the file that lay ready",
    "ui/parts.py:sidebar": "signs out",
    "ui/register_sheet.py:_outcome": "clears what was read from the screen",
    "ui/register_slip.py:made": "clears the slip from the screen",
    "ui/register_waiting.py:_mended": "clears what was read from the screen",
    "ui/report.py:comparing": "makes an issued report again and compares",
    "ui/search.py:_box": "leads to a case",
    "ui/todo.py:show": "leads to a list",
    "ui/undo.py:asked": "the question itself",
    "ui/undo.py:here": "the undo itself",
}


def buttons() -> set[str]:
    """file:function of everything that draws a button in the staff's pages."""
    found = set()
    for path in sorted([*(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]):
        for inside, called in _calls(ast.parse(path.read_text("utf-8")), "page"):
            if called.split(".")[-1] in ("button", "form_submit_button") or called == "undo.asked":
                found.add(f"{path.relative_to(ROOT)}:{inside}")
    return found


def _calls(tree: ast.AST, inside: str) -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(tree):
        here = node.name if isinstance(node, ast.FunctionDef) else inside
        if isinstance(node, ast.Call):
            yield here, ast.unparse(node.func)
        yield from _calls(node, here)


def test_every_button_that_does_something_has_its_row() -> None:
    known = set().union(*ROWS.values())
    assert not known & set(CHANGES_NOTHING)
    assert buttons() == known | set(CHANGES_NOTHING)


def test_every_row_is_one_the_program_has() -> None:
    lines = (ROOT / "docs" / "undo.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ")][1:]
    assert len(rows) == len(ROWS)
    for begin in ROWS:
        assert len([row for row in rows if row.startswith(f"| {begin}")]) == 1, begin
    assert all(len(row.strip("| ").split(" | ")) == 4 for row in rows)
