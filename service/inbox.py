"""Files that wait in a folder are taken over by their folder's mapping: `<inbox>/<mapping>/<file>`.

A file is moved only after what it holds is committed; a run that was killed takes it up again, and
rows that were taken over add nothing. What cannot be read is set aside with the sentence beside it.
A link, and a file of anybody but the folder's owner, is not touched. What lies in `done` and
`aside` goes after 30 days, as refused rows do: it may hold what the record no longer does.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data import places, quarantine
from data.categories import Categories
from data.db import Db
from data.errors import ConfigError, DataError, NotFound, ProjectError, RowProblem
from data.mapping import Mapping
from data.mapping_files import mapping_named
from data.rows import Known
from data.scope import Scope
from data.workbooks import annotated
from wording import LANGUAGES

from .figures import categories
from .takeover import NOT_KEPT, Sent, TakenOver, reason_key, row_list, sheet, take_over_export

DONE, ASIDE, MOVING = "done", "aside", ".moving"
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
"""Endings under which a transfer is still writing."""
SETTLES_SECONDS = 20.0
"""A file that was written to within so many seconds may not be whole yet: it waits for the next
run."""
MOST_BYTES = 512 * 1024 * 1024
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Waiting:
    """What lies in the inbox: files that wait, seconds since the oldest came, files set aside."""

    files: int
    oldest_seconds: float
    aside: int


def waiting(inbox: Path | None, now: float | None = None) -> Waiting:
    """What lies in the inbox; nothing where none is set or it is not there."""
    if inbox is None or not inbox.is_dir():
        return Waiting(0, 0.0, 0)
    now = time.time() if now is None else now
    ages = [now - _changed(path) for folder in _folders(inbox) for path in _files(folder)]
    aside = sum(
        1 for folder in _folders(inbox) for path in (folder / ASIDE).glob("*/*")
        if path.suffix == ".why"
    )  # fmt: skip
    return Waiting(len(ages), max(ages, default=0.0), aside)


def take_in(
    db: Db, scope: Scope, inbox: Path, day: dt.date, language: str,
    progress: Progress = lambda what, done, of: None,
) -> tuple[dict[str, int], str | None]:  # fmt: skip
    """Take over every file that waits.

    Args:
        day: names the folders below `done` and `aside`. language: of the marked workbook.

    Returns:
        Counts (files, rows, added, repeated, rows_aside, files_aside, waiting, refused, removed),
        and a catalogue key where somebody must look; None = all is well.

    Raises:
        NotAllowed: not the server's operator.
        NotFound: the folder is not there.
    """
    scope.need("operator")
    if not inbox.is_dir():
        raise NotFound("running.inbox.no_folder")
    counts: Counter[str] = Counter(
        dict.fromkeys(("files", "added", "repeated", "rows_aside", "files_aside", "refused"), 0)
    )
    problem: str | None = None
    kinds = categories(db, scope)
    for folder in _folders(inbox):
        _finish_move(folder)
        found = list(_files(folder))
        if found and _is_open_to_all(folder):
            counts["refused"] += len(found)
            problem = problem or "running.inbox.open_to_all"
            continue
        try:
            mapping = mapping_named(db, scope, folder.name, kinds) if found else None
        except (NotFound, ConfigError):
            counts["waiting"] += len(found)
            problem = problem or "running.inbox.no_mapping"
            continue
        for number, path in enumerate(found):
            assert mapping is not None
            progress("running.step.import", number, len(found))
            if _belongs_to_another(path, mapping):
                continue
            trouble = _one(db, scope, folder, path, mapping, kinds, day, language, counts)
            problem = problem or trouble
        counts["removed"] += _end_old(folder, day)
    return dict(counts), problem


def _folders(inbox: Path) -> list[Path]:
    return sorted(
        path for path in inbox.iterdir() if path.is_dir() and not path.is_symlink()
        and not path.name.startswith(".")
    )  # fmt: skip


def _files(folder: Path) -> Iterator[Path]:
    """What lies directly in a folder and is no folder, oldest first; links are among them."""
    there = [
        path for path in folder.iterdir()
        if (path.is_symlink() or not path.is_dir()) and not path.name.startswith(".")
        and path.suffix.casefold() not in UNFINISHED
    ]  # fmt: skip
    yield from sorted(there, key=lambda path: (_changed(path), path.name))


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return time.time()


def _is_open_to_all(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IWOTH)


def _has_steps(mapping: Mapping) -> bool:
    return mapping.events is not None and mapping.events.lines is not None


def _steps_of(path: Path) -> Path:
    return path.with_name(f"{path.name.partition('.')[0]}.steps{''.join(path.suffixes)}")


def _belongs_to_another(path: Path, mapping: Mapping) -> bool:
    """Whether a file is the second one of a pair: it is taken in with the first."""
    return _has_steps(mapping) and ".steps" in path.suffixes


def _read(path: Path) -> bytes | None:
    """The bytes of a plain file of the folder's owner or our own; None = refused.

    It is opened without following a link and looked at by the handle, so that nothing can be put
    in its place between looking and reading.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(handle, "rb") as file:
        found = os.fstat(file.fileno())
        owners = {os.geteuid(), path.parent.stat().st_uid}
        is_plain = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
        if not is_plain or found.st_uid not in owners or found.st_size > MOST_BYTES:
            return None
        return file.read()


