"""What the one who asked may say now: computed in `service`, where every door reads it."""

from __future__ import annotations

from service.voice import (
    RATING_REASONS,
    RATINGS,
    SAID,
    WITHDRAWAL_REASONS,
    Rating,
    Voice,
    Withdrawal,
    allow_for,
    first_token,
    is_first_opening,
    voice,
)

__all__ = [
    "RATINGS", "RATING_REASONS", "SAID", "WITHDRAWAL_REASONS", "Rating", "Voice", "Withdrawal",
    "allow_for", "first_token", "is_first_opening", "voice",
]  # fmt: skip
