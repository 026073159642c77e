"""What is kept of the name of a file that somebody sent: a name may name a person."""

from __future__ import annotations

from .db import Db

ENDINGS = ("xlsx", "xlsm", "xls", "csv", "tsv", "txt", "gz", "json")
"""Of files that are read; another is not repeated."""


def logged(db: Db, name: str) -> str:
    """A file as the audit log names it: its ending and eight signs of a keyed hash of its name.

    Whoever has the file can be shown that it was this one; nobody reads its name out of the log.
    """
    ending = name.rpartition(".")[2].casefold()
    kind = ending if ending in ENDINGS else "file"
    return f"{kind} {db.keys.digest('source', f'file:{name}')[:8]}"
