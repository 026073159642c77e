"""The kept columns of a large record as files, for the next process that starts.

In `ZAOJIE_VAR/columns`, one folder per database: two Parquet files named by the place in the record
up to which they were read, and `newest.json`, which names them and is replaced in one step. Several
processes share them: whoever read much more than they hold writes new ones. They hold no text, are
readable by their owner only, are in no backup, and can be deleted at any time. A file that is
damaged, of another version or of another record is said in the log and made anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .columns import Columns, Place, one_piece
from .db import Db
from .vocabulary import ACTORS, EVENTS

FORMAT = 1
"""Raised when what is kept, or its meaning, changes: older files are then not read."""
LEAST_EVENTS = 50_000
"""A smaller record is read sooner than a file would be looked after."""
LEAST_NEW = 20_000
"""Events appended since the file was written, from which it is written anew."""
_POINTER = "newest.json"
_LEFT_SECONDS = 3_600
"""After so long an unfinished file is one of a process that ended while writing."""
_ONE_GROUP = 2**24
_RISING = ("id", "case", "opened_at", "occurred_at", "known_at", "limit_at")
"""Numbers kept as differences from the one before: less than half as large, read in less time."""
_WORDS = {"event": EVENTS, "actor": ACTORS}
_log = logging.getLogger("zaojie")


def folder_of(db: Db) -> Path | None:
    """Where the columns of a database are kept; None = nowhere (opened without a folder)."""
    if db.var is None:
        return None
    url = db.engine.url.render_as_string(hide_password=True)
    return db.var / "columns" / hashlib.sha256(url.encode()).hexdigest()[:16]


def is_worth_it(events: int, on_disk: int) -> bool:
    """Whether a file should be written: of a large record, where much is new."""
    return events >= LEAST_EVENTS and abs(events - on_disk) >= LEAST_NEW


def load(folder: Path | None) -> Columns:
    """What the files hold; no rows where there are none that can be read."""
    if folder is None:
        return Columns.none()
    for _ in range(2):  # another process may have put new ones in their place meanwhile
        try:
            return _load(folder)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as err:
            kind = type(err).__name__
            _log.warning("kept columns in %s not readable (%s): made anew", folder, kind)
            break
    return Columns.none()


def save(folder: Path | None, columns: Columns) -> None:
    """Write the files; a disk that is full or closed is said in the log and stops nobody."""
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _save(folder, columns)
    except OSError as err:
        _log.warning("columns not kept in %s (%s)", folder, err.strerror or type(err).__name__)


def _load(folder: Path) -> Columns:
    told = json.loads((folder / _POINTER).read_text("utf-8"))
    if told["format"] != FORMAT:
        raise ValueError("another version")
    place = Place(*told["place"])
    versions, events = (_read(folder, *told[name]) for name in ("versions", "events"))
    ids = pd.Index(versions["case_id"].drop_duplicates())
    if [len(versions), len(events), len(ids)] != told["rows"]:
        raise ValueError("other rows than written")
    return Columns(place, ids, versions, events)


def _read(folder: Path, name: str, sha256: str) -> pd.DataFrame:
    content = (folder / Path(name).name).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError("other bytes than written")
    return _frame(pq.read_table(pa.BufferReader(content), read_dictionary=list(_WORDS)))


def _frame(table: pa.Table) -> pd.DataFrame:
    frame = table.to_pandas(types_mapper={pa.int16(): pd.Int16Dtype()}.get)
    words = {
        name: frame[name].cat.set_categories(list(known))
        for name, known in _WORDS.items()
        if name in frame
    }
    return one_piece(frame.assign(**words))


def _save(folder: Path, columns: Columns) -> None:
    key = hashlib.sha256(repr((FORMAT, columns.place)).encode()).hexdigest()[:16]
    named: dict[str, list[str]] = {}
    for name in ("versions", "events"):
        frame: pd.DataFrame = getattr(columns, name)
        file = f"{name}-{key}.parquet"
        with whole(folder / file) as path:
            pq.write_table(
                pa.Table.from_pandas(frame, preserve_index=False), path,
                compression="lz4", row_group_size=_ONE_GROUP,
                use_dictionary=[c for c in frame if c not in _RISING],
                column_encoding={c: "DELTA_BINARY_PACKED" for c in frame if c in _RISING},
            )  # fmt: skip
            named[name] = [file, hashlib.sha256(path.read_bytes()).hexdigest()]
    rows = [len(columns.versions), len(columns.events), len(columns.ids)]
    told = {"format": FORMAT, "place": list(columns.place), "rows": rows} | named
    with whole(folder / _POINTER) as path:
        path.write_text(json.dumps(told), "utf-8")
    _clear(folder, {file for file, _ in named.values()} | {_POINTER})


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A new file to write to, which takes its name only when it is whole; the owner's alone."""
    part = path.with_name(f"{path.name}.part-{secrets.token_hex(4)}")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _clear(folder: Path, named: set[str]) -> None:
    """Remove what the newest files replaced; what another process writes just now stays."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if ".part-" in path.name and time.time() - path.stat().st_mtime < _LEFT_SECONDS:
                continue
            if path.name.startswith(("versions-", "events-")) and path.name not in named:
                path.unlink()
