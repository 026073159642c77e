"""How far a file is that is made behind a page: said by what makes it, at the ends of its parts.

Nobody has to listen: a command that makes the same file hears nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[float], None] | None] = ContextVar("how_far", default=None)


def say(share: float) -> None:
    """This share of the work lies behind, 0-1."""
    listener = _listener.get()
    if listener is not None:
        listener(share)


@contextmanager
def heard(by: Callable[[float], None]) -> Iterator[None]:
    """Whoever wants to know how far what is made inside is."""
    mark = _listener.set(by)
    try:
        yield
    finally:
        _listener.reset(mark)
