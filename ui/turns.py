"""How many pages run at once, so that each is done soon.

Python runs one thread at a time, and a page gives the floor away at each of its many queries: of
thirty pages side by side none is done before all are. So a few run and the others wait their turn,
in the order in which they came; a page that waits for figures another one counts gives its turn on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore, local

AT_ONCE = 3

_turns = Semaphore(AT_ONCE)
_here = local()


@contextmanager
def turn() -> Iterator[None]:
    """Run a page when it is its turn."""
    with _turns:
        _here.is_mine = True
        try:
            yield
        finally:
            _here.is_mine = False


@contextmanager
def held(lock: Lock) -> Iterator[None]:
    """Hold a lock; while somebody else holds it, this page's turn is another's."""
    if not lock.acquire(blocking=False):
        is_mine = getattr(_here, "is_mine", False)
        if is_mine:
            _turns.release()
        lock.acquire()
        if is_mine:
            _turns.acquire()
    try:
        yield
    finally:
        lock.release()
