"""A body's share as it may leave the office in a file: whole percents, and no count beside them.

Counts of a year would give away, by subtraction from the published months, the months that were
covered (DOMAIN.md §2.10); a share in whole percents, of cases that cannot be counted back, does
not.
"""

from __future__ import annotations

from .rates import Rate

LEAST = 3
"""A part of a share that leaves is nothing, or at least so many."""


def leaving(rate: Rate | None) -> float | None:
    """The share (0-1) in whole percents; None where it stays inside: fewer than ten, or a part of
    one or two."""
    if rate is None or rate.share is None or rate.is_small:
        return None
    parts = (rate.numerator, rate.denominator - rate.numerator)
    if any(0 < part < LEAST for part in parts):
        return None
    return round(rate.share, 2)
