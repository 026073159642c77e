"""A desk's spreadsheet taken in: right rows become cases with slips, wrong ones wait for the desk.

What is told comes after the commit. The slips hold codes: they are in what is returned and nowhere
else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from data import quarantine
from data.db import Db
from data.errors import RowProblem
from data.fields import by_header
from data.record import register_all
from data.rows import Checked, Known, check_rows
from data.scope import Scope
from data.sheets import read_upload
from data.workbooks import TEMPLATE_VERSION, annotated
from reports.slip import SlipFacts, slips_pdf

from .filing import file_by_sheet
from .recent_waits import UNKNOWN, read_ahead
from .slips import named, slip_facts

Progress = Callable[[str, int, int], None]
NOT_ASKED = "intake.row.not_asked"
SHARES = {"read": 0.03, "checked": 0.08, "stored": 0.17, "slips": 0.65, "printed": 1.0}
"""What share of the work lies behind when a step ends (measured: `benchmarks/rows.py`)."""
STORED = ("stored", "slips", "printed")
"""Steps that are reported after the right rows are in the record."""


@dataclass(frozen=True)
class SheetDone:
    """What became of a file: slips of new cases, repeats, refused rows and what to do.

    printed: the slips as PDF, None where there is none. corrections: the refused rows as a
    workbook with their wrong cells marked, None where none was refused. is_filed: it counts
    as the desk's filing of today.
    """

    file: str
    stored: int
    slips: list[SlipFacts]
    printed: bytes | None
    repeats: int
    refused: int
    problems: list[RowProblem]
    notes: list[RowProblem]
    corrections: bytes | None
    is_filed: bool = False


def take_sheet(
    db: Db,
    scope: Scope,
    data: bytes,
    file: str,
    lists: Known,
    language: str,
    address: str,
    progress: Progress,
) -> SheetDone:
    """Store the right rows of a file and keep the wrong ones for the desk.

    Args:
        lists: the county's. language: of what is told. address: of the status page, for the slips.

    Raises:
        DataError: a file that cannot be read; nothing was stored.
        NotAllowed: the role does not register.
    """
    scope.need("grid_worker", "township_clerk")
    upload, zone = read_upload(data, file), db.county().zone
    frame = upload.frame
    count = len(frame)
    progress("read", count, count)
    checked = check_rows(
        frame, lists, db.now(), zone, is_file=True, language=language,
        progress=lambda done, of: progress("checked", done, of),
    )  # fmt: skip
    done = register_all(db, scope, checked.good) if checked.good else []
    progress("stored", count, count)
    is_filed = bool(done) and file_by_sheet(db, scope)
    refused = _keep_refused(db, scope, frame, checked, file)
    slips: list[SlipFacts] = []
    made = [one.slip for one in done if one.slip is not None]
    waits = read_ahead(db).result() if made else {}
    with db.one_state():
        names = named(db, language) if made else None
        for slip in made:
            slips.append(
                slip_facts(
                    db, slip, language, address=address, names=names,
                    recent=lambda category: waits.get(category, UNKNOWN),
                )
            )  # fmt: skip
            progress("slips", len(slips), len(made))
    notes = checked.notes
    if upload.template is not None and upload.template < int(TEMPLATE_VERSION):
        notes = [RowProblem(0, "", "intake.note.old_template"), *notes]
    printed = slips_pdf(slips, language) if slips else None
    corrections = annotated(frame, checked.problems, lists, language) if checked.problems else None
    progress("printed", count, count)
    return SheetDone(
        file=file,
        stored=sum(not one.is_repeat for one in done),
        slips=slips,
        printed=printed,
        repeats=sum(one.is_repeat for one in done),
        refused=refused,
        problems=checked.problems,
        notes=notes,
        corrections=corrections,
        is_filed=is_filed,
    )


def _keep_refused(db: Db, scope: Scope, frame: pd.DataFrame, checked: Checked, file: str) -> int:
    """Let the wrong rows wait for the desk; what waited under a number sent again goes."""
    fields = {str(name): by_header(str(name)) for name in frame.columns}
    # only what we read: a column of remarks may hold anything
    kept = [name for name, found in fields.items() if found is not None]
    wrong = {problem.row for problem in checked.problems} - {0}
    # nobody asked for these: nothing of them is kept, not even to be mended
    unasked = {problem.row for problem in checked.problems if problem.key == NOT_ASKED}
    cells = frame.loc[frame.index.isin(list(wrong - unasked)), kept]
    rows = {
        int(str(number)): {name: str(value or "") for name, value in row.items()}
        for number, row in cells.T.items()
    }
    is_whole = any(problem.row == 0 for problem in checked.problems)
    number = next((n for n, found in fields.items() if found and found.name == "source_id"), None)
    sent = set(frame[number]) - {""} if number is not None and not is_whole else set()
    if rows or sent:
        quarantine.hold(db, scope, file, rows, checked.problems, sent=sent)
    return len(wrong)
