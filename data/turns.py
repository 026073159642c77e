"""Writers of one SQLite file take turns, so that none starves while others hold its lock.

SQLite's own waiting sleeps longer and longer, up to a tenth of a second; among many busy writers
the one that has waited longest asks least often. Here all ask alike, of a lock file beside the
database, and only the one whose turn it is opens a transaction. Another program that writes without
asking still meets SQLite's own lock.
"""

from __future__ import annotations

import fcntl
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from .errors import StoreBusy

WAITS_SECONDS = 60.0
ASKS_EVERY = 0.002
"""Seconds between two tries, on average."""


@contextmanager
def in_turn(engine: sa.Engine) -> Iterator[None]:
    """Hold the turn of the database's file; nothing to hold on PostgreSQL, which queues by itself.

    Raises:
        StoreBusy: the turn did not come within `WAITS_SECONDS`; nothing was written.
    """
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        yield
        return
    until = time.monotonic() + WAITS_SECONDS
    with open(f"{path}.turn", "ab") as file:
        while not _taken(file.fileno()):
            if time.monotonic() > until:
                raise StoreBusy("data.error.busy")
            time.sleep(random.uniform(0, 2 * ASKS_EVERY))
        yield


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
