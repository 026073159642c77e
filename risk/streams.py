"""Counting what happened before a moment, for a million moments at once.

Events of a key (a body, a category, ...) are sorted by time once; how many of them, or what sum of
a weight, came before a moment is then one binary search and one look into a cumulative sum.
"""

from __future__ import annotations

import numpy as np

from .snapshots import NEVER


class Stream:
    """Events sorted by key, then time.

    Args:
        key: group of each event, int >= 0.
        at: moment of each event in seconds, int64; `NEVER` = did not happen, dropped.
        weights: named values per event, summed as float64.
    """

    def __init__(self, key: np.ndarray, at: np.ndarray, **weights: np.ndarray) -> None:
        there = at < NEVER
        key, at = key[there].astype("int64"), at[there]
        self._start = int(at.min()) if len(at) else 0
        self._span = (int(at.max()) - self._start if len(at) else 0) + 2
        line = key * self._span + (at - self._start)
        # events of one key and moment may stand in any order: no window ever parts them
        order = np.argsort(line)
        self._line = line[order]
        self._sums = {
            name: np.concatenate([[0.0], np.cumsum(np.asarray(value, "float64")[there][order])])
            for name, value in weights.items()
        }

    def before(self, key: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Position in the stream of a key's first event at or after a moment.

        The difference of two positions of one key counts its events in [earlier, later).
        """
        offset = np.clip(at - self._start, 0, self._span - 1)
        return np.searchsorted(self._line, key.astype("int64") * self._span + offset)

    def beginning(self, key: np.ndarray) -> np.ndarray:
        """Position of a key's first event ever."""
        return np.searchsorted(self._line, key.astype("int64") * self._span)

    def total(self, name: str, position: np.ndarray) -> np.ndarray:
        """Sum of a weight up to a position; differences of it belong to a window."""
        return self._sums[name][position]

    def seconds_since_last(self, key: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Seconds from the key's latest event before each moment, float64; NaN if there is none."""
        position = self.before(key, at)
        since = np.full(len(position), np.nan)
        found = position > self.beginning(key)
        last = self._line[position[found] - 1] - key[found].astype("int64") * self._span
        since[found] = at[found] - (last + self._start)
        return since
