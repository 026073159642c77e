"""What somebody outside measured, beside our own figure, and what the difference may mean."""

from __future__ import annotations

from dataclasses import dataclass

from .rates import FEWEST, Rate, Z

OURS = {"satisfaction": "satisfied", "on_time": "on_time", "told": "told"}
"""Measures for which the record has a figure of its own, and the name of its line."""
WHY = ("covered", "no_own", "own_not_said", "within_chance", "beyond_chance")


@dataclass(frozen=True)
class Beside:
    """One result beside ours. theirs: None = of fewer than ten answers. ours: None = no figure of
    ours, or one that is not said. why: of `WHY`: what the difference may mean."""

    body_id: str
    measure: str
    evaluator: str
    method: str
    base: int
    theirs: float | None
    ours: Rate | None
    why: str


def beside(
    body_id: str, measure: str, evaluator: str, method: str, share: float, base: int,
    ours: Rate | None,
) -> Beside:  # fmt: skip
    """Put a result beside our own.

    Args:
        share: 0-1, of `base` answers. ours: as its line says it; None = we have none to say.

    Two shares differ beyond chance where the 95 % interval of their difference leaves 0 out.
    """
    theirs = None if base < FEWEST else share
    if theirs is None:
        return Beside(body_id, measure, evaluator, method, base, None, None, "covered")
    if measure not in OURS:
        return Beside(body_id, measure, evaluator, method, base, theirs, None, "no_own")
    if ours is None or ours.share is None or ours.is_small:
        return Beside(body_id, measure, evaluator, method, base, theirs, None, "own_not_said")
    own, n = ours.share, ours.denominator
    width = Z * (theirs * (1 - theirs) / base + own * (1 - own) / n) ** 0.5
    why = "within_chance" if abs(theirs - own) <= width + 1e-9 else "beyond_chance"
    return Beside(body_id, measure, evaluator, method, base, theirs, ours, why)
