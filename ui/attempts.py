"""Failed sign-ins are slowed down: per address, per login, and for the two together.

The memory is this process's own, short and bounded, and holds no login in clear.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

FREE = {"both": 5, "login": 20, "address": 30}
"""Failures that cost nothing, by what is counted: offices share an address."""
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0
"""Nobody is locked out for longer: else a stranger could lock out whom they like."""
FORGET_AFTER_SECONDS = 1800.0
MOST_REMEMBERED = 10_000


class Attempts:
    """Failures lately, and until when the next try is refused unlooked at."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failed: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def wait_seconds(self, address: str, login: str) -> float:
        """Seconds until this login may be tried from this address again; 0 = now."""
        return max(self._wait(key) for key in _keys(address, login))

    def _wait(self, key: tuple[str, str]) -> float:
        count, at = self._failed.get(key, (0, 0.0))
        over = count - FREE[key[0]]
        if over < 0:
            return 0.0
        wait = min(FIRST_WAIT_SECONDS * 2.0 ** min(over, 20), LONGEST_WAIT_SECONDS)
        return max(0.0, at + wait - self._now())

    def failed(self, address: str, login: str) -> None:
        """Note a failure."""
        now = self._now()
        for key in _keys(address, login):
            count, at = self._failed.pop(key, (0, now))
            self._failed[key] = (1 if now - at > FORGET_AFTER_SECONDS else count + 1, now)
        while len(self._failed) > MOST_REMEMBERED:
            self._failed.popitem(last=False)

    def succeeded(self, address: str, login: str) -> None:
        """Forget what this login got wrong from this address."""
        self._failed.pop(_keys(address, login)[0], None)

    def __len__(self) -> int:
        return len(self._failed)


def _keys(address: str, login: str) -> tuple[tuple[str, str], ...]:
    name = hashlib.sha256(login.strip().encode()).hexdigest()[:32]
    return ("both", f"{address[:64]} {name}"), ("login", name), ("address", address[:64])
