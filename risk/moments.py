"""A case table as numbers: groups as codes, moments as seconds, rows in an order that is quick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .snapshots import CHECKPOINTS, NEVER, seconds

DAY = 86_400
STAGES = len(CHECKPOINTS)


@dataclass(frozen=True)
class Groups:
    """Codes of each case's group per level, int, on the rows of the case table."""

    codes: dict[str, np.ndarray]

    @classmethod
    def of(cls, cases: pd.DataFrame) -> Groups:
        category = pd.factorize(cases["category"])[0].astype("int64")
        body = pd.factorize(cases["body"])[0].astype("int64")
        both = pd.factorize(body * (category.max(initial=0) + 1) + category)[0].astype("int64")
        return cls(
            {
                "all": np.zeros(len(cases), dtype="int64"),
                "category": category,
                "body": body,
                "body_category": both,
            }
        )


@dataclass(frozen=True)
class Times:
    """The moments of each case in seconds, int64, `NEVER` where there is none."""

    opened: np.ndarray
    due: np.ndarray
    closed: np.ndarray

    @classmethod
    def of(cls, cases: pd.DataFrame) -> Times:
        return cls(*(seconds(cases[name]) for name in ("opened_at", "due_at", "closed_at")))

    def checkpoint(self, stage: int) -> np.ndarray:
        """Moment of a checkpoint (4 = the limit); `NEVER` for cases without a limit."""
        if stage == STAGES:
            return self.due
        has_limit = self.due < NEVER
        span = np.where(has_limit, self.due - self.opened, 0)
        return np.where(has_limit, self.opened + (span * CHECKPOINTS[stage]).astype("int64"), NEVER)

    def is_open_at(self, stage: int) -> np.ndarray:
        """Whether a case with a limit was looked at there (DESIGN.md §7)."""
        there = self.due < NEVER
        return there & (self.closed > self.checkpoint(stage)) if stage else there


@dataclass(frozen=True)
class Asked:
    """The rows sorted by one level's group and moment, and the way back to their own order."""

    key: np.ndarray
    at: np.ndarray
    back: np.ndarray

    @classmethod
    def of(cls, key: np.ndarray, at: np.ndarray) -> Asked:
        first = int(at.min()) if len(at) else 0
        span = int(at.max()) - first + 1 if len(at) else 1
        order = np.argsort(key * span + (at - first))
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return cls(key[order], at[order], back)
