"""Many values looked up in one statement, so many at a time as every database takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
MOST = 500


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in their order, `MOST` at a time."""
    whole = list(values)
    for start in range(0, len(whole), MOST):
        yield whole[start : start + MOST]