def _one(
    db: Db, scope: Scope, folder: Path, path: Path, mapping: Mapping, kinds: Categories,
    day: dt.date, language: str, counts: Counter[str],
) -> str | None:  # fmt: skip
    second = _steps_of(path) if _has_steps(mapping) else None
    pair = [path] if second is None else [path, second]
    if not all(os.path.lexists(one) for one in pair) or any(
        time.time() - _changed(one) < SETTLES_SECONDS for one in pair
    ):
        counts["waiting"] += 1
        return None
    read = [_read(one) for one in pair]
    if None in read:
        counts["refused"] += 1
        return "running.inbox.refused"
    sent = [Sent(one.name, data or b"") for one, data in zip(pair, read, strict=True)]
    try:
        done = take_over_export(
            db, scope, sent[0], mapping, steps=sent[1] if second is not None else None
        )
    except DataError as err:
        _set_aside(folder, day, pair, err)
        counts["files_aside"] += 1
        return "running.inbox.unreadable"
    if len(done.mapped.set_aside):
        _tell_rows(db, scope, folder / ASIDE / str(day), sent[0], mapping, done, kinds, language)
    _move(pair, folder / DONE / str(day))
    counts.update(
        files=1, rows=done.mapped.rows, added=done.added, repeated=done.repeated,
        rows_aside=len(done.mapped.set_aside),
    )  # fmt: skip
    return None


def _set_aside(folder: Path, day: dt.date, pair: list[Path], err: ProjectError) -> None:
    """The whole file, and beside it why: first the sentence, so that none lies there without."""
    home = folder / ASIDE / str(day)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    why = "\n".join(err.text(language) for language in LANGUAGES)
    write_whole(home / f"{pair[0].name}.why", f"{why}\n".encode())
    _move(pair, home)


def _tell_rows(
    db: Db, scope: Scope, home: Path, sent: Sent, mapping: Mapping, done: TakenOver,
    kinds: Categories, language: str,
) -> None:  # fmt: skip
    """The rows that were set aside: by number, and those that can be mended as a workbook."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(home / f"{sent.name}.rows.csv", row_list(done.mapped).to_csv(index=False).encode())
    told = list(done.mapped.problems)
    known = {problem.row for problem in told}
    for row, reason in zip(
        done.mapped.set_aside["row"], done.mapped.set_aside["reason"], strict=True
    ):
        if reason not in NOT_KEPT and row not in known:
            told.append(RowProblem(int(row), "", reason_key(reason)))
    if told:
        lists = Known(kinds, places.read_bodies(db, scope), places.read_townships(db, scope))
        columns = {f: c for f, c in mapping.columns.items() if f not in ("body", "area")}
        book = annotated(sheet(sent, mapping), told, lists, language, columns)
        write_whole(home / f"{sent.name}.rows.xlsx", book)


def write_whole(path: Path, data: bytes) -> None:
    """All of it or nothing, readable by its owner only."""
    draft = path.with_name(f".{path.name}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with open(handle, "wb") as file:
        file.write(data)
    draft.replace(path)


def _move(paths: list[Path], home: Path) -> None:
    """One after the other; what was begun is noted beside them, so that no half of a pair stays."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    note = paths[0].parent / MOVING
    lines = [f"{path.lstat().st_ino} {home.relative_to(note.parent)}/{path.name}" for path in paths]
    if len(paths) > 1:
        write_whole(note, "\n".join(lines).encode())
    for path in paths:
        _rename(path, home)
    note.unlink(missing_ok=True)


def _finish_move(folder: Path) -> None:
    """What a killed run had begun to move; a file that came since under the same name stays."""
    note = folder / MOVING
    if not note.is_file():
        return
    for line in note.read_text("utf-8").splitlines():
        inode, _, to = line.partition(" ")
        path = folder / Path(to).name
        if os.path.lexists(path) and str(path.lstat().st_ino) == inode:
            _rename(path, (folder / to).parent)
    note.unlink()


def _rename(path: Path, home: Path) -> None:
    to, number = home / path.name, 1
    while os.path.lexists(to):
        number += 1
        to = home / f"{number}-{path.name}"
    path.rename(to)


def _end_old(folder: Path, day: dt.date) -> int:
    """Days below `done` and `aside` that are older than refused rows may wait; how many went."""
    gone = 0
    for part in (DONE, ASIDE):
        home = folder / part
        for path in sorted(home.iterdir()) if home.is_dir() and not home.is_symlink() else ():
            try:
                old = dt.date.fromisoformat(path.name) < day - quarantine.KEPT
            except ValueError:
                continue
            if old and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
                gone += 1
    return gone
