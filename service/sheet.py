"""A desk's spreadsheet taken in: right rows become cases with slips, wrong ones wait for the desk.

What is told comes after the commit. The slips hold codes: they are in what is returned and nowhere
else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from data import quarantine
from data.db import Db
from data.errors import RowProblem
from data.fields import by_header
from data.mapped_rows import NO_DESKS, OwnRows, is_column, own_rows
from data.mapping import Mapping
from data.record import register_all
from data.rows import Checked, Known, check_rows
from data.scope import Scope
from data.sheets import Upload, read_upload
from data.workbooks import TEMPLATE_VERSION, annotated
from reports.slip import SlipFacts, slips_pdf

from .filing import file_by_sheet
from .machines import STAND_IN
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
    mapping: Mapping | None = None,
) -> SheetDone:
    """Store the right rows of a file and keep the wrong ones for the desk.

    Args:
        lists: the county's. language: of what is told. address: of the status page, for the slips.
        mapping: how another system's columns are read; None = the file has our own.

    Raises:
        DataError: a file that cannot be read; nothing was stored.
        NotAllowed: the role does not register.
    """
    scope.need("grid_worker", "township_clerk")
    upload, own = _read(data, file, mapping, db.county().zone)
    frame = upload.frame if own is None else own.frame
    count = len(frame)
    progress("read", count, count)
    checked = _checked(db, frame, own, lists, language, progress)
    done = register_all(db, scope, checked.good) if checked.good else []
    progress("stored", count, count)
    is_filed = bool(done) and file_by_sheet(db, scope)
    refused = _keep_refused(db, scope, frame, checked, file, own)
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
    problems, notes = checked.problems, checked.notes
    if own is not None:
        problems, notes = [own.as_sent(p) for p in problems], [own.as_sent(n) for n in notes]
    if upload.template is not None and upload.template < int(TEMPLATE_VERSION):
        notes = [RowProblem(0, "", "intake.note.old_template"), *notes]
    printed = slips_pdf(slips, language) if slips else None
    corrections = None
    if problems:
        columns = {} if own is None else dict(own.columns)
        if mapping is not None and not mapping.body.is_by_name:
            del columns["body"]  # the mapping makes ids of its texts: our names would not do
        corrections = annotated(upload.frame, problems, lists, language, columns)
    progress("printed", count, count)
    return SheetDone(
        file=file,
        stored=sum(not one.is_repeat for one in done),
        slips=slips,
        printed=printed,
        repeats=sum(one.is_repeat for one in done),
        refused=refused,
        problems=problems,
        notes=notes,
        corrections=corrections,
        is_filed=is_filed,
    )


def _read(
    data: bytes, file: str, mapping: Mapping | None, zone: str
) -> tuple[Upload, OwnRows | None]:
    """A file as it was sent, and its rows in our own columns where a mapping says how."""
    if mapping is None:
        return read_upload(data, file), None
    upload = read_upload(data, file, lambda name: is_column(name, mapping))
    return upload, own_rows(upload.frame, mapping, zone)


def _checked(
    db: Db, frame: pd.DataFrame, own: OwnRows | None, lists: Known, language: str,
    progress: Progress,
) -> Checked:  # fmt: skip
    """The same checks for our own columns and for another system's read as ours."""
    problems = [] if own is None else own.problems
    channels = {} if own is None else own.channels
    no_desks = {problem.row for problem in problems if problem.key in NO_DESKS}
    frame = frame[~frame.index.isin(list(no_desks))]
    if no_desks and frame.empty:
        return Checked([], [], problems, own.notes if own else [])
    if channels:
        # the checks know staff's channels only, and the asker's own is put back after them
        is_own = frame.index.isin(list(channels))
        frame = frame.assign(channel=frame["channel"].mask(is_own, STAND_IN))
    checked = check_rows(
        frame, lists, db.now(), db.county().zone, is_file=True, language=language,
        progress=lambda done, of: progress("checked", done, of),
    )  # fmt: skip
    if own is None:
        return checked
    wrong = {problem.row for problem in problems}
    kept = [(n, c) for n, c in zip(checked.rows, checked.good, strict=True) if n not in wrong]
    # a clerk cannot vouch that a file is a hotline's own: its rows wait for their codes (§2.1)
    good = [replace(c, channel=channels.get(n, c.channel), is_typed=True) for n, c in kept]
    both = dict.fromkeys([*problems, *checked.problems])
    return Checked(
        good, [n for n, _ in kept], sorted(both, key=lambda problem: problem.row),
        [*own.notes, *checked.notes],
    )  # fmt: skip


def _keep_refused(
    db: Db, scope: Scope, frame: pd.DataFrame, checked: Checked, file: str, own: OwnRows | None
) -> int:
    """Let the wrong rows wait for the desk; what waited under a number sent again goes."""
    fields = {str(name): by_header(str(name)) for name in frame.columns}
    # only what we read: a column of remarks may hold anything
    kept = [name for name, found in fields.items() if found is not None]
    wrong = {problem.row for problem in checked.problems} - {0}
    # nobody asked for these, or no desk registers them: nothing of them is kept to be mended
    gone = (NOT_ASKED, *NO_DESKS)
    unasked = {problem.row for problem in checked.problems if problem.key in gone}
    cells = frame.loc[frame.index.isin(list(wrong - unasked)), kept]
    rows = {
        int(str(number)): {name: str(value or "") for name, value in row.items()}
        for number, row in cells.T.items()
    }
    is_whole = any(problem.row == 0 for problem in checked.problems)
    number = next((n for n, found in fields.items() if found and found.name == "source_id"), None)
    sent = set(frame[number]) - {""} if number is not None and not is_whole else set()
    channels = {} if own is None else own.channels
    for channel in sorted({channels[number] for number in rows.keys() & channels.keys()}):
        of_it = {n: rows.pop(n) for n in list(rows) if channels.get(n) == channel}
        for cells in of_it.values():
            cells.pop("channel")
        quarantine.hold(
            db, scope, file, of_it, checked.problems, sent=sent, channel=channel
        )  # fmt: skip
        sent = set()
    if rows or sent:
        quarantine.hold(db, scope, file, rows, checked.problems, sent=sent)
    return len(wrong)
