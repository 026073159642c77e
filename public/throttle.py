"""How much one address may send and try; failed attempts are slowed down alike at every door."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from service.throttle import (
    FIRST_WAIT_SECONDS,
    FORGET_AFTER_SECONDS,
    FREE_ATTEMPTS,
    LONGEST_WAIT_SECONDS,
    MOST_ADDRESSES,
    MOST_PROCESSES,
    Throttle,
    network,
)

__all__ = [
    "FIRST_WAIT_SECONDS", "FORGET_AFTER_SECONDS", "FREE_ATTEMPTS", "LONGEST_WAIT_SECONDS",
    "MOST_ADDRESSES", "MOST_PROCESSES", "MOST_SENT", "Allowance", "Throttle", "network",
]  # fmt: skip

MOST_SENT = 10
SENT_SECONDS = 3600.0
"""Requests an address may send in this span: a village may share one, a machine sends more."""


class Allowance:
    """Requests sent per address in the last hour; more than `MOST_SENT` wait for the first to pass.

    The asker keeps the page and what is on it, and is told how long; a desk takes it at once.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._sent: OrderedDict[str, list[float]] = OrderedDict()

    def wait_minutes(self, address: str) -> int:
        """Whole minutes until this address may send again; 0 = now."""
        now = self._now()
        sent = [at for at in self._sent.get(network(address), []) if now - at < SENT_SECONDS]
        if len(sent) < MOST_SENT:
            return 0
        return int((SENT_SECONDS - (now - sent[0])) // 60) + 1

    def used(self, address: str) -> None:
        """Note a request that was registered."""
        key, now = network(address), self._now()
        sent = [at for at in self._sent.pop(key, []) if now - at < SENT_SECONDS]
        self._sent[key] = [*sent, now]
        while len(self._sent) > MOST_ADDRESSES:
            self._sent.popitem(last=False)
